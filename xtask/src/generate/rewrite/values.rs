//! The values that setters accept, and the reasons why they reject others.

use std::collections::HashMap;

use heck::ToSnakeCase as _;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use serde_json::Value;
use syn::{
    Expr, File, GenericArgument, ImplItemFn, Pat, PathArguments, Signature, Stmt, Type,
    TypeParamBound, WherePredicate, parse_quote,
};

use super::syntax::{functions, module, type_name};
use crate::generate::names;
use authress_users_openapi::Document;

/// A setter that does not say why a conversion fails:
/// `self.name = value.try_into().map(Some).map_err(|_| …)`, without the `map` if it is required.
struct Setter<'a> {
    /// The type of the request.
    request: String,
    signature: &'a mut Signature,
    /// The type parameter of the value.
    source: Type,
    /// The type that the value is converted to.
    target: Type,
    is_optional: bool,
    conversion: &'a mut Expr,
}

fn setters(file: &mut File) -> impl Iterator<Item = Setter<'_>> {
    functions(module(&mut file.items, "builder"))
        .filter_map(|(request, function)| setter(request, function))
}

fn setter(request: String, function: &mut ImplItemFn) -> Option<Setter<'_>> {
    let (source, target) = conversion_types(&function.sig)?;
    let conversion = function
        .block
        .stmts
        .iter_mut()
        .find_map(|stmt| match stmt {
            Stmt::Expr(Expr::Assign(assignment), _) => Some(&mut *assignment.right),
            _ => None,
        })?;
    let Expr::MethodCall(call) = &*conversion else {
        return None;
    };
    let ignores_reason = matches!(call.args.first(), Some(Expr::Closure(closure))
        if matches!(closure.inputs.first(), Some(Pat::Wild(_))));
    let is_optional = matches!(&*call.receiver, Expr::MethodCall(call) if call.method == "map");
    (call.method == "map_err" && ignores_reason).then_some(Setter {
        request,
        signature: &mut function.sig,
        source,
        target,
        is_optional,
        conversion,
    })
}

/// The types `V` and `T` of a bound `V: TryInto<T>`.
fn conversion_types(signature: &Signature) -> Option<(Type, Type)> {
    let clause = signature.generics.where_clause.as_ref()?;
    let mut bounds = clause
        .predicates
        .iter()
        .filter_map(|predicate| match predicate {
            WherePredicate::Type(predicate) => Some(predicate),
            _ => None,
        })
        .flat_map(|predicate| {
            predicate
                .bounds
                .iter()
                .map(|bound| (&predicate.bounded_ty, bound))
        });
    bounds.find_map(|(source, bound)| {
        let TypeParamBound::Trait(bound) = bound else {
            return None;
        };
        let last = bound.path.segments.last()?;
        match &last.arguments {
            PathArguments::AngleBracketed(arguments) if last.ident == "TryInto" => {
                match arguments.args.first()? {
                    GenericArgument::Type(target) => Some((source.clone(), target.clone())),
                    _ => None,
                }
            }
            _ => None,
        }
    })
}

/// The bounds of an integer.
struct Bounds {
    minimum: Option<i64>,
    maximum: i64,
}

/// Checks the bounds of integers in the query. Progenitor ignores the upper bound.
pub(super) fn keep_bounds(file: &mut File, document: &Document) -> usize {
    let bounds = bounds(document);
    let mut places = 0;
    for setter in setters(file) {
        let name = setter.signature.ident.to_string();
        if let Some(bounds) = bounds.get(&(setter.request, name.clone())) {
            *setter.conversion = bounds.conversion(&name, &setter.target, setter.is_optional);
            places += 1;
        }
    }
    // If some bounds were not checked, the step reports that it found nothing.
    if places == bounds.len() { places } else { 0 }
}

/// The bounds by request type and setter.
fn bounds(document: &Document) -> HashMap<(String, String), Bounds> {
    let mut bounds = HashMap::new();
    for entry in document.operations() {
        for parameter in document.parameters(&entry) {
            let schema = &parameter.value["schema"];
            // A component becomes a type of its own.
            if parameter.location == "query"
                && schema["type"] == "integer"
                && let Some(maximum) = schema["maximum"].as_i64()
            {
                let excludes = |key: &str| i64::from(schema[key] == Value::Bool(true));
                bounds.insert(
                    (
                        names::type_name(&entry.name()),
                        parameter.name.to_snake_case(),
                    ),
                    Bounds {
                        minimum: schema["minimum"]
                            .as_i64()
                            .map(|minimum| minimum.saturating_add(excludes("exclusiveMinimum"))),
                        maximum: maximum.saturating_sub(excludes("exclusiveMaximum")),
                    },
                );
            }
        }
    }
    bounds
}

impl Bounds {
    fn conversion(&self, name: &str, target: &Type, is_optional: bool) -> Expr {
        let name_of_type = type_name(target);
        let number = if name_of_type.starts_with("NonZero") {
            quote!(value.get())
        } else {
            quote!(*value)
        };
        let maximum = self.maximum;
        let rule = match self.minimum {
            Some(minimum) => format!("between {minimum} and {maximum}"),
            None => format!("at most {maximum}"),
        };
        // `i64` does not hold every `u64`.
        let is_within = if name_of_type.to_lowercase().ends_with("u64") {
            let range = range(self.minimum.map(i128::from), i128::from(maximum));
            quote!(#range.contains(&i128::from(#number)))
        } else {
            let range = range(self.minimum, maximum);
            quote!(#range.contains(&i64::from(#number)))
        };
        let wrapped = is_optional.then(|| quote!(.map(Some)));
        let message = format!("{name}: must be {rule}");
        parse_quote! {
            value
                .try_into()
                .ok()
                .filter(|value: &#target| #is_within)
                #wrapped
                .ok_or_else(|| #message.to_string())
        }
    }
}

fn range<T: ToTokens>(minimum: Option<T>, maximum: T) -> TokenStream {
    minimum.map_or_else(
        || quote!((..=#maximum)),
        |minimum| quote!((#minimum..=#maximum)),
    )
}

/// Includes the reason in the message. Progenitor only says that the conversion failed.
pub(super) fn explain_invalid_values(file: &mut File) -> usize {
    let mut places = 0;
    for setter in setters(file) {
        let (source, target) = (&setter.source, &setter.target);
        let message = format!("{}: {{reason}}", setter.signature.ident);
        if let Expr::MethodCall(call) = setter.conversion {
            call.args = parse_quote!(|reason| format!(#message));
        }
        let clause = setter.signature.generics.make_where_clause();
        clause.predicates.push(parse_quote!(
            <#source as std::convert::TryInto<#target>>::Error: std::fmt::Display
        ));
        places += 1;
    }
    places
}
