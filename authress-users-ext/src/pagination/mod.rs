//! Lists of users: page by page, user by user, fetched ahead.

mod page;
mod page_stream;
mod pager;
mod prefetch;
mod user_stream;

pub use page::Page;
pub use page_stream::PageStream;
pub use user_stream::UserStream;
