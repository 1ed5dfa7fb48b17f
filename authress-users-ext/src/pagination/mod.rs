//! Lists of users: pages, streams of pages and of users, and prefetching.

mod page;
mod page_stream;
mod pager;
mod prefetch;
mod user_stream;

pub use page::Page;
pub use page_stream::PageStream;
pub(crate) use pager::PageFuture;
pub use user_stream::UserStream;
