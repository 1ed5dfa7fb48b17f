//! The operations of a spec.

use super::part::Part;
use authress_users_openapi::{Document, OperationEntry, PathTemplate};

/// An operation and its path item.
#[derive(Debug, Clone)]
pub(crate) struct Operation<'a> {
    pub(crate) entry: OperationEntry<'a>,
    pub(crate) path_item: Part<'a>,
    pub(crate) part: Part<'a>,
}

impl Operation<'_> {
    /// Returns method and path with the names of path parameters removed: two operations with the
    /// same route receive the same requests.
    pub(crate) fn route(&self) -> String {
        let pattern = PathTemplate::parse(self.entry.path).pattern();
        format!("{} {pattern}", self.entry.method)
    }
}

/// Returns every operation of a spec, in its order.
pub(crate) fn operations(document: &Document) -> Vec<Operation<'_>> {
    let operations = document.operations().into_iter();
    operations
        .map(|entry| Operation {
            path_item: Part {
                document,
                value: entry.path_item,
                pointer: entry.path_item_pointer.clone(),
            },
            part: Part {
                document,
                value: entry.value,
                pointer: entry.pointer(),
            },
            entry,
        })
        .collect()
}
