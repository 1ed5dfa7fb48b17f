//! Calls of the hand-written client, transport and decoders.

use quote::format_ident;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Block, Expr, ExprAwait, ExprCall, File, GenericArgument, Generics, Ident, ImplItem, Item,
    Local, Pat, PathArguments, Stmt, Type, TypePath, UseTree, parse_quote,
};

use super::syntax::{is_expr_path, is_path, is_type_path, module, operation_id, visit_sends};

/// Replaces progenitor's client by the hand-written one.
pub(super) fn use_own_client(file: &mut File) -> usize {
    let before = file.items.len();
    file.items.retain(|item| !is_of_client(item));
    let removed = before - file.items.len();
    if removed == 0 {
        return 0;
    }
    file.items.insert(
        0,
        parse_quote!(
            use crate::{Client, Transport};
        ),
    );
    for item in module(&mut file.items, "builder") {
        if imports_client(item) {
            *item = parse_quote!(
                #[allow(unused_imports)]
                use {
                    crate::text::encode_path,
                    crate::{Error, ResponseValue, Transport, decode, operations},
                    progenitor_client::RequestBuilderExt,
                };
            );
        }
    }
    removed
}

/// Whether an item is progenitor's client, one of its constructors or hooks, or one of their imports.
fn is_of_client(item: &Item) -> bool {
    match item {
        Item::Use(item) => {
            matches!(&item.tree, UseTree::Path(path) if path.ident == "progenitor_client")
        }
        Item::Struct(item) => item.ident == "Client",
        Item::Impl(block) if is_type_path(&block.self_ty, &["Client"]) => {
            block.trait_.is_some()
                || block.items.iter().any(|item| {
                    matches!(item, ImplItem::Fn(function) if function.sig.ident == "new_with_client")
                })
        }
        Item::Const(item) => item.ident == "_",
        _ => false,
    }
}

/// Whether an item is `use super::{…}`.
fn imports_client(item: &Item) -> bool {
    matches!(item, Item::Use(item) if matches!(&item.tree, UseTree::Path(path)
        if path.ident == "super" && matches!(*path.tree, UseTree::Group(_))))
}

/// Makes client and requests generic over the transport, so that its responses and errors keep their
/// types.
pub(super) fn add_transport_parameter(file: &mut File) -> usize {
    let mut add = AddParameter(0);
    for item in &mut file.items {
        match item {
            Item::Impl(block) if is_type_path(&block.self_ty, &["Client"]) => {
                add.visit_item_impl_mut(block);
                bound(&mut block.generics);
            }
            Item::Mod(module) if module.ident == "builder" => add.visit_item_mod_mut(module),
            _ => {}
        }
    }
    add.0
}

fn bound(generics: &mut Generics) {
    generics.params.push(parse_quote!(T: Transport));
}

struct AddParameter(usize);

impl AddParameter {
    fn push(&mut self, path: &mut syn::Path, argument: GenericArgument) {
        let Some(last) = path.segments.last_mut() else {
            return;
        };
        match &mut last.arguments {
            PathArguments::AngleBracketed(arguments) => arguments.args.push(argument),
            arguments => {
                *arguments = PathArguments::AngleBracketed(parse_quote!(<#argument>));
            }
        }
        self.0 += 1;
    }
}

impl VisitMut for AddParameter {
    fn visit_item_struct_mut(&mut self, item: &mut syn::ItemStruct) {
        item.generics
            .params
            .push(parse_quote!(T = crate::DirectTransport));
        visit_mut::visit_item_struct_mut(self, item);
    }

    fn visit_item_impl_mut(&mut self, block: &mut syn::ItemImpl) {
        visit_mut::visit_item_impl_mut(self, block);
        let Type::Path(own) = &mut *block.self_ty else {
            return;
        };
        if !is_path(&own.path, &["Client"]) {
            self.push(&mut own.path, parse_quote!(T));
            bound(&mut block.generics);
        }
    }

    fn visit_type_path_mut(&mut self, kind: &mut TypePath) {
        visit_mut::visit_type_path_mut(self, kind);
        let path = &mut kind.path;
        let is_request = path.segments.len() == 2 && path.segments[0].ident == "builder";
        if is_path(path, &["Client"])
            || is_path(path, &["super", "Client"])
            || is_path(path, &["Error"])
            || is_request
        {
            self.push(path, parse_quote!(T));
        } else if is_path(path, &["ResponseValue"]) {
            self.push(path, parse_quote!(T::Response));
        } else if is_path(path, &["ByteStream"]) {
            *path = parse_quote!(::bytes::Bytes);
            self.0 += 1;
        }
    }
}

/// Replaces progenitor's hooks by one call with the operation.
pub(super) fn dispatch(file: &mut File) -> usize {
    struct Dispatch(usize);
    impl VisitMut for Dispatch {
        fn visit_block_mut(&mut self, block: &mut Block) {
            visit_mut::visit_block_mut(self, block);
            let Some((position, name)) = operation_id(&block.stmts) else {
                return;
            };
            // The request is bound before the hooks, the response last after them.
            let request = position
                .checked_sub(1)
                .and_then(|before| bound_name(&mut block.stmts[before]));
            let after = block.stmts[position..]
                .iter_mut()
                .enumerate()
                .filter_map(|(offset, statement)| Some((offset, bound_name(statement)?)))
                .last();
            let (Some(request), Some((offset, response))) = (request, after) else {
                return;
            };
            let constant = format_ident!("{}", name.to_uppercase());
            block.stmts.splice(
                position..=position + offset,
                [parse_quote! {
                    let #response = client
                        .dispatch(#request, &operations::#constant)
                        .await
                        .map_err(Error::Transport)?;
                }],
            );
            self.0 += 1;
        }
    }
    let mut dispatch = Dispatch(0);
    visit_sends(file, &mut dispatch);
    dispatch.0
}

/// The name that a statement binds, made immutable since no hook changes the request.
fn bound_name(statement: &mut Stmt) -> Option<Ident> {
    let Stmt::Local(Local {
        pat: Pat::Ident(name),
        attrs,
        ..
    }) = statement
    else {
        return None;
    };
    attrs.clear();
    name.mutability = None;
    Some(name.ident.clone())
}

/// Replaces progenitor's decoders, which read from the network, by the hand-written ones.
pub(super) fn use_own_decoders(file: &mut File) -> usize {
    struct Decode(usize);
    impl VisitMut for Decode {
        fn visit_expr_mut(&mut self, expression: &mut Expr) {
            visit_mut::visit_expr_mut(self, expression);
            let replacement: Option<Expr> = match expression {
                Expr::Call(call) => decoder(call).map(|decoder| {
                    let arguments = &call.args;
                    parse_quote!(decode::#decoder(#arguments))
                }),
                Expr::Await(ExprAwait { base, .. }) if is_decoder(base) => Some((**base).clone()),
                Expr::MethodCall(call)
                    if call.method == "status" && is_expr_path(&call.receiver, &["response"]) =>
                {
                    let response = &call.receiver;
                    Some(parse_quote!(#response.as_ref().status))
                }
                _ => None,
            };
            if let Some(replacement) = replacement {
                *expression = replacement;
                self.0 += 1;
            }
        }

        /// Unwraps the block of an arm, and converts the error type of the decoder of a success.
        fn visit_arm_mut(&mut self, arm: &mut syn::Arm) {
            visit_mut::visit_arm_mut(self, arm);
            if let Expr::Block(block) = &*arm.body
                && let [Stmt::Expr(value, None)] = block.block.stmts.as_slice()
            {
                let value = value.clone();
                *arm.body = value;
                arm.comma = Some(syn::token::Comma::default());
            }
            if is_decoder(&arm.body) {
                let decoded = &arm.body;
                arm.body = parse_quote!(Ok(#decoded?));
            }
        }
    }
    let mut decode = Decode(0);
    visit_sends(file, &mut decode);
    decode.0
}

fn decoder(call: &ExprCall) -> Option<Ident> {
    [
        ("from_response", "json"),
        ("empty", "empty"),
        ("stream", "bytes"),
    ]
    .into_iter()
    .find(|(theirs, _)| is_expr_path(&call.func, &["ResponseValue", theirs]))
    .map(|(_, own)| format_ident!("{own}"))
}

/// Whether the expression decodes JSON, which can fail.
fn is_decoder(expression: &Expr) -> bool {
    matches!(expression, Expr::Call(call) if is_expr_path(&call.func, &["decode", "json"]))
}
