//! How types of objects are read.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    Expr, ExprPath, Field, Fields, File, Ident, Item, ItemImpl, ItemStruct, LitStr, parse_quote,
};

use super::syntax::type_name;
use super::types::take_derive;

/// The field of members that the document does not name.
pub(super) const ADDITIONAL: &str = "additional";

/// The function by which serde requires an optional value to be there.
const REQUIRED_OPTION: &str = "::std::option::Option::deserialize";

/// A member that the document names.
pub(super) struct Named {
    field: Ident,
    name: String,
    /// What stands for an absent member, unless it is required.
    default: Option<Expr>,
}

/// What becomes of members that the document does not name.
#[derive(Clone, Copy)]
enum Others {
    Kept,
    Ignored,
}

/// Replaces the derived `Deserialize`, which also accepts arrays: in `"pagination":[{"next":{…}}]` it
/// finds no next page.
pub(super) fn accept_objects_only(file: &mut File) -> usize {
    let Some(types) = items_of(&mut file.items, "types") else {
        return 0;
    };
    let mut added = Vec::new();
    for item in types.iter_mut() {
        let Item::Struct(item) = item else { continue };
        let Some(members) = named_members(item, ADDITIONAL) else {
            continue;
        };
        if take_derive(&mut item.attrs, "Deserialize") {
            let others = if has_map(item) {
                Others::Kept
            } else {
                Others::Ignored
            };
            added.push(deserialize(&item.ident, &members, others));
        }
    }
    let places = added.len();
    types.extend(added.into_iter().map(Item::Impl));
    places
}

/// The named members of an object without attributes of its own for serde, except for the map `others`.
/// Returns `None` if their attributes are not expected.
pub(super) fn named_members(item: &ItemStruct, others: &str) -> Option<Vec<Named>> {
    let Fields::Named(fields) = &item.fields else {
        return None;
    };
    if item.attrs.iter().any(|own| own.path().is_ident("serde")) {
        return None;
    }
    let is_map = |field: &&Field| {
        field.ident.as_ref().is_some_and(|own| own == others) && has_argument(field, "flatten")
    };
    let named = fields.named.iter();
    named
        .filter(|field| !is_map(field))
        .map(named_member)
        .collect()
}

/// Whether the type has a map for members that the document does not name.
fn has_map(item: &ItemStruct) -> bool {
    item.fields
        .iter()
        .any(|field| type_name(&field.ty) == "AdditionalMembers")
}

pub(super) fn items_of<'a>(items: &'a mut [Item], name: &str) -> Option<&'a mut Vec<Item>> {
    items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == name => Some(&mut module.content.as_mut()?.1),
        _ => None,
    })
}

pub(super) fn has_argument(field: &Field, name: &str) -> bool {
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
            } else if argument.path.is_ident("deserialize_with") {
                // A member that is required and can be null.
                if text(argument.value()?)?.value() != REQUIRED_OPTION {
                    return Err(argument.error("an unexpected function"));
                }
                default = None;
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

/// An implementation of `Deserialize` that reads each member once.
fn deserialize(ident: &Ident, members: &[Named], others: Others) -> ItemImpl {
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
    let (start, read_other, end) = match others {
        Others::Kept => (
            quote!(let mut additional = crate::AdditionalMembers::default();),
            quote!(crate::members::read_additional(
                &mut additional,
                ::std::mem::take(&mut __other),
                &mut __object,
            )?),
            quote!(additional,),
        ),
        Others::Ignored => (
            TokenStream::new(),
            quote!(crate::members::ignore(&mut __object)?),
            TokenStream::new(),
        ),
    };
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
                        #start
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
                                _ => #read_other,
                            }
                        }
                        ::std::result::Result::Ok(#ident {
                            #(#values)*
                            #end
                        })
                    }
                }
                deserializer.deserialize_map(__Members)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::tests::{client, users_client};
    use crate::testing::edited;

    #[test]
    fn no_object_is_read_from_an_array() {
        let code = users_client();
        let objects = [
            "CollectionLinks",
            "ErrorBody",
            "Link",
            "Pagination",
            "PaginationNext",
            "TenantUser",
            "UserIdentity",
            "UserIdentityCollection",
        ];
        for object in objects {
            let read = format!("impl<'de> ::serde::Deserialize<'de> for {object} {{");
            assert_eq!(code.matches(&read).count(), 1, "{object}");
        }
        let reading = "deserializer.deserialize_map(__Members)";
        assert_eq!(code.matches(reading).count(), objects.len());
        assert!(!code.contains("derive(::serde::Deserialize"));
    }

    #[test]
    fn a_required_member_that_can_be_null_must_be_there() {
        let from =
            "required: [userId]\n      properties:\n        userId:\n          type: string\n";
        let code = client(&edited(from, &from.replace("[userId]", "[userId, name]")));
        let code: String = code.split_whitespace().collect();
        let reading =
            "name:name.ok_or_else(||<__A::Erroras::serde::de::Error>::missing_field(\"name\"";
        assert!(code.contains(reading));
    }

    #[test]
    fn types_with_attributes_that_are_not_expected_keep_the_derived_implementation() {
        let mut file: File = parse_quote! {
            pub mod types {
                #[derive(::serde::Deserialize)]
                #[serde(deny_unknown_fields)]
                pub struct Strict {
                    pub a: u8,
                }
                #[derive(::serde::Deserialize)]
                pub struct Merged {
                    #[serde(flatten)]
                    pub additional: A,
                    #[serde(flatten)]
                    pub b: B,
                }
                #[derive(::serde::Deserialize)]
                pub struct Tuple(pub u8);
                #[derive(::serde::Serialize)]
                pub struct Written {
                    pub a: u8,
                }
            }
        };
        let before = prettyplease::unparse(&file);
        assert_eq!(accept_objects_only(&mut file), 0);
        assert_eq!(prettyplease::unparse(&file), before);
    }
}
