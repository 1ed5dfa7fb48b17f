use std::collections::HashSet;
use std::path::Path;

use authress_users_openapi::Document;
use serde::Deserialize;
use serde_json::Value;

use super::failure::Failure;
use crate::mock::{Missing, MockAuthressBuilder, User};
use crate::operation::Operation;
use crate::spec::{Schema, Spec, ViolationKind};

/// The users, tenants and links of a data file.
#[derive(Debug, Default)]
pub(super) struct Data {
    name: String,
    text: String,
    content: Content,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
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
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|reason| {
            Failure::Unusable(format!("{name}: could not read the file: {reason}"))
        })?;
        // Some editors write a byte order mark.
        let content = serde_json::from_str(text.trim_start_matches('\u{FEFF}'));
        let content = content.map_err(|reason| {
            // The reason would quote values, which may be personal.
            let (line, column) = (reason.line(), reason.column());
            Failure::Unusable(format!(
                "{name}: line {line}, column {column}: not a data file; expected a JSON object with \
                 `users` (ids or objects with a userId), `tenants` (ids) and `links` (objects with \
                 tenantId and userId)"
            ))
        })?;
        Ok(Self {
            name,
            text,
            content,
        })
    }

    pub(super) fn tenants(&self) -> &[String] {
        &self.content.tenants
    }

    /// Adds users, tenants and links to a fake.
    pub(super) fn add_to(
        &self,
        mut builder: MockAuthressBuilder,
    ) -> Result<MockAuthressBuilder, Failure> {
        let mut known = HashSet::new();
        for (index, user) in self.content.users.iter().enumerate() {
            let pointer = format!("/users/{index}");
            let user = match user {
                Value::String(id) => User::from(&**id),
                other => User::try_from(other.clone())
                    .map_err(|reason| self.invalid(&pointer, &reason.to_string()))?,
            };
            self.check(user_schema(), user.value(), &pointer)?;
            if user.id().is_empty() {
                return Err(self.invalid(&pointer, "a userId must not be empty"));
            }
            if !known.insert(user.id().to_owned()) {
                return Err(self.invalid(&pointer, "an earlier user has the same userId"));
            }
            builder = builder.user(user);
        }
        for (index, tenant) in self.tenants().iter().enumerate() {
            let id = Value::from(&**tenant);
            self.check(tenant_schema(), &id, &format!("/tenants/{index}"))?;
            builder = builder.tenant(tenant);
        }
        for (index, link) in self.content.links.iter().enumerate() {
            let Link { tenant_id, user_id } = link;
            let pointer = format!("/links/{index}");
            builder.can_link(tenant_id, user_id).map_err(|missing| {
                let (member, place) = match missing {
                    Missing::User => ("userId", "`users`"),
                    Missing::Tenant => ("tenantId", "`tenants`"),
                };
                let reason = format!("the {member} of a link must be in {place}");
                self.invalid(&format!("{pointer}/{member}"), &reason)
            })?;
            builder = builder.link(tenant_id, user_id);
        }
        Ok(builder)
    }

    /// Checks that a value is valid in responses or requests, so that the fake does not violate the spec.
    fn check(&self, schema: Option<&Schema>, value: &Value, pointer: &str) -> Result<(), Failure> {
        let violations = schema.map(|schema| schema.violations(value));
        let mut violations = violations.into_iter().flatten();
        // Users may have any other members.
        let Some(first) = violations.find(|own| own.kind != ViolationKind::UnknownMember) else {
            return Ok(());
        };
        let place = format!("{pointer}{}", first.location.trim_end_matches('/'));
        let reason = format!("expected {}, got {}", first.expected, first.actual);
        Err(self.invalid(&place, &reason))
    }

    fn invalid(&self, pointer: &str, reason: &str) -> Failure {
        let name = &self.name;
        Failure::Unusable(match Document::parse_any("data.json", &self.text) {
            Ok(document) => format!("{name}: line {}: {reason}", document.line(pointer)),
            Err(_) => format!("{name}: {pointer}: {reason}"),
        })
    }
}

/// The schema of a user in the response to getUser.
fn user_schema() -> Option<&'static Schema> {
    let operation = Spec::bundled().operation(Operation::GetUser.id())?;
    let (_, response) = operation.response(200)?;
    Some(&response.media.first()?.schema)
}

fn tenant_schema() -> Option<&'static Schema> {
    let operation = Spec::bundled().operation(Operation::GetUsers.id())?;
    let mut parameters = operation.parameters_in("query");
    let tenant = parameters.find(|parameter| parameter.name == "tenantId")?;
    Some(&tenant.schema)
}
