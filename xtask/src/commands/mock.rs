use std::io::Write;
use std::time::Duration;

use authress_users_contract::MockAuthress;
use secrecy::ExposeSecret as _;

use crate::problem::Failure;

const TENANT: &str = "acme";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The port of 127.0.0.1 to listen on; 0 lets the system choose.
    #[arg(long, default_value_t = 8888)]
    pub(crate) port: u16,
    /// How many users there are at the start.
    #[arg(long, default_value_t = 250)]
    pub(crate) users: usize,
    /// How many milliseconds every answer takes at least.
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub(crate) latency: u64,
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
    } = *arguments;
    let fake = MockAuthress::builder()
        .users(users)
        .tenant(TENANT)
        .port(port)
        .latency(Duration::from_millis(latency))
        .on_finding(|finding| eprintln!("{finding}"))
        .start()
        .await
        .map_err(|reason| {
            Failure::Unusable(format!("port {port} can't be listened on: {reason}"))
        })?;
    writeln!(
        out,
        "# A fake of the Authress Users API with {users} users and the tenant {TENANT}."
    )?;
    writeln!(
        out,
        "# Paste these two lines; interrupt this process to end it."
    )?;
    writeln!(out, "export AUTHRESS_API_URL={}", fake.url())?;
    writeln!(
        out,
        "export AUTHRESS_ACCESS_KEY={}",
        fake.access_key().expose_secret()
    )?;
    writeln!(
        out,
        "# In place of the key, for tools that can't sign, and for a day:"
    )?;
    writeln!(
        out,
        "# export AUTHRESS_ACCESS_TOKEN={}",
        fake.access_token().expose_secret()
    )?;
    out.flush()?;
    Ok(fake)
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
    fn the_url_and_the_key_are_printed_ready_to_paste() {
        let arguments = Arguments {
            port: 0,
            users: 3,
            latency: 0,
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
    fn a_port_that_is_taken_is_told() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let arguments = Arguments {
            port,
            users: 0,
            latency: 0,
        };
        let failure = runtime()
            .block_on(serve(&arguments, &mut Vec::new()))
            .unwrap_err();
        assert!(
            failure
                .to_string()
                .contains(&format!("port {port} can't be listened on"))
        );
    }
}
