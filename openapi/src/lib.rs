//! A model of OpenAPI 3.0 documents for tools: validators, linters, diffs and code generators.
//!
//! A [`Document`] keeps the JSON value with its key order, and the line of every part of the text.
//! Places are JSON pointers throughout, so every message of a tool can name a file and a line. All
//! functions work on the plain [`serde_json::Value`], so extensions and incomplete documents are
//! never lost.
//!
//! ```
//! use authress_users_openapi::Document;
//!
//! let text = r##"{
//!   "openapi": "3.0.3",
//!   "info": { "title": "Pets", "version": "1.0.0" },
//!   "paths": {
//!     "/pets/{petId}": {
//!       "parameters": [{ "$ref": "#/components/parameters/PetId" }],
//!       "get": { "operationId": "getPet", "responses": {} }
//!     }
//!   },
//!   "components": { "parameters": {
//!     "PetId": { "name": "petId", "in": "path", "required": true, "schema": { "type": "string" } }
//!   } }
//! }"##;
//! let document = Document::parse("pets.json", text)?;
//!
//! let operation = &document.operations()[0];
//! assert_eq!(operation.name(), "getPet");
//! assert_eq!(operation.pointer(), "/paths/~1pets~1{petId}/get");
//! assert_eq!(document.line(&operation.pointer()), 7);
//!
//! let parameters = document.parameters(&operation);
//! assert_eq!((parameters[0].name, parameters[0].location), ("petId", "path"));
//! assert_eq!(document.line(&parameters[0].pointer), 11);
//! # Ok::<(), authress_users_openapi::ReadError>(())
//! ```
//!
//! # Features
//! - `yaml`: reads YAML too. Without it, documents are JSON.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod default;
mod document;
mod error;
mod inline;
mod json;
mod media_type;
mod nullable;
mod operation;
mod pointer;
mod reference;
mod schema;
mod template;
#[cfg(test)]
mod testing;
mod visit;
#[cfg(feature = "yaml")]
mod yaml;

pub use default::is_default;
pub use document::{Document, read_text};
pub use error::ReadError;
pub use inline::Inliner;
pub use media_type::{covers, essence, is_json};
pub use nullable::move_nullable_to_references;
pub use operation::{METHODS, OperationEntry, ParameterEntry, operations, parameters};
pub use pointer::{child, is_within, unescape, visit};
pub use reference::{
    ReferenceError, component, reference_target, resolve, schema_name, target, try_resolve,
};
pub use schema::{
    COMPOSITION_KEYWORDS, Direction, SchemaError, json_schema, json_schema_for_members,
    nested_schemas, reachable_schemas, subschemas,
};
pub use template::PathTemplate;
pub use visit::{
    Role, reachable_pointers, references, schemas, visit_nested_schemas_mut, visit_objects,
    visit_objects_mut, visit_schemas_mut,
};

// The crate whose types appear in signatures.
pub use serde_json;
