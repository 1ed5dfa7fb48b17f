//! Converts the provider's texts, which can contain HTML.

/// Returns `text` without HTML tags and entities.
pub(super) fn plain_text(text: &str) -> String {
    if !has_html(text) {
        return text.trim_end().to_owned();
    }
    let lines = nanohtml2text::html2text(text).replace("\r\n", "\n");
    let lines: Vec<_> = lines.trim().lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// Whether a text contains tags or entities; `a < b` does not.
fn has_html(text: &str) -> bool {
    let opens = |rest: &str| {
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        rest.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '!')
            && rest.contains('>')
    };
    let names = |rest: &str| {
        rest.split_once(';').is_some_and(|(name, _)| {
            (1..=8).contains(&name.len())
                && name
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || letter == '#')
        })
    };
    text.split('<').skip(1).any(opens) || text.split('&').skip(1).any(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts_html_and_keeps_plain_text() {
        for (html, text) in [
            (
                "<p>Returns one page. <i>The last names none.</i></p>",
                "Returns one page. The last names none.",
            ),
            (
                "The user.<br>As it is called.",
                "The user.\nAs it is called.",
            ),
            ("<ul><li>One</li><li>Two</li></ul>", "One\nTwo"),
            (
                "See <a href=\"https://a.example\" target=\"_blank\">the guide</a>.",
                "See the guide (https://a.example).",
            ),
            ("Fish &amp; chips&nbsp;", "Fish & chips"),
            ("<b>Unique</b> for each", "Unique for each"),
            ("a < b and c > d", "a < b and c > d"),
            ("A\n\n- list & `code`\n", "A\n\n- list & `code`"),
            ("<script>alert(1)</script>", ""),
        ] {
            assert_eq!(plain_text(html), text, "{html}");
        }
    }
}
