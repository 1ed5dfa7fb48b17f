//! Bulk operations: one call per item of a stream or an iterator, and one result per item.

mod delete_stream;
mod get_stream;
mod item;
mod link_stream;
mod request;
mod stream;

pub use delete_stream::Deletion;
pub use item::BulkItem;
pub use link_stream::TenantLink;
pub use request::BulkRequest;
pub use stream::{BulkIter, BulkStream};
