use std::fmt::Debug;

use authress_users_client::types;
use authress_users_contract::{MockAuthress, Operation, StubResponse};
use authress_users_ext::{AccessToken, AuthressClient, CachedTokenProvider};
use secrecy::ExposeSecret;

const ID: &str = "sekrit-id";
const NAME: &str = "sekrit-name";

/// Returns the `Debug` and `Display` texts of every type that may contain a secret.
#[tokio::test]
async fn public_types_do_not_show_secrets() {
    let fake = MockAuthress::builder()
        .strict()
        .user(serde_json::json!({"userId": ID, "name": NAME, "email": NAME, "picture": NAME}))
        .tenant("sekrit-tenant")
        .start()
        .await
        .unwrap();
    let key = fake.access_key().expose_secret().to_owned();
    let legacy = fake.legacy_access_key().expose_secret().to_owned();
    let jwt = fake.access_token().expose_secret().to_owned();
    let mut shown = Vec::new();
    let mut shown_errors = Vec::new();
    let mut show = |value: &dyn Debug| shown.extend([format!("{value:?}"), format!("{value:#?}")]);

    // This crate.
    let builder = || AuthressClient::builder().api_url(fake.url());
    show(&builder().service_client_access_key(key.clone()));
    show(&builder().service_client_access_key(legacy.clone()));
    show(&builder().access_token(jwt.clone()));
    show(&AuthressClient::builder().api_url("https://me:sekrit@example.com"));
    let token = AccessToken::new(jwt.clone()).unwrap();
    show(&token);
    let fixed = token.clone();
    show(&CachedTokenProvider::new(move || {
        let token = fixed.clone();
        async { Ok::<_, String>(token) }
    }));
    show(
        &builder()
            .service_client_access_key(legacy.clone())
            .build()
            .unwrap(),
    );
    show(&builder().access_token(jwt.clone()).build().unwrap());
    let authress = builder()
        .service_client_access_key(key.clone())
        .build()
        .unwrap();
    show(&authress);
    show(&authress.with_access_token(token.clone()));
    let users = authress.users();
    show(&users);
    show(&users.get_user(ID).with_access_token(token.clone()));
    show(&users.get_user(ID).optional());
    show(&users.delete_user(ID));
    show(&users.link_tenant_user("sekrit-tenant", ID));
    let list = users
        .get_users()
        .filter("sekrit")
        .cursor("sekrit")
        .tenant_id("sekrit-tenant");
    show(&list);
    show(&list.clone().pages());
    show(&list.stream());
    let mut stream = users.get_users().stream();
    let user = stream.try_next().await.unwrap().unwrap();
    show(&stream);
    show(&user);
    show(&users.get_users().await.unwrap());
    show(&users.get_users().send_with_response().await.unwrap());
    show(&users.get_user(ID).send_with_response().await.unwrap());
    fake.respond_next(
        Operation::GetUser,
        StubResponse::new(404)
            .unwrap()
            .header("x-sekrit", "sekrit")
            .unwrap()
            .body("sekrit"),
    );
    show(&users.get_user(ID).await.unwrap_err());
    show(
        &users
            .get_user(format!("sekrit{}", "x".repeat(200)))
            .await
            .unwrap_err(),
    );

    // The raw client.
    let text = || Some(NAME.to_owned());
    show(&types::UserId::try_from(ID).unwrap());
    show(&types::TenantId::try_from(ID).unwrap());
    show(&types::GetUsersCursor::try_from(ID).unwrap());
    show(&types::GetUsersFilter::try_from(ID).unwrap());
    show(&types::TenantUser::try_from(types::TenantUser::builder().user_id(ID)).unwrap());
    show(&types::TenantUser::builder().user_id(ID));
    show(&types::UserIdentity::builder().user_id(ID).name(text()));
    let mut error = types::ErrorBody::default();
    error.title = text();
    error.error_code = text();
    error.error_id = text();
    show(&error);
    let mut next = types::PaginationNext::default();
    next.cursor = text();
    show(&next);
    show(&types::Link::try_from(types::Link::builder().href(NAME).rel(text())).unwrap());
    let page = types::UserIdentityCollection::builder().users(vec![user]);
    show(&types::UserIdentityCollection::try_from(page).unwrap());
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert(
        "x-sekrit",
        reqwest::header::HeaderValue::from_static("sekrit"),
    );
    let http = reqwest::Client::builder()
        .default_headers(headers)
        .build()
        .unwrap();
    let raw = authress_users_client::Client::new(
        fake.url().parse().unwrap(),
        http,
        authress_users_client::DirectTransport,
    );
    show(&raw);
    show(&raw.get_user().user_id(ID));
    show(&raw.get_users().cursor(ID).filter(ID).tenant_id(ID));

    let headers = std::iter::once(("authorization", format!("Bearer {jwt}")))
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect();
    let http = reqwest::Client::builder()
        .default_headers(headers)
        .build()
        .unwrap();
    let raw = |url: &str| {
        let transport = authress_users_client::DirectTransport;
        authress_users_client::Client::new(url.parse().unwrap(), http.clone(), transport)
    };
    let client = raw(&fake.url());
    show(&client.get_user().user_id(ID).send().await.unwrap());
    show(
        &client
            .get_user()
            .user_id("sekrit")
            .send()
            .await
            .unwrap_err(),
    );
    show(&client.get_user().user_id("..").send().await.unwrap_err());
    for stub in [
        StubResponse::new(200).unwrap(),
        StubResponse::new(418).unwrap(),
    ] {
        fake.respond_next(
            Operation::GetUser,
            stub.header("x-sekrit", "sekrit").unwrap().body("{\"sekrit"),
        );
        let error = client.get_user().user_id(ID).send().await.unwrap_err();
        show(&error);
        shown_errors.push(format!("{error}"));
    }
    fake.fail_next(
        Operation::GetUser,
        authress_users_contract::Fault::ResetBeforeHeaders,
    );
    let error = client.get_user().user_id(ID).send().await.unwrap_err();
    show(&error);
    shown_errors.push(format!("{error} {:?}", std::error::Error::source(&error)));

    // The fake.
    show(&fake);
    show(&fake.requests());
    show(
        &MockAuthress::builder()
            .strict()
            .user(ID)
            .tenant("sekrit-tenant"),
    );
    show(
        &StubResponse::new(200)
            .unwrap()
            .header("x-sekrit", "sekrit")
            .unwrap()
            .body("sekrit"),
    );

    let private = [
        &*key,
        &*legacy,
        &*jwt,
        key.rsplit('.').next().unwrap(),
        "sekrit",
    ];
    for text in shown.into_iter().chain(shown_errors) {
        for secret in private {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
