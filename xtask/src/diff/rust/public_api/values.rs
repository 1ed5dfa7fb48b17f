//! Behavior that is not part of a signature: serde attributes, limits, and the table of operations.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Expr, Lit, Member};

use super::tokens::shown;

pub(super) type Values = BTreeMap<String, String>;

/// Returns the literals in a body: limits, patterns, defaults and messages.
pub(super) fn literals(body: impl ToTokens) -> Values {
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
    collect(body.into_token_stream(), &mut found);
    // An error message contains the limit.
    if found.iter().any(|literal| literal.starts_with('"')) {
        found.retain(|literal| literal.starts_with('"'));
    }
    whole(&found)
}

/// Returns the serde attributes of an item.
pub(super) fn serde_attributes(attributes: &[Attribute]) -> Values {
    let serde = attributes.iter().filter(|of| of.path().is_ident("serde"));
    whole(&serde.map(|of| shown(&of.meta)).collect::<Vec<_>>())
}

fn whole(found: &[String]) -> Values {
    let whole = (!found.is_empty()).then(|| (String::new(), found.join(", ")));
    whole.into_iter().collect()
}

/// Returns the members of a constant by their path; responses are identified by their status.
pub(super) fn members(value: &Expr) -> Values {
    let mut members = Values::new();
    for (name, value) in fields(value) {
        let Some(elements) = elements(value) else {
            members.insert(format!(".{name}"), text(value));
            continue;
        };
        for (index, element) in elements.iter().enumerate() {
            let mut row = fields(element).map(|(name, value)| (name, text(value)));
            let (key, text) = match row.next() {
                Some((_, first)) => {
                    let rest = row.map(|(name, value)| format!("{name}: {value}"));
                    let key = first.trim_end_matches("u16").to_owned();
                    (key, rest.collect::<Vec<_>>().join(", "))
                }
                None => (index.to_string(), text(element)),
            };
            members.insert(format!(".{name}[{key}]"), text);
        }
    }
    members
}

/// Returns the fields of a struct expression except those that only inform readers.
fn fields(value: &Expr) -> impl Iterator<Item = (String, &Expr)> {
    let fields = match value {
        Expr::Struct(value) => Some(&value.fields),
        _ => None,
    };
    fields.into_iter().flatten().filter_map(|field| {
        let Member::Named(name) = &field.member else {
            return None;
        };
        let name = name.to_string();
        let is_for_people = matches!(&*name, "summary" | "description");
        (!is_for_people).then_some((name, &field.expr))
    })
}

/// Returns the elements of an array of structs.
fn elements(value: &Expr) -> Option<Vec<&Expr>> {
    match value {
        Expr::Reference(reference) => elements(&reference.expr),
        Expr::Array(array) => Some(array.elems.iter().collect()),
        _ => None,
    }
}

/// Returns a value as text; the order of media types does not matter.
fn text(value: &Expr) -> String {
    if let Some(elements) = elements(value) {
        let mut elements: Vec<_> = elements.into_iter().map(text).collect();
        elements.sort_unstable();
        return format!("[{}]", elements.join(", "));
    }
    if let Expr::Lit(literal) = value
        && let Lit::Str(literal) = &literal.lit
    {
        let literal = literal.value();
        let mut parts: Vec<_> = literal.split(", ").collect();
        parts.sort_unstable();
        return format!("{:?}", parts.join(", "));
    }
    shown(value.to_token_stream())
}
