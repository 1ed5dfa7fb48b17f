use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::failure::Failure;
use crate::mock::{MockAuthressBuilder, User};

/// The users, tenants and links of a data file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Data {
    #[serde(default)]
    users: Vec<Value>,
    #[serde(default)]
    tenants: Vec<String>,
    #[serde(default)]
    links: Vec<Link>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Link {
    tenant_id: String,
    user_id: String,
}

impl Data {
    pub(super) fn read(file: &Path) -> Result<Self, Failure> {
        let name = file.display();
        let text = std::fs::read(file).map_err(|reason| {
            Failure::Unusable(format!("{name}: could not read the file: {reason}"))
        })?;
        serde_json::from_slice(&text).map_err(|reason| {
            // The reason would quote values, which may be personal.
            let (line, column) = (reason.line(), reason.column());
            Failure::Unusable(format!(
                "{name}: line {line}, column {column}: not a data file; expected a JSON object with \
                 `users` (ids or objects with a userId), `tenants` (ids) and `links` (objects with \
                 tenantId and userId)"
            ))
        })
    }

    pub(super) fn tenants(&self) -> &[String] {
        &self.tenants
    }

    /// Adds users, tenants and links to a fake.
    pub(super) fn add_to(&self, mut builder: MockAuthressBuilder) -> MockAuthressBuilder {
        for user in &self.users {
            builder = match user.as_str() {
                Some(id) => builder.user(User::from(id)),
                None => builder.user(user.clone()),
            };
        }
        for tenant in &self.tenants {
            builder = builder.tenant(tenant);
        }
        for Link { tenant_id, user_id } in &self.links {
            builder = builder.link(tenant_id, user_id);
        }
        builder
    }
}
