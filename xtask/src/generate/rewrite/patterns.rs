//! Checks of texts. The generator compiles a regex for each pattern of the document; patterns that
//! only say which characters a text is made of need none.

use std::iter::Peekable;
use std::str::Chars;

use quote::{ToTokens as _, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, File, Item, Lit, Pat, Stmt, parse_quote};

/// What URLs take for a step in the path, and what patterns of ids begin with to forbid it.
const NO_STEP: &str = r"(?!\.{1,2}$)";

/// Turns each regex that can be into a look at the characters.
pub(super) fn check_characters(file: &mut File) -> usize {
    let mut check = Check(0);
    check.visit_file_mut(file);
    check.0
}

struct Check(usize);

impl VisitMut for Check {
    fn visit_block_mut(&mut self, block: &mut Block) {
        if let Some(position) = block.stmts.iter().position(is_pattern) {
            let pattern = literal(&block.stmts[position]);
            if let Some(is_broken) = pattern.as_deref().and_then(is_broken) {
                block.stmts.remove(position);
                Replace(is_broken).visit_block_mut(block);
                self.0 += 1;
            }
        }
        visit_mut::visit_block_mut(self, block);
    }
}

/// Puts the check in the place of the search.
struct Replace(Expr);

impl VisitMut for Replace {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        if expression.to_token_stream().to_string() == "PATTERN . find (value) . is_none ()" {
            *expression = self.0.clone();
        } else {
            visit_mut::visit_expr_mut(self, expression);
        }
    }
}

fn is_pattern(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Item(Item::Static(item)) if item.ident == "PATTERN")
}

/// The one text that the making of a regex holds.
fn literal(statement: &Stmt) -> Option<String> {
    struct Find(Option<String>);
    impl VisitMut for Find {
        fn visit_lit_mut(&mut self, literal: &mut Lit) {
            if let Lit::Str(text) = literal {
                self.0 = Some(text.value());
            }
        }
    }
    let mut find = Find(None);
    find.visit_stmt_mut(&mut statement.clone());
    find.0
}

/// When a text breaks a pattern of the form `^[…]+$`, which may begin with [`NO_STEP`]; none for
/// any other pattern.
fn is_broken(pattern: &str) -> Option<Expr> {
    let rest = pattern.strip_prefix('^')?;
    let (forbids_steps, rest) = match rest.strip_prefix(NO_STEP) {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let class = rest.strip_prefix('[')?.strip_suffix("]+$")?;
    let (is_negated, class) = match class.strip_prefix('^') {
        Some(class) => (true, class),
        None => (false, class),
    };
    let members = members(class)?;
    let steps = forbids_steps.then(|| quote!(matches!(value, "." | "..") ||));
    let not = (!is_negated).then(|| quote!(!));
    Some(parse_quote! {
        #steps value.is_empty() || value.chars().any(|character| #not matches!(character, #(#members)|*))
    })
}

/// The characters and ranges of a class.
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
        // A hyphen at the end stands for itself.
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

/// What an escape stands for that stands for several characters.
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

/// One character as a class writes it; none where it stands for several.
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
    use super::*;
    use crate::generate::bindings;
    use crate::testing::edited;

    fn check(pattern: &str) -> Option<String> {
        is_broken(pattern).map(|check| check.to_token_stream().to_string())
    }

    #[test]
    fn a_pattern_of_characters_becomes_a_look_at_them() {
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
    fn a_pattern_that_says_more_is_none_of_these() {
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
    fn a_pattern_that_would_need_a_regex_is_told() {
        let document = edited("[a-zA-Z0-9_.:-]+$", "[a-z]+(-[a-z]+)*$");
        let reason = bindings(&document).unwrap_err().to_string();
        assert!(reason.contains("needs a regex"), "{reason}");
    }
}
