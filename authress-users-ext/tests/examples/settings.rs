//! What all examples share: settings, help and errors.

use authress_users_contract::{MockAuthress, Operation};

use crate::{example, example_on, output, texts};

const EXAMPLES: [&str; 4] = ["quickstart", "export_users", "delete_users", "link_users"];

#[tokio::test]
async fn help_explains_the_environment_without_its_values() {
    for name in EXAMPLES.into_iter().chain(["web_app"]) {
        let mut command = example(name);
        command.env("AUTHRESS_API_URL", "https://me:sekrit@auth.example.com");
        command.env("AUTHRESS_ACCESS_KEY", "sekrit");
        command.arg("--help");
        let result = output(command).await;
        let (shown, _) = texts(&result);
        assert!(result.status.success(), "{name}");
        for variable in crate::VARIABLES {
            assert!(shown.contains(variable), "{name}: {variable}");
        }
        assert!(!shown.contains("sekrit"), "{shown}");
        let (_, examples) = shown.split_once("\nExamples:\n").unwrap();
        let command = format!("cargo run -p authress-users-ext --example {name}");
        assert!(examples.contains(&command), "{name}: {examples}");
        assert!(!examples.contains("\n\n"), "{name}: examples end the help");
    }
}

#[tokio::test]
async fn help_of_long_jobs_describes_rate_limits_and_outages() {
    for name in ["export_users", "delete_users", "link_users"] {
        let mut command = example(name);
        command.arg("--help");
        let (shown, _) = texts(&output(command).await);
        let deadline = authress_users_ext::RetryPolicy::batch().get_deadline();
        let minutes = format!("after {} minutes", deadline.as_secs() / 60);
        for part in ["Rate limits and outages", &minutes] {
            assert!(shown.contains(part), "{name}: {shown}");
        }
    }
}

#[tokio::test]
async fn names_an_invalid_setting_without_its_value() {
    let url = ("AUTHRESS_API_URL", "https://auth.example.com");
    for (environment, expected) in [
        (
            vec![("AUTHRESS_ACCESS_KEY", "sekrit")],
            "unset AUTHRESS_ACCESS_KEY to use a fake",
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
            let (stdout, stderr) = texts(&result);
            assert_eq!(result.status.code(), Some(1), "{name}");
            assert!(stderr.contains(expected), "{name}: {stderr}");
            assert!(!format!("{stdout}{stderr}").contains("sekrit"), "{stderr}");
        }
    }
}

#[tokio::test]
async fn api_errors_come_with_advice() {
    for name in ["quickstart", "export_users"] {
        let fake = MockAuthress::builder()
            .strict()
            .users(1)
            .start()
            .await
            .unwrap();
        fake.deny(Operation::GetUsers);
        let result = output(example_on(&fake, name)).await;
        let (_, stderr) = texts(&result);
        assert_eq!(result.status.code(), Some(1), "{name}");
        for part in ["error: getUsers: 403 Forbidden", "permission", "error id"] {
            assert!(stderr.contains(part), "{name}: {stderr}");
        }
    }
}
