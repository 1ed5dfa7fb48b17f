//! The two-minute story: list users, read one, meet an error, link, delete.
//!
//! With nothing set it runs against a fake in this process. With `AUTHRESS_API_URL` and one of
//! `AUTHRESS_ACCESS_KEY` and `AUTHRESS_ACCESS_TOKEN` it reads from that server instead, and
//! changes nothing there unless `--write` is given.

use std::error::Error;
use std::process::ExitCode;

use authress_users_contract::MockAuthress;
use authress_users_ext::{AuthressClient, UserIdentity};

const TENANT: &str = "acme";
const HELP: &str = "\
Usage: quickstart [--write]

Runs against a fake in this process, or against the server that AUTHRESS_API_URL names, with the
credential in AUTHRESS_ACCESS_KEY or AUTHRESS_ACCESS_TOKEN.

  --write  On that server too, link the last user of the list to the tenant `acme`, then DELETE
           that user. For an account that was made for trying things out.";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut cause = error.source();
            while let Some(reason) = cause {
                eprintln!("  because: {reason}");
                cause = reason.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut write = false;
    for argument in std::env::args().skip(1) {
        match &*argument {
            "--write" => write = true,
            "--help" | "-h" => {
                println!("{HELP}");
                return Ok(());
            }
            other => return Err(format!("{other} is not an option\n\n{HELP}").into()),
        }
    }

    if std::env::var("AUTHRESS_API_URL").is_ok_and(|url| !url.trim().is_empty()) {
        let authress = AuthressClient::from_env()?;
        println!("Running against the server that AUTHRESS_API_URL names.\n");
        let last = read(&authress).await?;
        return match last {
            Some(user) if write => change(&authress, &user).await,
            _ => {
                println!(
                    "Nothing was changed on the server; --write would link and delete a user."
                );
                Ok(())
            }
        };
    }

    let fake = MockAuthress::builder()
        .users(250)
        .tenant(TENANT)
        .start()
        .await?;
    println!(
        "AUTHRESS_API_URL is not set: running against a fake with 250 users in this process.\n"
    );
    let authress = AuthressClient::builder()
        .api_url(fake.url())
        .service_client_access_key(fake.access_key())
        .build()?;
    if let Some(user) = read(&authress).await? {
        change(&authress, &user).await?;
    }
    Ok(())
}

/// Lists the users, reads the last of them, and asks for one that does not exist.
async fn read(authress: &AuthressClient) -> Result<Option<UserIdentity>, Box<dyn Error>> {
    println!("Listing users through a stream:");
    let mut users = authress.users().get_users().stream();
    let mut last = None;
    let mut count = 0;
    while let Some(user) = users.try_next().await? {
        count += 1;
        if count <= 3 {
            println!("  {}", line(&user));
        }
        last = Some(user);
    }
    println!("  … {count} users in all\n");

    if let Some(user) = &last {
        println!("Reading the last one:");
        let user = authress.users().get_user(&user.user_id).await?;
        println!("  {}\n", line(&user));
    }

    println!("Asking for a user that does not exist:");
    match authress.users().get_user("nobody|0").await {
        Ok(user) => println!("  {} does exist here\n", line(&user)),
        Err(error) => {
            println!("  {error}");
            println!("  title:    {}", error.title().unwrap_or("-"));
            println!("  code:     {}", error.error_code().unwrap_or("-"));
            println!("  error id: {}\n", error.error_id().unwrap_or("-"));
        }
    }
    Ok(last)
}

/// Links the user to a tenant, lists that tenant, and deletes the user.
async fn change(authress: &AuthressClient, user: &UserIdentity) -> Result<(), Box<dyn Error>> {
    println!(
        "Linking {} to the tenant {TENANT}, then listing the tenant:",
        user.user_id
    );
    authress
        .users()
        .link_tenant_user(TENANT, &user.user_id)
        .await?;
    let mut linked = authress.users().get_users().tenant_id(TENANT).stream();
    while let Some(user) = linked.try_next().await? {
        println!("  {}", line(&user));
    }

    println!("\nDeleting {}:", user.user_id);
    authress.users().delete_user(&user.user_id).await?;
    match authress.users().get_user(&user.user_id).optional().await? {
        None => println!("  it is gone"),
        Some(_) => println!("  accepted; it is still there, since deleting takes effect later"),
    }
    Ok(())
}

fn line(user: &UserIdentity) -> String {
    let name = user.name.as_deref().unwrap_or("(no name)");
    format!("{:<30} {name}", user.user_id)
}
