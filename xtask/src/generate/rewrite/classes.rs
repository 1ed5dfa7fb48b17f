//! Character classes of regular expressions, as patterns of `char`.

use std::iter::Peekable;
use std::str::Chars;

use syn::{Expr, ExprLit, Lit, Pat, parse_quote};

/// Whether a character class is negated, and its characters and ranges.
pub(super) fn members(class: &str) -> Option<(bool, Vec<Pat>)> {
    let (is_negated, class) = match class.strip_prefix('^') {
        Some(class) => (true, class),
        None => (false, class),
    };
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
    (!members.is_empty()).then_some((is_negated, members))
}

/// The single characters between `|`, as ranges where they follow each other.
pub(super) fn alternatives(text: &str) -> Option<Vec<Pat>> {
    let mut ranges: Vec<(char, char)> = Vec::new();
    for alternative in text.split('|') {
        // Outside of a class, these have a meaning of their own.
        if alternative.starts_with(['.', '*', '+', '?', '^', '$', '{', '}']) {
            return None;
        }
        let mut rest = alternative.chars().peekable();
        let next = character(&mut rest)?;
        if rest.peek().is_some() {
            return None;
        }
        match ranges.last_mut() {
            Some((_, last)) if (*last..=next).nth(1) == Some(next) => *last = next,
            _ => ranges.push((next, next)),
        }
    }
    let pattern = |(first, last)| {
        if first == last {
            parse_quote!(#first)
        } else {
            parse_quote!(#first..=#last)
        }
    };
    Some(ranges.into_iter().map(pattern).collect())
}

/// Whether a pattern of `char` matches ASCII characters, or others; `None` if it may match both.
pub(super) fn is_ascii(pattern: &Pat) -> Option<bool> {
    let is_ascii = |literal: &ExprLit| match &literal.lit {
        Lit::Char(character) => Some(character.value().is_ascii()),
        _ => None,
    };
    let is_ascii_bound = |bound: &Option<Box<Expr>>| match bound.as_deref() {
        Some(Expr::Lit(literal)) => is_ascii(literal),
        _ => None,
    };
    match pattern {
        Pat::Lit(literal) => is_ascii(literal),
        Pat::Range(range) => {
            is_ascii_bound(&range.end).filter(|end| is_ascii_bound(&range.start) == Some(*end))
        }
        _ => None,
    }
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
            'x' => code(rest, 2),
            'u' => code(rest, 4),
            escaped if escaped.is_ascii_punctuation() => Some(escaped),
            _ => None,
        },
        // These start or end a class or group.
        '[' | ']' | '(' | ')' => None,
        plain => Some(plain),
    }
}

/// The character with a code of this many hexadecimal digits.
fn code(rest: &mut Peekable<Chars<'_>>, digits: usize) -> Option<char> {
    let text: String = rest.by_ref().take(digits).collect();
    let is_complete = text.len() == digits && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    let code = is_complete.then(|| u32::from_str_radix(&text, 16).ok());
    code.flatten().and_then(char::from_u32)
}
