//! Changes that leave requests and responses valid but change what callers get.

pub(crate) mod annotations;
pub(crate) mod extensions;
pub(crate) mod operation;
mod servers;
pub(crate) mod spec;
