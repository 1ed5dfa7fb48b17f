//! Compressed responses over HTTP/2.

use authress_users_ext::{AuthressClient, ErrorKind};
use bytes::Bytes;
use tokio::net::TcpListener;

use super::USER;
use super::server::{accepted, encode};
use crate::SECRET;

/// Starts a server that responds to every request with this body, in frames of three bytes.
async fn serve(coding: &'static str, body: Vec<u8>) -> AuthressClient {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut connection = h2::server::handshake(stream).await.unwrap();
        // Ends when the client closes the connection.
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            let response = http::Response::builder().header("content-encoding", coding);
            let mut stream = respond
                .send_response(response.body(()).unwrap(), false)
                .unwrap();
            for frame in body.chunks(3) {
                stream
                    .send_data(Bytes::copy_from_slice(frame), false)
                    .unwrap();
            }
            stream.send_data(Bytes::new(), true).unwrap();
        }
    });
    AuthressClient::builder()
        .api_url(format!("http://{address}"))
        .access_token("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl")
        .http(reqwest::ClientBuilder::http2_prior_knowledge)
        .build()
        .unwrap()
}

#[tokio::test]
async fn each_coding_is_decoded() {
    for coding in accepted() {
        let authress = serve(coding, encode(coding, USER).await).await;
        for _ in 0..2 {
            let user = authress.users().get_user(SECRET);
            assert_eq!(user.send_with_response().await.unwrap().body(), USER);
        }
    }
}

#[tokio::test]
async fn a_truncated_coding_is_an_invalid_body() {
    for coding in accepted() {
        let mut body = encode(coding, USER).await;
        body.pop();
        let error = serve(coding, body)
            .await
            .users()
            .get_user(SECRET)
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::InvalidBody, 1)
        );
        assert!(
            error
                .to_string()
                .ends_with(&format!("its {coding} data is truncated"))
        );
    }
}
