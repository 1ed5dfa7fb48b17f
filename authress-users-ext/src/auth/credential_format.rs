//! Checks credentials and URLs for what is copied by mistake: quotes, invisible characters, a variable's
//! name.

use authress_users_client::character_name;

/// Explains, by name and position, a character that cannot be part of a credential. Surrounding white
/// space is ignored.
pub(super) fn check(given: &str, is_allowed: impl Fn(char) -> bool) -> Result<(), String> {
    let text = given.trim();
    let skipped = given.chars().take_while(|c| c.is_whitespace()).count();
    if let Some((character, position)) = invalid_character(text, is_allowed) {
        let (name, position) = (character_name(character), skipped + position);
        return Err(format!("it has {name} at position {position}"));
    }
    match text.split_once('=') {
        // Padding of base64 is at the end or before a dot.
        Some((name, rest))
            if is_variable(name) && rest.starts_with(|next| !matches!(next, '=' | '.')) =>
        {
            Err(format!(
                "it starts with the name of a variable, up to U+003D (equals sign) at position {}",
                skipped + name.len() + 1
            ))
        }
        _ => Ok(()),
    }
}

/// Explains, by name and position, a character that cannot be part of an id in a credential. White space
/// is not allowed.
pub(super) fn check_id(name: &str, id: &str) -> Result<(), String> {
    match invalid_character(id, is_part_of_key) {
        Some((character, position)) => Err(format!(
            "{name} has {} at position {position}",
            character_name(character)
        )),
        None => Ok(()),
    }
}

/// Explains, by name and position, a character that cannot be part of a URL. In a path, it would be sent.
pub(crate) fn check_url(given: &str) -> Result<(), String> {
    let is_part = |character| is_part_of_key(character) && !matches!(character, '<' | '>');
    check(given, is_part)
}

/// Client ids are not restricted to ASCII. Quotes and invisible characters are not part of a key.
pub(super) fn is_part_of_key(character: char) -> bool {
    character.is_alphanumeric() || character.is_ascii_graphic() && !matches!(character, '"' | '`')
}

/// Returns the first character that is not allowed, or an apostrophe at an end, with its position.
fn invalid_character(text: &str, is_allowed: impl Fn(char) -> bool) -> Option<(char, usize)> {
    let length = text.chars().count();
    text.chars().zip(1..).find(|(character, position)| {
        !is_allowed(*character) || *character == '\'' && (*position == 1 || *position == length)
    })
}

/// Whether a text can be the name of a variable or of a member in a configuration file.
fn is_variable(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(is_part)
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
            ("accessKey=sekrit", "U+003D (equals sign) at position 10"),
            ("access-key=sekrit", "U+003D (equals sign) at position 11"),
            ("token=e30=.e30.c2l", "U+003D (equals sign) at position 6"),
        ] {
            let is_allowed = |c: char| c.is_ascii_graphic() && c != '"';
            let reason = check(given, is_allowed).unwrap_err();
            assert!(reason.ends_with(expected), "{reason}");
            assert!(!reason.contains("sek"), "{reason}");
        }
        for given in [
            " sc_1.KEY=.a\n",
            "a'b",
            "ABCD==",
            "ABC=",
            "a=.b",
            "a==.b",
            "ü=b",
            "",
        ] {
            assert_eq!(check(given, is_part_of_key), Ok(()), "{given}");
        }
    }
}
