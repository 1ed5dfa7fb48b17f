//! What a run tries, by family, and what each probe needs.

use std::fmt;

/// A family of defects that are tried together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    Lists,
    Identity,
    Access,
    Filter,
    Tenant,
    Unknown,
    Encodings,
    Methods,
    Effects,
}

impl Family {
    /// All families, in the order in which they are tried.
    pub(super) const ALL: [Self; 9] = [
        Self::Lists,
        Self::Identity,
        Self::Access,
        Self::Filter,
        Self::Tenant,
        Self::Unknown,
        Self::Encodings,
        Self::Methods,
        Self::Effects,
    ];
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lists => "lists",
            Self::Access => "access",
            Self::Identity => "identity",
            Self::Filter => "filter",
            Self::Tenant => "tenant",
            Self::Unknown => "unknown resources",
            Self::Encodings => "encodings",
            Self::Methods => "methods",
            Self::Effects => "effects",
        })
    }
}

/// What a probe may do on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Needs {
    /// It sends GET, HEAD and OPTIONS.
    Reads,
    /// It links the user of `--write-user` to the tenant of `--write-tenant`.
    Link,
    /// It deletes the user of `--delete-user`.
    Delete,
    /// It sends undocumented methods.
    UnsafeProbes,
}

impl Needs {
    /// The needs that a flag allows.
    pub(super) const WITH_FLAGS: [Self; 3] = [Self::Link, Self::Delete, Self::UnsafeProbes];

    /// Returns the flags that allow it.
    pub(super) fn flags(self) -> &'static str {
        match self {
            Self::Reads => "no flag",
            Self::Link => "--write-tenant and --write-user",
            Self::Delete => "--delete-user",
            Self::UnsafeProbes => "--unsafe-probes",
        }
    }
}

/// One thing that a run tries. Its text is unique.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Probe {
    pub(super) family: Family,
    pub(super) needs: Needs,
    pub(super) what: &'static str,
}

impl Probe {
    pub(super) const fn new(family: Family, needs: Needs, what: &'static str) -> Self {
        Self {
            family,
            needs,
            what,
        }
    }
}
