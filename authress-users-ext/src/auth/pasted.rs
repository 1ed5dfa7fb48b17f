//! What comes along when a credential is copied: quotes, invisible characters, a variable's name.

use authress_users_client::character_name;

/// Explains, by name and position, a character that cannot be part of a credential. Surrounding white
/// space is no part of it.
pub(super) fn check(given: &str, is_allowed: impl Fn(char) -> bool) -> Result<(), String> {
    let text = given.trim();
    let skipped = given.chars().take_while(|c| c.is_whitespace()).count();
    let last = text.chars().count().saturating_sub(1);
    let position = |index: usize| skipped + index + 1;
    let is_pasted = |index: usize, character: char| {
        !is_allowed(character) || character == '\'' && (index == 0 || index == last)
    };
    let mut characters = text.chars().enumerate();
    if let Some((index, character)) = characters.find(|(index, c)| is_pasted(*index, *c)) {
        let (name, position) = (character_name(character), position(index));
        return Err(format!("it has {name} at position {position}"));
    }
    match text.split_once('=') {
        Some((name, rest)) if is_variable(name) && !rest.trim_matches('=').is_empty() => {
            Err(format!(
                "it starts with the name of a variable, up to U+003D (equals sign) at position {}",
                position(name.chars().count())
            ))
        }
        _ => Ok(()),
    }
}

/// Whether a text is the name of an environment variable, as they are usually written.
fn is_variable(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    text.starts_with(|first: char| first.is_ascii_uppercase()) && text.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_character_and_its_position_but_not_the_text() {
        for (given, expected) in [
            ("\u{feff}sekrit", "U+FEFF (byte order mark) at position 1"),
            (" \u{200b}sekrit", "U+200B (zero width space) at position 2"),
            ("sek\u{ad}rit", "U+00AD (soft hyphen) at position 4"),
            ("\"sekrit\"", "U+0022 (quotation mark) at position 1"),
            ("sekrit'\n", "U+0027 (apostrophe) at position 7"),
            (
                "\u{201c}sekrit\u{201d}",
                "U+201C (quotation mark) at position 1",
            ),
            ("sek rit", "U+0020 (space) at position 4"),
            (
                "AUTHRESS_ACCESS_KEY=sekrit",
                "U+003D (equals sign) at position 20",
            ),
            (" KEY=sekrit", "U+003D (equals sign) at position 5"),
        ] {
            let is_allowed = |c: char| c.is_ascii_graphic() && c != '"';
            let reason = check(given, is_allowed).unwrap_err();
            assert!(reason.ends_with(expected), "{reason}");
            assert!(!reason.contains("sek"), "{reason}");
        }
        for given in [" sc_1.KEY=.a\n", "a'b", "ABCD==", "ABC=", "a=b", ""] {
            assert_eq!(check(given, |c| c.is_ascii_graphic()), Ok(()), "{given}");
        }
    }
}
