//! Checks of paths, operations, their parameters, bodies and responses.

pub(super) mod bodies;
pub(super) mod descriptions;
pub(super) mod ids;
pub(super) mod parameter_names;
pub(super) mod parameter_values;
pub(super) mod parameters;
pub(super) mod paths;
pub(super) mod responses;
pub(super) mod security;
pub(super) mod statuses;
