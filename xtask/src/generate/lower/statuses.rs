//! Responses for several statuses.

use serde_json::Value;

use super::responses::each_responses;

/// Replaces `default`, which progenitor takes for a success and an error at once, with the error
/// ranges, and with the success range if no success is listed.
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

/// Whether a status is `default` or a range such as `4XX`.
pub(crate) fn stands_for_many(status: &str) -> bool {
    let range = status.as_bytes();
    status == "default"
        || (range.len() == 3 && range[0].is_ascii_digit() && range[1..].eq_ignore_ascii_case(b"XX"))
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
    fn default_becomes_errors_and_also_successes_if_none_is_listed() {
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
