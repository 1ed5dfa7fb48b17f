//! Tests of the command, with the project's spec and with third-party documents.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::sync::LazyLock;

use heck::ToSnakeCase as _;
use tempfile::TempDir;

use super::*;
use crate::testing::repository;

const PROVIDER: &str = include_str!("../../../fixtures/provider.yaml");
const CONTENT_TYPE: &str = include_str!("../../../fixtures/content_type.rs");
const LINK: &str = "    Link:\n      type: object\n";

/// A repository with the document alone.
fn with_document(change: impl Fn(String) -> String) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let text = crate::testing::fixture().to_owned();
    fs::create_dir_all(root.path().join("openapi")).unwrap();
    fs::write(root.path().join(DOCUMENT), change(text)).unwrap();
    root
}

fn generate(root: &TempDir, check: bool) -> Result<String, Failure> {
    let mut out = Vec::new();
    run(
        &Arguments {
            check,
            ..Arguments::default()
        },
        root.path(),
        &mut out,
    )?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn the_checked_in_code_is_up_to_date() {
    run(
        &Arguments {
            check: true,
            ..Arguments::default()
        },
        &repository(),
        &mut Vec::new(),
    )
    .unwrap();
}

#[test]
fn the_first_run_writes_everything_and_the_second_nothing() {
    let root = with_document(|text| text);
    let out = generate(&root, false).unwrap();
    for name in ["client.rs", "mod.rs", "openapi.json", "operations.rs"] {
        assert!(out.contains(&format!("{TARGET}/{name}\n")), "{out}");
    }
    assert!(generate(&root, false).unwrap().contains("up to date"));
    assert_eq!(generate(&root, true).unwrap().lines().count(), 1);
}

#[test]
fn a_changed_description_bound_or_response_is_found_in_the_files_it_changes() {
    for (from, to, files) in [
        (
            "summary: Read a user",
            "summary: Read one user",
            &["client.rs", "operations.rs", "openapi.json"][..],
        ),
        (
            "maxLength: 64",
            "maxLength: 65",
            &["client.rs", "openapi.json"],
        ),
        (
            "maximum: 100",
            "maximum: 50",
            &["client.rs", "openapi.json"],
        ),
        (
            "\"202\":",
            "\"204\":",
            &["client.rs", "operations.rs", "openapi.json"],
        ),
    ] {
        let root = with_document(|text| text);
        generate(&root, false).unwrap();
        let text = fs::read_to_string(root.path().join(DOCUMENT)).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(root.path().join(DOCUMENT), text.replace(from, to)).unwrap();
        let Err(Failure::Differences(differences)) = generate(&root, true) else {
            panic!("{from} -> {to} changes nothing")
        };
        let shown = differences.join("\n");
        for file in files {
            assert!(
                shown.contains(&format!("{TARGET}/{file} differs")),
                "{to}: {shown}"
            );
        }
    }
}

#[test]
fn an_invalid_document_changes_nothing() {
    let root = with_document(|text| text);
    generate(&root, false).unwrap();
    let text = fs::read_to_string(root.path().join(DOCUMENT)).unwrap();
    for (broken, problems) in [
        ("a: [".to_owned(), false),
        ("title: x\n".to_owned(), false),
        (text.replace("      operationId: getUser\n", ""), true),
        (text.replace("x-idempotent: true", ""), true),
    ] {
        fs::write(root.path().join(DOCUMENT), broken).unwrap();
        let failure = generate(&root, false).unwrap_err();
        assert_eq!(
            matches!(failure, Failure::Problems(_)),
            problems,
            "{failure}"
        );
        fs::write(root.path().join(DOCUMENT), &text).unwrap();
        assert!(generate(&root, true).is_ok(), "something was written");
    }
    fs::remove_file(root.path().join(DOCUMENT)).unwrap();
    let failure = generate(&root, false).unwrap_err();
    assert!(failure.to_string().contains("cannot be read"), "{failure}");
}

fn run_third_party(spec: &Path, directory: &Path, check: bool) -> Result<String, Failure> {
    let mut out = Vec::new();
    let arguments = Arguments {
        check,
        spec: Some(spec.to_owned()),
        out: Some(directory.to_owned()),
        skip_unsupported: false,
    };
    run(&arguments, Path::new("nowhere"), &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn a_third_party_crate_is_written_to_its_directory() {
    let directory = tempfile::tempdir().unwrap();
    let (spec, out) = (
        directory.path().join("a.yaml"),
        directory.path().join("out"),
    );
    fs::write(&spec, crate::testing::fixture()).unwrap();
    assert!(run_third_party(&spec, &out, true).is_err());
    assert!(!out.exists());
    let output = run_third_party(&spec, &out, false).unwrap();
    assert!(output.contains("4 operations generated"), "{output}");
    assert!(output.contains("client.rs"), "{output}");
    // Files that a build leaves are ignored.
    fs::write(out.join("Cargo.lock"), "").unwrap();
    assert!(run_third_party(&spec, &out, true).is_ok());
    assert!(
        run_third_party(&spec, &out, false)
            .unwrap()
            .contains("up to date")
    );
    fs::write(out.join("src/generated/client.rs"), "").unwrap();
    fs::write(out.join("src/generated/other.rs"), "").unwrap();
    let Err(Failure::Differences(differences)) = run_third_party(&spec, &out, true) else {
        panic!("no difference")
    };
    assert_eq!(differences.len(), 2);
    run_third_party(&spec, &out, false).unwrap();
    assert!(run_third_party(&spec, &out, true).is_ok());
}

#[test]
fn a_directory_with_other_files_or_an_invalid_document_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (spec, out) = (
        directory.path().join("a.yaml"),
        directory.path().join("out"),
    );
    fs::write(&spec, crate::testing::fixture()).unwrap();
    let failure = run_third_party(&spec, directory.path(), false).unwrap_err();
    assert_eq!(failure.code(), 2);
    assert!(failure.to_string().contains("did not write"), "{failure}");
    for (text, code) in [("a: [", 2), ("openapi: 3.1.0", 1), ("title: x", 2)] {
        fs::write(&spec, text).unwrap();
        assert_eq!(
            run_third_party(&spec, &out, false).unwrap_err().code(),
            code
        );
        assert!(!out.exists(), "{text}");
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn exit_codes_distinguish_problems_from_unreadable_documents() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a.yaml");
    for (text, code) in [
        (None, 2),
        (Some("a: ["), 2),
        (Some("title: x"), 2),
        (Some("openapi: hello"), 2),
        (Some("openapi: 3.0.3"), 2),
        (Some("openapi: 3.0.3\ninfo: {}\npaths: [1]"), 2),
        (Some("openapi: 3.0.3\ninfo: {}\npaths: {}"), 1),
        (Some("swagger: '2.0'"), 1),
        (Some("openapi: 3.1.0"), 1),
    ] {
        if let Some(text) = text {
            fs::write(&file, text).unwrap();
        }
        let failure = crate::commands::lint::run(
            &crate::commands::lint::Arguments {
                file: Some(file.clone()),
                ..Default::default()
            },
            directory.path(),
            &mut Vec::new(),
        )
        .unwrap_err();
        assert_eq!(failure.code(), code, "{failure}");
    }
}

static GENERATED: LazyLock<Generated> = LazyLock::new(|| of_text(PROVIDER, false).unwrap());

fn of_text(text: &str, skip_unsupported: bool) -> Result<Generated, Failure> {
    let document = Document::parse("somewhere/provider.yaml", text)?;
    third_party(&document, skip_unsupported)
}

fn provider(from: &str, to: &str) -> String {
    assert!(
        PROVIDER.contains(from),
        "the document does not contain {from:?}"
    );
    PROVIDER.replacen(from, to, 1)
}

fn problems(text: &str, skip_unsupported: bool) -> Vec<Problem> {
    match of_text(text, skip_unsupported) {
        Err(Failure::Problems(problems)) => problems,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("no problems"),
    }
}

#[test]
fn a_document_of_sixty_operations_is_generated_and_its_crate_compiles_and_sends() {
    let document = Document::parse("somewhere/provider.yaml", PROVIDER).unwrap();
    let generated = of_text(PROVIDER, false).unwrap();
    assert!(generated.operations >= 60 && generated.skipped.is_empty());
    assert_eq!(generated.operations, document.operations().len());
    // The document needs all steps but `schemas_for_bodies_without_one` and two for media types.
    let steps: Vec<_> = generated.lowered.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        steps,
        [
            "names_after_method_and_path",
            "nullable_beside_references",
            "inner_references_in_place",
            "nullable_components_where_they_are_used",
            "formats_as_plain_text",
            "lenient_responses",
            "safe_path_parameters",
            "default_as_ranges",
            "json_suffixes_to_plain_json",
            "differing_bodies_as_bytes",
        ]
    );
    let sha256 = generated.header[1].rsplit(' ').next().unwrap();
    for (name, text) in &generated.files {
        assert!(
            text.contains("provider.yaml") && text.contains(sha256),
            "{name}"
        );
        assert!(!text.contains("somewhere"), "{name}");
    }
    assert!(generated.files == GENERATED.files, "two runs differ");
    let directory = tempfile::tempdir().unwrap();
    let folders = package::folders(&document, generated).unwrap();
    output::write(directory.path(), &folders).unwrap();
    // Resolve the versions of the workspace, which are available offline.
    let lock = repository().join("Cargo.lock");
    fs::copy(lock, directory.path().join("Cargo.lock")).unwrap();
    let tests = directory.path().join("tests");
    fs::create_dir(&tests).unwrap();
    fs::write(tests.join("content_type.rs"), CONTENT_TYPE).unwrap();
    let cargo = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "--offline", "--test", "content_type"])
        .env("CARGO_TARGET_DIR", repository().join("target"))
        .current_dir(directory.path())
        .output()
        .unwrap();
    let output = [cargo.stdout, cargo.stderr].concat();
    assert!(
        cargo.status.success(),
        "{}",
        String::from_utf8_lossy(&output)
    );
}

/// A document with three operations that cannot be generated, for different reasons.
fn with_three_faults() -> String {
    let (list, pipes) = (
        "style: form\n          explode: true\n          schema:\n            type: array",
        "style: pipeDelimited\n          explode: false\n          schema:\n            type: array",
    );
    let delete = "operationId: deleteUser\n";
    let xml = "      requestBody:\n        content:\n          application/xml:\n            schema:\n              \
               type: string\n";
    let group = "#/components/schemas/Group/properties/";
    provider(list, pipes)
        .replacen(delete, &format!("{delete}{xml}"), 1)
        .replacen(&format!("{group}groupId"), &format!("{group}id"), 1)
}

#[test]
fn everything_that_cannot_be_generated_is_reported_at_once_with_its_line() {
    let text = with_three_faults();
    let document = Document::parse("provider.yaml", &text).unwrap();
    let problems = problems(&text, false);
    for name in ["getUserResources", "deleteUser", "getGroup"] {
        let found: Vec<_> = problems
            .iter()
            .filter(|problem| problem.subject() == name)
            .collect();
        let [problem] = found.as_slice() else {
            panic!("{name}: {problems:#?}")
        };
        let operations = document.operations();
        let entry = operations.iter().find(|entry| entry.name() == name);
        assert!(problem.line >= document.line(&entry.unwrap().pointer()));
        assert!(problem.file.ends_with("provider.yaml"), "{problem}");
    }
    assert!(problems.is_sorted_by_key(|problem| problem.line));
    let advised = |problem: &Problem| problem.advice.contains("--skip-unsupported");
    assert!(problems.iter().any(advised));
}

#[test]
fn skipped_operations_are_listed_in_every_file_and_no_others_are_missing() {
    let generated = of_text(&with_three_faults(), true).unwrap();
    let document = Document::parse("provider.yaml", PROVIDER).unwrap();
    let client = &generated.files["client.rs"];
    let skipped: BTreeSet<_> = generated.skipped.iter().map(Problem::subject).collect();
    for entry in document.operations() {
        let Some(id) = entry.value["operationId"].as_str() else {
            continue;
        };
        let method = format!("pub fn {}(", id.to_snake_case());
        assert_eq!(client.contains(&method), !skipped.contains(id), "{id}");
    }
    assert!(skipped.contains("deleteUser") && skipped.contains("getUserResources"));
    assert!(!skipped.contains("getUsers"));
    for (name, text) in &generated.files {
        assert!(text.contains("deleteUser: "), "{name}");
    }
    let lines = generated.header.iter();
    assert!(
        lines
            .clone()
            .any(|line| line.starts_with("skipped: provider.yaml:"))
    );
    let advised = |problem: &Problem| problem.advice.contains("--skip-unsupported");
    assert!(!generated.skipped.iter().any(advised));
}

#[test]
fn a_document_without_supported_operations_is_an_error_even_if_they_may_be_skipped() {
    let text = "openapi: 3.0.3\ninfo: {title: a, version: '1'}\npaths:\n  /a:\n    get:\n      \
                responses: {}\n";
    assert_eq!(problems(text, true)[0].code, "missing-responses");
}

#[test]
fn another_openapi_version_is_the_only_problem() {
    for (to, name) in [
        ("openapi: 3.1.0", "OpenAPI 3.1.0"),
        ("swagger: '2.0'", "Swagger 2.0"),
    ] {
        for skip in [false, true] {
            let problems = problems(&provider("openapi: 3.0.3", to), skip);
            assert_eq!(problems.len(), 1);
            assert!(problems[0].message.contains(name), "{}", problems[0]);
        }
    }
}

#[test]
fn schema_cycles_are_reported_with_the_operations_that_need_them() {
    let cycle = "    Cycle:\n      allOf:\n        - $ref: '#/components/schemas/Cycle'\n";
    let text = provider(LINK, &format!("{cycle}{LINK}")).replacen(
        "#/components/schemas/RoleCollection'",
        "#/components/schemas/Cycle'",
        1,
    );
    let found = problems(&text, false);
    let subjects: Vec<_> = found.iter().map(Problem::subject).collect();
    assert_eq!(subjects, ["getRoles", "#/components/schemas/Cycle"]);
    let generated = of_text(&text, true).unwrap();
    assert!(!generated.files["client.rs"].contains("fn get_roles("));
    let inner = "#/components/schemas/Link/properties/rel";
    let text = provider(
        "        rel:\n          type: string\n",
        &format!("        rel:\n          $ref: '{inner}'\n"),
    );
    let found = problems(&text, false);
    assert!(
        found
            .iter()
            .any(|problem| problem.code == "circular-schema"),
        "{found:#?}"
    );
}

#[test]
fn five_megabytes_of_schemas_are_generated() {
    let mut text = PROVIDER.to_owned();
    let description = "The same text. ".repeat(310);
    for number in 0..1_100 {
        let _ = write!(
            text,
            "    Big{number}:\n      type: string\n      description: {description}\n"
        );
    }
    assert!(text.len() > 5_000_000);
    assert!(of_text(&text, false).unwrap().operations >= 60);
}
