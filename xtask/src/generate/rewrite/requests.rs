//! What the client sends, and where to.

use std::collections::HashMap;

use heck::ToSnakeCase as _;
use quote::{ToTokens, format_ident};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Block, Expr, ExprLit, ExprMethodCall, File, ImplItem, ImplItemFn, Item, Lit, Local, Macro,
    Stmt, Token, parse_quote,
};

use crate::generate::write::operations::request_media_type;
use authress_users_openapi::Document;

/// `Client::new` builds an HTTP client of its own and unwraps; `new_with_client` does neither.
pub(super) fn drop_unwrapping_constructor(file: &mut File) -> usize {
    let mut dropped = 0;
    for item in &mut file.items {
        let Item::Impl(block) = item else { continue };
        if block.trait_.is_none() && block.self_ty.to_token_stream().to_string() == "Client" {
            let before = block.items.len();
            block.items.retain(
                |item| !matches!(item, ImplItem::Fn(function) if function.sig.ident == "new"),
            );
            dropped += before - block.items.len();
        }
    }
    dropped
}

/// A base URL with a slash at its end would make `//v1/users` of every path.
pub(super) fn trim_base_url(file: &mut File) -> usize {
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

/// The generator pastes each URL together and has it parsed; what a client's requests have in common
/// need not be parsed each time.
pub(super) fn parse_base_url_once(file: &mut File) -> usize {
    struct ParseOnce(usize);
    impl VisitMut for ParseOnce {
        fn visit_local_mut(&mut self, local: &mut Local) {
            if let Some(init) = &mut local.init
                && let Expr::Macro(pasted) = &*init.expr
                && let Some(path) = path_of(&pasted.mac)
            {
                *init.expr = parse_quote!(client.url(&#path).map_err(Error::InvalidRequest)?);
                self.0 += 1;
            }
            visit_mut::visit_local_mut(self, local);
        }
    }
    let mut parse_once = ParseOnce(0);
    parse_once.visit_file_mut(file);
    parse_once.0
}

/// What is pasted behind the base URL; none where a text does not begin with it.
fn path_of(pasted: &Macro) -> Option<Macro> {
    let arguments = pasted
        .parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
        .ok()?;
    let mut arguments = arguments.into_iter();
    let Expr::Lit(ExprLit {
        lit: Lit::Str(text),
        ..
    }) = arguments.next()?
    else {
        return None;
    };
    let path = text.value().strip_prefix("{}")?.to_owned();
    let base = arguments.next()?.to_token_stream().to_string();
    (base == "client . baseurl").then(|| parse_quote!(format!(#path, #(#arguments),*)))
}

/// The API has no `api-version`; and a map of headers that holds none is not worth making.
pub(super) fn drop_api_version_header(file: &mut File) -> usize {
    struct Drop(usize);
    impl VisitMut for Drop {
        fn visit_block_mut(&mut self, block: &mut Block) {
            let mentions = |statement: &Stmt, text: &str| {
                statement.to_token_stream().to_string().contains(text)
            };
            let before = block.stmts.len();
            block
                .stmts
                .retain(|statement| !mentions(statement, "\"api-version\""));
            let dropped = before - block.stmts.len();
            self.0 += dropped;
            let is_filled = block
                .stmts
                .iter()
                .any(|statement| mentions(statement, "header_map . append"))
                || block
                    .stmts
                    .iter()
                    .any(|statement| mentions(statement, "header_map . insert"));
            if dropped > 0 && !is_filled {
                block
                    .stmts
                    .retain(|statement| !mentions(statement, "let mut header_map"));
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
                let argument = call
                    .args
                    .first()
                    .map(|argument| argument.to_token_stream().to_string());
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
pub(super) fn true_accept(file: &mut File) -> usize {
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
            let Some(constant) = &self.constant else {
                return;
            };
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
    let mut accept = Accept {
        constant: None,
        places: 0,
    };
    accept.visit_file_mut(file);
    accept.places
}

/// The generator calls every JSON body `application/json`; reqwest keeps a type that is there.
pub(super) fn true_content_type(file: &mut File, document: &Document) -> usize {
    struct ContentType {
        /// The media types of bodies, by the names of the operations in the client.
        known: HashMap<String, String>,
        media_type: Option<String>,
        places: usize,
    }
    impl VisitMut for ContentType {
        fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
            self.media_type = rust_name_of(&function.block)
                .and_then(|name| self.known.get(&name))
                .cloned();
            visit_mut::visit_impl_item_fn_mut(self, function);
            self.media_type = None;
        }
        fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
            visit_mut::visit_expr_method_call_mut(self, call);
            if let Some(media_type) = &self.media_type
                && call.method == "json"
                && call.args.to_token_stream().to_string() == "& body"
            {
                let receiver = &call.receiver;
                call.receiver = parse_quote!(#receiver.header(
                    ::reqwest::header::CONTENT_TYPE,
                    ::reqwest::header::HeaderValue::from_static(#media_type)
                ));
                self.places += 1;
            }
        }
    }
    let operations = document.operations();
    let known = operations.iter().filter_map(|entry| {
        let media_type = request_media_type(document, entry)?;
        Some((entry.name().to_snake_case(), media_type))
    });
    let mut content_type = ContentType {
        known: known.collect(),
        media_type: None,
        places: 0,
    };
    content_type.visit_file_mut(file);
    content_type.places
}

/// The table's constant for the operation that a function sends.
fn operation_of(block: &Block) -> Option<syn::Ident> {
    let name = rust_name_of(block)?;
    Some(format_ident!("{}", name.to_uppercase()))
}

/// What the client calls the operation that a function sends.
fn rust_name_of(block: &Block) -> Option<String> {
    let code = block.to_token_stream().to_string();
    let name = code.split("operation_id : \"").nth(1)?.split('"').next()?;
    Some(name.to_owned())
}
