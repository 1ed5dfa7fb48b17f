//! What must hold after every simulation, whatever happened in it.

use std::collections::BTreeSet;
use std::time::Duration;

use http::StatusCode;

use super::network::{End, Exchange};
use super::run::{CallEnd, CallReport, Listed, Report, tenant};
use super::schedule::{Bulk, Call, CallAction, Schedule, Tokens, item_number};
use super::server::{Effects, UserText, cursor_start, user_id};
use crate::defaults::{BATCH_MAX_BACKOFF, CALLS_PER_RETRY, RETRY_RESERVE};
use crate::error::{Error, Outcome};
use crate::retry::RetryBudget;

/// How late a call may end: timers fire up to 2 ms late, and a call waits for two at most after its
/// deadline.
const TOLERANCE: Duration = Duration::from_millis(5);

type Check = Result<(), String>;

/// Returns which invariant does not hold, if any.
pub(super) fn check(schedule: &Schedule, report: &Report) -> Check {
    for (number, (call, ended)) in schedule.calls.iter().zip(&report.calls).enumerate() {
        check_call(schedule, report, number, call, ended)
            .map_err(|violation| format!("call {number}, {:?}: {violation}", call.action))?;
    }
    load_is_bounded(schedule, report)?;
    everything_is_as_at_the_start(schedule, report)
}

fn check_call(
    schedule: &Schedule,
    report: &Report,
    number: usize,
    call: &Call,
    ended: &CallReport,
) -> Check {
    if let CallAction::Bulk(bulk) = &call.action {
        let pause = call.pause.map_or(Duration::ZERO, |(_, length)| length);
        return check_bulk(schedule, report, number, bulk, pause, ended);
    }
    ends_by_its_deadline(schedule, call, ended)?;
    let exchanges = exchanges_of(report, number);
    waits_for_retry_after(&exchanges)?;
    end_is_true(
        schedule,
        report,
        number,
        call.action,
        &ended.end,
        &exchanges,
    )?;
    match (call.action, &ended.end) {
        (CallAction::List { .. }, CallEnd::Succeeded(_)) => list_is_complete(report, ended),
        (CallAction::List { .. }, CallEnd::Failed(error)) => {
            list_can_be_resumed(report, error, ended)
        }
        _ => Ok(()),
    }
}

fn exchanges_of(report: &Report, number: usize) -> Vec<&Exchange> {
    let exchanges = report.exchanges.iter();
    exchanges
        .filter(|exchange| exchange.page.0 == number)
        .collect()
}

fn check_bulk(
    schedule: &Schedule,
    report: &Report,
    number: usize,
    bulk: &Bulk,
    pause: Duration,
    ended: &CallReport,
) -> Check {
    for item in &ended.items {
        let (number, action) = (item_number(number, item.index), bulk.action(item.index));
        let exchanges = exchanges_of(report, number);
        require(item.elapsed <= bulk.deadline + TOLERANCE + pause, || {
            format!("item {} took {:?}", item.index, item.elapsed)
        })?;
        waits_for_retry_after(&exchanges)?;
        end_is_true(schedule, report, number, action, &item.end, &exchanges)
            .map_err(|violation| format!("item {}: {violation}", item.index))?;
    }
    if let CallEnd::Succeeded(_) = ended.end {
        let mut indexes: Vec<_> = ended.items.iter().map(|item| item.index).collect();
        indexes.sort_unstable();
        require(indexes.iter().copied().eq(0..bulk.items), || {
            format!("returned the items {indexes:?}")
        })?;
    }
    Ok(())
}

fn end_is_true(
    schedule: &Schedule,
    report: &Report,
    number: usize,
    action: CallAction,
    end: &CallEnd,
    exchanges: &[&Exchange],
) -> Check {
    match end {
        CallEnd::Succeeded(user) => success_is_true(report, number, action, user.as_ref()),
        CallEnd::Failed(error) => error_is_true(report, number, action, error, exchanges),
        CallEnd::Dropped => Ok(()),
        CallEnd::Panicked => {
            // A cache turns panics into errors, because calls share its requests.
            let can_panic = matches!(
                schedule.tokens,
                Tokens::Provider { panics, is_cached: false, .. } if panics > 0.0
            );
            require(can_panic, || "panicked".to_owned())
        }
    }
}

fn ends_by_its_deadline(schedule: &Schedule, call: &Call, ended: &CallReport) -> Check {
    let mut longest = schedule.policy.get_deadline() + TOLERANCE;
    if let CallAction::List { page_size, .. } = call.action {
        // Each page is a call of its own.
        let pages = schedule.list.len() / page_size as usize + 1;
        longest *= u32::try_from(pages).unwrap_or(u32::MAX);
    }
    // A call that is not polled cannot end.
    longest += call.pause.map_or(Duration::ZERO, |(_, length)| length);
    let elapsed = ended.ended.saturating_sub(ended.started);
    require(elapsed <= longest, || {
        format!("took {elapsed:?}, its deadlines allow {longest:?}")
    })
}

fn waits_for_retry_after(exchanges: &[&Exchange]) -> Check {
    for (exchange, next) in exchanges.iter().zip(exchanges.iter().skip(1)) {
        let Some((
            _,
            End::Response {
                status: StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE,
                not_before: Some(not_before),
                ..
            },
        )) = exchange.end
        else {
            continue;
        };
        if next.page != exchange.page {
            continue;
        }
        require(next.sent >= not_before, || {
            format!(
                "sent at {:?}, before its Retry-After at {not_before:?}",
                next.sent
            )
        })?;
    }
    Ok(())
}

fn success_is_true(
    report: &Report,
    number: usize,
    action: CallAction,
    returned: Option<&UserText>,
) -> Check {
    match action {
        CallAction::Get(user) => {
            let expected = report.server.user(user_id(user, number));
            require(returned == Some(&expected), || {
                format!("returned {returned:?} instead of {expected:?}")
            })
        }
        CallAction::Delete(user) => require(report.server.is_deleted(user), || {
            "succeeded, but the user still exists".to_owned()
        }),
        CallAction::Link(user) => require(report.server.is_linked(user, &tenant(number)), || {
            "succeeded, but the user is not linked".to_owned()
        }),
        CallAction::List { .. } | CallAction::Bulk(_) => Ok(()),
    }
}

fn error_is_true(
    report: &Report,
    number: usize,
    action: CallAction,
    error: &Error,
    exchanges: &[&Exchange],
) -> Check {
    // A list fails with the error of one page.
    let start = error.cursor().and_then(cursor_start).unwrap_or_default();
    let exchanges: Vec<_> = exchanges
        .iter()
        .copied()
        .filter(|exchange| exchange.page.1 == start)
        .collect();
    let effects = report.server.effects((number, start));
    require(error.attempts() as usize == exchanges.len(), || {
        format!(
            "`{error}` counts {} requests of {}",
            error.attempts(),
            exchanges.len()
        )
    })?;
    outcome_is_true(&effects, error.outcome(), &exchanges).map_err(|reason| {
        let outcome = error.outcome();
        format!("`{error}` has the outcome {outcome:?}, but {reason}")
    })?;
    success_is_not_an_error(error, &exchanges)?;
    match action {
        CallAction::Get(user) | CallAction::Delete(user) | CallAction::Link(user)
            if error.is_not_found() =>
        {
            require(report.server.is_deleted(user), || {
                "reported that the user does not exist, but it does".to_owned()
            })
        }
        _ => Ok(()),
    }
}

/// Every complete 2xx response about the requested user is a success.
fn success_is_not_an_error(error: &Error, exchanges: &[&Exchange]) -> Check {
    let mut is_of_other_user = false;
    for exchange in exchanges {
        if let Some((
            _,
            End::Response {
                status,
                is_complete: true,
                is_of_user,
                ..
            },
        )) = exchange.end
            && status.is_success()
        {
            require(!is_of_user, || {
                format!("`{error}`, although the response was {status}")
            })?;
            is_of_other_user = true;
        }
    }
    require(error.is_wrong_user() == is_of_other_user, || {
        format!("`{error}`, but a response about another user: {is_of_other_user}")
    })
}

fn outcome_is_true(effects: &Effects, outcome: Outcome, exchanges: &[&Exchange]) -> Check {
    let received = |is_meant: fn(StatusCode) -> bool| {
        exchanges.iter().any(|exchange| {
            matches!(exchange.end, Some((_, End::Response { status, .. })) if is_meant(status))
        })
    };
    match outcome {
        Outcome::NotSent => require(effects.received == 0, || {
            "the server received it".to_owned()
        }),
        Outcome::Rejected => require(!effects.has_changed, || {
            "the server carried it out".to_owned()
        }),
        Outcome::Unknown => {
            let is_lost = exchanges
                .iter()
                .any(|exchange| matches!(exchange.end, None | Some((_, End::Closed))));
            require(
                is_lost || received(|status| status.is_server_error()),
                || "every response was received".to_owned(),
            )
        }
        Outcome::Done => require(received(|status| status.is_success()), || {
            "no response said so".to_owned()
        }),
    }
}

fn list_is_complete(report: &Report, ended: &CallReport) -> Check {
    let Listed { users, skipped } = &ended.listed;
    let all = users.iter().cloned();
    require(report.server.list().eq(all), || format!("listed {users:?}"))?;
    let all = skipped.iter().cloned();
    require(report.server.skipped().eq(all), || {
        format!("skipped {skipped:?}")
    })
}

fn list_can_be_resumed(report: &Report, error: &Error, ended: &CallReport) -> Check {
    let CallReport {
        listed, resumed, ..
    } = ended;
    let all = listed.users.iter().chain(&resumed.users).cloned();
    let skipped = listed.skipped.iter().chain(&resumed.skipped).cloned();
    require(
        report.server.list().eq(all) && report.server.skipped().eq(skipped),
        || {
            let cursor = error.cursor();
            format!("{listed:?}, and after `{error}` from cursor {cursor:?}: {resumed:?}")
        },
    )
}

/// Retries that the budget limits: those after a lost response or a failure of the API.
fn load_is_bounded(schedule: &Schedule, report: &Report) -> Check {
    let charged = charged_retries(report);
    // Each page of a list is a call.
    let responses = report
        .exchanges
        .iter()
        .filter(|exchange| matches!(exchange.end, Some((_, End::Response { .. }))));
    let calls = number(responses.count());
    let is_bulk = |call: &Call| matches!(call.action, CallAction::Bulk(_));
    let is_batch = schedule.policy.get_budget() == RetryBudget::WaitForRecovery
        || schedule.calls.iter().any(is_bulk);
    let reserve = match is_batch {
        false => RETRY_RESERVE,
        true if schedule.conditions.faults.is_empty() => 100,
        true => RETRY_RESERVE + probes(&charged) + released(schedule, report),
    };
    let bound = reserve + calls / CALLS_PER_RETRY;
    let charged = number(charged.len());
    require(charged <= bound, || {
        format!("{charged} retries, of which the budget allows {bound}")
    })
}

/// Returns when the requests were sent whose retries are charged to the budget.
fn charged_retries(report: &Report) -> Vec<Duration> {
    let mut charged = Vec::new();
    let numbers: BTreeSet<_> = report.exchanges.iter().map(|sent| sent.page.0).collect();
    for number in numbers {
        let of_call = |exchange: &&Exchange| exchange.page.0 == number;
        let mut rejections = 0;
        let mut exchanges = report.exchanges.iter().filter(of_call).peekable();
        while let (Some(exchange), Some(_)) = (exchanges.next(), exchanges.peek()) {
            let is_charged = match &exchange.end {
                Some((_, End::NoConnection | End::Unprocessed)) => false,
                Some((_, End::Response { status, .. })) => match status.as_u16() {
                    200..300 | 429 => false,
                    // One for a token that is no longer valid, and one for a wrong clock.
                    401 if rejections < 2 => {
                        rejections += 1;
                        false
                    }
                    _ => true,
                },
                Some((_, End::Closed)) | None => true,
            };
            if is_charged {
                charged.push(exchange.sent);
            }
        }
    }
    charged
}

/// The intervals in which the backoff of a batch grows to its cap.
const GROWING_INTERVALS: u32 = 7;

/// The probes in the time of these retries, one per backoff interval, which jitter shortens by a tenth.
fn probes(retries: &[Duration]) -> u32 {
    let first = retries.iter().min().copied().unwrap_or_default();
    let last = retries.iter().max().copied().unwrap_or_default();
    let shortest = BATCH_MAX_BACKOFF.as_secs() * 9 / 10;
    let intervals = last.saturating_sub(first).as_secs() / shortest;
    GROWING_INTERVALS + u32::try_from(intervals).unwrap_or(u32::MAX)
}

/// The retries of waiting calls. If only some requests fail, each response that shows that the API is
/// available lets as many calls continue as may be in flight, and later intervals grow again.
fn released(schedule: &Schedule, report: &Report) -> u32 {
    let available = report.exchanges.iter().filter(|exchange| {
        matches!(exchange.end, Some((_, End::Response { status, .. })) if !status.is_server_error())
    });
    number(available.count()) * (number(schedule.concurrency) + GROWING_INTERVALS)
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn everything_is_as_at_the_start(schedule: &Schedule, report: &Report) -> Check {
    let limit = schedule.concurrency;
    require(report.most_in_flight <= limit, || {
        format!(
            "{} requests were in flight, the limit is {limit}",
            report.most_in_flight
        )
    })?;
    for probe in &report.probes {
        if let Err(error) = probe {
            return Err(format!("a call failed after the faults had ended: {error}"));
        }
    }
    require(report.most_probes_in_flight == limit, || {
        format!(
            "{} of {limit} permits are left after the faults had ended",
            report.most_probes_in_flight
        )
    })?;
    require(report.left == [0; 3], || {
        let [tasks, timers, requests] = report.left;
        format!("{tasks} tasks, {timers} timers and {requests} requests are left")
    })
}

fn require(condition: bool, violation: impl FnOnce() -> String) -> Check {
    if condition { Ok(()) } else { Err(violation()) }
}
