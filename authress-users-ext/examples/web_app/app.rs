//! The routes of the service.

use std::time::Duration;

use authress_users_ext::{AuthressClient, Error, RetryPolicy, UserIdentity};
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::{Json, Router, middleware, routing};
use serde::{Deserialize, Serialize};

use crate::caller::Caller;
use crate::problem::Problem;
use crate::telemetry;

/// Returns a client without a credential: every call uses the token of its caller.
pub(crate) fn client(api_url: &str) -> Result<AuthressClient, Error> {
    AuthressClient::builder()
        .api_url(api_url)
        .user_agent_suffix("web_app")
        .caller_tokens_only()
        // The caller is waiting.
        .retry_policy(RetryPolicy::default().deadline(Duration::from_secs(10)))
        .build()
}

pub(crate) fn router(authress: AuthressClient) -> Router {
    Router::new()
        .route("/users", routing::get(list_users))
        .route("/users/{id}", routing::get(read_user).delete(delete_user))
        .route("/health", routing::get(|| async { "ok" }))
        .fallback(|| async { Problem::no_such_route() })
        .route_layer(middleware::from_fn(telemetry::in_span))
        .with_state(authress)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listing {
    tenant: Option<String>,
    filter: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct Users {
    users: Vec<UserIdentity>,
    /// The `cursor` of the next page, if there is one.
    next: Option<String>,
}

async fn list_users(
    State(authress): State<AuthressClient>,
    Caller(token): Caller,
    listing: Result<Query<Listing>, QueryRejection>,
) -> Result<Json<Users>, Problem> {
    let Query(listing) = listing.map_err(|_| {
        Problem::bad_request("the query parameters are tenant, filter, cursor and limit (1 to 100)")
    })?;
    let authress = authress.with_access_token(token);
    let mut request = authress.users().get_users();
    if let Some(tenant) = listing.tenant {
        request = request.tenant_id(tenant);
    }
    if let Some(filter) = listing.filter {
        request = request.filter(filter);
    }
    if let Some(cursor) = listing.cursor {
        request = request.cursor(cursor);
    }
    if let Some(limit) = listing.limit {
        request = request.limit(limit);
    }
    let page = request.await?;
    Ok(Json(Users {
        next: page.next_cursor().map(str::to_owned),
        users: page.into_users(),
    }))
}

async fn read_user(
    State(authress): State<AuthressClient>,
    Caller(token): Caller,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<UserIdentity>, Problem> {
    let authress = authress.with_access_token(token);
    Ok(Json(authress.users().get_user(text(id)?).await?))
}

async fn delete_user(
    State(authress): State<AuthressClient>,
    Caller(token): Caller,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let authress = authress.with_access_token(token);
    authress.users().delete_user(text(id)?).await?;
    // Like Authress: the deletion is accepted, and carried out asynchronously.
    Ok(StatusCode::ACCEPTED)
}

fn text(id: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    id.map(|Path(id)| id)
        .map_err(|_| Problem::bad_request("the id in the path is not valid UTF-8"))
}
