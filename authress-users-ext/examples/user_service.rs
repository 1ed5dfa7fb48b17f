//! A service that lists, reads and deletes users on behalf of its callers, with their tokens.
//!
//! Needs `AUTHRESS_API_URL`. Listens on the address in the first argument, by default 127.0.0.1:8080. After
//! Ctrl-C it completes the requests in flight and exits. The example `web_app` also has traces, more
//! parameters and errors in JSON.

use std::io::{Write as _, stdout};

use authress_users_ext::{AccessToken, AuthressClient, Error, ErrorKind, UserIdentity};
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::{Json, Router, routing};
use futures::future::pending;
use futures::{FutureExt as _, TryFutureExt as _};
use tokio::net::TcpListener;

type Failure = (StatusCode, String);
type Result<T, E = Failure> = std::result::Result<T, E>;

/// Returns the response for an error. Its message contains no token, id or body.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes a value")]
fn failure(error: Error) -> Failure {
    let status = match error.kind() {
        ErrorKind::InvalidInput => StatusCode::BAD_REQUEST,
        // Of the caller, since its token was sent.
        ErrorKind::Unauthorized => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::AttemptTimeout | ErrorKind::Deadline => StatusCode::GATEWAY_TIMEOUT,
        ErrorKind::Configuration | ErrorKind::Token => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_GATEWAY,
    };
    (status, error.to_string())
}

/// The client with the token of the caller.
struct Caller(AuthressClient);

impl FromRequestParts<AuthressClient> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, authress: &AuthressClient) -> Result<Self> {
        let header = parts.headers.get(AUTHORIZATION);
        let bearer = header.and_then(|value| value.to_str().ok()?.split_once(' '));
        let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let token = AccessToken::new(bearer.unwrap_or_default().1);
        let token = token.map_err(|error| (StatusCode::UNAUTHORIZED, error.to_string()))?;
        Ok(Self(authress.with_access_token(token)))
    }
}

async fn list(caller: Caller, tenant: Path<String>) -> Result<Json<Vec<UserIdentity>>> {
    let users = caller.0.users().get_users().tenant_id(tenant.0);
    let page = users.await.map_err(failure)?;
    Ok(Json(page.into_users()))
}

async fn read(caller: Caller, id: Path<String>) -> Result<Json<UserIdentity>> {
    let user = caller.0.users().get_user(id.0).await;
    user.map(Json).map_err(failure)
}

async fn delete(caller: Caller, id: Path<String>) -> Result<StatusCode> {
    let deleted = caller.0.users().delete_user(id.0).await;
    deleted.map(|()| StatusCode::ACCEPTED).map_err(failure)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("AUTHRESS_API_URL").map_err(|_| "AUTHRESS_API_URL is not set")?;
    let builder = AuthressClient::builder().api_url(url);
    let authress = builder.caller_tokens_only().build()?;
    let router = Router::new()
        .route("/tenants/{tenant}/users", routing::get(list))
        .route("/users/{id}", routing::get(read).delete(delete))
        .with_state(authress);
    let address = std::env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:8080");
    let listener = TcpListener::bind(address).await?;
    writeln!(stdout(), "Listening on http://{}", listener.local_addr()?)?;
    // Without signals, it runs until it is killed.
    let interrupted = tokio::signal::ctrl_c().or_else(|_| pending::<Result<()>>());
    let server = axum::serve(listener, router);
    server.with_graceful_shutdown(interrupted.map(drop)).await?;
    Ok(())
}
