use std::time::Duration;

use fastrand::Rng;
use http::{HeaderValue, StatusCode, header};

use crate::error::InvalidInput;
use crate::mock::stub_response::StubResponse;

/// A fault between a client and the API.
///
/// Injected by [`MockAuthress::fail_next`](crate::MockAuthress::fail_next) and
/// [`MockAuthressBuilder::random_faults`](crate::MockAuthressBuilder::random_faults). Unless a
/// variant states otherwise, the fake executes the request before the fault happens. Faults of the
/// body do not change a response without a body.
///
/// ```
/// use authress_users_contract::{Fault, MockAuthress, Operation};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fake = MockAuthress::builder().user("auth0|1").strict().start().await?;
/// let authress = authress_users_ext::AuthressClient::builder()
///     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// // The client retries these …
/// fake.fail_next(Operation::GetUser, Fault::status_with_retry_after(503, "0")?);
/// fake.fail_next(Operation::GetUser, Fault::CutBody);
/// authress.users().get_user("auth0|1").await?;
///
/// // … and returns an error for an invalid response.
/// fake.fail_next(Operation::GetUser, Fault::Html);
/// assert!(authress.users().get_user("auth0|1").await.is_err());
/// fake.assert_no_findings();
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "chaos")]
pub enum Fault {
    /// Responds with an error status; the request is not executed. Created by
    /// [`Fault::status`] and [`Fault::status_with_retry_after`].
    Status(StatusFault),
    /// Responds with 401 as if the token had expired; the request is not executed.
    ExpiredToken,
    /// Delays the response by this time.
    Delay(Duration),
    /// Resets the connection in place of a response; the request is not executed.
    ResetBeforeExecution,
    /// Resets the connection in place of a response.
    ResetBeforeHeaders,
    /// Resets the connection after the headers of the response.
    ResetAfterHeaders,
    /// Closes the connection after the first half of the body.
    CutBody,
    /// Sends the body in [`DRIPS`](Self::DRIPS) pieces, with this pause before each.
    SlowDrip(Duration),
    /// Announces a body of this many bytes and sends that many.
    ClaimedLength(u64),
    /// Sends an endless body without announcing its length.
    EndlessBody,
    /// Sends an HTML page as the body.
    Html,
    /// Compresses the body with gzip, whether or not the client accepts it.
    Gzip,
    /// Sends the body with chunked transfer encoding.
    Chunked,
    /// Repeats the first member of the JSON object in the body.
    DuplicateKeys,
    /// Inserts a byte into the body that is not UTF-8.
    InvalidUtf8,
    /// Returns the requested cursor as the next cursor; first pages are not changed.
    RepeatedCursor,
}

/// The status and `Retry-After` header of [`Fault::Status`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusFault {
    status: StatusCode,
    retry_after: Option<HeaderValue>,
}

impl StatusFault {
    pub(crate) fn new(status: u16) -> Result<Self, InvalidInput> {
        StubResponse::new(status).map(|response| Self::from_status(response.status))
    }

    pub(crate) fn from_status(status: StatusCode) -> Self {
        Self {
            status,
            retry_after: None,
        }
    }

    /// Returns the response without a body.
    pub(crate) fn response(&self) -> StubResponse {
        let response = StubResponse::from_status(self.status);
        match &self.retry_after {
            Some(value) => response.with_header(header::RETRY_AFTER, value.clone()),
            None => response,
        }
    }
}

impl Fault {
    /// How many pieces [`SlowDrip`](Self::SlowDrip) splits a body into.
    pub const DRIPS: usize = 16;

    /// Returns a fault that responds with this status and a documented error body.
    ///
    /// # Errors
    /// [`InvalidInput::Status`] if `status` is not between 200 and 999.
    pub fn status(status: u16) -> Result<Self, InvalidInput> {
        StatusFault::new(status).map(Self::Status)
    }

    /// Returns a fault like [`status`](Self::status), with a `Retry-After` header.
    ///
    /// `retry_after` is a number of seconds or an HTTP date; it is sent as given.
    ///
    /// # Errors
    /// [`InvalidInput::Status`] if `status` is not between 200 and 999, and
    /// [`InvalidInput::Header`] if `retry_after` is not allowed in a header.
    pub fn status_with_retry_after(status: u16, retry_after: &str) -> Result<Self, InvalidInput> {
        let retry_after = HeaderValue::try_from(retry_after).map_err(|_| InvalidInput::Header)?;
        Ok(Self::Status(StatusFault {
            retry_after: Some(retry_after),
            ..StatusFault::new(status)?
        }))
    }

    /// Returns whether the response stays valid: delayed or split, but not changed.
    pub(crate) fn keeps_response(&self) -> bool {
        matches!(self, Self::Delay(_) | Self::SlowDrip(_) | Self::Chunked)
    }

    /// Returns one of the faults that take only milliseconds.
    pub(crate) fn random(random: &mut Rng) -> Self {
        let status = |status, retry_after: Option<u16>| {
            Self::Status(StatusFault {
                status,
                retry_after: retry_after.map(HeaderValue::from),
            })
        };
        let delay = Duration::from_millis(random.u64(1..=2));
        match random.u8(0..18) {
            0 => status(StatusCode::REQUEST_TIMEOUT, None),
            1 => status(StatusCode::TOO_MANY_REQUESTS, None),
            2 => status(StatusCode::TOO_MANY_REQUESTS, Some(random.u16(0..3))),
            3 => status(StatusCode::INTERNAL_SERVER_ERROR, None),
            4 => status(StatusCode::BAD_GATEWAY, None),
            5 => status(StatusCode::SERVICE_UNAVAILABLE, None),
            6 => status(StatusCode::SERVICE_UNAVAILABLE, Some(random.u16(0..3))),
            7 => status(StatusCode::GATEWAY_TIMEOUT, None),
            8 => Self::ExpiredToken,
            9 => Self::Delay(delay),
            10 => Self::ResetBeforeHeaders,
            11 => Self::ResetAfterHeaders,
            12 => Self::CutBody,
            13 => Self::SlowDrip(Duration::from_micros(50)),
            14 => [Self::Html, Self::Gzip][random.usize(0..2)].clone(),
            15 => Self::Chunked,
            16 => [Self::DuplicateKeys, Self::InvalidUtf8][random.usize(0..2)].clone(),
            _ => Self::RepeatedCursor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_faults() {
        let of = |seed| {
            let mut random = Rng::with_seed(seed);
            (0..100)
                .map(|_| Fault::random(&mut random))
                .collect::<Vec<_>>()
        };
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn invalid_statuses_are_rejected_when_the_fault_is_created() {
        for status in [0, 100, 1000] {
            assert_eq!(Fault::status(status), Err(InvalidInput::Status(status)));
        }
        assert_eq!(
            Fault::status_with_retry_after(429, "a\nb"),
            Err(InvalidInput::Header)
        );
    }
}
