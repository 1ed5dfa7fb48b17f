//! Waits after 429 and 503, the rate of requests, and servers that stay unavailable.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use authress_users_contract::live::LiveOptions;
use authress_users_contract::{Fault, Operation, RateLimit, RateLimitHeaders};

use crate::clock::FakeClock;
use crate::{builder, errors, validate_with};

#[tokio::test]
async fn rate_limits_are_obeyed_without_a_finding() {
    for headers in [
        RateLimitHeaders::RetryAfterSeconds,
        RateLimitHeaders::RetryAfterDate,
        RateLimitHeaders::None,
    ] {
        let limit = RateLimit::per_second(5.0).unwrap().headers(headers);
        let server = Arc::new(builder().rate_limit(limit).start().await.unwrap());
        let clock = FakeClock::new(&server);
        let options = LiveOptions::default().clock(clock.clone());
        let report = validate_with(&server, &options).await;
        assert_eq!(errors(&report), [""; 0], "{:?}", report.findings);
        assert!(!clock.waits().is_empty());
        let named = "server unavailable: ";
        assert!(report.warnings.iter().any(|own| own.starts_with(named)));
        server.ignore_findings();
    }
}

#[tokio::test]
async fn a_server_that_stays_unavailable_is_one_finding() {
    let server = Arc::new(builder().start().await.unwrap());
    for status in [503, 429] {
        server.fail_always(status).unwrap();
        let clock = FakeClock::new(&server);
        let options = LiveOptions::default().clock(clock.clone());
        let report = validate_with(&server, &options).await;
        assert_eq!(errors(&report), ["live-unavailable"]);
        assert!(report.findings[0].actual.contains("server unavailable"));
        // Three requests are sent five times each. The next one waits, too.
        assert_eq!((report.exchanges, clock.waits().len()), (15, 15));
        let gap = "(server unavailable)";
        assert!(report.warnings.iter().any(|own| own.contains(gap)));
    }
    server.ignore_findings();
}

#[tokio::test]
async fn a_long_retry_after_ends_the_run() {
    let server = Arc::new(builder().start().await.unwrap());
    let fault = Fault::status_with_retry_after(503, "3600").unwrap();
    server.fail_next(Operation::GetUsers, fault);
    let clock = FakeClock::new(&server);
    let options = LiveOptions::default().clock(clock.clone());
    let report = validate_with(&server, &options).await;
    assert_eq!(errors(&report), ["live-unavailable"]);
    assert_eq!(clock.waits(), [Duration::ZERO; 0]);
    // Another request would come too early as well.
    assert_eq!(report.exchanges, 1);
    let gap = "(server unavailable for longer than a run waits)";
    assert!(report.warnings.iter().any(|own| own.contains(gap)));
    server.ignore_findings();
}

#[tokio::test]
async fn a_rate_pauses_before_each_request() {
    let server = Arc::new(builder().start().await.unwrap());
    let clock = FakeClock::new(&server);
    let options = LiveOptions::default().clock(clock.clone()).rate(20.0);
    let report = validate_with(&server, &options).await;
    let waits = clock.waits();
    assert_eq!(waits.len(), report.exchanges - 1);
    assert!(waits.iter().all(|own| *own == Duration::from_millis(50)));
    server.ignore_findings();
}

#[tokio::test]
async fn the_lowest_rate_has_the_longest_pause() {
    let server = Arc::new(builder().start().await.unwrap());
    let clock = FakeClock::new(&server);
    let rate = f64::MIN_POSITIVE;
    let options = LiveOptions::default().clock(clock.clone()).rate(rate);
    validate_with(&server, &options).await;
    assert!(clock.waits().iter().all(|own| *own == Duration::MAX));
    server.ignore_findings();
}

#[tokio::test]
async fn progress_names_each_probe() {
    let server = builder().start().await.unwrap();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let seen = lines.clone();
    let options =
        LiveOptions::default().on_progress(move |line| seen.lock().unwrap().push(line.to_owned()));
    let report = validate_with(&server, &options).await;
    let lines = lines.lock().unwrap();
    assert_eq!(lines[0], "lists: limits out of range (after 1 request)");
    let tried: usize = report.summary.len();
    assert!(lines.len() > tried, "{lines:?}");
    server.ignore_findings();
}
