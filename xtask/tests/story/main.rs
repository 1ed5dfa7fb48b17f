//! Runs the two example changes of CONTRIBUTING.md in a copy of the repository: the API gains a
//! parameter and a member, and the API loses a member.

mod edits;
mod repository;

use edits::{DOCUMENT, EXT, SENDERS, TYPES};
use repository::{Repository, Stage};

/// The spec and the raw client have the parameter, the ext crate does not.
const INCOMPLETE: Stage = Stage {
    name: "gained-incomplete",
    codegen_units: 250,
};
/// The ext crate has it, too.
const COMPLETE: Stage = Stage {
    name: "gained-complete",
    codegen_units: 251,
};

#[test]
fn a_new_parameter_and_a_new_member_reach_the_ext_crate() {
    let repository = Repository::copy("gained");
    repository.edit("openapi/users.yaml", &DOCUMENT);

    let diff = repository.xtask(&["diff", "HEAD", "--deny", "breaking"]);
    diff.assert_success();
    diff.assert_output_contains("`connection`");
    diff.assert_output_contains("UserIdentity.lastLogin was added");
    diff.assert_output_contains("authress-users-client: minor");
    diff.assert_output_contains("authress-users-ext: minor");

    repository.xtask(&["generate", "--check"]).assert_failure();
    repository.xtask(&["generate"]).assert_success();
    repository.xtask(&["generate", "--check"]).assert_success();
    let client = repository.text("authress-users-client/src/generated/client.rs");
    assert!(client.contains("pub fn connection<"));
    assert!(client.contains("pub last_login: "));

    // The contract tests report that the ext crate cannot send the parameter.
    // Selects the whole workspace, because its dependencies are already compiled with these features.
    let contract = ["--workspace", "--test", "clients"];
    let lacking = [&contract[..], &["every_input_has_a_sender"]].concat();
    let lacking = repository.cargo_test(&INCOMPLETE, &lacking);
    lacking.assert_failure();
    lacking.assert_output_contains("`query connection` of getUsers has no sender");

    repository.edit("authress-users-ext/src/users/get_users.rs", &EXT);
    repository.edit("tests/tests/clients/reachability.rs", &SENDERS);
    repository.edit("tests/tests/clients/generated_types.rs", &TYPES);
    repository.cargo_test(&COMPLETE, &contract).assert_success();
}

#[test]
fn a_removed_member_is_breaking_and_requires_a_new_version() {
    let repository = Repository::copy("lost");
    let document = repository.text("openapi/users.yaml");
    let member = document
        .find("        picture:\n")
        .expect("the spec has a picture member");
    let next = member
        + document[member..]
            .find("        email:\n")
            .expect("the spec has an email member");
    let picture = &document[member..next];
    repository.edit("openapi/users.yaml", &[(picture, "")]);

    repository.xtask(&["diff", "HEAD"]).assert_success();
    let denied = repository.xtask(&["diff", "HEAD", "--deny", "breaking"]);
    denied.assert_failure();
    denied.assert_output_contains("UserIdentity.picture was removed");
    denied.assert_output_contains("authress-users-client: breaking; ");
    denied.assert_output_contains("authress-users-ext: breaking; ");

    // A version that is already released cannot contain a breaking change.
    let undated = repository.xtask(&["release"]);
    undated.assert_success();
    undated.assert_output_contains("also checks its date in CHANGELOG.md");
    let version = repository.release();
    let denied = repository.xtask(&["diff", "HEAD", "--deny", "breaking"]);
    denied.assert_failure();
    denied.assert_output_contains(&format!("authress-users-client: breaking, {version} -> "));
    denied.assert_output_contains(&format!("authress-users-ext: breaking, {version} -> "));
    let blockers = repository.xtask(&["release"]);
    blockers.assert_failure();
    blockers.assert_output_contains(&format!(": authress-users-ext: breaking, {version} -> "));
}
