//! The JSON bodies of the control.

use std::num::{NonZeroU16, NonZeroU64};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::error::InvalidInput;
use crate::mock::faults::Fault;
use crate::mock::limits::{RateLimit, RateLimitHeaders};
use crate::operation::Operation;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewUsers {
    /// Ids, or objects with a `userId`.
    pub(super) users: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewTenant {
    pub(super) tenant_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewLink {
    pub(super) tenant_id: String,
    pub(super) user_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Denial {
    operation: String,
}

impl Denial {
    pub(super) fn operation(&self) -> Result<Operation, InvalidInput> {
        self.operation.parse()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Advance {
    pub(super) seconds: u64,
}

/// A fault for the next exchanges of an operation, or for all exchanges for a time.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewFault {
    operation: Option<String>,
    /// The number of exchanges of the operation; once by default.
    pub(super) count: Option<NonZeroU16>,
    /// How long all exchanges have the fault.
    pub(super) seconds: Option<NonZeroU64>,
    fault: String,
    status: Option<u16>,
    retry_after: Option<String>,
    milliseconds: Option<u64>,
    bytes: Option<u64>,
}

impl NewFault {
    /// Returns the operation; none if all exchanges have the fault.
    pub(super) fn operation(&self) -> Result<Option<Operation>, InvalidInput> {
        self.operation.as_deref().map(str::parse).transpose()
    }

    pub(super) fn fault(&self) -> Result<Fault, InvalidInput> {
        let time = Duration::from_millis(self.milliseconds.unwrap_or_default());
        let fault = match self.fault.as_str() {
            "status" => {
                let status = self.status.unwrap_or(503);
                match &self.retry_after {
                    Some(value) => Fault::status_with_retry_after(status, value)?,
                    None => Fault::status(status)?,
                }
            }
            "expiredToken" => Fault::ExpiredToken,
            "delay" => Fault::Delay(time),
            "resetBeforeExecution" => Fault::ResetBeforeExecution,
            "resetBeforeHeaders" => Fault::ResetBeforeHeaders,
            "resetAfterHeaders" => Fault::ResetAfterHeaders,
            "cutBody" => Fault::CutBody,
            "slowDrip" => Fault::SlowDrip(time),
            "claimedLength" => Fault::ClaimedLength(self.bytes.unwrap_or_default()),
            "endlessBody" => Fault::EndlessBody,
            "html" => Fault::Html,
            "gzip" => Fault::Gzip,
            "chunked" => Fault::Chunked,
            "duplicateKeys" => Fault::DuplicateKeys,
            "invalidUtf8" => Fault::InvalidUtf8,
            "repeatedCursor" => Fault::RepeatedCursor,
            _ => return Err(InvalidInput::Fault),
        };
        let has_status = self.status.is_some() || self.retry_after.is_some();
        let is_timed = matches!(fault, Fault::Delay(_) | Fault::SlowDrip(_));
        let is_sized = matches!(fault, Fault::ClaimedLength(_));
        if (has_status && !matches!(fault, Fault::Status(_)))
            || self.milliseconds.is_some() != is_timed
            || self.bytes.is_some() != is_sized
        {
            return Err(InvalidInput::FaultMember);
        }
        Ok(fault)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewRateLimit {
    operation: Option<String>,
    requests_per_second: f64,
    burst: Option<u32>,
}

impl NewRateLimit {
    pub(super) fn limit(&self) -> Result<RateLimit, InvalidInput> {
        let rate = self.requests_per_second;
        let limit = match self.burst {
            Some(burst) => RateLimit::token_bucket(rate, burst)?,
            None => RateLimit::per_second(rate)?,
        };
        let limit = limit.headers(RateLimitHeaders::RetryAfterSeconds);
        Ok(match &self.operation {
            Some(id) => limit.operation(id.parse()?),
            None => limit,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_fault_has_a_name() {
        let time = Duration::from_millis(7);
        for (name, expected) in [
            ("status", Fault::status(503).unwrap()),
            ("expiredToken", Fault::ExpiredToken),
            ("delay", Fault::Delay(time)),
            ("resetBeforeExecution", Fault::ResetBeforeExecution),
            ("resetBeforeHeaders", Fault::ResetBeforeHeaders),
            ("resetAfterHeaders", Fault::ResetAfterHeaders),
            ("cutBody", Fault::CutBody),
            ("slowDrip", Fault::SlowDrip(time)),
            ("claimedLength", Fault::ClaimedLength(9)),
            ("endlessBody", Fault::EndlessBody),
            ("html", Fault::Html),
            ("gzip", Fault::Gzip),
            ("chunked", Fault::Chunked),
            ("duplicateKeys", Fault::DuplicateKeys),
            ("invalidUtf8", Fault::InvalidUtf8),
            ("repeatedCursor", Fault::RepeatedCursor),
        ] {
            let mut new = json!({ "fault": name });
            match expected {
                Fault::Delay(_) | Fault::SlowDrip(_) => new["milliseconds"] = 7.into(),
                Fault::ClaimedLength(_) => new["bytes"] = 9.into(),
                _ => {}
            }
            let new: NewFault = serde_json::from_value(new).unwrap();
            assert_eq!(new.fault(), Ok(expected), "{name}");
        }
        let new = json!({ "fault": "status", "status": 429, "retryAfter": "7" });
        let new: NewFault = serde_json::from_value(new).unwrap();
        assert_eq!(new.fault(), Fault::status_with_retry_after(429, "7"));
    }

    #[test]
    fn members_of_other_faults_are_rejected() {
        for new in [
            json!({ "fault": "html", "status": 503 }),
            json!({ "fault": "delay", "milliseconds": 7, "retryAfter": "7" }),
            json!({ "fault": "status", "milliseconds": 7 }),
            json!({ "fault": "cutBody", "bytes": 9 }),
            json!({ "fault": "delay" }),
            json!({ "fault": "slowDrip", "bytes": 9 }),
            json!({ "fault": "claimedLength" }),
        ] {
            let shown = new.to_string();
            let new: NewFault = serde_json::from_value(new).unwrap();
            assert_eq!(new.fault(), Err(InvalidInput::FaultMember), "{shown}");
        }
    }
}
