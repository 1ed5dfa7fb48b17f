use std::time::Duration;

use fastrand::Rng;

/// Something that goes wrong between a client and the API; see
/// [`MockAuthress::fail_next`](crate::MockAuthress::fail_next) and
/// [`MockAuthressBuilder::random_faults`](crate::MockAuthressBuilder::random_faults).
///
/// Unless said otherwise the request is carried out, whatever becomes of the answer. What changes
/// a body leaves answers without one as they are.
///
/// ```
/// use authress_users_contract::{Fault, MockAuthress};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = MockAuthress::builder().user("auth0|1").start().await?;
/// # let authress = authress_users_ext::AuthressClient::builder()
/// #     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// // Tried again until it works …
/// fake.fail_next("getUser", Fault::StatusWithRetryAfter(503, "0".to_owned()));
/// fake.fail_next("getUser", Fault::CutBody);
/// authress.users().get_user("auth0|1").await?;
///
/// // … and an answer that makes no sense is an error at once.
/// fake.fail_next("getUser", Fault::Html);
/// assert!(authress.users().get_user("auth0|1").await.is_err());
/// # fake.assert_conforming();
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Answers with this status (200 to 999) and an error's body; the request is not carried out.
    Status(u16),
    /// The same with a `Retry-After` header of this value: a number of seconds or a date.
    StatusWithRetryAfter(u16, String),
    /// Answers 401 as if the token's time were over; the request is not carried out.
    ExpiredToken,
    /// Sends the answer after this long.
    Delay(Duration),
    /// Resets the connection in place of an answer.
    ResetBeforeHeaders,
    /// Resets the connection behind the headers of the answer.
    ResetAfterHeaders,
    /// Closes the connection behind the first half of the body.
    CutBody,
    /// Sends the body in [`DRIPS`](Self::DRIPS) pieces, and waits this long before each.
    SlowDrip(Duration),
    /// Announces a body of so many bytes, and sends one until the client has had enough.
    ClaimedLength(u64),
    /// Sends a body without end and without saying how long it is.
    EndlessBody,
    /// Sends an HTML page in place of the body.
    Html,
    /// Compresses the body, whatever the client accepts.
    Gzip,
    /// Sends the body in chunks, without its length.
    Chunked,
    /// Names the first member of the body's object twice.
    DuplicateKeys,
    /// Puts a byte into the body that is not UTF-8.
    InvalidUtf8,
    /// Names the cursor that was asked for as the next one; changes no first page.
    RepeatedCursor,
}

impl Fault {
    /// How many pieces [`SlowDrip`](Self::SlowDrip) makes of a body.
    pub const DRIPS: usize = 16;

    /// Whether the answer is still the API's own word, only later or in pieces.
    pub(crate) fn is_harmless(&self) -> bool {
        matches!(self, Self::Delay(_) | Self::SlowDrip(_) | Self::Chunked)
    }

    /// One of the faults that are over within milliseconds.
    pub(crate) fn random(random: &mut Rng) -> Self {
        let moment = Duration::from_millis(random.u64(1..=2));
        match random.u8(0..18) {
            0 => Self::Status(408),
            1 => Self::Status(429),
            2 => Self::StatusWithRetryAfter(429, random.u8(0..3).to_string()),
            3 => Self::Status(500),
            4 => Self::Status(502),
            5 => Self::Status(503),
            6 => Self::StatusWithRetryAfter(503, random.u8(0..3).to_string()),
            7 => Self::Status(504),
            8 => Self::ExpiredToken,
            9 => Self::Delay(moment),
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
    fn a_seed_gives_the_same_faults_again() {
        let of = |seed| {
            let mut random = Rng::with_seed(seed);
            (0..100)
                .map(|_| Fault::random(&mut random))
                .collect::<Vec<_>>()
        };
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }
}
