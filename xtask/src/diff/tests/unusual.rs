//! Unusual specs.

use std::fmt::Write as _;

use super::*;

/// Returns a spec whose only operation returns the schema `A0`.
fn with_schemas(schemas: &str) -> Document {
    let text = format!(
        "openapi: 3.0.3\ninfo: {{}}\npaths:\n  /a:\n    get:\n      operationId: getA\n      responses:\n        \
         \"200\":\n          description: Fine.\n          content:\n            application/json:\n              \
         schema:\n                $ref: '#/components/schemas/A0'\ncomponents:\n  schemas:\n{schemas}"
    );
    Document::parse("a.yaml", &text).unwrap()
}

fn wire(old: &str, new: &str) -> (Option<Verdict>, String) {
    let report = compare(&with_schemas(old), &with_schemas(new), false);
    (report.verdict(Aspect::Wire), report.to_text())
}

const TREE: &str = "    A0:\n      type: object\n      required: [name]\n      properties:\n        name:\n          \
                    type: string\n          maxLength: 5\n        children:\n          type: array\n          \
                    items:\n            $ref: '#/components/schemas/A0'\n";

#[test]
fn a_recursive_schema_is_compared_once() {
    assert_eq!(wire(TREE, TREE).0, None);
    let (verdict, text) = wire(TREE, &TREE.replace("maxLength: 5", "maxLength: 9"));
    assert_eq!(verdict, Some(Verdict::Breaking));
    assert_eq!(text.matches("[wire]").count(), 1, "{text}");
    assert!(text.contains("A0.name: maxLength 5 -> 9"), "{text}");
    assert!(
        text.contains("example: \"aaaaaa\" was invalid and can now be returned\n"),
        "{text}"
    );
    let (verdict, text) = wire(TREE, &TREE.replace("required: [name]", "required: []"));
    assert_eq!(verdict, Some(Verdict::Breaking));
    assert!(
        text.contains("example: {} was invalid and can now be returned\n"),
        "{text}"
    );
}

#[test]
fn a_schema_that_applies_itself_needs_review_and_terminates() {
    let plain = "    A0:\n      type: string\n";
    for recursive in [
        "    A0:\n      $ref: '#/components/schemas/A0'\n",
        "    A0:\n      allOf:\n        - $ref: '#/components/schemas/A0'\n        - type: string\n",
        "    A0:\n      oneOf:\n        - type: string\n        - $ref: '#/components/schemas/A1'\n    A1:\n      \
         anyOf:\n        - $ref: '#/components/schemas/A0'\n",
        "    A0:\n      not:\n        $ref: '#/components/schemas/A0'\n",
    ] {
        assert_eq!(wire(recursive, recursive).0, None, "{recursive}");
        for (old, new) in [(plain, recursive), (recursive, plain)] {
            assert_eq!(wire(old, new).0, Some(Verdict::NeedsReview), "{recursive}");
        }
    }
}

#[test]
fn a_broken_reference_needs_review() {
    let (plain, broken) = (
        "    A0:\n      type: string\n",
        "    A0:\n      $ref: '#/components/schemas/Gone'\n",
    );
    assert_eq!(wire(plain, broken).0, Some(Verdict::NeedsReview));
    assert_eq!(wire(broken, plain).0, Some(Verdict::NeedsReview));
    assert_eq!(wire(broken, broken).0, None);
}

#[test]
fn long_chains_and_wide_graphs_of_schemas_terminate() {
    let (mut chain, mut web) = (String::new(), String::new());
    for index in 0..2_000 {
        let next = index + 1;
        let _ = write!(
            chain,
            "    A{index}:\n      type: object\n      required: [next]\n      properties:\n        next:\n          \
             $ref: '#/components/schemas/A{next}'\n"
        );
    }
    chain += "    A2000:\n      type: string\n";
    for index in 0..60 {
        let next = index + 1;
        let _ = write!(
            web,
            "    A{index}:\n      allOf:\n        - $ref: '#/components/schemas/A{next}'\n        - \
             $ref: '#/components/schemas/A{next}'\n"
        );
    }
    web += "    A60:\n      type: string\n";
    for (old, from, to, expected) in [
        (&chain, "type: string", "type: integer", Verdict::Breaking),
        (
            &chain,
            "required: [next]",
            "required: []",
            Verdict::Breaking,
        ),
        (&web, "type: string", "type: integer", Verdict::NeedsReview),
    ] {
        assert_eq!(wire(old, old).0, None);
        let verdict = wire(old, &old.replacen(from, to, 1)).0;
        assert_eq!(verdict, Some(expected), "{from}");
    }
}

#[test]
fn extensions_of_all_parts_are_one_change() {
    let spec = |logo: u8, description: &str| {
        let text = format!(
            r#"openapi: 3.0.3
x-root: {logo}
info: {{title: Pets, version: "1", x-logo: {logo}}}
servers: [{{url: https://example.com, x-kind: {logo}}}]
tags: [{{name: a, x-shown: {logo}}}]
paths:
  x-paths: {logo}
  /pets:
    x-item: {logo}
    post:
      operationId: addPet
      parameters:
        - {{name: a, in: query, x-parameter: {logo}, schema: {{type: string}}}}
      requestBody:
        content:
          multipart/form-data:
            x-media: {logo}
            schema: {{type: object, properties: {{x-name: {{type: string, example: {{x-data: {logo}}}}}}}}}
            encoding: {{description: {{contentType: {description}, x-encoding: {logo}}}}}
      responses:
        x-responses: {logo}
        "204":
          description: Added.
          x-response: {logo}
          links: {{next: {{operationId: addPet, x-link: {logo}}}}}
      callbacks: {{done: {{"{{$request.body#/url}}": {{x-callback: {logo}}}}}}}
components:
  x-components: {logo}
  securitySchemes: {{key: {{type: apiKey, in: header, name: A, x-scheme: {logo}}}}}
  schemas:
    Unused: {{type: string, x-schema: {logo}}}
"#
        );
        Document::parse("spec.yaml", &text).unwrap()
    };
    let report = compare(&spec(1, "a/b"), &spec(2, "a/b"), false);
    let messages: Vec<_> = report.changes.iter().map(|change| &*change.what).collect();
    assert_eq!(
        messages,
        [
            "extensions changed: `x-callback` in 1 place, `x-components` in 1 place, `x-encoding` in 1 place, \
          `x-item` in 1 place, `x-kind` in 1 place, `x-link` in 1 place, `x-logo` in 1 place, \
          `x-media` in 1 place, `x-parameter` in 1 place, `x-paths` in 1 place, `x-response` in 1 place, \
          `x-responses` in 1 place, `x-root` in 1 place, `x-schema` in 1 place, `x-scheme` in 1 place, \
          `x-shown` in 1 place"
        ]
    );
    let report = compare(&spec(1, "a/b"), &spec(1, "a/c"), false);
    assert_eq!(report.changes.len(), 1);
}
