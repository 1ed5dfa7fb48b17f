//! Tests of the command, with the project's spec and with third-party documents.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::sync::LazyLock;

use heck::ToSnakeCase as _;
use tempfile::TempDir;

use super::*;
use crate::generate::write::output::Files;
use crate::problem::Problem;
use crate::testing::repository;

const PROVIDER: &str = include_str!("../../../fixtures/provider.yaml");
const THIRD_PARTY: &str = include_str!("../../../fixtures/third_party.yaml");
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
    let root = with_document(|text| text);
    generate(&root, false).unwrap();
    let text = fs::read_to_string(root.path().join(DOCUMENT)).unwrap();
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
    // The steps that the document needs; third_party.yaml needs the others.
    let steps: Vec<_> = generated.lowered.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        steps,
        [
            "nullable_beside_references",
            "inner_references_in_place",
            "names_after_method_and_path",
            "null_as_nullable",
            "nullable_components_where_they_are_used",
            "formats_as_plain_text",
            "lenient_responses",
            "only_what_types_express",
            "safe_path_parameters",
            "unique_type_names",
            "only_what_becomes_code",
            "additional_members_as_map",
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
    let tests = Folder {
        path: "tests",
        files: Files::from([("content_type.rs", CONTENT_TYPE.to_owned())]),
        exclusive: true,
    };
    let folders = package::folders(&document, &generated.header, generated.files).unwrap();
    let arguments = ["test", "--quiet", "--offline", "--test", "content_type"];
    compile(
        "provider-client",
        folders.into_iter().chain([tests]),
        &arguments,
    );
}

/// Writes a crate and runs cargo in it. The directory stays from run to run, so cargo compiles nothing
/// if nothing changed.
fn compile(name: &str, folders: impl IntoIterator<Item = Folder>, arguments: &[&str]) {
    let target = repository().join("target");
    let directory = target.join("tmp").join(name);
    output::write(&directory, &folders.into_iter().collect::<Vec<_>>()).unwrap();
    // Resolve the versions of the workspace, which are available offline.
    let lock = repository().join("Cargo.lock");
    fs::copy(lock, directory.join("Cargo.lock")).unwrap();
    let cargo = Command::new(env!("CARGO"))
        .args(arguments)
        .env("CARGO_TARGET_DIR", target)
        .current_dir(directory)
        .output()
        .unwrap();
    let output = [cargo.stdout, cargo.stderr].concat();
    assert!(
        cargo.status.success(),
        "{}",
        String::from_utf8_lossy(&output)
    );
}

#[test]
fn constructs_of_real_documents_are_generated_and_compile() {
    let document = Document::parse("third_party.yaml", THIRD_PARTY).unwrap();
    let generated = third_party(&document, false).unwrap();
    assert!(generated.skipped.is_empty());
    let client = &generated.files["client.rs"];
    for expected in [
        // Names in the code and on the wire.
        "pub fn delete_items_id(",
        "pub fn get_items_nr2(",
        "pub fn archive_items(",
        "#[serde(rename = \"user_id\"",
        "(\"send\", &send_2)",
        "pub fn filter_name<",
        "\"filter[name]\"",
        "from_static(\"image/png\")",
        "\"x-send\", &x_send_2",
        // Bounds of a number that exceeds `i64`.
        "(..=5i128).contains(&i128::from(*value))",
    ] {
        assert!(client.contains(expected), "{expected}");
    }
    let folders = package::folders(&document, &generated.header, generated.files).unwrap();
    compile(
        "third-party-client",
        folders,
        &["build", "--quiet", "--offline"],
    );
}

#[test]
fn an_optional_parameter_is_omitted_without_its_operation() {
    let cookie = |required| {
        let from = "        - {name: limit,";
        let parameter = format!(
            "        - {{name: session, in: cookie, required: {required}, schema: {{type: string}}}}\n"
        );
        assert!(THIRD_PARTY.contains(from));
        of_text(
            &THIRD_PARTY.replacen(from, &format!("{parameter}{from}"), 1),
            true,
        )
        .unwrap()
    };
    let (optional, required) = (cookie(false), cookie(true));
    assert_eq!(optional.skipped.len(), 1);
    assert!(optional.files["client.rs"].contains("pub fn limit<"));
    assert_eq!(required.operations, optional.operations - 1);
    assert!(!required.files["client.rs"].contains("pub fn limit<"));
}

/// A document with three operations that cannot be generated, for different reasons.
fn with_three_faults() -> String {
    let list = "      operationId: getUserResources\n";
    let cookie = "      parameters:\n        - name: session\n          in: cookie\n          required: true\n          schema:\n            type: string\n";
    let delete = "operationId: deleteUser\n";
    let form = "      requestBody:\n        content:\n          multipart/form-data:\n            schema:\n              \
               type: object\n";
    let group = "#/components/schemas/Group/properties/";
    assert!(PROVIDER.contains(list));
    let start = PROVIDER.find(list).unwrap() + list.len();
    let own = PROVIDER[start..]
        .find("      parameters:\n")
        .map(|at| start + at);
    let own = own.unwrap_or(PROVIDER.len());
    let text = format!(
        "{}{cookie}{}",
        &PROVIDER[..own],
        &PROVIDER[own + "      parameters:\n".len()..]
    );
    text.replacen(delete, &format!("{delete}{form}"), 1)
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
