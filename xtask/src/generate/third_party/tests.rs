//! What becomes of documents that are not ours.

use std::fmt::Write as _;
use std::process::Command;

use super::*;
use crate::generate::sha256;
use crate::generate::write::crate_files::CrateFiles;
use crate::testing::repository;

const PROVIDER: &str = include_str!("../../../fixtures/provider.yaml");
const CONTENT_TYPE: &str = include_str!("../../../fixtures/content_type.rs");
const LINK: &str = "    Link:\n      type: object\n";

fn made_of(text: &str, skip: bool) -> Result<Sources, Failure> {
    sources(&Document::parse("somewhere/provider.yaml", text)?, skip)
}

fn edited(from: &str, to: &str) -> String {
    assert!(PROVIDER.contains(from), "the document has no {from:?}");
    PROVIDER.replacen(from, to, 1)
}

fn problems(made: Result<Sources, Failure>) -> Vec<Problem> {
    match made {
        Err(Failure::Problems(problems)) => problems,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it generated"),
    }
}

#[test]
fn a_whole_document_of_sixty_operations_is_generated_compiles_and_sends_what_it_says() {
    let document = Document::parse("somewhere/provider.yaml", PROVIDER).unwrap();
    let sources = sources(&document, false).unwrap();
    assert_eq!(sources.operations, document.operations().len());
    assert!(sources.operations >= 60 && sources.left_out.is_empty());
    // Nothing in it is there for nothing: every step that others need has something to do.
    let done: BTreeSet<_> = sources.lowered.iter().map(|(name, _)| *name).collect();
    for step in &PREPARATIONS {
        // One that the provider's documents do without.
        let is_idle = step.name == "schemas_for_bodies_without";
        assert_eq!(done.contains(step.name), !is_idle, "{}", step.name);
    }
    for text in sources.files.values() {
        assert!(text.contains("provider.yaml") && text.contains(&sha256(&document)));
        assert!(!text.contains("somewhere"));
    }
    let directory = tempfile::tempdir().unwrap();
    let files = CrateFiles::new(&document, &sources).unwrap();
    files.write(directory.path()).unwrap();
    // The versions of the workspace are here already; what the crate does not need goes.
    let lock = repository().join("Cargo.lock");
    std::fs::copy(lock, directory.path().join("Cargo.lock")).unwrap();
    let tests = directory.path().join("tests");
    std::fs::create_dir(&tests).unwrap();
    std::fs::write(tests.join("content_type.rs"), CONTENT_TYPE).unwrap();
    let outcome = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "--offline", "--test", "content_type"])
        .env("CARGO_TARGET_DIR", repository().join("target"))
        .current_dir(directory.path())
        .output()
        .unwrap();
    let told = [outcome.stdout, outcome.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    assert!(outcome.status.success(), "{told}");
}

#[test]
fn two_runs_make_the_same_files() {
    let of = || made_of(PROVIDER, false).unwrap().files;
    assert!(of() == of());
}

/// Three operations that can't be generated, each for a reason of its own.
fn with_three_faults() -> String {
    edited("style: form\n          explode: true\n          schema:\n            type: array",
            "style: pipeDelimited\n          explode: false\n          schema:\n            type: array")
        .replacen("operationId: deleteUser\n", "operationId: deleteUser\n      requestBody:\n        content:\n          \
            application/xml:\n            schema:\n              type: string\n", 1)
        .replacen("$ref: '#/components/schemas/Group/properties/groupId'", "$ref: '#/components/schemas/Group/properties/id'", 1)
}

#[test]
fn everything_that_cannot_be_generated_is_named_at_once_with_its_line() {
    let text = with_three_faults();
    let document = Document::parse("provider.yaml", &text).unwrap();
    let problems = problems(made_of(&text, false));
    for operation in ["getUserResources", "deleteUser", "getGroup"] {
        let told: Vec<_> = problems
            .iter()
            .filter(|problem| problem.subject() == operation)
            .collect();
        let [told] = told.as_slice() else {
            panic!("{operation}: {problems:#?}")
        };
        let place = document
            .operations()
            .into_iter()
            .find(|entry| entry.name() == operation)
            .map(|entry| document.line(&entry.pointer()));
        assert!(Some(told.line) >= place, "{told}");
        assert!(
            told.file.ends_with("provider.yaml") && told.line > 1,
            "{told}"
        );
    }
    assert!(problems.is_sorted_by_key(|problem| problem.line));
}

#[test]
fn what_is_left_out_is_said_in_every_file_and_nothing_else_is_missing() {
    let sources = made_of(&with_three_faults(), true).unwrap();
    let document = Document::parse("provider.yaml", PROVIDER).unwrap();
    let client = &sources.files["client.rs"];
    let left: BTreeSet<_> = sources.left_out.iter().map(Problem::subject).collect();
    let left = |name: &str| left.contains(name);
    for entry in document.operations() {
        let Some(id) = entry.value["operationId"].as_str() else {
            continue;
        };
        let method = format!("operation_id: \"{}\"", heck::ToSnakeCase::to_snake_case(id));
        assert_eq!(client.contains(&method), !left(id), "{id}");
    }
    assert!(left("deleteUser") && left("getUserResources") && !left("getUsers"));
    for (name, text) in &sources.files {
        assert!(text.contains("deleteUser: "), "{name}");
    }
    assert!(sources.header.contains("# left out: provider.yaml:"));
    // Nobody is told to do what was done.
    let advises_it = |problem: &Problem| problem.advice.contains("--skip-unsupported");
    assert!(!sources.left_out.iter().any(advises_it));
    assert!(
        problems(made_of(&with_three_faults(), false))
            .iter()
            .any(advises_it)
    );
}

#[test]
fn a_document_of_which_nothing_can_be_generated_is_an_error_all_the_same() {
    let text = "openapi: 3.0.3\ninfo: {title: a, version: '1'}\npaths:\n  /a:\n    get:\n      \
                    responses: {}\n";
    assert_eq!(problems(made_of(text, true))[0].code, "missing-responses");
}

#[test]
fn another_version_is_named_and_nothing_else() {
    for (to, name) in [
        ("openapi: 3.1.0", "OpenAPI 3.1.0"),
        ("swagger: '2.0'", "Swagger 2.0"),
    ] {
        for skip in [false, true] {
            let problems = problems(made_of(&edited("openapi: 3.0.3", to), skip));
            assert_eq!(problems.len(), 1);
            assert!(problems[0].message.contains(name), "{}", problems[0]);
        }
    }
}

#[test]
fn schemas_made_of_themselves_are_named_with_what_needs_them() {
    let circle = "    Odd:\n      allOf:\n        - $ref: '#/components/schemas/Odd'\n";
    let text = edited(LINK, &format!("{circle}{LINK}")).replacen(
        "#/components/schemas/RoleCollection'",
        "#/components/schemas/Odd'",
        1,
    );
    let told = problems(made_of(&text, false));
    let subjects: Vec<_> = told.iter().map(Problem::subject).collect();
    assert_eq!(subjects, ["getRoles", "#/components/schemas/Odd"]);
    let sources = made_of(&text, true).unwrap();
    assert!(!sources.files["client.rs"].contains("fn get_roles("));
    let inner = "#/components/schemas/Link/properties/rel";
    let text = edited(
        "        rel:\n          type: string\n",
        &format!("        rel:\n          $ref: '{inner}'\n"),
    );
    let told = problems(made_of(&text, false));
    assert!(
        told.iter().any(|problem| problem.code == "circular-schema"),
        "{told:#?}"
    );
}

#[test]
fn five_megabytes_of_schemas_are_generated() {
    let mut text = PROVIDER.to_owned();
    let description = "All of it is the same. ".repeat(200);
    for number in 0..1_100 {
        let _ = write!(
            text,
            "    Big{number}:\n      type: string\n      description: {description}\n"
        );
    }
    assert!(text.len() > 5_000_000);
    assert!(made_of(&text, false).unwrap().operations >= 60);
}
