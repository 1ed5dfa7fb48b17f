//! Checks of parameters against the patterns of the spec, and their encoding in paths.

#![allow(
    dead_code,
    reason = "a copy of this file is in packages for other specs, which may call only some functions"
)]

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986. `;` in particular starts a parameter for
/// servers that support parameters in paths.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Encodes a value for one segment of a path.
pub(crate) fn encode_path(value: &str) -> PercentEncode<'_> {
    utf8_percent_encode(value, RESERVED)
}

/// Counts the characters of a value.
pub(crate) fn length(value: &str) -> usize {
    if value.is_ascii() {
        value.len()
    } else {
        value.chars().count()
    }
}

/// Rejects the empty string.
pub(crate) fn reject_empty(value: &str) -> Result<(), String> {
    if value.is_empty() {
        return Err("must not be empty".to_owned());
    }
    Ok(())
}

/// Rejects a character for which `is_invalid` returns true.
pub(crate) fn reject_characters(
    value: &str,
    is_invalid: impl Fn(char) -> bool,
) -> Result<(), String> {
    match value.chars().position(is_invalid) {
        Some(index) => {
            let character = value.chars().nth(index).unwrap_or_default();
            let found = at_position((character, index + 1));
            Err(format!("must not contain {found}"))
        }
        None => Ok(()),
    }
}

/// Rejects `.` and `..`, which URL parsers remove.
pub(crate) fn reject_dots(value: &str) -> Result<(), String> {
    if matches!(value, "." | "..") {
        return Err(format!(
            "must not be `{value}`, which URL parsers remove from a path"
        ));
    }
    Ok(())
}

/// Rejects the segments `.` and `..` between slashes, also with parameters (`..;a`): servers may
/// decode the slashes and remove the parameters.
pub(crate) fn reject_dot_segments(value: &str) -> Result<(), String> {
    if !value.contains('.') {
        return Ok(());
    }
    let mut segments = value.split('/').map(|segment| segment.split(';').next());
    match segments.find(|name| matches!(name, Some("." | ".."))) {
        Some(Some(name)) => Err(format!(
            "must not have the segment `{name}`, which servers remove from a path"
        )),
        _ => Ok(()),
    }
}

/// Rejects spaces at the start and the end.
pub(crate) fn reject_outer_spaces(value: &str) -> Result<(), String> {
    let position = if value.starts_with(' ') {
        1
    } else if value.ends_with(' ') {
        length(value)
    } else {
        return Ok(());
    };
    Err(format!(
        "must not start or end with {}",
        at_position((' ', position))
    ))
}

/// Rejects quotes around the whole.
pub(crate) fn reject_outer_quotes(value: &str) -> Result<(), String> {
    let mut rest = value.chars();
    match (rest.next(), rest.next_back()) {
        (Some(first), Some(last)) if is_quote(first) && is_quote(last) => Err(format!(
            "must not be in quotes, but has {}",
            at_position((first, 1))
        )),
        _ => Ok(()),
    }
}

fn is_quote(character: char) -> bool {
    matches!(
        character,
        '"' | '\'' | '`' | '«' | '»' | '\u{2018}'..='\u{201f}' | '‹' | '›'
    )
}

fn at_position((character, position): (char, usize)) -> String {
    format!("{} at position {position}", character_name(character))
}

/// Names a character for a message, such as `U+200B (zero width space)`.
///
/// Letters and most symbols are named by their kind only.
///
/// ```
/// use authress_users_client::character_name;
///
/// assert_eq!(character_name('\u{feff}'), "U+FEFF (byte order mark)");
/// assert_eq!(character_name('ü'), "U+00FC (letter)");
/// ```
#[must_use]
pub fn character_name(character: char) -> String {
    let name = match character {
        '\0' => "null",
        '\t' => "tab",
        '\n' => "line feed",
        '\r' => "carriage return",
        ' ' => "space",
        '"' => "quotation mark",
        '\'' => "apostrophe",
        '/' => "slash",
        '\\' => "backslash",
        '`' => "backtick",
        '\u{7f}' => "delete",
        '\u{a0}' => "no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{200b}' => "zero width space",
        '\u{200c}' => "zero width non-joiner",
        '\u{200d}' => "zero width joiner",
        '\u{200e}' => "left-to-right mark",
        '\u{200f}' => "right-to-left mark",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "bidirectional control",
        '\u{202f}' => "narrow no-break space",
        '\u{2060}' => "word joiner",
        '\u{3000}' => "ideographic space",
        '\u{feff}' => "byte order mark",
        '\u{e0000}'..='\u{e007f}' => "tag character",
        quote if is_quote(quote) => "quotation mark",
        control if control.is_control() => "control character",
        space if space.is_whitespace() => "space",
        letter if letter.is_alphabetic() => "letter",
        digit if digit.is_numeric() => "digit",
        symbol if symbol.is_ascii() => "symbol",
        _ => "symbol or invisible character",
    };
    format!("U+{:04X} ({name})", u32::from(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_everything_but_unreserved_characters() {
        let ascii: String = ('\0'..='\u{7f}').collect();
        let encoded = encode_path(&ascii).to_string();
        let kept: String = ascii
            .chars()
            .filter(|c| !encoded.contains(&format!("%{:02X}", u32::from(*c))))
            .collect();
        assert_eq!(
            kept,
            "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"
        );
        assert_eq!(encode_path("a;b/ü|c").to_string(), "a%3Bb%2F%C3%BC%7Cc");
    }

    #[test]
    fn names_the_character_and_its_position() {
        let is_invalid = |character| matches!(character, '\u{200b}' | '\u{1d173}' | 'x');
        for (value, expected) in [
            ("ü\u{200b}", "U+200B (zero width space) at position 2"),
            (
                "\u{1d173}a",
                "U+1D173 (symbol or invisible character) at position 1",
            ),
            ("aax", "U+0078 (letter) at position 3"),
        ] {
            assert_eq!(
                reject_characters(value, is_invalid).unwrap_err(),
                format!("must not contain {expected}")
            );
        }
    }
}
