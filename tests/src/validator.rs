use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::coverage::Coverage;
use crate::exchange::Exchange;
use crate::finding::Finding;
use crate::omitted::LeftOut;
use crate::rules::{Scene, Sequence, TOKEN_HOST, judge_request, judge_response};
use crate::spec::Spec;

/// Holds traffic against a document, exchange by exchange.
///
/// ```
/// use authress_users_contract::{Exchange, Judge, Spec};
/// use http::HeaderMap;
///
/// let mut judge = Judge::new(Spec::of_project());
/// let findings = judge.judge(&Exchange {
///     method: "GET".to_owned(),
///     origin: "https://acme.api.authress.io".to_owned(),
///     target: "/v1/users?limit=0".to_owned(),
///     request_headers: HeaderMap::new(),
///     request_body: Vec::new(),
///     response: None,
/// });
/// let rules: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
/// assert_eq!(rules, ["request-token", "request-parameter-valid", "request-accept"]);
/// ```
pub struct Judge<'a> {
    spec: &'a Spec,
    sequence: Sequence,
    coverage: Coverage,
    exchanges: usize,
    /// What a recorder has left out of all exchanges.
    left_out: Vec<LeftOut>,
    /// The hosts that each token was sent to.
    token_hosts: HashMap<String, String>,
    foreign_tokens: HashSet<String>,
}

impl<'a> Judge<'a> {
    /// A judge that has seen nothing yet.
    #[must_use]
    pub fn new(spec: &'a Spec) -> Self {
        Self {
            spec,
            sequence: Sequence::default(),
            coverage: Coverage::default(),
            exchanges: 0,
            left_out: Vec::new(),
            token_hosts: HashMap::new(),
            foreign_tokens: HashSet::new(),
        }
    }

    /// Looks for no tokens: a recorder has taken them out of the traffic.
    #[must_use]
    pub fn without_tokens(mut self) -> Self {
        self.left_out.push(LeftOut::Token);
        self
    }

    /// Judges the next exchange of the traffic. What is found about a row of exchanges, such as a list
    /// that names a cursor twice, counts as that of the one which gives it away.
    pub fn judge(&mut self, exchange: &Exchange) -> Vec<Finding> {
        self.judge_recorded(exchange, &[])
    }

    /// Judges what a recorder has kept of the next exchange.
    pub(crate) fn judge_recorded(
        &mut self,
        exchange: &Exchange,
        left_out: &[LeftOut],
    ) -> Vec<Finding> {
        let mut findings = self.request(exchange, left_out);
        findings.extend(self.response(exchange, left_out));
        findings
    }

    /// Judges the request of the next exchange, whose answer may not have come yet.
    pub(crate) fn judge_request(&mut self, exchange: &Exchange) -> Vec<Finding> {
        self.request(exchange, &[])
    }

    /// Judges the answer of the exchange whose request was judged last, and what went before it.
    pub(crate) fn judge_response(&mut self, exchange: &Exchange) -> Vec<Finding> {
        self.response(exchange, &[])
    }

    fn request(&mut self, exchange: &Exchange, left_out: &[LeftOut]) -> Vec<Finding> {
        self.exchanges += 1;
        let scene = self.scene(exchange, left_out);
        let mut findings = judge_request(&scene);
        if let Some(token) = exchange.bearer_token()
            && !exchange.origin.is_empty()
        {
            if self.foreign_tokens.contains(token) {
                findings.push(sent_elsewhere(&scene));
            }
            self.token_hosts
                .insert(token.to_owned(), exchange.origin.clone());
        }
        findings
    }

    fn response(&mut self, exchange: &Exchange, left_out: &[LeftOut]) -> Vec<Finding> {
        let scene = self.scene(exchange, left_out);
        let Some(operation) = scene.operation else {
            return Vec::new();
        };
        self.coverage.count(operation, exchange);
        let response = exchange.response.as_ref();
        let mut findings = response.map_or_else(Vec::new, |response| {
            judge_response(&scene, operation, response)
        });
        findings.extend(self.sequence.judge(&scene, operation));
        findings
    }

    fn scene<'e>(&self, exchange: &'e Exchange, left_out: &[LeftOut]) -> Scene<'e>
    where
        'a: 'e,
    {
        let operation = self.spec.find(&exchange.method, exchange.path());
        Scene {
            spec: self.spec,
            exchange,
            operation: operation.map(|(operation, _)| operation),
            number: self.exchanges,
            left_out: self.left_out.iter().chain(left_out).copied().collect(),
        }
    }

    /// Takes in an exchange with somebody else, which is judged for the API's tokens alone.
    pub fn judge_elsewhere(&mut self, exchange: &Exchange) -> Vec<Finding> {
        let Some(token) = exchange.bearer_token() else {
            return Vec::new();
        };
        self.foreign_tokens.insert(token.to_owned());
        let scene = Scene {
            operation: None,
            ..self.scene(exchange, &[])
        };
        let is_ours = self
            .token_hosts
            .get(token)
            .is_some_and(|host| *host != exchange.origin);
        if is_ours {
            vec![sent_elsewhere(&scene)]
        } else {
            Vec::new()
        }
    }

    /// What only the end of the traffic tells, such as a user whose deletion never took effect.
    pub fn finish(&mut self) -> Vec<Finding> {
        self.sequence.finish()
    }

    /// How many exchanges were judged.
    #[must_use]
    pub fn exchanges(&self) -> usize {
        self.exchanges
    }

    /// What of the document the traffic has touched.
    #[must_use]
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// The document that is judged by.
    #[must_use]
    pub fn spec(&self) -> &'a Spec {
        self.spec
    }
}

fn sent_elsewhere(scene: &Scene<'_>) -> Finding {
    let pointer = "/components/securitySchemes";
    scene.finding(
        &TOKEN_HOST,
        pointer,
        "a token at one host",
        "the same one at another host",
    )
}

impl fmt::Debug for Judge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Judge")
            .field("exchanges", &self.exchanges)
            .finish_non_exhaustive()
    }
}
