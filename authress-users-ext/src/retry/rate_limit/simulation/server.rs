//! Model servers that limit the rate.

/// How a server counts requests.
#[derive(Clone)]
pub(super) enum Server {
    Bucket {
        rate: f64,
        burst: f64,
        level: f64,
        at: f64,
    },
    Window {
        rate: f64,
        span: f64,
        start: f64,
        count: f64,
    },
}

impl Server {
    pub(super) fn bucket(rate: f64, burst: f64, now: f64) -> Self {
        let level = burst;
        Self::Bucket {
            rate,
            burst,
            level,
            at: now,
        }
    }

    pub(super) fn window(rate: f64, span: f64) -> Self {
        Self::Window {
            rate,
            span,
            start: -span,
            count: 0.0,
        }
    }

    pub(super) fn allows(&mut self, now: f64) -> bool {
        match self {
            Self::Bucket {
                rate,
                burst,
                level,
                at,
            } => {
                *level = burst.min(*level + (now - *at) * *rate);
                *at = now;
                let allows = *level >= 1.0;
                *level -= f64::from(u8::from(allows));
                allows
            }
            Self::Window {
                rate,
                span,
                start,
                count,
            } => {
                let current = (now / *span).floor() * *span;
                if current > *start {
                    (*start, *count) = (current, 0.0);
                }
                *count += 1.0;
                *count <= *rate * *span
            }
        }
    }

    pub(super) fn reset_in(&self, now: f64) -> f64 {
        match self {
            Self::Bucket { rate, level, .. } => ((1.0 - level) / rate).max(0.0),
            Self::Window { span, start, .. } => start + span - now,
        }
    }
}

/// Makes a server with a rate.
pub(super) type MakeServer = fn(f64) -> Server;

/// What a 429 says about the wait, in seconds; 0 for nothing.
pub(super) type Hint = fn(&Server, f64) -> f64;

pub(super) const NO_HINT: Hint = |_, _| 0.0;
pub(super) const RETRY_AFTER_1: Hint = |_, _| 1.0;
pub(super) const EXACT: Hint = |server, now| server.reset_in(now);
