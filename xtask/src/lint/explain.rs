//! A rule in full, with a document that breaks it.

use std::fmt::Write as _;

use similar::{TextDiff, get_close_matches};

use super::checked;
use super::rules::{DOCUMENTS, RULES, Rule, Scope, named};
use crate::problem::Failure;
use authress_users_openapi::Document;

/// How many lines are shown around what makes a document right.
const CONTEXT: usize = 3;
/// How alike two codes are to be taken for each other, from 0 to 1.
const ALIKE: f32 = 0.5;

/// All that there is to know of the rule with this code.
pub(crate) fn explain(code: &str) -> Result<String, Failure> {
    let rule = named(code).ok_or_else(|| unknown(code))?;
    let mut text = format!("{}: {}\n\n", rule.code, rule.summary);
    text += &wrapped(rule.why);
    let reliants: Vec<_> = rule.relied_on_by.iter().map(ToString::to_string).collect();
    let scope = match rule.scope {
        Scope::Any => "It holds for any document",
        Scope::Own => "It holds for openapi/users.yaml, and for what is linted with --own",
    };
    text += &wrapped(&format!(
        "{scope}. Who relies on it: {}.",
        reliants.join(", ")
    ));
    text += "\nWrong:\n\n";
    let name = format!("{DOCUMENTS}/{code}.wrong.yaml");
    for problem in checked(&Document::parse(&name, rule.wrong)?, rule.scope) {
        // What it takes to write into a string, it takes always.
        let _ = writeln!(text, "{problem}");
    }
    let _ = write!(text, "\nRight ({DOCUMENTS}/{code}.right.yaml):\n\n");
    text += &difference(rule);
    Ok(text)
}

/// Every code with what it stands for.
pub(crate) fn list() -> String {
    let width = RULES
        .iter()
        .map(|rule| rule.code.as_str().len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for (scope, title) in [
        (Scope::Any, "For any document:"),
        (
            Scope::Own,
            "For openapi/users.yaml, and for what is linted with --own:",
        ),
    ] {
        let _ = writeln!(text, "{title}");
        for rule in RULES.iter().filter(|rule| rule.scope == scope) {
            let _ = writeln!(text, "  {:width$}  {}", rule.code.as_str(), rule.summary);
        }
    }
    text
}

fn unknown(code: &str) -> Failure {
    let codes: Vec<_> = RULES.iter().map(|rule| rule.code.as_str()).collect();
    let near = get_close_matches(code, &codes, 3, ALIKE);
    let near = if near.is_empty() {
        String::new()
    } else {
        format!("; near it are {}", near.join(", "))
    };
    Failure::Unusable(format!(
        "there is no rule `{code}`{near}; `cargo xtask lint --list` names all"
    ))
}

/// What makes the wrong document right.
fn difference(rule: &Rule) -> String {
    let difference = TextDiff::from_lines(rule.wrong, rule.right);
    let mut shown = difference.unified_diff();
    shown
        .context_radius(CONTEXT)
        .iter_hunks()
        .map(|hunk| hunk.to_string())
        .collect()
}

/// A text in lines of a width that terminals have.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 90;
    let mut lines = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let needed = word.chars().count() + 1;
        if length > 0 && length + needed > WIDTH {
            lines.push('\n');
            length = 0;
        }
        if length > 0 {
            lines.push(' ');
        }
        lines += word;
        length += needed;
    }
    lines + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_explained_with_a_wrong_and_a_right_document() {
        insta::assert_snapshot!(explain("missing-operation-id").unwrap());
    }

    #[test]
    fn every_rule_can_be_explained() {
        for rule in RULES {
            let text = explain(rule.code.as_str()).unwrap();
            for part in [
                rule.summary,
                ".wrong.yaml:",
                &format!("[{}]", rule.code),
                "\n+",
            ] {
                assert!(
                    text.contains(part) || part == "\n+" && text.contains("\n-"),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn a_code_that_is_none_is_told_with_those_near_it() {
        insta::assert_snapshot!(explain("missing-operation").unwrap_err());
        insta::assert_snapshot!(explain("zzz").unwrap_err());
    }

    #[test]
    fn the_list_has_every_code() {
        let list = list();
        assert!(RULES.iter().all(|rule| list.contains(rule.summary)));
    }
}
