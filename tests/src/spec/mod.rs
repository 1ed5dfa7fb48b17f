//! The compiled spec: operations, parameters, bodies and responses with their schemas.

mod error;
mod reference;
mod schema;
mod template;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use authress_users_client::DOCUMENT;
use serde_json::Value;

use reference::{child, resolve};
use schema::Direction;

pub use error::SpecError;

pub(crate) use schema::{Schema, ViolationKind};
pub(crate) use template::Template;

/// An OpenAPI 3.0 spec with compiled schemas.
///
/// ```
/// use authress_users_contract::Spec;
///
/// assert_eq!(Spec::bundled().operation_ids().count(), 4);
/// ```
#[derive(Debug)]
pub struct Spec {
    pub(crate) operations: Vec<SpecOperation>,
}

#[derive(Debug)]
pub(crate) struct SpecOperation {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) template: Template,
    pub(crate) pointer: String,
    pub(crate) is_idempotent: bool,
    pub(crate) is_secured: bool,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    /// The key is a status as in the spec: `200`, `4XX`, `default`.
    pub(crate) responses: BTreeMap<String, ResponseSpec>,
}

#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) place: String,
    pub(crate) is_required: bool,
    pub(crate) pointer: String,
    pub(crate) schema: Schema,
}

#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) is_required: bool,
    pub(crate) pointer: String,
    pub(crate) media: Vec<Media>,
}

#[derive(Debug)]
pub(crate) struct Media {
    pub(crate) name: String,
    pub(crate) pointer: String,
    pub(crate) schema: Schema,
}

#[derive(Debug)]
pub(crate) struct ResponseSpec {
    pub(crate) pointer: String,
    pub(crate) media: Vec<Media>,
    pub(crate) headers: Vec<Parameter>,
}

impl Spec {
    /// Returns the spec of the Authress Users API, which is part of this crate.
    ///
    /// # Panics
    /// Never, because a test compiles this spec.
    #[must_use]
    pub fn bundled() -> &'static Self {
        static SPEC: LazyLock<Spec> = LazyLock::new(|| {
            let document = serde_json::from_str(DOCUMENT).expect("the bundled spec is JSON");
            Spec::parse(&document).expect("the bundled spec is valid")
        });
        &SPEC
    }

    /// Compiles an OpenAPI 3.0 document. Unknown keywords are ignored.
    ///
    /// # Errors
    /// If a reference cannot be resolved or a schema cannot be compiled. The error has the place.
    pub fn parse(document: &Value) -> Result<Self, SpecError> {
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for method in [
                "get", "put", "post", "delete", "options", "head", "patch", "trace",
            ] {
                if item.get(method).is_some() {
                    let pointer = child(&child("/paths", path), method);
                    operations.push(SpecOperation::parse(document, path, method, pointer)?);
                }
            }
        }
        Ok(Self { operations })
    }

    /// Returns the operation ids in the order of the spec.
    pub fn operation_ids(&self) -> impl Iterator<Item = &str> {
        self.operations
            .iter()
            .map(|operation| operation.id.as_str())
    }

    pub(crate) fn operation(&self, id: &str) -> Option<&SpecOperation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// Returns the operation that a request matches, and the encoded values of its path parameters.
    pub(crate) fn find<'a>(
        &self,
        method: &str,
        path: &'a str,
    ) -> Option<(&SpecOperation, Vec<(&str, &'a str)>)> {
        self.operations
            .iter()
            .filter(|operation| operation.method.eq_ignore_ascii_case(method))
            .find_map(|operation| Some((operation, operation.template.values(path)?)))
    }

    /// Whether an encoded path matches a path of the spec, with any method.
    #[must_use]
    pub fn has_path(&self, path: &str) -> bool {
        !self.methods(path).is_empty()
    }

    /// Returns the methods of an encoded path.
    pub(crate) fn methods(&self, path: &str) -> Vec<&str> {
        let fits = |operation: &&SpecOperation| operation.template.values(path).is_some();
        self.operations
            .iter()
            .filter(fits)
            .map(|operation| operation.method.as_str())
            .collect()
    }
}

impl SpecOperation {
    fn parse(
        document: &Value,
        path: &str,
        method: &str,
        pointer: String,
    ) -> Result<Self, SpecError> {
        let item = &document["paths"][path];
        let own = &item[method];
        let shared_pointer = child(&child("/paths", path), "parameters");
        let own_pointer = child(&pointer, "parameters");
        let mut parameters: Vec<Parameter> = Vec::new();
        for (list, list_pointer) in [
            (&item["parameters"], shared_pointer),
            (&own["parameters"], own_pointer),
        ] {
            for (index, given) in list.as_array().into_iter().flatten().enumerate() {
                let place = child(&list_pointer, &index.to_string());
                let (given, place) = resolve(document, given, place)?;
                let parameter = Parameter::parse(document, given, &place, None)?;
                // Parameters of an operation replace those of its path.
                parameters.retain(|other| {
                    (&other.name, &other.place) != (&parameter.name, &parameter.place)
                });
                parameters.push(parameter);
            }
        }
        let body = match own.get("requestBody") {
            None => None,
            Some(body) => {
                let (body, place) = resolve(document, body, child(&pointer, "requestBody"))?;
                Some(Body {
                    is_required: body["required"] == true,
                    media: media(document, body, &place, Direction::Request)?,
                    pointer: place,
                })
            }
        };
        let mut responses = BTreeMap::new();
        let responses_pointer = child(&pointer, "responses");
        for (status, response) in own["responses"].as_object().into_iter().flatten() {
            let (response, place) = resolve(document, response, child(&responses_pointer, status))?;
            responses.insert(
                status.clone(),
                ResponseSpec::parse(document, response, place)?,
            );
        }
        let security = own.get("security").or_else(|| document.get("security"));
        Ok(Self {
            id: own["operationId"].as_str().unwrap_or(path).to_owned(),
            method: method.to_uppercase(),
            template: Template::parse(path),
            is_idempotent: own["x-idempotent"] == true,
            is_secured: security.and_then(Value::as_array).is_some_and(|schemes| {
                schemes
                    .iter()
                    .any(|scheme| *scheme != Value::Object(serde_json::Map::new()))
            }),
            pointer,
            parameters,
            body,
            responses,
        })
    }

    pub(crate) fn parameters_in(&self, place: &str) -> impl Iterator<Item = &Parameter> {
        self.parameters
            .iter()
            .filter(move |parameter| parameter.place == place)
    }

    /// Returns the documented response for a status: its own, that of its class, or the default.
    pub(crate) fn response(&self, status: u16) -> Option<(&str, &ResponseSpec)> {
        let class = format!("{}XX", status / 100);
        [status.to_string(), class, "default".to_owned()]
            .iter()
            .find_map(|key| self.responses.get_key_value(key))
            .map(|(key, response)| (key.as_str(), response))
    }

    /// Returns the media types of all documented successful responses.
    pub(crate) fn success_types(&self) -> Vec<&str> {
        let successes = self
            .responses
            .iter()
            .filter(|(status, _)| status.starts_with('2'));
        let mut types: Vec<_> = successes
            .flat_map(|(_, response)| &response.media)
            .map(|media| media.name.as_str())
            .collect();
        types.sort_unstable();
        types.dedup();
        types
    }
}

impl Parameter {
    /// Compiles a parameter, or a response header if its name is given.
    fn parse(
        document: &Value,
        given: &Value,
        pointer: &str,
        header: Option<&str>,
    ) -> Result<Self, SpecError> {
        let schema = &given["schema"];
        let direction = if header.is_some() {
            Direction::Response
        } else {
            Direction::Request
        };
        Ok(Self {
            name: header
                .or(given["name"].as_str())
                .unwrap_or_default()
                .to_owned(),
            place: given["in"].as_str().unwrap_or("header").to_owned(),
            is_required: given["required"] == true,
            schema: Schema::compile(document, schema, child(pointer, "schema"), direction)?,
            pointer: pointer.to_owned(),
        })
    }
}

impl ResponseSpec {
    fn parse(document: &Value, given: &Value, pointer: String) -> Result<Self, SpecError> {
        let mut headers = Vec::new();
        let headers_pointer = child(&pointer, "headers");
        for (name, header) in given["headers"].as_object().into_iter().flatten() {
            let (header, place) = resolve(document, header, child(&headers_pointer, name))?;
            headers.push(Parameter::parse(document, header, &place, Some(name))?);
        }
        let media = media(document, given, &pointer, Direction::Response)?;
        Ok(Self {
            pointer,
            media,
            headers,
        })
    }
}

fn media(
    document: &Value,
    holder: &Value,
    pointer: &str,
    direction: Direction,
) -> Result<Vec<Media>, SpecError> {
    let content = child(pointer, "content");
    let all = holder["content"].as_object().into_iter().flatten();
    all.map(|(media_type, media)| {
        let pointer = child(&content, media_type);
        let place = child(&pointer, "schema");
        let schema = Schema::compile(document, &media["schema"], place, direction)?;
        Ok(Media {
            name: essence(media_type),
            pointer,
            schema,
        })
    })
    .collect()
}

/// Returns a media type in lower case, without parameters.
pub(crate) fn essence(media_type: &str) -> String {
    media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_bundled_spec_is_compiled() {
        let spec = Spec::bundled();
        let ids: Vec<_> = spec.operation_ids().collect();
        assert_eq!(ids, ["getUsers", "getUser", "deleteUser", "linkTenantUser"]);
        let (operation, values) = spec.find("get", "/v1/users/a%2Fb").unwrap();
        assert_eq!(
            (operation.id.as_str(), values),
            ("getUser", vec![("userId", "a%2Fb")])
        );
        assert_eq!(operation.success_types(), ["application/links+json"]);
        assert!(operation.is_secured && operation.is_idempotent);
        assert_eq!(spec.methods("/v1/users/1"), ["GET", "DELETE"]);
        let list = spec.operation("getUsers").unwrap();
        let names: Vec<_> = list
            .parameters_in("query")
            .map(|parameter| &*parameter.name)
            .collect();
        assert!(names.starts_with(&["limit", "cursor"]), "{names:?}");
    }

    #[test]
    fn operation_parameters_replace_path_parameters() {
        let spec = Spec::parse(&json!({ "paths": { "/a": {
            "parameters": [
                { "name": "x", "in": "query", "schema": { "type": "string" } },
                { "name": "y", "in": "query", "schema": { "type": "string" } },
            ],
            "get": {
                "operationId": "a",
                "parameters": [
                    { "name": "x", "in": "query", "required": true, "schema": { "type": "integer" } },
                ],
                "responses": { "2XX": { "description": "" }, "default": { "description": "" } },
            },
        } } }))
        .unwrap();
        let operation = spec.operation("a").unwrap();
        let parameters: Vec<_> = operation
            .parameters
            .iter()
            .map(|own| (&*own.name, own.is_required))
            .collect();
        assert_eq!(parameters, [("y", false), ("x", true)]);
        assert_eq!(operation.response(204).unwrap().0, "2XX");
        assert_eq!(operation.response(500).unwrap().0, "default");
    }

    #[test]
    fn unresolved_references_are_reported_with_their_place() {
        let error = Spec::parse(&json!({ "paths": { "/a/{b}": { "get": {
            "parameters": [{ "$ref": "#/components/parameters/None" }],
        } } } }))
        .unwrap_err();
        assert_eq!(error.pointer(), "/paths/~1a~1{b}/get/parameters/0");
        assert!(
            error
                .to_string()
                .contains("unresolved reference #/components/parameters/None")
        );
    }
}
