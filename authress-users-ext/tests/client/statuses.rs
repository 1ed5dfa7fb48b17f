//! Successes with a status that the spec does not name.

use authress_users_contract::{MockAuthress, Operation, StubResponse};
use authress_users_ext::ErrorKind;

use crate::start;

#[tokio::test]
async fn any_2xx_is_success_for_delete_and_link() {
    let (fake, authress) = start(MockAuthress::builder()).await;
    let users = authress.users();
    for status in [200, 201, 202, 203, 204, 206, 299] {
        for body in ["", "{}", "<html>", "not JSON"] {
            let response = StubResponse::new(status).unwrap();
            // 204 has no body.
            let response = response.body(if status == 204 { "" } else { body });
            fake.respond_next(Operation::DeleteUser, response.clone());
            let deleted = users.delete_user("a").send_with_response().await.unwrap();
            assert_eq!(deleted.status(), status);
            assert!(!deleted.was_already_done());
            fake.respond_next(Operation::LinkTenantUser, response);
            let linked = users.link_tenant_user("acme", "a");
            assert_eq!(linked.send_with_response().await.unwrap().status(), status);
        }
    }
}

#[tokio::test]
async fn other_statuses_are_not_success_for_delete_and_link() {
    let (fake, authress) = start(MockAuthress::builder()).await;
    for (status, kind) in [
        (302, ErrorKind::UnexpectedStatus),
        (304, ErrorKind::UnexpectedStatus),
        (400, ErrorKind::UnexpectedStatus),
        (501, ErrorKind::Server),
    ] {
        let response = StubResponse::new(status).unwrap();
        fake.respond_next(Operation::DeleteUser, response.clone());
        fake.respond_next(Operation::LinkTenantUser, response);
        let users = authress.users();
        assert_eq!(users.delete_user("a").await.unwrap_err().kind(), kind);
        let link = users.link_tenant_user("acme", "a");
        assert_eq!(link.await.unwrap_err().kind(), kind);
    }
}

#[tokio::test]
async fn a_valid_body_with_200_or_203_is_success_for_reads() {
    let (fake, authress) = start(MockAuthress::builder()).await;
    let users = authress.users();
    let user = r#"{"userId":"a"}"#;
    let page = r#"{"users":[{"userId":"a"}]}"#;
    for status in [200, 203] {
        let response = |body: &str| StubResponse::new(status).unwrap().body(body);
        fake.respond_next(Operation::GetUser, response(user));
        let read = users.get_user("a").send_with_response().await.unwrap();
        assert_eq!(
            (read.status().as_u16(), &*read.value().user_id),
            (status, "a")
        );
        fake.respond_next(Operation::GetUsers, response(page));
        let list = users.get_users().send_with_response().await.unwrap();
        assert_eq!(
            (list.status().as_u16(), list.value().users().len()),
            (status, 1)
        );
        fake.respond_next(Operation::GetUser, response(""));
        let error = users.get_user("a").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidBody);
        fake.respond_next(Operation::GetUsers, response("<html>"));
        let error = users.get_users().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidBody);
    }
    // A part of a page or an empty response is not a page.
    for status in [201, 202, 204, 206] {
        let body = if status == 204 { "" } else { page };
        let response = StubResponse::new(status).unwrap().body(body);
        fake.respond_next(Operation::GetUsers, response);
        let error = users.get_users().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedStatus, "{status}");
    }
}
