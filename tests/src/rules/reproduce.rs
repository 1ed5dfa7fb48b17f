//! A line that sends a request again. What may be secret or personal is a variable.

use std::fmt::Write as _;

use crate::exchange::Exchange;
use crate::spec::SpecOperation;

pub(super) fn command(
    exchange: &Exchange,
    operation: Option<&SpecOperation>,
    has_token: bool,
) -> String {
    let mut line = format!("curl -X {} \"$AUTHRESS_API_URL", exchange.method);
    match operation {
        Some(operation) => line.push_str(&with_variables(&operation.template.text)),
        None => line.push_str(&shape(exchange.path())),
    }
    let pairs = exchange
        .query()
        .into_iter()
        .flat_map(|query| query.split('&'));
    for (index, pair) in pairs.enumerate() {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        line.push(if index == 0 { '?' } else { '&' });
        let declared = operation.and_then(|operation| {
            operation
                .parameters_in("query")
                .find(|parameter| parameter.name == name)
        });
        // A number says nothing of anybody, unless it is a text that happens to be one.
        let is_shown = declared.is_some_and(|own| own.schema.value_of(value).is_number());
        let _ = match (declared, is_shown) {
            (Some(_), true) => write!(line, "{name}={value}"),
            (Some(_), false) => write!(line, "{name}=${}", variable(name)),
            (None, _) => write!(line, "$OTHER=$VALUE"),
        };
    }
    line.push('"');
    for name in ["accept", "content-type"] {
        if let Some(value) = exchange
            .request_headers
            .get(name)
            .and_then(|value| value.to_str().ok())
        {
            let _ = write!(line, " -H '{name}: {}'", value.replace('\'', ""));
        }
    }
    if has_token {
        line.push_str(" -H \"authorization: Bearer $AUTHRESS_ACCESS_TOKEN\"");
    }
    if !exchange.request_body.is_empty() {
        line.push_str(" --data \"$BODY\"");
    }
    line
}

/// `/v1/users/$USER_ID` for `/v1/users/{userId}`.
fn with_variables(template: &str) -> String {
    let segments = template.split('/').map(|segment| {
        match segment
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
        {
            Some(name) => format!("${}", variable(name)),
            None => segment.to_owned(),
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

fn variable(name: &str) -> String {
    let mut variable = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            variable.push('_');
        }
        variable.push(character.to_ascii_uppercase());
    }
    variable
}

/// A path without what may be an id: what the API's own paths have in common stays.
pub(super) fn shape(path: &str) -> String {
    let shown = path.split('/').map(|segment| match segment {
        "" | "." | ".." | "v1" | "users" | "tenants" => segment,
        _ => "…",
    });
    shown.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Spec;

    #[test]
    fn the_line_names_everything_and_shows_nothing_personal() {
        let exchange = |method: &str, target: &str, body: &str| Exchange {
            method: method.to_owned(),
            origin: String::new(),
            target: target.to_owned(),
            request_headers: [(
                http::header::AUTHORIZATION,
                "Bearer sekrit".parse().unwrap(),
            )]
            .into_iter()
            .collect(),
            request_body: body.into(),
            response: None,
        };
        let spec = Spec::of_project();
        assert_eq!(
            command(
                &exchange(
                    "GET",
                    "/v1/users?limit=7&filter=sekrit&tenantId=17&sekrit=1",
                    ""
                ),
                spec.operation("getUsers"),
                true
            ),
            "curl -X GET \"$AUTHRESS_API_URL/v1/users?limit=7&filter=$FILTER&tenantId=$TENANT_ID&$OTHER=$VALUE\" \
             -H \"authorization: Bearer $AUTHRESS_ACCESS_TOKEN\""
        );
        assert_eq!(
            command(
                &exchange("PATCH", "/v1/tenants/sekrit/users", "sekrit"),
                spec.operation("linkTenantUser"),
                true
            ),
            "curl -X PATCH \"$AUTHRESS_API_URL/v1/tenants/$TENANT_ID/users\" \
             -H \"authorization: Bearer $AUTHRESS_ACCESS_TOKEN\" --data \"$BODY\""
        );
        assert_eq!(
            command(&exchange("PUT", "/v1/users/sekrit/../x", ""), None, false),
            "curl -X PUT \"$AUTHRESS_API_URL/v1/users/…/../…\""
        );
    }
}
