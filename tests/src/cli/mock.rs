use std::error::Error;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};

use super::console::Console;
use super::data::Data;
use super::exit_codes::EXIT_CODES;
use super::failure::Failure;
use super::ready_file::ReadyFile;
use super::request_log::{self, LogFormat};
use super::signals::Signals;
use super::tally::Tally;
use crate::error::InvalidInput;
use crate::mock::{Defect, MockAuthress, RateLimit, RateLimitHeaders};
use crate::operation::Operation;
use crate::spec::Spec;

/// The tenant of a fake without a data file.
const TENANT: &str = "acme";
/// The largest number of generated users; more take gigabytes of memory.
const MAX_USERS: usize = 1_000_000;
/// The number of users of a fake without a data file.
const USERS: usize = 250;
/// How many requests and findings are kept.
const HISTORY: usize = 1_000;

/// The arguments of `mock`.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Requests are logged to standard error. SIGINT (Ctrl-C) and SIGTERM end the fake with a summary.
GET /__mock/health responds with 200 once the fake accepts requests.

A data file is a JSON object; each member is optional, and users may have any other members:
  {{ \"users\": [\"auth0|ada\", {{ \"userId\": \"auth0|grace\", \"name\": \"Grace\", \"visits\": 3 }}],
    \"tenants\": [\"acme\"], \"links\": [{{ \"tenantId\": \"acme\", \"userId\": \"auth0|ada\" }}] }}

Examples:
  authress-users-contract mock
  authress-users-contract mock --port 0 --users 10000 --latency 20
  authress-users-contract mock --rate-limit 50 --deny deleteUser
  authress-users-contract mock --data users.json --ready-file fake.env --fail-on-findings

{EXIT_CODES}"))]
pub struct MockArguments {
    /// Listen on this address; 0.0.0.0 accepts requests of other machines.
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS", value_parser = host)]
    host: IpAddr,
    /// Listen on this port; 0 lets the system choose.
    #[arg(long, default_value_t = 8888, value_name = "N")]
    port: u16,
    /// Set the URL at which clients reach the fake, for example behind a proxy.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Start with this number of generated users, at most a million [default: 250, or 0 with --data].
    #[arg(long, value_name = "N", value_parser = users)]
    users: Option<usize>,
    /// Start with the users, tenants and links of this JSON file; users keep all of their members.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Use this access key, of the form clientId.keyId.accountId.privateKey [default: a new one].
    #[arg(long, value_name = "KEY")]
    access_key: Option<SecretString>,
    /// Reject this operation with 403; can be repeated.
    #[arg(long, value_name = "OPERATION", value_parser = operation)]
    deny: Vec<Operation>,
    /// Start with a defect, to try tools that validate servers; an unknown name lists all.
    #[arg(long, value_name = "NAME", value_parser = defect)]
    defect: Option<Defect>,
    /// Delay every response by at least this number of milliseconds.
    #[arg(long, default_value_t = 0, value_name = "MS")]
    latency: u64,
    /// Reject requests above this number per second with 429 and Retry-After [default: no limit].
    #[arg(long, value_name = "N", value_parser = rate_limit)]
    rate_limit: Option<RateLimit>,
    /// Write the settings of clients to this file once the fake accepts requests; it is removed at the
    /// end.
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// Serve the control of the fake and its page at /__mock/, to this machine only.
    #[arg(long)]
    control: bool,
    /// Do not log requests; the summary remains.
    #[arg(long)]
    quiet: bool,
    /// Set the format of the log and of the summary.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    log_format: LogFormat,
    /// Exit with 1 if a request violated the spec.
    #[arg(long)]
    fail_on_findings: bool,
}

fn host(text: &str) -> Result<IpAddr, String> {
    if text.eq_ignore_ascii_case("localhost") {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    text.parse()
        .map_err(|_| "expected an IP address or localhost".to_owned())
}

fn users(count: &str) -> Result<usize, String> {
    let count = count.parse().ok();
    count
        .filter(|count| *count <= MAX_USERS)
        .ok_or_else(|| format!("expected a number from 0 to {MAX_USERS}"))
}

fn operation(id: &str) -> Result<Operation, String> {
    id.parse()
        .map_err(|reason: InvalidInput| reason.to_string())
}

fn defect(name: &str) -> Result<Defect, String> {
    name.parse().map_err(|_: InvalidInput| {
        let names: Vec<_> = Defect::ALL.iter().map(|defect| defect.name()).collect();
        format!("unknown defect; the defects are {}", names.join(", "))
    })
}

fn rate_limit(requests_per_second: &str) -> Result<RateLimit, String> {
    let rate = requests_per_second
        .parse()
        .map_err(|_| "expected a number of requests per second".to_owned())?;
    let limit = RateLimit::per_second(rate).map_err(|reason| reason.to_string())?;
    Ok(limit.headers(RateLimitHeaders::RetryAfterSeconds))
}

impl MockArguments {
    /// Serves the fake until the process is interrupted or terminated, and logs to standard error.
    ///
    /// # Errors
    /// [`Failure::Unusable`] if the fake could not be started, and [`Failure::Findings`] if a request
    /// violated the spec and `--fail-on-findings` is set.
    pub fn run(&self, out: &mut impl Write) -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (console, end) = Console::new(io::stderr());
        let (summary, errors) = runtime.block_on(async {
            let mut signals = Signals::install()?;
            let running = self.start(console, out).await?;
            signals.received().await;
            Ok::<_, Failure>(running.finish(self.log_format))
        })?;
        end.finish(summary);
        if self.fail_on_findings && errors > 0 {
            let reason = "requests to the fake violate the API's spec".to_owned();
            return Err(Failure::Findings(reason));
        }
        Ok(())
    }

    async fn start(&self, console: Console, out: &mut impl Write) -> Result<Running, Failure> {
        if let Some(file) = &self.ready_file {
            ReadyFile::remove_old(file).map_err(|reason| self.ready_file_failure(&reason))?;
        }
        let data = match &self.data {
            Some(file) => Data::read(file)?,
            None => Data::default(),
        };
        let tally = Arc::new(Mutex::new(Tally::default()));
        let fake = self.serve(&data, &tally, console.clone()).await?;
        let url = self.public_url.clone().unwrap_or_else(|| fake.url());
        let access_key = fake.access_key();
        let settings = [
            ("AUTHRESS_API_URL", url.trim_end_matches('/')),
            ("AUTHRESS_ACCESS_KEY", access_key.expose_secret()),
        ];
        let ready_file = match &self.ready_file {
            Some(file) => {
                let lines = settings.map(|(name, value)| format!("{name}={value}\n"));
                let written = ReadyFile::write(file, &lines.concat());
                Some(written.map_err(|reason| self.ready_file_failure(&reason))?)
            }
            None => None,
        };
        let users = fake.user_ids().len();
        let tenants = match self.data {
            Some(_) => format!("{} tenants", data.tenants().len()),
            None => format!("the tenant {TENANT}"),
        };
        writeln!(
            out,
            "# Fake of the Authress Users API with {users} users and {tenants}."
        )?;
        writeln!(
            out,
            "# Paste the next two lines into a shell. Press Ctrl-C to stop the fake."
        )?;
        for (name, value) in settings {
            writeln!(out, "export {name}={value}")?;
        }
        writeln!(
            out,
            "# Instead of the access key, for tools that cannot sign tokens (valid for a day):\n\
             # export AUTHRESS_ACCESS_TOKEN={}",
            fake.access_token().expose_secret()
        )?;
        out.flush()?;
        Ok(Running {
            fake,
            tally,
            console,
            _ready_file: ready_file,
        })
    }

    async fn serve(
        &self,
        data: &Data,
        tally: &Arc<Mutex<Tally>>,
        console: Console,
    ) -> Result<MockAuthress, Failure> {
        let tally = tally.clone();
        let (is_quiet, format) = (self.quiet, self.log_format);
        let default_users = if self.data.is_some() { 0 } else { USERS };
        let mut builder = MockAuthress::builder()
            .host(self.host)
            .port(self.port)
            .users(self.users.unwrap_or(default_users))
            .latency(Duration::from_millis(self.latency))
            .history(HISTORY)
            .on_exchange(move |exchange| {
                let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                tally.add(&exchange.findings);
                drop(tally);
                if !is_quiet {
                    console.print(request_log::entry(exchange, format));
                }
            });
        if self.data.is_none() {
            builder = builder.tenant(TENANT);
        }
        builder = data.add_to(builder)?;
        if let Some(url) = &self.public_url {
            builder = builder.public_url(url);
        }
        if let Some(key) = &self.access_key {
            builder = builder.access_key(key.expose_secret());
        }
        if let Some(limit) = self.rate_limit {
            builder = builder.rate_limit(limit);
        }
        if self.control {
            builder = builder.control();
        }
        if let Some(defect) = self.defect {
            builder = builder.defect(defect);
        }
        for operation in &self.deny {
            builder = builder.deny(*operation);
        }
        builder.start().await.map_err(|reason| {
            let cause = root_cause(&reason);
            let (host, port) = (self.host, self.port);
            Failure::Unusable(match reason {
                crate::StartError::Io(_) => {
                    format!("could not listen on {host}, port {port}: {cause}")
                }
                crate::StartError::Settings(_) => format!("could not start the fake: {cause}"),
            })
        })
    }

    fn ready_file_failure(&self, reason: &io::Error) -> Failure {
        let file = self.ready_file.as_deref().unwrap_or("".as_ref());
        Failure::Unusable(format!(
            "{}: could not write the ready file: {reason}",
            file.display()
        ))
    }
}

/// A fake that is being served.
struct Running {
    fake: MockAuthress,
    tally: Arc<Mutex<Tally>>,
    console: Console,
    _ready_file: Option<ReadyFile>,
}

impl Running {
    /// Stops the fake. Returns the summary and the number of errors.
    fn finish(self, format: LogFormat) -> (String, usize) {
        let coverage = self.fake.coverage().entries(Spec::bundled());
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        let dropped = self.console.dropped();
        let summary = match format {
            LogFormat::Text => tally.to_text(&coverage, dropped),
            LogFormat::Json => tally.to_json(&coverage, dropped),
        };
        (summary, tally.errors())
    }
}

fn root_cause(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), root_cause)
}
