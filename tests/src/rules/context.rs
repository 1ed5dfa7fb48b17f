use super::reproduce;
use crate::exchange::Exchange;
use crate::finding::{Finding, Rule};
use crate::omitted::Omitted;
use crate::redact::printable;
use crate::spec::{Spec, SpecOperation};

/// What all findings about one exchange have in common.
pub(crate) struct ExchangeContext<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) exchange: &'a Exchange,
    pub(crate) operation: Option<&'a SpecOperation>,
    /// The number of the exchange in the traffic, counted from 1.
    pub(crate) number: usize,
    pub(crate) omitted: Vec<Omitted>,
    /// Whether findings name undeclared members.
    pub(crate) shows_names: bool,
}

impl<'a> ExchangeContext<'a> {
    /// Returns the context of a complete exchange, with the operation that it matches.
    pub(crate) fn new(spec: &'a Spec, exchange: &'a Exchange, number: usize) -> Self {
        let operation = spec.find(&exchange.method, exchange.path());
        Self {
            spec,
            exchange,
            operation: operation.map(|(operation, _)| operation),
            number,
            omitted: Vec::new(),
            shows_names: false,
        }
    }

    /// Returns whether the recorder omitted this part.
    pub(crate) fn lacks(&self, part: Omitted) -> bool {
        self.omitted.contains(&part)
    }

    /// Returns whether the request had a token, as far as is known.
    fn has_token(&self) -> bool {
        let is_secured = self.operation.is_some_and(|operation| operation.is_secured);
        self.exchange.bearer_token().is_some() || (is_secured && self.lacks(Omitted::Token))
    }

    pub(crate) fn finding(
        &self,
        rule: &Rule,
        pointer: impl Into<String>,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) -> Finding {
        let credentials = self.exchange.credentials();
        let printable = |text: &str| printable(text, &credentials);
        Finding {
            rule: rule.id,
            severity: rule.severity,
            party: rule.party,
            operation: self.operation.map(|operation| operation.id.clone()),
            pointer: pointer.into(),
            expected: printable(&expected.into()),
            actual: printable(&actual.into()),
            reproduce: reproduce::command(
                self.exchange,
                self.operation,
                self.has_token().then_some(reproduce::TOKEN),
                false,
            ),
            exchange: self.number,
        }
    }
}
