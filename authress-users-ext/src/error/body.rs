use serde::Deserialize;
use serde::de::IgnoredAny;

/// The members of an error body: `ResponseError` in the spec.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ErrorBody {
    title: Text,
    error_code: Text,
    error_id: Text,
}

/// A string; a member of any other type counts as absent and does not affect the others.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    String(String),
    Other(IgnoredAny),
}

impl Default for Text {
    fn default() -> Self {
        Self::Other(IgnoredAny)
    }
}

impl Text {
    fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            Self::Other(_) => None,
        }
    }
}

impl ErrorBody {
    /// Reads what it can, also from the body of a status that the spec does not name. A body that is
    /// not a JSON object has no members.
    pub(super) fn parse(body: &[u8]) -> Self {
        // A struct can also be read from an array.
        if body.trim_ascii_start().first() != Some(&b'{') {
            return Self::default();
        }
        serde_json::from_slice(body).unwrap_or_default()
    }

    pub(super) fn title(&self) -> Option<&str> {
        self.title.as_str()
    }

    pub(super) fn error_code(&self) -> Option<&str> {
        self.error_code.as_str()
    }

    pub(super) fn error_id(&self) -> Option<&str> {
        self.error_id.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_of_another_type_does_not_affect_the_others() {
        let body = ErrorBody::parse(
            br#" {"title": 7, "errorCode": null, "errorId": "e-1", "other": {"a": [1.5]}}"#,
        );
        assert_eq!(
            (body.title(), body.error_code(), body.error_id()),
            (None, None, Some("e-1"))
        );
        let nested = ErrorBody::parse(br#"{"title": {"a": [null]}, "errorCode": "c"}"#);
        assert_eq!((nested.title(), nested.error_code()), (None, Some("c")));
    }

    #[test]
    fn a_body_that_is_not_a_json_object_has_no_members() {
        for body in ["<html>", r#"["a", "b", "c"]"#, "", r#"{"title": "cut"#] {
            assert!(
                ErrorBody::parse(body.as_bytes()).title().is_none(),
                "{body}"
            );
        }
    }
}
