//! The guide: one page for each concern, with examples that run.
//!
//! | to | read |
//! |---|---|
//! | make a first call | [`getting_started`] |
//! | choose where tokens come from | [`authentication`] |
//! | list users | [`pagination`] |
//! | handle what goes wrong | [`errors`] |
//! | change how often and how long calls are tried | [`retries`] |
//! | see what calls do | [`tracing`](mod@crate::guide::tracing) |
//! | test your app offline | [`testing`] |
//! | move over from the official crate | [`moving_over`] |
//! | hold a client or a server against the API's document | [`contract_testing`] |
//! | change the document and the bindings | [`regenerating`] |
//!
//! These modules hold pages alone, and are there in the documentation only.

/// The guide's pages, each from its file in `guide/`.
macro_rules! pages {
    ($($(#[$first_line:meta])* $name:ident)*) => {$(
        $(#[$first_line])*
        #[doc = ""]
        #[doc = include_str!(concat!("../guide/", stringify!($name), ".md"))]
        pub mod $name {}
    )*};
}

pages! {
    /// From an empty folder to the first users.
    getting_started
    /// Access keys, the caller's token, and providers of your own.
    authentication
    /// Users as a stream, pages, and going on where a list broke off.
    pagination
    /// What an error keeps, and how to act on it.
    errors
    /// Attempts, waits, deadlines and the budget.
    retries
    /// Spans and their attributes.
    tracing
    /// A fake of the API for your tests.
    testing
    /// Rules that hold any client and any server against the document.
    contract_testing
    /// From a changed document to new bindings.
    regenerating
    /// Side by side with the official crate.
    moving_over
}
