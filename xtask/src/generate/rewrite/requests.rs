//! The URLs and headers of requests.

use std::collections::HashMap;

use heck::ToSnakeCase as _;
use quote::format_ident;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Block, Expr, ExprField, ExprMethodCall, File, ImplItemFn, Local, Macro, Member, Pat, Stmt,
    Token, parse_quote,
};

use super::syntax::{is_expr_path, operation_id, string, visit_sends};
use crate::generate::write::operations::request_media_type;
use authress_users_openapi::Document;

/// Appends the path to the parsed base URL. Progenitor formats and parses the whole URL for each
/// request.
pub(super) fn parse_base_url_once(file: &mut File) -> usize {
    struct ParseOnce(usize);
    impl VisitMut for ParseOnce {
        fn visit_local_mut(&mut self, local: &mut Local) {
            if let Some(init) = &mut local.init
                && let Expr::Macro(format) = &*init.expr
                && let Some(url) = url(&format.mac)
            {
                *init.expr = url;
                self.0 += 1;
            }
            visit_mut::visit_local_mut(self, local);
        }
    }
    let mut parse_once = ParseOnce(0);
    visit_sends(file, &mut parse_once);
    parse_once.0
}

/// The URL for `format!("{}/path", client.baseurl, …)`.
fn url(format: &Macro) -> Option<Expr> {
    let arguments = format
        .parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
        .ok()?;
    let mut arguments = arguments.into_iter();
    let path = string(&arguments.next()?)?.strip_prefix("{}")?.to_owned();
    let Expr::Field(ExprField {
        base,
        member: Member::Named(member),
        ..
    }) = arguments.next()?
    else {
        return None;
    };
    (member == "baseurl").then(|| parse_quote!(#base.url(format_args!(#path #(, #arguments)*))))
}

/// Removes the header `api-version`, which the API does not have, and a map of headers that is empty
/// without it.
pub(super) fn drop_api_version_header(file: &mut File) -> usize {
    struct Drop(usize);
    impl VisitMut for Drop {
        fn visit_block_mut(&mut self, block: &mut Block) {
            let before = block.stmts.len();
            block
                .stmts
                .retain(|statement| !appends(statement, Some("api-version")));
            let dropped = before - block.stmts.len();
            self.0 += dropped;
            if dropped > 0 && !block.stmts.iter().any(|statement| appends(statement, None)) {
                block.stmts.retain(|statement| !binds_header_map(statement));
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
            if let Expr::MethodCall(call) = expression
                && call.method == "headers"
                && call.args.first().is_some_and(is_header_map)
            {
                *expression = (*call.receiver).clone();
            }
        }
    }
    let mut drop = Drop(0);
    visit_sends(file, &mut drop);
    drop.0
}

/// Whether a statement adds a header to the map: the one of this name, or any.
fn appends(statement: &Stmt, name: Option<&str>) -> bool {
    struct Find<'a> {
        name: Option<&'a str>,
        found: bool,
    }
    impl VisitMut for Find<'_> {
        fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
            let names = |wanted: &str| match call.args.first() {
                Some(Expr::Call(key)) => {
                    key.args.first().and_then(string).as_deref() == Some(wanted)
                }
                Some(key) => string(key).as_deref() == Some(wanted),
                None => false,
            };
            self.found |= is_header_map(&call.receiver)
                && (call.method == "append" || call.method == "insert")
                && self.name.is_none_or(names);
            visit_mut::visit_expr_method_call_mut(self, call);
        }
    }
    let mut find = Find { name, found: false };
    find.visit_stmt_mut(&mut statement.clone());
    find.found
}

fn is_header_map(expression: &Expr) -> bool {
    is_expr_path(expression, &["header_map"])
}

fn binds_header_map(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Local(Local { pat: Pat::Ident(name), .. })
        if name.ident == "header_map")
}

/// Accepts and sends the media types of the operation. Progenitor always uses `application/json`;
/// reqwest keeps a content type that was set before a JSON body.
pub(super) fn true_media_types(file: &mut File, document: &Document) -> usize {
    struct MediaTypes {
        /// The media types of request bodies, by the names of the operations in the client.
        bodies: HashMap<String, String>,
        operation: Option<String>,
        accepted: usize,
        sent: usize,
    }
    impl VisitMut for MediaTypes {
        fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
            self.operation = operation_id(&function.block.stmts).map(|(_, name)| name);
            visit_mut::visit_impl_item_fn_mut(self, function);
            self.operation = None;
        }

        fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
            visit_mut::visit_expr_method_call_mut(self, call);
            let (Some(name), Some(argument)) = (&self.operation, call.args.first()) else {
                return;
            };
            if call.method == "header" && is_expr_path(argument, &["reqwest", "header", "ACCEPT"]) {
                let constant = format_ident!("{}", name.to_uppercase());
                call.args = parse_quote!(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static(operations::#constant.accept)
                );
                self.accepted += 1;
            } else if call.method == "json"
                && let Some(media_type) = self.bodies.get(name)
            {
                let receiver = &call.receiver;
                call.receiver = parse_quote!(#receiver.header(
                    ::reqwest::header::CONTENT_TYPE,
                    ::reqwest::header::HeaderValue::from_static(#media_type)
                ));
                self.sent += 1;
            } else if call.method == "body"
                && let Some(media_type) = self.bodies.get(name)
                && let Expr::MethodCall(header) = &mut *call.receiver
                && header.method == "header"
                && !media_type.contains('*')
            {
                header.args = parse_quote!(
                    ::reqwest::header::CONTENT_TYPE,
                    ::reqwest::header::HeaderValue::from_static(#media_type)
                );
                self.sent += 1;
            }
        }
    }
    let operations = document.operations();
    let bodies = operations.iter().filter_map(|entry| {
        let media_type = request_media_type(document, entry)?;
        Some((entry.name().to_snake_case(), media_type))
    });
    let mut media_types = MediaTypes {
        bodies: bodies.collect(),
        operation: None,
        accepted: 0,
        sent: 0,
    };
    visit_sends(file, &mut media_types);
    // Either kind alone would mean that progenitor writes the other differently.
    if media_types.accepted == 0 || media_types.sent == 0 {
        return 0;
    }
    media_types.accepted + media_types.sent
}
