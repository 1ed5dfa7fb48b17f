//! What the messages say where a change has several meanings or places.

use authress_users_openapi::Document;

use crate::diff::change::Verdict;
use crate::diff::compare::compare;

/// A spec with a schema that requests and responses contain in two ways each.
const PETS: &str = r##"openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - {name: tag, in: query, schema: {type: string, maxLength: 9}}
      responses:
        "200":
          description: Pets.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Pet"}}}}
    post:
      operationId: addPet
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
      responses: {"204": {description: Added.}}
components:
  schemas:
    Owner: {type: object, properties: {email: {type: string}}}
    Round: {type: object, properties: {kind: {type: string}, radius: {type: number}}}
    Square: {type: object, properties: {kind: {type: string}, side: {type: number}}}
    Pet:
      type: object
      properties:
        owner: {$ref: "#/components/schemas/Owner"}
        keeper: {$ref: "#/components/schemas/Owner"}
        shape:
          oneOf: [{$ref: "#/components/schemas/Round"}, {$ref: "#/components/schemas/Square"}]
"##;

/// Returns the verdict, the operations, the message and the advice of each change on the wire.
fn changes(from: &str, to: &str) -> Vec<(Verdict, String, String, String)> {
    assert!(PETS.contains(from), "{from}");
    let old = Document::parse("old.yaml", PETS).unwrap();
    let new = Document::parse("new.yaml", &PETS.replacen(from, to, 1)).unwrap();
    let report = compare(&old, &new, false);
    let changes = report.changes.into_iter();
    changes
        .filter(|change| change.aspect.name() == "wire")
        .map(|it| (it.verdict, it.subject(), it.what, it.advice))
        .collect()
}

/// Returns the messages of the changes on the wire, with their operations.
fn messages(from: &str, to: &str) -> Vec<String> {
    let changes = changes(from, to).into_iter();
    changes
        .map(|(_, subject, what, _)| format!("{subject}: {what}"))
        .collect()
}

#[test]
fn a_change_is_reported_for_requests_and_for_responses_if_it_differs() {
    let email = "email: {type: string}";
    assert_eq!(
        messages(email, "email: {type: string, maxLength: 5}"),
        [
            "addPet: Owner.email: maxLength 5 added in requests",
            "listPets: Owner.email: maxLength 5 added in responses",
        ]
    );
    // Both need review, for different reasons.
    let square = "{$ref: \"#/components/schemas/Square\"}]\n";
    let added = changes(
        square,
        &format!("{square}          discriminator: {{propertyName: kind}}\n"),
    );
    let [
        (_, listing, in_responses, read),
        (_, adding, in_requests, send),
    ] = added.as_slice()
    else {
        panic!("{added:#?}")
    };
    assert_eq!((&**listing, &**adding), ("listPets", "addPet"));
    assert_eq!(
        in_responses,
        "Pet.shape: discriminator `kind` added in responses"
    );
    assert_eq!(
        in_requests,
        "Pet.shape: discriminator `kind` added in requests"
    );
    assert!(read.contains("every response") && send.contains("existing clients send"));
}

#[test]
fn null_in_a_parameter_changes_nothing() {
    let tag = "schema: {type: string, maxLength: 9}";
    let nullable = "schema: {type: string, maxLength: 9, nullable: true}";
    let [(verdict, _, what, advice)] = &*changes(tag, nullable) else {
        panic!("several changes")
    };
    assert_eq!(*verdict, Verdict::Compatible);
    assert_eq!(what, "the query parameter `tag`: nullable added");
    assert!(advice.starts_with("none needed"), "{advice}");
    // Other changes keep their meaning.
    assert_eq!(
        messages(tag, "schema: {type: string, maxLength: 8, nullable: true}"),
        [
            "listPets: the query parameter `tag`: maxLength 9 -> 8",
            "listPets: the query parameter `tag`: nullable added",
        ]
    );
}

#[test]
fn a_member_with_another_schema_than_before_is_named_after_its_place() {
    assert_eq!(
        messages(
            "keeper: {$ref: \"#/components/schemas/Owner\"}",
            "keeper: {type: string}"
        ),
        [
            "listPets: Pet.keeper: type object -> string in responses",
            "addPet: Pet.keeper: type object -> string in requests",
        ]
    );
}

#[test]
fn names_of_components_may_contain_dots_and_slashes() {
    let other = PETS
        .replace("schemas/Owner", "schemas/a~1b.c")
        .replace("    Owner:", "    a/b.c:");
    let old = Document::parse("old.yaml", &other).unwrap();
    let new = PETS.replace("email: {type: string}", "email: {type: integer}");
    let new = Document::parse("new.yaml", &new).unwrap();
    let report = compare(&old, &new, false);
    let mut changes = report.changes.iter();
    assert!(
        changes.all(|change| change.what.starts_with("a/b.c.email: ")),
        "{}",
        report.to_text()
    );
    assert!(!report.changes.is_empty());
}

#[test]
fn another_composition_of_a_schema_is_named() {
    let found = messages("          oneOf: [", "          anyOf: [");
    assert_eq!(
        found,
        [
            "listPets: Pet.shape: oneOf -> anyOf in responses",
            "addPet: Pet.shape: oneOf -> anyOf in requests",
        ]
    );
}

#[test]
fn every_difference_inside_a_composition_is_named() {
    let round = "Round: {type: object, properties: {kind: {type: string}, radius: {type: number}}}";
    let narrower = "Round: {type: object, required: [kind], properties: {kind: {type: string, \
                    maxLength: 9, pattern: ^r}, radius: {type: number, maximum: 5}}}";
    let old = Document::parse("old.yaml", PETS).unwrap();
    let edited = PETS
        .replace(round, narrower)
        .replace("side: {type: number}", "side: {type: integer}");
    let new = Document::parse("new.yaml", &edited).unwrap();
    let report = compare(&old, &new, false);
    let change = report.changes.iter().find(|it| it.what.contains("shape"));
    let change = change.unwrap();
    assert_eq!(
        change.what.split(" in ").next().unwrap(),
        "Pet.shape: oneOf[0]: kind now required; oneOf[0].kind: maxLength 9 added, pattern ^r added; \
         oneOf[0].radius: maximum 5 added; oneOf[1].side: type number -> integer"
    );
    assert_eq!(change.old.pointer, "/components/schemas/Round");
}

#[test]
fn an_alternative_that_comes_or_goes_is_named() {
    let round = "oneOf: [{$ref: \"#/components/schemas/Round\"}, {";
    let [found, _] = &*messages(round, "oneOf: [{") else {
        panic!("another number of changes")
    };
    assert_eq!(
        found.split(" in ").next().unwrap(),
        "listPets: Pet.shape: the alternative Round was removed"
    );
    let both = "oneOf: [{type: string}, {$ref: \"#/components/schemas/Owner\"}, \
                {$ref: \"#/components/schemas/Round\"}, {";
    let found = messages(round, both).join("; ");
    assert!(
        found.contains("the alternative oneOf[0] was added; the alternative Owner was added"),
        "{found}"
    );
}

#[test]
fn the_example_of_a_list_has_valid_items() {
    let email = "email: {type: string}";
    let list = |bounds: &str| {
        format!("email: {{type: array, {bounds} items: {{type: string, minLength: 3}}}}")
    };
    let parse =
        |name, bounds: &str| Document::parse(name, &PETS.replace(email, &list(bounds))).unwrap();
    for bounds in ["maxItems: 2,", "uniqueItems: true,", "minItems: 2,"] {
        let report = compare(&parse("old.yaml", ""), &parse("new.yaml", bounds), false);
        let witness = report.changes.iter().find_map(|it| it.witness.as_ref());
        let value = &witness.unwrap().value;
        let items = value.as_array().unwrap();
        let is_valid = |item: &serde_json::Value| item.as_str().is_some_and(|it| it.len() >= 3);
        assert!(items.iter().all(is_valid), "{bounds} {value}");
    }
}

#[test]
fn differences_of_a_composed_object_are_named() {
    let composed = |members: &str| {
        let from = "Owner: {type: object, properties: {email: {type: string}}}";
        let to = format!(
            "Owner: {{type: object, anyOf: [{{required: [email]}}, {{required: [phone]}}], {members}}}"
        );
        assert!(PETS.contains(from));
        Document::parse("pets.yaml", &PETS.replace(from, &to)).unwrap()
    };
    let old = composed("properties: {email: {type: string}, fax: {type: string}}");
    let new = composed(
        "required: [email], properties: {email: {type: string, maxLength: 9}, phone: {type: string}}",
    );
    let report = compare(&old, &new, false);
    let changes = report
        .changes
        .iter()
        .filter(|it| it.aspect.name() == "wire");
    let messages: Vec<_> = changes
        .map(|it| it.what.split(" in re").next().unwrap())
        .collect();
    let expected =
        "Owner: email now required; email: maxLength 9 added; fax was removed; phone was added";
    assert!(
        messages.iter().all(|it| it.starts_with(expected)),
        "{messages:?}"
    );
    assert_eq!(messages.len(), 2);
}

#[test]
fn parts_that_cannot_be_merged_are_named() {
    let with = |parts: &str| {
        let from = "Owner: {type: object, properties: {email: {type: string}}}";
        let base = "Base: {type: object, properties: {email: {type: string}}}";
        let to = format!(
            "{base}\n    Owner: {{allOf: [{{$ref: \"#/components/schemas/Base\"}}{parts}]}}"
        );
        Document::parse("pets.yaml", &PETS.replace(from, &to)).unwrap()
    };
    let (one, two) = (
        ", {type: object, required: [email], properties: {email: {type: string, maxLength: 9}}}",
        ", {type: object, properties: {email: {type: string, maxLength: 8}}}",
    );
    for (old, new, expected) in [
        ("", one, "Owner: the part allOf[1] was added"),
        (
            one,
            two,
            "Owner: allOf[1]: email no longer required; allOf[1].email: maxLength 9 -> 8",
        ),
        (two, "", "Owner: the part allOf[1] was removed"),
    ] {
        let report = compare(&with(old), &with(new), false);
        let changes = report
            .changes
            .iter()
            .filter(|it| it.aspect.name() == "wire");
        let messages: Vec<_> = changes
            .map(|it| it.what.split(" in re").next().unwrap())
            .collect();
        assert!(messages.contains(&expected), "{expected} {messages:?}");
    }
}

#[test]
fn changes_of_a_repeated_alternative_are_named_once() {
    let with = |bound: &str| {
        let from = "Owner: {type: object, properties: {email: {type: string}}}";
        let parts = "{$ref: \"#/components/schemas/A\"}, {$ref: \"#/components/schemas/B\"}";
        let to = format!(
            "A: {{type: string{bound}}}\n    B: {{type: integer}}\n    \
             Owner: {{anyOf: [{parts}, {parts}]}}"
        );
        assert!(PETS.contains(from));
        Document::parse("pets.yaml", &PETS.replace(from, &to)).unwrap()
    };
    let report = compare(&with(""), &with(", maxLength: 9"), false);
    let named: Vec<_> = report
        .changes
        .iter()
        .filter(|it| it.what.contains("maxLength 9 added"))
        .collect();
    assert!(!named.is_empty(), "{report:?}");
    for change in named {
        let count = change.what.matches("maxLength 9 added").count();
        assert_eq!(count, 1, "{}", change.what);
    }
}

#[test]
fn a_uuid_has_an_example() {
    let report = changes(
        "email: {type: string}",
        "email: {type: string, format: uuid}",
    );
    assert_eq!(report[0].0, Verdict::Breaking, "{report:?}");
}
