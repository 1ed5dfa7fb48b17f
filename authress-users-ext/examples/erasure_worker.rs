//! Deletes the users whose ids arrive on standard input, one per line, and prints a result for each.
//!
//! Needs `AUTHRESS_API_URL` and `AUTHRESS_ACCESS_KEY`, which `cargo xtask mock` prints for a fake. After Ctrl-C
//! or SIGTERM it takes no more ids, completes the deletions in flight, and exits. Exits with 1 if a
//! deletion failed.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use authress_users_ext::{AuthressClient, Deletion};
use futures::{StreamExt as _, TryFutureExt as _, future, stream};
use tokio::sync::mpsc;

/// Waits for the first signal to stop.
async fn stopped() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = terminated.recv() => Ok(()),
            interrupted = tokio::signal::ctrl_c() => interrupted,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let authress = AuthressClient::from_env()?;
    let (sender, mut receiver) = mpsc::channel(1);
    // In a thread of its own, which does not delay the exit while it waits for a line.
    std::thread::spawn(move || {
        let mut lines = io::stdin().lines();
        lines.try_for_each(|line| sender.blocking_send(line))
    });
    let ids = stream::poll_fn(move |context| receiver.poll_recv(context));
    // Without signals, it runs until its input ends or it is killed.
    let stopped = stopped().or_else(|_| future::pending::<io::Result<()>>());
    let ids = ids.take_until(Box::pin(stopped));
    // Shorter than the time between the two signals that Kubernetes sends.
    let deadline = Duration::from_secs(25);
    let users = authress.users();
    let mut deletions = users.delete_stream(ids).with_deadline(deadline);
    let (mut results, mut exit_code) = (io::stdout(), ExitCode::SUCCESS);
    while let Some(item) = deletions.try_next().await? {
        match item.result {
            Ok(Deletion::Accepted) => writeln!(results, "{}: deleted", item.id)?,
            Ok(Deletion::AlreadyDeleted) => writeln!(results, "{}: not found", item.id)?,
            Err(error) => {
                writeln!(results, "{}: {error}", item.id)?;
                exit_code = ExitCode::FAILURE;
            }
        }
    }
    Ok(exit_code)
}
