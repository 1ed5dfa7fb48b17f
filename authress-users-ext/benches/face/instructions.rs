//! Instructions for each call: exact, whatever else the machine does. Two runs of different length
//! are subtracted from each other, so that neither start nor end of a process is counted.

use std::time::Duration;

use crate::callgrind;
use crate::face::Face;
use crate::hand_written::HandWritten;
use crate::job::{Done, Job};
use crate::server::Server;
use crate::table::{Table, grouped};

/// The argument that makes this program a process that is measured.
pub(crate) const REPEAT: &str = "repeat";
const FACE: &str = "face";
const HAND_WRITTEN: &str = "hand-written";

pub(crate) fn measure(table: &mut Table) -> Done {
    if !callgrind::is_installed() {
        eprintln!("Instructions are not counted: valgrind is not installed.");
        return Ok(());
    }
    let server = Server::start(u64::MAX, Duration::ZERO)?;
    for job in Job::ALL {
        let count = if job.unit() == "call" { 200 } else { 20 };
        let face = each(FACE, job, count, &server)?;
        let what = format!("{}, instructions for each {}", job.name(), job.unit());
        if job == Job::Token {
            table.add(&what, &grouped(face), None);
            continue;
        }
        let hand_written = each(HAND_WRITTEN, job, count, &server)?;
        let target = match job {
            Job::GetUser => Some(1.15),
            Job::ListUsers => Some(1.0),
            _ => None,
        };
        table.ratio(
            &what,
            &grouped(face),
            &grouped(hand_written),
            ratio(face, hand_written),
            target,
        );
    }
    let face = start_up(FACE, &server)?;
    let hand_written = start_up(HAND_WRITTEN, &server)?;
    table.ratio(
        "start-up to a first user, instructions",
        &grouped(face),
        &grouped(hand_written),
        ratio(face, hand_written),
        None,
    );
    Ok(())
}

fn each(side: &str, job: Job, count: u64, server: &Server) -> Result<u64, String> {
    let more = repeated(side, job, 2 * count, server)?;
    Ok(more.saturating_sub(repeated(side, job, count, server)?) / count)
}

fn start_up(side: &str, server: &Server) -> Result<u64, String> {
    repeated(side, Job::GetUser, 1, server)
}

fn repeated(side: &str, job: Job, count: u64, server: &Server) -> Result<u64, String> {
    callgrind::instructions(&[REPEAT, side, job.name(), &count.to_string(), &server.url()])
}

#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
pub(crate) fn ratio(one: u64, other: u64) -> f64 {
    one as f64 / other as f64
}

/// What the measured process does.
pub(crate) fn repeat(arguments: &[String]) -> Done {
    let [side, job, count, url] = arguments else {
        return Err("a side, a job, a count and a URL are needed".into());
    };
    let job = Job::named(job).ok_or("no such job")?;
    let count = count.parse()?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            if side == FACE {
                Face::new(url)?.run(job, count).await
            } else {
                HandWritten::new(url)?.run(job, count).await
            }
        })
}
