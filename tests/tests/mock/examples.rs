//! The examples of the spec, which other tools send and return.

use authress_users_client::DOCUMENT;
use authress_users_openapi::{OperationEntry, operations, parameters, resolve};
use reqwest::Url;

use super::*;

/// The request that the examples of an operation make.
fn example_request(
    fake: &MockAuthress,
    document: &Value,
    entry: &OperationEntry<'_>,
) -> RequestBuilder {
    let mut path = entry.path.to_owned();
    let mut query = Vec::new();
    for parameter in parameters(document, entry) {
        let text = match &parameter.value["example"] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if parameter.location == "path" {
            let encoded = text.replace('|', "%7C");
            path = path.replace(&format!("{{{}}}", parameter.name), &encoded);
        } else {
            query.push((parameter.name, text));
        }
    }
    let url = Url::parse_with_params("http://fake", query).unwrap();
    let path = match url.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let method = entry.method.to_uppercase().parse().unwrap();
    let request = request(fake, method, &path);
    match entry.value["requestBody"]["content"]["application/json"].get("example") {
        Some(body) => request.json(body),
        None => request,
    }
}

#[tokio::test]
async fn requests_made_of_the_examples_succeed() {
    let document = serde_json::from_str(DOCUMENT).unwrap();
    for entry in operations(&document) {
        let fake = fake(3).await;
        let response = example_request(&fake, &document, &entry)
            .send()
            .await
            .unwrap();
        assert!(
            response.status().is_success(),
            "{}: {}",
            entry.name(),
            response.status()
        );
        let findings = fake.verify();
        assert!(findings.is_empty(), "{findings:?}");
    }
}

/// A user with the members that the examples show. The fake also sends members that an import adds.
fn shown(user: &Value) -> Value {
    let mut user = user.clone();
    user.as_object_mut()
        .unwrap()
        .retain(|member, _| ["userId", "name", "email", "picture"].contains(&member.as_str()));
    user
}

#[tokio::test]
async fn the_fake_serves_the_pages_of_the_examples() {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let content = &document["paths"]["/v1/users"]["get"]["responses"]["200"]["content"][LINKS_JSON];
    let fake = fake(3).await;
    for (name, path) in [
        ("FirstPage", "/v1/users?limit=2"),
        ("LastPage", "/v1/users?limit=2&cursor=YWZ0ZXI6Mg"),
    ] {
        let (example, _) = resolve(&document, &content["examples"][name], "").unwrap();
        let page: Value = get(&fake, path).await.json().await.unwrap();
        let users = page["users"].as_array().unwrap().iter().map(shown);
        assert_eq!(
            example["value"]["users"],
            users.collect::<Value>(),
            "{name}"
        );
        assert_eq!(example["value"]["pagination"], page["pagination"], "{name}");
        let own = example["value"]["links"]["self"]["href"].as_str().unwrap();
        assert!(own.ends_with(path), "{own}");
    }
}

#[test]
fn the_first_example_of_a_list_is_the_last_page() {
    // Mock servers return the first example, so that lists end.
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let content = &document["paths"]["/v1/users"]["get"]["responses"]["200"]["content"][LINKS_JSON];
    let examples = content["examples"].as_object().unwrap();
    assert_eq!(
        examples.keys().collect::<Vec<_>>(),
        ["LastPage", "FirstPage"]
    );
}
