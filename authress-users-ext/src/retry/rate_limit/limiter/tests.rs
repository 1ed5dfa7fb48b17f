use std::future::Future;
use std::pin::Pin;
use std::task::Waker;

use fastrand::Rng;
use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::*;
use crate::clock::ClockFuture;

const LONG: Duration = Duration::from_secs(600);
const ACCEPTED: Verdict = Verdict::Accepted {
    pause: 0.0,
    rate: None,
};

/// A clock that a test advances.
#[derive(Debug, Default)]
struct ManualClock(Mutex<(Duration, Vec<Waker>)>);

impl ManualClock {
    fn lock(&self) -> MutexGuard<'_, (Duration, Vec<Waker>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Advances the clock, and lets all tasks run.
    async fn advance(&self, by: Duration) {
        let wakers = {
            let mut state = self.lock();
            state.0 += by;
            std::mem::take(&mut state.1)
        };
        wakers.into_iter().for_each(Waker::wake);
        settled().await;
    }
}

impl Clock for ManualClock {
    fn elapsed(&self) -> Duration {
        self.lock().0
    }

    fn sleep(&self, duration: Duration) -> ClockFuture<'_> {
        let end = self.elapsed() + duration;
        Box::pin(poll_fn(move |context| {
            let mut state = self.lock();
            if state.0 >= end {
                return Poll::Ready(());
            }
            state.1.push(context.waker().clone());
            Poll::Pending
        }))
    }

    fn limit(&self, duration: Duration) -> ClockFuture<'_> {
        self.sleep(duration)
    }
}

async fn settled() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

fn limiter(limit: usize) -> (Arc<Limiter>, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    (
        Arc::new(Limiter::new(clock.clone(), limit, Vec::new())),
        clock,
    )
}

type Waits = BoxFuture<'static, Result<Turn, RateLimited>>;

/// Returns a request that waits: it was polled once.
fn queued(limiter: &Arc<Limiter>, lane: Lane) -> Waits {
    queued_for("getUser", limiter, lane)
}

fn queued_for(operation: &'static str, limiter: &Arc<Limiter>, lane: Lane) -> Waits {
    let limiter = limiter.clone();
    let mut turn = async move { limiter.turn(operation, lane, LONG).await }.boxed();
    assert!(polled(&mut turn).is_none());
    turn
}

fn polled<T>(future: &mut Pin<Box<dyn Future<Output = T> + Send>>) -> Option<T> {
    future.as_mut().now_or_never()
}

async fn taken(limiter: &Arc<Limiter>) -> Turn {
    let turn = limiter.turn("getUser", Lane::Interactive, LONG).await;
    turn.expect("the deadline is long")
}

fn limited(hint: f64) -> Verdict {
    Verdict::Limited { hint, rate: None }
}

fn finish(turn: Turn, verdict: Verdict) {
    let now = turn.limiter.clock.elapsed();
    turn.finish(verdict, now);
}

#[tokio::test]
async fn an_interactive_request_goes_before_20_000_bulk_requests() {
    let (limiter, _clock) = limiter(1);
    let first = taken(&limiter).await;
    let mut bulk: Vec<_> = (0..20_000).map(|_| queued(&limiter, Lane::Bulk)).collect();
    let mut interactive = queued(&limiter, Lane::Interactive);
    drop(first);
    let turn = polled(&mut interactive)
        .expect("it is the next one")
        .unwrap();
    assert!(polled(&mut bulk[0]).is_none());
    drop(turn);
    // The others in the order of their arrival.
    for request in &mut bulk[..100] {
        drop(polled(request).expect("it is the next one"));
    }
    drop(bulk);
    assert!(limiter.is_idle());
}

#[tokio::test]
async fn one_turn_in_ten_is_for_bulk_requests_of_all_operations() {
    let (limiter, _clock) = limiter(1);
    let first = taken(&limiter).await;
    let mut waiting = Vec::new();
    for operation in ["getUser", "deleteUser"] {
        for lane in [Lane::Interactive, Lane::Bulk] {
            for _ in 0..100 {
                waiting.push((lane, queued_for(operation, &limiter, lane)));
            }
        }
    }
    drop(first);
    let mut bulk = 0;
    for _ in 0..100 {
        let next = waiting
            .iter_mut()
            .enumerate()
            .find_map(|(index, (_, turn))| Some((index, polled(turn)?)));
        let (index, turn) = next.expect("a request has its turn");
        bulk += u32::from(waiting.remove(index).0 == Lane::Bulk);
        drop(turn);
    }
    assert_eq!(bulk, 10);
}

#[tokio::test]
async fn a_turn_that_is_not_taken_goes_to_the_next_request() {
    for lane in [Lane::Interactive, Lane::Bulk] {
        let (limiter, clock) = limiter(1);
        let first = taken(&limiter).await;
        let mut unpolled: Vec<_> = (0..3)
            .map(|_| queued(&limiter, Lane::Interactive))
            .collect();
        let mut live = queued(&limiter, lane);
        drop(first);
        settled().await;
        for _ in 0..3 {
            assert!(polled(&mut live).is_none());
            clock.advance(Duration::from_millis(51)).await;
        }
        drop(polled(&mut live).expect("the others did not take it"));
        // They keep their places.
        let turn = taken(&limiter).await;
        let mut last = queued(&limiter, lane);
        for request in &mut unpolled {
            assert!(polled(request).is_none());
        }
        drop(turn);
        for request in &mut unpolled {
            assert!(polled(&mut last).is_none());
            drop(polled(request).expect("it is the next one"));
        }
        drop(polled(&mut last).expect("it is the only one"));
        assert!(limiter.is_idle());
    }
}

#[tokio::test]
async fn a_turn_that_is_not_taken_goes_to_a_more_urgent_request_of_another_operation() {
    let (limiter, clock) = limiter(1);
    let first = taken(&limiter).await;
    let unpolled: Vec<_> = (0..100).map(|_| queued(&limiter, Lane::Bulk)).collect();
    drop(first);
    settled().await;
    let mut other = queued_for("deleteUser", &limiter, Lane::Interactive);
    clock.advance(Duration::from_millis(51)).await;
    drop(polled(&mut other).expect("it is the most urgent"));
    drop((other, unpolled));
    assert!(limiter.is_idle());
}

#[tokio::test]
async fn a_turn_is_passed_on_while_another_operation_waits_for_a_minute() {
    let (limiter, clock) = limiter(1);
    finish(taken(&limiter).await, limited(60.0));
    let paced = queued(&limiter, Lane::Interactive);
    let other = async |limiter: Arc<Limiter>| {
        let turn = limiter.turn("deleteUser", Lane::Interactive, LONG).await;
        turn.expect("the deadline is long")
    };
    let first = other(limiter.clone()).await;
    let [mut unpolled, mut live] = [(); 2].map(|()| Box::pin(other(limiter.clone())));
    assert!(unpolled.as_mut().now_or_never().is_none());
    assert!(live.as_mut().now_or_never().is_none());
    settled().await;
    drop(first);
    settled().await;
    clock.advance(Duration::from_millis(51)).await;
    drop(
        live.as_mut()
            .now_or_never()
            .expect("the other did not take it"),
    );
    drop((unpolled, live, paced));
    assert!(limiter.is_idle());
}

#[tokio::test]
async fn an_unpolled_request_in_flight_does_not_hold_up_probes_of_a_limit() {
    let (limiter, clock) = limiter(2);
    let unpolled = taken(&limiter).await;
    assert!(unpolled.is_alone());
    // From the second 429 on, one request at a time is sent.
    for _ in 0..3 {
        let limiter = limiter.clone();
        let mut turn = async move { taken(&limiter).await }.boxed();
        let turn = loop {
            if let Some(turn) = polled(&mut turn) {
                break turn;
            }
            clock.advance(Duration::from_millis(500)).await;
        };
        assert!(!turn.is_alone());
        finish(turn, limited(0.0));
    }
    drop(unpolled);
    assert!(limiter.is_idle());
}

#[tokio::test]
async fn a_request_that_would_wait_too_long_fails_at_once() {
    let (limiter, clock) = limiter(100);
    let (first, second) = (taken(&limiter).await, taken(&limiter).await);
    let minute = Duration::from_secs(60);
    let mut waits = queued_while_paced(&limiter, first).await;
    clock.advance(Duration::from_secs(2)).await;
    drop(polled(&mut waits).expect("it is time"));
    let short = Duration::from_secs(30);
    let mut short = limiter.turn("getUser", Lane::Bulk, short).boxed();
    assert!(short.as_mut().now_or_never().is_none());
    finish(second, limited(60.0));
    let ended = short.as_mut().now_or_never().expect("it has not the time");
    assert_eq!(ended.unwrap_err(), RateLimited(minute));
    drop(short);
    let turn = limiter.turn("getUser", Lane::Interactive, Duration::from_secs(59));
    let RateLimited(wait) = turn.await.unwrap_err();
    assert!(wait >= minute, "{wait:?}");
    assert!(limiter.expected_wait("getUser", Lane::Bulk).unwrap() >= minute);
    assert_eq!(limiter.expected_wait("getUsers", Lane::Bulk), None);
    assert!(limiter.is_idle());
}

/// Ends `turn` with a 429, and returns a request that waits for that reason.
async fn queued_while_paced(limiter: &Arc<Limiter>, turn: Turn) -> Waits {
    finish(turn, limited(0.0));
    let waits = queued(limiter, Lane::Interactive);
    settled().await;
    waits
}

#[tokio::test]
async fn a_paced_request_gets_its_turn_at_its_time() {
    let (limiter, clock) = limiter(100);
    let turn = taken(&limiter).await;
    let mut waits = queued_while_paced(&limiter, turn).await;
    clock.advance(Duration::from_millis(999)).await;
    assert!(polled(&mut waits).is_none());
    // The first guess is one request per second.
    clock.advance(Duration::from_millis(1)).await;
    let turn = polled(&mut waits).expect("it is time").unwrap();
    assert_eq!(turn.waited(), Duration::from_secs(1));
    finish(turn, ACCEPTED);
    assert!(limiter.is_idle());
}

#[tokio::test]
async fn a_rate_limit_paces_without_a_429() {
    let clock = Arc::new(ManualClock::default());
    let limits = vec![
        RateLimit::per_second(10.0),
        RateLimit::per_second(2.0).for_operation("getUser"),
    ];
    let limiter = Arc::new(Limiter::new(clock.clone(), 100, limits));
    drop(taken(&limiter).await);
    let mut second = queued(&limiter, Lane::Interactive);
    // Another operation has only the limit of all.
    clock.advance(Duration::from_millis(100)).await;
    drop(limiter.turn("getUsers", Lane::Bulk, LONG).await.unwrap());
    clock.advance(Duration::from_millis(399)).await;
    assert!(polled(&mut second).is_none());
    clock.advance(Duration::from_millis(1)).await;
    drop(polled(&mut second).expect("it is time"));
    let turn = limiter.turn("getUser", Lane::Bulk, Duration::from_millis(499));
    let RateLimited(wait) = turn.await.unwrap_err();
    assert!(wait > Duration::from_millis(499), "{wait:?}");
    assert!(limiter.is_idle());
}

#[tokio::test]
async fn dropped_requests_leave_nothing_behind() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = Rng::with_seed(seed);
    for limit in [1, 2, 5] {
        let (limiter, clock) = limiter(limit);
        let (mut waiting, mut turns) = (Vec::<Waits>::new(), Vec::new());
        for _ in 0..2_000 {
            match random.u8(0..10) {
                0..=3 => {
                    let lane = [Lane::Interactive, Lane::Rejected, Lane::Bulk][random.usize(0..3)];
                    let operation = ["getUser", "deleteUser"][random.usize(0..2)];
                    let limiter = limiter.clone();
                    let limit = Duration::from_millis(random.u64(0..100_000));
                    let turn = async move { limiter.turn(operation, lane, limit).await };
                    waiting.push(turn.boxed());
                }
                4..=5 if !waiting.is_empty() => {
                    drop(waiting.swap_remove(random.usize(0..waiting.len())));
                }
                6..=7 if !turns.is_empty() => {
                    let turn: Turn = turns.swap_remove(random.usize(0..turns.len()));
                    match random.u8(0..4) {
                        0 => finish(turn, limited(f64::from(random.u8(0..4)))),
                        1 => drop(turn),
                        _ => finish(turn, ACCEPTED),
                    }
                }
                _ => {
                    clock
                        .advance(Duration::from_millis(random.u64(0..100)))
                        .await;
                }
            }
            let polls = random.usize(0..=waiting.len());
            for index in (0..polls).rev() {
                if let Some(result) = polled(&mut waiting[index]) {
                    drop(waiting.swap_remove(index));
                    turns.extend(result);
                }
            }
        }
        // Nothing was lost: the requests that are left all end.
        turns.clear();
        while !waiting.is_empty() {
            waiting.retain_mut(|request| polled(request).is_none());
            clock.advance(Duration::from_millis(100)).await;
        }
        assert!(limiter.is_idle(), "limit {limit}, seed {seed}");
        settled().await;
        let metrics = tokio::runtime::Handle::current().metrics();
        assert_eq!(metrics.num_alive_tasks(), 0);
    }
}
