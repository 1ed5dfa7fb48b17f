//! Functions that find parts of the generated code by syntax.

use syn::visit_mut::VisitMut;
use syn::{Expr, ExprLit, File, ImplItem, ImplItemFn, Item, Lit, Path, Stmt, Type};

/// The items of the module `name`.
pub(super) fn module<'a>(items: &'a mut [Item], name: &str) -> &'a mut [Item] {
    let module = items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == name => module.content.as_mut(),
        _ => None,
    });
    module.map_or(&mut [], |(_, items)| items)
}

/// The inherent functions of types, each with the name of its type.
pub(super) fn functions(items: &mut [Item]) -> impl Iterator<Item = (String, &mut ImplItemFn)> {
    items
        .iter_mut()
        .filter_map(|item| match item {
            Item::Impl(block) if block.trait_.is_none() => {
                Some((type_name(&block.self_ty), &mut block.items))
            }
            _ => None,
        })
        .flat_map(|(name, items)| {
            items.iter_mut().filter_map(move |item| match item {
                ImplItem::Fn(function) => Some((name.clone(), function)),
                _ => None,
            })
        })
}

/// Visits the functions that send requests.
pub(super) fn visit_sends(file: &mut File, visitor: &mut impl VisitMut) {
    for (_, function) in functions(module(&mut file.items, "builder")) {
        if function.sig.ident == "send" {
            visitor.visit_impl_item_fn_mut(function);
        }
    }
}

/// Visits the implementations of `FromStr`, which check the lengths and patterns of values.
pub(super) fn visit_parsers(file: &mut File, visitor: &mut impl VisitMut) {
    for item in module(&mut file.items, "types") {
        if let Item::Impl(block) = item
            && let Some((_, of, _)) = &block.trait_
            && of
                .segments
                .last()
                .is_some_and(|last| last.ident == "FromStr")
        {
            visitor.visit_item_impl_mut(block);
        }
    }
}

/// The last name of a type's path, such as `GetUsers` in `builder::GetUsers<'_>`.
pub(super) fn type_name(kind: &Type) -> String {
    match kind {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
    .map(|segment| segment.ident.to_string())
    .unwrap_or_default()
}

/// Whether a path consists of these names, with any generic arguments.
pub(super) fn is_path(path: &Path, names: &[&str]) -> bool {
    path.segments.len() == names.len()
        && path
            .segments
            .iter()
            .zip(names)
            .all(|(segment, name)| segment.ident == name)
}

/// Whether an expression is this path.
pub(super) fn is_expr_path(expression: &Expr, names: &[&str]) -> bool {
    matches!(expression, Expr::Path(path) if is_path(&path.path, names))
}

/// Whether a type is this path, with any generic arguments.
pub(super) fn is_type_path(kind: &Type, names: &[&str]) -> bool {
    matches!(kind, Type::Path(path) if is_path(&path.path, names))
}

/// The text of a string literal.
pub(super) fn string(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}

/// The name of the operation that a function sends, and the position of its statement: `let info = OperationInfo { operation_id: … };`.
pub(super) fn operation_id(statements: &[Stmt]) -> Option<(usize, String)> {
    statements
        .iter()
        .enumerate()
        .find_map(|(position, statement)| {
            let Stmt::Local(local) = statement else {
                return None;
            };
            let Expr::Struct(info) = &*local.init.as_ref()?.expr else {
                return None;
            };
            let field = info.fields.first()?;
            is_path(&info.path, &["OperationInfo"]).then_some(())?;
            Some((position, string(&field.expr)?))
        })
}
