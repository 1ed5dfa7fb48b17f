//! Tests of documents that state the same facts in other notations: nothing changes.

use super::fixtures::PUBLISHED;
use super::*;
use crate::testing;

/// Replaces every occurrence of each text.
fn replaced(text: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the document has no {from:?}");
        text.replace(from, to)
    })
}

fn assert_unchanged(what: &str, text: &str) {
    let provider = Document::parse("provider.yaml", text).unwrap();
    let own = fixture_document();
    let import = import(own, &provider, &overlay(), &[])
        .unwrap_or_else(|failure| panic!("{what}: {failure}"));
    let diff = similar::TextDiff::from_lines(&own.text, &import.candidate.text);
    let diff = diff.unified_diff().to_string();
    assert!(diff.is_empty(), "{what}:\n{diff}");
}

const ITEMS: &str = "          items:\n            $ref: '#/components/schemas/UserIdentity'\n";
const BODY: &str =
    "              schema:\n                $ref: '#/components/schemas/UserIdentity'\n";
const CURSOR: &str = "        - name: cursor\n          in: query\n          description: Where the page starts.\n          required: false\n          style: form\n          explode: true\n          schema:\n            type: string\n            nullable: true\n";

/// The name of a notation, and the edits of the older edition that lead to it.
const NOTATIONS: [(&str, &[(&str, &str)]); 17] = [
    (
        "snake case",
        &[
            ("UserIdentityCollection", "user_identity_collection"),
            ("UserIdentity", "user_identity"),
            ("CollectionLinks", "collection.links"),
            ("Pagination_next", "pagination_next"),
        ],
    ),
    (
        "names with spaces and slashes",
        &[
            ("schemas/UserIdentity'", "schemas/a%20user~1identity'"),
            ("schemas/UserIdentity/", "schemas/a%20user~1identity/"),
            ("    UserIdentity:\n", "    a user/identity:\n"),
        ],
    ),
    (
        "names of ours for other roles",
        &[
            ("Link'", "Swap'"),
            ("    Link:", "    Swap:"),
            ("UserIdentity'", "Link'"),
            ("UserIdentity/", "Link/"),
            ("    UserIdentity:", "    Link:"),
            ("Swap", "UserIdentity"),
        ],
    ),
    (
        "names of ours with another meaning",
        &[(
            "    UserIdentity:\n",
            "    UserId:\n      type: object\n    TenantUser:\n      type: integer\n    UserIdentity:\n",
        )],
    ),
    (
        "an inline item",
        &[(
            ITEMS,
            "          items:\n            type: object\n            required: [userId]\n            properties:\n              userId: {type: string, maxLength: 9}\n              name: {type: string}\n              picture: {type: string}\n              email: {type: string}\n",
        )],
    ),
    (
        "an inline body",
        &[(
            BODY,
            "              schema:\n                nullable: false\n                required: [userId]\n                properties:\n                  email: {type: string, format: email}\n                  name: {type: string, enum: [a]}\n                  userId: {type: string}\n                  picture: {type: string, default: a}\n",
        )],
    ),
    (
        "wrappers",
        &[
            (
                BODY,
                "              schema:\n                type: object\n                title: User\n                allOf:\n                  - $ref: '#/components/schemas/UserIdentity'\n",
            ),
            (
                ITEMS,
                "          items:\n            oneOf:\n              - $ref: '#/components/schemas/UserIdentity'\n",
            ),
        ],
    ),
    (
        "an alias",
        &[
            (
                BODY,
                "              schema:\n                $ref: '#/components/schemas/Alias'\n",
            ),
            (
                "    UserIdentity:\n",
                "    Alias:\n      $ref: '#/components/schemas/Wrapper'\n    Wrapper:\n      allOf:\n        - $ref: '#/components/schemas/UserIdentity'\n    UserIdentity:\n",
            ),
        ],
    ),
    (
        "a composed schema",
        &[(
            "    UserIdentity:\n      type: object\n",
            "    Base:\n      type: object\n      properties:\n        email:\n          type: string\n    UserIdentity:\n      allOf:\n        - $ref: '#/components/schemas/Base'\n        - type: object\n          additionalProperties: false\n      type: object\n",
        )],
    ),
    (
        "nested readOnly",
        &[
            (
                "        pagination:\n          $ref: '#/components/schemas/Pagination'\n",
                "        pagination:\n          readOnly: true\n          allOf:\n            - $ref: '#/components/schemas/Pagination'\n",
            ),
            (
                "\n          type: array\n",
                "\n          type: array\n          readOnly: true\n",
            ),
        ],
    ),
    (
        "null at several places",
        &[
            (
                "    Pagination:\n      type: object\n",
                "    Pagination:\n      type: object\n      nullable: true\n",
            ),
            (
                "        name:\n          type: string\n",
                "        name:\n          type: string\n          nullable: true\n",
            ),
        ],
    ),
    (
        "parameters and plain values as components",
        &[
            (
                CURSOR,
                "        - $ref: '#/components/parameters/cursor_in_query'\n",
            ),
            (
                "  schemas:\n    UserIdentity:\n",
                "  parameters:\n    cursor_in_query:\n      name: cursor\n      in: query\n      schema:\n        allOf:\n          - $ref: '#/components/schemas/Token'\n        nullable: true\n  schemas:\n    Token:\n      type: string\n      minLength: 0\n      nullable: true\n    UserIdentity:\n",
            ),
        ],
    ),
    (
        "no types",
        &[
            ("\n      type: object\n", "\n"),
            ("\n          type: array\n", "\n"),
        ],
    ),
    (
        "goals that are reached",
        &[
            ("            default: 100\n", ""),
            (
                "      required:\n        - links\n        - users\n",
                "      required:\n        - users\n",
            ),
            ("      required:\n        - self\n", "      required: []\n"),
        ],
    ),
    (
        "null as an alternative",
        &[(
            "        pagination:\n          $ref: '#/components/schemas/Pagination'\n",
            "        pagination:\n          oneOf:\n            - type: object\n              nullable: true\n              enum: [null]\n            - $ref: '#/components/schemas/Pagination'\n",
        )],
    ),
    (
        "ranges of statuses",
        &[(
            "        '401':\n",
            "        4XX: {description: Wrong.}\n        default: {description: Failed.}\n        '401':\n",
        )],
    ),
    (
        "other operations",
        &[(
            "  /v1/users/{userId}:\n",
            "  /v1/users/{userId}/avatar:\n    get:\n      operationId: getAvatar\n      responses: {}\n  /v1/users/{userId}:\n    put:\n      operationId: putUser\n      tags: [Users]\n      responses:\n        '200': {description: Done.}\n    parameters: []\n",
        )],
    ),
];

#[test]
fn other_notations_change_nothing() {
    for (what, edits) in NOTATIONS {
        assert_unchanged(what, &replaced(PUBLISHED, edits));
    }
}

#[test]
fn our_own_spec_changes_nothing() {
    assert_unchanged("our spec", testing::fixture());
    let json = serde_json::to_string(&fixture_document().value).unwrap();
    assert_unchanged("our spec as JSON", &json);
}

#[test]
fn a_document_with_any_of_our_operations_changes_nothing() {
    for (method, next) in [
        ("    get:\n", "    delete:\n"),
        ("    delete:\n", "\n  /v1"),
    ] {
        let item = PUBLISHED.find("  /v1/users/{userId}:\n").unwrap();
        let start = item + PUBLISHED[item..].find(method).unwrap();
        let end = start + 1 + PUBLISHED[start + 1..].find(&next[..next.len()]).unwrap();
        let text = PUBLISHED[..start].to_owned() + PUBLISHED[end..].trim_start_matches('\n');
        assert_unchanged(method, &text);
    }
    assert_unchanged(
        "without the list",
        &replaced(
            PUBLISHED,
            &[
                ("  /v1/users:\n", "  /v1/people:\n"),
                ("operationId: getUsers\n", "operationId: listPeople\n"),
            ],
        ),
    );
}

#[test]
fn another_name_of_the_security_scheme_changes_nothing() {
    let text = replaced(
        PUBLISHED,
        &[
            ("        - oauth2: []\n", "        - token: [users]\n"),
            ("    oauth2:\n", "    token:\n"),
        ],
    );
    assert_unchanged("token", &text);
    let keyed = replaced(
        &text,
        &[(
            "      type: http\n      scheme: bearer\n",
            "      type: apiKey\n      in: header\n      name: X-Key\n",
        )],
    );
    let provider = Document::parse("provider.yaml", &keyed).unwrap();
    let operation = "/paths/~1v1~1users/get/security/0/token";
    assert_eq!(*at(&imported(&provider), operation), json!([]));
}

#[test]
fn other_media_types_and_statuses_keep_the_roles() {
    let text = replaced(
        PUBLISHED,
        &[
            ("application/links+json", "application/json"),
            ("'200'", "'206'"),
            ("        200:", "        206:"),
        ],
    );
    let import = imported(&Document::parse("provider.yaml", &text).unwrap());
    assert!(import.new_schemas.is_empty());
    let schema = "/paths/~1v1~1users/get/responses/206/content/application~1json/schema/$ref";
    assert_eq!(
        *at(&import, schema),
        "#/components/schemas/UserIdentityCollection"
    );
    // Our examples stay.
    let text = replaced(PUBLISHED, &[("application/links+json", "application/json")]);
    let import = imported(&Document::parse("provider.yaml", &text).unwrap());
    let content = "/paths/~1v1~1users/get/responses/200/content";
    let own = fixture_document();
    let ours = own
        .value
        .pointer(&format!("{content}/application~1links+json"));
    assert_eq!(
        Some(at(&import, &format!("{content}/application~1json"))),
        ours
    );
}

#[test]
fn one_schema_in_a_request_and_a_response_is_corrected_for_both() {
    let text = replaced(
        PROVIDER,
        &[("schemas/TenantUser'", "schemas/UserIdentity'")],
    );
    let import = imported(&Document::parse("provider.yaml", &text).unwrap());
    let schemas = "/components/schemas";
    assert_eq!(
        at(
            &import,
            &format!("{schemas}/TenantUser/properties/userId/$ref")
        ),
        "#/components/schemas/UserId"
    );
    assert_eq!(
        at(
            &import,
            &format!("{schemas}/UserIdentity/properties/userId/type")
        ),
        "string"
    );
}
