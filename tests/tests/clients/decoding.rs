//! Every documented response is decoded without loss.

use std::future::Future;
use std::pin::Pin;

use authress_users_contract::{MockAuthress, StubResponse};
use authress_users_ext::{AuthressClient, Error, ErrorKind, Page, Response, UserIdentity};
use serde::Serialize as _;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use serde_json::{Value, json};

use crate::bodies::{Body, edges, random};
use crate::generated_types::type_of;
use crate::spec::{declared, document, operations};
use crate::{authress, seed};

/// The number of bodies for each operation.
const BODIES: usize = 400;

type CallFuture<'a> = Pin<Box<dyn Future<Output = Result<Decoded, Error>> + 'a>>;

/// A successful response as ext returns it.
struct Decoded {
    status: u16,
    body: Vec<u8>,
    media_type: Option<String>,
    /// The value, with the names of the spec.
    value: Value,
}

/// Calls an operation.
struct Call {
    operation: &'static str,
    call: fn(&AuthressClient) -> CallFuture<'_>,
}

static CALLS: [Call; 4] = [
    Call {
        operation: "getUsers",
        call: |client| {
            let request = client.users().get_users().send_with_response();
            Box::pin(async { Ok(decoded(&request.await?, page)) })
        },
    },
    Call {
        operation: "getUser",
        call: |client| {
            let request = client.users().get_user("a").send_with_response();
            Box::pin(async { Ok(decoded(&request.await?, user)) })
        },
    },
    Call {
        operation: "deleteUser",
        call: |client| {
            let request = client.users().delete_user("a").send_with_response();
            Box::pin(async { Ok(decoded(&request.await?, |()| Value::Null)) })
        },
    },
    Call {
        operation: "linkTenantUser",
        call: |client| {
            let request = client.users().link_tenant_user("acme", "a");
            Box::pin(async {
                Ok(decoded(&request.send_with_response().await?, |()| {
                    Value::Null
                }))
            })
        },
    },
];

fn decoded<T>(response: &Response<T>, value: fn(&T) -> Value) -> Decoded {
    let media_type = response.headers().get("content-type");
    assert_eq!(response.attempts(), 1);
    Decoded {
        status: response.status().as_u16(),
        body: response.body().to_vec(),
        media_type: media_type.map(|media_type| media_type.to_str().unwrap().to_owned()),
        value: without_empty(value(response.value())),
    }
}

fn page(page: &Page) -> Value {
    json!({
        "users": page.users().iter().map(user).collect::<Value>(),
        "pagination": { "next": { "cursor": page.next_cursor() } },
    })
}

/// Returns a user by its fields. Its serialization only adds members that have no field.
fn user(user: &UserIdentity) -> Value {
    let UserIdentity {
        user_id,
        name,
        email,
        picture,
        ..
    } = user;
    let mut decoded = serde_json::to_value(user).unwrap();
    decoded["userId"] = json!(user_id);
    decoded["name"] = json!(name);
    decoded["email"] = json!(email);
    decoded["picture"] = json!(picture);
    without_empty(decoded)
}

fn problem(error: &Error) -> Value {
    without_empty(json!({
        "title": error.title(),
        "errorCode": error.error_code(),
        "errorId": error.error_id(),
    }))
}

/// Returns the expected value for this body.
fn expected(document: &Value, operation: &str, schema: &Value, body: &Value) -> Value {
    let mut expected = declared(document, schema, body);
    if operation == "getUsers" {
        // Ext does not return links.
        expected.as_object_mut().unwrap().remove("links");
        // An empty cursor means that there is no next page.
        if let Some(cursor) = expected.pointer_mut("/pagination/next/cursor")
            && cursor == ""
        {
            *cursor = Value::Null;
        }
    }
    without_empty(expected)
}

/// Returns the value without nulls and empty objects.
fn without_empty(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, without_empty(value)))
            .filter(|(_, value)| !value.is_null() && *value != json!({}))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_empty).collect(),
        other => other,
    }
}

/// Writes JSON in ASCII, with surrogate pairs.
struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: std::io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> std::io::Result<()> {
        for unit in fragment.encode_utf16() {
            write!(writer, "\\u{unit:04x}")?;
        }
        Ok(())
    }
}

/// Serializes a value in one of three styles: compact, ASCII, or pretty.
fn written(value: &Value, way: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    match way % 3 {
        0 => value.serialize(&mut Serializer::new(&mut bytes)).unwrap(),
        1 => value
            .serialize(&mut Serializer::with_formatter(&mut bytes, Ascii))
            .unwrap(),
        _ => {
            let pretty = PrettyFormatter::with_indent(b"\r\n\t");
            value
                .serialize(&mut Serializer::with_formatter(&mut bytes, pretty))
                .unwrap();
        }
    }
    bytes
}

fn kind(status: u16) -> ErrorKind {
    match status {
        401 => ErrorKind::Unauthorized,
        403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        429 => ErrorKind::RateLimited,
        500.. => ErrorKind::Server,
        _ => ErrorKind::UnexpectedStatus,
    }
}

fn call(operation: &str) -> &'static Call {
    let own = CALLS.iter().find(|call| call.operation == operation);
    own.unwrap_or_else(|| panic!("no call is defined for {operation}"))
}

#[tokio::test]
async fn ext_decodes_every_documented_body_without_loss() {
    let document = document();
    let mut rng = fastrand::Rng::with_seed(seed());
    for operation in operations(&document) {
        let fake = MockAuthress::builder().strict().start().await.unwrap();
        let id = operation.id;
        let kinds: usize = operation
            .responses
            .iter()
            .map(|response| response.bodies.len())
            .sum();
        let mut served = 0;
        for response in &operation.responses {
            let status = response.status;
            let mut client = authress(&fake);
            for &(media_type, schema) in &response.bodies {
                let at_random = random(&document, schema, &mut rng).take(BODIES.div_ceil(kinds));
                let at_random = at_random.enumerate().map(|(number, value)| Body {
                    what: format!("random value {number}"),
                    value,
                });
                let edges = edges(&document, schema);
                for Body { what, mut value } in edges.into_iter().chain(at_random) {
                    // A response about another user is an error.
                    if id == "getUser" && status < 300 {
                        value["userId"] = json!("a");
                    }
                    let body = written(&value, served);
                    // Of a larger error body, only the first part is kept.
                    if status >= 300 && body.len() > 64 * 1024 {
                        continue;
                    }
                    served += 1;
                    let response = StubResponse::new(status)
                        .unwrap()
                        .header("content-type", media_type)
                        .unwrap();
                    fake.respond_next(id.parse().unwrap(), response.body(body.clone()));
                    let what = format!("{id} {status} {media_type}, {what}: {value}");
                    // A client slows down after a 429.
                    if status == 429 {
                        client = authress(&fake);
                    }
                    match (call(id).call)(&client).await {
                        Ok(decoded) => {
                            assert_eq!((status, &body), (decoded.status, &decoded.body), "{what}");
                            assert_eq!(decoded.media_type.as_deref(), Some(media_type), "{what}");
                            let expected = expected(&document, id, schema, &value);
                            assert_eq!(decoded.value, expected, "{what}");
                        }
                        Err(error) => {
                            assert!(status >= 300, "{what}: {error}");
                            assert_eq!(error.status().unwrap(), status, "{what}");
                            assert_eq!(error.body().unwrap()[..], body, "{what}");
                            assert_eq!(error.headers().unwrap()["content-type"], media_type);
                            assert_eq!((error.kind(), error.operation()), (kind(status), Some(id)));
                            let expected = without_empty(declared(&document, schema, &value));
                            assert_eq!(problem(&error), expected, "{what}");
                        }
                    }
                }
            }
        }
        println!("{id}: {served} bodies of {kinds} kinds");
        assert!(served >= BODIES * 9 / 10, "{id}");
        fake.assert_no_findings();
    }
}

#[tokio::test]
async fn ext_accepts_every_documented_response_without_a_body() {
    let document = document();
    let mut seen = Vec::new();
    for operation in operations(&document) {
        let fake = MockAuthress::builder().strict().start().await.unwrap();
        let authress = authress(&fake);
        let id = operation.id;
        let bare = operation
            .responses
            .iter()
            .filter(|response| response.bodies.is_empty());
        for documented in bare {
            let response = StubResponse::new(documented.status).unwrap();
            fake.respond_next(id.parse().unwrap(), response);
            let decoded = (call(id).call)(&authress).await.unwrap();
            assert_eq!(
                (decoded.status, &decoded.body[..]),
                (documented.status, &b""[..]),
                "{id}"
            );
            assert_eq!(
                (decoded.media_type, decoded.value),
                (None, Value::Null),
                "{id}"
            );
            seen.push((id, documented.status));
        }
        fake.assert_no_findings();
    }
    assert_eq!(seen, [("deleteUser", 202), ("linkTenantUser", 204)]);
}

#[test]
fn the_raw_client_decodes_every_documented_body_without_loss() {
    let document = document();
    let mut rng = fastrand::Rng::with_seed(seed());
    for operation in operations(&document) {
        for response in &operation.responses {
            for (_, schema) in &response.bodies {
                let at_random = random(&document, schema, &mut rng).take(BODIES);
                let edges = edges(&document, schema).into_iter().map(|edge| edge.value);
                for (way, value) in edges.chain(at_random).enumerate() {
                    let what = format!("{} {}: {value}", operation.id, response.status);
                    let kept = (type_of(schema).read_and_write)(&written(&value, way));
                    let kept = kept.unwrap_or_else(|error| panic!("{what}: {error}"));
                    assert_eq!(kept, declared(&document, schema, &value), "{what}");
                }
            }
        }
    }
}

#[test]
fn lost_members_are_detected() {
    let mut document = document();
    let schemas = &mut document["components"]["schemas"];
    schemas["Link"]["properties"]["phone"] = json!({ "type": "string" });
    let schema = json!({ "$ref": "#/components/schemas/UserIdentityCollection" });
    let maximal = &edges(&document, &schema)[1].value;
    let kept = (type_of(&schema).read_and_write)(&written(maximal, 0)).unwrap();
    let declared = declared(&document, &schema, maximal);
    assert!(declared["links"]["self"]["phone"].is_string());
    assert_ne!(kept, declared);
}

#[test]
fn lost_additional_members_are_detected() {
    let document = document();
    let schema = json!({ "$ref": "#/components/schemas/UserIdentityCollection" });
    let page = json!({ "users": [{ "userId": "a", "phone": null, "x": [null, 0.1, {}] }] });
    let kept = (type_of(&schema).read_and_write)(&written(&page, 0)).unwrap();
    assert_eq!(kept, page);
    assert_eq!(declared(&document, &schema, &page), page);
    assert_ne!(kept, json!({ "users": [{ "userId": "a" }] }));
}

#[test]
fn rejected_nulls_are_detected() {
    let mut document = document();
    document["components"]["schemas"]["UserIdentity"]["properties"]["userId"]["nullable"] =
        json!(true);
    let schema = json!({ "$ref": "#/components/schemas/UserIdentity" });
    let rejected = edges(&document, &schema)
        .into_iter()
        .filter(|edge| (type_of(&schema).read_and_write)(&written(&edge.value, 0)).is_err())
        .map(|edge| edge.what);
    assert_eq!(
        rejected.collect::<Vec<_>>(),
        ["a value with null at /userId"]
    );
}

#[test]
fn edges_cover_every_optional_and_nullable_member() {
    let may_be_null = json!({ "type": "string", "nullable": true });
    let schema = json!({
        "type": "object",
        "required": ["userId"],
        "properties": {
            "userId": { "type": "string" },
            "name": may_be_null,
            "picture": may_be_null,
            "email": may_be_null,
        },
    });
    let edges = edges(&Value::Null, &schema);
    let what: Vec<_> = edges.iter().map(|edge| &*edge.what).collect();
    assert_eq!(
        what,
        [
            "the minimal value",
            "the maximal value",
            "a value without /name",
            "a value without /picture",
            "a value without /email",
            "a value with null at /name",
            "a value with null at /picture",
            "a value with null at /email",
        ]
    );
    assert_eq!(edges[0].value.as_object().unwrap().len(), 1);
    assert_eq!(edges[1].value.as_object().unwrap().len(), 4);
    assert!(edges[5].value["name"].is_null() && edges[2].value.get("name").is_none());
}
