//! The version of OpenAPI.

use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::rules;

pub(in crate::lint) fn check(findings: &mut Findings<'_>) {
    let document = findings.document;
    if document.is_openapi_3_0() {
        return;
    }
    let (pointer, name, version) = match document.value.get("openapi") {
        Some(version) => ("/openapi", "OpenAPI", version),
        None => ("/swagger", "Swagger", &document.value["swagger"]),
    };
    let version = match version {
        Value::String(version) => version.clone(),
        other => other.to_string(),
    };
    let advice = if name == "Swagger" {
        "convert the document to OpenAPI 3.0.3"
    } else if version.starts_with("3.1") {
        "write it as 3.0.3: `nullable: true` in place of the type null, `example` in place of \
         `examples` in schemas, no `const`"
    } else {
        "write it as 3.0.3, in quotes if the version is read as a number"
    };
    findings.add(
        &rules::OPENAPI_VERSION,
        pointer,
        format!("the version is {name} {version}, and the generator supports only OpenAPI 3.0"),
        advice,
    );
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::only_problem;

    #[test]
    fn other_versions_are_reported_with_their_line() {
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
