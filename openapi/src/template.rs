//! Path templates.

/// A path template such as `/v1/users/{userId}`.
///
/// ```
/// use authress_users_openapi::PathTemplate;
///
/// let template = PathTemplate::parse("/v1/users/{userId}");
/// assert_eq!(template.values("/v1/users/a%2Fb"), Some(vec![("userId", "a%2Fb")]));
/// assert_eq!(template.values("/v1/users"), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathTemplate {
    text: String,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Fixed(String),
    Parameter(String),
    /// A parameter that is only a part of the segment, such as `{id}.json`; it matches only itself.
    Mixed(String),
}

impl PathTemplate {
    /// Parses a path template.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let segments = text.split('/').map(|segment| {
            let name = segment
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            match name {
                Some(name) if !name.contains(['{', '}']) => Segment::Parameter(name.to_owned()),
                _ if segment.contains(['{', '}']) => Segment::Mixed(segment.to_owned()),
                _ => Segment::Fixed(segment.to_owned()),
            }
        });
        Self {
            text: text.to_owned(),
            segments: segments.collect(),
        }
    }

    /// Returns the text of the template.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the parameters and their values, still percent-encoded, if the path matches.
    ///
    /// An encoded slash belongs to its segment, and an empty segment is not a value.
    #[must_use]
    pub fn values<'a>(&self, path: &'a str) -> Option<Vec<(&str, &'a str)>> {
        let given: Vec<_> = path.split('/').collect();
        if given.len() != self.segments.len() {
            return None;
        }
        let mut values = Vec::new();
        for (expected, given) in self.segments.iter().zip(given) {
            match expected {
                Segment::Fixed(text) | Segment::Mixed(text) if text == given => {}
                Segment::Parameter(name) if !given.is_empty() => {
                    values.push((name.as_str(), given));
                }
                _ => return None,
            }
        }
        Some(values)
    }

    /// Returns the names of the parameters in the order of the path.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        let pieces = self.text.split('{').skip(1);
        pieces.filter_map(|piece| piece.split_once('}').map(|(name, _)| name))
    }

    /// Returns the template without the names of its parameters, such as `/v1/users/{}`.
    ///
    /// Two templates with the same pattern match the same requests.
    #[must_use]
    pub fn pattern(&self) -> String {
        let mut pieces = self.text.split('{');
        let mut pattern = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            pattern.push_str("{}");
            pattern.push_str(piece.split_once('}').map_or(piece, |(_, rest)| rest));
        }
        pattern
    }

    /// Returns the first segment of which a parameter is only a part, such as `{id}.json`.
    #[must_use]
    pub fn mixed_segment(&self) -> Option<&str> {
        self.segments.iter().find_map(|segment| match segment {
            Segment::Mixed(text) => Some(text.as_str()),
            Segment::Fixed(_) | Segment::Parameter(_) => None,
        })
    }

    /// Returns whether this template matches every path that the other one matches.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.segments.len() == other.segments.len()
            && self
                .segments
                .iter()
                .zip(&other.segments)
                .all(|pair| matches!(pair, (Segment::Parameter(_), _)) || pair.0 == pair.1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_match_segment_by_segment() {
        let template = PathTemplate::parse("/v1/users/{userId}");
        assert_eq!(
            template.values("/v1/users/a%2Fb"),
            Some(vec![("userId", "a%2Fb")])
        );
        for path in [
            "/v1/users",
            "/v1/users/",
            "/v1/users/a/b",
            "//v1/users/a",
            "/v1/Users/a",
        ] {
            assert_eq!(template.values(path), None, "{path}");
        }
    }

    #[test]
    fn names_are_separate_from_the_pattern() {
        for (text, names, pattern) in [
            ("/v1/users", &[][..], "/v1/users"),
            ("/a/{b}/c/{d}", &["b", "d"], "/a/{}/c/{}"),
            ("/{a}/b/{c}.json", &["a", "c"], "/{}/b/{}.json"),
            ("/a/{b}.{c}/d", &["b", "c"], "/a/{}.{}/d"),
            ("/a/{b", &[], "/a/{}b"),
        ] {
            let template = PathTemplate::parse(text);
            assert!(template.parameters().eq(names.iter().copied()), "{text}");
            assert_eq!(template.pattern(), pattern);
        }
    }

    #[test]
    fn parameters_cover_fixed_segments() {
        for (wide, narrow, covers) in [
            ("/a/{b}", "/a/{c}", true),
            ("/a/{b}", "/a/c", true),
            ("/a/b", "/a/{c}", false),
            ("/a/{b}", "/a/b/c", false),
            ("/{a}/b", "/a/{b}", false),
        ] {
            let (wide, narrow) = (PathTemplate::parse(wide), PathTemplate::parse(narrow));
            assert_eq!(wide.covers(&narrow), covers, "{wide:?} {narrow:?}");
        }
        let mixed = PathTemplate::parse("/a/{b}.json");
        assert_eq!(mixed.mixed_segment(), Some("{b}.json"));
        assert_eq!(PathTemplate::parse("/a/{b}").mixed_segment(), None);
    }

    proptest! {
        #[test]
        fn filled_in_values_are_found(values in proptest::collection::vec("[^/{}]{1,8}", 0..5)) {
            let names: Vec<_> = (0..values.len()).map(|index| format!("p{index}")).collect();
            let (mut template, mut path) = (String::new(), String::new());
            for (name, value) in names.iter().zip(&values) {
                template.extend(["/x/{", name, "}"]);
                path.extend(["/x/", value]);
            }
            let expected: Vec<_> =
                names.iter().map(String::as_str).zip(values.iter().map(String::as_str)).collect();
            let template = PathTemplate::parse(&template);
            prop_assert_eq!(template.values(&path), Some(expected));
        }
    }
}
