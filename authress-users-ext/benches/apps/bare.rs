//! An app that reads and lists users with reqwest and serde alone.

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    user_id: String,
    name: Option<String>,
    picture: Option<String>,
    email: Option<String>,
}

#[derive(Deserialize)]
struct Users {
    users: Vec<User>,
    pagination: Option<Pagination>,
}

#[derive(Deserialize)]
struct Pagination {
    next: Option<Next>,
}

#[derive(Deserialize)]
struct Next {
    cursor: Option<String>,
}

fn show(user: &User) {
    println!(
        "{} {:?} {:?} {:?}",
        user.user_id, user.name, user.picture, user.email
    );
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (url, token) = (
        std::env::var("AUTHRESS_API_URL")?,
        std::env::var("AUTHRESS_ACCESS_TOKEN")?,
    );
    let http = reqwest::Client::new();
    let user = http
        .get(format!("{url}/v1/users/me"))
        .bearer_auth(&token)
        .send()
        .await?;
    show(&user.error_for_status()?.json().await?);
    let mut cursor: Option<String> = None;
    loop {
        let page = http
            .get(format!("{url}/v1/users"))
            .query(&[("cursor", &cursor)]);
        let page = page.bearer_auth(&token).send().await?.error_for_status()?;
        let page: Users = page.json().await?;
        page.users.iter().for_each(show);
        cursor = page
            .pagination
            .and_then(|pagination| pagination.next?.cursor);
        if cursor.is_none() {
            return Ok(());
        }
    }
}
