//! The token of the caller.

use authress_users_ext::AccessToken;
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use crate::problem::Problem;

/// The caller's bearer token. Authress decides whether it is valid.
pub(crate) struct Caller(pub(crate) AccessToken);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let credential = parts.headers.get(AUTHORIZATION);
        let token = credential
            .and_then(|credential| credential.to_str().ok()?.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token)
            .ok_or_else(Problem::unauthorized)?;
        // Rejects access keys too, which must never be sent.
        match AccessToken::new(token) {
            Ok(token) => Ok(Self(token)),
            Err(_) => Err(Problem::unauthorized()),
        }
    }
}
