//! Bulk jobs in real time, over sockets: rate limits, outages, failing connections, and interactive calls
//! beside them.
//!
//! `cargo bench -p authress-users-ext --bench bulk` runs everything in about seven minutes, prints one table, and
//! draws the charts of the guide; arguments after `--` (`connections`, `jobs`, `interactive`,
//! `limit_change`) select parts.

mod charts;
mod connections;
mod http1_server;
#[path = "../../tests/client/http2_server.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "it belongs to tests, which may panic"
)]
mod http2_server;
mod interactive;
mod jobs;
mod limit_change;
mod setup;
#[path = "../calls/table.rs"]
#[expect(dead_code, reason = "the other benchmark uses all of it")]
mod table;

use setup::Done;
use table::Table;

fn main() -> Done {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    // `cargo test --benches` only checks that the benchmarks start.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("Nothing is measured without `cargo bench`.");
        return Ok(());
    }
    let is_wanted = |part: &str| {
        arguments.iter().all(|argument| argument.starts_with('-'))
            || arguments.iter().any(|argument| argument == part)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let mut table = Table::default();
    let mut jobs = Vec::new();
    if is_wanted("connections") {
        jobs.extend(runtime.block_on(connections::measure(&mut table))?);
    }
    if is_wanted("jobs") {
        jobs.extend(runtime.block_on(jobs::measure(&mut table))?);
    }
    if is_wanted("connections") && is_wanted("jobs") {
        charts::draw_jobs(&jobs)?;
    }
    if is_wanted("interactive") {
        runtime.block_on(interactive::measure(&mut table))?;
    }
    if is_wanted("limit_change") {
        let seconds = runtime.block_on(limit_change::measure(&mut table))?;
        charts::draw_limit_change(&seconds)?;
    }
    table.print();
    Ok(())
}
