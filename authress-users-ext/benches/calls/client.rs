//! The jobs with this crate and its default settings.

use std::hint::black_box;

use authress_users_ext::{AuthressClient, RetryBudget, RetryPolicy};

use crate::job::{ACCESS_KEY, Done, Job, TENANT_ID, USER_ID};
use crate::server::USERS_IN_A_PAGE;

pub(crate) struct Client(AuthressClient);

impl Client {
    pub(crate) fn new(url: &str) -> Done<Self> {
        let client = AuthressClient::builder()
            .api_url(url)
            .service_client_access_key(ACCESS_KEY);
        Ok(Self(client.build()?))
    }

    pub(crate) async fn run(&self, job: Job, count: u64) -> Done {
        let users = self.0.users();
        match job {
            Job::ListUsers => return self.list(count * USERS_IN_A_PAGE).await,
            Job::ListPages => {
                let mut pages = users.get_users().pages();
                for _ in 0..count {
                    black_box(pages.try_next().await?.ok_or("the list is too short")?);
                }
                return Ok(());
            }
            _ => {}
        }
        for _ in 0..count {
            match job {
                Job::GetUser => {
                    black_box(users.get_user(USER_ID).await?);
                }
                Job::LinkUser => users.link_tenant_user(TENANT_ID, USER_ID).await?,
                Job::DeleteUser => users.delete_user(USER_ID).await?,
                Job::NotFound => match users.get_user("missing").await {
                    Err(error) if error.is_not_found() => {
                        black_box(error.error_code());
                    }
                    _ => return Err("expected 404".into()),
                },
                Job::Token => {
                    black_box(self.0.access_token().await?);
                }
                _ => {
                    // Half of all requests fail, which would exhaust the budget.
                    let policy = RetryPolicy::default().budget(RetryBudget::Unlimited);
                    black_box(users.get_user("unsteady").with_retry_policy(policy).await?);
                }
            }
        }
        Ok(())
    }

    async fn list(&self, count: u64) -> Done {
        let mut users = self.0.users().get_users().stream();
        for _ in 0..count {
            black_box(users.try_next().await?.ok_or("the list is too short")?);
        }
        Ok(())
    }
}
