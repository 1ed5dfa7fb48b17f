//! What is changed in the code that the generator writes, so that the client does right.

use quote::{ToTokens, format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Block, Expr, ExprMethodCall, Fields, File, ImplItem, ImplItemFn, Item, ItemImpl, Stmt,
    parse_quote,
};

/// One change, which says in how many places it changed something.
pub(crate) struct Correction {
    pub(crate) name: &'static str,
    apply: fn(&mut File) -> usize,
}

/// All changes, in their order.
pub(crate) const CORRECTIONS: [Correction; 7] = [
    Correction { name: "drop_unwrapping_constructor", apply: drop_unwrapping_constructor },
    Correction { name: "trim_base_url", apply: trim_base_url },
    Correction { name: "drop_api_version_header", apply: drop_api_version_header },
    Correction { name: "true_accept", apply: true_accept },
    Correction { name: "explain_refused_values", apply: explain_refused_values },
    Correction { name: "redact_debug", apply: redact_debug },
    Correction { name: "derive_json_schema", apply: derive_json_schema },
];

impl Correction {
    /// Applies the change. One that has nothing left to do is an error: the generator may now
    /// write in another way what the change was there to mend.
    pub(crate) fn apply(&self, file: &mut File) -> Result<usize, String> {
        match (self.apply)(file) {
            0 => Err(format!(
                "the correction {} no longer finds anything to do: mend or delete it",
                self.name
            )),
            places => Ok(places),
        }
    }
}

/// `Client::new` builds an HTTP client of its own and unwraps; `new_with_client` does neither.
fn drop_unwrapping_constructor(file: &mut File) -> usize {
    let mut dropped = 0;
    for item in &mut file.items {
        if let Item::Impl(block) = item {
            if block.trait_.is_none() && block.self_ty.to_token_stream().to_string() == "Client" {
                let before = block.items.len();
                block.items.retain(
                    |item| !matches!(item, ImplItem::Fn(function) if function.sig.ident == "new"),
                );
                dropped += before - block.items.len();
            }
        }
    }
    dropped
}

/// A base URL with a slash at its end would make `//v1/users` of every path.
fn trim_base_url(file: &mut File) -> usize {
    struct Trim(usize);
    impl VisitMut for Trim {
        fn visit_expr_mut(&mut self, expression: &mut Expr) {
            if expression.to_token_stream().to_string() == "baseurl . to_string ()" {
                *expression = parse_quote!(baseurl.trim_end_matches('/').to_string());
                self.0 += 1;
                return;
            }
            visit_mut::visit_expr_mut(self, expression);
        }
    }
    let mut trim = Trim(0);
    trim.visit_file_mut(file);
    trim.0
}

/// The API has no `api-version`; and a map of headers that holds none is not worth making.
fn drop_api_version_header(file: &mut File) -> usize {
    struct Drop(usize);
    impl VisitMut for Drop {
        fn visit_block_mut(&mut self, block: &mut Block) {
            let mentions = |statement: &Stmt, text: &str| {
                statement.to_token_stream().to_string().contains(text)
            };
            let before = block.stmts.len();
            block.stmts.retain(|statement| !mentions(statement, "\"api-version\""));
            let dropped = before - block.stmts.len();
            self.0 += dropped;
            let is_filled = block.stmts.iter().any(|statement| mentions(statement, "header_map . append"))
                || block.stmts.iter().any(|statement| mentions(statement, "header_map . insert"));
            if dropped > 0 && !is_filled {
                block.stmts.retain(|statement| !mentions(statement, "let mut header_map"));
                for statement in &mut block.stmts {
                    WithoutHeaderMap.visit_stmt_mut(statement);
                }
            }
            visit_mut::visit_block_mut(self, block);
        }
    }
    struct WithoutHeaderMap;
    impl VisitMut for WithoutHeaderMap {
        fn visit_expr_mut(&mut self, expression: &mut Expr) {
            visit_mut::visit_expr_mut(self, expression);
            if let Expr::MethodCall(call) = expression {
                let argument = call.args.first().map(|argument| argument.to_token_stream().to_string());
                if call.method == "headers" && argument.as_deref() == Some("header_map") {
                    *expression = (*call.receiver).clone();
                }
            }
        }
    }
    let mut drop = Drop(0);
    drop.visit_file_mut(file);
    drop.0
}

/// The generator accepts `application/json` always; the table of operations knows better.
fn true_accept(file: &mut File) -> usize {
    struct Accept {
        constant: Option<syn::Ident>,
        places: usize,
    }
    impl VisitMut for Accept {
        fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
            self.constant = operation_of(&function.block);
            visit_mut::visit_impl_item_fn_mut(self, function);
            self.constant = None;
        }
        fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
            visit_mut::visit_expr_method_call_mut(self, call);
            let Some(constant) = &self.constant else { return };
            let is_accept = call.method == "header"
                && call.args.first().is_some_and(|name| {
                    name.to_token_stream().to_string() == ":: reqwest :: header :: ACCEPT"
                });
            if is_accept {
                call.args = parse_quote!(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static(
                        super::super::operations::#constant.accept
                    )
                );
                self.places += 1;
            }
        }
    }
    let mut accept = Accept { constant: None, places: 0 };
    accept.visit_file_mut(file);
    accept.places
}

/// The table's constant for the operation that a function sends.
fn operation_of(block: &Block) -> Option<syn::Ident> {
    let code = block.to_token_stream().to_string();
    let name = code.split("operation_id : \"").nth(1)?.split('"').next()?;
    Some(format_ident!("{}", name.to_uppercase()))
}

/// "Conversion failed" says too little; the types that refuse a value can say why.
fn explain_refused_values(file: &mut File) -> usize {
    struct Explain {
        found: bool,
        places: usize,
    }
    impl VisitMut for Explain {
        fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
            self.found = false;
            visit_mut::visit_impl_item_fn_mut(self, function);
            if !self.found {
                return;
            }
            let target = function.sig.generics.where_clause.iter().find_map(|clause| {
                clause.predicates.iter().find_map(|predicate| {
                    let code = predicate.to_token_stream().to_string();
                    let target = code.split("TryInto <").nth(1)?.strip_suffix('>')?.to_owned();
                    syn::parse_str::<syn::Type>(&target).ok()
                })
            });
            if let Some(target) = target {
                function.sig.generics.make_where_clause().predicates.push(parse_quote!(
                    <V as std::convert::TryInto<#target>>::Error: std::fmt::Display
                ));
            }
        }
        fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
            visit_mut::visit_expr_method_call_mut(self, call);
            if call.method != "map_err" {
                return;
            }
            let code = call.args.to_token_stream().to_string();
            if let Some(rest) = code.strip_prefix("| _ | { \"conversion to `").or_else(|| {
                code.strip_prefix("| _ | \"conversion to `")
            }) {
                let Some(name) =
                    rest.split(" for ").nth(1).and_then(|rest| rest.split(" failed").next())
                else {
                    return;
                };
                let message = format!("{name} is refused: {{reason}}");
                call.args = parse_quote!(|reason| format!(#message));
                self.found = true;
                self.places += 1;
            }
        }
    }
    let mut explain = Explain { found: false, places: 0 };
    explain.visit_file_mut(file);
    explain.places
}

/// A derived `Debug` would print ids, names and addresses into logs.
fn redact_debug(file: &mut File) -> usize {
    fn redact(items: &mut Vec<Item>) -> usize {
        let mut places = 0;
        let mut redacted = Vec::with_capacity(items.len());
        for mut item in std::mem::take(items) {
            let hidden = match &mut item {
                Item::Mod(module) => {
                    if let Some((_, items)) = &mut module.content {
                        places += redact(items);
                    }
                    None
                }
                Item::Struct(item) => take_derive(&mut item.attrs, "Debug")
                    .then(|| (item.ident.clone(), item.generics.clone())),
                // Names of variants say nothing of whom they are about; their content would.
                Item::Enum(item)
                    if item.variants.iter().any(|variant| !matches!(variant.fields, Fields::Unit)) =>
                {
                    take_derive(&mut item.attrs, "Debug")
                        .then(|| (item.ident.clone(), item.generics.clone()))
                }
                _ => None,
            };
            redacted.push(item);
            if let Some((ident, generics)) = hidden {
                let name = ident.to_string();
                let (for_impl, for_type, clause) = generics.split_for_impl();
                let shown: ItemImpl = parse_quote! {
                    impl #for_impl ::std::fmt::Debug for #ident #for_type #clause {
                        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                            f.debug_struct(#name).finish_non_exhaustive()
                        }
                    }
                };
                redacted.push(Item::Impl(shown));
                places += 1;
            }
        }
        *items = redacted;
        places
    }
    redact(&mut file.items)
}

/// Types that travel can describe themselves as JSON Schema, when that is asked for.
fn derive_json_schema(file: &mut File) -> usize {
    let mut places = 0;
    for item in &mut file.items {
        let Item::Mod(module) = item else { continue };
        if module.ident != "types" {
            continue;
        }
        for item in module.content.iter_mut().flat_map(|(_, items)| items) {
            let (Item::Struct(syn::ItemStruct { attrs, .. }) | Item::Enum(syn::ItemEnum { attrs, .. })) =
                item
            else {
                continue;
            };
            let travels = attrs.iter().any(|attribute| {
                attribute.path().is_ident("derive")
                    && attribute.to_token_stream().to_string().contains("Serialize")
            });
            if travels {
                attrs.push(parse_quote!(
                    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
                ));
                places += 1;
            }
        }
    }
    places
}

/// Takes a trait out of the derives; says whether it was there.
fn take_derive(attributes: &mut [syn::Attribute], name: &str) -> bool {
    let mut taken = false;
    for attribute in attributes.iter_mut().filter(|attribute| attribute.path().is_ident("derive")) {
        let Ok(traits) = attribute.parse_args_with(
            syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated,
        ) else {
            continue;
        };
        let kept: Vec<_> = traits.iter().filter(|path| !path.is_ident(name)).collect();
        if kept.len() < traits.len() {
            taken = true;
            let kept = quote!(#(#kept),*);
            *attribute = parse_quote!(#[derive(#kept)]);
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{bindings, uncorrected};
    use crate::testing::users_document;

    #[test]
    fn every_correction_finds_something_to_do_and_nothing_the_second_time() {
        let mut file = uncorrected(&users_document()).unwrap();
        for correction in &CORRECTIONS {
            assert!(correction.apply(&mut file).is_ok_and(|places| places > 0), "{}", correction.name);
            // These two make what they look for.
            if matches!(correction.name, "true_accept" | "derive_json_schema") {
                continue;
            }
            let again = correction.apply(&mut file).unwrap_err();
            assert!(again.contains(correction.name) && again.contains("mend or delete"), "{again}");
        }
    }

    #[test]
    fn a_file_without_anything_to_correct_fails_every_correction() {
        let mut file: File = parse_quote!(
            pub mod types {
                pub struct Nothing;
            }
        );
        for correction in &CORRECTIONS {
            assert!(correction.apply(&mut file).is_err(), "{}", correction.name);
        }
    }

    #[test]
    fn the_corrected_client_has_none_of_the_faults() {
        let code = bindings(&users_document()).unwrap();
        for fault in [
            "client.build().unwrap()",
            "api-version",
            "header_map",
            "from_static(\"application/json\")",
            "conversion to `",
            "baseurl: baseurl.to_string()",
        ] {
            assert!(!code.contains(fault), "{fault}");
        }
        for derive in code.lines().filter(|line| line.trim_start().starts_with("#[derive(")) {
            assert!(!derive.contains("Debug"), "{derive}");
        }
        assert_eq!(code.matches("_USER.accept").count() + code.matches("_USERS.accept").count(), 4);
    }
}
