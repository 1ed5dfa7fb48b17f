use super::workspace::Workspace;
use crate::problem::Failure;

const FILE: &str = "CHANGELOG.md";

/// The newest entry is about the version that the crates have; a release has a date.
pub(super) fn obstacles(workspace: &Workspace, is_tagged: bool) -> Result<Vec<String>, Failure> {
    let text = workspace.text(FILE)?;
    Ok(obstacle(&text, &workspace.version, is_tagged)
        .into_iter()
        .collect())
}

fn obstacle(text: &str, version: &str, is_tagged: bool) -> Option<String> {
    let Some(heading) = text.lines().find_map(|line| line.strip_prefix("## ")) else {
        return Some(format!(
            "{FILE} has no entry: begin with `## {version}, unreleased`"
        ));
    };
    let (of, when) = heading.split_once(", ").unwrap_or((heading, ""));
    if of != version {
        return Some(format!(
            "the newest entry of {FILE} is {of}, and the crates have {version}"
        ));
    }
    match when {
        "unreleased" if is_tagged => Some(format!(
            "{FILE} calls {version} unreleased: put the day of the release there, as 2026-11-24"
        )),
        "unreleased" => None,
        day if is_day(day) => None,
        _ => Some(format!(
            "{FILE} says of {version} neither `unreleased` nor a day such as 2026-11-24"
        )),
    }
}

fn is_day(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_entry_is_about_the_crates_version_and_a_release_has_a_day() {
        for (heading, untagged, tagged) in [
            ("## 0.2.0, unreleased", true, false),
            ("## 0.2.0, 2026-11-24", true, true),
            ("## 0.2.0", false, false),
            ("## 0.2.0, soon", false, false),
            ("## 0.1.0, 2026-11-24", false, false),
            ("nothing", false, false),
        ] {
            let text = format!("# Changelog\n\n{heading}\n\n## 0.0.1, 2026-01-01\n");
            let text = if heading == "nothing" { "" } else { &text };
            assert_eq!(
                obstacle(text, "0.2.0", false).is_none(),
                untagged,
                "{heading}"
            );
            assert_eq!(obstacle(text, "0.2.0", true).is_none(), tagged, "{heading}");
        }
    }
}
