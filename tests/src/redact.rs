//! Values from the wire, as findings show them.

/// The longest text of a finding, in characters.
const MAX_LENGTH: usize = 300;
/// Shorter parts of a credential are too common to hide.
const MIN_PART: usize = 8;
const HIDDEN: char = '…';

/// Returns a text that is safe to print: without credentials and control characters, and shortened.
///
/// A server may repeat a token that it received, so every value from the wire needs this. `secrets`
/// are the known credentials; other tokens are recognized by their form.
pub(crate) fn printable(text: &str, secrets: &[&str]) -> String {
    let shown = without_tokens(text, secrets);
    let mut escaped = String::new();
    for (index, character) in shown.chars().enumerate() {
        if index == MAX_LENGTH {
            escaped.push(HIDDEN);
            break;
        }
        if is_invisible(character) {
            escaped.extend(character.escape_unicode());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Returns whether a character is a control or format character, which terminals interpret.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{e0000}'..='\u{e007f}')
}

fn without_tokens(text: &str, secrets: &[&str]) -> String {
    let mut shown = String::new();
    let mut rest = text;
    let mut last_word = "";
    // Whether the last word was hidden, and a dot follows it: the parts of a JWT.
    let mut continues = false;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|character| !is_in_token(character));
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        if word.is_empty() {
            let (separator, after) = rest.split_at(first.len_utf8());
            let was_hidden = shown.ends_with(HIDDEN);
            continues = was_hidden && separator == ".";
            shown.push_str(separator);
            rest = after;
            continue;
        }
        let follows_scheme = ["bearer", "basic"]
            .iter()
            .any(|scheme| last_word.eq_ignore_ascii_case(scheme));
        if continues || (follows_scheme && word.len() >= MIN_PART) || is_token(word, secrets) {
            shown.push(HIDDEN);
        } else {
            shown.push_str(word);
        }
        continues = false;
        last_word = word;
        rest = after;
    }
    shown
}

fn is_in_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}

/// Returns whether a word is in a known credential, contains a part of one, or has the form of one.
fn is_token(word: &str, secrets: &[&str]) -> bool {
    if word.len() < MIN_PART {
        return false;
    }
    let has = |is_kind: fn(&u8) -> bool| word.bytes().any(|byte| is_kind(&byte));
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    // The base64 of `{"`, with which the parts of a JWT start.
    word.starts_with("eyJ")
        || (word.len() >= 20 && is_mixed && has(u8::is_ascii_digit))
        || secrets
            .iter()
            .flat_map(|secret| secret.split(|character| !is_in_token(character)))
            .filter(|part| part.len() >= MIN_PART)
            .any(|part| part.contains(word) || word.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_values_are_unchanged() {
        for text in [
            "Content-Type: text/html; charset=utf-8",
            "Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "a string that matches ^[^/]+$ at /users/*/userId",
            "GET /v1/users/…",
            "",
        ] {
            assert_eq!(printable(text, &["sekrit-sekrit"]), text);
        }
    }

    #[test]
    fn tokens_are_hidden_whole_or_in_part() {
        let token = "opaque-sekrit-0001";
        for text in [
            "text/opaque-sekrit-0001",
            "echo_opaque-sekrit-0001x",
            "opaque-sekrit",
            "a=sekrit-0001;b",
            "\u{1}opaque-sekrit-0001\u{1}",
            "Bearer another-sekrit",
            "x eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJzZWtyaXQifQ sekri",
            "c2Vrcml0U2VrcmlSekrit0sekrit",
        ] {
            let shown = printable(text, &[token]);
            assert!(
                !shown.contains("sekrit") && !shown.contains("eyJ"),
                "{shown}"
            );
            assert!(shown.contains('…'), "{shown}");
        }
    }

    #[test]
    fn control_characters_are_escaped_and_long_values_cut() {
        assert_eq!(
            printable("a\u{1b}[31m\r\n\u{202e}b\u{feff}", &[]),
            "a\\u{1b}[31m\\u{d}\\u{a}\\u{202e}b\\u{feff}"
        );
        let long = printable(&"ä b".repeat(1_000), &[]);
        assert_eq!(long.chars().count(), MAX_LENGTH + 1);
    }
}
