use std::error::Error;
use std::io::Write;
use std::time::Duration;

use authress_users_contract::{MockAuthress, RateLimit, RateLimitHeaders};
use secrecy::ExposeSecret as _;

use crate::output::print_error;
use crate::problem::Failure;

const TENANT: &str = "acme";

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask mock
  cargo xtask mock --port 0 --users 10000 --latency 20
  cargo xtask mock --rate-limit 50")]
pub(crate) struct Arguments {
    /// Listen on this port of 127.0.0.1; 0 lets the system choose.
    #[arg(long, default_value_t = 8888, value_name = "N")]
    pub(crate) port: u16,
    /// Start with this number of users.
    #[arg(long, default_value_t = 250, value_name = "N")]
    pub(crate) users: usize,
    /// Delay every response by at least this number of milliseconds.
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub(crate) latency: u64,
    /// Reject requests above this number per second with 429 and Retry-After [default: no limit].
    #[arg(long, value_name = "N", value_parser = rate_limit)]
    pub(crate) rate_limit: Option<RateLimit>,
}

fn rate_limit(requests_per_second: &str) -> Result<RateLimit, String> {
    let rate = requests_per_second
        .parse()
        .map_err(|_| "expected a number of requests per second".to_owned())?;
    let limit = RateLimit::per_second(rate).map_err(|reason| reason.to_string())?;
    Ok(limit.headers(RateLimitHeaders::RetryAfterSeconds))
}

/// Serves the fake until the process is interrupted.
pub(crate) fn run(arguments: &Arguments, out: &mut impl Write) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let _fake = serve(arguments, out).await?;
        tokio::signal::ctrl_c().await?;
        Ok(())
    })
}

async fn serve(arguments: &Arguments, out: &mut impl Write) -> Result<MockAuthress, Failure> {
    let Arguments {
        port,
        users,
        latency,
        rate_limit,
    } = *arguments;
    let builder = MockAuthress::builder()
        .users(users)
        .tenant(TENANT)
        .port(port)
        .latency(Duration::from_millis(latency))
        .on_finding(|finding| print_error(&finding));
    let fake = match rate_limit {
        Some(limit) => builder.rate_limit(limit),
        None => builder,
    };
    let fake = fake.start().await.map_err(|reason| {
        Failure::Unusable(format!(
            "could not listen on port {port}: {}",
            root_cause(&reason)
        ))
    })?;
    writeln!(
        out,
        "# Fake of the Authress Users API with {users} users and the tenant {TENANT}."
    )?;
    writeln!(
        out,
        "# Paste the next two lines into a shell. Press Ctrl-C to stop the fake."
    )?;
    writeln!(out, "export AUTHRESS_API_URL={}", fake.url())?;
    writeln!(
        out,
        "export AUTHRESS_ACCESS_KEY={}",
        fake.access_key().expose_secret()
    )?;
    writeln!(
        out,
        "# Instead of the access key, for tools that cannot sign tokens (valid for a day):"
    )?;
    writeln!(
        out,
        "# export AUTHRESS_ACCESS_TOKEN={}",
        fake.access_token().expose_secret()
    )?;
    out.flush()?;
    Ok(fake)
}

fn root_cause(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), root_cause)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    }

    #[test]
    fn the_output_can_be_pasted_into_a_shell() {
        let arguments = Arguments {
            port: 0,
            users: 3,
            latency: 0,
            rate_limit: None,
        };
        let mut out = Vec::new();
        let fake = runtime().block_on(serve(&arguments, &mut out)).unwrap();
        let out = String::from_utf8(out).unwrap();
        let value = |name: &str| {
            out.lines()
                .find_map(|line| line.strip_prefix(name))
                .unwrap()
        };
        assert_eq!(value("export AUTHRESS_API_URL="), fake.url());
        assert_eq!(
            value("export AUTHRESS_ACCESS_KEY="),
            fake.access_key().expose_secret()
        );
        assert_eq!(fake.user_ids().len(), 3);
        assert!(
            out.lines()
                .all(|line| line.starts_with("# ") || line.starts_with("export "))
        );
    }

    #[test]
    fn the_rate_limit_is_a_positive_number_per_second() {
        let limit = RateLimit::per_second(50.0).unwrap();
        let limit = limit.headers(RateLimitHeaders::RetryAfterSeconds);
        assert_eq!(rate_limit("50"), Ok(limit));
        for (invalid, reason) in [
            ("fast", "expected a number of requests per second"),
            ("0", "requests per second must be finite and greater than 0"),
            (
                "inf",
                "requests per second must be finite and greater than 0",
            ),
        ] {
            assert_eq!(rate_limit(invalid), Err(reason.to_owned()));
        }
    }

    #[test]
    fn a_port_in_use_is_an_error() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let arguments = Arguments {
            port,
            users: 0,
            latency: 0,
            rate_limit: None,
        };
        let failure = runtime()
            .block_on(serve(&arguments, &mut Vec::new()))
            .unwrap_err();
        assert!(
            failure
                .to_string()
                .contains(&format!("could not listen on port {port}"))
        );
    }
}
