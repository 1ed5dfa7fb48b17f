//! The keys that sign tokens, the issuers that they may name, and the tokens that clients have used.

pub(crate) mod issuers;
pub(crate) mod keys;
mod used_tokens;

pub(crate) use used_tokens::UsedTokens;
