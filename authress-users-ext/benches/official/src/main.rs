//! The jobs of `benches/calls` with the official crate. Arguments: the job, the number of repetitions, and
//! the URL of the server.

use std::error::Error;
use std::hint::black_box;

use authress::apis::users_api::GetUsersParams;
use authress::{AuthressClient, AuthressSettings};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [job, count, url] = arguments.as_slice() else {
        return Err("a job, a count and a URL are needed".into());
    };
    let count: u64 = count.parse()?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let settings = AuthressSettings::new(url.clone(), "a.b.c".to_owned());
            let client = AuthressClient::new(&settings);
            let mut cursor = None;
            for _ in 0..count {
                if job == "get one user" {
                    let user_id = "auth0%7C5f7c8ec7c33c6c004bbafe82".to_owned();
                    black_box(client.users.get_user(user_id).await?);
                } else {
                    let page = client
                        .users
                        .get_users(Some(GetUsersParams {
                            cursor,
                            ..Default::default()
                        }))
                        .await?;
                    for user in page.users {
                        black_box(user);
                    }
                    let next = page.pagination.and_then(|pagination| pagination.next);
                    cursor = next.flatten().map(|next| next.cursor);
                }
            }
            Ok(())
        })
}
