//! What all examples have in common: settings, help, and how they end.

use authress_users_contract::{MockAuthress, Operation};

use crate::{example, example_on, output, told};

const EXAMPLES: [&str; 4] = ["quickstart", "export_users", "delete_users", "link_users"];

#[tokio::test]
async fn help_explains_the_environment_and_shows_nothing_of_it() {
    for name in EXAMPLES.into_iter().chain(["web_app"]) {
        let mut command = example(name);
        command.env("AUTHRESS_API_URL", "https://me:sekrit@auth.example.com");
        command.env("AUTHRESS_ACCESS_KEY", "sekrit");
        command.arg("--help");
        let result = output(command).await;
        let (shown, _) = told(&result);
        assert!(result.status.success(), "{name}");
        for variable in crate::VARIABLES {
            assert!(shown.contains(variable), "{name}: {variable}");
        }
        assert!(!shown.contains("sekrit"), "{shown}");
    }
}

#[tokio::test]
async fn a_setting_that_is_wrong_is_named_without_its_value() {
    let url = ("AUTHRESS_API_URL", "https://auth.example.com");
    for (environment, expected) in [
        (
            vec![("AUTHRESS_ACCESS_KEY", "sekrit")],
            "unset AUTHRESS_ACCESS_KEY to run against a fake",
        ),
        (
            vec![url],
            "neither AUTHRESS_ACCESS_KEY nor AUTHRESS_ACCESS_TOKEN is set",
        ),
        (
            vec![url, ("AUTHRESS_ACCESS_KEY", "sekrit")],
            "invalid AUTHRESS_ACCESS_KEY",
        ),
        (
            vec![
                ("AUTHRESS_API_URL", "https://me:sekrit@auth.example.com"),
                ("AUTHRESS_ACCESS_TOKEN", "sekrit.sekrit.sekrit"),
            ],
            "invalid AUTHRESS_API_URL",
        ),
    ] {
        for name in EXAMPLES {
            let mut command = example(name);
            command.envs(environment.iter().copied());
            let result = output(command).await;
            let (stdout, stderr) = told(&result);
            assert_eq!(result.status.code(), Some(1), "{name}");
            assert!(stderr.contains(expected), "{name}: {stderr}");
            assert!(!format!("{stdout}{stderr}").contains("sekrit"), "{stderr}");
        }
    }
}

#[tokio::test]
async fn an_error_of_the_api_is_told_with_what_to_do_about_it() {
    for name in ["quickstart", "export_users"] {
        let fake = MockAuthress::builder()
            .strict()
            .users(1)
            .start()
            .await
            .unwrap();
        fake.deny(Operation::GetUsers);
        let result = output(example_on(&fake, name)).await;
        let (_, stderr) = told(&result);
        assert_eq!(result.status.code(), Some(1), "{name}");
        for part in ["error: getUsers: answered 403", "permission", "error id"] {
            assert!(stderr.contains(part), "{name}: {stderr}");
        }
    }
}
