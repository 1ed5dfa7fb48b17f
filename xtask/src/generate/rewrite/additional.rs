//! Types of objects that keep members which the document does not name.

use std::collections::HashSet;

use proc_macro2::{Group, Ident, Literal, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Expr, ExprPath, Field, FieldValue, Fields, File, ImplItemFn, Item, ItemImpl, ItemStruct,
    LitStr, Member, Type, parse_quote,
};

use super::syntax::{is_expr_path, type_name};
use super::types::take_derive;

/// The field that progenitor adds.
const GENERATED: &str = "extra";
const ADDITIONAL: &str = "additional";

/// A member that the document names.
struct Named {
    field: Ident,
    name: String,
    /// What stands for an absent member, unless it is required.
    default: Option<Expr>,
}

/// Names the map of the other members, gives it a type that is small while it is empty, and reads them
/// without serde's `flatten`, which buffers the whole object and fails on values that JSON allows and
/// `Value` cannot represent.
pub(super) fn keep_additional_members(file: &mut File) -> usize {
    let Some(types) = items_of(&mut file.items, "types") else {
        return 0;
    };
    let (mut added, mut names) = (Vec::new(), HashSet::new());
    for item in types.iter_mut() {
        let Item::Struct(item) = item else { continue };
        let Some(members) = named_members(item) else {
            continue;
        };
        let name = item.ident.clone();
        take_derive(&mut item.attrs, "Deserialize");
        added.push(deserialize(&name, &members));
        added.push(access(&name));
        names.insert(name.to_string());
    }
    rename_all(types, &names);
    if let Some(builders) = items_of(types, "builder") {
        rename_all(builders, &names);
    }
    let places = added.len();
    types.extend(added.into_iter().map(Item::Impl));
    places
}

fn items_of<'a>(items: &'a mut [Item], name: &str) -> Option<&'a mut Vec<Item>> {
    items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == name => Some(&mut module.content.as_mut()?.1),
        _ => None,
    })
}

/// The members of a type that derives `Deserialize` and has a map for the others.
fn named_members(item: &ItemStruct) -> Option<Vec<Named>> {
    let Fields::Named(fields) = &item.fields else {
        return None;
    };
    let is_named = |field: &&Field, name: &str| field.ident.as_ref().is_some_and(|own| own == name);
    let has_map = fields.named.iter().any(|field| {
        is_named(&field, GENERATED)
            && type_name(&field.ty) == "Map"
            && has_argument(field, "flatten")
    });
    let is_taken = |field| is_named(&field, ADDITIONAL);
    if !has_map || fields.named.iter().any(is_taken) {
        return None;
    }
    let named = fields.named.iter();
    named
        .filter(|field| !is_named(field, GENERATED))
        .map(named_member)
        .collect()
}

fn has_argument(field: &Field, name: &str) -> bool {
    field.attrs.iter().any(|attribute| {
        attribute.path().is_ident("serde")
            && attribute.parse_args::<Ident>().is_ok_and(|own| own == name)
    })
}

/// Returns `None` for a member whose attributes are not expected.
fn named_member(field: &Field) -> Option<Named> {
    let ident = field.ident.clone()?;
    let mut name = ident.to_string().trim_start_matches("r#").to_owned();
    let mut default: Option<Expr> =
        (type_name(&field.ty) == "Option").then(|| parse_quote!(::std::default::Default::default));
    for attribute in field
        .attrs
        .iter()
        .filter(|own| own.path().is_ident("serde"))
    {
        let parsed = attribute.parse_nested_meta(|argument| {
            let text = |value: syn::parse::ParseStream<'_>| value.parse::<LitStr>();
            if argument.path.is_ident("rename") {
                name = text(argument.value()?)?.value();
            } else if argument.path.is_ident("skip_serializing_if") {
                text(argument.value()?)?;
            } else if argument.path.is_ident("default") {
                default = Some(match argument.value() {
                    Ok(path) => Expr::Path(text(path)?.parse::<ExprPath>()?),
                    Err(_) => parse_quote!(::std::default::Default::default),
                });
            } else {
                return Err(argument.error("an unexpected attribute"));
            }
            Ok(())
        });
        parsed.ok()?;
    }
    Some(Named {
        field: ident,
        name,
        default,
    })
}

/// An implementation of `Deserialize` that reads each member once. Unlike the derived one, it
/// accepts objects only.
fn deserialize(ident: &Ident, members: &[Named]) -> ItemImpl {
    let fields: Vec<_> = members.iter().map(|member| &member.field).collect();
    let names: Vec<_> = members.iter().map(|member| &member.name).collect();
    let find = names.iter().zip(0_u16..);
    let find = find.map(|(name, index)| quote!(#name => ::std::option::Option::Some(#index),));
    let read = (0_u16..).zip(members).map(|(index, Named { field, name, .. })| {
        quote!(::std::option::Option::Some(#index) => crate::members::read(&mut #field, #name, &mut __object)?,)
    });
    let values = members.iter().map(|member| {
        let Named { field, name, .. } = member;
        let value = if let Some(default) = &member.default {
            quote!(unwrap_or_else(#default))
        } else {
            quote!(ok_or_else(|| <__A::Error as ::serde::de::Error>::missing_field(#name))?)
        };
        quote!(#field: #field.#value,)
    });
    let expecting = format!("struct {ident}");
    parse_quote! {
        impl<'de> ::serde::Deserialize<'de> for #ident {
            fn deserialize<__D>(deserializer: __D) -> ::std::result::Result<Self, __D::Error>
            where
                __D: ::serde::Deserializer<'de>,
            {
                struct __Members;
                impl<'de> ::serde::de::Visitor<'de> for __Members {
                    type Value = #ident;
                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str(#expecting)
                    }
                    #[inline]
                    fn visit_map<__A>(self, mut __object: __A) -> ::std::result::Result<#ident, __A::Error>
                    where
                        __A: ::serde::de::MapAccess<'de>,
                    {
                        #(let mut #fields = ::std::option::Option::None;)*
                        let mut additional = crate::AdditionalMembers::default();
                        let mut __other = ::std::string::String::new();
                        let __find = |name: &str| match name {
                            #(#find)*
                            _ => ::std::option::Option::None,
                        };
                        while let ::std::option::Option::Some(__member) =
                            __object.next_key_seed(crate::members::MemberName {
                                find: __find,
                                other: &mut __other,
                            })?
                        {
                            match __member {
                                #(#read)*
                                _ => crate::members::read_additional(
                                    &mut additional,
                                    ::std::mem::take(&mut __other),
                                    &mut __object,
                                )?,
                            }
                        }
                        ::std::result::Result::Ok(#ident {
                            #(#values)*
                            additional,
                        })
                    }
                }
                deserializer.deserialize_map(__Members)
            }
        }
    }
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
        "no value supplied for ",
        "error converting supplied value for ",
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
            let text = syn::parse_str::<LitStr>(&literal.to_string());
            let text = text.map(|text| text.value()).unwrap_or_default();
            let renamed = messages.iter().find_map(|message| {
                let rest = text.strip_prefix(message)?.strip_prefix(GENERATED)?;
                Some(format!("{message}{ADDITIONAL}{rest}"))
            });
            TokenTree::Literal(renamed.map_or(literal, |text| Literal::string(&text)))
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
        assert_eq!(
            code.matches("deserializer.deserialize_map(__Members)")
                .count(),
            1
        );
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
        assert_eq!(keep_additional_members(&mut file), 2);
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
