//! What happens in one simulation: the calls, the faults and the limits that a seed determines.

use std::time::Duration;

use super::deviations::{Deviations, UserForm};
use super::limit::{Counting, Hint, RateLimit};
use super::network::{Conditions, Fault, Outage};
use super::random::Random;
use super::time::Skew;
use crate::retry::RetryPolicy;

/// The users that calls name.
pub(super) const USERS: usize = 12;

/// One simulation.
pub(super) struct Schedule {
    pub(super) conditions: Conditions,
    pub(super) rate_limit: Option<RateLimit>,
    pub(super) deviations: Deviations,
    /// The users of the list.
    pub(super) list: Vec<UserForm>,
    pub(super) deletion_delay: Duration,
    pub(super) concurrency: usize,
    pub(super) policy: RetryPolicy,
    pub(super) lateness: Duration,
    pub(super) skew: Skew,
    pub(super) tokens: Tokens,
    /// When the server revokes the tokens that it has seen.
    pub(super) revocations: Vec<Duration>,
    pub(super) calls: Vec<Call>,
}

/// What the client obtains its tokens from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tokens {
    AccessKey,
    /// A provider that takes some time and fails or panics with these probabilities.
    Provider {
        fails: f64,
        panics: f64,
        is_cached: bool,
    },
}

/// One call of the client.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    pub(super) start: Duration,
    pub(super) action: CallAction,
    /// When the call is dropped, if it has not ended.
    pub(super) drop_after: Option<Duration>,
    /// After which time the call is not polled, and for how long.
    pub(super) pause: Option<(Duration, Duration)>,
}

impl Call {
    pub(super) fn new(start: Duration, action: CallAction) -> Self {
        Self {
            start,
            action,
            drop_after: None,
            pause: None,
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum CallAction {
    Get(usize),
    Delete(usize),
    Link(usize),
    List {
        page_size: u32,
        prefetch: Option<usize>,
    },
    Bulk(Bulk),
}

/// A bulk operation on consecutive users.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bulk {
    pub(super) operation: BulkOperation,
    pub(super) first_user: usize,
    pub(super) items: usize,
    pub(super) concurrency: usize,
    pub(super) deadline: Duration,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum BulkOperation {
    Get,
    Delete,
    Link,
}

impl Bulk {
    /// The user of an item, and the action on it.
    pub(super) fn action(&self, index: usize) -> CallAction {
        let user = (self.first_user + index) % USERS;
        match self.operation {
            BulkOperation::Get => CallAction::Get(user),
            BulkOperation::Delete => CallAction::Delete(user),
            BulkOperation::Link => CallAction::Link(user),
        }
    }
}

/// The number of an item of a bulk operation, which no other call has.
pub(super) fn item_number(call: usize, index: usize) -> usize {
    1_000 * (call + 1) + index
}

impl Schedule {
    /// Calls without any fault.
    pub(super) fn without_faults(calls: Vec<Call>) -> Self {
        Self {
            conditions: Conditions::healthy(),
            rate_limit: None,
            deviations: Deviations::default(),
            list: Vec::new(),
            deletion_delay: Duration::ZERO,
            concurrency: 8,
            policy: RetryPolicy::default(),
            lateness: Duration::ZERO,
            skew: Skew::Ahead(Duration::ZERO),
            tokens: Tokens::AccessKey,
            revocations: Vec::new(),
            calls,
        }
    }

    /// The schedule that `random` determines.
    pub(super) fn new(random: &mut Random) -> Self {
        let calls = match random.number(0..10) {
            0..6 => random.number(1..6),
            6..9 => random.number(6..16),
            _ => random.number(16..32),
        };
        let span = random.pick(&[1, 100, 2_000, 20_000]);
        let drops = random.pick(&[0.0, 0.0, 0.1, 0.4]);
        let pauses = random.pick(&[0.0, 0.0, 0.2]);
        Self {
            conditions: conditions(random),
            rate_limit: random.chance(0.3).then(|| rate_limit(random)),
            deviations: deviations(random),
            list: list(random),
            deletion_delay: random.milliseconds(0..2_000),
            concurrency: random.number(1..9),
            policy: policy(random),
            lateness: Duration::from_millis(random.pick(&[0, 1, 2])),
            skew: skew(random),
            tokens: tokens(random),
            revocations: if random.chance(0.2) {
                vec![random.milliseconds(1..10_000)]
            } else {
                Vec::new()
            },
            calls: (0..calls)
                .map(|_| call(random, span, drops, pauses))
                .collect(),
        }
    }
}

fn conditions(random: &mut Random) -> Conditions {
    let mut conditions = Conditions::healthy();
    conditions.latency = random.pick(&[(1, 2), (5, 30), (20, 200), (1, 3_000)]);
    conditions.retry_after = random.chance(0.3).then(|| random.pick(&[0, 1, 2, 5, 40]));
    if random.chance(0.7) {
        let share = random.pick(&[0.02, 0.1, 0.3, 0.6]);
        for fault in [
            Fault::Refused,
            Fault::Unprocessed,
            Fault::RequestLost,
            Fault::ClosedBefore,
            Fault::ResponseLost,
            Fault::ClosedAfter,
            Fault::BodyCut,
            Fault::OtherUser,
            Fault::StatusBefore(503),
            Fault::StatusAfter(random.pick(&[500, 502, 503, 504, 524])),
        ] {
            if random.chance(0.4) {
                conditions.faults.push((share / 3.0, fault));
            }
        }
    }
    if random.chance(0.3) {
        let from = random.milliseconds(0..3_000);
        conditions.outages.push(Outage {
            from,
            until: from + random.milliseconds(1..10_000),
            fault: random.pick(&[
                Fault::Refused,
                Fault::RequestLost,
                Fault::ResponseLost,
                Fault::ClosedAfter,
                Fault::Unprocessed,
                Fault::StatusAfter(504),
                Fault::StatusBefore(500),
                Fault::StatusBefore(503),
            ]),
            retry_after: random.chance(0.5).then(|| random.pick(&[0, 1, 3])),
        });
    }
    conditions
}

fn deviations(random: &mut Random) -> Deviations {
    if random.chance(0.5) {
        return Deviations::default();
    }
    Deviations {
        read: random.pick(&[200, 203]),
        delete: random.pick(&[200, 201, 202, 204]),
        link: random.pick(&[200, 201, 204]),
        user: random.pick(&[UserForm::WellFormed, UserForm::CutName]),
    }
}

fn list(random: &mut Random) -> Vec<UserForm> {
    let deviating = random.pick(&[0.0, 0.0, 0.1, 0.5]);
    let users = random.number(0..30);
    let form = |_| {
        if !random.chance(deviating) {
            return UserForm::WellFormed;
        }
        random.pick(&[
            UserForm::CutName,
            UserForm::NumberAsName,
            UserForm::WithoutId,
        ])
    };
    (0..users).map(form).collect()
}

fn rate_limit(random: &mut Random) -> RateLimit {
    let rate = random.pick(&[1.0, 5.0, 20.0, 100.0]);
    let counting = match random.number(0..3) {
        0 => Counting::Bucket(rate),
        1 => Counting::Bucket(1.0),
        _ => Counting::Window(Duration::from_secs(1)),
    };
    let hint = random.pick(&[
        Hint::None,
        Hint::RetryAfter(0),
        Hint::RetryAfter(1),
        Hint::RetryAfter(7),
        Hint::ExactSeconds,
        Hint::ExactDate,
        Hint::ExactReset,
    ]);
    RateLimit::new(rate, counting, hint, Duration::ZERO)
}

fn policy(random: &mut Random) -> RetryPolicy {
    let policy = RetryPolicy::default();
    match random.number(0..6) {
        0..2 => return policy,
        2 => return RetryPolicy::batch().deadline(random.milliseconds(100..600_000)),
        _ => {}
    }
    policy
        .attempts(random.pick(&[1, 2, 3, 6, 20]))
        .attempt_timeout(random.milliseconds(20..10_000))
        .deadline(random.milliseconds(10..40_000))
        .backoff(
            Duration::from_millis(random.pick(&[0, 1, 100, 400])),
            Duration::from_millis(random.pick(&[400, 5_000])),
        )
}

fn skew(random: &mut Random) -> Skew {
    let skew = Duration::from_secs(random.pick(&[0, 0, 0, 2, 61, 600, 90_000, 172_000]));
    if random.chance(0.5) {
        Skew::Ahead(skew)
    } else {
        Skew::Behind(skew)
    }
}

fn tokens(random: &mut Random) -> Tokens {
    if random.chance(0.6) {
        return Tokens::AccessKey;
    }
    Tokens::Provider {
        fails: random.pick(&[0.0, 0.1]),
        panics: random.pick(&[0.0, 0.0, 0.05]),
        is_cached: random.chance(0.5),
    }
}

fn call(random: &mut Random, span: u64, drops: f64, pauses: f64) -> Call {
    let user = random.number(0..USERS);
    Call {
        start: random.milliseconds(0..span),
        action: match random.number(0..9) {
            0..2 => CallAction::Get(user),
            2..5 => CallAction::Delete(user),
            5..7 => CallAction::Link(user),
            7 => CallAction::Bulk(Bulk {
                operation: random.pick(&[
                    BulkOperation::Get,
                    BulkOperation::Delete,
                    BulkOperation::Link,
                ]),
                first_user: user,
                items: random.number(0..8),
                concurrency: random.number(1..5),
                deadline: random.milliseconds(100..600_000),
            }),
            _ => CallAction::List {
                page_size: random.pick(&[1, 3, 10]),
                prefetch: random.chance(0.5).then(|| random.number(1..4)),
            },
        },
        drop_after: random.chance(drops).then(|| random.milliseconds(0..3_000)),
        pause: random.chance(pauses).then(|| {
            let after = random.milliseconds(0..1_000);
            (after, random.milliseconds(0..40_000))
        }),
    }
}
