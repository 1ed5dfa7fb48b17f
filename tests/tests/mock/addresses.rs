//! The addresses of the fake, and the issuers of tokens.

use std::net::Ipv4Addr;

use authress_users_contract::MockAuthress;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::{HTTP, LINKS_JSON, json_of};

const KEY: &str = "sc_1.k1.acc-1.MC4CAQAwBQYDK2VwBCIEIE99LFw2c3DCiYwrY/Qkg1nIDiagoHtdCwb88RxarVYA";

#[tokio::test]
async fn issuers_are_the_addresses_that_clients_see() {
    let public = "https://api.test/authress";
    let fake = MockAuthress::builder()
        .strict()
        .user("a")
        .access_key(KEY)
        .public_url(format!("{public}/"))
        .start()
        .await
        .unwrap();
    let signer = |url: String| {
        authress_users_ext::AuthressClient::builder()
            .api_url(url)
            .service_client_access_key(fake.access_key())
            .build()
            .unwrap()
    };
    for (url, headers, status) in [
        (fake.url(), &[][..], 200),
        (public.to_owned(), &[], 200),
        ("https://acc-1.api.authress.io".to_owned(), &[], 200),
        (
            "https://front.test".to_owned(),
            &[("host", "front.test")],
            200,
        ),
        (
            "https://front.test".to_owned(),
            &[
                ("x-forwarded-host", "front.test"),
                ("x-forwarded-proto", "https"),
            ],
            200,
        ),
        (
            "https://front.test".to_owned(),
            &[("host", "other.test")],
            401,
        ),
        ("https://acc-2.example".to_owned(), &[], 401),
    ] {
        let token = signer(url.clone()).access_token().await.unwrap();
        let mut request = HTTP
            .get(format!("{}/v1/users", fake.url()))
            .header("accept", LINKS_JSON)
            .bearer_auth(token.expose_secret());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{url} {headers:?}");
        if status == 200 {
            let page = json_of(response).await;
            let href = page["links"]["self"]["href"].as_str().unwrap();
            assert_eq!(href, format!("{public}/v1/users"));
        }
    }
    fake.assert_no_findings();
}

#[tokio::test]
async fn keys_and_metadata_verify_tokens() {
    let fake = MockAuthress::builder().start().await.unwrap();
    let token = fake.access_token();
    let part = |index: usize| -> Value {
        let part = token.expose_secret().split('.').nth(index).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let issuer = part(1)["iss"].as_str().unwrap().to_owned();
    let metadata = format!("{issuer}/.well-known/openid-configuration");
    let metadata = json_of(reqwest::get(&metadata).await.unwrap()).await;
    assert_eq!(metadata["issuer"], issuer);
    let keys = reqwest::get(metadata["jwks_uri"].as_str().unwrap());
    let keys: jsonwebtoken::jwk::JwkSet =
        serde_json::from_value(json_of(keys.await.unwrap()).await).unwrap();
    let key = keys.find(part(0)["kid"].as_str().unwrap()).unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(key).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
    validation.validate_aud = false;
    let verified = jsonwebtoken::decode::<Value>(token.expose_secret(), &key, &validation);
    assert_eq!(verified.unwrap().claims["iss"], issuer);
    assert_eq!(fake.request_count(), 0);
}

#[tokio::test]
async fn the_bundled_spec_is_served_unchanged() {
    let fake = MockAuthress::builder().start().await.unwrap();
    let url = format!("{}/__mock/openapi.json", fake.url());
    let text = reqwest::get(url).await.unwrap().text().await.unwrap();
    assert_eq!(text, authress_users_contract::DOCUMENT);
    let health = format!("{}/__mock/health", fake.url());
    assert_eq!(reqwest::get(health).await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_url_of_a_fake_on_all_addresses_is_loopback() {
    let fake = MockAuthress::builder()
        .host(Ipv4Addr::UNSPECIFIED.into())
        .start()
        .await
        .unwrap();
    assert!(
        fake.url().starts_with("http://127.0.0.1:"),
        "{}",
        fake.url()
    );
    let health = format!("{}/__mock/health", fake.url());
    assert_eq!(reqwest::get(health).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_given_access_key_is_kept() {
    let fake = MockAuthress::builder()
        .access_key(KEY)
        .start()
        .await
        .unwrap();
    assert_eq!(fake.access_key().expose_secret(), KEY);
}
