//! Shell commands that send a request again, with variables for secret or personal values.

use std::fmt::Write as _;

use crate::exchange::Exchange;
use crate::redact::printable;
use crate::spec::SpecOperation;

/// The value of `Authorization` with a token.
pub(super) const TOKEN: &str = "Bearer $AUTHRESS_ACCESS_TOKEN";

/// Returns the command for a request. `authorization` is the header's value as a shell writes it.
///
/// The path, query and body of a public request are shown.
pub(crate) fn command(
    exchange: &Exchange,
    operation: Option<&SpecOperation>,
    authorization: Option<&str>,
    is_public: bool,
) -> String {
    // HTTP allows characters in a method that a shell interprets.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let method = if exchange.method.bytes().all(is_plain) {
        &*exchange.method
    } else {
        "$METHOD"
    };
    // curl waits for the body of any other response to HEAD.
    let mut command = match method {
        "HEAD" => "curl --head".to_owned(),
        _ => format!("curl -X {method}"),
    };
    command.push_str(" \"$AUTHRESS_API_URL");
    match operation {
        _ if is_public => command.push_str(&exchange.target),
        Some(operation) => command.push_str(&with_variables(operation.template.as_str())),
        None => command.push_str(&shape(exchange.path())),
    }
    let query = exchange.query().filter(|_| !is_public);
    let pairs = query.into_iter().flat_map(|query| query.split('&'));
    for (index, pair) in pairs.enumerate() {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        command.push(if index == 0 { '?' } else { '&' });
        let declared = operation.and_then(|operation| {
            operation
                .parameters_in("query")
                .find(|parameter| parameter.name == name)
        });
        // Numbers are not personal, unless the schema says that they are strings.
        let is_shown = declared.is_some_and(|own| own.schema.parse_text(value).is_number());
        let _ = match (declared, is_shown) {
            (Some(_), true) => write!(command, "{name}={value}"),
            (Some(_), false) => write!(command, "{name}=${}", variable(name)),
            (None, _) => write!(command, "$OTHER=$VALUE"),
        };
    }
    command.push('"');
    for name in ["accept", "accept-encoding", "content-type"] {
        if let Some(value) = exchange
            .request_headers
            .get(name)
            .and_then(|value| value.to_str().ok())
        {
            let value = printable(value, &exchange.credentials()).replace('\'', "");
            let _ = write!(command, " -H '{name}: {value}'");
        }
    }
    if let Some(authorization) = authorization {
        let _ = write!(command, " -H \"authorization: {authorization}\"");
    }
    if !exchange.request_body.is_empty() {
        command.push_str(" --data \"$BODY\"");
    }
    command
}

/// Returns `/v1/users/$USER_ID` for `/v1/users/{userId}`.
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

/// Returns a path without segments that may be ids.
pub(crate) fn shape(path: &str) -> String {
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

    const TOKEN: Option<&str> = Some(super::TOKEN);

    #[test]
    fn commands_contain_no_personal_values() {
        let token = [(
            http::header::AUTHORIZATION,
            "Bearer sekrit".parse().unwrap(),
        )];
        let headers: http::HeaderMap = token.into_iter().collect();
        let exchange = |method: &str, target: &str, body: &str| {
            Exchange::new(method, target)
                .request_headers(headers.clone())
                .request_body(body)
        };
        let spec = Spec::bundled();
        assert_eq!(
            command(
                &exchange(
                    "GET",
                    "/v1/users?limit=7&filter=sekrit&tenantId=17&sekrit=1",
                    ""
                ),
                spec.operation("getUsers"),
                TOKEN,
                false
            ),
            "curl -X GET \"$AUTHRESS_API_URL/v1/users?limit=7&filter=$FILTER&tenantId=$TENANT_ID&$OTHER=$VALUE\" \
             -H \"authorization: Bearer $AUTHRESS_ACCESS_TOKEN\""
        );
        assert_eq!(
            command(
                &exchange("PATCH", "/v1/tenants/sekrit/users", "sekrit"),
                spec.operation("linkTenantUser"),
                TOKEN,
                false
            ),
            "curl -X PATCH \"$AUTHRESS_API_URL/v1/tenants/$TENANT_ID/users\" \
             -H \"authorization: Bearer $AUTHRESS_ACCESS_TOKEN\" --data \"$BODY\""
        );
        assert_eq!(
            command(
                &exchange("PUT", "/v1/users/sekrit/../x", ""),
                None,
                None,
                false
            ),
            "curl -X PUT \"$AUTHRESS_API_URL/v1/users/…/../…\""
        );
        assert_eq!(
            command(&exchange("GET|`reboot`", "/", ""), None, None, false),
            "curl -X $METHOD \"$AUTHRESS_API_URL/\""
        );
    }
}
