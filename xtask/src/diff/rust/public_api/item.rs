//! Public items.

use std::collections::{BTreeMap, BTreeSet};

use super::function::Function;

/// The public items of the generated code by their path in the raw crate.
#[derive(Default)]
pub(crate) struct PublicApi {
    pub(super) items: BTreeMap<String, Item>,
}

pub(super) struct Item {
    pub(super) kind: ItemKind,
    /// The declaration without documentation and body.
    pub(super) signature: String,
    /// The type that the item belongs to.
    pub(super) owner: Option<String>,
    /// The raw crate's own items in the signature.
    pub(super) names: BTreeSet<String>,
    /// What changes the behavior but not the signature, by the path of a member, which is empty for
    /// the item as a whole.
    pub(super) values: BTreeMap<String, String>,
}

pub(super) enum ItemKind {
    /// `is_open`: callers can construct a value or match all of its fields.
    Struct {
        is_open: bool,
        is_non_exhaustive: bool,
    },
    /// `is_exhaustive`: callers can match it without a wildcard.
    Enum {
        is_exhaustive: bool,
    },
    Field,
    Variant,
    Function(Function),
    Implementation,
    Other,
}

impl ItemKind {
    /// Returns whether adding members to the type breaks callers, if it is a type.
    pub(super) fn is_complete(&self) -> Option<bool> {
        match self {
            Self::Struct { is_open, .. } => Some(*is_open),
            Self::Enum { is_exhaustive } => Some(*is_exhaustive),
            _ => None,
        }
    }
}
