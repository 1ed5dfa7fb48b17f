//! Tests of `from_env` in child processes, since the environment is global.

use std::process::{Command, Output};

use authress_users_ext::{AuthressClient, AuthressClientBuilder};
use secrecy::ExposeSecret;

use crate::fake_with;

const VARIABLES: [&str; 3] = [
    "AUTHRESS_API_URL",
    "AUTHRESS_ACCESS_KEY",
    "AUTHRESS_ACCESS_TOKEN",
];

fn child(environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "--ignored",
        "--nocapture",
        "environment::builds_a_client_from_the_environment",
    ]);
    for name in VARIABLES {
        command.env_remove(name);
    }
    command.envs(environment.iter().copied()).output().unwrap()
}

#[test]
#[ignore = "run by the other tests here, in a child process"]
fn builds_a_client_from_the_environment() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        match AuthressClient::from_env() {
            Ok(authress) => println!(
                "{} users",
                authress.users().get_users().await.unwrap().users().len()
            ),
            Err(error) => println!("error: {error}"),
        }
        match AuthressClientBuilder::from_env() {
            Ok(builder) => {
                let authress = builder.user_agent_suffix("my-app").build().unwrap();
                authress.users().get_users().limit(1).await.unwrap();
            }
            Err(error) => println!("error: {error}"),
        }
    });
}

#[tokio::test]
async fn reads_the_url_and_the_credential() {
    let fake = fake_with(7).await;
    let (url, key, token) = (fake.url(), fake.access_key(), fake.access_token());
    for credential in [
        ("AUTHRESS_ACCESS_KEY", key.expose_secret()),
        ("AUTHRESS_ACCESS_TOKEN", token.expose_secret()),
    ] {
        let output = child(&[
            ("AUTHRESS_API_URL", &url),
            ("AUTHRESS_ACCESS_KEY", ""),
            credential,
        ]);
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && shown.contains("7 users"),
            "{shown}"
        );
        let requests = fake.requests();
        let last = requests.last().unwrap().header("user-agent").unwrap();
        assert!(last.ends_with("; my-app"), "{last}");
    }
    fake.assert_no_findings();
}

#[test]
fn names_missing_and_conflicting_variables() {
    let url = ("AUTHRESS_API_URL", "https://auth.example.com");
    let key = ("AUTHRESS_ACCESS_KEY", "sekrit");
    let token = ("AUTHRESS_ACCESS_TOKEN", "sekrit.sekrit.sekrit");
    for (environment, expected) in [
        (
            &[][..],
            "neither AUTHRESS_ACCESS_KEY nor AUTHRESS_ACCESS_TOKEN is set",
        ),
        (
            &[url, key, token],
            "both AUTHRESS_ACCESS_KEY and AUTHRESS_ACCESS_TOKEN are set",
        ),
        (&[token], "AUTHRESS_API_URL is not set"),
        (
            &[("AUTHRESS_API_URL", "ftp://x"), token],
            "invalid AUTHRESS_API_URL",
        ),
        (
            &[url, ("AUTHRESS_ACCESS_TOKEN", "sekrit")],
            "invalid AUTHRESS_ACCESS_TOKEN",
        ),
        (&[url, key], "invalid AUTHRESS_ACCESS_KEY"),
    ] {
        let output = child(environment);
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = shown.lines().filter(|line| line.starts_with("error: "));
        let count = errors.filter(|line| line.contains(expected)).count();
        assert_eq!(count, 2, "{shown}");
        assert!(!shown.contains("sekrit"), "{shown}");
    }
}
