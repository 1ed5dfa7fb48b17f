//! A service that lists, reads and deletes users on behalf of its callers, with their tokens.
//!
//! `app.rs` contains the routes, `problem.rs` the error responses, `caller.rs` the token of the caller,
//! `telemetry.rs` the traces, and `tests.rs` offline tests.

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
  AUTHRESS_API_URL             The account's custom domain, or https://{accountId}.api.authress.io
                               [default: a fake in this process]
  OTEL_TRACES_EXPORTER         Exporter of traces: console (standard output), otlp or none
                               [default: console]
  OTEL_EXPORTER_OTLP_ENDPOINT  Collector for otlp [default: http://localhost:4318]

The service has no credential, and does not read AUTHRESS_ACCESS_KEY and
AUTHRESS_ACCESS_TOKEN. It can do only what its callers may do.

After an interrupt (Ctrl-C or SIGTERM) it completes the requests in flight and exits.

Examples:
  cargo run -p authress-users-ext --example web_app
  cargo run -p authress-users-ext --example web_app -- --listen 127.0.0.1:0 --fake-users 1000";

/// Serve lists, reads and deletions of users on behalf of callers
///
/// Routes: GET /users?tenant=&filter=&cursor=&limit=, GET /users/{id} and DELETE /users/{id}, each with
/// the caller's token as `Authorization: Bearer`; GET /health.
#[derive(Debug, Parser)]
#[command(after_help = HELP)]
struct Arguments {
    /// Address and port to listen on; with port 0 the system chooses one
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
    // Exports the spans that are still in memory.
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
    eprintln!("All requests are complete.");
    drop(caller);
    Ok(())
}

/// Writes a header with a token for the fake to a private file, since a token must not appear on the
/// screen.
fn caller_of(fake: &MockAuthress) -> Result<NamedTempFile, Failure> {
    let mut file = NamedTempFile::with_prefix("caller-")?;
    writeln!(
        file,
        "Authorization: Bearer {}",
        fake.access_token().expose_secret()
    )?;
    Ok(file)
}

/// Waits for the first signal to terminate.
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
    // Without signals, the service runs until it is killed.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
