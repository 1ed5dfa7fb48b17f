//! Types of objects that keep members which the document does not name.

use std::collections::HashSet;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Expr, Field, FieldValue, Fields, File, ImplItemFn, Item, ItemImpl, ItemStruct, Member, Type,
    parse_quote,
};

use super::objects::{ADDITIONAL, has_argument, items_of, named_members};
use super::syntax::{is_expr_path, type_name};

/// The field that progenitor adds.
const GENERATED: &str = "extra";

/// Names the map of the other members, and gives it a type that is small while it is empty.
///
/// `accept_objects_only` then reads them without serde's `flatten`, which buffers the whole object and
/// fails on values that JSON allows and `Value` cannot represent.
pub(super) fn keep_additional_members(file: &mut File) -> usize {
    let Some(types) = items_of(&mut file.items, "types") else {
        return 0;
    };
    let (mut added, mut names) = (Vec::new(), HashSet::new());
    for item in types.iter() {
        if let Item::Struct(item) = item
            && has_map(item)
        {
            added.push(access(&item.ident));
            names.insert(item.ident.to_string());
        }
    }
    rename_all(types, &names);
    if let Some(builders) = items_of(types, "builder") {
        rename_all(builders, &names);
    }
    let places = added.len();
    types.extend(added.into_iter().map(Item::Impl));
    places
}

/// Whether a type has a map for members that the document does not name, and can be read.
fn has_map(item: &ItemStruct) -> bool {
    let Fields::Named(fields) = &item.fields else {
        return false;
    };
    let is_named = |field: &Field, name: &str| field.ident.as_ref().is_some_and(|own| own == name);
    let is_map = |field: &Field| {
        is_named(field, GENERATED)
            && type_name(&field.ty) == "Map"
            && has_argument(field, "flatten")
    };
    fields.named.iter().any(is_map)
        && !fields.named.iter().any(|field| is_named(field, ADDITIONAL))
        && named_members(item, GENERATED).is_some()
}

/// Access to single members and to the names of those without a value.
fn access(ident: &Ident) -> ItemImpl {
    parse_quote! {
        impl #ident {
            /// Returns the member `name` of [`additional`](Self::additional) as a `T`, or `None` if it
            /// is absent or null.
            ///
            /// `T` can borrow from this value, as `&str` does.
            ///
            /// # Errors
            /// Returns an error if the member has another type. It does not contain the value.
            pub fn get<'a, T>(
                &'a self,
                name: &str,
            ) -> ::std::result::Result<::std::option::Option<T>, ::serde_json::Error>
            where
                T: ::serde::Deserialize<'a>,
            {
                crate::members::get(&self.additional, name)
            }

            /// Returns the names of members that cannot be represented, such as a number beyond the
            /// range of `f64` (`1e999`). They are not serialized.
            pub fn skipped_members(&self) -> &[::std::string::String] {
                self.additional.skipped()
            }
        }
    }
}

/// Renames the map in types or their builders, and replaces its type.
fn rename_all(items: &mut [Item], names: &HashSet<String>) {
    for item in items {
        let name = match &*item {
            Item::Struct(own) => own.ident.to_string(),
            Item::Impl(own) => type_name(&own.self_ty),
            _ => continue,
        };
        if !names.contains(&name) {
            continue;
        }
        if let Ok(renamed) = syn::parse2(renamed(item.to_token_stream())) {
            *item = renamed;
        }
        ReplaceMap.visit_item_mut(item);
    }
}

/// Replaces the field's name, also in the builder's messages.
fn renamed(tokens: TokenStream) -> TokenStream {
    let messages = [
        "\"no value supplied for ",
        "\"error converting supplied value for ",
    ];
    let renamed = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let tokens = renamed(group.stream());
            TokenTree::Group(Group::new(group.delimiter(), tokens))
        }
        TokenTree::Ident(own) if own == GENERATED => {
            TokenTree::Ident(format_ident!("{ADDITIONAL}"))
        }
        TokenTree::Literal(literal) => {
            let text = literal.to_string();
            let renamed = messages.iter().find_map(|message| {
                let rest = text.strip_prefix(message)?.strip_prefix(GENERATED)?;
                format!("{message}{ADDITIONAL}{rest}").parse().ok()
            });
            TokenTree::Literal(renamed.unwrap_or(literal))
        }
        other => other,
    });
    renamed.collect()
}

/// Replaces the type of the map, in its field and in the builder's method. A builder starts with an
/// empty one, as with any optional member.
struct ReplaceMap;

impl VisitMut for ReplaceMap {
    fn visit_field_mut(&mut self, field: &mut Field) {
        if field.ident.as_ref().is_some_and(|own| own == ADDITIONAL) {
            if field.attrs.iter().any(|own| own.path().is_ident("serde")) {
                let text = " The members that the spec does not name.";
                field.attrs.insert(0, parse_quote!(#[doc = #text]));
            }
            MapType.visit_type_mut(&mut field.ty);
        }
    }

    fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
        if function.sig.ident == ADDITIONAL {
            MapType.visit_impl_item_fn_mut(function);
        }
        visit_mut::visit_impl_item_fn_mut(self, function);
    }

    fn visit_field_value_mut(&mut self, field: &mut FieldValue) {
        let is_missing =
            matches!(&field.expr, Expr::Call(call) if is_expr_path(&call.func, &["Err"]));
        if is_missing && matches!(&field.member, Member::Named(name) if name == ADDITIONAL) {
            field.expr = parse_quote!(Ok(Default::default()));
        }
    }
}

struct MapType;

impl VisitMut for MapType {
    fn visit_type_mut(&mut self, own: &mut Type) {
        if type_name(own) == "Map" {
            *own = parse_quote!(crate::AdditionalMembers);
        }
        visit_mut::visit_type_mut(self, own);
    }
}

#[cfg(test)]
mod tests {
    use super::super::objects::accept_objects_only;
    use super::*;
    use crate::generate::tests::{client, users_client};
    use crate::testing::edited;

    #[test]
    fn only_types_with_explicit_additional_members_keep_them() {
        let code = users_client();
        let field = "pub additional: crate::AdditionalMembers";
        assert_eq!(code.matches(field).count(), 1);
        assert!(code.contains("T: ::std::convert::TryInto<crate::AdditionalMembers>"));
        assert!(!code.contains("::serde_json::Map<"));
        let read = "crate::members::read_additional(";
        assert_eq!(code.matches(read).count(), 1);
        assert!(!code.contains("extra"));
        let from = "    Link:\n      type: object\n";
        let code = client(&edited(
            from,
            &format!("{from}      additionalProperties: true\n"),
        ));
        assert_eq!(code.matches(field).count(), 2);
        let read = "crate::members::read(&mut href, \"href\", &mut __object)?";
        assert!(code.contains(read), "{code}");
    }

    #[test]
    fn other_defaults_and_names_are_kept() {
        let mut file: File = parse_quote! {
            pub mod types {
                #[derive(::serde::Deserialize, Clone)]
                pub struct A {
                    #[serde(rename = "a-b", default = "defaults::a")]
                    pub a_b: u8,
                    #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
                    pub list: ::std::vec::Vec<u8>,
                    pub r#type: u8,
                    pub map: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                    #[serde(flatten)]
                    pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                }
                #[derive(::serde::Deserialize)]
                pub struct Taken {
                    pub additional: u8,
                    #[serde(flatten)]
                    pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                }
                pub mod builder {
                    impl ::std::convert::TryFrom<A> for super::A {
                        type Error = ();
                        fn try_from(value: A) -> ::std::result::Result<Self, ()> {
                            Ok(Self { extra: value.extra? })
                        }
                    }
                    impl ::std::default::Default for A {
                        fn default() -> Self {
                            Self { extra: Err("no value supplied for extra".to_string()) }
                        }
                    }
                    impl ::std::convert::From<super::A> for A {
                        fn from(value: super::A) -> Self {
                            Self { extra: Ok(value.extra) }
                        }
                    }
                    impl A {
                        fn extra() -> String {
                            "error converting supplied value for extra: {e}".into()
                        }
                    }
                }
            }
        };
        assert_eq!(keep_additional_members(&mut file), 1);
        assert_eq!(accept_objects_only(&mut file), 1);
        let code = prettyplease::unparse(&file);
        for expected in [
            "#[derive(Clone)]",
            "\"a-b\" => ::std::option::Option::Some(0u16)",
            "pub map: ::serde_json::Map<",
            "pub additional: crate::AdditionalMembers,",
            "a_b: a_b.unwrap_or_else(defaults::a)",
            "list: list.unwrap_or_else(::std::default::Default::default)",
            "r#type: r#type",
            "additional: value.additional?,",
            "additional: Ok(value.additional),",
            "additional: Ok(Default::default()),",
            "error converting supplied value for additional: {e}",
        ] {
            assert!(code.contains(expected), "{expected}: {code}");
        }
        // Its name for the map is taken.
        assert_eq!(code.matches("pub extra:").count(), 1, "{code}");
        assert_eq!(keep_additional_members(&mut file), 0);
    }
}
