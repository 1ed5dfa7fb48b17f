//! Media types.

/// Returns a media type without its parameters, in lower case.
///
/// Two media types with the same essence describe the same format.
///
/// ```
/// use authress_users_openapi::essence;
///
/// assert_eq!(essence("Application/JSON; charset=utf-8"), "application/json");
/// ```
#[must_use]
pub fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Returns whether a media type, or a media range such as `text/*` or `*/*`, covers a media type.
///
/// Parameters and letter case do not matter.
///
/// ```
/// use authress_users_openapi::covers;
///
/// assert!(covers("application/*", "application/json; charset=utf-8"));
/// assert!(!covers("application/json", "application/*"));
/// ```
#[must_use]
pub fn covers(range: &str, media_type: &str) -> bool {
    let (range, media_type) = (essence(range), essence(media_type));
    let main_type = media_type.split('/').next();
    range == media_type
        || range == "*/*"
        || range
            .strip_suffix("/*")
            .is_some_and(|of| main_type == Some(of))
}

/// Returns whether a media type is JSON: `application/json`, or with a suffix as in
/// `application/links+json`.
#[must_use]
pub fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    let subtype = essence.strip_prefix("application/");
    subtype.is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cover_their_media_types() {
        let media_type = "application/links+json";
        for range in [
            media_type,
            "*/*",
            "application/*",
            "Application/*; q=0.5",
            "APPLICATION/links+json;v=1",
        ] {
            assert!(covers(range, media_type), "{range}");
        }
        for range in ["", "*", "text/*", "app/*", "application/json", "/*"] {
            assert!(!covers(range, media_type), "{range}");
        }
    }

    #[test]
    fn json_is_recognized_by_its_subtype() {
        for media_type in [
            "application/json",
            "application/links+json",
            "application/json; charset=utf-8",
            "Application/JSON ; charset=utf-8",
        ] {
            assert!(is_json(media_type), "{media_type}");
        }
        for media_type in [
            "text/json",
            "application/jsonp",
            "application/xml",
            "",
            "*/*",
        ] {
            assert!(!is_json(media_type), "{media_type}");
        }
    }
}
