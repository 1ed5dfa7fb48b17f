//! `link_users`: what differs from `delete_users`.

use std::fs;
use std::process::Command;

use authress_users_contract::MockAuthress;

use crate::{example, example_on, folder, outcomes, output, texts};

#[tokio::test]
async fn every_csv_line_has_a_result() {
    let fake = MockAuthress::builder()
        .strict()
        .user("auth0|a,b")
        .user("auth0|2")
        .tenant("acme")
        .start()
        .await
        .unwrap();
    let folder = folder();
    let input = "tenant,user\r\nacme,\"auth0|a,b\"\r\n\r\nacme,auth0|2\nacme,auth0|2\nacme\n\
                 nowhere,auth0|2\nacme, auth0|2\nacme,missing|0\n..,auth0|2\n";
    fs::write(folder.path().join("links.csv"), input).unwrap();
    let link = |options: &[&str]| {
        let mut command: Command = example_on(&fake, "link_users");
        command
            .current_dir(folder.path())
            .arg("links.csv")
            .args(options);
        command
    };
    let expected = |linked: &str, elsewhere: &str| {
        [
            (2, linked),
            (4, linked),
            (5, "duplicate"),
            (6, "invalid"),
            (7, elsewhere),
            (8, "invalid"),
            (9, "failed"),
            (10, "invalid"),
        ]
        .map(|(line, outcome)| (line, outcome.to_owned()))
        .into()
    };

    let dry_run = output(link(&[])).await;
    // An unknown tenant is an empty list.
    assert_eq!(
        outcomes(&dry_run.stdout),
        expected("would_link", "would_link")
    );
    assert!(
        fake.requests()
            .iter()
            .all(|request| request.method() == "GET")
    );

    let result = output(link(&["--yes", "--results", "results"])).await;
    assert_eq!(result.status.code(), Some(1), "some lines are invalid");
    let results = fs::read(folder.path().join("results")).unwrap();
    assert_eq!(outcomes(&results), expected("linked", "failed"));
    assert!(fake.is_linked("acme", "auth0|a,b") && fake.is_linked("acme", "auth0|2"));

    // With the tenant, the rest is linked.
    fake.add_tenant("nowhere");
    let before = fake.request_count();
    output(link(&["--yes", "--results", "results"])).await;
    assert!(fake.is_linked("nowhere", "auth0|2"));
    assert_eq!(fake.request_count(), before + 2, "linked users are skipped");
    fake.assert_no_findings();
}

#[tokio::test]
async fn links_users_of_a_fake_by_default() {
    let mut command = example("link_users");
    command.arg("--yes");
    let result = output(command).await;
    let (stdout, stderr) = texts(&result);
    assert_eq!(result.status.code(), Some(1), "one user does not exist");
    assert_eq!(stdout.matches(r#""outcome":"linked""#).count(), 5);
    assert!(stderr.contains("linked 5, failed 1"), "{stderr}");
}
