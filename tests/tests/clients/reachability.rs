//! Ext can send every operation, parameter and body member of the spec.

use std::future::Future;
use std::pin::Pin;

use authress_users_contract::{MockAuthress, ReceivedRequest, StubResponse};
use authress_users_ext::{AuthressClient, Result};
use serde_json::{Value, json};

use crate::bodies::{edges, minimal, random};
use crate::spec::{Operation, document, operations};
use crate::{authress, seed};

const VALUES: usize = 60;

type Sending<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// Sends one input of an operation.
struct Sender {
    operation: &'static str,
    /// As in [`Input`](crate::spec::Input); empty for the operation without optional inputs.
    place: &'static str,
    send: fn(&AuthressClient, Value) -> Sending<'_>,
}

/// Add a sender here for each new input of the spec.
static SENDERS: [Sender; 11] = [
    Sender {
        operation: "getUsers",
        place: "",
        send: |client, _| Box::pin(async { client.users().get_users().await.map(drop) }),
    },
    Sender {
        operation: "getUsers",
        place: "query limit",
        send: |client, value| {
            let limit = u32::try_from(value.as_u64().unwrap()).unwrap();
            Box::pin(async move { client.users().get_users().limit(limit).await.map(drop) })
        },
    },
    Sender {
        operation: "getUsers",
        place: "query cursor",
        send: |client, value| {
            Box::pin(async move {
                client
                    .users()
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
        send: |client, value| {
            Box::pin(async move {
                client
                    .users()
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
        send: |client, value| {
            let request = client.users().get_users().tenant_id(text(&value));
            Box::pin(async move { request.await.map(drop) })
        },
    },
    Sender {
        operation: "getUser",
        place: "",
        send: |client, _| Box::pin(async { client.users().get_user("a").await.map(drop) }),
    },
    Sender {
        operation: "getUser",
        place: "path userId",
        send: |client, value| {
            Box::pin(async move { client.users().get_user(text(&value)).await.map(drop) })
        },
    },
    Sender {
        operation: "deleteUser",
        place: "",
        send: |client, _| Box::pin(async { client.users().delete_user("a").await }),
    },
    Sender {
        operation: "deleteUser",
        place: "path userId",
        send: |client, value| {
            Box::pin(async move { client.users().delete_user(text(&value)).await })
        },
    },
    Sender {
        operation: "linkTenantUser",
        place: "path tenantId",
        send: |client, value| {
            Box::pin(async move { client.users().link_tenant_user(text(&value), "a").await })
        },
    },
    Sender {
        operation: "linkTenantUser",
        place: "body /userId",
        send: |client, value| {
            Box::pin(async move { client.users().link_tenant_user("acme", text(&value)).await })
        },
    },
];

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Returns inputs of the spec without a sender, and senders of inputs that the spec does not have.
fn differences(document: &Value) -> Vec<String> {
    let operations = operations(document);
    let mut differences = Vec::new();
    for operation in &operations {
        let id = operation.id;
        if SENDERS.iter().all(|sender| sender.operation != id) {
            differences.push(format!("{id} has no sender"));
        }
        for input in &operation.inputs {
            let place = &input.place;
            if sender(id, place).is_none() {
                differences.push(format!("`{place}` of {id} has no sender"));
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
            differences.push(format!(
                "a sender sends `{place}` of {operation}, which is not in the spec"
            ));
        }
    }
    differences
}

fn sender(operation: &str, place: &str) -> Option<&'static Sender> {
    let own = |sender: &&Sender| sender.operation == operation && sender.place == place;
    SENDERS.iter().find(own)
}

/// Returns the value of an input in a request; parameters are strings.
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
        other => panic!("unsupported kind of input: {other}"),
    }
}

fn on_the_wire(place: &str, value: &Value) -> Value {
    match value {
        Value::Number(number) if !place.starts_with("body ") => json!(number.to_string()),
        other => other.clone(),
    }
}

/// Returns the first documented successful response, about the requested user if it is about one.
fn success(document: &Value, operation: &Operation<'_>, user_id: &Value) -> StubResponse {
    let responses = &operation.responses;
    let documented = responses
        .iter()
        .find(|response| response.status / 100 == 2)
        .unwrap();
    let response = StubResponse::new(documented.status).unwrap();
    match documented.bodies.first() {
        Some((media_type, schema)) => {
            let mut body = minimal(document, schema);
            if let Some(own) = body.get_mut("userId") {
                *own = user_id.clone();
            }
            let response = response.header("content-type", media_type).unwrap();
            response.body(body.to_string())
        }
        None => response,
    }
}

#[test]
fn every_input_has_a_sender() {
    assert_eq!(differences(&document()), [""; 0]);
}

#[tokio::test]
async fn senders_send_the_exact_value() {
    let document = document();
    let mut rng = fastrand::Rng::with_seed(seed());
    for operation in operations(&document) {
        let fake = MockAuthress::builder().strict().start().await.unwrap();
        let authress = authress(&fake);
        let id = operation.id;
        if let Some(sender) = sender(id, "") {
            let response = success(&document, &operation, &json!("a"));
            fake.respond_next(id.parse().unwrap(), response);
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
                fake.respond_next(id.parse().unwrap(), success(&document, &operation, &value));
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
fn new_parameters_without_a_sender_are_reported() {
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
            "`query page` of getUsers has no sender",
            "`header X-Trace` of getUsers has no sender",
            "`query fields` of getUser has no sender",
            "`query fields` of deleteUser has no sender",
        ]
    );
}

#[test]
fn new_body_members_without_a_sender_are_reported_at_any_depth() {
    let mut document = document();
    let properties = &mut document["components"]["schemas"]["TenantUser"]["properties"];
    properties["role"] = json!({ "type": "object", "properties": {
        "id": { "type": "string" },
        "scopes": { "type": "array", "items": { "allOf": [{ "properties": { "on": {} } }] } },
    } });
    assert_eq!(
        differences(&document),
        [
            "`body /role/id` of linkTenantUser has no sender",
            "`body /role/scopes/0/on` of linkTenantUser has no sender",
        ]
    );
}

#[test]
fn new_operations_without_a_sender_are_reported() {
    let mut document = document();
    document["paths"]["/v1/groups"] = json!({ "get": { "operationId": "getGroups" } });
    assert_eq!(differences(&document), ["getGroups has no sender"]);
}

#[test]
fn senders_of_removed_inputs_are_reported() {
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
            "a sender sends `query filter` of getUsers, which is not in the spec",
            "a sender sends `path tenantId` of linkTenantUser, which is not in the spec",
            "a sender sends `body /userId` of linkTenantUser, which is not in the spec",
        ]
    );
}
