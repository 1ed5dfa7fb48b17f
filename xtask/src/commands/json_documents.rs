//! Tests of all commands with documents as other tools write them: JSON with escapes for everything
//! beyond ASCII, as Python's `json.dump` does, and references with percent-encoding.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use authress_users_openapi::{Role, serde_json::Value, visit_objects_mut};
use tempfile::TempDir;

use super::{diff, generate, import, lint};
use crate::generate::DOCUMENT;
use crate::import::OVERLAY;
use crate::testing::{fixture, fixture_document, repository, with_crates};

const PROVIDER: &str = include_str!("../../fixtures/provider.yaml");
const TITLE: &str = "Users \u{1f389} \u{1d11e}é";
const ESCAPED_TITLE: &str = r"Users \ud83c\udf89 \ud834\udd1e\u00e9";

/// Returns JSON in ASCII, with a title beyond the BMP and percent-encoded references.
fn as_other_tools_write(mut document: Value) -> String {
    document["info"]["title"] = TITLE.into();
    let encoded = visit_objects_mut(&mut document, Role::Object, &mut |members| {
        let Some(Value::String(reference)) = members.get_mut("$ref") else {
            return 0;
        };
        // Any character may be encoded, those of names and of the path to them.
        *reference = reference
            .replace("components", "%63omponents")
            .replace("User", "%55ser");
        1
    });
    assert!(encoded > 10);
    let mut text = String::new();
    for character in format!("{document:#}").chars() {
        if character.is_ascii() {
            text.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(text, "\\u{unit:04x}").unwrap();
            }
        }
    }
    assert!(text.contains(ESCAPED_TITLE));
    text
}

/// Writes the text into files with the usual names of JSON documents.
fn written(directory: &TempDir, text: &str) -> [PathBuf; 2] {
    ["openapi.json", "api-docs"].map(|name| {
        let file = directory.path().join(name);
        fs::write(&file, text).unwrap();
        file
    })
}

#[test]
fn lint_and_diff_read_them() {
    let directory = tempfile::tempdir().unwrap();
    let before = directory.path().join("before.yaml");
    fs::write(&before, fixture()).unwrap();
    with_crates(directory.path());
    for file in written(
        &directory,
        &as_other_tools_write(fixture_document().value.clone()),
    ) {
        let arguments = lint::Arguments {
            file: Some(file.clone()),
            own: true,
            ..Default::default()
        };
        lint::run(&arguments, &repository(), &mut Vec::new()).unwrap();

        let diff = |old: &Path, new: &Path| {
            let command = <diff::Arguments as clap::Args>::augment_args(clap::Command::new("diff"));
            let names = ["diff", old.to_str().unwrap(), new.to_str().unwrap()];
            let matches = command.get_matches_from(names);
            let arguments =
                <diff::Arguments as clap::FromArgMatches>::from_arg_matches(&matches).unwrap();
            let mut out = Vec::new();
            diff::run(&arguments, directory.path(), &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        for shown in [diff(&before, &file), diff(&file, &before)] {
            assert!(
                shown.contains("wire: no change") && shown.contains("behavior: no change"),
                "{shown}"
            );
        }
    }
}

#[test]
fn generate_writes_the_same_code_for_them() {
    let generated = |file: &Path| {
        let out = tempfile::tempdir().unwrap();
        let arguments = generate::Arguments {
            spec: Some(file.to_owned()),
            out: Some(out.path().to_owned()),
            ..Default::default()
        };
        generate::run(&arguments, Path::new("nowhere"), &mut Vec::new()).unwrap();
        let read = |name: &str| fs::read_to_string(out.path().join(name)).unwrap();
        let code = read("src/generated/client.rs");
        // The first lines name the document.
        let code: Vec<_> = code.lines().skip(3).map(str::to_owned).collect();
        (code.join("\n"), read("src/generated/openapi.json"))
    };
    let directory = tempfile::tempdir().unwrap();
    let mut document = fixture_document().value.clone();
    document["info"]["title"] = TITLE.into();
    let plain = directory.path().join("plain.json");
    fs::write(&plain, document.to_string()).unwrap();
    let (expected, _) = generated(&plain);
    for file in written(&directory, &as_other_tools_write(document)) {
        let (code, json) = generated(&file);
        assert!(code == expected, "{} differs", file.display());
        let json: Value = authress_users_openapi::serde_json::from_str(&json).unwrap();
        assert_eq!(json["info"]["title"], TITLE);
    }
}

#[test]
fn import_takes_the_same_facts_from_them() {
    let imported = |file: &Path| {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("openapi")).unwrap();
        fs::write(root.path().join(DOCUMENT), fixture()).unwrap();
        fs::copy(repository().join(OVERLAY), root.path().join(OVERLAY)).unwrap();
        with_crates(root.path());
        let arguments = import::Arguments {
            file: file.to_owned(),
            write: true,
            take: vec!["authorizeUser".to_owned()],
        };
        import::run(&arguments, root.path(), &mut Vec::new()).unwrap();
        fs::read_to_string(root.path().join(DOCUMENT)).unwrap()
    };
    let directory = tempfile::tempdir().unwrap();
    let provider = directory.path().join("provider.yaml");
    fs::write(&provider, PROVIDER).unwrap();
    let expected = imported(&provider);
    let document = authress_users_openapi::Document::read(&provider).unwrap();
    for file in written(&directory, &as_other_tools_write(document.value)) {
        assert!(imported(&file) == expected, "{} differs", file.display());
    }
}
