use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::StatusCode;
use secrecy::SecretString;

use super::builder::MockAuthressBuilder;
use super::faults::{Fault, Outage, StatusFault};
use super::limits::{RateLimit, RequestCounts};
use super::received_request::ReceivedRequest;
use super::server::Listener;
use super::state::{Initial, Shared};
use super::stub_response::StubResponse;
use super::tokens::keys::{self, Keys};
use super::user::User;
use crate::coverage::Coverage;
use crate::error::{InvalidInput, StartError};
use crate::finding::Finding;
use crate::operation::Operation;

/// How many errors a message describes.
const MAX_DESCRIBED: usize = 50;

/// A fake of the Authress Users API on a port of 127.0.0.1.
///
/// Validates every exchange against the spec of the API. The fake stops when it is dropped; errors
/// that nothing has read are then printed to stderr, or cause a panic in a
/// [strict](MockAuthressBuilder::strict) fake. See also the [crate](crate) page.
///
/// ```
/// use authress_users_contract::{Fault, MockAuthress, Operation};
/// use authress_users_ext::AuthressClient;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fake = MockAuthress::builder()
///     .user("auth0|1")
///     .tenant("acme")
///     .strict()
///     .start()
///     .await?;
/// let authress = AuthressClient::builder()
///     .api_url(fake.url())
///     .service_client_access_key(fake.access_key())
///     .build()?;
///
/// // It behaves like the API …
/// authress.users().link_tenant_user("acme", "auth0|1").await?;
/// assert!(fake.is_linked("acme", "auth0|1"));
///
/// // … and injects faults.
/// fake.fail_next(Operation::GetUser, Fault::ResetBeforeHeaders);
/// let response = authress.users().get_user("auth0|1").send_with_response().await?;
/// assert_eq!(response.attempts(), 2);
///
/// fake.assert_no_findings();
/// # Ok(())
/// # }
/// ```
#[doc(alias = "fake")]
#[doc(alias = "stub")]
pub struct MockAuthress {
    listener: Listener,
    shared: Arc<Shared>,
}

impl MockAuthressBuilder {
    /// Starts the fake. It serves from its own thread until it is dropped.
    ///
    /// # Errors
    /// [`StartError::Settings`] if the builder was given an invalid value, and [`StartError::Io`]
    /// if the port is not free or no thread can be started.
    #[expect(
        clippy::unused_async,
        reason = "callers need not change if starting becomes asynchronous"
    )]
    pub async fn start(self) -> Result<MockAuthress, StartError> {
        if let Some(reason) = self.invalid {
            return Err(reason.into());
        }
        let mut account = self.account;
        for (tenant, user) in &self.links {
            account.link(tenant, user).map_err(|_| InvalidInput::Link)?;
        }
        let host = self.host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let listener = TcpListener::bind((host, self.port))?;
        let initial = Initial {
            account,
            denied: self.denied,
            rate_limits: self.rate_limits,
            random_faults: self.random_faults,
        };
        let state = initial.state();
        let shared = Arc::new(Shared {
            url: url_of(listener.local_addr()?),
            public_url: self.public_url,
            keys: self.access_key.map_or_else(Keys::generate, Keys::new),
            latency: self.latency,
            defect: self.defect,
            validator: Mutex::new(Shared::new_validator(self.history)),
            on_exchange: self.on_exchange,
            history: self.history,
            is_strict: self.is_strict,
            has_control: self.has_control,
            initial,
            state: Mutex::new(state),
        });
        let listener = Listener::start(listener, shared.clone())?;
        Ok(MockAuthress { listener, shared })
    }
}

/// Returns the URL of a listener; an unspecified address is that of this machine.
fn url_of(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

impl MockAuthress {
    /// Returns a builder for a fake without users and tenants, on a port that the system chooses.
    pub fn builder() -> MockAuthressBuilder {
        MockAuthressBuilder::default()
    }

    /// Returns the URL for clients, without a trailing slash. It is also the issuer of tokens.
    #[must_use]
    pub fn url(&self) -> String {
        self.shared.url.clone()
    }

    /// Returns the access key of a service client with all permissions. Each fake has its own.
    #[must_use]
    pub fn access_key(&self) -> SecretString {
        self.shared.keys.access_key()
    }

    /// Returns an access key of the legacy kind (RSA). All fakes of a process share it.
    #[must_use]
    pub fn legacy_access_key(&self) -> SecretString {
        keys::legacy_access_key()
    }

    /// Returns a token that is valid for a day.
    #[must_use]
    pub fn access_token(&self) -> SecretString {
        self.shared
            .keys
            .token(&self.shared.url, self.shared.state().now())
    }

    /// Returns an expired token.
    #[must_use]
    pub fn expired_access_token(&self) -> SecretString {
        let two_days_ago = self.shared.state().now().saturating_sub(2 * 86_400);
        self.shared.keys.token(&self.shared.url, two_days_ago)
    }

    /// Rejects the next `count` requests with 401, whatever their token and operation.
    pub fn reject_next(&self, count: usize) {
        self.shared.state().rejections += count;
    }

    /// Rejects the last 10,000 tokens that were used so far with 401.
    pub fn revoke_tokens(&self) {
        self.shared.state().tokens.revoke();
    }

    /// Rejects an operation with 403 until it is [allowed](Self::allow).
    pub fn deny(&self, operation: Operation) {
        self.shared.state().denied.insert(operation);
    }

    /// Undoes [`deny`](Self::deny).
    pub fn allow(&self, operation: Operation) {
        self.shared.state().denied.remove(&operation);
    }

    /// Responds to the next request of an operation with `response`.
    ///
    /// The request is not executed, and its token is not checked. Several stub responses are sent
    /// in the order in which they were added.
    ///
    /// ```
    /// use authress_users_contract::{MockAuthress, Operation, StubResponse};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let fake = MockAuthress::builder().strict().start().await?;
    /// let authress = authress_users_ext::AuthressClient::builder()
    ///     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// let response = StubResponse::new(501)?.header("content-type", "text/html")?.body("<html>");
    /// fake.respond_next(Operation::GetUser, response);
    /// let error = authress.users().get_user("auth0|1").await.unwrap_err();
    /// assert_eq!(error.status().map(|status| status.as_u16()), Some(501));
    /// fake.assert_no_findings();
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "stub")]
    pub fn respond_next(&self, operation: Operation, response: StubResponse) {
        let mut state = self.shared.state();
        state
            .stubs
            .entry(operation)
            .or_default()
            .push_back(response);
    }

    /// Injects a fault into the next exchange of an operation.
    ///
    /// Several faults happen in the order in which they were added, and before
    /// [random](MockAuthressBuilder::random_faults) ones.
    #[doc(alias = "inject")]
    pub fn fail_next(&self, operation: Operation, fault: Fault) {
        let mut state = self.shared.state();
        state.faults.entry(operation).or_default().push_back(fault);
    }

    /// Responds to every request with this status until [`stop_faults`](Self::stop_faults).
    ///
    /// # Errors
    /// [`InvalidInput::Status`] if `status` is not between 200 and 999.
    #[doc(alias = "outage")]
    pub fn fail_always(&self, status: u16) -> Result<(), InvalidInput> {
        let fault = Fault::status(status)?;
        self.shared.state().outage = Some(Outage::endless(fault));
        Ok(())
    }

    /// Injects a fault into every exchange for this time of the fake's clock, from now on.
    ///
    /// [`Fault::ResetBeforeExecution`] resets the connections. An outage replaces an earlier one;
    /// [`advance_clock`](Self::advance_clock) and [`stop_faults`](Self::stop_faults) end it early.
    ///
    /// ```
    /// use std::time::Duration;
    /// use authress_users_contract::{Fault, MockAuthress};
    /// use authress_users_ext::{AuthressClient, RetryPolicy};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let fake = MockAuthress::builder().user("auth0|1").strict().start().await?;
    /// let authress = AuthressClient::builder()
    ///     .api_url(fake.url()).service_client_access_key(fake.access_key())
    ///     .retry_policy(RetryPolicy::none()).build()?;
    /// fake.fail_for(Duration::from_secs(60), Fault::ResetBeforeExecution);
    /// assert!(authress.users().get_user("auth0|1").await.is_err());
    ///
    /// fake.advance_clock(Duration::from_secs(60));
    /// assert!(authress.users().get_user("auth0|1").await.is_ok());
    /// fake.assert_no_findings();
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "outage")]
    pub fn fail_for(&self, duration: Duration, fault: Fault) {
        let mut state = self.shared.state();
        let end = state.time().saturating_add(duration);
        state.outage = Some(Outage::until(end, fault));
    }

    /// Responds to every request with 503 for this time of the fake's clock, from now on.
    ///
    /// [`fail_for`](Self::fail_for) injects other faults.
    pub fn start_outage(&self, duration: Duration) {
        let unavailable = StatusFault::from_status(StatusCode::SERVICE_UNAVAILABLE);
        self.fail_for(duration, Fault::Status(unavailable));
    }

    /// Adds a rate limit, or replaces the one for the same operations.
    ///
    /// Requests that a replaced limit still accepts are passed on, up to the new burst.
    pub fn set_rate_limit(&self, limit: RateLimit) {
        let mut state = self.shared.state();
        let now = state.time();
        state.limiter.set(limit, now);
    }

    /// Removes all rate limits.
    pub fn clear_rate_limits(&self) {
        self.shared.state().limiter.clear();
    }

    /// Stops random faults and an outage, and removes the faults that have not happened yet.
    pub fn stop_faults(&self) {
        self.shared.state().stop_faults();
    }

    /// Returns the number of open connections.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.listener.connections()
    }

    /// Moves the clock of the fake ahead, so that tokens expire, rate limits refill and outages end.
    ///
    /// The `Date` of responses follows the clock.
    pub fn advance_clock(&self, by: Duration) {
        let mut state = self.shared.state();
        state.ahead = state.ahead.saturating_add(by);
    }

    /// Adds a user at the end of the list, or replaces the one with the same id.
    ///
    /// # Errors
    /// [`InvalidInput::User`] if a JSON object has no `userId` that is a string.
    pub fn add_user<U>(&self, user: U) -> Result<(), InvalidInput>
    where
        U: TryInto<User>,
        InvalidInput: From<U::Error>,
    {
        let user = user.try_into()?;
        self.shared.state().account.add_user(user.into_value());
        Ok(())
    }

    /// Adds a tenant, unless it exists.
    pub fn add_tenant(&self, tenant: impl Into<String>) {
        self.shared.state().account.add_tenant(tenant.into());
    }

    /// Returns the ids of all users, in the order of the list.
    #[must_use]
    pub fn user_ids(&self) -> Vec<String> {
        self.shared.state().account.user_ids()
    }

    /// Returns whether a user with this id exists.
    #[must_use]
    pub fn has_user(&self, id: &str) -> bool {
        self.shared.state().account.user(id).is_some()
    }

    /// Returns whether a user is linked to a tenant; false if the tenant does not exist.
    #[must_use]
    pub fn is_linked(&self, tenant: &str, user: &str) -> bool {
        self.shared.state().account.is_linked(tenant, user)
    }

    /// Returns all requests so far, in the order of their arrival.
    ///
    /// A fake with a limited [`history`](MockAuthressBuilder::history) returns the last ones.
    #[must_use]
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.shared.state().requests.iter().cloned().collect()
    }

    /// Returns the number of requests so far.
    #[must_use]
    pub fn request_count(&self) -> usize {
        self.shared.validator().exchanges()
    }

    /// Returns how many requests of an operation the rate limits accepted and rejected so far.
    #[must_use]
    pub fn request_counts(&self, operation: Operation) -> RequestCounts {
        let state = self.shared.state();
        state.counts.get(&operation).copied().unwrap_or_default()
    }

    /// Returns the number of different bearer tokens so far.
    #[must_use]
    pub fn distinct_tokens(&self) -> usize {
        self.shared.state().tokens.distinct()
    }

    /// Validates the exchanges so far against the spec and returns all findings, notes included.
    ///
    /// Stub responses and responses changed by a fault are not validated; their requests are.
    #[must_use = "findings that are read no longer cause a panic; use ignore_findings for that"]
    #[doc(alias = "findings")]
    pub fn verify(&self) -> Vec<Finding> {
        let last = self.shared.validator().finish();
        let mut state = self.shared.state();
        state.findings.extend(last);
        state.has_unread_errors = false;
        state.findings.iter().cloned().collect()
    }

    /// Returns the parts of the spec that the exchanges so far covered.
    ///
    /// [`Coverage::entries`] has an example.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        self.shared.validator().coverage().clone()
    }

    /// Asserts that every exchange so far followed the spec. Notes are allowed.
    ///
    /// # Panics
    /// If [`verify`](Self::verify) returns an error. The message lists each error with its place in
    /// the spec and a command to reproduce it.
    pub fn assert_no_findings(&self) {
        let findings = self.verify();
        assert!(
            !findings.iter().any(Finding::is_error),
            "{}",
            describe(&findings)
        );
    }

    /// Marks the findings so far as read, so that dropping the fake does not report them.
    pub fn ignore_findings(&self) {
        self.shared.state().has_unread_errors = false;
    }
}

/// Describes the first errors; the text is printed to a reader that may never read it.
fn describe<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> String {
    let mut errors = findings.into_iter().filter(|finding| finding.is_error());
    let mut text = "exchanges with the fake violate the API's spec:".to_owned();
    for finding in errors.by_ref().take(MAX_DESCRIBED) {
        let _ = write!(
            text,
            "\n- {finding}\n  at {}\n  {}",
            finding.pointer, finding.reproduce
        );
    }
    let more = errors.count();
    if more > 0 {
        let _ = write!(text, "\n- and {more} more");
    }
    text
}

impl Drop for MockAuthress {
    fn drop(&mut self) {
        let state = self.shared.state();
        if !state.has_unread_errors || std::thread::panicking() {
            return;
        }
        let text = describe(&state.findings);
        drop(state);
        let help = "call verify() to read findings, or ignore_findings()";
        assert!(!self.shared.is_strict, "{text}\n{help}");
        // Without a reader, the message is lost.
        let _ = writeln!(std::io::stderr(), "{text}\n{help}");
    }
}

impl fmt::Debug for MockAuthress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockAuthress")
            .field("url", &self.shared.url)
            .finish_non_exhaustive()
    }
}
