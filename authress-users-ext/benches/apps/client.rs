//! The same app with authress-users-ext.

use authress_users_ext::{AuthressClient, UserIdentity};

fn show(user: &UserIdentity) {
    println!(
        "{} {:?} {:?} {:?}",
        user.user_id, user.name, user.picture, user.email
    );
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let authress = AuthressClient::from_env()?;
    show(&authress.users().get_user("me").await?);
    let mut users = authress.users().get_users().stream();
    while let Some(user) = users.try_next().await? {
        show(&user);
    }
    Ok(())
}
