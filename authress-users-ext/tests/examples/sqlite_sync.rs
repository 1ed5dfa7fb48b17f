use std::path::Path;

use authress_users_contract::{MockAuthress, Operation, StubResponse};
use authress_users_ext::AuthressClient;
use rusqlite::Connection;

use crate::{example_on, folder, output, texts};

/// Runs it, and returns its standard output, its standard error and the ids in the database.
async fn sync(fake: &MockAuthress, file: &Path) -> (String, String, Vec<String>) {
    let mut command = example_on(fake, "sqlite_sync");
    command.arg(file);
    let (stdout, stderr) = texts(&output(command).await);
    let database = Connection::open(file).unwrap();
    let mut query = database
        .prepare("SELECT user_id FROM users ORDER BY user_id")
        .unwrap();
    let ids = query.query_map((), |row| row.get(0)).unwrap();
    let ids = ids.map(Result::unwrap).collect();
    (stdout, stderr, ids)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_users_and_deletes_those_that_are_gone() {
    let folder = folder();
    let file = folder.path().join("users.sqlite");
    let fake = MockAuthress::builder()
        .strict()
        .user("auth0|1")
        .user("auth0|2")
        .start()
        .await
        .unwrap();
    let (stdout, stderr, ids) = sync(&fake, &file).await;
    let expected = "2 users written, 0 deleted, 0 skipped\n";
    assert_eq!(stdout, expected, "{stderr}");
    assert_eq!(ids, ["auth0|1", "auth0|2"]);

    let authress = AuthressClient::builder()
        .api_url(fake.url())
        .service_client_access_key(fake.access_key())
        .build()
        .unwrap();
    authress.users().delete_user("auth0|1").await.unwrap();
    fake.add_user("auth0|3").unwrap();
    let (stdout, _, ids) = sync(&fake, &file).await;
    assert_eq!(stdout, "2 users written, 1 deleted, 0 skipped\n");
    assert_eq!(ids, ["auth0|2", "auth0|3"]);

    // A user that does not match the spec is not gone.
    let body = r#"{"users":[{"userId":"auth0|2"},{"userId":"auth0|3","name":7}]}"#;
    let response = StubResponse::new(200).unwrap();
    let response = response
        .header("content-type", "application/links+json")
        .unwrap();
    fake.respond_next(Operation::GetUsers, response.body(body));
    let (stdout, _, ids) = sync(&fake, &file).await;
    assert_eq!(stdout, "1 users written, 0 deleted, 1 skipped\n");
    assert_eq!(ids, ["auth0|2", "auth0|3"]);

    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let (link, other) = (folder.path().join("link"), folder.path().join("other"));
        symlink(&other, &link).unwrap();
        let mut command = example_on(&fake, "sqlite_sync");
        command.arg(&link);
        let output = output(command).await;
        assert!(!output.status.success() && !other.exists());
    }

    fake.deny(Operation::GetUsers);
    let (stdout, stderr, ids) = sync(&fake, &file).await;
    assert_eq!(stdout, "");
    assert!(stderr.contains("Forbidden"), "{stderr}");
    assert_eq!(ids, ["auth0|2", "auth0|3"]);
    fake.ignore_findings();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn options_are_rejected_as_files() {
    let fake = MockAuthress::builder().strict().start().await.unwrap();
    let folder = folder();
    let mut command = example_on(&fake, "sqlite_sync");
    command.arg("--help").current_dir(&folder);
    let output = output(command).await;
    assert!(!output.status.success());
    let (_, stderr) = texts(&output);
    assert!(stderr.contains("usage: sqlite_sync FILE"), "{stderr}");
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}
