//! Public items and their changes.

use std::collections::{BTreeMap, BTreeSet};

use super::function::Function;
use super::origin::Origin;

/// A crate that follows the spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Package {
    Client,
    Ext,
    Contract,
}

impl Package {
    pub(crate) const ALL: [Self; 3] = [Self::Client, Self::Ext, Self::Contract];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Client => "authress-users-client",
            Self::Ext => "authress-users-ext",
            Self::Contract => "authress-users-contract",
        }
    }
}

/// The effect of a change on callers' code, from the least to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ApiVerdict {
    /// The signature is the same; the behavior may differ.
    Compatible,
    /// Something was added.
    Minor,
    /// The effect depends on how callers use the item.
    NeedsReview,
    /// Some code no longer compiles.
    Breaking,
}

impl ApiVerdict {
    /// The name in JSON reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::Minor => "minor",
            Self::NeedsReview => "needs-review",
            Self::Breaking => "breaking",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    Added,
    Removed,
    /// The signature changed.
    Signature,
    /// The signature is the same; the value or the accepted arguments changed.
    Value,
}

/// A public item that changed. An item that is added or removed with its owner has no change of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ItemChange {
    /// The item's path in the raw crate, such as `types::UserIdentity.email`.
    pub(crate) path: String,
    pub(crate) kind: ChangeKind,
    pub(crate) verdict: ApiVerdict,
    /// The signature, or the value, in the code of the old spec.
    pub(crate) old: Option<String>,
    pub(crate) new: Option<String>,
    pub(crate) advice: String,
    /// The crates whose callers have the item: the raw crate and those that re-export it.
    pub(crate) packages: Vec<Package>,
    /// The part of the specs that the item is generated from.
    pub(crate) origin: Origin,
}

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
