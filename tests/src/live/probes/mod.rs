//! The probes by family.

pub(crate) mod access;
pub(crate) mod effects;
pub(crate) mod encodings;
pub(crate) mod filter;
pub(crate) mod identity;
pub(crate) mod lists;
pub(crate) mod methods;
pub(crate) mod tenant;
pub(crate) mod unknown;
