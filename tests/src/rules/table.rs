//! The table of rules.

use crate::finding::{Party, Rule, Severity};

macro_rules! rules {
    ($($name:ident = $id:literal, $party:ident, $severity:ident: $summary:literal;)*) => {
        $(pub(crate) static $name: Rule = Rule {
            id: $id,
            party: Party::$party,
            severity: Severity::$severity,
            summary: $summary,
        };)*

        /// The rules that traffic is validated against.
        ///
        /// ```
        /// for rule in authress_users_contract::RULES {
        ///     println!("{} ({}): {}", rule.id, rule.party, rule.summary);
        /// }
        /// ```
        pub static RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    REQUEST_OPERATION = "request-operation", Client, Error:
        "Method and path of a request match an operation of the spec.";
    REQUEST_DOT_SEGMENT = "request-dot-segment", Client, Error:
        "No path segment is `.` or `..`, encoded or not, because URL parsers remove it.";
    REQUEST_ENCODING = "request-encoding", Client, Error:
        "Path and query are percent-encoded UTF-8.";
    REQUEST_QUERY_DECLARED = "request-query-declared", Client, Error:
        "The spec declares every query parameter.";
    REQUEST_QUERY_REPEATED = "request-query-repeated", Client, Error:
        "No query parameter is repeated.";
    REQUEST_PARAMETER_REQUIRED = "request-parameter-required", Client, Error:
        "Every required parameter is present.";
    REQUEST_PARAMETER_VALID = "request-parameter-valid", Client, Error:
        "Every parameter is valid against its schema.";
    REQUEST_TOKEN = "request-token", Client, Error:
        "A request has exactly one bearer token, which is a JWT.";
    REQUEST_ACCESS_KEY = "request-access-key", Client, Error:
        "No request contains an access key.";
    REQUEST_ACCEPT = "request-accept", Client, Error:
        "`Accept` includes every media type of the documented successful responses.";
    REQUEST_CONTENT_TYPE = "request-content-type", Client, Error:
        "A request body has exactly a media type of the spec.";
    REQUEST_BODY_MISSING = "request-body-missing", Client, Error:
        "A required request body is present.";
    REQUEST_BODY_UNDECLARED = "request-body-undeclared", Client, Error:
        "A request has no body unless the spec declares one.";
    REQUEST_BODY_VALID = "request-body-valid", Client, Error:
        "A request body is JSON that is valid against its schema.";
    REQUEST_BODY_UNKNOWN_MEMBER = "request-body-unknown-member", Client, Error:
        "A request body has only members that the spec declares.";
    REQUEST_BODY_READ_ONLY = "request-body-read-only", Client, Error:
        "A request body has no read-only member.";
    REQUEST_SURROGATE = "request-unpaired-surrogate", Client, Note:
        "No string of a request body has an unpaired surrogate.";
    REQUEST_HEADER_DECLARED = "request-header-declared", Client, Note:
        "Every request header is declared by the spec or standard.";

    RESPONSE_STATUS = "response-status", Server, Error:
        "The status is documented for the operation.";
    RESPONSE_ASSUMED_STATUS = "response-assumed-status", Server, Note:
        "The status is documented and not only assumed.";
    RESPONSE_FAILURE = "response-failure", Server, Error:
        "No response has an assumed 5xx status, nor an assumed 400 or 404 to a valid request.";
    RESPONSE_MEDIA_TYPE = "response-media-type", Server, Error:
        "A response body has exactly a media type of the spec.";
    RESPONSE_BODY_MISSING = "response-body-missing", Server, Error:
        "A documented response body is present.";
    RESPONSE_BODY_UNDECLARED = "response-body-undeclared", Server, Error:
        "A response has no body unless the spec declares one.";
    RESPONSE_UTF8 = "response-utf8", Server, Error:
        "A JSON body is UTF-8.";
    RESPONSE_JSON = "response-json", Server, Error:
        "A JSON body is well-formed.";
    RESPONSE_JSON_RANGE = "response-json-range", Server, Error:
        "Numbers of a JSON body fit a double, and its values are nested at most 127 deep.";
    RESPONSE_SURROGATE = "response-unpaired-surrogate", Server, Note:
        "No string of a response body has an unpaired surrogate.";
    RESPONSE_DUPLICATE_NAME = "response-duplicate-name", Server, Error:
        "No object of a JSON body repeats a member.";
    RESPONSE_BODY_VALID = "response-body-valid", Server, Error:
        "A response body is valid against its schema.";
    RESPONSE_FORMAT = "response-format", Server, Error:
        "A string with a format has that format.";
    RESPONSE_WRITE_ONLY = "response-write-only", Server, Error:
        "A response body has no write-only member.";
    RESPONSE_HEADER = "response-header", Server, Error:
        "Every required response header is present, and every documented one is valid.";
    RESPONSE_UNKNOWN_MEMBER = "response-unknown-member", Server, Note:
        "A response body has only members that the spec declares.";

    LIST_CURSOR_VERBATIM = "list-cursor-verbatim", Client, Error:
        "A cursor is sent exactly as the server returned it.";
    LIST_PARAMETERS_STABLE = "list-parameters-stable", Client, Error:
        "The other parameters of a list stay the same on all its pages.";
    LIST_CURSOR_ADVANCES = "list-cursor-advances", Server, Error:
        "A list never returns the cursor of an earlier request.";
    LIST_PAGE_SIZE = "list-page-size", Server, Error:
        "No page has more users than the limit.";
    LISTED_USER_READABLE = "listed-user-readable", Server, Error:
        "A user that a list returned can be read until it is deleted.";
    DELETE_TAKES_EFFECT = "delete-takes-effect", Server, Error:
        "A user whose deletion was accepted eventually no longer exists.";
    LINK_TAKES_EFFECT = "link-takes-effect", Server, Error:
        "A user that was linked to a tenant is in the list of that tenant.";
    REPEAT_SAME_RESPONSE = "repeat-same-response", Server, Error:
        "An idempotent request that succeeded succeeds again if nothing was written in between.";
    TOKEN_HOST = "token-host", Client, Error:
        "A token is sent only to the API's host.";

    LIVE_MISSING_USER = "live-missing-user", Server, Error:
        "A request for a user that does not exist gets a 404.";
    LIVE_INVALID_TOKEN = "live-invalid-token", Server, Error:
        "A request with an invalid token gets a 401.";
    LIVE_BAD_LIMIT = "live-bad-limit", Server, Error:
        "A limit out of range is rejected with a 4xx status or clamped.";
    LIVE_UNDOCUMENTED_METHOD = "live-undocumented-method", Server, Error:
        "A request with an undocumented method does not succeed.";
    LIVE_USER_ID = "live-user-id", Server, Error:
        "No user has an empty id.";
    LIVE_USER_IDENTITY = "live-user-identity", Server, Error:
        "A user that is read has the requested id and the values of the list.";
    LIVE_LIST_COMPLETE = "live-list-complete", Server, Error:
        "A list has the same users whatever its limit.";
    LIVE_LIST_ENDS = "live-list-ends", Server, Error:
        "A list has a last page.";
    LIVE_LIST_UNIQUE = "live-list-unique", Server, Error:
        "A list has every user once.";
    LIVE_LIST_LIMIT = "live-list-limit", Server, Error:
        "A larger limit returns more users per page if there are more.";
    LIVE_NEXT_LINK = "live-next-link", Server, Error:
        "`links.next` leads to the page of `pagination.next`.";
    LIVE_FILTER = "live-filter", Server, Error:
        "A filter selects the users with a string that contains it, ignoring case, on all pages.";
    LIVE_TENANT = "live-tenant", Server, Error:
        "A list by tenant has the users of this tenant, on all pages.";
    LIVE_LINK_SCOPE = "live-link-scope", Server, Error:
        "A link adds one user to the tenant and changes no other.";
    LIVE_DELETE_SCOPE = "live-delete-scope", Server, Error:
        "A deletion removes no other user from the account or a list.";
    LIVE_MISSING_TENANT = "live-missing-tenant", Server, Error:
        "A link to a tenant that does not exist gets a 404.";
    LIVE_UNKNOWN_CURSOR = "live-unknown-cursor", Server, Error:
        "An unknown cursor is rejected with a 4xx status, or selects no users.";
    LIVE_LONG_FILTER = "live-long-filter", Server, Error:
        "A filter of 64 characters is accepted, and a longer one is rejected with a 4xx status.";
    LIVE_INVALID_BODY = "live-invalid-body", Server, Error:
        "A body that the spec does not allow is rejected with a 4xx status.";
    LIVE_ENCODING = "live-encoding", Server, Error:
        "Ids and filters are percent-decoded once, and ids are compared exactly.";
    LIVE_DOUBLE_ENCODING = "live-double-encoding", Server, Error:
        "Strings are encoded as UTF-8 once.";
    LIVE_CONTENT_ENCODING = "live-content-encoding", Server, Error:
        "A response has no content encoding if the request accepts none.";
    LIVE_BODY_SIZE = "live-body-size", Server, Error:
        "A response body has at most 16 MiB.";
    LIVE_SAFE_METHOD = "live-safe-method", Server, Error:
        "HEAD and OPTIONS cause no 5xx status, except 501.";
    LIVE_UNAVAILABLE = "live-unavailable", Server, Error:
        "The server is available after the `Retry-After` of its 429 or 503.";
    LIVE_UNDECIDED = "live-undecided", Server, Note:
        "No other client changes the account during the run.";
    LIVE_WRITE_FAILED = "live-write-failed", Server, Error:
        "A write that was requested for an existing user and tenant succeeds.";
    LIVE_NO_RESPONSE = "live-no-response", Server, Error:
        "Every request gets a response.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_have_unique_ids_and_a_summary() {
        let mut ids: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), RULES.len());
        assert!(RULES.iter().all(|rule| rule.summary.ends_with('.')));
    }
}
