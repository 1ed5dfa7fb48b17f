//! Explains a rule with a wrong and a right example.

use std::fmt::Write as _;

use authress_users_openapi::Document;
use similar::{TextDiff, get_close_matches};

use super::check::problems_of;
use super::rules::{EXAMPLE, EXAMPLE_FILE, RULES, Rule, Scope, named};
use crate::problem::Failure;

/// How many lines of context the right example shows.
const CONTEXT: usize = 3;
/// How similar a code must be to be suggested, from 0 to 1.
const SIMILARITY: f32 = 0.5;

/// Describes the rule with this code.
pub(crate) fn explain(code: &str) -> Result<String, Failure> {
    let rule = named(code).ok_or_else(|| unknown(code))?;
    let mut text = format!("{}: {}\n\n", rule.code, rule.summary);
    text += &wrapped(rule.reason);
    let consumers: Vec<_> = rule.required_by.iter().map(ToString::to_string).collect();
    text += &wrapped(&format!(
        "Applies to {}. Required by {}.",
        applies_to(rule.scope),
        consumers.join(", ")
    ));
    text += "\nWrong:\n\n";
    let wrong = rule.wrong_example();
    for problem in problems_of(rule, &Document::parse(EXAMPLE_FILE, &wrong)?) {
        let _ = writeln!(text, "{problem}");
    }
    let _ = write!(text, "\nRight ({EXAMPLE_FILE}):\n\n");
    text += &correction(rule);
    Ok(text)
}

/// Lists every code with its summary.
pub(crate) fn list() -> String {
    let width = RULES
        .iter()
        .map(|rule| rule.code.as_str().len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for scope in [Scope::Any, Scope::Own] {
        let _ = writeln!(text, "For {}:", applies_to(scope));
        for rule in RULES.iter().filter(|rule| rule.scope == scope) {
            let _ = writeln!(text, "  {:width$}  {}", rule.code.as_str(), rule.summary);
        }
    }
    text
}

fn applies_to(scope: Scope) -> &'static str {
    match scope {
        Scope::Any => "any document",
        Scope::Own => "openapi/users.yaml and documents checked with --own",
    }
}

fn unknown(code: &str) -> Failure {
    let codes: Vec<_> = RULES.iter().map(|rule| rule.code.as_str()).collect();
    let similar = get_close_matches(code, &codes, 3, SIMILARITY);
    let similar = if similar.is_empty() {
        String::new()
    } else {
        format!("; similar codes: {}", similar.join(", "))
    };
    Failure::Unusable(format!(
        "unknown rule `{code}`{similar}; `cargo xtask lint --list` lists all rules"
    ))
}

/// The difference from the wrong to the right example.
fn correction(rule: &Rule) -> String {
    let wrong = rule.wrong_example();
    let difference = TextDiff::from_lines(&*wrong, EXAMPLE);
    let mut shown = difference.unified_diff();
    shown
        .context_radius(CONTEXT)
        .iter_hunks()
        .map(|hunk| hunk.to_string())
        .collect()
}

/// Wraps a text to the width of a terminal.
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
    fn a_rule_is_explained_with_a_wrong_and_a_right_example() {
        insta::assert_snapshot!(explain("missing-operation-id").unwrap());
    }

    #[test]
    fn every_rule_can_be_explained() {
        for rule in RULES {
            let text = explain(rule.code.as_str()).unwrap();
            let code = format!(": [{}] ", rule.code);
            assert!(
                text.contains(rule.summary) && text.contains(&code),
                "{text}"
            );
            let right = text.split_once("\nRight (").unwrap().1;
            assert!(right.contains("\n+") || right.contains("\n-"), "{text}");
        }
    }

    #[test]
    fn an_unknown_code_is_reported_with_similar_ones() {
        insta::assert_snapshot!(explain("missing-operation").unwrap_err());
        insta::assert_snapshot!(explain("zzz").unwrap_err());
    }

    #[test]
    fn the_list_has_every_rule() {
        let list = list();
        assert!(RULES.iter().all(|rule| list.contains(rule.summary)));
    }
}
