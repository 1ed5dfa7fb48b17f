//! Tests of the whole pipeline.

use std::sync::LazyLock;

use heck::ToSnakeCase as _;

use super::write::output::Files;
use super::write::source;
use super::*;
use crate::problem::Problem;
use crate::testing::{edited, fixture_document, repository, users_document};
use authress_users_openapi::Document;

/// The files of the project's spec, shared since progenitor is slow in a debug build.
static USERS: LazyLock<Files> = LazyLock::new(|| files(users_document(), Spec::Own).unwrap());
static FIXTURE: LazyLock<Files> = LazyLock::new(|| files(fixture_document(), Spec::Own).unwrap());

/// The client of the project's spec.
pub(super) fn users_client() -> &'static str {
    &USERS["client.rs"]
}

/// The client of the fixture.
pub(super) fn fixture_client() -> &'static str {
    &FIXTURE["client.rs"]
}

pub(super) fn client(document: &Document) -> String {
    let mut files = files(document, Spec::Own).unwrap();
    files.remove("client.rs").unwrap()
}

/// The project's client as progenitor generates it.
pub(super) fn uncorrected(document: &Document) -> syn::File {
    let mut lowered = document.value.clone();
    lower::for_generator(&mut lowered, Spec::Own).unwrap();
    generator::run(&lowered).unwrap()
}

fn only_problem(document: &Document, spec: Spec) -> Problem {
    let mut problems = problems(document, spec);
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.remove(0)
}

#[test]
fn two_runs_write_the_same_bytes() {
    assert_eq!(*USERS, files(users_document(), Spec::Own).unwrap());
}

#[test]
fn each_file_names_the_document_and_the_generator() {
    let document = users_document();
    let sha256 = source::sha256(document);
    for (name, text) in &*USERS {
        for expected in [&*sha256, generator::GENERATOR, DOCUMENT] {
            assert!(text.contains(expected), "{name}: {expected}");
        }
    }
    let manifest = std::fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    let version = generator::GENERATOR.split(' ').nth(1).unwrap();
    assert!(manifest.contains(&format!("progenitor = {{ version = \"={version}\"")));
}

#[test]
fn client_and_table_name_each_operation_alike() {
    for entry in users_document().operations() {
        let name = entry.name().to_snake_case();
        assert!(
            users_client().contains(&format!("pub fn {name}(")),
            "{name}"
        );
        let row = format!("rust_name: \"{name}\"");
        assert!(USERS["operations.rs"].contains(&row), "{name}");
    }
}

#[test]
fn the_table_keeps_the_original_media_types() {
    for (row, count) in [
        ("accept: \"application/links+json\"", 2),
        ("accept: \"application/links+json, application/json\"", 2),
        ("request_media_type: Some(\"application/json\")", 1),
    ] {
        assert_eq!(USERS["operations.rs"].matches(row).count(), count, "{row}");
    }
}

#[test]
fn a_panic_of_progenitor_becomes_a_problem_of_the_operation() {
    // Progenitor asserts that all successes have the same body.
    let document = edited(
        "        \"202\":\n          description: The deletion",
        "        \"200\":\n          description: Other\n          content:\n            \
         application/json:\n              schema:\n                type: string\n        \
         \"202\":\n          description: The deletion",
    );
    let problem = only_problem(&document, Spec::Own);
    assert_eq!(problem.subject(), "deleteUser");
    let pointer = "/paths/~1v1~1users~1{userId}/delete";
    assert_eq!(problem.line, document.line(pointer));
    assert!(problem.message.contains("panicked"), "{problem}");
    assert_eq!(only_problem(&document, Spec::Variant), problem);
}

#[test]
fn an_idle_step_is_a_problem_of_the_project_spec_only() {
    let document = edited("            maximum: 100\n", "");
    let problem = only_problem(&document, Spec::Own);
    assert!(problem.message.contains("keep_bounds"), "{problem}");
    assert_eq!(problem.line, document.line("/paths"));
    assert!(problems(&document, Spec::Variant).is_empty());
}

#[test]
fn an_unsupported_schema_that_no_operation_needs_is_located() {
    let from = "    PaginationNext:\n";
    let document = edited(
        from,
        &format!("    Unsupported:\n      type: unknown\n{from}"),
    );
    let problem = only_problem(&document, Spec::Variant);
    assert_eq!(problem.operation, None);
    assert_eq!(problem.pointer, "/components/schemas/Unsupported");
    assert!(
        problem.message.contains("invalid type: unknown"),
        "{problem}"
    );
}
