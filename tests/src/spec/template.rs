/// A path template such as `/v1/users/{userId}`.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) text: String,
    segments: Vec<Segment>,
}

#[derive(Debug)]
enum Segment {
    Fixed(String),
    Parameter(String),
}

impl Template {
    pub(crate) fn parse(text: &str) -> Self {
        let segments = text.split('/').map(|segment| {
            match segment
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'))
            {
                Some(name) => Segment::Parameter(name.to_owned()),
                None => Segment::Fixed(segment.to_owned()),
            }
        });
        Self {
            text: text.to_owned(),
            segments: segments.collect(),
        }
    }

    /// Returns the encoded values of the parameters if a path matches. An encoded slash is part of its
    /// segment; an empty segment matches no parameter.
    pub(crate) fn values<'a>(&self, path: &'a str) -> Option<Vec<(&str, &'a str)>> {
        let given: Vec<_> = path.split('/').collect();
        if given.len() != self.segments.len() {
            return None;
        }
        let mut values = Vec::new();
        for (expected, given) in self.segments.iter().zip(given) {
            match expected {
                Segment::Fixed(text) if text == given => {}
                Segment::Parameter(name) if !given.is_empty() => {
                    values.push((name.as_str(), given));
                }
                Segment::Fixed(_) | Segment::Parameter(_) => return None,
            }
        }
        Some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_match_by_segment() {
        let template = Template::parse("/v1/users/{userId}");
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
}
