//! Performs the calls of a schedule with a real client, and reports what happened.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use authress_users_client::types::UserIdentity;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::{Either, FutureExt as _, join_all, select};
use serde_json::json;

use super::network::{Conditions, Connection, Exchange, SimulatedNetwork};
use super::random::Random;
use super::runtime::VirtualRuntime;
use super::schedule::{
    Bulk, BulkOperation, Call, CallAction, Schedule, Tokens, USERS, item_number,
};
use super::server::{Server, UserText, user_id};
use super::time::{SimulatedClock, Time, lock};
use crate::auth::{AccessToken, CachedTokenProvider, TokenFuture, TokenProvider};
use crate::bulk::{BulkIter, BulkRequest, BulkStream};
use crate::client::AuthressClient;
use crate::clock::Clock;
use crate::error::Error;
use crate::pagination::UserStream;

/// The key of a service client whose signatures are not verified.
const ACCESS_KEY: &str = "sc_service_client.uDeF.acc-test_account_id.\
    MC4CAQAwBQYDK2VwBCIEIE99LFw2c3DCiYwrY/Qkg1nIDiagoHtdCwb88RxarVYA";

/// After this time, a rate limiter has forgotten an earlier limit.
const REST: Duration = Duration::from_secs(2_000);

/// The deadline of calls after the faults have ended.
const PROBE_DEADLINE: Duration = Duration::from_secs(60);

/// The number of the first call after the faults have ended.
const PROBES: usize = 1_000_000;

/// What happened in a simulation.
pub(super) struct Report {
    pub(super) calls: Vec<CallReport>,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) server: Server,
    /// The results of calls after the faults have ended, and how many of them were in flight at once.
    pub(super) probes: Vec<Result<(), Error>>,
    pub(super) most_in_flight: usize,
    pub(super) most_probes_in_flight: usize,
    /// What remained after the client was dropped: tasks, timers, requests in flight.
    pub(super) left: [usize; 3],
}

/// How a call ended.
pub(super) struct CallReport {
    pub(super) started: Duration,
    pub(super) ended: Duration,
    pub(super) end: CallEnd,
    /// The users of a list, and those that a second list returned after an error.
    pub(super) listed: Listed,
    pub(super) resumed: Listed,
    /// The results of a bulk operation.
    pub(super) items: Vec<ItemReport>,
}

/// What a list returned.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) users: Vec<UserText>,
    /// The JSON of the users that it skipped.
    pub(super) skipped: Vec<String>,
}

/// The result of an item of a bulk operation.
pub(super) struct ItemReport {
    pub(super) index: usize,
    pub(super) elapsed: Duration,
    pub(super) end: CallEnd,
}

pub(super) enum CallEnd {
    /// The user, if the call returns one.
    Succeeded(Option<UserText>),
    Failed(Error),
    Dropped,
    Panicked,
}

/// The tenant that a call links its user to.
pub(super) fn tenant(call: usize) -> String {
    format!("tenant-{call}")
}

/// Runs a simulation. Returns nothing if a call waits for something that never happens.
pub(super) fn run(schedule: &Arc<Schedule>, mut random: Random) -> Option<Report> {
    let time = Arc::new(Time::default());
    let runtime = VirtualRuntime::new(time.clone());
    let mut server = Server::new(USERS, schedule.list.clone(), schedule.deletion_delay);
    server.deviations = schedule.deviations;
    server.rate_limit.clone_from(&schedule.rate_limit);
    let network = SimulatedNetwork::new(
        time.clone(),
        random.fork(),
        schedule.conditions.clone(),
        server,
    );
    for at in &schedule.revocations {
        let network = network.clone();
        time.after(*at, move || network.with_server(Server::revoke_tokens));
    }
    let mut report = runtime.run(perform(
        schedule.clone(),
        random,
        time.clone(),
        network.clone(),
    ))?;
    report.left = [runtime.tasks(), time.timers(), network.in_flight()];
    Some(report)
}

async fn perform(
    schedule: Arc<Schedule>,
    mut random: Random,
    time: Arc<Time>,
    network: Arc<SimulatedNetwork>,
) -> Report {
    let client = client(&schedule, &mut random, &time, &network);
    let calls: Vec<_> = schedule
        .calls
        .iter()
        .enumerate()
        .map(|(number, call)| {
            let call = report_call(client.clone(), time.clone(), number, *call);
            tokio::spawn(call)
        })
        .collect();
    let mut calls: Vec<CallReport> = join_all(calls)
        .await
        .into_iter()
        .map(|call| call.expect("panics of calls are caught"))
        .collect();
    let exchanges = network.exchanges();
    let most_in_flight = network.take_most_in_flight();
    network.set_conditions(Conditions::healthy());
    let server = network.with_server(|server| {
        let state = server.clone();
        server.rate_limit = None;
        state
    });
    time.sleep(REST).await;
    for (number, call) in calls.iter_mut().enumerate() {
        resume(&client, &schedule.calls[number], number, call).await;
    }
    let probe = |number: usize| {
        // The user does not exist, whatever was deleted.
        let id = user_id(USERS, PROBES + number);
        let call = client.users().get_user(id);
        call.with_deadline(PROBE_DEADLINE)
            .send()
            .map(|result| match result {
                Err(error) if !error.is_not_found() => Err(error),
                _ => Ok(()),
            })
    };
    // Ends an outage in which other calls would wait for this one.
    let first = probe(0).await;
    network.take_most_in_flight();
    let probes = (0..schedule.concurrency).map(|number| probe(number + 1));
    let mut probes = join_all(probes).await;
    probes.push(first);
    let most_probes_in_flight = network.take_most_in_flight();
    drop(client);
    Report {
        calls,
        exchanges,
        server,
        probes,
        most_in_flight,
        most_probes_in_flight,
        left: [0; 3],
    }
}

fn client(
    schedule: &Schedule,
    random: &mut Random,
    time: &Arc<Time>,
    network: &Arc<SimulatedNetwork>,
) -> AuthressClient {
    let clock = SimulatedClock::new(
        time.clone(),
        random.fork(),
        schedule.lateness,
        schedule.skew,
    );
    let clock = Arc::new(clock);
    let builder = AuthressClient::builder()
        .api_url("http://localhost")
        .network(Arc::new(Connection(network.clone())))
        .http(without_certificates)
        .clock(clock.clone())
        .concurrency_limit(schedule.concurrency)
        .retry_policy(schedule.policy.clone());
    let builder = match schedule.tokens {
        Tokens::AccessKey => builder.service_client_access_key(ACCESS_KEY),
        Tokens::Provider {
            fails,
            panics,
            is_cached,
        } => {
            let provider = UnreliableProvider {
                time: time.clone(),
                clock,
                random: Mutex::new(random.fork()),
                fails,
                panics,
            };
            if is_cached {
                builder.token_provider(CachedTokenProvider::new(provider))
            } else {
                builder.token_provider(provider)
            }
        }
    };
    builder.build().expect("the settings are valid")
}

/// Reading the certificates of the machine would take longer than the simulation.
pub(super) fn without_certificates(http: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    let http = http.tls_certs_only([]);
    http
}

/// A token provider that takes some time, fails and panics.
struct UnreliableProvider {
    time: Arc<Time>,
    clock: Arc<SimulatedClock>,
    random: Mutex<Random>,
    fails: f64,
    panics: f64,
}

impl TokenProvider for UnreliableProvider {
    fn access_token(&self) -> TokenFuture<'_> {
        self.access_token_at(self.clock.now())
    }

    fn access_token_at(&self, now: SystemTime) -> TokenFuture<'_> {
        // Faults end with those of the network.
        let is_reliable = self.time.now() >= REST;
        let mut random = lock(&self.random);
        let delay = random.milliseconds(0..100);
        let fails = random.chance(self.fails) && !is_reliable;
        let panics = random.chance(self.panics) && !is_reliable;
        let number = random.number(0..usize::MAX);
        drop(random);
        Box::pin(async move {
            if !is_reliable {
                self.time.sleep(delay).await;
            }
            if panics {
                // Unlike `panic!`, this prints nothing.
                std::panic::resume_unwind(Box::new("the provider panicked"));
            }
            if fails {
                return Err("the provider failed".into());
            }
            let issued = now.duration_since(UNIX_EPOCH)?.as_secs();
            let claims = json!({ "iat": issued, "exp": issued + 3_600, "jti": number });
            let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
            Ok(AccessToken::new(format!("e30.{claims}.c2ln"))?)
        })
    }
}

async fn report_call(
    client: AuthressClient,
    time: Arc<Time>,
    number: usize,
    call: Call,
) -> CallReport {
    time.sleep(call.start).await;
    let started = time.now();
    let mut listed = Listed::default();
    let mut items = Vec::new();
    let work = make_call(&client, number, call.action, &mut listed, &mut items);
    let mut work = Box::pin(AssertUnwindSafe(work).catch_unwind());
    let poll_all = async {
        if let Some((after, length)) = call.pause {
            match select(&mut work, Box::pin(time.sleep(after))).await {
                Either::Left((end, _)) => return end,
                Either::Right(_) => time.sleep(length).await,
            }
        }
        (&mut work).await
    };
    let end = match call.drop_after {
        None => poll_all.await,
        Some(delay) => match select(Box::pin(poll_all), Box::pin(time.sleep(delay))).await {
            Either::Left((end, _)) => end,
            Either::Right(_) => Ok(CallEnd::Dropped),
        },
    };
    drop(work);
    CallReport {
        started,
        ended: time.now(),
        end: end.unwrap_or(CallEnd::Panicked),
        listed,
        resumed: Listed::default(),
        items,
    }
}

async fn make_call(
    client: &AuthressClient,
    number: usize,
    action: CallAction,
    listed: &mut Listed,
    items: &mut Vec<ItemReport>,
) -> CallEnd {
    let users = client.users();
    let result = match action {
        CallAction::Get(user) => {
            let user = users.get_user(user_id(user, number)).await;
            user.map(|user| Some(user_text(user)))
        }
        CallAction::Delete(user) => {
            let deleted = users.delete_user(user_id(user, number)).await;
            deleted.map(|()| None)
        }
        CallAction::Link(user) => {
            let user = user_id(user, number);
            let linked = users.link_tenant_user(tenant(number), user).await;
            linked.map(|()| None)
        }
        CallAction::List {
            page_size,
            prefetch,
        } => {
            let mut request = users
                .get_users()
                .filter(number.to_string())
                .limit(page_size);
            if let Some(pages) = prefetch {
                request = request.with_prefetch(pages);
            }
            listed.read(request.stream()).await.map(|()| None)
        }
        CallAction::Bulk(bulk) => {
            make_bulk_calls(client, number, bulk, items).await;
            Ok(None)
        }
    };
    call_end(result)
}

impl Listed {
    async fn read(&mut self, mut stream: UserStream) -> Result<(), Error> {
        let end = loop {
            match stream.try_next().await {
                Ok(Some(user)) => self.users.push(user_text(user)),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        let skipped = stream.skipped().iter();
        self.skipped
            .extend(skipped.map(|user| user.json().to_owned()));
        end
    }
}

fn user_text(user: UserIdentity) -> UserText {
    (user.user_id, user.name.unwrap_or_default())
}

fn call_end(result: Result<Option<UserText>, Error>) -> CallEnd {
    match result {
        Ok(user) => CallEnd::Succeeded(user),
        Err(error) => CallEnd::Failed(error),
    }
}

async fn make_bulk_calls(
    client: &AuthressClient,
    number: usize,
    bulk: Bulk,
    items: &mut Vec<ItemReport>,
) {
    let users = client.users();
    let id = move |index| {
        let user = (bulk.first_user + index) % USERS;
        user_id(user, item_number(number, index))
    };
    match bulk.operation {
        BulkOperation::Get => {
            let stream = users.get_all((0..bulk.items).map(id));
            collect(bulk, stream, |user| Some(user_text(user)), items).await;
        }
        BulkOperation::Delete => {
            let stream = users.delete_all((0..bulk.items).map(id));
            collect(bulk, stream, |_| None, items).await;
        }
        BulkOperation::Link => {
            let links = (0..bulk.items).map(|index| {
                let tenant = tenant(item_number(number, index));
                (tenant, id(index))
            });
            collect(bulk, users.link_all(links), |()| None, items).await;
        }
    }
}

async fn collect<R, I>(
    bulk: Bulk,
    stream: BulkStream<R, BulkIter<I>>,
    user: fn(R::Value) -> Option<UserText>,
    items: &mut Vec<ItemReport>,
) where
    R: BulkRequest,
    I: Iterator,
    I::Item: Into<R::Id>,
{
    let mut stream = stream
        .with_concurrency(bulk.concurrency)
        .with_deadline(bulk.deadline);
    while let Some(item) = stream.next().await {
        items.push(ItemReport {
            index: usize::try_from(item.index).unwrap_or(usize::MAX),
            elapsed: item.elapsed,
            end: call_end(item.result.map(user)),
        });
    }
}

/// Continues a list that failed, from the cursor of its error.
async fn resume(client: &AuthressClient, call: &Call, number: usize, report: &mut CallReport) {
    let (CallAction::List { page_size, .. }, CallEnd::Failed(error)) = (call.action, &report.end)
    else {
        return;
    };
    let mut request = client
        .users()
        .get_users()
        .filter(number.to_string())
        .limit(page_size)
        .with_deadline(PROBE_DEADLINE);
    if let Some(cursor) = error.cursor() {
        request = request.cursor(cursor);
    }
    if let Err(error) = report.resumed.read(request.stream()).await {
        let failed = ("failed".to_owned(), error.to_string());
        report.resumed.users.push(failed);
    }
}
