//! The types of the raw client by name.

use authress_users_client::types::{
    CollectionLinks, ErrorBody, GetUsersCursor, GetUsersFilter, Link, Pagination, PaginationNext,
    TenantId, TenantUser, UserId, UserIdentity, UserIdentityCollection,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) struct GeneratedType {
    pub(crate) name: &'static str,
    /// Deserializes JSON to the type, and serializes the value.
    pub(crate) read_and_write: fn(&[u8]) -> serde_json::Result<Value>,
    pub(crate) schema: fn() -> Value,
}

/// All generated types; a test compares their names with the source.
pub(crate) static GENERATED_TYPES: [GeneratedType; 12] = [
    generated::<CollectionLinks>("CollectionLinks"),
    generated::<ErrorBody>("ErrorBody"),
    generated::<GetUsersCursor>("GetUsersCursor"),
    generated::<GetUsersFilter>("GetUsersFilter"),
    generated::<Link>("Link"),
    generated::<Pagination>("Pagination"),
    generated::<PaginationNext>("PaginationNext"),
    generated::<TenantId>("TenantId"),
    generated::<TenantUser>("TenantUser"),
    generated::<UserId>("UserId"),
    generated::<UserIdentity>("UserIdentity"),
    generated::<UserIdentityCollection>("UserIdentityCollection"),
];

/// Returns the type for the schema of a body, which is a reference.
pub(crate) fn type_of(schema: &Value) -> &'static GeneratedType {
    let name = schema["$ref"]
        .as_str()
        .and_then(|reference| reference.rsplit('/').next());
    let named = GENERATED_TYPES
        .iter()
        .find(|generated| Some(generated.name) == name);
    named.unwrap_or_else(|| panic!("unknown generated type for the body {schema}"))
}

const fn generated<T: DeserializeOwned + Serialize + JsonSchema>(
    name: &'static str,
) -> GeneratedType {
    GeneratedType {
        name,
        read_and_write: |body| serde_json::to_value(serde_json::from_slice::<T>(body)?),
        schema: || schemars::schema_for!(T).to_value(),
    }
}
