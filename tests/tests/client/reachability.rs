//! Whatever the document takes can be sent with the face: every operation, every parameter, every
//! member of a body.

use std::future::Future;
use std::pin::Pin;

use authress_users_contract::{MockAuthress, ReceivedRequest, StubResponse};
use authress_users_ext::{AuthressClient, Result};
use serde_json::{Value, json};

use crate::bodies::{edges, random};
use crate::document::{Operation, document, operations};
use crate::{authress, seed};

const VALUES: usize = 60;

type Sending<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// How the face sends one input of an operation.
struct Sender {
    operation: &'static str,
    /// As in [`Input`](crate::document::Input), or empty for the operation with nothing that may
    /// be left out.
    place: &'static str,
    send: fn(&AuthressClient, Value) -> Sending<'_>,
}

/// Written by hand: this is where someone says how a new input is sent.
static SENDERS: [Sender; 11] = [
    Sender {
        operation: "getUsers",
        place: "",
        send: |face, _| Box::pin(async { face.users().get_users().await.map(drop) }),
    },
    Sender {
        operation: "getUsers",
        place: "query limit",
        send: |face, value| {
            let limit = u32::try_from(value.as_u64().unwrap()).unwrap();
            Box::pin(async move { face.users().get_users().limit(limit).await.map(drop) })
        },
    },
    Sender {
        operation: "getUsers",
        place: "query cursor",
        send: |face, value| {
            Box::pin(async move {
                face.users()
                    .get_users()
                    .cursor(text(&value))
                    .await
                    .map(drop)
            })
        },
    },
    Sender {
        operation: "getUsers",
        place: "query filter",
        send: |face, value| {
            Box::pin(async move {
                face.users()
                    .get_users()
                    .filter(text(&value))
                    .await
                    .map(drop)
            })
        },
    },
    Sender {
        operation: "getUsers",
        place: "query tenantId",
        send: |face, value| {
            let request = face.users().get_users().tenant_id(text(&value));
            Box::pin(async move { request.await.map(drop) })
        },
    },
    Sender {
        operation: "getUser",
        place: "",
        send: |face, _| Box::pin(async { face.users().get_user("a").await.map(drop) }),
    },
    Sender {
        operation: "getUser",
        place: "path userId",
        send: |face, value| {
            Box::pin(async move { face.users().get_user(text(&value)).await.map(drop) })
        },
    },
    Sender {
        operation: "deleteUser",
        place: "",
        send: |face, _| Box::pin(async { face.users().delete_user("a").await }),
    },
    Sender {
        operation: "deleteUser",
        place: "path userId",
        send: |face, value| Box::pin(async move { face.users().delete_user(text(&value)).await }),
    },
    Sender {
        operation: "linkTenantUser",
        place: "path tenantId",
        send: |face, value| {
            Box::pin(async move { face.users().link_tenant_user(text(&value), "a").await })
        },
    },
    Sender {
        operation: "linkTenantUser",
        place: "body /userId",
        send: |face, value| {
            Box::pin(async move { face.users().link_tenant_user("acme", text(&value)).await })
        },
    },
];

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// What the document takes and no sender sends, and senders of what it does not take.
fn differences(document: &Value) -> Vec<String> {
    let operations = operations(document);
    let mut told = Vec::new();
    for operation in &operations {
        let id = operation.id;
        if SENDERS.iter().all(|sender| sender.operation != id) {
            told.push(format!(
                "the document has {id}, and the face has no way to send it"
            ));
        }
        for input in &operation.inputs {
            let place = &input.place;
            if sender(id, place).is_none() {
                let way = "and the face has no way to send it";
                told.push(format!("the document has `{place}` of {id}, {way}"));
            }
        }
    }
    for Sender {
        operation, place, ..
    } in &SENDERS
    {
        let own = operations.iter().find(|own| own.id == *operation);
        let is_known = |own: &Operation<'_>| {
            place.is_empty() || own.inputs.iter().any(|input| input.place == *place)
        };
        if !own.is_some_and(is_known) {
            told.push(format!(
                "a sender sends `{place}` of {operation}, and the document has it not"
            ));
        }
    }
    told
}

fn sender(operation: &str, place: &str) -> Option<&'static Sender> {
    let own = |sender: &&Sender| sender.operation == operation && sender.place == place;
    SENDERS.iter().find(own)
}

/// What of a request came for an input, as text where the wire has only text.
fn arrived(request: &ReceivedRequest, place: &str) -> Option<Value> {
    let (kind, name) = place.split_once(' ').unwrap();
    match kind {
        "query" => request.query(name).map(Value::from),
        "path" => request.path_parameter(name).map(Value::from),
        "header" => request.header(name).map(Value::from),
        "body" => serde_json::from_slice::<Value>(request.body())
            .unwrap()
            .pointer(name)
            .cloned(),
        other => panic!("these tests look into no {other} yet"),
    }
}

fn on_the_wire(place: &str, value: &Value) -> Value {
    match value {
        Value::Number(number) if !place.starts_with("body ") => json!(number.to_string()),
        other => other.clone(),
    }
}

/// The first success that the document names, so that no sender waits for anything.
fn success(document: &Value, operation: &Operation<'_>) -> StubResponse {
    let answers = &operation.answers;
    let answer = answers
        .iter()
        .find(|answer| answer.status / 100 == 2)
        .unwrap();
    let response = StubResponse::new(answer.status).unwrap();
    match answer.bodies.first() {
        Some((media_type, schema)) => response
            .header("content-type", media_type)
            .unwrap()
            .body(edges(document, schema).remove(0).value.to_string()),
        None => response,
    }
}

#[test]
fn everything_that_the_document_takes_has_a_sender() {
    assert_eq!(differences(&document()), [""; 0]);
}

#[tokio::test]
async fn every_sender_sends_the_very_value() {
    let document = document();
    let mut rng = fastrand::Rng::with_seed(seed());
    for operation in operations(&document) {
        let fake = MockAuthress::builder().strict().start().await.unwrap();
        let authress = authress(&fake);
        let id = operation.id;
        let answer = success(&document, &operation);
        if let Some(sender) = sender(id, "") {
            fake.respond_next(id.parse().unwrap(), answer.clone());
            (sender.send)(&authress, Value::Null).await.unwrap();
            let request = fake.requests().pop().unwrap();
            assert_eq!(request.operation().unwrap().id(), id);
            for input in operation
                .inputs
                .iter()
                .filter(|input| !input.place.starts_with("path"))
            {
                assert!(
                    arrived(&request, &input.place).is_none(),
                    "{id} {}",
                    input.place
                );
            }
        }
        for input in &operation.inputs {
            let place = &*input.place;
            let sender = sender(id, place).unwrap();
            let edges = edges(&document, input.schema);
            let values = edges.into_iter().map(|edge| edge.value);
            let values = values.chain(random(&document, input.schema, &mut rng).take(VALUES));
            for value in values {
                fake.respond_next(id.parse().unwrap(), answer.clone());
                let sent = (sender.send)(&authress, value.clone()).await;
                assert!(
                    sent.is_ok(),
                    "{id} {place}: {value} is documented, but {sent:?}"
                );
                let request = fake.requests().pop().unwrap();
                assert_eq!(request.operation().unwrap().id(), id, "{place}: {value}");
                let expected = on_the_wire(place, &value);
                assert_eq!(arrived(&request, place), Some(expected), "{id} {place}");
            }
        }
        fake.assert_no_findings();
    }
}

#[test]
fn a_new_parameter_without_a_sender_is_told() {
    let mut document = document();
    let parameters = &mut document["paths"]["/v1/users"]["get"]["parameters"];
    for (place, name) in [("query", "page"), ("header", "X-Trace")] {
        let parameter = json!({ "name": name, "in": place, "schema": { "type": "string" } });
        parameters.as_array_mut().unwrap().push(parameter);
    }
    let item = &mut document["paths"]["/v1/users/{userId}"]["parameters"];
    let parameter = json!({ "name": "fields", "in": "query", "schema": { "type": "string" } });
    item.as_array_mut().unwrap().push(parameter);
    assert_eq!(
        differences(&document),
        [
            "the document has `query page` of getUsers, and the face has no way to send it",
            "the document has `header X-Trace` of getUsers, and the face has no way to send it",
            "the document has `query fields` of getUser, and the face has no way to send it",
            "the document has `query fields` of deleteUser, and the face has no way to send it",
        ]
    );
}

#[test]
fn a_new_member_of_a_body_without_a_sender_is_told_however_deep() {
    let mut document = document();
    let properties = &mut document["components"]["schemas"]["TenantUser"]["properties"];
    properties["role"] = json!({ "type": "object", "properties": {
        "id": { "type": "string" },
        "scopes": { "type": "array", "items": { "allOf": [{ "properties": { "on": {} } }] } },
    } });
    assert_eq!(
        differences(&document),
        [
            "the document has `body /role/id` of linkTenantUser, and the face has no way to send it",
            "the document has `body /role/scopes/0/on` of linkTenantUser, \
             and the face has no way to send it",
        ]
    );
}

#[test]
fn a_new_operation_without_a_sender_is_told() {
    let mut document = document();
    document["paths"]["/v1/groups"] = json!({ "get": { "operationId": "getGroups" } });
    assert_eq!(
        differences(&document),
        ["the document has getGroups, and the face has no way to send it"]
    );
}

#[test]
fn a_sender_of_what_the_document_takes_no_more_is_told() {
    let mut document = document();
    let parameters = &mut document["paths"]["/v1/users"]["get"]["parameters"];
    parameters
        .as_array_mut()
        .unwrap()
        .retain(|parameter| parameter["name"] != "filter");
    document["paths"]
        .as_object_mut()
        .unwrap()
        .remove("/v1/tenants/{tenantId}/users");
    assert_eq!(
        differences(&document),
        [
            "a sender sends `query filter` of getUsers, and the document has it not",
            "a sender sends `path tenantId` of linkTenantUser, and the document has it not",
            "a sender sends `body /userId` of linkTenantUser, and the document has it not",
        ]
    );
}
