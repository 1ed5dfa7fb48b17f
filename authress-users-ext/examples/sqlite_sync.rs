//! Copies the users of an account into an `SQLite` database, for example every night.
//!
//! Needs `AUTHRESS_API_URL` and `AUTHRESS_ACCESS_KEY`, which `cargo xtask mock` prints for a fake. Users that
//! are no longer in the list are deleted from the database. A run that fails changes nothing.

use std::io::{Write as _, stdout};

use authress_users_ext::{AuthressClient, RetryPolicy};
use rusqlite::Connection;

#[path = "shared/private_file.rs"]
mod private_file;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS users
    (user_id TEXT PRIMARY KEY, name TEXT, email TEXT, run INTEGER NOT NULL) STRICT";
const NEXT_RUN: &str = "SELECT coalesce(max(run), 0) + 1 FROM users";
const WRITE: &str = "INSERT OR REPLACE INTO users VALUES (?1, ?2, ?3, ?4)";
const DELETE: &str = "DELETE FROM users WHERE run < ?1";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args()
        .nth(1)
        .filter(|file| !file.starts_with('-'));
    let file = file.ok_or("usage: sqlite_sync FILE")?;
    // Only its owner can read it.
    private_file::open_or_create(file.as_ref())?;
    let mut database = Connection::open(file)?;
    database.execute(TABLE, ())?;
    let authress = AuthressClient::from_env()?;

    let changes = database.transaction()?;
    let run: i64 = changes.query_row(NEXT_RUN, (), |row| row.get(0))?;
    let list = authress.users().get_users().with_prefetch(1);
    // Waits for the end of an outage.
    let mut users = list.with_retry_policy(RetryPolicy::batch()).stream();
    let mut written = 0;
    while let Some(user) = users.try_next().await? {
        let row = (user.user_id, user.name, user.email, run);
        written += changes.prepare_cached(WRITE)?.execute(row)?;
    }
    // A user that does not match the spec is not in the list, but not gone either.
    let skipped = users.skipped().len();
    let deleted = match skipped {
        0 => changes.execute(DELETE, [run])?,
        _ => 0,
    };
    changes.commit()?;
    let counts = format!("{written} users written, {deleted} deleted, {skipped} skipped");
    writeln!(stdout(), "{counts}")?;
    Ok(())
}
