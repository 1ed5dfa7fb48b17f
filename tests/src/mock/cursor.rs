use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const PREFIX: &str = "after:";

/// Returns the opaque cursor of the page that starts after the user with this number.
pub(crate) fn encode(number: u64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{PREFIX}{number}"))
}

/// Returns the number in a cursor; none if the fake did not issue it.
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
    fn only_encoded_cursors_are_decoded() {
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
