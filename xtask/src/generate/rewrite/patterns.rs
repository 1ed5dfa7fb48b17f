//! Patterns. Progenitor compiles a regex for each; a pattern that only lists the allowed characters
//! becomes a check of the characters.

use quote::{format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprMethodCall, File, Item, LitStr, Pat, Path, Stmt, parse_quote};

use super::classes::{alternatives, is_ascii, members};
use super::syntax::{is_expr_path, visit_parsers};

/// What patterns of ids reject, and the functions of the raw crate that check it.
const REJECTIONS: [(&str, &str); 4] = [
    (r"(?!\.{1,2}$)", "reject_dots"),
    (
        r"(?!(?:[\s\S]*/)?\.{1,2}(?:;[^/]*)?(?:/|$))",
        "reject_dot_segments",
    ),
    (r"(?! |[\s\S]* $)", "reject_outer_spaces"),
    (
        r#"(?!["'\x60\xAB\xBB\u2018-\u201F\u2039\u203A][\s\S]*["'\x60\xAB\xBB\u2018-\u201F\u2039\u203A]$)"#,
        "reject_outer_quotes",
    ),
];

/// Replaces each regex for which this is possible by a check of the characters.
pub(super) fn check_characters(file: &mut File) -> usize {
    let mut check = Check(0);
    visit_parsers(file, &mut check);
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
            let search = block.stmts.iter().position(is_search);
            if let (Some(search), Some(checks)) = (search, pattern.as_deref().and_then(checks)) {
                block.stmts.splice(search..=search, checks);
                block.stmts.remove(position);
                self.0 += 1;
            }
        }
        visit_mut::visit_block_mut(self, block);
    }
}

/// Whether a statement is `if PATTERN.find(value).is_none() { … }`.
fn is_search(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Expr(Expr::If(check), _)
        if matches!(&*check.cond, Expr::MethodCall(ExprMethodCall { receiver, method, .. })
        if method == "is_none" && matches!(&**receiver, Expr::MethodCall(ExprMethodCall { receiver, method, .. })
            if method == "find" && matches!(&**receiver, Expr::Path(path) if path.path.is_ident("PATTERN")))))
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

/// The statements that check a `value` for a pattern: `^`, the [`REJECTIONS`], then `[…]+$`, `[\s\S]`,
/// `(?=[\s\S])` or nothing. Returns `None` for other patterns.
fn checks(pattern: &str) -> Option<Vec<Stmt>> {
    let mut rest = pattern.strip_prefix('^')?;
    let mut rejected = Vec::new();
    let mut checks = Vec::new();
    while !rest.is_empty() {
        let rejection = REJECTIONS.iter().find_map(|(text, function)| {
            Some((format_ident!("{function}"), rest.strip_prefix(text)?))
        });
        if let Some((function, after)) = rejection {
            checks.push(parse_quote!(crate::text::#function(value)?;));
            rest = after;
        } else if let Some((class, after)) = between(rest, "(?![\\s\\S]*[", "])") {
            let (is_negated, members) = members(class)?;
            if is_negated {
                checks.push(reject(&members, true));
            } else {
                rejected.extend(members);
            }
            rest = after;
        } else if let Some((characters, after)) = between(rest, "(?![\\s\\S]*(?:", "))") {
            rejected.extend(alternatives(characters)?);
            rest = after;
        } else if ["[\\s\\S]", "(?=[\\s\\S])"].contains(&rest) {
            checks.push(parse_quote!(crate::text::reject_empty(value)?;));
            break;
        } else {
            let (is_negated, members) = members(rest.strip_prefix('[')?.strip_suffix("]+$")?)?;
            checks.push(parse_quote!(crate::text::reject_empty(value)?;));
            checks.push(reject(&members, !is_negated));
            break;
        }
    }
    if !rejected.is_empty() {
        checks.insert(0, reject(&rejected, false));
    }
    if checks.is_empty() {
        return None;
    }
    // For readers, and for the comparison of two versions of the generated code.
    checks.insert(0, parse_quote!(const _: &str = #pattern;));
    Some(checks)
}

/// The text between `start`, with which `text` begins, and the first `end`, and the rest.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<(&'a str, &'a str)> {
    text.strip_prefix(start)?.split_once(end)
}

/// Rejects these characters, or all others.
fn reject(members: &[Pat], others: bool) -> Stmt {
    let not = others.then(|| quote!(!));
    let [ascii, rest] = [true, false].map(|wanted| {
        let members = members.iter();
        let wanted = members.filter(|member| is_ascii(member).is_none_or(|is| is == wanted));
        wanted.collect::<Vec<_>>()
    });
    let is_invalid: Expr = if ascii.is_empty() || rest.is_empty() {
        parse_quote!(#not matches!(character, #(#members)|*))
    } else {
        // ASCII characters, which most are, need few comparisons.
        parse_quote!(if character.is_ascii() {
            #not matches!(character, #(#ascii)|*)
        } else {
            #not matches!(character, #(#rest)|*)
        })
    };
    parse_quote! {
        crate::text::reject_characters(value, |character| #is_invalid)?;
    }
}

/// Replaces the count of the characters of a value by a function that is faster for ASCII.
pub(super) fn count_characters(file: &mut File) -> usize {
    struct Count(usize);
    impl VisitMut for Count {
        fn visit_expr_mut(&mut self, expression: &mut Expr) {
            visit_mut::visit_expr_mut(self, expression);
            if let Expr::MethodCall(count) = expression
                && count.method == "count"
                && let Expr::MethodCall(chars) = &*count.receiver
                && chars.method == "chars"
                && is_expr_path(&chars.receiver, &["value"])
            {
                *expression = parse_quote!(crate::text::length(value));
                self.0 += 1;
            }
        }
    }
    let mut count = Count(0);
    visit_parsers(file, &mut count);
    count.0
}

#[cfg(test)]
mod tests {
    use quote::ToTokens as _;

    use super::*;
    use crate::generate::{Spec, files};
    use crate::testing::edited;

    fn check(pattern: &str) -> Option<String> {
        // The first statement is the pattern.
        let checks = checks(pattern)?.into_iter().skip(1);
        Some(
            checks
                .map(|check| check.to_token_stream().to_string())
                .collect(),
        )
    }

    #[test]
    fn a_character_class_becomes_a_check_of_the_characters() {
        assert_eq!(
            check("^[a-z9-_.-]+$").unwrap(),
            "crate :: text :: reject_empty (value) ? ;\
             crate :: text :: reject_characters (value , | character | ! matches ! (character , \
             'a' ..= 'z' | '9' ..= '_' | '.' | '-')) ? ;"
        );
        assert_eq!(
            check(r"^(?!\.{1,2}$)[^\\\x00-\x1F]+$").unwrap(),
            "crate :: text :: reject_dots (value) ? ;crate :: text :: reject_empty (value) ? ;\
             crate :: text :: reject_characters (value , | character | matches ! (character , \
             '\\\\' | '\\0' ..= '\\u{1f}')) ? ;"
        );
        assert_eq!(
            check("^(?![\\s\\S]*[\\u200B])(?![\\s\\S]*(?:𝅳|𝅴|😀))(?! |[\\s\\S]* $)(?=[\\s\\S])")
                .unwrap(),
            "crate :: text :: reject_characters (value , | character | matches ! (character , \
             '\\u{200b}' | '\\u{1d173}' ..= '\\u{1d174}' | '😀')) ? ;\
             crate :: text :: reject_outer_spaces (value) ? ;\
             crate :: text :: reject_empty (value) ? ;"
        );
    }

    #[test]
    fn ascii_and_other_characters_are_compared_apart() {
        // A pattern names what is allowed, so that the check of its members is negated.
        for (class, not) in [("", "! "), ("^", "")] {
            let code = check(&format!(r"^[{class}a\x7F-\xA0\u200B]+$")).unwrap();
            let expected = format!(
                "crate :: text :: reject_empty (value) ? ;\
                 crate :: text :: reject_characters (value , | character | \
                 if character . is_ascii () {{ {not}matches ! (character , 'a' | '\\u{{7f}}' ..= '\\u{{a0}}') }} \
                 else {{ {not}matches ! (character , '\\u{{7f}}' ..= '\\u{{a0}}' | '\\u{{200b}}') }}) ? ;"
            );
            assert_eq!(code, expected);
        }
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
            "^(?![\\s\\S]*(?:ab|c))[\\s\\S]",
            "^(?![\\s\\S]*(?:.|c))[\\s\\S]",
            "^(?![\\s\\S]*(?:c|$))[\\s\\S]",
            "^(?![\\s\\S]*[a-z])[\\s\\S]+$",
            "^(?! )[\\s\\S]",
            "^",
        ] {
            assert_eq!(check(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_needs_a_regex_is_a_problem() {
        let document = edited(r"(?!\.{1,2}$)[\s\S]", r"(?!\.{1,2}$)[a-z]+(-[a-z]+)*$");
        let reason = files(&document, Spec::Own).unwrap_err().to_string();
        assert!(reason.contains("needs a regex"), "{reason}");
    }
}
