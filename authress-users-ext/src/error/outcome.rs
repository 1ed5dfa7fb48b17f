use http::StatusCode;

/// What the API did with the requests of a call, as far as the client observed it.
///
/// See [`Error::outcome`](crate::Error::outcome). A call that sent several requests has the last of
/// these variants that one of them had: a request that was perhaps carried out counts more than one
/// that was rejected.
///
/// | observed | outcome |
/// |---|---|
/// | nothing was sent, the connection or its TLS handshake was not established, or the HTTP/2 server refused the request unprocessed | `NotSent` |
/// | a status from 400 to 499, 501 or 505 | `Rejected` |
/// | no response, or a status that does not say what was done | `Unknown` |
/// | a status from 200 to 299, also if the body is invalid, too large or incomplete | `Done` |
///
/// The statuses in detail:
///
/// | status | outcome | reason |
/// |---|---|---|
/// | 408 | `Rejected` | the server did not receive the whole request (RFC 9110) |
/// | 429 | `Rejected` | the API limits the rate before it processes a request (RFC 6585) |
/// | 500 | `Unknown` | the API failed at some point while it processed the request |
/// | 501, 505 | `Rejected` | the server does not support the method or the HTTP version |
/// | 502, 504 | `Unknown` | the gateway got no valid or no timely response, but the API may have got the request |
/// | 503 | `Unknown` | gateways also return it if the API closes the connection after it got the request |
/// | 520 to 524, 530 | `Unknown` | no standard defines them, and most are also used after the request was forwarded |
/// | 300 to 399, 506 and above | `Unknown` | the API does not document them |
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The API has not processed a request: none was sent, or none was accepted for processing.
    #[default]
    NotSent,
    /// The API responded that it did not carry out the request.
    Rejected,
    /// A request was sent, and the API may have carried it out.
    Unknown,
    /// The API responded that it carried out the request.
    Done,
}

impl Outcome {
    /// The outcome of a request that got a response with this status.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            200..=299 => Self::Done,
            400..=499 | 501 | 505 => Self::Rejected,
            _ => Self::Unknown,
        }
    }

    /// Whether the request was or may have been carried out.
    pub(crate) fn is_possibly_done(self) -> bool {
        self >= Self::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_the_outcome_of_the_table() {
        for (statuses, expected) in [
            (&[200, 202, 204, 206, 299][..], Outcome::Done),
            (
                &[400, 401, 403, 404, 408, 409, 429, 499, 501, 505],
                Outcome::Rejected,
            ),
            (
                &[302, 303, 304, 500, 502, 503, 504, 506, 599, 999],
                Outcome::Unknown,
            ),
            (&[520, 521, 522, 523, 524, 530], Outcome::Unknown),
        ] {
            for status in statuses {
                let status = StatusCode::from_u16(*status).unwrap();
                assert_eq!(Outcome::of_status(status), expected, "{status}");
            }
        }
    }

    #[test]
    fn a_request_that_was_perhaps_carried_out_counts_most() {
        let all = [
            Outcome::NotSent,
            Outcome::Rejected,
            Outcome::Unknown,
            Outcome::Done,
        ];
        assert!(all.is_sorted());
        assert_eq!(
            all.map(Outcome::is_possibly_done),
            [false, false, true, true]
        );
    }
}
