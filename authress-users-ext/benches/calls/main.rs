//! Compares the client with a hand-written loop on reqwest and serde that does the same job: time,
//! instructions, waits and memory. `cargo bench -p authress-users-ext` measures everything and prints one
//! table; an argument after `--` (`time`, `instructions`, `waits`, `memory`) selects a part.

mod callgrind;
mod client;
mod hand_written;
mod instructions;
mod job;
mod memory;
mod server;
mod table;
mod time;
mod waits;

use job::Done;
use table::Table;

fn main() -> Done {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some(instructions::REPEAT) => return instructions::repeat(&arguments[1..]),
        Some(memory::LIST) => return memory::list(&arguments[1..]),
        _ => {}
    }
    // `cargo test --benches` only checks that the benchmarks start.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("Nothing is measured without `cargo bench`.");
        return Ok(());
    }
    let is_wanted = |part: &str| {
        arguments.iter().all(|argument| argument.starts_with('-'))
            || arguments.iter().any(|argument| argument == part)
    };
    let mut table = Table::default();
    if is_wanted("time") {
        time::measure(&mut table)?;
    }
    if is_wanted("instructions") {
        instructions::measure(&mut table)?;
    }
    if is_wanted("waits") {
        waits::measure(&mut table)?;
    }
    if is_wanted("memory") {
        memory::measure(&mut table)?;
    }
    table.print();
    Ok(())
}
