//! Files that are none, or odd ones.

use authress_users_contract::Spec;
use authress_users_contract::har::{self, HarError, HarOptions};

use crate::recording::{conforming, har};

fn read(bytes: &[u8]) -> Result<usize, HarError> {
    har::read(bytes, &HarOptions::default()).map(|traffic| traffic.entries())
}

#[test]
fn a_byte_order_mark_is_no_hindrance() {
    let text = format!("\u{feff}{}", har(&conforming()));
    assert_eq!(read(text.as_bytes()), Ok(4));
}

#[test]
fn a_recording_of_nothing_says_so() {
    let traffic = har::read(har(&[]).to_string().as_bytes(), &HarOptions::default()).unwrap();
    let report = traffic.validate(Spec::of_project());
    assert_eq!((report.exchanges, report.has_errors()), (0, false));
    assert_eq!(
        report.warnings,
        ["the file has no entries: there was nothing to judge"]
    );
}

#[test]
fn a_file_that_is_no_recording_is_refused_with_its_place_and_without_its_content() {
    for (bytes, place, reason) in [
        (&b""[..], None, "is empty"),
        (b" \n\t", None, "is empty"),
        (b"sekrit", Some((1, 1)), "stops being JSON"),
        (
            b"{\"log\":\n{\"sekrit\" 1}}",
            Some((2, 11)),
            "stops being JSON",
        ),
        (
            b"{\"log\":{\"entries\":[{\"a\":\"sekrit",
            Some((1, 31)),
            "breaks off",
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
            "not what HAR 1.2 has",
        ),
        (b"{\"log\":\n\xff\"sekrit\"}", Some((2, 1)), "not UTF-8"),
        (b"\xff\xfe{\0}\0", Some((1, 1)), "UTF-16"),
    ] {
        let shown = String::from_utf8_lossy(bytes);
        let error = read(bytes).unwrap_err();
        assert_eq!(error.place(), place, "{shown}");
        let told = format!("{error} {error:?}");
        assert!(told.contains(reason) && !told.contains("sekrit"), "{told}");
    }
}

#[test]
fn what_was_read_shows_nothing_of_itself() {
    let traffic = har::read(
        har(&conforming()).to_string().as_bytes(),
        &HarOptions::default(),
    );
    let shown = format!("{:?}", traffic.unwrap());
    assert_eq!(shown, "HarTraffic { entries: 4, .. }");
}
