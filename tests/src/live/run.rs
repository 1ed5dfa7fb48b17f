use secrecy::SecretString;

use super::error::LiveError;
use super::options::LiveOptions;
use super::plan::Plan;
use super::probe::{Needs, Probe};
use super::probes::{
    access, effects, encodings, filter, identity, lists, methods, tenant, unknown,
};
use super::request::LiveRequest;
use super::session::Session;
use crate::report::Report;
use crate::spec::Spec;

/// All probes, by family.
const PROBES: [&[&Probe]; 9] = [
    lists::PROBES,
    identity::PROBES,
    access::PROBES,
    filter::PROBES,
    tenant::PROBES,
    unknown::PROBES,
    encodings::PROBES,
    methods::PROBES,
    effects::PROBES,
];

/// Sends requests of all kinds to a server and validates the responses.
///
/// Only reads (GET, HEAD and OPTIONS), unless the options allow more. `base_url` is where the API's
/// paths start: an https URL, or an http URL of this machine. A run sends at most 150 requests, about
/// 100 of them reads; it waits for the `Retry-After` of a 429 or 503, at most a minute.
///
/// # Errors
/// [`BaseUrl`](LiveError::BaseUrl), [`Token`](LiveError::Token), [`Id`](LiveError::Id) and
/// [`Rate`](LiveError::Rate) for invalid arguments, before anything is sent; [`Connect`](LiveError::Connect) if the server does not respond
/// to the first request, and [`TokenRejected`](LiveError::TokenRejected) if it rejects its token. Later
/// failures are findings.
pub async fn run(
    spec: &Spec,
    base_url: &str,
    token: &SecretString,
    options: &LiveOptions,
) -> Result<Report, LiveError> {
    options.check()?;
    let probes = PROBES.into_iter().flatten().copied().collect();
    let plan = Plan::new(probes, allowed(options));
    let mut session = Session::new(spec, base_url, token, options, plan)?;
    let first = session.connect(LiveRequest::get("/v1/users")).await?;
    if let Some(first) = &first {
        session.validate_exchange(first);
    }
    let mut known = lists::run(&mut session).await;
    if !known.is_listed && known.users.is_empty() {
        let families = [
            identity::PROBES,
            filter::PROBES,
            tenant::PROBES,
            encodings::PROBES,
        ];
        for probe in families.into_iter().flatten() {
            session.skip(probe, "the users could not be listed");
        }
    }
    encodings::texts(&mut session, &mut known, first.as_ref());
    let read = identity::run(&mut session, &known).await;
    access::run(&mut session, &known).await;
    let has_filter = filter::run(&mut session, &known).await;
    let has_tenants = tenant::run(&mut session, &known).await;
    let is_missing_404 = unknown::run(&mut session, &known, has_filter).await;
    let are_sound = (is_missing_404, has_filter);
    encodings::run(&mut session, &known, &read, are_sound).await;
    methods::run(&mut session).await;
    effects::link(&mut session, &known, has_tenants).await;
    effects::delete(&mut session, &known, (is_missing_404, has_tenants)).await;
    Ok(session.finish())
}

/// Returns what the options allow.
fn allowed(options: &LiveOptions) -> Vec<Needs> {
    let needs = [
        (options.link.is_some(), Needs::Link),
        (options.delete.is_some(), Needs::Delete),
        (options.unsafe_probes, Needs::UnsafeProbes),
    ];
    let allowed = needs.into_iter().filter(|(is_allowed, _)| *is_allowed);
    allowed.map(|(_, needs)| needs).collect()
}
