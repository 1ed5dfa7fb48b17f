//! Repairs JSON whose strings are not Unicode.

use std::fmt::Write as _;

/// What an invalid part of a string becomes.
const REPLACEMENT: &str = "\u{fffd}";

/// Returns a body without the faults that make JSON unreadable although its structure is intact.
///
/// `None` if it has none of them.
///
/// Bytes that are not UTF-8, unpaired surrogates (`\ud83d`) and invalid escapes (`\x`) become U+FFFD,
/// control characters in strings are escaped, and a byte order mark is removed.
///
/// ```
/// use authress_users_client::repaired_json;
///
/// let repaired = repaired_json(br#"{"name":"Ada \ud83d"}"#);
/// assert_eq!(repaired.as_deref(), Some("{\"name\":\"Ada \u{fffd}\"}"));
/// assert_eq!(repaired_json(br#"{"name":"Ada \ud83c\udf89"}"#), None);
/// ```
#[must_use]
pub fn repaired_json(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut repaired = String::with_capacity(rest.len());
    let mut in_string = false;
    let is_special = |in_string, character| {
        character == '"' || in_string && (character == '\\' || character < ' ')
    };
    while let Some(position) = rest.find(|character| is_special(in_string, character)) {
        let (before, special) = rest.split_at(position);
        repaired.push_str(before);
        let length = match special.as_bytes()[0] {
            b'\\' => {
                let (escape, length) = escape(special);
                repaired.push_str(escape);
                length
            }
            b'"' => {
                in_string = !in_string;
                repaired.push('"');
                1
            }
            control => {
                // Writing to a string does not fail.
                let _ = write!(repaired, "\\u{control:04x}");
                1
            }
        };
        rest = &special[length..];
    }
    repaired.push_str(rest);
    (repaired.as_bytes() != body).then_some(repaired)
}

/// The escape at the start of a text, or [`REPLACEMENT`] if it is invalid, and how much of the text it
/// stands for.
fn escape(text: &str) -> (&str, usize) {
    let unit = |start: usize| {
        let digits = text.get(start..start + 6)?.strip_prefix("\\u")?;
        let is_number = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_number.then(|| u16::from_str_radix(digits, 16).ok())?
    };
    match (unit(0), unit(6), text.as_bytes().get(1)) {
        (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff), _) => (&text[..12], 12),
        (Some(0xd800..=0xdfff), ..) => (REPLACEMENT, 6),
        (Some(_), ..) => (&text[..6], 6),
        (None, _, Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')) => (&text[..2], 2),
        (None, ..) => (REPLACEMENT, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repairs_what_is_invalid_in_strings() {
        for (body, expected) in [
            (&br#"["\ud83d"]"#[..], Some("[\"\u{fffd}\"]")),
            (br#"["\udf89\ud83c"]"#, Some("[\"\u{fffd}\u{fffd}\"]")),
            (
                br#"["\uD83C\ud83c\udf89"]"#,
                Some("[\"\u{fffd}\\ud83c\\udf89\"]"),
            ),
            (br#"["\ud83c\n\udf89"]"#, Some("[\"\u{fffd}\\n\u{fffd}\"]")),
            (
                br#"["\\ud83d", "\"\ud83d"]"#,
                Some("[\"\\\\ud83d\", \"\\\"\u{fffd}\"]"),
            ),
            (br#"["\x\u12g4\"]"#, Some("[\"\u{fffd}x\u{fffd}u12g4\\\"]")),
            (b"[\"Andr\xe9\"]", Some("[\"Andr\u{fffd}\"]")),
            (b"[\"a\tb\nc\"]\n", Some("[\"a\\u0009b\\u000ac\"]\n")),
            ("\u{feff}[]".as_bytes(), Some("[]")),
            (br#"["\ud83d"#, Some("[\"\u{fffd}")),
            (br#"["\"#, Some("[\"\u{fffd}")),
            ("[\"\\ud83c\\udf89 \\\\ \\u0000 ü\"]\t\r\n".as_bytes(), None),
            (b"\\ud83d", None),
            (b"", None),
        ] {
            let shown = String::from_utf8_lossy(body);
            assert_eq!(repaired_json(body).as_deref(), expected, "{shown}");
        }
    }
}
