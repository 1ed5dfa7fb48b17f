//! Sends the requests of a run within its limits, validates the responses, and collects the findings.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, header};
use secrecy::{ExposeSecret as _, SecretString};

use super::error::LiveError;
use super::options::LiveOptions;
use super::plan::Plan;
use super::probe::Probe;
use super::request::{LiveRequest, Sent};
use super::sender::{MAX_BODY, Sender};
use crate::counted::counted;
use crate::exchange::text;
use crate::finding::{Finding, Rule};
use crate::redact::printable;
use crate::report::Report;
use crate::rules::{
    ExchangeContext, LIVE_BODY_SIZE, LIVE_CONTENT_ENCODING, LIVE_NO_RESPONSE, LIVE_UNAVAILABLE,
    LIVE_UNDECIDED, command, validate_response,
};
use crate::spec::Spec;
use crate::validator::Validator;

/// The most requests of a run.
const MAX_REQUESTS: usize = 150;
/// How often a request is sent again after a 429 or 503.
const MAX_REPETITIONS: usize = 4;
/// The longest wait for one response with `Retry-After`, and for all of a run.
const MAX_WAIT: Duration = Duration::from_secs(60);
const MAX_WAITS: Duration = Duration::from_secs(300);
/// The wait after a 429 or 503 without `Retry-After`.
const DEFAULT_WAIT: Duration = Duration::from_millis(500);
/// After this many requests in a row without a usable response, a run ends.
const MAX_FAILURES: usize = 3;

/// The rules that apply to a response that meets its expectation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// All rules.
    Validate,
    /// The rules for responses, since the request has an invalid credential.
    ValidateResponse,
    /// None, since the spec does not describe responses to such a request.
    Nothing,
}

/// What the valid requests of an operation got.
#[derive(Default)]
struct Received {
    /// Whether one got another status than 401, 403 and 5xx.
    is_working: bool,
    /// The status that denies the operation to the token.
    denial: Option<u16>,
}

/// The requests to one server, and what was found so far.
pub(super) struct Session<'a> {
    spec: &'a Spec,
    sender: Sender<'a>,
    options: &'a LiveOptions,
    token: &'a SecretString,
    validator: Validator<'a>,
    plan: Plan,
    /// Parts of probes that could not be tried.
    gaps: Vec<String>,
    findings: Vec<Finding>,
    /// Operations with a reported content encoding.
    encoded: HashSet<String>,
    /// The operations of valid requests.
    operations: BTreeMap<String, Received>,
    requests: usize,
    unavailable: usize,
    waited: Duration,
    failures: usize,
    /// Why no more requests are sent.
    stopped: Option<&'static str>,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        spec: &'a Spec,
        base_url: &str,
        token: &'a SecretString,
        options: &'a LiveOptions,
        plan: Plan,
    ) -> Result<Self, LiveError> {
        Ok(Self {
            spec,
            sender: Sender::new(spec, base_url, token)?,
            options,
            token,
            validator: Validator::new(spec).with_member_names(),
            plan,
            gaps: Vec::new(),
            findings: Vec::new(),
            encoded: HashSet::new(),
            operations: BTreeMap::new(),
            requests: 0,
            unavailable: 0,
            waited: Duration::ZERO,
            failures: 0,
            stopped: None,
        })
    }

    pub(super) fn spec(&self) -> &'a Spec {
        self.spec
    }

    pub(super) fn token(&self) -> &'a str {
        self.token.expose_secret()
    }

    pub(super) fn options(&self) -> &'a LiveOptions {
        self.options
    }

    pub(super) fn base_url(&self) -> &str {
        self.sender.base_url()
    }

    /// Waits before a deleted user is read again.
    pub(super) async fn pause(&self) {
        self.options.clock.sleep(self.options.poll_interval).await;
    }

    /// Sends the first request, to learn whether the server responds at all and accepts the token.
    pub(super) async fn connect(
        &mut self,
        request: LiveRequest,
    ) -> Result<Option<Sent>, LiveError> {
        let (exchange, failure) = self.sender.send(&request).await;
        if let Some(failure) = failure {
            return Err(LiveError::Connect(failure.error));
        }
        self.requests += 1;
        let sent = Sent {
            request,
            exchange,
            number: self.requests,
            is_encoded: false,
        };
        if sent.status() == 401 {
            return Err(LiveError::TokenRejected);
        }
        if is_unavailable(sent.status()) {
            return Ok(self.again(sent).await);
        }
        Ok(self.received(sent))
    }

    /// Starts a probe. Returns whether it is allowed.
    pub(super) fn begin(&mut self, probe: &'static Probe) -> bool {
        if self.stopped.is_some() || !self.plan.allows(probe.needs) {
            return false;
        }
        self.plan.set_tried(probe);
        (self.options.progress)(&format!(
            "{}: {} (after {})",
            probe.family,
            probe.what,
            counted(self.requests, "request")
        ));
        true
    }

    /// Names a probe that could not be tried, and why.
    pub(super) fn skip(&mut self, probe: &'static Probe, reason: &str) {
        self.plan.skip(probe, reason);
    }

    /// Names a part of a probe that could not be tried, and why.
    pub(super) fn name_gap(&mut self, probe: &'static Probe, reason: &str) {
        self.gaps.push(format!(
            "not tried: {}: {} ({reason})",
            probe.family, probe.what
        ));
    }

    /// Sends a request without validating the response. A missing response is a finding.
    pub(super) async fn send(&mut self, request: LiveRequest) -> Option<Sent> {
        let sent = self.attempt(request).await?;
        if is_unavailable(sent.status()) {
            return self.again(sent).await;
        }
        self.received(sent)
    }

    /// Sends a request again that got a 429 or 503, until it gets another response.
    async fn again(&mut self, mut sent: Sent) -> Option<Sent> {
        for repetition in 0..=MAX_REPETITIONS {
            self.unavailable += 1;
            let wait = retry_after(&sent).unwrap_or(DEFAULT_WAIT);
            if wait > MAX_WAIT || self.waited.saturating_add(wait) > MAX_WAITS {
                // Any other request would come too early, too.
                self.stopped = Some("server unavailable for longer than a run waits");
                break;
            }
            self.waited += wait;
            self.options.clock.sleep(wait).await;
            if repetition == MAX_REPETITIONS {
                break;
            }
            sent = self.attempt(sent.request).await?;
            if !is_unavailable(sent.status()) {
                return self.received(sent);
            }
        }
        if !self.has_found(&LIVE_UNAVAILABLE) {
            let actual = format!("the status {}: server unavailable", sent.status());
            let expected = "another status within the waits of a run";
            self.report(&sent, &LIVE_UNAVAILABLE, expected, &actual);
        }
        self.fail("server unavailable");
        None
    }

    /// Sends a request once.
    async fn attempt(&mut self, request: LiveRequest) -> Option<Sent> {
        if self.stopped.is_some() {
            return None;
        }
        if self.requests == MAX_REQUESTS {
            self.stopped = Some("the limit of 150 requests was reached");
            return None;
        }
        if let Some(pause) = self.options.pause() {
            self.options.clock.sleep(pause).await;
        }
        self.requests += 1;
        let (exchange, failure) = self.sender.send(&request).await;
        let sent = Sent {
            request,
            exchange,
            number: self.requests,
            is_encoded: false,
        };
        let Some(failure) = failure else {
            return Some(sent);
        };
        let actual = format!("none: {}", failure.cause);
        self.report(&sent, &LIVE_NO_RESPONSE, "a response", &actual);
        self.fail("server unavailable: requests got no response");
        None
    }

    fn fail(&mut self, reason: &'static str) {
        self.failures += 1;
        if self.failures == MAX_FAILURES {
            self.stopped = Some(reason);
        }
    }

    /// Checks that a body can be validated at all.
    fn received(&mut self, mut sent: Sent) -> Option<Sent> {
        self.failures = 0;
        let response = sent.response()?;
        if response.body.len() > MAX_BODY {
            let expected = format!("a body of at most {MAX_BODY} bytes");
            self.report(
                &sent,
                &LIVE_BODY_SIZE,
                &expected,
                "more bytes; the rest was not read",
            );
            return None;
        }
        // The response to HEAD describes a body that it does not have.
        if response.body.is_empty() {
            return Some(sent);
        }
        let encodings = response.headers.get_all(header::CONTENT_ENCODING);
        let mut encodings = encodings.iter().map(text);
        if let Some(encoding) = encodings.find(|own| !own.eq_ignore_ascii_case("identity")) {
            let is_gzip = response.body.starts_with(&[0x1f, 0x8b]);
            let bytes = if is_gzip { "gzip bytes" } else { "other bytes" };
            let actual = format!("Content-Encoding: {encoding}, with {bytes}");
            sent.is_encoded = true;
            let operation = self.operation_id(&sent).unwrap_or_default();
            if self.encoded.insert(operation) {
                let expected = "no content encoding, since the request accepts none";
                self.report(&sent, &LIVE_CONTENT_ENCODING, expected, &actual);
            }
        }
        Some(sent)
    }

    fn operation_id(&self, sent: &Sent) -> Option<String> {
        let exchange = &sent.exchange;
        let (operation, _) = self.spec.find(&exchange.method, exchange.path())?;
        Some(operation.id.clone())
    }

    /// Validates an exchange against all rules.
    pub(super) fn validate_exchange(&mut self, sent: &Sent) {
        self.record(sent);
        if sent.is_encoded {
            return;
        }
        self.validator.set_exchanges(sent.number - 1);
        let findings = self.validator.validate(&sent.exchange);
        self.add(sent, findings);
    }

    /// Sends a request and validates the exchange against all rules.
    pub(super) async fn validate(&mut self, request: LiveRequest) -> Option<Sent> {
        let sent = self.send(request).await?;
        self.validate_exchange(&sent);
        Some(sent)
    }

    /// Sends a request and requires something of the response. Returns the exchange if it is met.
    pub(super) async fn expect(
        &mut self,
        request: LiveRequest,
        rule: &Rule,
        expected: &str,
        then: Then,
        is_met: impl FnOnce(&Sent) -> Result<(), String>,
    ) -> Option<Sent> {
        let sent = self.send(request).await?;
        if let Err(actual) = is_met(&sent) {
            if self.shows_nothing(&sent) {
                return None;
            }
            self.report(&sent, rule, expected, &actual);
            return None;
        }
        match then {
            Then::Validate => self.validate_exchange(&sent),
            Then::ValidateResponse => self.validate_response_only(&sent),
            Then::Nothing => {}
        }
        Some(sent)
    }

    fn record(&mut self, sent: &Sent) {
        if let Some(id) = self.operation_id(sent) {
            let status = sent.status();
            let received = self.operations.entry(id).or_default();
            received.is_working |= status < 500 && !is_denial(status);
            received.denial = received.denial.or(is_denial(status).then_some(status));
        }
    }

    /// Returns whether the operation always fails or is denied, so that a status shows nothing else.
    fn shows_nothing(&mut self, sent: &Sent) -> bool {
        let Some(id) = self.operation_id(sent) else {
            return false;
        };
        let is_denied = is_denial(sent.status());
        match self.operations.get(&id) {
            Some(received) => !received.is_working && (is_denied || sent.status() >= 500),
            None if is_denied && sent.request.credential.is_none() => {
                self.record(sent);
                true
            }
            None => false,
        }
    }

    fn validate_response_only(&mut self, sent: &Sent) {
        let context = ExchangeContext {
            shows_names: true,
            ..ExchangeContext::new(self.spec, &sent.exchange, sent.number)
        };
        if let (Some(operation), Some(response), false) =
            (context.operation, sent.response(), sent.is_encoded)
        {
            let findings = validate_response(&context, operation, response, false);
            self.add(sent, findings);
        }
    }

    /// Reports a violation by a response.
    pub(super) fn report(&mut self, sent: &Sent, rule: &Rule, expected: &str, actual: &str) {
        let context = ExchangeContext::new(self.spec, &sent.exchange, sent.number);
        let pointer = match context.operation {
            Some(operation) => operation.pointer.as_str(),
            None => self.spec.path_pointer(sent.exchange.path()),
        };
        let finding = context.finding(rule, pointer, expected, actual);
        self.add(sent, vec![finding]);
    }

    /// Notes what others may have caused by changing the account during the run.
    pub(super) fn note_undecided(&mut self, sent: &Sent, rule: &Rule) {
        let expected = format!("an unchanged account, to decide {}", rule.id);
        self.report(
            sent,
            &LIVE_UNDECIDED,
            &expected,
            "another list in a second run",
        );
    }

    /// Returns whether others seem to have changed the account during the run.
    pub(super) fn is_account_changing(&self) -> bool {
        self.has_found(&LIVE_UNDECIDED)
    }

    /// Returns whether the run has a finding of a rule.
    pub(super) fn has_found(&self, rule: &Rule) -> bool {
        self.findings.iter().any(|finding| finding.rule == rule.id)
    }

    fn add(&mut self, sent: &Sent, findings: Vec<Finding>) {
        for mut finding in findings {
            if finding.exchange == sent.number {
                let operation = self.spec.find(&sent.exchange.method, sent.exchange.path());
                let operation = operation.map(|(operation, _)| operation);
                let authorization = self.sender.authorization(&sent.request);
                let is_public = sent.request.is_public;
                finding.reproduce = command(&sent.exchange, operation, authorization, is_public);
            }
            self.findings.push(finding);
        }
    }

    pub(super) fn finish(mut self) -> Report {
        self.findings.extend(self.validator.finish());
        // The server may repeat the token in a later response, to a request without it.
        let tokens = [Some(self.token), self.options.expired_token.as_ref()];
        let tokens = tokens.into_iter().flatten();
        let tokens: Vec<_> = tokens.map(SecretString::expose_secret).collect();
        for finding in &mut self.findings {
            finding.expected = printable(&finding.expected, &tokens);
            finding.actual = printable(&finding.actual, &tokens);
        }
        self.findings.sort_by_key(|finding| finding.exchange);
        if let Some(reason) = self.stopped {
            self.plan.skip_rest(reason);
        }
        let mut warnings = self.gaps;
        for (id, received) in &self.operations {
            if let (false, Some(status)) = (received.is_working, received.denial) {
                warnings.push(format!(
                    "not tried: a successful {id} (the token gets the status {status})"
                ));
            }
        }
        warnings.extend(self.plan.not_tried());
        if self.unavailable > 0 {
            warnings.push(format!(
                "server unavailable: {} with 429 or 503, after which requests were sent again",
                counted(self.unavailable, "response")
            ));
        }
        let coverage = self.validator.coverage().entries(self.spec);
        let mut report = Report::new(self.requests, self.findings, warnings, coverage);
        report.summary = self.plan.tried();
        report
    }
}

fn is_denial(status: u16) -> bool {
    matches!(status, 401 | 403)
}

fn is_unavailable(status: u16) -> bool {
    matches!(status, 429 | 503)
}

/// Returns the wait of `Retry-After`, which is a number of seconds or a date.
fn retry_after(sent: &Sent) -> Option<Duration> {
    let headers = &sent.response()?.headers;
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let end = httpdate::parse_http_date(value).ok()?;
    // The date is one of the server's clock.
    let now = date(headers).unwrap_or_else(SystemTime::now);
    Some(end.duration_since(now).unwrap_or_default())
}

fn date(headers: &HeaderMap) -> Option<SystemTime> {
    let value = headers.get(header::DATE)?.to_str().ok()?;
    httpdate::parse_http_date(value)
        .ok()
        .filter(|own| *own > UNIX_EPOCH)
}
