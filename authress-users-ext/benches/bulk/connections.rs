//! Jobs whose connections fail while the API is well, with the default policy of interactive calls.

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use authress_users_ext::{AuthressClient, RetryPolicy};
use futures::StreamExt as _;
use tokio::net::TcpListener;

use crate::http1_server::{Until, serve};
use crate::http2_server::{Action, Http2Server, NO_ERROR};
use crate::jobs::Job;
use crate::setup::Done;
use crate::table::{Table, Target};

/// How long the port is closed.
const CLOSED: Duration = Duration::from_millis(60);
/// The calls that fill the pool of connections before they die.
const FILLING: u16 = 2_000;

pub(crate) async fn measure(table: &mut Table) -> Done<Vec<Job>> {
    let mut jobs = Vec::new();
    for (name, items, failed_before, failed) in [
        (
            "1,000 deletes, the port is closed for 60 ms",
            1_000,
            986,
            closed_port().await?,
        ),
        (
            "300 deletes, connections reset on their second request",
            300,
            116,
            resets().await?,
        ),
        (
            "100 deletes, all pooled connections have died",
            100,
            30,
            dead_pool().await?,
        ),
        (
            "200 deletes, HTTP/2 refuses the first 100 streams",
            200,
            70,
            http2(Action::Refuse).await?,
        ),
        (
            "200 deletes, HTTP/2 goes away after 100",
            200,
            33,
            http2(Action::GoAway(NO_ERROR)).await?,
        ),
    ] {
        let figure = format!("{failed} failed (before: {failed_before})");
        eprintln!("{name}: {figure}");
        let target = Target {
            text: "0 failed".to_owned(),
            is_met: failed == 0,
        };
        table.add(name, &figure, Some(target));
        jobs.push(Job {
            name,
            items,
            failed_before: Some(failed_before),
            failed,
        });
    }
    Ok(jobs)
}

async fn closed_port() -> Done<usize> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let authress = client(address, false)?;
    let server = serve(listener, Until::Forever);
    let close = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        server.abort();
        tokio::time::sleep(CLOSED).await;
        let listener = TcpListener::bind(address).await?;
        Done::Ok(serve(listener, Until::Forever))
    };
    let (failed, reopened) = tokio::join!(delete(&authress, 0..1_000, 16), close);
    reopened?;
    Ok(failed)
}

async fn resets() -> Done<usize> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let authress = client(listener.local_addr()?, false)?;
    serve(listener, Until::Requests(1));
    Ok(delete(&authress, 0..300, 16).await)
}

async fn dead_pool() -> Done<usize> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let authress = client(listener.local_addr()?, false)?;
    let served = Arc::new(AtomicUsize::new(0));
    serve(listener, Until::Total(served, FILLING.into()));
    if delete(&authress, 0..FILLING, 100).await > 0 {
        return Err("the pool could not be filled".into());
    }
    Ok(delete(&authress, 0..100, 100).await)
}

/// Performs `action` on the first 100 streams, or at the hundredth one.
async fn http2(action: Action) -> Done<usize> {
    let server = Http2Server::start(move |numbers| match action {
        Action::Refuse if numbers.in_all < 100 => action,
        Action::GoAway(_) if numbers.in_all == 100 => action,
        _ => Action::Respond(202),
    });
    let authress = client(server.await.address, true)?;
    Ok(delete(&authress, 0..200, 200).await)
}

fn client(address: SocketAddr, is_http2: bool) -> Done<AuthressClient> {
    let mut builder = AuthressClient::builder()
        .api_url(format!("http://{address}"))
        .access_token("e30.e30.e30");
    if is_http2 {
        builder = builder.http(reqwest::ClientBuilder::http2_prior_knowledge);
    }
    Ok(builder.build()?)
}

/// Returns how many deletes failed.
async fn delete(authress: &AuthressClient, numbers: Range<u16>, concurrency: usize) -> usize {
    let ids = numbers.map(|number| number.to_string());
    let deletions = authress.users().delete_all(ids);
    let failures = deletions
        .with_concurrency(concurrency)
        .with_retry_policy(RetryPolicy::default())
        .filter(|item| std::future::ready(item.result.is_err()));
    failures.count().await
}
