//! What steers behaviour without being part of a signature.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Expr};

/// The constants in a body, in their order: bounds, patterns, defaults, and how a refusal is told.
pub(super) fn literals(body: &TokenStream) -> BTreeMap<String, String> {
    fn collect(tokens: TokenStream, found: &mut Vec<String>) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => collect(group.stream(), found),
                TokenTree::Literal(literal) => found.push(literal.to_string()),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    collect(body.clone(), &mut found);
    // Where a refusal is told, the bound is part of what is said.
    if found.iter().any(|constant| constant.starts_with('"')) {
        found.retain(|constant| constant.starts_with('"'));
    }
    if found.is_empty() {
        return BTreeMap::new();
    }
    BTreeMap::from([("constants".to_owned(), found.join(", "))])
}

/// How serde is told to treat an item: its name in JSON, its default, when it is left out.
pub(super) fn attributes(attributes: &[Attribute]) -> BTreeMap<String, String> {
    let serde: Vec<_> = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
        .map(|attribute| tight(&attribute.meta))
        .collect();
    if serde.is_empty() {
        return BTreeMap::new();
    }
    BTreeMap::from([("serde".to_owned(), serde.join(", "))])
}

/// The members of a constant; answers are told apart by their status.
pub(super) fn members(value: &Expr) -> BTreeMap<String, String> {
    let mut members = BTreeMap::new();
    let Expr::Struct(value) = value else {
        return members;
    };
    for field in &value.fields {
        let name = field.member.to_token_stream().to_string();
        // What is said to people steers nothing.
        if matches!(&*name, "summary" | "description") {
            continue;
        }
        let Some(elements) = elements(&field.expr) else {
            let text = tight(&field.expr);
            let text = if name == "accept" {
                in_any_order(&text)
            } else {
                text
            };
            members.insert(format!(".{name}"), text);
            continue;
        };
        for (index, element) in elements.into_iter().enumerate() {
            let Expr::Struct(row) = element else {
                let text = tight(element);
                members.insert(format!(".{name}[{index}]"), text);
                continue;
            };
            let mut told = row.fields.iter().filter(
                |field| !matches!(&field.member, syn::Member::Named(name) if name == "description"),
            );
            let key = told.next().map_or_else(String::new, |first| {
                let text = tight(&first.expr);
                text.trim_end_matches("u16").to_owned()
            });
            let rest: Vec<_> = told.map(|field| in_any_order(&tight(field))).collect();
            members.insert(format!(".{name}[{key}]"), rest.join(", "));
        }
    }
    members
}

/// Media types that are alike, whichever stands first.
fn in_any_order(text: &str) -> String {
    let is_bracket = |c: char| matches!(c, '"' | '[' | ']');
    let (Some(start), Some(end)) = (text.find(is_bracket), text.rfind(is_bracket)) else {
        return text.to_owned();
    };
    let mut listed: Vec<_> = text[start + 1..end.max(start + 1)].split(", ").collect();
    listed.sort_unstable();
    format!("{}{}{}", &text[..=start], listed.join(", "), &text[end..])
}

fn elements(value: &Expr) -> Option<Vec<&Expr>> {
    match value {
        Expr::Reference(reference) => elements(&reference.expr),
        Expr::Array(array) => Some(array.elems.iter().collect()),
        _ => None,
    }
}

/// Tokens as a person would set them.
fn tight(tokens: &impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string();
    for (loose, close) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" , ", ", "),
        (" (", "("),
        ("& ", "&"),
        (" : ", ": "),
        (", }", " }"),
    ] {
        text = text.replace(loose, close);
    }
    text
}
