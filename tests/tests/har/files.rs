//! Invalid and unusual files.

use authress_users_contract::Spec;
use authress_users_contract::har::{self, HarError, HarOptions};

use serde_json::json;

use crate::recording::{entry, har, set, valid_traffic};

fn read(bytes: &[u8]) -> Result<usize, HarError> {
    har::read(bytes, &HarOptions::default()).map(|traffic| traffic.entries())
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let text = format!("\u{feff}{}", har(&valid_traffic()));
    assert_eq!(read(text.as_bytes()), Ok(4));
}

#[test]
fn an_empty_recording_is_a_warning() {
    let traffic = har::read(har(&[]).to_string().as_bytes(), &HarOptions::default()).unwrap();
    let report = traffic.validate(Spec::bundled());
    assert_eq!((report.exchanges, report.has_errors()), (0, false));
    assert_eq!(
        report.warnings,
        ["the file has no entries: nothing was validated"]
    );
}

#[test]
fn invalid_files_are_rejected_with_a_place_and_without_content() {
    for (bytes, place, reason) in [
        (&b""[..], None, "is empty"),
        (b" \n\t", None, "is empty"),
        (b"sekrit", Some((1, 1)), "not valid JSON"),
        (
            b"{\"log\":\n{\"sekrit\" 1}}",
            Some((2, 11)),
            "not valid JSON",
        ),
        (
            b"{\"log\":{\"entries\":[{\"a\":\"sekrit",
            Some((1, 31)),
            "incomplete",
        ),
        (b"{}", None, "no `log` with `entries`"),
        (
            b"{\"log\":{\"version\":\"sekrit\"}}",
            None,
            "no `log` with `entries`",
        ),
        (
            b"{\"log\":{\"entries\":\"sekrit\"}}",
            Some((1, 26)),
            "wrong type for HAR 1.2",
        ),
        (b"{\"log\":\n\xff\"sekrit\"}", Some((2, 1)), "not UTF-8"),
        (b"\xff\xfe{\0}\0", Some((1, 1)), "UTF-16"),
        (b"\x1f\x8b\x08\0", None, "gzip"),
    ] {
        let shown = String::from_utf8_lossy(bytes);
        let error = read(bytes).unwrap_err();
        assert_eq!(error.place(), place, "{shown}");
        let message = format!("{error} {error:?}");
        assert!(
            message.contains(reason) && !message.contains("sekrit"),
            "{message}"
        );
    }
}

#[test]
fn debug_output_has_no_content() {
    let traffic = har::read(
        har(&valid_traffic()).to_string().as_bytes(),
        &HarOptions::default(),
    );
    let shown = format!("{:?}", traffic.unwrap());
    assert_eq!(shown, "HarTraffic { entries: 4, .. }");
}

#[test]
fn texts_that_are_not_unicode_are_read_with_replacement_characters() {
    let marked = {
        let mut entries = valid_traffic();
        let name = json!({ "name": "x-request-id", "value": "MARK" });
        entries[0]["request"]["headers"]
            .as_array_mut()
            .unwrap()
            .push(name);
        let other = "https://other.example/MARK";
        let mut unrelated = entry("GET", other, 200, &json!({ "text": "MARK" }));
        set(&mut unrelated["request"], "authorization", "");
        entries.push(unrelated);
        entries[1]["comment"] = "MARK".into();
        har(&entries).to_string()
    };
    let validated = |bytes: &[u8]| {
        let traffic = har::read(bytes, &HarOptions::default()).unwrap();
        traffic.validate(Spec::bundled())
    };
    let warning = "4 characters of the file that are not Unicode (unpaired surrogates or invalid UTF-8): \
                   read as U+FFFD";
    for escape in [&b"\\ud83d"[..], b"\\udf89", b"\xff"] {
        let mut bytes = Vec::new();
        for (index, part) in marked.split("MARK").enumerate() {
            if index > 0 {
                bytes.extend_from_slice(escape);
            }
            bytes.extend_from_slice(part.as_bytes());
        }
        let report = validated(&bytes);
        assert_eq!(
            (report.exchanges, report.has_errors()),
            (4, false),
            "{report:?}"
        );
        assert!(
            report.warnings.iter().any(|own| own == warning),
            "{report:?}"
        );
    }
    // Pairs, and escapes of the backslash itself, are not warnings.
    for escape in ["\\ud83c\\udf89", "\\\\ud83d"] {
        let report = validated(marked.replace("MARK", escape).as_bytes());
        assert_eq!((report.exchanges, report.has_errors()), (4, false));
        assert!(report.warnings.iter().all(|own| !own.contains("Unicode")));
    }
}
