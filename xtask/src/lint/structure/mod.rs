//! Checks of the form of a document: version, members, required parts and references.

pub(super) mod presence;
pub(super) mod references;
pub(super) mod shape;
pub(super) mod version;
