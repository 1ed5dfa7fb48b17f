//! A service that depends on `authress-users-ext`: it lists, reads and deletes users on behalf of
//! the caller whose token comes in.
//!
//! `app.rs` has the routes, `problem.rs` what becomes of errors, `caller.rs` the token that comes
//! in, `telemetry.rs` the traces, and `tests.rs` how such a service is tested offline.

mod app;
mod caller;
mod problem;
#[path = "../shared/mod.rs"]
mod shared;
mod telemetry;

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::ExitCode;

use authress_users_contract::MockAuthress;
use clap::Parser;
use secrecy::ExposeSecret as _;
use tempfile::NamedTempFile;
use tokio::net::TcpListener;

use shared::account::{self, AccountSettings};
use shared::failure::{self, Failure, about};

const HELP: &str = "\
Environment:
  AUTHRESS_API_URL             The account's custom domain, or https://{accountId}.api.authress.io.
                               Without it the service runs against a fake in this process.
  OTEL_TRACES_EXPORTER         Where traces go: console (standard output; the default), otlp, none.
  OTEL_EXPORTER_OTLP_ENDPOINT  The collector for otlp; http://localhost:4318 by default.

The service has no credential of its own: what a caller may not do, it can't do for them.
AUTHRESS_ACCESS_KEY and AUTHRESS_ACCESS_TOKEN are not read.

Interrupt it (Ctrl-C, or SIGTERM) and it ends once the requests under way are answered.";

/// A service that lists, reads and deletes users on behalf of its callers.
///
/// GET /users?tenant=&filter=&cursor=&limit=, GET /users/{id}, DELETE /users/{id}, each with the
/// caller's token as `Authorization: Bearer`; GET /health.
#[derive(Debug, Parser)]
#[command(after_help = HELP)]
struct Arguments {
    /// The address and port to listen on; with port 0 the system chooses one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    #[command(flatten)]
    account: AccountSettings,
}

#[tokio::main]
async fn main() -> ExitCode {
    failure::exit_code(run(Arguments::parse()).await)
}

async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let traces = telemetry::start()?;
    let served = serve(&arguments).await;
    // Spans that are still in memory would be lost.
    traces.end();
    served.map(|()| ExitCode::SUCCESS)
}

async fn serve(arguments: &Arguments) -> Result<(), Failure> {
    let (url, fake) = if let Some(url) = account::url_in_environment() {
        (url, None)
    } else {
        let fake = account::start_fake(&arguments.account).await?;
        (fake.url(), Some(fake))
    };
    let app = app::router(app::client(&url)?);
    let listener = TcpListener::bind(arguments.listen)
        .await
        .map_err(about(arguments.listen))?;
    let address = listener.local_addr()?;
    let mut caller = None;
    if let Some(fake) = &fake {
        let file = caller_of(fake)?;
        eprintln!(
            "Try: curl -H @{} http://{address}/users?limit=3",
            file.path().display()
        );
        caller = Some(file);
    }
    eprintln!("Listening on http://{address}");
    axum::serve(listener, app)
        .with_graceful_shutdown(interrupted())
        .await?;
    eprintln!("Every request is answered. Goodbye.");
    drop(caller);
    Ok(())
}

/// A header with the token of somebody who may do everything on the fake, in a file that nobody
/// else can read: on the screen it would be a bad example.
fn caller_of(fake: &MockAuthress) -> Result<NamedTempFile, Failure> {
    let mut file = NamedTempFile::with_prefix("caller-")?;
    writeln!(
        file,
        "Authorization: Bearer {}",
        fake.access_token().expose_secret()
    )?;
    Ok(file)
}

/// Ends with the first signal that asks the process to end.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    // Without a way to hear of it, the service runs until it is killed.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
