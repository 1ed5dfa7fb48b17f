use authress_users_contract::{MockAuthress, Operation};

use crate::{fake_with, start};

#[tokio::test]
async fn reads_a_user() {
    let (fake, authress) = start(MockAuthress::builder().strict().users(3)).await;
    for id in fake.user_ids() {
        assert_eq!(authress.users().get_user(&id).await.unwrap().user_id, id);
    }
    fake.assert_no_findings();
}

#[tokio::test]
async fn optional_returns_none_for_a_missing_user() {
    let (_fake, authress) = start(MockAuthress::builder().strict().users(1)).await;
    assert!(
        authress
            .users()
            .get_user("missing")
            .optional()
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        authress
            .users()
            .get_user("missing")
            .await
            .unwrap_err()
            .is_not_found()
    );
}

#[tokio::test]
async fn optional_returns_other_errors() {
    let (fake, authress) = start(MockAuthress::builder().strict().users(1)).await;
    fake.deny(Operation::GetUser);
    assert!(
        authress
            .users()
            .get_user("missing")
            .optional()
            .await
            .unwrap_err()
            .is_forbidden()
    );
}

#[tokio::test]
async fn deletes_a_user() {
    let (fake, authress) = start(MockAuthress::builder().strict().users(2)).await;
    let id = fake.user_ids().remove(0);
    let response = authress
        .users()
        .delete_user(&id)
        .send_with_response()
        .await
        .unwrap();
    assert_eq!(response.status(), 202);
    assert!(!fake.has_user(&id));
    assert!(
        authress
            .users()
            .get_user(&id)
            .optional()
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        authress
            .users()
            .delete_user(&id)
            .await
            .unwrap_err()
            .is_not_found()
    );
    fake.assert_no_findings();
}

#[tokio::test]
async fn a_linked_user_is_listed_with_its_tenant() {
    let (fake, authress) = start(MockAuthress::builder().strict().users(5).tenant("acme")).await;
    let id = fake.user_ids().remove(2);
    let response = authress
        .users()
        .link_tenant_user("acme", &id)
        .send_with_response()
        .await
        .unwrap();
    assert_eq!(response.status(), 204);
    assert!(fake.is_linked("acme", &id));
    let page = authress
        .users()
        .get_users()
        .tenant_id("acme")
        .await
        .unwrap();
    assert_eq!(
        page.users()
            .iter()
            .map(|user| &user.user_id)
            .collect::<Vec<_>>(),
        [&id]
    );
    assert!(page.next_cursor().is_none());
    assert!(
        authress
            .users()
            .link_tenant_user("nowhere", &id)
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert!(
        authress
            .users()
            .link_tenant_user("acme", "missing")
            .await
            .unwrap_err()
            .is_not_found()
    );
    fake.assert_no_findings();
}

#[tokio::test]
async fn the_body_contains_undocumented_members() {
    let (_fake, authress) = start(MockAuthress::builder().strict().user(serde_json::json!({
        "userId": "auth0|1", "lastLogin": "2026-01-01",
    })))
    .await;
    let response = authress
        .users()
        .get_user("auth0|1")
        .send_with_response()
        .await
        .unwrap();
    let all: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(all["lastLogin"], "2026-01-01");
    assert_eq!((response.status().as_u16(), response.attempts()), (200, 1));
    assert!(response.headers().contains_key("content-type"));
    assert_eq!(response.into_value().user_id, "auth0|1");
}

#[tokio::test]
async fn requests_have_accept_and_user_agent_headers() {
    let (fake, authress) = start(MockAuthress::builder().strict().users(1).tenant("acme")).await;
    let id = fake.user_ids().remove(0);
    authress.users().get_users().await.unwrap();
    authress.users().get_user(&id).await.unwrap();
    authress
        .users()
        .link_tenant_user("acme", &id)
        .await
        .unwrap();
    authress.users().delete_user(&id).await.unwrap();
    let requests = fake.requests();
    assert_eq!(requests.len(), 4);
    for request in &requests {
        let header = |name: &str| request.header(name).map(str::to_owned);
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            header("user-agent"),
            Some(format!("Authress SDK; Rust; {version};"))
        );
        assert_eq!(header("api-version"), None);
        let get = request.method() == "GET";
        assert_eq!(
            header("accept").as_deref() == Some("application/links+json"),
            get
        );
        let patch = request.method() == "PATCH";
        assert_eq!(
            header("content-type").as_deref() == Some("application/json"),
            patch
        );
    }
    fake.assert_no_findings();
}

#[tokio::test]
async fn the_user_agent_ends_with_the_suffix() {
    let fake = fake_with(1).await;
    let authress = crate::client_of(&fake)
        .user_agent_suffix("my-app/1.0")
        .build()
        .unwrap();
    authress.users().get_users().await.unwrap();
    let agent = fake.requests()[0].header("user-agent").unwrap().to_owned();
    assert!(agent.ends_with("; my-app/1.0"), "{agent}");
    for suffix in ["a\nb", "ü", "a\tb"] {
        let error = crate::client_of(&fake)
            .user_agent_suffix(suffix)
            .build()
            .unwrap_err();
        assert!(error.to_string().contains("user_agent_suffix"), "{error}");
    }
}

#[tokio::test]
async fn a_base_path_works_with_and_without_a_trailing_slash() {
    let fake = fake_with(1).await;
    let authress = crate::client_of(&fake)
        .api_url(format!("{}//", fake.url()))
        .build()
        .unwrap();
    authress.users().get_users().await.unwrap();
    assert_eq!(fake.requests()[0].path(), "/v1/users");
    fake.assert_no_findings();
}

#[test]
fn requests_and_their_futures_are_send() {
    fn is_send<T: Send>(_: T) {}
    fn is_sync<T: Sync>(_: &T) {}
    let authress = AuthressClient::builder()
        .api_url("https://auth.example.com")
        .access_token("a.b.c")
        .build()
        .unwrap();
    let users = authress.users();
    is_send(users.get_user("1").into_future());
    is_send(users.get_user("1").send());
    is_send(users.get_user("1").send_with_response());
    is_send(users.get_user("1").optional().into_future());
    is_send(users.delete_user("1").send_with_response());
    is_send(users.link_tenant_user("a", "1").send_with_response());
    is_send(users.get_users().send_with_response());
    is_send(users.get_users().stream());
    is_send(users.get_users().pages());
    is_send(authress.clone());
    is_sync(&authress);
}

use authress_users_ext::AuthressClient;
