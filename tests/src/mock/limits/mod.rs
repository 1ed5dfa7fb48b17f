//! Rate limits, and the headers that tell clients about them.

mod limiter;
mod rate_limit;
mod rate_limit_headers;
mod request_counts;

pub(crate) use limiter::{Admission, Limiter};

pub use rate_limit::RateLimit;
pub use rate_limit_headers::RateLimitHeaders;
pub use request_counts::RequestCounts;
