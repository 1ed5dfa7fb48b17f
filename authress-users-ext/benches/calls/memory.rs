//! The peak memory of a process that lists users.

use std::fs;
use std::hint::black_box;
use std::process::Command;
use std::time::Duration;

use crate::client::Client;
use crate::job::{Done, Job};
use crate::server::{Server, USERS_IN_A_PAGE};
use crate::table::{Table, Target};

/// The argument that turns this program into the measured process.
pub(crate) const LIST: &str = "list";
const FEW: u64 = 10_000;
const MANY: u64 = 1_000_000;
const MORE_KIB: u64 = 2 * 1024;

pub(crate) fn measure(table: &mut Table) -> Done {
    if !fs::exists("/proc/self/status")? {
        eprintln!("Skipping memory: the peak of a process is available only on Linux.");
        return Ok(());
    }
    let few = peak(FEW)?;
    let many = peak(MANY)?;
    let more = many.saturating_sub(few);
    let target = Target {
        text: format!("+ {MORE_KIB} KiB"),
        is_met: more <= MORE_KIB,
    };
    table.add(
        "peak memory, 10,000 users listed",
        &format!("{few} KiB"),
        None,
    );
    table.add(
        "peak memory, 1,000,000 users listed",
        &format!("{many} KiB (+ {more} KiB)"),
        Some(target),
    );
    Ok(())
}

fn peak(users: u64) -> Done<u64> {
    let server = Server::start(u64::MAX, Duration::ZERO)?;
    let output = Command::new(std::env::current_exe()?)
        .args([LIST, &users.to_string(), &server.url()])
        .output()?;
    let stdout = String::from_utf8(output.stdout)?;
    stdout.trim().parse().map_err(|_| {
        format!(
            "the process reported no peak: {}",
            String::from_utf8_lossy(&output.stderr)
        )
        .into()
    })
}

/// Runs the job in the measured process.
pub(crate) fn list(arguments: &[String]) -> Done {
    let [users, url] = arguments else {
        return Err("a number of users and a URL are needed".into());
    };
    let pages = users.parse::<u64>()? / USERS_IN_A_PAGE;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            black_box(Client::new(url)?)
                .run(Job::ListUsers, pages)
                .await
        })?;
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next())
        .ok_or("the system reports no peak")?;
    println!("{peak}");
    Ok(())
}
