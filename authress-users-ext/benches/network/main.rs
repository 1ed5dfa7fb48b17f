//! Lists 100,000 users over a slow network, in each coding: bytes on the wire and time.
//!
//! `cargo bench -p authress-users-ext --bench network` takes about five minutes in real time and prints a
//! table.

mod link;
mod pages;
mod server;

use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use authress_users_ext::AuthressClient;

use crate::link::Link;
use crate::pages::{Coding, PAGES, USERS_IN_A_PAGE};

type Done<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// The capacity of the network in each direction: 50 Mbit/s.
const BYTES_PER_SECOND: u32 = 50_000_000 / 8;
/// The delay of the network in each direction: half of a round trip of 30 ms.
const DELAY: Duration = Duration::from_millis(15);

fn main() -> Done {
    // `cargo test --benches` only checks that the benchmark starts.
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("Nothing is measured without `cargo bench`.");
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let plain = pages::plain();
    println!("| coding | received | for each page | time | time, prefetch 1 |");
    println!("|---|---:|---:|---:|---:|");
    for coding in Coding::ALL {
        let pages = runtime.block_on(pages::encode(&plain, coding))?;
        let server = server::start(coding, pages)?;
        let mut times = Vec::new();
        let mut received = 0;
        for prefetch in [None, Some(1)] {
            let link = Link::start(server, BYTES_PER_SECOND, DELAY)?;
            let started = Instant::now();
            runtime.block_on(list(link.address(), prefetch))?;
            times.push(format!("{:.1} s", started.elapsed().as_secs_f64()));
            received = link.received();
        }
        let each = received / PAGES as u64;
        println!(
            "| {} | {}.{} MB | {each} bytes | {} |",
            coding.name(),
            received / 1_000_000,
            received / 100_000 % 10,
            times.join(" | ")
        );
    }
    Ok(())
}

/// Lists all users over one connection.
async fn list(address: SocketAddr, prefetch: Option<usize>) -> Done {
    let authress = AuthressClient::builder()
        .api_url(format!("http://{address}"))
        .access_token("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl")
        .build()?;
    let mut list = authress.users().get_users().limit(100);
    if let Some(pages) = prefetch {
        list = list.with_prefetch(pages);
    }
    let mut users = list.stream();
    let mut count = 0;
    while users.try_next().await?.is_some() {
        count += 1;
    }
    if count == PAGES * USERS_IN_A_PAGE {
        Ok(())
    } else {
        Err(format!("{count} users were listed").into())
    }
}
