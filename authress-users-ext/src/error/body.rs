use std::fmt;

use authress_users_client::{from_json, repaired_json};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an error body: `ErrorBody` in the spec. A member that is not a string counts as
/// absent.
#[derive(Default)]
pub(super) struct ErrorBody {
    title: Option<String>,
    error_code: Option<String>,
    error_id: Option<String>,
}

impl ErrorBody {
    /// Reads what it can, also from the body of a status that the spec does not name, and from the
    /// first part of a body. A body that is not a JSON object has no members.
    pub(super) fn parse(body: &[u8]) -> Self {
        let mut members = Self::default();
        if members.read(body).is_err()
            && let Some(repaired) = repaired_json(body)
        {
            // What was read stays if the body is also incomplete.
            let _ = members.read(repaired.as_bytes());
        }
        members
    }

    fn read(&mut self, body: &[u8]) -> serde_json::Result<()> {
        self.deserialize(&mut serde_json::Deserializer::from_slice(body))
    }

    pub(super) fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    pub(super) fn error_code(&self) -> Option<&str> {
        self.error_code.as_deref()
    }

    pub(super) fn error_id(&self) -> Option<&str> {
        self.error_id.as_deref()
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Name {
    Title,
    ErrorCode,
    ErrorId,
    #[serde(other)]
    Other,
}

/// Fills the members one by one, so that those before an error are kept.
impl<'de> DeserializeSeed<'de> for &mut ErrorBody {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut ErrorBody {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key()? {
            let member = match name {
                Name::Title => &mut self.title,
                Name::ErrorCode => &mut self.error_code,
                Name::ErrorId => &mut self.error_id,
                Name::Other => {
                    members.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            let json: &RawValue = members.next_value()?;
            *member = from_json(json.get().as_bytes()).ok();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(body: &[u8]) -> [Option<String>; 3] {
        let ErrorBody {
            title,
            error_code,
            error_id,
        } = ErrorBody::parse(body);
        [title, error_code, error_id]
    }

    #[test]
    fn a_member_of_another_type_does_not_affect_the_others() {
        let body = br#" {"title": 7, "errorCode": null, "errorId": "e-1", "other": {"a": [1.5]}}"#;
        assert_eq!(members(body), [None, None, Some("e-1".to_owned())]);
        let body = br#"{"title": {"a": [null]}, "errorCode": "c"}"#;
        assert_eq!(members(body), [None, Some("c".to_owned()), None]);
    }

    #[test]
    fn a_body_that_is_not_a_json_object_has_no_members() {
        for body in ["<html>", r#"["a", "b", "c"]"#, "", r#"{"title": "cut"#] {
            assert_eq!(members(body.as_bytes()), [None, None, None], "{body}");
        }
    }

    #[test]
    fn members_before_the_end_of_an_incomplete_body_are_read() {
        let body = br#"{"title": "t", "errorCode": "c", "details": [{"errorId": "#;
        let expected = [Some("t".to_owned()), Some("c".to_owned()), None];
        assert_eq!(members(body), expected);
    }

    #[test]
    fn strings_that_are_not_unicode_are_repaired() {
        for title in [&b"Ada \\ud83d"[..], b"Ada \xff"] {
            let body = [b"{\"title\": \"", title, b"\", \"errorCode\": \"c\"}"].concat();
            let expected = [Some("Ada \u{fffd}".to_owned()), Some("c".to_owned()), None];
            assert_eq!(members(&body), expected);
        }
    }
}
