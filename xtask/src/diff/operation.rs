//! The operations of a spec.

use super::part::Part;
use authress_users_openapi::{Document, METHODS, PathTemplate};

/// An operation and its path item.
#[derive(Debug, Clone)]
pub(crate) struct Operation<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) path_item: Part<'a>,
    pub(crate) part: Part<'a>,
}

impl Operation<'_> {
    /// Returns the operationId, or method and path if there is none.
    pub(crate) fn name(&self) -> String {
        match self.part.text("operationId") {
            Some(id) if !id.trim().is_empty() => id.to_owned(),
            _ => self.address(),
        }
    }

    pub(crate) fn address(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// Returns method and path with the names of path parameters removed: two operations with the
    /// same route receive the same requests.
    pub(crate) fn route(&self) -> String {
        let pattern = PathTemplate::parse(self.path).pattern();
        format!("{} {pattern}", self.method)
    }
}

/// Returns every operation of a spec, in its order.
pub(crate) fn operations(document: &Document) -> Vec<Operation<'_>> {
    let paths = Part::root(document).members_of("paths").into_iter();
    paths
        .flat_map(|(path, path_item)| {
            let members = path_item.members().into_iter();
            members
                .filter(|(method, _)| METHODS.contains(method))
                .map(|(method, part)| Operation {
                    method,
                    path,
                    path_item: path_item.clone(),
                    part,
                })
                .collect::<Vec<_>>()
        })
        .collect()
}
