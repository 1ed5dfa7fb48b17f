use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt::{self, Write as _};
use std::io;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fastrand::Rng;
use secrecy::SecretString;
use wiremock::{Mock, MockServer, matchers};

use super::account::Account;
use super::builder::{MockAuthressBuilder, User};
use super::fault::Fault;
use super::keys::{self, Keys};
use super::operation;
use super::proxy::{Deliveries, Relay};
use super::received_request::ReceivedRequest;
use super::responder::Responder;
use super::stub_response::CannedAnswer;
use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::spec::Spec;
use crate::validator::Judge;

/// Someone who wants to see findings as they happen.
pub(crate) type Observer = Arc<dyn Fn(&Finding) + Send + Sync>;

/// A fake of the Authress Users API on a port of 127.0.0.1; see the [crate](crate) page.
///
/// Every exchange is held against the API's document. The fake stops when it is dropped, and panics
/// then if there were findings that nobody has looked at with [`findings`](Self::findings) or one of
/// its neighbours.
///
/// ```
/// use authress_users_contract::{Fault, MockAuthress};
/// use authress_users_ext::AuthressClient;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fake = MockAuthress::builder().user("auth0|1").tenant("acme").start().await?;
/// let authress = AuthressClient::builder()
///     .api_url(fake.url())
///     .service_client_access_key(fake.access_key())
///     .build()?;
///
/// // It behaves like the API …
/// authress.users().link_tenant_user("acme", "auth0|1").await?;
/// assert!(fake.is_linked("acme", "auth0|1"));
///
/// // … and like the API on a bad day.
/// fake.fail_next("getUser", Fault::ResetBeforeHeaders);
/// let response = authress.users().get_user("auth0|1").send_with_response().await?;
/// assert_eq!(response.attempts(), 2);
///
/// fake.assert_conforming();
/// # Ok(())
/// # }
/// ```
pub struct MockAuthress {
    // In the order in which they are to stop.
    relay: Relay,
    _server: MockServer,
    shared: Arc<Shared>,
}

/// What the fake's handle and its server both work on.
pub(crate) struct Shared {
    pub(crate) url: String,
    pub(crate) keys: Keys,
    pub(crate) latency: Duration,
    pub(crate) deliveries: Arc<Deliveries>,
    pub(crate) defect: Option<&'static str>,
    pub(crate) judge: Mutex<Judge<'static>>,
    on_finding: Option<Observer>,
    state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) account: Account,
    pub(crate) canned: HashMap<&'static str, VecDeque<CannedAnswer>>,
    faults: HashMap<&'static str, VecDeque<Fault>>,
    random_faults: Option<RandomFaults>,
    outage: Option<u16>,
    pub(crate) denied: HashSet<&'static str>,
    pub(crate) rejections: usize,
    pub(crate) tokens: HashSet<String>,
    pub(crate) revoked: HashSet<String>,
    pub(crate) links: usize,
    requests: Vec<ReceivedRequest>,
    request_count: usize,
    findings: Vec<Finding>,
    unseen_findings: bool,

    ahead: Duration,
}

/// Faults that nobody has asked for one by one.
pub(crate) struct RandomFaults {
    pub(crate) random: Rng,
    pub(crate) share: f64,
}

impl State {
    /// What is to go wrong with the next exchange of an operation.
    pub(crate) fn next_fault(&mut self, operation: &str) -> Option<Fault> {
        if let Some(fault) = self.faults.get_mut(operation).and_then(VecDeque::pop_front) {
            return Some(fault);
        }
        if let Some(status) = self.outage {
            return Some(Fault::Status(status));
        }
        let RandomFaults { random, share } = self.random_faults.as_mut()?;
        (random.f64() < *share).then(|| Fault::random(random))
    }

    /// The fake's time, in seconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        (now + self.ahead).as_secs()
    }
}

impl Shared {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A test that panicked elsewhere tells more than a second panic here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn judge(&self) -> MutexGuard<'_, Judge<'static>> {
        self.judge.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what happened, or hands it to whoever wants to see it.
    pub(crate) fn record(&self, request: ReceivedRequest, findings: Vec<Finding>) {
        if let Some(observer) = &self.on_finding {
            self.state().request_count += 1;
            for finding in &findings {
                observer(finding);
            }
            return;
        }
        let mut state = self.state();
        state.request_count += 1;
        state.requests.push(request);
        state.unseen_findings |= findings.iter().any(Finding::is_error);
        state.findings.extend(findings);
    }
}

impl MockAuthress {
    /// A fake that is not started yet, with no users and no tenants, on a port that the system chooses.
    pub fn builder() -> MockAuthressBuilder {
        MockAuthressBuilder::default()
    }

    pub(crate) async fn start(builder: MockAuthressBuilder) -> io::Result<Self> {
        let MockAuthressBuilder {
            account,
            port,
            latency,
            random_faults,
            defect,
            on_finding,
        } = builder;
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let shared = Arc::new(Shared {
            url: format!("http://{}", listener.local_addr()?),
            keys: Keys::generate(),
            latency,
            deliveries: Arc::default(),
            defect,
            judge: Mutex::new(Judge::new(Spec::of_project())),
            on_finding,
            state: Mutex::new(State {
                account,
                random_faults,
                ..State::default()
            }),
        });
        // The requests are kept here, without their tokens.
        let inner = TcpListener::bind(("127.0.0.1", 0))?;
        let server = MockServer::builder()
            .listener(inner)
            .disable_request_recording()
            .start()
            .await;
        Mock::given(matchers::any())
            .respond_with(Responder::new(shared.clone()))
            .mount(&server)
            .await;
        let relay = Relay::start(listener, *server.address(), shared.deliveries.clone())?;
        Ok(Self {
            relay,
            _server: server,
            shared,
        })
    }

    /// The URL to give to a client, without a trailing slash. Tokens name it as their issuer's.
    #[must_use]
    pub fn url(&self) -> String {
        self.shared.url.clone()
    }

    /// The access key of a service client that may do everything, made for this fake.
    #[must_use]
    pub fn access_key(&self) -> SecretString {
        self.shared.keys.access_key()
    }

    /// An access key of the older kind (RSA), the same one for all fakes of a process.
    #[must_use]
    pub fn legacy_access_key(&self) -> SecretString {
        keys::legacy_access_key()
    }

    /// A token that is good for a day from now.
    #[must_use]
    pub fn access_token(&self) -> SecretString {
        self.shared
            .keys
            .token(&self.shared.url, self.shared.state().now())
    }

    /// A token whose day is over.
    #[must_use]
    pub fn expired_access_token(&self) -> SecretString {
        let two_days_ago = self.shared.state().now().saturating_sub(2 * 86_400);
        self.shared.keys.token(&self.shared.url, two_days_ago)
    }

    /// Answers the next `count` requests with 401, whatever their token and operation.
    pub fn reject_next(&self, count: usize) {
        self.shared.state().rejections += count;
    }

    /// Refuses every token that was seen so far, from now on.
    pub fn revoke_tokens(&self) {
        let mut state = self.shared.state();
        let seen = state.tokens.clone();
        state.revoked.extend(seen);
    }

    /// Answers an operation (such as `getUsers`) with 403 until it is [allowed](Self::allow).
    ///
    /// # Panics
    /// If the API has no such operation.
    pub fn deny(&self, operation: &str) {
        self.shared
            .state()
            .denied
            .insert(operation::named(operation).id);
    }

    /// Takes back what [`deny`](Self::deny) did.
    ///
    /// # Panics
    /// If the API has no such operation.
    pub fn allow(&self, operation: &str) {
        self.shared
            .state()
            .denied
            .remove(operation::named(operation).id);
    }

    /// Answers the next request of an operation (such as `getUsers`) with `answer`, without
    /// carrying it out or looking at its token. Answers that are waiting are given in their order.
    ///
    /// ```
    /// use authress_users_contract::{CannedAnswer, MockAuthress};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = MockAuthress::builder().start().await?;
    /// # let authress = authress_users_ext::AuthressClient::builder()
    /// #     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// let maintenance = CannedAnswer::new(501).header("content-type", "text/html").body("<html>");
    /// fake.respond_next("getUser", maintenance);
    /// let error = authress.users().get_user("auth0|1").await.unwrap_err();
    /// assert_eq!(error.status().map(|status| status.as_u16()), Some(501));
    /// # fake.assert_conforming();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    /// If the API has no such operation.
    pub fn respond_next(&self, operation: &str, answer: CannedAnswer) {
        let id = operation::named(operation).id;
        self.shared
            .state()
            .canned
            .entry(id)
            .or_default()
            .push_back(answer);
    }

    /// Lets the next request of an operation (such as `getUsers`) go wrong. Faults that are waiting
    /// happen in their order, and before random ones.
    ///
    /// # Panics
    /// If the API has no such operation.
    pub fn fail_next(&self, operation: &str, fault: Fault) {
        let id = operation::named(operation).id;
        self.shared
            .state()
            .faults
            .entry(id)
            .or_default()
            .push_back(fault);
    }

    /// Answers every request with this status until [`stop_faults`](Self::stop_faults): an outage.
    ///
    /// # Panics
    /// If `status` is not from 200 to 999.
    pub fn fail_always(&self, status: u16) {
        // Refused here, and not at the first request.
        let _ = CannedAnswer::new(status);
        self.shared.state().outage = Some(status);
    }

    /// Ends what [`random_faults`](MockAuthressBuilder::random_faults) or
    /// [`fail_always`](Self::fail_always) began, and drops the faults that wait.
    pub fn stop_faults(&self) {
        let mut state = self.shared.state();
        state.random_faults = None;
        state.outage = None;
        state.faults.clear();
    }

    /// How many connections to the fake are open.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.relay.connections()
    }

    /// Moves the fake's clock ahead, so that tokens end.
    pub fn advance_clock(&self, by: Duration) {
        self.shared.state().ahead += by;
    }

    /// Adds a user at the end of the list, or replaces the one with the same id.
    pub fn add_user(&self, user: impl Into<User>) {
        self.shared.state().account.add_user(user.into().0);
    }

    /// Adds a tenant, unless it is there.
    pub fn add_tenant(&self, tenant: impl Into<String>) {
        self.shared.state().account.add_tenant(tenant.into());
    }

    /// The ids of all users, in the order of the list.
    #[must_use]
    pub fn user_ids(&self) -> Vec<String> {
        self.shared.state().account.user_ids()
    }

    /// Whether there is a user with this id.
    #[must_use]
    pub fn has_user(&self, id: &str) -> bool {
        self.shared.state().account.user(id).is_some()
    }

    /// Whether a user is linked to a tenant; false if there is no such tenant.
    #[must_use]
    pub fn is_linked(&self, tenant: &str, user: &str) -> bool {
        self.shared.state().account.is_linked(tenant, user)
    }

    /// All requests so far, in the order of their arrival; none of a fake with
    /// [`on_finding`](MockAuthressBuilder::on_finding).
    #[must_use]
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.shared.state().requests.clone()
    }

    /// How many requests there were so far.
    #[must_use]
    pub fn request_count(&self) -> usize {
        self.shared.state().request_count
    }

    /// How many different bearer tokens were seen so far.
    #[must_use]
    pub fn distinct_tokens(&self) -> usize {
        self.shared.state().tokens.len()
    }

    /// What was found so far that the API's document does not allow, and notes. Answers that were
    /// ordered by [`respond_next`](Self::respond_next) or changed by a fault are not judged, their
    /// requests are.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let last = self.shared.judge().finish();
        let mut state = self.shared.state();
        state.findings.extend(last);
        state.unseen_findings = false;
        state.findings.clone()
    }

    /// What of the API's document the exchanges so far have touched; [`Coverage::of`] has an example.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        self.shared.judge().coverage().clone()
    }

    /// Asserts that every exchange so far followed the API's document.
    ///
    /// # Panics
    /// If there was a [finding](Self::findings) that is more than a note; the message has each, with its
    /// place in the document and a line to do it again.
    pub fn assert_conforming(&self) {
        let findings = self.findings();
        assert!(
            !findings.iter().any(Finding::is_error),
            "{}",
            told(&findings)
        );
    }

    /// Lets the fake be dropped whatever was found so far.
    pub fn ignore_findings(&self) {
        self.shared.state().unseen_findings = false;
    }
}

fn told(findings: &[Finding]) -> String {
    let mut told = "the exchanges with the fake do not follow the API's document:".to_owned();
    for finding in findings.iter().filter(|finding| finding.is_error()) {
        let _ = write!(
            told,
            "\n- {finding}\n  at {}\n  {}",
            finding.pointer, finding.reproduce
        );
    }
    told
}

impl Drop for MockAuthress {
    fn drop(&mut self) {
        let state = self.shared.state();
        if state.unseen_findings && !std::thread::panicking() {
            let told = told(&state.findings);
            drop(state);
            panic!("{told}\nLook at findings(), or say ignore_findings()");
        }
    }
}

impl fmt::Debug for MockAuthress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockAuthress")
            .field("url", &self.shared.url)
            .finish_non_exhaustive()
    }
}
