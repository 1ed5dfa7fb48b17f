//! Changes of public items.

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
