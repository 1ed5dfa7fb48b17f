//! Bulk jobs against rate limits, and what became of their requests.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::stream::StreamExt as _;
use http::StatusCode;

use super::limit::RateLimit;
use super::network::{Conditions, Connection, End, Exchange, SimulatedNetwork};
use super::random::Random;
use super::runtime::VirtualRuntime;
use super::schedule::USERS;
use super::server::{Server, user_id};
use super::time::{SimulatedClock, Skew, Time, lock};
use crate::client::AuthressClient;

/// A bearer token that is valid for the whole simulation: `{"iat":1700000000,"exp":1800000000}`.
const TOKEN: &str = "e30.eyJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTgwMDAwMDAwMH0.c2ln";

/// The calls of each job have numbers from a multiple of this on.
const NUMBERS_PER_JOB: usize = 10_000_000;

/// The usual latency in each direction, in milliseconds.
pub(super) const LATENCY: (u64, u64) = (12, 18);

/// Processes that share one API with a rate limit.
pub(super) struct Load {
    time: Arc<Time>,
    network: Arc<SimulatedNetwork>,
    runtime: VirtualRuntime,
    random: Random,
    results: Arc<Mutex<Results>>,
    jobs: usize,
}

#[derive(Default)]
struct Results {
    failed: Vec<String>,
    interactive: Vec<Duration>,
    /// When each job has ended.
    ends: Vec<(usize, Duration)>,
}

/// The operation of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Get,
    Delete,
}

impl Load {
    pub(super) fn new(seed: u64, limit: RateLimit) -> Self {
        Self::with_latency(seed, limit, LATENCY)
    }

    /// Returns an API that is reached in this range of milliseconds in each direction.
    pub(super) fn with_latency(seed: u64, limit: RateLimit, latency: (u64, u64)) -> Self {
        let time = Arc::new(Time::default());
        let mut random = Random::new(seed);
        let mut server = Server::new(USERS, Vec::new(), Duration::ZERO);
        server.rate_limit = Some(limit);
        let mut conditions = Conditions::healthy();
        conditions.latency = latency;
        let network = SimulatedNetwork::new(time.clone(), random.fork(), conditions, server);
        Self {
            runtime: VirtualRuntime::new(time.clone()),
            time,
            network,
            random,
            results: Arc::default(),
            jobs: 0,
        }
    }

    /// A client of its own, as another process has.
    pub(super) fn client(&mut self) -> AuthressClient {
        let lateness = Duration::from_millis(1);
        let clock = SimulatedClock::new(
            self.time.clone(),
            self.random.fork(),
            lateness,
            Skew::Ahead(Duration::ZERO),
        );
        let client = AuthressClient::builder()
            .api_url("http://localhost")
            .network(Arc::new(Connection(self.network.clone())))
            .http(super::run::without_certificates)
            .clock(clock)
            .access_token(TOKEN);
        client.build().expect("the settings are valid")
    }

    /// Starts a bulk job and returns its number.
    pub(super) fn start(
        &mut self,
        client: &AuthressClient,
        operation: Operation,
        calls: usize,
        in_flight: usize,
    ) -> usize {
        let job = self.jobs;
        self.jobs += 1;
        let (client, results, time) = (client.clone(), self.results.clone(), self.time.clone());
        self.runtime.spawn(async move {
            let users = client.users();
            let ids =
                (0..calls).map(move |call| user_id(call % USERS, job * NUMBERS_PER_JOB + call));
            let mut failed = match operation {
                Operation::Get => users
                    .get_all(ids)
                    .with_concurrency(in_flight)
                    .filter_map(async |item| item.result.err())
                    .boxed(),
                Operation::Delete => users
                    .delete_all(ids)
                    .with_concurrency(in_flight)
                    .filter_map(async |item| item.result.err())
                    .boxed(),
            };
            while let Some(error) = failed.next().await {
                lock(&results).failed.push(error.to_string());
            }
            lock(&results).ends.push((job, time.now()));
        });
        job
    }

    /// Makes a single call at regular intervals, `calls` times.
    pub(super) fn start_interactive(
        &mut self,
        client: &AuthressClient,
        calls: usize,
        interval: Duration,
    ) -> usize {
        let job = self.jobs;
        self.jobs += 1;
        let (client, results, time) = (client.clone(), self.results.clone(), self.time.clone());
        self.runtime.spawn(async move {
            for call in 0..calls {
                time.sleep(interval).await;
                let id = user_id(call % USERS, job * NUMBERS_PER_JOB + call);
                let (client, results, time) = (client.clone(), results.clone(), time.clone());
                tokio::spawn(async move {
                    let started = time.now();
                    let result = client.users().delete_user(id).await;
                    let mut results = lock(&results);
                    match result {
                        Err(error) if !error.is_not_found() => {
                            results.failed.push(error.to_string());
                        }
                        _ => results.interactive.push(time.now().saturating_sub(started)),
                    }
                });
            }
        });
        job
    }

    /// Replaces the rate limit of the server.
    pub(super) fn set_limit(&self, limit: RateLimit) {
        self.network
            .with_server(|server| server.rate_limit = Some(limit));
    }

    /// Gives gets a rate limit of their own.
    pub(super) fn set_limit_of_gets(&self, limit: RateLimit) {
        self.network
            .with_server(|server| server.limit_of_gets = Some(limit));
    }

    pub(super) fn now(&self) -> Duration {
        self.time.now()
    }

    /// Lets time pass.
    pub(super) fn pass(&self, duration: Duration) {
        let ended = self.runtime.run(self.time.sleep(duration));
        ended.expect("a timer ends");
    }

    /// Lets time pass until a job has ended, but no longer than `limit`. Returns the end of the job.
    pub(super) fn pass_until_end(&self, job: usize, limit: Duration) -> Duration {
        let last = self.now() + limit;
        while self.now() < last {
            if let Some(end) = self.end(job) {
                return end;
            }
            self.pass(Duration::from_millis(100));
        }
        Duration::MAX
    }

    fn end(&self, job: usize) -> Option<Duration> {
        let results = lock(&self.results);
        let end = results.ends.iter().find(|(ended, _)| *ended == job);
        end.map(|(_, end)| *end)
    }

    /// The messages of the calls that failed.
    pub(super) fn failed(&self) -> Vec<String> {
        lock(&self.results).failed.clone()
    }

    /// The time within which 95 % of the single calls ended.
    pub(super) fn interactive_wait(&self) -> Duration {
        let mut waits = lock(&self.results).interactive.clone();
        waits.sort_unstable();
        waits
            .get(waits.len() * 95 / 100)
            .copied()
            .unwrap_or_default()
    }

    /// How many requests were accepted and how many were rejected with 429 between two times.
    pub(super) fn count(&self, job: Option<usize>, from: Duration, until: Duration) -> [usize; 2] {
        let mut counts = [0; 2];
        for exchange in self.network.exchanges() {
            let is_of_job = job.is_none_or(|job| exchange.page.0 / NUMBERS_PER_JOB == job);
            if let Some((at, status)) = response(&exchange)
                && is_of_job
                && (from..until).contains(&at)
            {
                counts[usize::from(status == StatusCode::TOO_MANY_REQUESTS)] += 1;
            }
        }
        counts
    }
}

fn response(exchange: &Exchange) -> Option<(Duration, StatusCode)> {
    match &exchange.end {
        Some((at, End::Response { status, .. })) => Some((*at, *status)),
        _ => None,
    }
}
