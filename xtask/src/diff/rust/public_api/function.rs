//! The signatures of functions.

use std::collections::BTreeSet;

use quote::ToTokens as _;
use syn::{FnArg, GenericParam, Signature, Type, TypeParamBound, WherePredicate};

use super::model::ApiVerdict;
use super::tokens::shown;

/// A signature, part by part.
#[derive(PartialEq)]
pub(super) struct Function {
    /// The types of the arguments, and whether each is a type parameter.
    inputs: Vec<(String, bool)>,
    output: String,
    is_async: bool,
    is_unsafe: bool,
    parameters: Vec<String>,
    /// The bounds of the type parameters, wherever they are written.
    bounds: BTreeSet<String>,
}

impl Function {
    pub(super) fn new(signature: &Signature) -> Self {
        let generics = &signature.generics;
        let bound = |of: String| move |bound: &TypeParamBound| format!("{of}: {}", shown(bound));
        let mut bounds = BTreeSet::new();
        for parameter in generics.type_params() {
            bounds.extend(parameter.bounds.iter().map(bound(shown(&parameter.ident))));
        }
        for predicate in generics
            .where_clause
            .iter()
            .flat_map(|clause| &clause.predicates)
        {
            match predicate {
                WherePredicate::Type(of) => {
                    bounds.extend(of.bounds.iter().map(bound(shown(&of.bounded_ty))));
                }
                other => _ = bounds.insert(shown(other)),
            }
        }
        let parameters = generics.params.iter().map(|parameter| match parameter {
            GenericParam::Type(parameter) => parameter.ident.to_string(),
            other => shown(other),
        });
        let inputs = signature.inputs.iter();
        Self {
            inputs: inputs
                .map(|input| (shown(input), is_generic(input, signature)))
                .collect(),
            output: shown(signature.output.to_token_stream()),
            is_async: signature.asyncness.is_some(),
            is_unsafe: signature.unsafety.is_some(),
            parameters: parameters.collect(),
            bounds,
        }
    }

    /// Returns what a change to another signature means for callers.
    pub(super) fn change(&self, new: &Self) -> (ApiVerdict, &'static str) {
        let are_inputs_same = self.inputs == new.inputs;
        let is_relaxed = self.bounds.is_superset(&new.bounds);
        let is_rest_same = self.output == new.output
            && (self.is_async, self.is_unsafe) == (new.is_async, new.is_unsafe);
        if are_inputs_same && is_rest_same && self.parameters == new.parameters && is_relaxed {
            return (
                ApiVerdict::Minor,
                "none needed; it requires less of its arguments",
            );
        }
        let mut inputs = self.inputs.iter().zip(&new.inputs);
        let is_generalized = is_rest_same
            && !are_inputs_same
            && self.inputs.len() == new.inputs.len()
            && inputs.all(|(old, new)| old == new || new.1);
        if is_generalized {
            let advice = "check whether callers' arguments implement the traits, also where types are inferred";
            return (ApiVerdict::NeedsReview, advice);
        }
        let advice = "name the change in the changelog; code that passes or expects another type no longer compiles";
        (ApiVerdict::Breaking, advice)
    }
}

fn is_generic(argument: &FnArg, signature: &Signature) -> bool {
    let FnArg::Typed(argument) = argument else {
        return false;
    };
    match &*argument.ty {
        Type::ImplTrait(_) => true,
        Type::Path(of) => {
            let mut parameters = signature.generics.type_params();
            parameters.any(|parameter| of.path.is_ident(&parameter.ident))
        }
        _ => false,
    }
}
