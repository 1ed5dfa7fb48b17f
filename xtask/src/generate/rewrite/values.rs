//! Which values the setters refuse, and what they say.

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use quote::{ToTokens, quote};
use serde_json::Value;
use syn::visit_mut::{self, VisitMut};
use syn::{
    ExprAssign, ExprMethodCall, File, ImplItem, ImplItemFn, Item, ItemImpl, Type, parse_quote,
};

use authress_users_openapi::{Document, child};

/// The bounds of an integer among the query parameters of an operation.
struct Bounds {
    /// The type of the builder that the operation has.
    builder: String,
    setter: String,
    minimum: Option<i64>,
    maximum: i64,
}

/// The generator keeps no upper bound, and says little of a lower one.
pub(super) fn keep_bounds(file: &mut File, document: &Document) -> usize {
    let bounds = bounds(document);
    let builders = file.items.iter_mut().filter_map(|item| match item {
        Item::Mod(module) if module.ident == "builder" => module.content.as_mut(),
        _ => None,
    });
    let mut places = 0;
    for (_, items) in builders {
        for item in items {
            let Item::Impl(block) = item else { continue };
            let name = type_name(block);
            for bounds in bounds.iter().filter(|bounds| bounds.builder == name) {
                for function in &mut block.items {
                    if let ImplItem::Fn(setter) = function
                        && setter.sig.ident == bounds.setter
                        && let Some(target) = target_of(setter)
                    {
                        let mut keep = KeepBounds {
                            bounds,
                            target,
                            places: 0,
                        };
                        keep.visit_impl_item_fn_mut(setter);
                        places += keep.places;
                    }
                }
            }
        }
    }
    // A bound that is kept in some places only would be worse than a message.
    if places == bounds.len() { places } else { 0 }
}

/// The type that a block belongs to, without its lifetimes.
fn type_name(block: &ItemImpl) -> String {
    let written = block.self_ty.to_token_stream().to_string();
    written.split(' ').next().unwrap_or_default().to_owned()
}

fn bounds(document: &Document) -> Vec<Bounds> {
    let mut bounds = Vec::new();
    for entry in document.operations() {
        let mut named = Vec::new();
        let own = (entry.value, entry.pointer());
        let shared = (entry.path_item, child("/paths", entry.path));
        for (holder, pointer) in [own, shared] {
            for parameter in holder["parameters"].as_array().into_iter().flatten() {
                let Some((parameter, pointer)) = document.resolve(parameter, &pointer) else {
                    continue;
                };
                let Some((schema, _)) = document.resolve(&parameter["schema"], &pointer) else {
                    continue;
                };
                let name = parameter["name"]
                    .as_str()
                    .filter(|_| parameter["in"] == "query")
                    // An operation's own parameter comes in the place of that of its path.
                    .filter(|name| !named.contains(name));
                named.extend(name);
                if let (Some(name), "integer", Some(maximum)) = (
                    name,
                    schema["type"].as_str().unwrap_or_default(),
                    schema["maximum"].as_i64(),
                ) {
                    let is_open = schema["exclusiveMaximum"] == Value::Bool(true);
                    bounds.push(Bounds {
                        builder: entry.name().to_upper_camel_case(),
                        setter: name.to_snake_case(),
                        minimum: schema["minimum"].as_i64(),
                        maximum: maximum - i64::from(is_open),
                    });
                }
            }
        }
    }
    bounds
}

struct KeepBounds<'a> {
    bounds: &'a Bounds,
    target: Type,
    places: usize,
}

impl VisitMut for KeepBounds<'_> {
    fn visit_expr_assign_mut(&mut self, assignment: &mut ExprAssign) {
        let code = assignment.right.to_token_stream().to_string();
        // The generator ends each conversion so; one that ends otherwise was corrected before.
        if !code.contains("map_err") {
            return;
        }
        let Self {
            bounds:
                Bounds {
                    setter,
                    minimum,
                    maximum,
                    ..
                },
            target,
            ..
        } = self;
        let (range, limits) = match minimum {
            Some(minimum) => (
                quote!((#minimum..=#maximum)),
                format!("{minimum} to {maximum}"),
            ),
            None => (quote!((..=#maximum)), format!("at most {maximum}")),
        };
        let is_non_zero = target.to_token_stream().to_string().contains("NonZero");
        let number = if is_non_zero {
            quote!(value.get())
        } else {
            quote!(*value)
        };
        let wrapped = code.contains("map (Some)").then(|| quote!(.map(Some)));
        let message = format!("{setter} is refused: it must be {limits}");
        *assignment.right = parse_quote! {
            value
                .try_into()
                .ok()
                .filter(|value: &#target| #range.contains(&i64::from(#number)))
                #wrapped
                .ok_or_else(|| #message.to_string())
        };
        self.places += 1;
    }
}

/// What a setter makes of the value that it is given.
fn target_of(setter: &ImplItemFn) -> Option<Type> {
    setter.sig.generics.where_clause.iter().find_map(|clause| {
        clause.predicates.iter().find_map(|predicate| {
            let code = predicate.to_token_stream().to_string();
            syn::parse_str(code.split("TryInto <").nth(1)?.strip_suffix('>')?).ok()
        })
    })
}

/// "Conversion failed" says too little; the types that refuse a value can say why.
pub(super) fn explain_refused_values(file: &mut File) -> usize {
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
            if let Some(target) = target_of(function) {
                function
                    .sig
                    .generics
                    .make_where_clause()
                    .predicates
                    .push(parse_quote!(
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
            if let Some(rest) = code
                .strip_prefix("| _ | { \"conversion to `")
                .or_else(|| code.strip_prefix("| _ | \"conversion to `"))
            {
                let Some(name) = rest
                    .split(" for ")
                    .nth(1)
                    .and_then(|rest| rest.split(" failed").next())
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
    let mut explain = Explain {
        found: false,
        places: 0,
    };
    explain.visit_file_mut(file);
    explain.places
}
