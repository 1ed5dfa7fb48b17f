//! Names that lowering changed, and names that types share.

use std::collections::{BTreeMap, HashSet};

use authress_users_openapi::Document;
use proc_macro2::{Group, Literal, TokenStream, TokenTree};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, File, Item, LitStr, Meta};

use super::syntax::module;
use crate::generate::lower::original_names;

/// Restores the names of members and parameters that lowering changed to make them distinct.
pub(super) fn restore_names(file: &mut File, document: &Document) -> usize {
    let mut names = original_names(&document.value);
    if names.is_empty() {
        return 0;
    }
    // Progenitor writes the names of headers in lower case.
    let headers: Vec<_> = names
        .iter()
        .map(|(new, old)| (new.to_lowercase(), old.to_lowercase()))
        .collect();
    for (new, old) in headers {
        names.entry(new).or_insert(old);
    }
    let mut restore = Restore { names, places: 0 };
    restore.visit_file_mut(file);
    restore.places
}

struct Restore {
    names: BTreeMap<String, String>,
    places: usize,
}

impl Restore {
    fn original(&mut self, literal: &str) -> Option<String> {
        let original = self.names.get(literal).cloned();
        self.places += usize::from(original.is_some());
        original
    }

    /// Restores the names in the arguments of an attribute.
    fn tokens(&mut self, tokens: TokenStream) -> TokenStream {
        let restored = tokens.into_iter().map(|token| match token {
            TokenTree::Group(group) => {
                let tokens = self.tokens(group.stream());
                TokenTree::Group(Group::new(group.delimiter(), tokens))
            }
            TokenTree::Literal(literal) => {
                let text = syn::parse_str::<LitStr>(&literal.to_string());
                let original = text.ok().and_then(|text| self.original(&text.value()));
                TokenTree::Literal(original.map_or(literal, |text| Literal::string(&text)))
            }
            other => other,
        });
        restored.collect()
    }
}

impl VisitMut for Restore {
    fn visit_attribute_mut(&mut self, attribute: &mut Attribute) {
        if let Meta::List(list) = &mut attribute.meta
            && list.path.is_ident("serde")
        {
            list.tokens = self.tokens(std::mem::take(&mut list.tokens));
        }
    }

    fn visit_lit_str_mut(&mut self, literal: &mut LitStr) {
        if let Some(original) = self.original(&literal.value()) {
            *literal = LitStr::new(&original, literal.span());
        }
        visit_mut::visit_lit_str_mut(self, literal);
    }
}

/// The names of types that are defined twice.
pub(crate) fn duplicate_types(file: &mut File) -> Vec<String> {
    let mut names = HashSet::new();
    let types = module(&mut file.items, "types").iter();
    let types = types.filter_map(|item| match item {
        Item::Struct(item) => Some(item.ident.to_string()),
        Item::Enum(item) => Some(item.ident.to_string()),
        _ => None,
    });
    types.filter(|name| !names.insert(name.clone())).collect()
}

#[cfg(test)]
mod tests {
    use quote::ToTokens as _;
    use serde_json::json;
    use syn::parse_quote;

    use super::*;

    #[test]
    fn names_are_restored_in_attributes_and_calls() {
        let mut document = crate::testing::fixture_document().clone();
        document.value["x-original-names"] = json!({"user_id-2": "user_id", "X-Id-2": "X-Id"});
        let mut file: File = parse_quote! {
            struct A {
                #[serde(rename = "user_id-2", default)]
                user_id_2: i64,
            }
            fn send() {
                query("user_id-2").header("x-id-2").header("other");
            }
        };
        assert_eq!(restore_names(&mut file, &document), 3);
        let code = file.to_token_stream().to_string();
        assert!(code.contains(r#"rename = "user_id" , default"#), "{code}");
        assert!(
            code.contains(r#"query ("user_id") . header ("x-id") . header ("other")"#),
            "{code}"
        );
        assert_eq!(restore_names(&mut file, &document), 0);
    }

    #[test]
    fn types_that_are_defined_twice_are_found() {
        let mut file: File = parse_quote! {
            pub mod types {
                pub struct A;
                pub enum B {}
                pub struct B;
            }
        };
        assert_eq!(duplicate_types(&mut file), ["B"]);
    }
}
