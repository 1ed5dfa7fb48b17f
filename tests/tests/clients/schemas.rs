//! The schema of every generated type allows every value that the spec allows.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToPascalCase as _;
use jsonschema::canonical::{Containment, Satisfiability, options};
use serde_json::{Value, json};

use crate::bodies::{edges, random};
use crate::generated_types::{GENERATED_TYPES, type_of};
use crate::json_schema::json_schema;
use crate::seed;
use crate::source::{parsed, types};
use crate::spec::{document, members, operations};

const VALUES: usize = 500;
/// The types for which containment cannot be decided, so that only random values are tested.
const UNDECIDED: [&str; 0] = [];
const RAW_CLIENT: &str = "authress-users-client/src/generated/client.rs";

/// A description, a change of the schema of a type, and a part of the expected witness.
type Mutation = (&'static str, fn(&mut Value), &'static str);

#[derive(Debug, PartialEq)]
enum Verdict {
    /// Proven: the type allows every value of the spec.
    Covers,
    /// Neither proven nor refuted by a value.
    Undecided,
    /// Refuted, with the shape or the schema of values that only the spec allows.
    Refuted(String),
}

/// Compares the schema of a type with a schema of the spec.
fn compare(document: &Value, schema: &Value, of_type: &Value, seed: u64) -> Verdict {
    let documented = json_schema(document, schema);
    let wide = options().offline().canonicalize(of_type).unwrap();
    let narrow = options().offline().canonicalize(&documented).unwrap();
    let containment = wide.covers(&narrow).unwrap_or(Containment::Unknown);
    if containment == Containment::Yes {
        return Verdict::Covers;
    }
    let validator = jsonschema::validator_for(of_type).unwrap();
    let edges = edges(document, schema).into_iter().map(|edge| edge.value);
    let mut rng = fastrand::Rng::with_seed(seed);
    let values = edges.chain(random(document, schema, &mut rng).take(VALUES));
    let witnesses = values.filter(|value| !validator.is_valid(value));
    // The shortest witness is the easiest to read.
    if let Some(witness) = witnesses.map(|value| shape(&value)).min_by_key(String::len) {
        return Verdict::Refuted(witness);
    }
    match (containment, narrow.subtract(&wide)) {
        (Containment::No, Ok(difference)) => {
            Verdict::Refuted(difference.to_json_schema().to_string())
        }
        (Containment::No, Err(reason)) => Verdict::Refuted(reason.to_string()),
        (_, Ok(difference)) if difference.satisfiability() == Satisfiability::No => Verdict::Covers,
        _ => Verdict::Undecided,
    }
}

/// Returns the shape of a value.
fn shape(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::String(_) => "a string".to_owned(),
        Value::Array(items) => {
            let shapes: BTreeSet<_> = items.iter().map(shape).collect();
            format!("[{}]", Vec::from_iter(shapes).join(" | "))
        }
        Value::Object(_) => {
            let shapes = members(value).map(|(name, member)| format!("{name}: {}", shape(member)));
            format!("{{ {} }}", shapes.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Returns the schema of the spec for each generated type: named schemas, and parameters with their
/// own type.
fn documented(document: &Value) -> BTreeMap<String, Value> {
    let named = members(&document["components"]["schemas"]).map(|(name, schema)| {
        // A nullable component becomes an option in the types that contain it.
        let mut schema = schema.clone();
        schema.as_object_mut().unwrap().remove("nullable");
        (name.to_owned(), schema)
    });
    let mut documented: BTreeMap<_, _> = named.collect();
    for operation in operations(document) {
        for input in operation.inputs {
            let name = input
                .place
                .rsplit([' ', '/'])
                .next()
                .unwrap()
                .to_pascal_case();
            let name = format!("{}{name}", operation.id.to_pascal_case());
            if GENERATED_TYPES
                .iter()
                .any(|generated| generated.name == name)
            {
                documented.insert(name, input.schema.clone());
            }
        }
    }
    documented
}

/// Returns the schema of each type in the table, and of the types that they contain.
fn schemas() -> BTreeMap<String, Value> {
    let mut schemas = BTreeMap::new();
    for own in &GENERATED_TYPES {
        let schema = (own.schema)();
        for (name, _) in members(&schema["$defs"]) {
            let inner = json!({ "$ref": format!("#/$defs/{name}"), "$defs": schema["$defs"] });
            schemas.entry(name.to_owned()).or_insert(inner);
        }
    }
    for own in &GENERATED_TYPES {
        schemas.insert(own.name.to_owned(), (own.schema)());
    }
    schemas
}

#[test]
fn every_generated_type_is_listed_and_has_a_schema_in_the_spec() {
    let known: BTreeSet<_> = schemas().into_keys().collect();
    assert_eq!(known, types(&parsed(RAW_CLIENT), "types"));
    assert_eq!(known, documented(&document()).into_keys().collect());
}

#[test]
fn schemas_of_generated_types_cover_the_spec() {
    let document = document();
    let own = schemas();
    let seed = seed();
    let mut undecided = Vec::new();
    for (name, schema) in documented(&document) {
        match compare(&document, &schema, &own[&name], seed) {
            Verdict::Covers => println!("{name}: proven"),
            Verdict::Undecided => undecided.push(name),
            Verdict::Refuted(witness) => {
                panic!("the spec allows a value that {name} does not: {witness}")
            }
        }
    }
    println!("undecided: {undecided:?}");
    assert_eq!(undecided, UNDECIDED);
}

#[test]
fn unproven_and_unrefuted_schemas_are_undecided() {
    let document = document();
    let schema = json!({ "type": "string", "minLength": 1 });
    let of_type = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    assert_eq!(
        compare(&document, &schema, &of_type("[^a]|a"), 7),
        Verdict::Undecided
    );
    let refuted = Verdict::Refuted("a string".to_owned());
    assert_eq!(compare(&document, &schema, &of_type("^A"), 7), refuted);
}

#[test]
fn every_response_schema_has_a_generated_type() {
    let document = document();
    let mut seen = BTreeSet::new();
    for operation in operations(&document) {
        for (_, schema) in operation
            .responses
            .iter()
            .flat_map(|response| &response.bodies)
        {
            seen.insert(type_of(schema).name);
        }
    }
    assert_eq!(
        Vec::from_iter(seen),
        ["ErrorBody", "UserIdentity", "UserIdentityCollection"]
    );
}

#[test]
fn narrower_types_are_refuted() {
    let document = document();
    let schema = json!({ "$ref": "#/components/schemas/UserIdentityCollection" });
    let of_type = (type_of(&schema).schema)();
    let mutations: [Mutation; 6] = [
        (
            "a member that no random value has",
            |schema| schema["properties"]["total"] = json!({ "type": "integer" }),
            "\"total\"",
        ),
        (
            "a member that must not be null",
            |schema| {
                schema["$defs"]["UserIdentity"]["properties"]["name"]["type"] = json!("string");
            },
            "name: null",
        ),
        (
            "a member that must be there",
            |schema| schema["$defs"]["UserIdentity"]["required"] = json!(["userId", "email"]),
            "userId: a string",
        ),
        (
            "no further members",
            |schema| schema["additionalProperties"] = json!(false),
            "users: [",
        ),
        (
            "a shorter list",
            |schema| schema["properties"]["users"]["maxItems"] = json!(100),
            "users: [",
        ),
        (
            "another type",
            |schema| {
                let cursor = &mut schema["$defs"]["PaginationNext"]["properties"]["cursor"];
                *cursor = json!({ "type": ["integer", "null"] });
            },
            "cursor: a string",
        ),
    ];
    for (what, mutate, witness) in mutations {
        let mut changed = of_type.clone();
        mutate(&mut changed);
        assert_ne!(changed, of_type, "{what}");
        let verdict = compare(&document, &schema, &changed, 7);
        let is_found = matches!(&verdict, Verdict::Refuted(shape) if shape.contains(witness));
        assert!(is_found, "{what}: {verdict:?}");
    }
}

#[test]
fn wider_specs_are_refuted() {
    let schema = json!({ "$ref": "#/components/schemas/Link" });
    let mut document = document();
    document["components"]["schemas"]["Link"]["required"] = json!([]);
    let verdict = compare(&document, &schema, &(type_of(&schema).schema)(), 7);
    assert_eq!(verdict, Verdict::Refuted("{  }".to_owned()));
}
