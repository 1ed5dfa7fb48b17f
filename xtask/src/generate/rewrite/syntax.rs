//! Questions about syntax that several rewrites ask.

use syn::{Expr, ExprLit, Lit, Path, Stmt, Type};

/// Whether a path has exactly these names, whatever their generic arguments.
pub(super) fn is_path(path: &Path, names: &[&str]) -> bool {
    path.segments.len() == names.len()
        && path
            .segments
            .iter()
            .zip(names)
            .all(|(segment, name)| segment.ident == name)
}

/// Whether an expression is exactly this path.
pub(super) fn is_expr_path(expression: &Expr, names: &[&str]) -> bool {
    matches!(expression, Expr::Path(path) if is_path(&path.path, names))
}

/// Whether a type is exactly this path, whatever its generic arguments.
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

/// The name that a function gives its operation: `let info = OperationInfo { operation_id: … };`.
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
