//! Responses of 10 GB, announced or compressed, in a process that is limited to 256 MiB of address space.

use std::process::Command;

use authress_users_contract::{Fault, Operation, StubResponse};
use authress_users_ext::{AuthressClient, ErrorKind};
use secrecy::ExposeSecret;

use crate::compression::server::{accepted, bomb};
use crate::fake_with;

const LIMIT_IN_KIB: &str = "262144";
/// How many responses the child process gets.
const RESPONSES: &str = "TEST_RESPONSES";

#[test]
#[ignore = "run by the other test here, in a child process"]
fn a_client_with_little_memory() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let authress = AuthressClient::from_env().unwrap();
        let responses = std::env::var(RESPONSES).unwrap().parse().unwrap();
        for _ in 0_usize..responses {
            let error = authress.users().get_users().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
            println!("error: {error}");
        }
    });
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn bodies_of_10_gb_are_not_allocated() {
    let fake = fake_with(1).await;
    fake.fail_next(Operation::GetUsers, Fault::ClaimedLength(10 << 30));
    fake.fail_next(Operation::GetUsers, Fault::EndlessBody);
    fake.fail_next(Operation::GetUsers, Fault::ClaimedLength(u64::MAX / 2));
    let mut responses = 3;
    for coding in accepted() {
        let bomb = StubResponse::new(200).unwrap().body(bomb(coding).await);
        let bomb = bomb.header("content-encoding", coding).unwrap();
        fake.respond_next(Operation::GetUsers, bomb);
        responses += 1;
    }
    let this = std::env::current_exe().unwrap();
    let (url, key) = (fake.url(), fake.access_key());
    let child = move || {
        Command::new("sh")
            .args([
                "-c",
                &format!("ulimit -v {LIMIT_IN_KIB} && exec \"$0\" \"$@\""),
            ])
            .arg(this)
            .args([
                "--exact",
                "--ignored",
                "--nocapture",
                "memory::a_client_with_little_memory",
            ])
            .env(RESPONSES, responses.to_string())
            .env("AUTHRESS_API_URL", url)
            .env("AUTHRESS_ACCESS_KEY", key.expose_secret())
            .env_remove("AUTHRESS_ACCESS_TOKEN")
            .output()
            .unwrap()
    };
    let output = tokio::task::spawn_blocking(child).await.unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let failure = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stdout} {failure}");
    assert_eq!(
        stdout
            .matches("exceeds the limit of 16777216 bytes")
            .count(),
        responses,
        "{stdout}"
    );
}
