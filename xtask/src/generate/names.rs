//! Names of operations in Rust.

use heck::{ToShoutySnakeCase as _, ToSnakeCase as _, ToUpperCamelCase as _};

/// Names that the generated modules define themselves or take from the language.
const TAKEN: [&str; 20] = [
    "base_url",
    "client",
    "dispatch",
    "error",
    "exec",
    "gen",
    "http",
    "new",
    "operations",
    "option",
    "post",
    "pre",
    "request_builder_ext",
    "response_value",
    "result",
    "string",
    "t",
    "transport",
    "url",
    "with_transport",
];

/// Types and values that generated code uses without a path.
pub(crate) const TYPES: [&str; 6] = ["Default", "Err", "None", "Ok", "Some", "String"];

/// Functions and members that every builder has.
pub(crate) const SETTERS: [&str; 4] = ["client", "new", "response", "send"];

/// Headers that OpenAPI describes by media types and security schemes, so that parameters with these
/// names have no effect.
pub(crate) const RESERVED_HEADERS: [&str; 3] = ["accept", "authorization", "content-type"];

/// Why an operationId cannot name a method, a type and a constant, if it cannot.
pub(crate) fn unusable(id: &str) -> Option<String> {
    let (method, constant) = (id.to_snake_case(), id.to_shouty_snake_case());
    let invalid = [&method, &constant]
        .into_iter()
        .find(|name| syn::parse_str::<syn::Ident>(name).is_err());
    if let Some(name) = invalid {
        Some(format!(
            "the operationId {id:?} becomes `{name}`, which is not a name in Rust"
        ))
    } else if TAKEN.contains(&&*method) {
        Some(format!(
            "the operationId {id:?} becomes `{method}`, which the client already uses"
        ))
    } else if !id.is_ascii() || id.contains('\'') {
        Some(format!(
            "the operationId {id:?} has an apostrophe or a non-ASCII letter, so the client and \
             its table of operations could make different names of it"
        ))
    } else {
        None
    }
}

/// The name of the type for an operation. Equal method names make equal type names, but not the
/// other way round: `get_1` and `get1` both make `Get1`.
pub(crate) fn type_name(id: &str) -> String {
    id.to_snake_case().to_upper_camel_case()
}
