//! What an OpenAPI document says, ready to be held against traffic.

mod schema;
mod template;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use authress_users_client::DOCUMENT;
use serde_json::Value;

pub(crate) use schema::{Direction, MisfitKind, Schema};
pub(crate) use template::Template;

/// An OpenAPI 3.0 document with its schemas compiled.
///
/// ```
/// use authress_users_contract::Spec;
///
/// assert_eq!(Spec::of_project().operation_ids().count(), 4);
/// ```
#[derive(Debug)]
pub struct Spec {
    pub(crate) operations: Vec<SpecOperation>,
}

/// Why a document can't be held against traffic.
#[derive(Debug, thiserror::Error)]
#[error("{pointer}: {reason}")]
pub struct SpecError {
    pointer: String,
    reason: String,
}

impl SpecError {
    /// The place in the document, as a JSON pointer.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }
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
    /// By status, as the document writes it: `200`, `4XX`, `default`.
    pub(crate) responses: BTreeMap<String, Answer>,
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
pub(crate) struct Answer {
    pub(crate) pointer: String,
    pub(crate) media: Vec<Media>,
    pub(crate) headers: Vec<Parameter>,
}

impl Spec {
    /// The document of this project, which the generated client carries.
    ///
    /// # Panics
    /// Never, as long as the document passes `cargo xtask lint`, which a test sees to.
    #[must_use]
    pub fn of_project() -> &'static Self {
        static SPEC: LazyLock<Spec> = LazyLock::new(|| {
            let document = serde_json::from_str(DOCUMENT).expect("the document is JSON");
            Spec::parse(&document).expect("the document passed the lint")
        });
        &SPEC
    }

    /// Reads a document: OpenAPI 3.0 as JSON. What it does not know in it is not held against traffic.
    ///
    /// # Errors
    /// If a reference leads nowhere or a schema can't be compiled; the error names the place.
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

    /// The ids of the operations, in the order of the document.
    pub fn operation_ids(&self) -> impl Iterator<Item = &str> {
        self.operations
            .iter()
            .map(|operation| operation.id.as_str())
    }

    pub(crate) fn operation(&self, id: &str) -> Option<&SpecOperation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// The operation that a request belongs to, and the encoded values in its path.
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

    /// Whether the document has a path for this encoded one, whatever the method.
    #[must_use]
    pub fn has_path(&self, path: &str) -> bool {
        !self.methods(path).is_empty()
    }

    /// The methods that the document has for a path.
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
                // What an operation says itself stands in place of what its path says.
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
        for (status, answer) in own["responses"].as_object().into_iter().flatten() {
            let (answer, place) = resolve(document, answer, child(&responses_pointer, status))?;
            responses.insert(status.clone(), Answer::parse(document, answer, place)?);
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

    /// What the document says of a status: by itself, by its class, or by default.
    pub(crate) fn answer(&self, status: u16) -> Option<(&str, &Answer)> {
        let class = format!("{}XX", status / 100);
        [status.to_string(), class, "default".to_owned()]
            .iter()
            .find_map(|key| self.responses.get_key_value(key))
            .map(|(key, answer)| (key.as_str(), answer))
    }

    /// The media types of all documented successes.
    pub(crate) fn success_types(&self) -> Vec<&str> {
        let successes = self
            .responses
            .iter()
            .filter(|(status, _)| status.starts_with('2'));
        let mut types: Vec<_> = successes
            .flat_map(|(_, answer)| &answer.media)
            .map(|media| media.name.as_str())
            .collect();
        types.sort_unstable();
        types.dedup();
        types
    }
}

impl Parameter {
    /// Reads a parameter, or a header of an answer, whose name stands outside of it.
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

impl Answer {
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

/// Follows references until there is none, and says where that is.
pub(crate) fn resolve<'a>(
    document: &'a Value,
    mut value: &'a Value,
    mut pointer: String,
) -> Result<(&'a Value, String), SpecError> {
    let start = pointer.clone();
    // More than this is a circle.
    for _ in 0..64 {
        let Some(target) = value["$ref"].as_str() else {
            return Ok((value, pointer));
        };
        let found = target
            .strip_prefix('#')
            .and_then(|target| document.pointer(target));
        let Some(found) = found else {
            let reason = format!("the reference {target} leads nowhere");
            return Err(SpecError {
                pointer: start,
                reason,
            });
        };
        value = found;
        target.trim_start_matches('#').clone_into(&mut pointer);
    }
    Err(SpecError {
        pointer: start,
        reason: "the reference goes round in a circle".to_owned(),
    })
}

/// The pointer of a member.
pub(crate) fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A media type without parameters, in lower case.
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
    fn the_projects_document_is_understood() {
        let spec = Spec::of_project();
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
    fn what_an_operation_says_itself_stands_in_place_of_what_its_path_says() {
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
        assert_eq!(operation.answer(204).unwrap().0, "2XX");
        assert_eq!(operation.answer(500).unwrap().0, "default");
    }

    #[test]
    fn a_reference_to_nothing_is_named_with_its_place() {
        let error = Spec::parse(&json!({ "paths": { "/a/{b}": { "get": {
            "parameters": [{ "$ref": "#/components/parameters/None" }],
        } } } }))
        .unwrap_err();
        assert_eq!(error.pointer(), "/paths/~1a~1{b}/get/parameters/0");
        assert!(
            error
                .to_string()
                .contains("#/components/parameters/None leads nowhere")
        );
    }
}
