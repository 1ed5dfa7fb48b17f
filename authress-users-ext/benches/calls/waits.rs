//! Jobs that are bound by waits, and how often a token is signed.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use authress_users_ext::{AuthressClient, Clock};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::job::{ACCESS_KEY, Done};
use crate::server::Server;
use crate::table::{Table, Target};

const LATENCY: Duration = Duration::from_millis(20);
const CALLERS: usize = 10_000;
const PAGES: u32 = 50;
const DELETES: u32 = 10_000;
const IN_FLIGHT: u32 = 32;
/// The number of repetitions, of which the best counts.
const TIMES: usize = 3;

pub(crate) fn measure(table: &mut Table) -> Done {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        expired_token(table).await?;
        prefetch(table).await?;
        deletes(table).await
    })
}

/// A clock that can be advanced by a day.
#[derive(Debug, Default)]
struct Tomorrow(Arc<AtomicBool>);

impl Clock for Tomorrow {
    fn now(&self) -> SystemTime {
        let days = u32::from(self.0.load(Ordering::Relaxed));
        SystemTime::now() + days * Duration::from_secs(86_400)
    }
}

async fn expired_token(table: &mut Table) -> Done {
    let is_tomorrow = Arc::new(AtomicBool::new(false));
    let authress = AuthressClient::builder()
        .api_url("http://127.0.0.1:1")
        .service_client_access_key(ACCESS_KEY)
        .clock(Tomorrow(is_tomorrow.clone()))
        .build()?;
    let expired = authress.access_token().await?;
    is_tomorrow.store(true, Ordering::Relaxed);
    let started = Instant::now();
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let authress = authress.clone();
            tokio::spawn(async move { authress.access_token().await })
        })
        .collect();
    let mut tokens = HashSet::new();
    for caller in callers {
        tokens.insert(caller.await??.expose_secret().to_owned());
    }
    let taken = started.elapsed();
    if tokens.contains(expired.expose_secret()) {
        return Err("an expired token was returned".into());
    }
    // Every signed token differs, so the number of tokens is the number of signings.
    table.add(
        "10,000 callers, expired token: signings",
        &format!("{} in {:.1} ms", tokens.len(), milliseconds(taken)),
        Some(Target {
            text: "1".to_owned(),
            is_met: tokens.len() == 1,
        }),
    );
    Ok(())
}

async fn prefetch(table: &mut Table) -> Done {
    let server = Server::start(PAGES.into(), LATENCY)?;
    let authress = client(&server)?;
    let mut best = Duration::MAX;
    for _ in 0..TIMES {
        let mut pages = authress.users().get_users().with_prefetch(2).pages();
        let started = Instant::now();
        while let Some(page) = pages.try_next().await? {
            // A blocking consumer; this thread serves no other task.
            thread::sleep(LATENCY);
            drop(page);
        }
        best = best.min(started.elapsed() / PAGES);
    }
    let limit = LATENCY.mul_f64(1.1);
    table.add(
        "prefetch, 20 ms to come and 20 ms to consume, for each page",
        &format!("{:.1} ms", milliseconds(best)),
        Some(Target {
            text: format!("{:.1} ms", milliseconds(limit)),
            is_met: best <= limit,
        }),
    );
    Ok(())
}

async fn deletes(table: &mut Table) -> Done {
    let limit = (LATENCY * DELETES / IN_FLIGHT).mul_f64(1.1);
    let mut best = Duration::MAX;
    let mut connections = 0;
    for _ in 0..TIMES {
        let server = Server::start(1, LATENCY)?;
        let authress = client(&server)?;
        let started = Instant::now();
        stream::iter(0..DELETES)
            .map(Ok)
            .try_for_each_concurrent(IN_FLIGHT as usize, |number| {
                let delete = authress.users().delete_user(format!("auth0|{number}"));
                delete.send()
            })
            .await?;
        best = best.min(started.elapsed());
        connections = server.connections();
        // It is slow, and repetitions would not change the result.
        if best <= limit {
            break;
        }
    }
    table.add(
        "10,000 deletes at 20 ms, 32 in flight",
        &format!("{:.2} s on {connections} connections", best.as_secs_f64()),
        Some(Target {
            text: format!("{:.2} s", limit.as_secs_f64()),
            is_met: best <= limit,
        }),
    );
    Ok(())
}

fn client(server: &Server) -> Done<AuthressClient> {
    let client = AuthressClient::builder()
        .api_url(server.url())
        .service_client_access_key(ACCESS_KEY);
    Ok(client.build()?)
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
