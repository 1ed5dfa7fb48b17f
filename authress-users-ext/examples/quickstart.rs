//! A tour of the API: list users, read one, handle an error, link and delete a user.
//!
//! By default it uses a fake in this process. With `AUTHRESS_API_URL` and either
//! `AUTHRESS_ACCESS_KEY` or `AUTHRESS_ACCESS_TOKEN` it reads from that account, and changes nothing
//! there unless `--write` is given.

mod shared;

use std::io::{Write as _, stdout};
use std::process::ExitCode;

use authress_users_ext::{AuthressClient, UserIdentity};
use clap::Parser;

use shared::account::{self, Account, AccountSettings, TENANT};
use shared::failure::{self, Failure};

const EXAMPLES: &str = "  cargo run -p authress-users-ext --example quickstart
  cargo run -p authress-users-ext --example quickstart -- --fake-users 1000";

/// Tour the API: list users, read one, handle an error, link and delete a user
#[derive(Debug, Parser)]
#[command(after_help = account::help(EXAMPLES))]
struct Arguments {
    /// Change a real account too: link the last user of the list to the tenant `acme`, then DELETE
    /// that user. Use an account that was made for tests
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    account: AccountSettings,
}

#[tokio::main]
async fn main() -> ExitCode {
    failure::exit_code(run(Arguments::parse()).await)
}

async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    // `shared/account.rs` builds the client, from the environment or for a fake.
    let account = Account::open(&arguments.account, |builder| builder).await?;
    let last = read(&account.authress).await?;
    match last {
        Some(user) if arguments.write || account.fake.is_some() => {
            change(&account.authress, &user).await?;
        }
        _ => writeln!(
            stdout(),
            "Nothing was changed; use --write to link and delete a user."
        )?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Lists the users, reads the last one, and requests one that does not exist.
async fn read(authress: &AuthressClient) -> Result<Option<UserIdentity>, Failure> {
    writeln!(stdout(), "Listing users as a stream:")?;
    let mut users = authress.users().get_users().stream();
    let mut last = None;
    let mut count = 0;
    while let Some(user) = users.try_next().await? {
        count += 1;
        if count <= 3 {
            writeln!(stdout(), "  {}", line(&user))?;
        }
        last = Some(user);
    }
    writeln!(stdout(), "  … {count} users in total\n")?;

    if let Some(user) = &last {
        writeln!(stdout(), "Reading the last one:")?;
        let user = authress.users().get_user(&user.user_id).await?;
        writeln!(stdout(), "  {}\n", line(&user))?;
    }

    writeln!(stdout(), "Requesting a user that does not exist:")?;
    match authress.users().get_user("missing|0").await {
        Ok(user) => writeln!(stdout(), "  {} exists here\n", line(&user))?,
        Err(error) => {
            writeln!(stdout(), "  {error}")?;
            writeln!(stdout(), "  title:    {}", error.title().unwrap_or("-"))?;
            writeln!(
                stdout(),
                "  code:     {}",
                error.error_code().unwrap_or("-")
            )?;
            writeln!(
                stdout(),
                "  error id: {}\n",
                error.error_id().unwrap_or("-")
            )?;
        }
    }
    Ok(last)
}

/// Links the user to a tenant, lists that tenant, and deletes the user.
async fn change(authress: &AuthressClient, user: &UserIdentity) -> Result<(), Failure> {
    writeln!(
        stdout(),
        "Linking {} to the tenant {TENANT}, then listing the tenant:",
        user.user_id
    )?;
    authress
        .users()
        .link_tenant_user(TENANT, &user.user_id)
        .await?;
    let mut linked = authress.users().get_users().tenant_id(TENANT).stream();
    while let Some(user) = linked.try_next().await? {
        writeln!(stdout(), "  {}", line(&user))?;
    }

    writeln!(stdout(), "\nDeleting {}:", user.user_id)?;
    authress.users().delete_user(&user.user_id).await?;
    match authress.users().get_user(&user.user_id).optional().await? {
        None => writeln!(stdout(), "  the user is deleted")?,
        Some(_) => writeln!(
            stdout(),
            "  accepted; the user is still visible, since deletions are asynchronous"
        )?,
    }
    Ok(())
}

fn line(user: &UserIdentity) -> String {
    let name = user.name.as_deref().unwrap_or("(no name)");
    format!("{:<30} {name}", user.user_id)
}
