//! What the client costs beside a hand-written loop on reqwest and serde that does the same job: in
//! time, in instructions, in waiting, in memory. `cargo bench -p authress-users-ext` measures all
//! of it and prints one table; a word behind `--` (`time`, `instructions`, `waits`, `memory`) keeps
//! to that part.

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
    // `cargo test --benches` starts benches as well, and wants to know whether they start.
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
