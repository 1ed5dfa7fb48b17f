use serde_json::Value;

use crate::lint::{Findings, rules};

/// The generator reads OpenAPI 3.0 alone.
pub(in crate::lint) fn is_understood(findings: &mut Findings<'_>) {
    let document = findings.document;
    if document.is_openapi_3_0() {
        return;
    }
    let (pointer, written) = if document.value.get("openapi").is_some() {
        ("/openapi", &document.value["openapi"])
    } else {
        ("/swagger", &document.value["swagger"])
    };
    let version = match written {
        Value::String(version) => version.clone(),
        other => other.to_string(),
    };
    let advice = match (pointer, &*version) {
        ("/openapi", version) if version.starts_with("3.1") => {
            "write it as 3.0.3: `nullable: true` for a type of null, `example` for `examples` in \
             schemas, no `const`"
        }
        ("/swagger", _) => "convert it to OpenAPI 3.0.3; the API's own tools can do that",
        _ => "write it as 3.0.3, in quotes if need be",
    };
    let name = if pointer == "/swagger" {
        "Swagger"
    } else {
        "OpenAPI"
    };
    findings.add(
        &rules::OPENAPI_VERSION,
        pointer,
        format!("is {name} {version}, and the generator reads OpenAPI 3.0 alone"),
        advice,
    );
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::only_problem;

    #[test]
    fn other_versions_are_named_with_their_line() {
        for (to, name) in [
            ("openapi: 3.1.0", "OpenAPI 3.1.0"),
            ("openapi: 3.0", "OpenAPI 3"),
            ("openapi: 4.0.0", "OpenAPI 4.0.0"),
            ("swagger: '2.0'", "Swagger 2.0"),
        ] {
            let problem = only_problem("openapi: 3.0.3", to);
            assert_eq!(problem.code, "openapi-version");
            assert_eq!(problem.line, 4);
            assert!(problem.message.contains(name), "{problem}");
        }
    }
}
