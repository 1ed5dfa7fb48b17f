use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const PREFIX: &str = "after:";

/// The cursor of the page that starts behind the user with this number. Clients must not read it.
pub(crate) fn encode(number: u64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{PREFIX}{number}"))
}

/// The number in a cursor of ours.
pub(crate) fn decode(cursor: &str) -> Option<u64> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    text.strip_prefix(PREFIX)?
        .parse()
        .ok()
        .filter(|number| *number < u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_user_and_nothing_else_is_a_cursor() {
        for number in [0, 1, 99, u64::MAX - 1] {
            assert_eq!(decode(&encode(number)), Some(number));
        }
        for other in [
            "",
            "1",
            "after:1",
            "YWZ0ZXI6",
            "!",
            &encode(7).to_uppercase(),
        ] {
            assert_eq!(decode(other), None, "{other}");
        }
    }
}
