//! What comes along when a credential or a URL is copied: quotes, invisible characters, a variable's name.

use authress_users_client::character_name;

/// Explains, by name and position, a character that cannot be part of a credential or a URL. The reason
/// does not contain the text. Surrounding white space is not part of it.
pub(crate) fn check(given: &str) -> Result<(), String> {
    let text = given.trim();
    let skipped = given.chars().take_while(|c| c.is_whitespace()).count();
    let length = text.chars().count();
    let is_end = |position| position == 1 || position == length;
    let rejected = text.chars().zip(1..).find(|(character, position)| {
        !is_part(*character) || *character == '\'' && is_end(*position)
    });
    if let Some((character, position)) = rejected {
        let (name, position) = (character_name(character), skipped + position);
        return Err(format!("it has {name} at position {position}"));
    }
    match text.split_once('=') {
        // Padding of base64 is at the end or before a dot.
        Some((name, rest))
            if is_variable(name) && rest.starts_with(|next| !matches!(next, '=' | '.')) =>
        {
            Err("it starts with the name of a variable".to_owned())
        }
        _ => Ok(()),
    }
}

fn is_part(character: char) -> bool {
    character.is_alphanumeric()
        || character.is_ascii_graphic() && !matches!(character, '"' | '`' | '<' | '>')
}

fn is_variable(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejected_characters_are_named_but_not_shown() {
        for (given, expected) in [
            ("\u{feff}sekrit", "U+FEFF (byte order mark) at position 1"),
            (" sek\u{200b}", "U+200B (zero width space) at position 5"),
            ("\"sekrit\"", "U+0022 (quotation mark) at position 1"),
            ("sekrit'", "U+0027 (apostrophe) at position 7"),
            ("Bearer sekrit", "U+0020 (space) at position 7"),
            ("KEY=sekrit", "the name of a variable"),
            ("access-token=e30.e30.c2l", "the name of a variable"),
        ] {
            let reason = check(given).unwrap_err();
            assert!(reason.ends_with(expected), "{reason}");
            assert!(!reason.contains("sek"), "{reason}");
        }
        for given in [
            " a.b.c=\n",
            "ABCD==",
            "sc_é.k.a.MC4=",
            "http://127.0.0.1:1/a=b",
            "",
        ] {
            assert_eq!(check(given), Ok(()), "{given}");
        }
    }
}
