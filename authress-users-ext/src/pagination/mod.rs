//! Lists of users: pages, streams of pages and of users, and prefetching.

mod decode;
mod page;
mod page_stream;
mod pager;
mod prefetch;
mod skipped_user;
mod user_stream;

pub(crate) use decode::{page, warn_of_skipped_members};
pub use page::Page;
pub use page_stream::PageStream;
pub(crate) use pager::PageFuture;
pub use skipped_user::SkippedUser;
pub use user_stream::UserStream;
