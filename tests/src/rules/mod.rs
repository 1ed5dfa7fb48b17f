//! The rules, and how each is judged.

mod reproduce;
mod request;
mod response;
mod sequence;

pub(crate) use request::judge_request;
pub(crate) use response::judge_response;
pub(crate) use sequence::Sequence;

use crate::exchange::Exchange;
use crate::finding::{Culprit, Finding, Rule, Severity};
use crate::omitted::LeftOut;
use crate::spec::{Spec, SpecOperation};

macro_rules! rules {
    ($($name:ident = $id:literal, $culprit:ident, $severity:ident: $sentence:literal;)*) => {
        $(pub(crate) static $name: Rule = Rule {
            id: $id,
            culprit: Culprit::$culprit,
            severity: Severity::$severity,
            sentence: $sentence,
        };)*

        /// Every rule that traffic is held against.
        ///
        /// ```
        /// for rule in authress_users_contract::RULES {
        ///     println!("{} ({}): {}", rule.id, rule.culprit, rule.sentence);
        /// }
        /// ```
        pub static RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    REQUEST_OPERATION = "request-operation", Client, Error:
        "Method and path of a request belong to an operation of the document.";
    REQUEST_DOT_SEGMENT = "request-dot-segment", Client, Error:
        "No segment of a path is `.` or `..`, encoded or not: readers of URLs collapse it.";
    REQUEST_ENCODING = "request-encoding", Client, Error:
        "Path and query are percent-encoded UTF-8.";
    REQUEST_QUERY_DECLARED = "request-query-declared", Client, Error:
        "Every parameter in a query is one that the document declares.";
    REQUEST_QUERY_REPEATED = "request-query-repeated", Client, Error:
        "No parameter in a query comes more than once.";
    REQUEST_PARAMETER_REQUIRED = "request-parameter-required", Client, Error:
        "Every required parameter is there.";
    REQUEST_PARAMETER_VALID = "request-parameter-valid", Client, Error:
        "The value of every parameter fits its schema.";
    REQUEST_TOKEN = "request-token", Client, Error:
        "A request has exactly one bearer token, and it has the form of a JWT.";
    REQUEST_ACCESS_KEY = "request-access-key", Client, Error:
        "No access key leaves the client.";
    REQUEST_ACCEPT = "request-accept", Client, Error:
        "Accept covers every media type of the documented successes.";
    REQUEST_CONTENT_TYPE = "request-content-type", Client, Error:
        "A request body has exactly a media type that the document gives it.";
    REQUEST_BODY_MISSING = "request-body-missing", Client, Error:
        "A required request body is there.";
    REQUEST_BODY_UNDECLARED = "request-body-undeclared", Client, Error:
        "There is no request body where the document has none.";
    REQUEST_BODY_VALID = "request-body-valid", Client, Error:
        "A request body is JSON that fits its schema.";
    REQUEST_BODY_UNKNOWN_MEMBER = "request-body-unknown-member", Client, Error:
        "A request body has no member that the document does not know.";
    REQUEST_BODY_READ_ONLY = "request-body-read-only", Client, Error:
        "A request body has no member that is read-only.";
    REQUEST_HEADER_DECLARED = "request-header-declared", Client, Error:
        "Every header of a request is an ordinary one of HTTP or declared by the document.";

    RESPONSE_STATUS = "response-status", Server, Error:
        "The status is documented for the operation.";
    RESPONSE_MEDIA_TYPE = "response-media-type", Server, Error:
        "A body has exactly a media type that the document gives it.";
    RESPONSE_BODY_MISSING = "response-body-missing", Server, Error:
        "A documented body is there.";
    RESPONSE_BODY_UNDECLARED = "response-body-undeclared", Server, Error:
        "There is no body where the document has none.";
    RESPONSE_UTF8 = "response-utf8", Server, Error:
        "A JSON body is UTF-8.";
    RESPONSE_JSON = "response-json", Server, Error:
        "A JSON body is well-formed.";
    RESPONSE_DUPLICATE_NAME = "response-duplicate-name", Server, Error:
        "No object of a JSON body names a member twice.";
    RESPONSE_BODY_VALID = "response-body-valid", Server, Error:
        "A body fits its schema.";
    RESPONSE_FORMAT = "response-format", Server, Error:
        "A text with a format has that format.";
    RESPONSE_WRITE_ONLY = "response-write-only", Server, Error:
        "A body has no member that is write-only.";
    RESPONSE_HEADER = "response-header", Server, Error:
        "Every documented header is there if it is required, and fits its schema.";
    RESPONSE_UNKNOWN_MEMBER = "response-unknown-member", Server, Note:
        "Members that the document does not know are worth knowing; user data varies.";

    LIST_CURSOR_VERBATIM = "list-cursor-verbatim", Client, Error:
        "A cursor goes back exactly as it came.";
    LIST_PARAMETERS_STABLE = "list-parameters-stable", Client, Error:
        "The other parameters of a list stay the same over all its pages.";
    LIST_CURSOR_ADVANCES = "list-cursor-advances", Server, Error:
        "A list names no cursor that it has used already.";
    LIST_PAGE_SIZE = "list-page-size", Server, Error:
        "No page has more users than the limit.";
    LISTED_USER_READABLE = "listed-user-readable", Server, Error:
        "A user that a list returned can be read until it is deleted.";
    DELETE_TAKES_EFFECT = "delete-takes-effect", Server, Error:
        "A user whose deletion was accepted ends up gone.";
    LINK_TAKES_EFFECT = "link-takes-effect", Server, Error:
        "A user that was linked to a tenant is in that tenant's list.";
    REPEAT_SAME_ANSWER = "repeat-same-answer", Server, Error:
        "An idempotent request that succeeded succeeds again while nobody writes in between.";
    TOKEN_HOST = "token-host", Client, Error:
        "A token is sent to no other host than the API's.";

    LIVE_MISSING_USER = "live-missing-user", Server, Error:
        "A user that can't exist is answered with 404.";
    LIVE_INVALID_TOKEN = "live-invalid-token", Server, Error:
        "An invalid token is answered with 401.";
    LIVE_BAD_LIMIT = "live-bad-limit", Server, Error:
        "A limit out of range is refused with a 4xx status, or brought into range.";
    LIVE_UNDOCUMENTED_METHOD = "live-undocumented-method", Server, Error:
        "A method that the document does not have is not answered with a success.";
    LIVE_NO_ANSWER = "live-no-answer", Server, Error:
        "Every request is answered.";
}

/// What findings about one exchange have in common.
pub(crate) struct Scene<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) exchange: &'a Exchange,
    pub(crate) operation: Option<&'a SpecOperation>,
    pub(crate) number: usize,
    pub(crate) left_out: Vec<LeftOut>,
}

impl Scene<'_> {
    /// Whether a recorder has left this out.
    pub(crate) fn lacks(&self, part: LeftOut) -> bool {
        self.left_out.contains(&part)
    }

    /// Whether the request has had a token, as far as anybody knows.
    fn has_token(&self) -> bool {
        let is_secured = self.operation.is_some_and(|operation| operation.is_secured);
        self.exchange.bearer_token().is_some() || (is_secured && self.lacks(LeftOut::Token))
    }

    pub(crate) fn finding(
        &self,
        rule: &Rule,
        pointer: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) -> Finding {
        Finding {
            rule: rule.id,
            severity: rule.severity,
            culprit: rule.culprit,
            operation: self.operation.map(|operation| operation.id.clone()),
            pointer: pointer.into(),
            expected: expected.into(),
            got: got.into(),
            reproduce: reproduce::command(self.exchange, self.operation, self.has_token()),
            exchange: self.number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_an_id_of_its_own_and_a_sentence() {
        let mut ids: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), RULES.len());
        assert!(RULES.iter().all(|rule| rule.sentence.ends_with('.')));
    }
}
