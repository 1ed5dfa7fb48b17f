//! Tests of what only our spec has.

use super::fixtures::PUBLISHED;
use super::*;

const TOO_MANY: &str =
    "        \"429\":\n          $ref: \"#/components/responses/TooManyRequests\"\n";
const COMPONENT: &str =
    "    TooManyRequests:\n      x-assumed: true\n      description: Rate limited.\n";

fn imported_into(own: &Document, provider: &str) -> Import {
    let provider = Document::parse("provider.yaml", provider).unwrap();
    import(own, &provider, &overlay(), &[]).unwrap()
}

#[test]
fn operations_responses_examples_and_info_are_kept_and_reported() {
    let own = fixture_document();
    let import = imported_into(own, PUBLISHED);
    assert_eq!(import.candidate.text, own.text);
    insta::assert_snapshot!(import.only_ours.absent.join("\n"));
}

#[test]
fn members_added_by_the_provider_are_flagged_and_kept() {
    let own = fixture_document();
    let provider = PROVIDER.replacen(
        "        '401':\n",
        "        '429':\n          description: Slow down.\n        '401':\n",
        1,
    );
    let provider = provider.replacen("info:\n", "info:\n  license:\n    name: Proprietary\n", 1);
    let import = imported_into(own, &provider);
    assert!(import.candidate.text.contains(COMPONENT));
    assert_eq!(import.candidate.text.matches(TOO_MANY).count(), 4);
    insta::assert_snapshot!(import.only_ours.present.join("\n"));
}

#[test]
fn documented_errors_that_the_provider_drops_are_kept() {
    let own = fixture_document();
    let provider = PUBLISHED.replace(
        "        '404':\n          description: There is no such entry.\n",
        "",
    );
    let import = imported_into(own, &provider);
    assert_eq!(import.candidate.text, own.text);
    let absent = import.only_ours.absent.join("\n");
    assert!(
        absent.contains("getUser: responses 400, 404, 429, 500, 502, 503, 504\n"),
        "{absent}"
    );
}

#[test]
fn shared_parts_of_kept_operations_do_not_change() {
    let own = fixture_document();
    // The provider lacks deleteUser, and the id of getUser has a format.
    let delete = PUBLISHED.find("    delete:\n").unwrap();
    let end = delete + PUBLISHED[delete..].find("\n  /v1").unwrap() + 1;
    let without = PUBLISHED[..delete].to_owned() + &PUBLISHED[end..];
    let provider = without.replacen(
        "            $ref: '#/components/schemas/UserIdentity/properties/userId'\n",
        "            type: string\n            format: uuid\n",
        1,
    );
    let import = imported_into(own, &provider);
    let item = "/paths/~1v1~1users~1{userId}";
    for pointer in [
        &format!("{item}/delete"),
        &format!("{item}/parameters"),
        "/components/parameters/UserIdInPath",
        "/components/schemas/UserId",
    ] {
        assert_eq!(
            Some(at(&import, pointer)),
            own.value.pointer(pointer),
            "{pointer}"
        );
    }
    let format = at(&import, &format!("{item}/get/parameters/0/schema/format"));
    assert_eq!(format, "uuid");
    // A change of what a kept operation shares is a change of the provider's.
    let named = without.replacen(
        "        name:\n",
        "        nickname:\n          type: string\n        name:\n",
        1,
    );
    let import = imported_into(own, &named);
    assert!(import.new_schemas.is_empty());
    let nickname = at(
        &import,
        "/components/schemas/UserIdentity/properties/nickname",
    );
    assert_eq!(nickname["type"], "string");
    // Without a difference nothing changes.
    assert_eq!(imported_into(own, &without).candidate.text, own.text);
}
