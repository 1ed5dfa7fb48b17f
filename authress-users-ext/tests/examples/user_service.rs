use std::time::Duration;

use authress_users_contract::{Fault, MockAuthress, Operation};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::process::Running;
use crate::{example, example_on, output, texts};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acts_for_its_callers_and_completes_requests_before_it_exits() {
    let fake = MockAuthress::builder()
        .strict()
        .users(3)
        .user("auth0|1")
        .tenant("acme")
        .start()
        .await
        .unwrap();
    let mut command = example("user_service");
    command
        .arg("127.0.0.1:0")
        .env("AUTHRESS_API_URL", fake.url());
    let (service, line) = Running::start(command).line().await;
    let url = line.strip_prefix("Listening on ").unwrap();
    let http = reqwest::Client::new();
    let get = |path: &str| http.get(format!("{url}{path}"));
    let token = fake.access_token();
    let get_as_caller = |path: &str| get(path).bearer_auth(token.expose_secret());

    let response = get("/users/auth0%7C1").send().await.unwrap();
    assert_eq!(response.status(), 401);
    let basic = get("/users/auth0%7C1").basic_auth("me", Some("sekrit"));
    assert_eq!(basic.send().await.unwrap().status(), 401);
    let expired = fake.expired_access_token();
    let expired = get("/users/auth0%7C1").bearer_auth(expired.expose_secret());
    assert_eq!(expired.send().await.unwrap().status(), 401);

    let lower_case = format!("bearer {}", token.expose_secret());
    let lower_case = get("/users/auth0%7C1").header("authorization", lower_case);
    assert_eq!(lower_case.send().await.unwrap().status(), 200);

    let response = get_as_caller("/users/auth0%7C1").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let user: Value = response.json().await.unwrap();
    assert_eq!(user["userId"], "auth0|1");
    for (path, status) in [
        ("/users/missing", 404),
        ("/users/a%5Cb", 400),
        ("/tenants/acme/users", 200),
    ] {
        let response = get_as_caller(path).send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
    }
    let delete = http.delete(format!("{url}/users/auth0%7C1"));
    let delete = delete.bearer_auth(token.expose_secret());
    assert_eq!(delete.send().await.unwrap().status(), 202);
    assert!(!fake.has_user("auth0|1"));
    fake.deny(Operation::GetUsers);
    let response = get_as_caller("/tenants/acme/users").send().await.unwrap();
    assert_eq!(response.status(), 403);

    let requests = fake.request_count();
    fake.fail_next(Operation::GetUser, Fault::Delay(Duration::from_millis(300)));
    let id = &fake.user_ids()[0].replace('|', "%7C");
    let request = get_as_caller(&format!("/users/{id}"));
    let in_flight = tokio::spawn(async { request.send().await.unwrap().status() });
    while fake.request_count() == requests {
        tokio::task::yield_now().await;
    }
    service.signal("INT").await;
    assert_eq!(in_flight.await.unwrap(), 200);
    assert_eq!(service.end().await, (String::new(), Some(0)));
}

#[tokio::test]
async fn requires_the_url_of_the_api() {
    let fake = MockAuthress::builder().strict().start().await.unwrap();
    let mut command = example_on(&fake, "user_service");
    command.env_remove("AUTHRESS_API_URL");
    let result = output(command).await;
    assert_eq!(result.status.code(), Some(1));
    let (_, stderr) = texts(&result);
    assert!(stderr.contains("AUTHRESS_API_URL is not set"), "{stderr}");
}
