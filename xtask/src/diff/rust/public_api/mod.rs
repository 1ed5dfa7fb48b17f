//! What the generated code offers to Rust callers, and what a change of the document does to that.
//!
//! Both documents are taken through today's generator, so what differs is the documents' doing. The
//! verdicts are those of the Cargo book's chapter on `SemVer` compatibility. Auto traits of types
//! with private members, and how values are inferred in a caller's code, are not looked at.

mod code;
mod compare;
mod origin;
mod reach;
mod read;
mod signature;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use compare::changes;
pub(crate) use origin::Origin;
pub(crate) use reach::{Dependent, Dependents, dependents};

/// A crate that follows the document.
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

/// What a change means for code that compiled so far, from the least to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// The same signature; what it does may differ.
    Harmless,
    /// More than before.
    Minor,
    /// It depends on how callers use it.
    NeedsReview,
    /// Some caller's code no longer compiles.
    Breaking,
}

impl Verdict {
    /// As programs are told.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Harmless => "compatible",
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
    /// Its type or signature is another.
    Changed,
    /// Its signature is the same, and its value or what it accepts is another.
    Steered,
}

/// One public item that differs. What belongs to an item that came or went is not told by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ItemChange {
    /// The item's path in the raw crate, such as `types::UserIdentity.email`.
    pub(crate) path: String,
    pub(crate) kind: ChangeKind,
    pub(crate) verdict: Verdict,
    /// The signature, or the value, in the code of the old document.
    pub(crate) old: Option<String>,
    pub(crate) new: Option<String>,
    /// Why this is the verdict, and what to do about it.
    pub(crate) advice: String,
    /// The crates whose callers have the item: the raw crate, and those that pass it on.
    pub(crate) packages: Vec<Package>,
    /// What in the documents makes the item.
    pub(crate) origin: Origin,
}

/// The public items of the generated code, by the path under which the raw crate offers them.
#[derive(Default)]
struct Surface {
    items: BTreeMap<String, Item>,
}

struct Item {
    sort: Sort,
    /// The item as it is declared, without documentation and body.
    signature: String,
    /// The type that it belongs to.
    owner: Option<String>,
    /// The raw crate's own types that the signature names.
    names: BTreeSet<String>,
    /// What steers behaviour without being part of the signature, by name: the members of a
    /// constant, or the constants in a body.
    values: BTreeMap<String, String>,
}

enum Sort {
    Module,
    /// `literal`: whether callers can write out a value of it, or take one apart in full.
    Struct {
        literal: bool,
    },
    /// `exhaustive`: whether callers can match on it without a wildcard.
    Enum {
        exhaustive: bool,
    },
    Field,
    Variant,
    Function(Box<syn::Signature>),
    Implementation,
    Other,
}

#[cfg(test)]
mod tests;
