use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::coverage::Coverage;
use crate::exchange::Exchange;
use crate::finding::{Finding, Party};
use crate::omitted::Omitted;
use crate::rules::{ExchangeContext, Sequence, TOKEN_HOST, validate_request, validate_response};
use crate::spec::Spec;

/// Validates traffic against a spec, one exchange after the other.
///
/// ```
/// use authress_users_contract::{Exchange, Spec, Validator};
///
/// let mut validator = Validator::new(Spec::bundled());
/// let exchange = Exchange::new("GET", "/v1/users?limit=0").origin("https://acme.api.authress.io");
/// let findings = validator.validate(&exchange);
/// let rules: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
/// assert_eq!(rules, ["request-token", "request-parameter-valid", "request-accept"]);
/// ```
pub struct Validator<'a> {
    spec: &'a Spec,
    sequence: Sequence,
    coverage: Coverage,
    exchanges: usize,
    /// Whether the last request violated the spec.
    has_request_error: bool,
    /// What the recorder omitted from all exchanges.
    omitted: Vec<Omitted>,
    /// Whether findings name undeclared members.
    shows_names: bool,
    /// The API's host that each token was sent to.
    token_hosts: HashMap<String, String>,
    /// The tokens that were sent to other hosts.
    other_tokens: HashSet<String>,
}

impl<'a> Validator<'a> {
    /// Returns a validator for a new traffic.
    #[must_use]
    pub fn new(spec: &'a Spec) -> Self {
        Self {
            spec,
            sequence: Sequence::default(),
            coverage: Coverage::default(),
            exchanges: 0,
            has_request_error: false,
            omitted: Vec::new(),
            shows_names: false,
            token_hosts: HashMap::new(),
            other_tokens: HashSet::new(),
        }
    }

    /// Accepts requests without tokens, because the recorder removed them.
    #[must_use]
    pub fn without_tokens(mut self) -> Self {
        self.omitted.push(Omitted::Token);
        self
    }

    /// Names undeclared members in findings.
    ///
    /// Names may be values in recorded traffic, which is why this is not the default.
    #[cfg(feature = "live")]
    pub(crate) fn with_member_names(mut self) -> Self {
        self.shows_names = true;
        self
    }

    /// Forgets old exchanges, so that memory does not grow with the traffic.
    ///
    /// Violations by exchanges that are far apart are then not found.
    #[cfg(feature = "mock")]
    pub(crate) fn bounded(mut self) -> Self {
        self.sequence.set_bounded();
        self
    }

    /// Validates the next exchange of the traffic.
    ///
    /// A violation by several exchanges, such as a list that repeats a cursor, is reported with the
    /// exchange that completes it.
    pub fn validate(&mut self, exchange: &Exchange) -> Vec<Finding> {
        self.validate_recorded(exchange, &[])
    }

    /// Declares a token of later requests to the API.
    #[cfg(feature = "har")]
    pub(crate) fn expect_token(&mut self, token: &str, origin: &str) {
        self.token_hosts.insert(token.to_owned(), origin.to_owned());
    }

    /// Validates an exchange of which the recorder omitted some parts.
    pub(crate) fn validate_recorded(
        &mut self,
        exchange: &Exchange,
        omitted: &[Omitted],
    ) -> Vec<Finding> {
        let mut findings = self.request(exchange, omitted);
        findings.extend(self.response(exchange, omitted));
        findings
    }

    /// Validates the request of the next exchange, before its response is known.
    #[cfg(feature = "mock")]
    pub(crate) fn validate_request(&mut self, exchange: &Exchange) -> Vec<Finding> {
        self.request(exchange, &[])
    }

    /// Validates the response to the request that was validated last.
    #[cfg(feature = "mock")]
    pub(crate) fn validate_response(&mut self, exchange: &Exchange) -> Vec<Finding> {
        self.response(exchange, &[])
    }

    fn request(&mut self, exchange: &Exchange, omitted: &[Omitted]) -> Vec<Finding> {
        self.exchanges += 1;
        let context = self.context(exchange, omitted);
        let mut findings = validate_request(&context);
        self.has_request_error = findings.iter().any(Finding::is_error);
        if let Some(token) = exchange.bearer_token()
            && !exchange.origin.is_empty()
        {
            // One request to another host is one finding.
            if self.other_tokens.remove(token) {
                findings.push(token_at_other_host(&context));
            }
            self.token_hosts
                .insert(token.to_owned(), exchange.origin.clone());
        }
        findings
    }

    fn response(&mut self, exchange: &Exchange, omitted: &[Omitted]) -> Vec<Finding> {
        let context = self.context(exchange, omitted);
        let Some(operation) = context.operation else {
            return Vec::new();
        };
        self.coverage.count(operation, exchange);
        let sequence = self.sequence.validate(&context, operation);
        let is_client_error = |own: &Finding| own.is_error() && own.party == Party::Client;
        let is_unknown =
            context.lacks(Omitted::RequestHeaders) || context.lacks(Omitted::RequestBody);
        let is_valid_request = !self.has_request_error
            && !is_unknown
            && !sequence.iter().any(is_client_error)
            && self.sequence.knows_cursor(exchange);
        let response = exchange.response.as_ref();
        let mut findings = response.map_or_else(Vec::new, |response| {
            validate_response(&context, operation, response, is_valid_request)
        });
        findings.extend(sequence);
        findings
    }

    fn context<'e>(&self, exchange: &'e Exchange, omitted: &[Omitted]) -> ExchangeContext<'e>
    where
        'a: 'e,
    {
        ExchangeContext {
            omitted: self.omitted.iter().chain(omitted).copied().collect(),
            shows_names: self.shows_names,
            ..ExchangeContext::new(self.spec, exchange, self.exchanges)
        }
    }

    /// Validates an exchange with another host, which must not get the API's tokens.
    pub fn validate_other_host(&mut self, exchange: &Exchange) -> Vec<Finding> {
        let Some(token) = exchange.bearer_token() else {
            return Vec::new();
        };
        let Some(host) = self.token_hosts.get(token) else {
            self.other_tokens.insert(token.to_owned());
            return Vec::new();
        };
        if *host == exchange.origin {
            return Vec::new();
        }
        let context = ExchangeContext {
            operation: None,
            ..self.context(exchange, &[])
        };
        vec![token_at_other_host(&context)]
    }

    /// Returns the findings that only the end of the traffic shows, such as a deletion that never
    /// took effect.
    pub fn finish(&mut self) -> Vec<Finding> {
        self.sequence.finish()
    }

    /// Sets the number of the exchanges so far, of which some were not validated.
    #[cfg(feature = "live")]
    pub(crate) fn set_exchanges(&mut self, exchanges: usize) {
        self.exchanges = exchanges;
    }

    /// Returns the number of validated exchanges.
    #[must_use]
    pub fn exchanges(&self) -> usize {
        self.exchanges
    }

    /// Returns the parts of the spec that the traffic covered.
    #[must_use]
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Returns the spec.
    #[must_use]
    pub fn spec(&self) -> &'a Spec {
        self.spec
    }
}

fn token_at_other_host(context: &ExchangeContext<'_>) -> Finding {
    let pointer = "/components/securitySchemes";
    let expected = "a token that is sent to one host";
    context.finding(
        &TOKEN_HOST,
        pointer,
        expected,
        "the same token at two hosts",
    )
}

impl fmt::Debug for Validator<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Validator")
            .field("exchanges", &self.exchanges)
            .finish_non_exhaustive()
    }
}
