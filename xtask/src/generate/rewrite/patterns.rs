//! Patterns. Progenitor compiles a regex for each; a pattern that only lists the allowed characters
//! becomes a check of the characters.

use std::iter::Peekable;
use std::str::Chars;

use quote::quote;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprMethodCall, File, Item, LitStr, Pat, Path, Stmt, parse_quote};

/// The start of the patterns of ids, which rejects the path segments `.` and `..`.
const NO_DOT_SEGMENT: &str = r"(?!\.{1,2}$)";

/// Replaces each regex for which this is possible by a check of the characters.
pub(super) fn check_characters(file: &mut File) -> usize {
    let mut check = Check(0);
    check.visit_file_mut(file);
    check.0
}

/// Whether a regex is left.
pub(super) fn needs_regex(file: &mut File) -> bool {
    struct Find(bool);
    impl VisitMut for Find {
        fn visit_path_mut(&mut self, path: &mut Path) {
            self.0 |= path
                .segments
                .first()
                .is_some_and(|first| first.ident == "regress");
            visit_mut::visit_path_mut(self, path);
        }
    }
    let mut find = Find(false);
    find.visit_file_mut(file);
    find.0
}

struct Check(usize);

impl VisitMut for Check {
    fn visit_block_mut(&mut self, block: &mut Block) {
        if let Some(position) = block.stmts.iter().position(is_pattern) {
            let pattern = literal(&block.stmts[position]);
            if let Some(violation) = pattern.as_deref().and_then(violates) {
                block.stmts.remove(position);
                Replace(violation).visit_block_mut(block);
                self.0 += 1;
            }
        }
        visit_mut::visit_block_mut(self, block);
    }
}

/// Replaces the regex search by the check.
struct Replace(Expr);

impl VisitMut for Replace {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        if is_search(expression) {
            *expression = self.0.clone();
        } else {
            visit_mut::visit_expr_mut(self, expression);
        }
    }
}

/// Whether an expression is `PATTERN.find(value).is_none()`.
fn is_search(expression: &Expr) -> bool {
    matches!(expression, Expr::MethodCall(ExprMethodCall { receiver, method, .. })
        if method == "is_none" && matches!(&**receiver, Expr::MethodCall(ExprMethodCall { receiver, method, .. })
            if method == "find" && matches!(&**receiver, Expr::Path(path) if path.path.is_ident("PATTERN"))))
}

fn is_pattern(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Item(Item::Static(item)) if item.ident == "PATTERN")
}

/// The string literal in the initializer of a regex.
fn literal(statement: &Stmt) -> Option<String> {
    struct Find(Option<String>);
    impl VisitMut for Find {
        fn visit_lit_str_mut(&mut self, literal: &mut LitStr) {
            self.0 = Some(literal.value());
        }
    }
    let mut find = Find(None);
    find.visit_stmt_mut(&mut statement.clone());
    find.0
}

/// An expression that is true for a `value` that violates a pattern of the form `^[…]+$`, optionally
/// with [`NO_DOT_SEGMENT`] after the `^`. Returns `None` for other patterns.
fn violates(pattern: &str) -> Option<Expr> {
    let rest = pattern.strip_prefix('^')?;
    let (rejects_dots, rest) = match rest.strip_prefix(NO_DOT_SEGMENT) {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let class = rest.strip_prefix('[')?.strip_suffix("]+$")?;
    let (is_negated, class) = match class.strip_prefix('^') {
        Some(class) => (true, class),
        None => (false, class),
    };
    let members = members(class)?;
    let dots = rejects_dots.then(|| quote!(matches!(value, "." | "..") ||));
    let not = (!is_negated).then(|| quote!(!));
    Some(parse_quote! {
        #dots value.is_empty() || value.chars().any(|character| #not matches!(character, #(#members)|*))
    })
}

/// The characters and ranges of a character class.
fn members(class: &str) -> Option<Vec<Pat>> {
    let mut rest = class.chars().peekable();
    let mut members = Vec::new();
    while rest.peek().is_some() {
        if let Some(several) = several(&rest) {
            members.extend(several);
            rest.nth(1);
            continue;
        }
        let first = character(&mut rest)?;
        let mut ahead = rest.clone();
        // A hyphen at the end is literal.
        if ahead.next() == Some('-') && ahead.peek().is_some() {
            rest.next();
            let last = character(&mut rest)?;
            members.push(parse_quote!(#first..=#last));
        } else {
            members.push(parse_quote!(#first));
        }
    }
    (!members.is_empty()).then_some(members)
}

/// The characters of an escape such as `\d`.
fn several(rest: &Peekable<Chars<'_>>) -> Option<Vec<Pat>> {
    let mut rest = rest.clone();
    match (rest.next()?, rest.next()?) {
        ('\\', 'd') => Some(vec![parse_quote!('0'..='9')]),
        ('\\', 'w') => Some(vec![
            parse_quote!('a'..='z'),
            parse_quote!('A'..='Z'),
            parse_quote!('0'..='9'),
            parse_quote!('_'),
        ]),
        ('\\', 's') => Some(vec![
            parse_quote!('\t'..='\r'),
            parse_quote!(' '),
            parse_quote!('\u{a0}'),
            parse_quote!('\u{1680}'),
            parse_quote!('\u{2000}'..='\u{200a}'),
            parse_quote!('\u{2028}' | '\u{2029}' | '\u{202f}'),
            parse_quote!('\u{205f}' | '\u{3000}' | '\u{feff}'),
        ]),
        _ => None,
    }
}

/// One character of a class, escaped or not. Returns `None` for escapes of several characters.
fn character(rest: &mut Peekable<Chars<'_>>) -> Option<char> {
    match rest.next()? {
        '\\' => match rest.next()? {
            'x' => {
                let digits: String = rest.by_ref().take(2).collect();
                let code = u8::from_str_radix(&digits, 16).ok()?;
                (digits.len() == 2).then_some(char::from(code))
            }
            escaped if escaped.is_ascii_punctuation() => Some(escaped),
            _ => None,
        },
        '[' | ']' => None,
        plain => Some(plain),
    }
}

#[cfg(test)]
mod tests {
    use quote::ToTokens as _;

    use super::*;
    use crate::generate::{Spec, files};
    use crate::testing::edited;

    fn check(pattern: &str) -> Option<String> {
        let check = violates(pattern)?;
        Some(check.to_token_stream().to_string())
    }

    #[test]
    fn a_character_class_becomes_a_check_of_the_characters() {
        assert_eq!(
            check("^[a-z9-_.-]+$").unwrap(),
            "value . is_empty () || value . chars () . any (| character | ! matches ! (character , \
             'a' ..= 'z' | '9' ..= '_' | '.' | '-'))"
        );
        assert_eq!(
            check(r"^(?!\.{1,2}$)[^\\\x00-\x1F]+$").unwrap(),
            "matches ! (value , \".\" | \"..\") || value . is_empty () || value . chars () . any \
             (| character | matches ! (character , '\\\\' | '\\0' ..= '\\u{1f}'))"
        );
    }

    #[test]
    fn other_patterns_are_kept() {
        for pattern in [
            "[a-z]+",
            "^[a-z]*$",
            "^[a-z]+",
            "^a[a-z]+$",
            "^(?!a$)[a-z]+$",
            r"^[\S]+$",
            r"^[a-\d]+$",
            r"^[\x4]+$",
            "^[a]+[b]+$",
            "^[]+$",
            "^[a-z]+$|^[0-9]+$",
        ] {
            assert_eq!(check(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_needs_a_regex_is_a_problem() {
        let document = edited("[a-zA-Z0-9_.:-]+$", "[a-z]+(-[a-z]+)*$");
        let reason = files(&document, Spec::Own).unwrap_err().to_string();
        assert!(reason.contains("needs a regex"), "{reason}");
    }
}
