use std::collections::BTreeMap;
use std::sync::Arc;

use authress_users_openapi::{
    Direction, OperationEntry, PathTemplate, child, essence, parameters, try_resolve,
};
use serde_json::{Value, json};

use super::error::SpecError;
use super::schema::Schema;

/// An operation of the spec.
#[derive(Debug)]
pub(crate) struct SpecOperation {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) template: PathTemplate,
    pub(crate) pointer: String,
    pub(crate) is_idempotent: bool,
    pub(crate) is_secured: bool,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    /// By status as the document has it: `200`, `4XX`, `default`.
    pub(crate) responses: BTreeMap<String, ResponseSpec>,
}

/// A parameter of a request, or a header of a response.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// `path`, `query`, `header` or `cookie`.
    pub(crate) location: String,
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
    /// The media type, without parameters.
    pub(crate) name: String,
    pub(crate) pointer: String,
    pub(crate) schema: Schema,
}

impl Media {
    /// Returns the declared media type of a `Content-Type`.
    pub(crate) fn find<'a>(declared: &'a [Self], content_type: &str) -> Option<&'a Self> {
        let name = essence(content_type);
        declared.iter().find(|media| media.name == name)
    }
}

#[derive(Debug)]
pub(crate) struct ResponseSpec {
    pub(crate) pointer: String,
    /// Whether the status is not documented by the provider, but sent by every HTTP API (`x-assumed`).
    pub(crate) is_assumed: bool,
    pub(crate) media: Vec<Media>,
    pub(crate) headers: Vec<Parameter>,
}

impl SpecOperation {
    pub(super) fn parse(
        document: &Arc<Value>,
        entry: &OperationEntry<'_>,
    ) -> Result<Self, SpecError> {
        let pointer = entry.pointer();
        check_parameters(document, entry)?;
        let parameters = parameters(document, entry)
            .into_iter()
            .map(|parameter| {
                Parameter::parse(
                    document,
                    (parameter.name, parameter.location),
                    parameter.value,
                    parameter.pointer,
                    Direction::Request,
                )
            })
            .collect::<Result<_, _>>()?;
        let body = match entry.value.get("requestBody") {
            None => None,
            Some(body) => {
                let (body, pointer) = resolved(document, body, &child(&pointer, "requestBody"))?;
                Some(Body {
                    is_required: body["required"] == true,
                    media: media(document, body, &pointer, Direction::Request)?,
                    pointer,
                })
            }
        };
        let mut responses = BTreeMap::new();
        let list = child(&pointer, "responses");
        for (status, response) in entry.value["responses"].as_object().into_iter().flatten() {
            let (response, pointer) = resolved(document, response, &child(&list, status))?;
            let response = ResponseSpec::parse(document, response, pointer)?;
            responses.insert(status.clone(), response);
        }
        let security = entry.value.get("security").or(document.get("security"));
        let mut alternatives = security.and_then(Value::as_array).into_iter().flatten();
        let id = entry.value["operationId"].as_str();
        Ok(Self {
            id: id.unwrap_or(entry.path).to_owned(),
            method: entry.method.to_uppercase(),
            template: PathTemplate::parse(entry.path),
            is_idempotent: entry.value["x-idempotent"] == true,
            is_secured: alternatives.any(|schemes| *schemes != json!({})),
            pointer,
            parameters,
            body,
            responses,
        })
    }

    pub(crate) fn parameters_in(&self, location: &str) -> impl Iterator<Item = &Parameter> {
        self.parameters
            .iter()
            .filter(move |parameter| parameter.location == location)
    }

    /// Returns the documented response for a status: of the status, of its class, or the default.
    pub(crate) fn response(&self, status: u16) -> Option<(&str, &ResponseSpec)> {
        let class = format!("{}XX", status / 100);
        [status.to_string(), class, "default".to_owned()]
            .iter()
            .find_map(|key| self.responses.get_key_value(key))
            .map(|(key, response)| (key.as_str(), response))
    }

    /// Returns the media types of all documented successes.
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

/// Rejects broken references, which `parameters` skips.
fn check_parameters(document: &Value, entry: &OperationEntry<'_>) -> Result<(), SpecError> {
    for (holder, pointer) in [
        (entry.value, entry.pointer()),
        (entry.path_item, entry.path_item_pointer.clone()),
    ] {
        let list = child(&pointer, "parameters");
        let listed = holder["parameters"].as_array().into_iter().flatten();
        for (index, parameter) in listed.enumerate() {
            resolved(document, parameter, &child(&list, &index.to_string()))?;
        }
    }
    Ok(())
}

impl Parameter {
    fn parse(
        document: &Arc<Value>,
        (name, location): (&str, &str),
        value: &Value,
        pointer: String,
        direction: Direction,
    ) -> Result<Self, SpecError> {
        let schema_pointer = child(&pointer, "schema");
        Ok(Self {
            name: name.to_owned(),
            location: location.to_owned(),
            is_required: value["required"] == true,
            schema: Schema::compile(document, &value["schema"], schema_pointer, direction)?,
            pointer,
        })
    }
}

impl ResponseSpec {
    fn parse(document: &Arc<Value>, value: &Value, pointer: String) -> Result<Self, SpecError> {
        let mut headers = Vec::new();
        let list = child(&pointer, "headers");
        for (name, header) in value["headers"].as_object().into_iter().flatten() {
            let (header, pointer) = resolved(document, header, &child(&list, name))?;
            let place = (name.as_str(), "header");
            let header = Parameter::parse(document, place, header, pointer, Direction::Response)?;
            headers.push(header);
        }
        let media = media(document, value, &pointer, Direction::Response)?;
        Ok(Self {
            is_assumed: value["x-assumed"] == true,
            pointer,
            media,
            headers,
        })
    }
}

fn media(
    document: &Arc<Value>,
    holder: &Value,
    pointer: &str,
    direction: Direction,
) -> Result<Vec<Media>, SpecError> {
    let content = child(pointer, "content");
    let all = holder["content"].as_object().into_iter().flatten();
    all.map(|(media_type, media)| {
        let pointer = child(&content, media_type);
        let schema_pointer = child(&pointer, "schema");
        let schema = Schema::compile(document, &media["schema"], schema_pointer, direction)?;
        Ok(Media {
            name: essence(media_type),
            pointer,
            schema,
        })
    })
    .collect()
}

fn resolved<'a>(
    document: &'a Value,
    value: &'a Value,
    pointer: &str,
) -> Result<(&'a Value, String), SpecError> {
    try_resolve(document, value, pointer).map_err(|reason| SpecError::new(pointer, &reason))
}
