//! The two stories that CONTRIBUTING.md tells, carried out in a copy of the repository: the API
//! gains something, and the API loses something.

mod edits;
mod repository;

use edits::{DOCUMENT, FACE, SENDERS, TYPES};
use repository::Repository;

#[test]
fn a_new_parameter_and_a_new_member_go_from_the_document_to_the_face() {
    let repository = Repository::copy("gained");
    repository.edit("openapi/users.yaml", &DOCUMENT);

    let diff = repository.xtask(&["diff", "HEAD", "--deny", "breaking"]);
    diff.assert_success();
    diff.assert_says("`connection`");
    diff.assert_says("UserIdentity.lastLogin is new");
    diff.assert_says("authress-users-client: minor");
    diff.assert_says("authress-users-ext: minor");

    // The code is not up to date, and then it is.
    repository.xtask(&["generate", "--check"]).assert_failure();
    repository.xtask(&["generate"]).assert_success();
    repository.xtask(&["generate", "--check"]).assert_success();
    let client = repository.text("authress-users-client/src/generated/client.rs");
    assert!(client.contains("pub fn connection<"));
    assert!(client.contains("pub last_login: "));

    // Whoever changes the document is told what the face lacks.
    let contract = [
        "test",
        "--package",
        "authress-users-contract",
        "--test",
        "client",
    ];
    let lacking = repository.cargo(&contract);
    lacking.assert_failure();
    lacking.assert_says(
        "the document has `query connection` of getUsers, and the face has no way to send it",
    );

    repository.edit("authress-users-ext/src/requests/get_users.rs", &FACE);
    repository.edit("tests/tests/client/reachability.rs", &SENDERS);
    repository.edit("tests/tests/client/generated_types.rs", &TYPES);
    repository.cargo(&contract).assert_success();
}

#[test]
fn a_member_that_goes_is_breaking_and_says_which_version_it_takes() {
    let repository = Repository::copy("lost");
    let document = repository.text("openapi/users.yaml");
    let member = document
        .find("        picture:\n")
        .expect("users have pictures");
    let next = member
        + document[member..]
            .find("        email:\n")
            .expect("and addresses");
    let picture = &document[member..next];
    repository.edit("openapi/users.yaml", &[(picture, "")]);

    repository.xtask(&["diff", "HEAD"]).assert_success();
    let denied = repository.xtask(&["diff", "HEAD", "--deny", "breaking"]);
    denied.assert_failure();
    denied.assert_says("UserIdentity.picture is gone");
    denied.assert_says("authress-users-client: breaking, ");
    denied.assert_says("authress-users-ext: breaking, ");

    // Once the version of the manifests is out, it can't carry the change.
    repository.xtask(&["release"]).assert_success();
    repository.release();
    let denied = repository.xtask(&["diff", "HEAD", "--deny", "breaking"]);
    denied.assert_failure();
    denied.assert_says("authress-users-client: breaking, so ");
    denied.assert_says("authress-users-ext: breaking, so ");
    let obstacles = repository.xtask(&["release"]);
    obstacles.assert_failure();
    obstacles.assert_says(": authress-users-ext: breaking, so ");
}
