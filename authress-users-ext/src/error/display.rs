//! The text of errors. It never shows a body, a token, a key or an id.

use std::error::Error as StdError;
use std::fmt;

use authress_users_client::operations::Operation;
use http::StatusCode;

use super::duration::Readable;
use super::error::Error;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.inner();
        let no_retry = inner.no_retry.filter(|reason| reason.is_shown());
        if let Some(operation) = inner.operation {
            write!(f, "{}: ", operation.id)?;
        }
        let status = self.status();
        if let Some(status) = status {
            write!(f, "{status}")?;
        }
        if self.attempts() > 1 {
            let space = if status.is_some() { " " } else { "" };
            let (attempts, elapsed) = (self.attempts(), Readable(self.elapsed()));
            write!(f, "{space}after {attempts} attempts in {elapsed}")?;
        }
        if status.is_some() || self.attempts() > 1 {
            f.write_str(": ")?;
        }
        if let Some(setting) = inner.setting {
            write!(f, "invalid {setting}: ")?;
        }
        match status.filter(|_| self.kind().is_status()) {
            Some(status) => {
                Meaning(inner.operation, status).fmt(f)?;
                if let Some(skew) = inner.clock_skew {
                    write!(f, "; {skew}, so set the clock")?;
                }
                if no_retry.is_none() {
                    write!(f, "; {}", advice(inner.operation, status))?;
                }
            }
            None => f.write_str(&inner.message)?,
        }
        match no_retry {
            Some(reason) => write!(f, "; not retried because {reason}"),
            None => Ok(()),
        }
    }
}

/// What a status means: the description in the spec as a clause, if there is one.
struct Meaning(Option<&'static Operation>, StatusCode);

impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(operation, status) = self;
        let documented = operation.and_then(|operation| operation.response(status.as_u16()));
        if let Some(response) = documented {
            let text = response.description.trim_end_matches('.');
            let mut rest = text.chars();
            let first = rest.next();
            // An abbreviation keeps its capitals.
            return match first.filter(|_| !rest.as_str().starts_with(char::is_uppercase)) {
                Some(first) => write!(f, "{}{}", first.to_lowercase(), rest.as_str()),
                None => f.write_str(text),
            };
        }
        f.write_str(match status.as_u16() {
            429 => "rate limited",
            500.. => "the API failed",
            300..=303 | 305..=399 => "redirects are not followed",
            _ => "the spec does not name this status",
        })
    }
}

fn advice(operation: Option<&Operation>, status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => {
            "check that the credential belongs to this account and is valid; a new access key takes \
             up to five minutes"
        }
        403 => "grant the caller the permission",
        404 if operation.is_some_and(|operation| operation.path.contains("{tenantId}")) => {
            "check both ids and api_url"
        }
        404 if operation.is_some_and(|operation| operation.path.contains("{userId}")) => {
            "check the user id and api_url"
        }
        404 => "check the cursor and api_url",
        429 => "retry later",
        500.. => "retry later, or send error_id() to the provider's support",
        300..=303 | 305..=399 => "check api_url",
        304 => "check default_headers and middleware, which may make the request conditional",
        _ => "check the values and api_url",
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("operation", &self.operation())
            .field("status", &self.status())
            .field("attempts", &self.attempts())
            .field("elapsed", &self.elapsed())
            .field("setting", &self.inner().setting)
            .field("message", &self.inner().message)
            .field("source", &self.inner().source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner().source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use authress_users_client::RawResponse;
    use authress_users_client::operations::{GET_USER, GET_USERS, LINK_TENANT_USER};

    use super::super::{ErrorKind, NoRetry};
    use super::*;

    fn of_status(operation: &'static Operation, status: u16) -> Error {
        let response = RawResponse::new(
            StatusCode::from_u16(status).unwrap(),
            http::HeaderMap::new(),
            bytes::Bytes::new(),
        );
        Error::of_response(operation, response, UNIX_EPOCH)
    }

    #[test]
    fn names_operation_status_meaning_and_advice() {
        for (error, expected) in [
            (
                of_status(&GET_USER, 404),
                "getUser: 404 Not Found: the user does not exist; check the user id and api_url",
            ),
            (
                of_status(&GET_USERS, 404),
                "getUsers: 404 Not Found: the page does not exist; check the cursor and api_url",
            ),
            (
                of_status(&LINK_TENANT_USER, 404),
                "linkTenantUser: 404 Not Found: the tenant or the user does not exist; check both \
                 ids and api_url",
            ),
            (
                of_status(&GET_USERS, 429).with_no_retry(Some(NoRetry::Budget)),
                "getUsers: 429 Too Many Requests: rate limited; not retried because the retry \
                 budget is exhausted",
            ),
            (
                of_status(&GET_USERS, 429)
                    .with_no_retry(Some(NoRetry::RetryAfter(Duration::from_secs(603)))),
                "getUsers: 429 Too Many Requests: rate limited; not retried because Retry-After \
                 (603 s) exceeds the remaining deadline",
            ),
            (
                of_status(&GET_USERS, 503).with_attempts(4, Duration::from_millis(700)),
                "getUsers: 503 Service Unavailable after 4 attempts in 700 ms: the API is \
                 temporarily unavailable; retry later, or send error_id() to the provider's support",
            ),
            (
                of_status(&GET_USER, 302),
                "getUser: 302 Found: redirects are not followed; check api_url",
            ),
            (
                of_status(&GET_USER, 304),
                "getUser: 304 Not Modified: the spec does not name this status; check default_headers \
                 and middleware, which may make the request conditional",
            ),
            (
                of_status(&GET_USER, 201),
                "getUser: 201 Created: the spec does not name this status; check the values and \
                 api_url",
            ),
            (
                Error::new(ErrorKind::Connect, "could not connect to the API"),
                "could not connect to the API",
            ),
            (
                Error::invalid_setting("api_url", "it is empty"),
                "invalid api_url: it is empty",
            ),
        ] {
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn debug_names_the_invalid_setting() {
        let error = Error::invalid_setting("api_url", "it is empty");
        assert!(format!("{error:?}").contains(r#"setting: Some("api_url")"#));
    }
}
