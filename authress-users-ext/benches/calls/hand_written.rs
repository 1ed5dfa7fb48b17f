//! The jobs with a hand-written loop on reqwest and serde: the same requests and values, without timeouts
//! and with a fixed token.

use std::hint::black_box;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, Response, StatusCode, header};
use serde::Deserialize;

use crate::job::{Done, Job, TENANT_ID, USER_ID};

#[derive(Deserialize)]
#[expect(dead_code, reason = "reading them is the job")]
struct User {
    #[serde(rename = "userId")]
    id: String,
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
    cursor: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "reading them is the job")]
struct ErrorBody {
    title: Option<String>,
    error_code: Option<String>,
    error_id: Option<String>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct TenantUser<'a> {
    user_id: &'a str,
}

pub(crate) struct HandWritten {
    http: Client,
    url: String,
    token: String,
}

impl HandWritten {
    pub(crate) fn new(url: &str) -> Done<Self> {
        Ok(Self {
            http: Client::builder().user_agent("hand-written").build()?,
            url: url.to_owned(),
            token: "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl".to_owned(),
        })
    }

    pub(crate) async fn run(&self, job: Job, count: u64) -> Done {
        match job {
            Job::ListUsers | Job::ListPages => return self.list(count).await,
            Job::Token => return Ok(()),
            _ => {}
        }
        for _ in 0..count {
            match job {
                Job::GetUser => {
                    black_box(self.get(USER_ID).await?.json::<User>().await?);
                }
                Job::LinkUser => self.link().await?,
                Job::DeleteUser => self.delete(USER_ID).await?,
                Job::NotFound => {
                    let response = self.get("missing").await?;
                    if response.status() != StatusCode::NOT_FOUND {
                        return Err("expected 404".into());
                    }
                    black_box(response.json::<ErrorBody>().await?);
                }
                _ => {
                    let mut response = self.get("unsteady").await?;
                    while response.status() == StatusCode::SERVICE_UNAVAILABLE {
                        response = self.get("unsteady").await?;
                    }
                    black_box(response.json::<User>().await?);
                }
            }
        }
        Ok(())
    }

    async fn get(&self, user_id: &str) -> reqwest::Result<Response> {
        let user_id = utf8_percent_encode(user_id, NON_ALPHANUMERIC);
        self.http
            .get(format!("{}/v1/users/{user_id}", self.url))
            .bearer_auth(&self.token)
            .header(header::ACCEPT, "application/links+json")
            .send()
            .await
    }

    async fn list(&self, pages: u64) -> Done {
        let mut cursor: Option<String> = None;
        for _ in 0..pages {
            let mut request = self.http.get(format!("{}/v1/users", self.url));
            if let Some(cursor) = &cursor {
                request = request.query(&[("cursor", cursor)]);
            }
            let page: Users = request
                .bearer_auth(&self.token)
                .header(header::ACCEPT, "application/links+json")
                .send()
                .await?
                .error_for_status()?
                .json()
                .await?;
            for user in page.users {
                black_box(user);
            }
            cursor = page
                .pagination
                .and_then(|pagination| pagination.next)
                .map(|next| next.cursor);
        }
        Ok(())
    }

    async fn link(&self) -> reqwest::Result<()> {
        self.http
            .patch(format!("{}/v1/tenants/{TENANT_ID}/users", self.url))
            .bearer_auth(&self.token)
            .json(&TenantUser { user_id: USER_ID })
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }

    pub(crate) async fn delete(&self, user_id: &str) -> reqwest::Result<()> {
        let user_id = utf8_percent_encode(user_id, NON_ALPHANUMERIC);
        self.http
            .delete(format!("{}/v1/users/{user_id}", self.url))
            .bearer_auth(&self.token)
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }
}
