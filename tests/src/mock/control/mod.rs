//! The control of a fake over HTTP, for tests in any language, and its page.
//!
//! It is reserved to this machine: requests of other machines, through a proxy, of pages of other
//! origins, and with a host that is not loopback are rejected.

mod api;
mod command;
mod page;

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, StatusCode, header};
use url::{Host, Url};

use super::meta::PREFIX;
use super::problem;
use super::state::Shared;
use super::stub_response::StubResponse;
use crate::exchange::Exchange;

/// Returns the response to a request with the prefix of the fake itself; none for other requests.
pub(crate) fn respond(
    shared: &Shared,
    exchange: &Exchange,
    peer: SocketAddr,
) -> Option<StubResponse> {
    let path = match exchange.path() {
        // The page is also found without the slash.
        "/__mock" => "",
        path => path.strip_prefix(PREFIX)?,
    };
    if !shared.has_control {
        let title = "The fake has no such path; start it with --control for its control.";
        return Some(problem::response(StatusCode::NOT_FOUND, "NotFound", title));
    }
    if !is_local(&exchange.request_headers, peer) {
        let title = "The control of the fake accepts only requests of this machine.";
        return Some(problem::response(StatusCode::FORBIDDEN, "Forbidden", title));
    }
    let response = page::respond(shared, exchange, path);
    Some(response.unwrap_or_else(|| api::respond(shared, exchange, path)))
}

/// Returns whether a request comes from this machine, and not from a page of another origin.
fn is_local(headers: &HeaderMap, peer: SocketAddr) -> bool {
    // A proxy on this machine may pass on the requests of others.
    let is_forwarded = ["forwarded", "x-forwarded-for", "x-forwarded-host"]
        .iter()
        .any(|name| headers.contains_key(*name));
    let text = |name| headers.get(name).map(|value| value.to_str().ok());
    // A page of another site may use a name that resolves to loopback.
    let host = text(header::HOST).flatten();
    let host_url = host.and_then(|host| Url::parse(&format!("http://{host}")).ok());
    let Some(host_url) = host_url.filter(has_loopback_host) else {
        return false;
    };
    let is_same_origin = match text(header::ORIGIN) {
        None => true,
        Some(origin) => origin
            .and_then(|origin| Url::parse(origin).ok())
            .is_some_and(|origin| {
                origin.host() == host_url.host() && origin.port() == host_url.port()
            }),
    };
    !is_forwarded && is_same_origin && peer.ip().to_canonical().is_loopback()
}

fn has_loopback_host(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}
