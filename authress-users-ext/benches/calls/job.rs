//! The jobs that both sides run.

use std::error::Error;

pub(crate) type Done<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// A valid but unused key, from the documentation of the official clients.
pub(crate) const ACCESS_KEY: &str = "sc_service_client.uDeF.acc-test_account_id.\
    MC4CAQAwBQYDK2VwBCIEIE99LFw2c3DCiYwrY/Qkg1nIDiagoHtdCwb88RxarVYA";
pub(crate) const USER_ID: &str = "auth0|5f7c8ec7c33c6c004bbafe82";
pub(crate) const TENANT_ID: &str = "acme";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    GetUser,
    /// Counted in pages.
    ListUsers,
    ListPages,
    LinkUser,
    DeleteUser,
    NotFound,
    Retry,
    Token,
}

impl Job {
    pub(crate) const ALL: [Self; 8] = [
        Self::GetUser,
        Self::ListUsers,
        Self::ListPages,
        Self::LinkUser,
        Self::DeleteUser,
        Self::NotFound,
        Self::Retry,
        Self::Token,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::GetUser => "get one user",
            Self::ListUsers => "list users, stream()",
            Self::ListPages => "list users, pages()",
            Self::LinkUser => "link a user",
            Self::DeleteUser => "delete a user",
            Self::NotFound => "a 404 with its body",
            Self::Retry => "a retry after a 503",
            Self::Token => "the cached token",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|job| job.name() == name)
    }

    /// The unit in the table.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::ListUsers | Self::ListPages => "page of 100",
            _ => "call",
        }
    }
}
