//! Tests of the command with the provider fixtures.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::testing::{fixture, repository, with_crates};

const PROVIDER: &str = include_str!("../../../fixtures/provider.yaml");
const PUBLISHED: &str = include_str!("../../../fixtures/provider_published.yaml");
const NESTED: &str = include_str!("../../../fixtures/provider_nested.yaml");

/// A repository with our spec, its overlay and a provider's spec.
fn with_provider(text: &str) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("openapi")).unwrap();
    fs::write(root.path().join(DOCUMENT), fixture()).unwrap();
    fs::copy(repository().join(OVERLAY), root.path().join(OVERLAY)).unwrap();
    fs::write(root.path().join("provider.yaml"), text).unwrap();
    with_crates(root.path());
    root
}

fn import(root: &TempDir, write: bool, take: &[&str]) -> (String, Result<(), Failure>) {
    let arguments = Arguments {
        file: root.path().join("provider.yaml"),
        write,
        take: take.iter().map(|name| (*name).to_owned()).collect(),
    };
    let mut out = Vec::new();
    let result = run(&arguments, root.path(), &mut out);
    let place = format!("{}/", root.path().display());
    (String::from_utf8(out).unwrap().replace(&place, ""), result)
}

/// All files and their contents.
fn files(root: &TempDir) -> Vec<(PathBuf, String)> {
    let mut files: Vec<_> = [root.path().to_owned(), root.path().join("openapi")]
        .iter()
        .flat_map(|directory| fs::read_dir(directory).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn shows_the_changes_without_writing_them() {
    let root = with_provider(PROVIDER);
    let before = files(&root);
    let (shown, result) = import(&root, false, &[]);
    result.unwrap();
    assert_eq!(files(&root), before);
    let (report, changes) = shown.split_once("\nchanges:").unwrap();
    insta::assert_snapshot!(report);
    for part in [
        "+        createdTime:\n",
        "\ncompatible [wire] getUsers, getUser: UserIdentity.createdTime was added\n",
        "\nwire: compatible\n",
        "\ncompatible [rust] getUsers, getUser: types::UserIdentity.created_time was added: ",
        "\nrust: compatible\n",
        "\nbehavior: no change\nauthress-users-client: minor; ",
    ] {
        assert!(changes.contains(part), "{changes}");
    }
    assert!(changes.ends_with("use `--write` to write the changes\n"));
}

#[test]
fn writes_the_candidate_and_then_finds_no_changes() {
    let root = with_provider(PROVIDER);
    let before = files(&root);
    import(&root, true, &[]).1.unwrap();
    let after = files(&root);
    assert_eq!(after.len(), before.len());
    let written = fs::read_to_string(root.path().join(DOCUMENT)).unwrap();
    assert!(
        written.contains("        createdTime:\n") && written.starts_with("# The source of truth")
    );
    let document = Document::parse(DOCUMENT, &written).unwrap();
    assert!(lint::check::all_problems(&document, Scope::Own).is_empty());
    let (shown, result) = import(&root, true, &[]);
    result.unwrap();
    assert!(
        shown.ends_with("openapi/users.yaml is up to date\n"),
        "{shown}"
    );
    assert_eq!(files(&root), after);
}

#[test]
fn shows_three_verdicts_and_writes_a_valid_candidate_for_other_documents() {
    for (text, verdicts) in [
        (
            PUBLISHED,
            "\nwire: no change\nrust: no change\nbehavior: no change\n",
        ),
        (
            NESTED,
            "\nwire: compatible\nrust: compatible\nbehavior: no change\n",
        ),
    ] {
        let root = with_provider(text);
        let (shown, result) = import(&root, true, &[]);
        result.unwrap();
        assert!(shown.contains(verdicts), "{shown}");
        for noise in ["breaking [", "needs review ["] {
            assert!(!shown.contains(noise), "{shown}");
        }
        let document = Document::read(&root.path().join(DOCUMENT)).unwrap();
        assert_eq!(lint::check::all_problems(&document, Scope::Own), []);
        let (shown, result) = import(&root, true, &[]);
        result.unwrap();
        assert!(
            shown.ends_with("openapi/users.yaml is up to date\n"),
            "{shown}"
        );
    }
}

#[test]
fn writes_an_operation_named_by_take() {
    let root = with_provider(PROVIDER);
    import(&root, true, &["authorizeUser"]).1.unwrap();
    let document = Document::read(&root.path().join(DOCUMENT)).unwrap();
    assert_eq!(document.operations().len(), 5);
    assert!(lint::check::all_problems(&document, Scope::Own).is_empty());
}

#[test]
fn rejects_invalid_imports_without_writing() {
    let edited = |from: &str, to: &str| {
        assert!(PROVIDER.contains(from), "{from}");
        PROVIDER.replacen(from, to, 1)
    };
    let identity = "    UserIdentity:\n      type: object\n";
    let own_part =
        "    UserIdentity:\n      allOf:\n        - $ref: '#/components/schemas/UserIdentity'\n";
    let mut shown_all = Vec::new();
    for (what, text, take) in [
        (
            "OpenAPI 3.1",
            edited("openapi: 3.0.3", "openapi: 3.1.0"),
            None,
        ),
        (
            "Swagger 2",
            edited("openapi: 3.0.3", "swagger: '2.0'"),
            None,
        ),
        ("another API", PROVIDER.replace("/users", "/people"), None),
        (
            "an operation that moved",
            edited("  /v1/users:\n", "  /v2/users:\n"),
            None,
        ),
        ("broken YAML", PROVIDER.to_owned() + "  a: [", None),
        ("no OpenAPI", "a: 1\n".to_owned(), None),
        ("nothing", String::new(), None),
        ("deep", "[".repeat(100_000), None),
        (
            "a schema that consists of itself",
            edited(identity, own_part),
            None,
        ),
        (
            "an obsolete action",
            edited("        - name: limit\n", "        - name: size\n"),
            None,
        ),
        (
            "an unknown operation",
            PROVIDER.to_owned(),
            Some("getTenants"),
        ),
        ("no JSON", PROVIDER.to_owned(), Some("Users.getActivity")),
    ] {
        let root = with_provider(&text);
        let before = files(&root);
        let failure = import(&root, true, take.as_slice()).1.unwrap_err();
        assert_eq!(files(&root), before, "{what}");
        let place = format!("{}/", root.path().display());
        let shown = failure.to_string().replace(&place, "");
        shown_all.push(format!("{what}: exit {}\n{shown}\n", failure.code()));
    }
    insta::assert_snapshot!(shown_all.join("\n"));
}
