//! Tokens from providers, signers and callers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use authress_users_contract::MockAuthress;
use authress_users_ext::{
    AccessToken, AuthressClient, CachedTokenProvider, ErrorKind, ServiceClient, SignatureFuture,
    Signer, SigningAlgorithm, TokenProvider,
};
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::join_all;
use secrecy::ExposeSecret as _;

use crate::{client_of, fake_with};

#[tokio::test]
async fn a_closure_provides_the_token_of_each_attempt() {
    let fake = fake_with(1).await;
    let requested = Arc::new(AtomicUsize::new(0));
    let (token, counter) = (
        fake.access_token().expose_secret().to_owned(),
        requested.clone(),
    );
    let authress = AuthressClient::builder()
        .api_url(fake.url())
        .token_provider(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            let token = token.clone();
            async move { AccessToken::new(token) }
        })
        .build()
        .unwrap();
    authress.users().get_users().await.unwrap();
    authress.users().get_users().await.unwrap();
    assert_eq!(requested.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn the_error_of_a_provider_is_the_source() {
    let fake = fake_with(0).await;
    let authress = AuthressClient::builder()
        .api_url(fake.url())
        .token_provider(|| async { Err::<AccessToken, _>("the vault is sealed") })
        .build()
        .unwrap();
    let error = authress.users().get_users().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Token);
    assert_eq!(
        std::error::Error::source(&error).unwrap().to_string(),
        "the vault is sealed"
    );
    assert_eq!(fake.request_count(), 0);
}

/// A vault that issues another token on each request, and counts them.
fn vault(fake: &MockAuthress) -> (impl TokenProvider, Arc<AtomicUsize>) {
    let signed = Arc::new(AtomicUsize::new(0));
    let counter = signed.clone();
    // Signs a token in another process, as far as the client can tell.
    let source = client_of(fake).build().unwrap();
    let provider = move || {
        counter.fetch_add(1, Ordering::Relaxed);
        let source = source.clone();
        async move {
            tokio::task::yield_now().await;
            source.access_token().await
        }
    };
    (provider, signed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_calls_share_one_token_of_a_cached_provider() {
    let fake = MockAuthress::builder().users(1).start().await.unwrap();
    let (provider, signed) = vault(&fake);
    let authress = AuthressClient::builder()
        .api_url(fake.url())
        .token_provider(CachedTokenProvider::new(provider))
        .build()
        .unwrap();
    let many = || join_all((0..200).map(|_| tokio::spawn(authress.users().get_users().send())));
    for call in many().await {
        call.unwrap().unwrap();
    }
    assert_eq!(signed.load(Ordering::Relaxed), 1);
    for call in many().await {
        call.unwrap().unwrap();
    }
    assert_eq!(
        (signed.load(Ordering::Relaxed), fake.distinct_tokens()),
        (1, 1)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_calls_after_a_revocation_share_one_new_token() {
    let fake = MockAuthress::builder().users(1).start().await.unwrap();
    let signed = Arc::new(AtomicUsize::new(0));
    let (key, counter) = (FakeKms::of(&fake), signed.clone());
    let service_client = key.service_client();
    let authress = AuthressClient::builder()
        .api_url(fake.url())
        .service_client(service_client, Counted(key, counter))
        .build()
        .unwrap();
    authress.users().get_users().await.unwrap();
    fake.revoke_tokens();
    let calls = (0..200).map(|_| tokio::spawn(authress.users().get_users().send()));
    for call in join_all(calls).await {
        call.unwrap().unwrap();
    }
    assert_eq!(
        (signed.load(Ordering::Relaxed), fake.distinct_tokens()),
        (2, 2)
    );
}

/// Counts the signatures of another signer.
struct Counted(FakeKms, Arc<AtomicUsize>);

impl Signer for Counted {
    fn algorithm(&self) -> SigningAlgorithm {
        self.0.algorithm()
    }

    fn sign<'a>(&'a self, message: &'a [u8]) -> SignatureFuture<'a> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.sign(message)
    }
}

/// A KMS that holds the private key of a fake's access key.
struct FakeKms(Ed25519KeyPair, [String; 3]);

impl FakeKms {
    fn of(fake: &MockAuthress) -> Self {
        let key = fake.access_key();
        let mut parts = key.expose_secret().split('.').map(str::to_owned);
        let ids = [(); 3].map(|()| parts.next().unwrap());
        let private_key = STANDARD.decode(parts.next().unwrap()).unwrap();
        Self(Ed25519KeyPair::from_pkcs8(&private_key).unwrap(), ids)
    }

    fn service_client(&self) -> ServiceClient {
        let [client_id, key_id, account_id] = self.1.clone();
        ServiceClient {
            client_id,
            key_id,
            account_id,
        }
    }
}

impl Signer for FakeKms {
    fn algorithm(&self) -> SigningAlgorithm {
        SigningAlgorithm::EdDsa
    }

    fn sign<'a>(&'a self, message: &'a [u8]) -> SignatureFuture<'a> {
        Box::pin(async {
            tokio::task::yield_now().await;
            Ok(self.0.sign(message).as_ref().to_vec())
        })
    }
}

#[tokio::test]
async fn a_signer_signs_the_tokens_of_a_service_client() {
    let fake = fake_with(1).await;
    let kms = FakeKms::of(&fake);
    let authress = AuthressClient::builder()
        .api_url(fake.url())
        .service_client(kms.service_client(), kms)
        .build()
        .unwrap();
    authress.users().get_users().await.unwrap();
    fake.reject_next(1);
    let response = authress.users().get_users().send_with_response().await;
    assert_eq!(response.unwrap().attempts(), 2);
    assert_eq!(fake.distinct_tokens(), 2);
    fake.assert_no_findings();
}

#[tokio::test]
async fn the_error_of_a_signer_is_the_source() {
    struct Offline;

    impl Signer for Offline {
        fn algorithm(&self) -> SigningAlgorithm {
            SigningAlgorithm::Rs256
        }

        fn sign<'a>(&'a self, _: &'a [u8]) -> SignatureFuture<'a> {
            Box::pin(std::future::ready(Err("the KMS is offline".into())))
        }
    }

    let fake = MockAuthress::builder().start().await.unwrap();
    let authress = AuthressClient::builder()
        .api_url(fake.url())
        .service_client(FakeKms::of(&fake).service_client(), Offline)
        .build()
        .unwrap();
    let error = authress.users().get_users().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Token);
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "the KMS is offline");
    assert_eq!(fake.request_count(), 0);
}

#[tokio::test]
async fn build_rejects_the_ids_of_a_service_client() {
    let fake = MockAuthress::builder().start().await.unwrap();
    for (ids, reason) in [
        (["", "key", "acc"], "clientId is empty"),
        (["sc", "", "acc"], "keyId is empty"),
        (["sc", "key", ""], "accountId is empty"),
        (
            ["sc 1", "key", "acc"],
            "clientId has U+0020 (space) at position 3",
        ),
        (
            ["\u{feff}sc", "key", "acc"],
            "clientId has U+FEFF (byte order mark) at position 1",
        ),
        (
            ["sc", "'key'", "acc"],
            "keyId has U+0027 (apostrophe) at position 1",
        ),
        (["sc", "key", "acc/evil"], "account id may contain only"),
    ] {
        let [client_id, key_id, account_id] = ids.map(str::to_owned);
        let service_client = ServiceClient {
            client_id,
            key_id,
            account_id,
        };
        let builder = AuthressClient::builder();
        let builder = builder.service_client(service_client, FakeKms::of(&fake));
        let error = builder.build().unwrap_err().to_string();
        assert!(error.starts_with("invalid service_client: "), "{error}");
        assert!(error.contains(reason), "{error}");
    }
}

#[tokio::test]
async fn a_client_for_callers_rejects_calls_without_a_callers_token() {
    let fake = fake_with(1).await;
    let authress = AuthressClient::builder()
        .api_url(fake.url())
        // The later setting replaces the credential.
        .service_client_access_key(fake.access_key())
        .caller_tokens_only()
        .build()
        .unwrap();
    let error = authress.users().get_users().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Token);
    let text = error.to_string();
    assert!(
        text.contains("no caller's token") && text.contains("with_access_token"),
        "{text}"
    );
    assert!(std::error::Error::source(&error).is_none());
    assert!(authress.access_token().await.is_err());
    assert_eq!(fake.request_count(), 0);

    let token = AccessToken::new(fake.access_token().expose_secret()).unwrap();
    let caller = authress.with_access_token(token.clone());
    caller.users().get_users().await.unwrap();
    let request = authress.users().get_users().with_access_token(token);
    request.await.unwrap();
    fake.reject_next(1);
    assert!(
        caller
            .users()
            .get_users()
            .await
            .unwrap_err()
            .is_unauthorized()
    );

    let without_url = AuthressClient::builder().caller_tokens_only().build();
    let text = without_url.unwrap_err().to_string();
    assert!(text.contains("api_url is not set"), "{text}");
}
