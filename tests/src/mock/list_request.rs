use serde_json::Value;

use super::account::has_text;

/// What a request lists.
pub(crate) struct ListRequest<'a> {
    pub(crate) after: u64,
    pub(crate) limit: usize,
    pub(crate) has_cursor: bool,
    pub(crate) filter: Option<&'a str>,
    /// Whether the filter has percent-encoded characters.
    pub(crate) is_encoded: bool,
    pub(crate) tenant: Option<&'a str>,
}

impl ListRequest<'_> {
    /// Returns whether the filter selects a user.
    pub(crate) fn selects(&self, user: &Value) -> bool {
        self.filter.is_none_or(|filter| {
            let filter = filter.to_lowercase();
            has_text(user, |text| text.to_lowercase().contains(&filter))
        })
    }
}
