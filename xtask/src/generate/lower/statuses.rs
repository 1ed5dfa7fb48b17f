//! Answers that stand for many statuses.

use serde_json::{Map, Value};

use super::bodies::each_responses;

/// `default` is whatever is not listed. The generator would take it for a success and for an error
/// at once, so it becomes the errors, and the successes where none is listed.
pub(super) fn default_as_ranges(document: &mut Value) -> usize {
    each_responses(document, &mut |responses, _| {
        let Some(default) = responses.shift_remove("default") else {
            return false;
        };
        let mut ranges = vec!["4XX", "5XX"];
        if !responses.keys().any(|status| status.starts_with('2')) {
            ranges.insert(0, "2XX");
        }
        for range in ranges {
            if !responses
                .keys()
                .any(|status| status.eq_ignore_ascii_case(range))
            {
                responses.insert(range.to_owned(), default.clone());
            }
        }
        true
    })
}

/// Whether a status is one or a range of the successes.
pub(super) fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

/// The answers that the generator has one type for: all successes, and all errors.
pub(super) fn class(responses: &Map<String, Value>, success: bool) -> Vec<String> {
    responses
        .keys()
        .filter(|status| !status.starts_with("x-") && is_success(status) == success)
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lowered(responses: &Value) -> Vec<String> {
        let mut document = json!({"paths": {"/a": {"get": {"responses": responses}}}});
        assert_eq!(default_as_ranges(&mut document), 1);
        assert_eq!(default_as_ranges(&mut document), 0);
        let responses = &document["paths"]["/a"]["get"]["responses"];
        responses.as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn the_rest_is_errors_where_a_success_is_listed_and_both_where_none_is() {
        assert_eq!(
            lowered(&json!({"200": {}, "default": {}})),
            ["200", "4XX", "5XX"]
        );
        assert_eq!(
            lowered(&json!({"404": {}, "default": {}})),
            ["404", "2XX", "4XX", "5XX"]
        );
        assert_eq!(
            lowered(&json!({"2xx": {}, "4xx": {}, "default": {}})),
            ["2xx", "4xx", "5XX"]
        );
    }
}
