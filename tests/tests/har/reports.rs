//! The formats of reports.

use authress_users_contract::{Place, RULES, Report};
use roxmltree::Document;
use serde_json::{Value, json};

use crate::recording::{HOST, entry, link, list, read, set, user, valid_traffic, validate};

fn locate(pointer: &str) -> Option<Place> {
    let place = Place::new("openapi/users.yaml", 7).excerpt("- name: <limit>\n  in: query");
    (!pointer.is_empty()).then_some(place)
}

/// Returns a report with an error of two requests, an error of a response, and two notes.
fn report_with_findings() -> Report {
    let too_many = || {
        entry(
            "GET",
            &format!("{HOST}/v1/users?limit=0"),
            200,
            &json!({ "users": [] }),
        )
    };
    let mut noted = list();
    noted["response"]["content"]["text"] =
        json!({ "users": [{ "userId": "a", "team": 1 }], "more": 1 })
            .to_string()
            .into();
    let mut plain = read("a");
    set(
        &mut plain["response"],
        "content-type",
        "text/<x>&\"y\"\u{85}",
    );
    validate(&[too_many(), list(), too_many(), plain, noted])
}

#[test]
fn text_reports_have_place_values_and_command() {
    let text = report_with_findings().to_text(&locate);
    let expected = "\
error[request-parameter-valid]: Every parameter is valid against its schema.
  --> openapi/users.yaml:7
      /paths/~1v1~1users/get/parameters/0
  party      client, getUsers, exchanges 1 and 3 (2 times)
  expected   at least 1 in limit
  actual     0
  reproduce  curl -X GET \"$AUTHRESS_API_URL/v1/users?limit=0\" -H 'accept: application/links+json' \
-H \"authorization: Bearer $AUTHRESS_ACCESS_TOKEN\"

error[response-media-type]: A response body has exactly a media type of the spec.
";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.contains("note[response-unknown-member]"), "{text}");
    assert!(!text.contains('\u{85}'), "{text:?}");
    assert!(
        text.ends_with("\n5 exchanges, 3 findings, 2 notes\n"),
        "{text}"
    );
}

#[test]
fn text_reports_list_coverage_gaps() {
    let text = report_with_findings().to_text(&locate);
    let line = |start: &str| {
        let mut lines = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        lines
            .find(|words| words.join(" ").starts_with(start))
            .unwrap()
            .join(" ")
    };
    assert_eq!(line("getUsers query limit"), "getUsers query limit 4");
    assert_eq!(line("query cursor"), "query cursor never");
    assert_eq!(
        line("deleteUser path userId"),
        "deleteUser path userId never"
    );
}

#[test]
fn counts_use_singular_and_plural() {
    let text = validate(&[list()]).to_text(&locate);
    assert!(text.ends_with("\n1 exchange, 0 findings\n"), "{text}");
    let text = validate(&[]).to_text(&locate);
    assert!(
        text.starts_with("warning: the file has no entries"),
        "{text}"
    );
    assert!(text.ends_with("\n0 exchanges, 0 findings\n"), "{text}");
}

#[test]
fn unknown_places_are_shown_as_pointers() {
    let text = report_with_findings().to_text(&|_| None);
    assert!(
        text.contains("\n  --> /paths/~1v1~1users/get/parameters/0\n"),
        "{text}"
    );
    let json: Value = serde_json::from_str(&report_with_findings().to_json(&|_| None)).unwrap();
    assert_eq!(json["findings"][0]["location"], Value::Null);
}

#[test]
fn long_lists_of_exchanges_are_shortened() {
    let entries: Vec<_> = (0..9)
        .map(|_| {
            entry(
                "GET",
                &format!("{HOST}/v1/users?limit=0"),
                200,
                &json!({ "users": [] }),
            )
        })
        .collect();
    let text = validate(&entries).to_text(&locate);
    assert!(
        text.contains("exchanges 1, 2, 3, 4, 5 and 4 more (9 times)"),
        "{text}"
    );
    assert!(text.ends_with("9 exchanges, 9 findings\n"), "{text}");
}

#[test]
fn json_reports_have_stable_members() {
    let report = report_with_findings();
    let json: Value = serde_json::from_str(&report.to_json(&locate)).unwrap();
    let names: Vec<_> = json.as_object().unwrap().keys().collect();
    let expected = ["exchanges", "findings", "summary", "warnings", "coverage"];
    assert_eq!(names, expected);
    assert_eq!(
        (
            &json["exchanges"],
            &json["findings"].as_array().unwrap().len()
        ),
        (&json!(5), &5)
    );
    let first = &json["findings"][0];
    let line = first["reproduce"].as_str().unwrap();
    assert!(line.starts_with("curl -X GET "), "{line}");
    assert_eq!(
        *first,
        json!({
            "rule": "request-parameter-valid",
            "severity": "error",
            "party": "client",
            "operation": "getUsers",
            "exchange": 1,
            "pointer": "/paths/~1v1~1users/get/parameters/0",
            "location": "openapi/users.yaml:7",
            "expected": "at least 1 in limit",
            "actual": "0",
            "reproduce": line,
        })
    );
    assert_eq!(
        json["coverage"].as_array().unwrap().len(),
        report.coverage.len()
    );
}

#[test]
fn junit_reports_have_a_test_case_for_each_rule() {
    let xml = report_with_findings().to_junit(&locate);
    let document = Document::parse(&xml).unwrap();
    let suite = document
        .descendants()
        .find(|node| node.has_tag_name("testsuite"))
        .unwrap();
    let rules = RULES.len().to_string();
    assert_eq!(suite.attribute("tests"), Some(&*rules));
    assert_eq!(suite.attribute("failures"), Some("2"));
    let cases: Vec<_> = suite
        .children()
        .filter(|node| node.has_tag_name("testcase"))
        .collect();
    let names: Vec<_> = cases
        .iter()
        .map(|case| case.attribute("name").unwrap())
        .collect();
    let ids: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(names, ids);
    let inside = |rule: &str, tag: &str| {
        let case = cases
            .iter()
            .find(|case| case.attribute("name") == Some(rule))
            .unwrap();
        let found = case.children().find(|node| node.has_tag_name(tag));
        found.map(|node| node.text().unwrap().to_owned())
    };
    let failure = inside("response-media-type", "failure").unwrap();
    assert!(
        failure.contains("Content-Type: text/<x>&\"y\"\n"),
        "{failure}"
    );
    assert!(
        inside("request-parameter-valid", "failure")
            .unwrap()
            .contains("(2 times)")
    );
    assert_eq!(inside("response-unknown-member", "failure"), None);
    let note = inside("response-unknown-member", "system-out").unwrap();
    assert!(note.contains("users.yaml:7"), "{note}");
    assert_eq!(inside("response-status", "failure"), None);
}

#[test]
fn reports_without_findings_are_clean_in_every_format() {
    let report = validate(&valid_traffic());
    assert!(!report.has_errors());
    let xml = report.to_junit(&locate);
    let document = Document::parse(&xml).unwrap();
    assert!(
        !document
            .descendants()
            .any(|node| node.has_tag_name("failure"))
    );
    let json: Value = serde_json::from_str(&report.to_json(&locate)).unwrap();
    assert_eq!(
        (&json["findings"], &json["warnings"]),
        (&json!([]), &json!([]))
    );
}

#[test]
fn html_reports_are_complete_escaped_and_without_scripts() {
    let html = report_with_findings().to_html(&locate);
    let markup = html.replace("<!doctype html>\n", "");
    // Void elements are the only ones that XML would reject.
    let markup = markup.lines().filter(|line| !line.starts_with("<meta"));
    let markup = markup.collect::<Vec<_>>().join("\n");
    let document = Document::parse(&markup).unwrap();
    let texts = |tag: &str| {
        let nodes = document.descendants().filter(|node| node.has_tag_name(tag));
        let text = |node: roxmltree::Node<'_, '_>| {
            let texts = node.descendants().filter(roxmltree::Node::is_text);
            texts.filter_map(|own| own.text()).collect::<String>()
        };
        nodes.map(text).collect::<Vec<_>>()
    };
    let headings = texts("h3").join(" ");
    assert!(headings.contains("request-parameter-valid"), "{headings}");
    assert!(texts("dd").contains(&"Content-Type: text/<x>&\"y\"".to_owned()));
    assert!(texts("pre")[0].contains("    7 | - name: <limit>\n    8 |   in: query"));
    assert_eq!(texts("tr").len(), report_with_findings().coverage.len() + 1);
    assert!(!html.contains("<script") && html.contains("prefers-color-scheme: dark"));
}

#[test]
fn sarif_results_have_rule_level_and_place() {
    let sarif: Value = serde_json::from_str(&report_with_findings().to_sarif(&locate)).unwrap();
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    let rules = &run["tool"]["driver"]["rules"];
    assert_eq!(rules.as_array().unwrap().len(), RULES.len());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "openapi/users.yaml");
        assert_eq!(place["region"]["startLine"], 7);
    }
    let levels: Vec<_> = results.iter().map(|own| &own["level"]).collect();
    assert_eq!(levels, ["error", "error", "note", "note"]);
    assert_eq!(results[0]["occurrenceCount"], 2);
}

#[test]
fn annotations_and_markdown_stay_on_their_lines() {
    let github = report_with_findings().to_github(&locate);
    let first = "::error file=openapi/users.yaml,line=7,title=request-parameter-valid::client, \
                 getUsers: expected at least 1 in limit, got 0 (2 times)%0Acurl -X GET ";
    assert!(github.starts_with(first), "{github}");
    assert_eq!(github.matches("::notice ").count(), 2);
    assert!(
        github.ends_with("\n5 exchanges, 3 findings, 2 notes\n"),
        "{github}"
    );
    let markdown = report_with_findings().to_markdown(&locate);
    let actual = "| actual | Content-Type: text/&lt;x&gt;&amp;&quot;y&quot; |";
    assert!(markdown.contains(actual), "{markdown}");
    assert!(
        markdown.contains("| exchanges | exchanges 1 and 3 (2 times) |"),
        "{markdown}"
    );
}

/// Every secret of this traffic contains `sekrit` or the number 4711.
#[test]
fn reports_contain_no_token_id_or_body() {
    let bare = |mut entry: Value| {
        set(&mut entry["request"], "accept", "");
        entry
    };
    let mut linked = link();
    linked["request"]["postData"]["text"] = "{\"userId\":4711,\"sekrit\":\"sekrit\"}".into();
    let mut key = list();
    set(&mut key["request"], "Authorization", "Bearer sekrit");
    let mut body = read("sekrit");
    body["response"]["content"]["text"] = "{\"userId\":4711,\"sekrit\":[\"sekrit\"]}".into();
    let mut broken = read("sekrit");
    broken["response"]["content"]["text"] = "sekrit".into();
    let mut cookie = list();
    set(&mut cookie["request"], "Cookie", "sekrit=sekrit");
    let url = |rest: &str| format!("{HOST}{rest}");
    let page = json!({ "users": [user("sekrit"), user("4711")], "sekrit": 4711 });
    let entries = [
        bare(entry(
            "GET",
            &url("/v1/users?limit=1&filter=sekrit&tenantId=4711"),
            200,
            &page,
        )),
        bare(entry(
            "GET",
            &url("/v1/users?filter=4711&sekrit=4711&cursor=4711"),
            299,
            &page,
        )),
        bare(entry("DELETE", &url("/v1/users/sekrit/4711"), 202, &page)),
        bare(entry("DELETE", &url("/v1/users/4711%ff"), 202, &page)),
        bare(entry("PUT", &url("/v1/tenants/sekrit/users"), 202, &page)),
        entry("GET", &url("/v1/users/sekrit/../4711"), 404, &page),
        entry(
            "GET",
            "https://sekrit:sekrit@sekrit.example/v1/users/..",
            404,
            &page,
        ),
        entry("GET", "https://sekrit.example/sekrit?4711", 404, &page),
        linked,
        key,
        body,
        broken,
        cookie,
    ];
    let report = validate(&entries);
    assert!(report.findings.len() > 12, "{}", report.findings.len());
    for text in [
        report.to_text(&locate),
        report.to_json(&locate),
        report.to_junit(&locate),
        report.to_sarif(&locate),
        report.to_github(&locate),
        report.to_markdown(&locate),
        report.to_html(&locate),
    ] {
        for secret in ["sekrit", "4711", "c2Vrcml0", "eyJ"] {
            let line = text.lines().find(|line| line.contains(secret));
            assert_eq!(line, None);
        }
    }
}
