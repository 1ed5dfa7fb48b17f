use std::collections::BTreeMap;

/// A condition of a recording that its report mentions, in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Warning {
    NoEntries,
    NoApiEntries,
    SeveralHosts,
    AllTokensRemoved,
    ReplacedText,
    Unreadable,
    OtherHost,
    UnknownPath,
    OutsideBase,
    Preflight,
    Browser,
    NoResponse,
    TokenRedacted,
    RequestHeadersOmitted,
    ResponseHeadersOmitted,
    InvalidHeader,
    RequestBodyOmitted,
    ResponseBodyOmitted,
    BodyTruncated,
    BodyNotBase64,
    BodyDecompressed,
    BodyTooLarge,
    BodyStillCompressed,
}

impl Warning {
    fn message(self, count: usize) -> String {
        let (one, many, condition) = match self {
            Self::NoEntries => return "the file has no entries: nothing was validated".to_owned(),
            Self::NoApiEntries => {
                return "no entry belongs to the API: nothing was validated".to_owned();
            }
            Self::SeveralHosts => {
                return format!(
                    "the API's paths occur at {count} hosts, which were validated as one; set a \
                     base URL to select a host"
                );
            }
            Self::AllTokensRemoved => {
                return "no request has a readable token, so the recorder removed them: rules for \
                        tokens were skipped"
                    .to_owned();
            }
            Self::ReplacedText => (
                "character",
                "characters",
                "of the file that are not Unicode (unpaired surrogates or invalid UTF-8): read as \
                 U+FFFD",
            ),
            Self::Unreadable => (
                "entry",
                "entries",
                "without a method or an absolute URL: skipped",
            ),
            Self::OtherHost => (
                "entry",
                "entries",
                "for other hosts or paths: only checked for the API's tokens; set a base URL to \
                 select entries",
            ),
            Self::UnknownPath => (
                "entry",
                "entries",
                "for paths at the API's host that are not in the spec: skipped; set a base URL to \
                 validate them",
            ),
            Self::OutsideBase => (
                "entry",
                "entries",
                "outside the base URL: only checked for the API's tokens",
            ),
            Self::Preflight => ("entry", "entries", "of CORS preflight requests: skipped"),
            Self::Browser => (
                "response",
                "responses",
                "of the browser itself, from its cache or as an internal redirect: skipped",
            ),
            Self::NoResponse => ("request", "requests", "without a response"),
            Self::TokenRedacted => (
                "request",
                "requests",
                "with a redacted token: rules for tokens were skipped",
            ),
            Self::RequestHeadersOmitted => (
                "request",
                "requests",
                "recorded without headers: only method and URL were validated",
            ),
            Self::ResponseHeadersOmitted => (
                "response",
                "responses",
                "recorded without headers: only the status was validated",
            ),
            Self::InvalidHeader => ("header", "headers", "that HTTP does not allow: skipped"),
            Self::RequestBodyOmitted => (
                "request",
                "requests",
                "recorded without a body: rules for bodies were skipped",
            ),
            Self::ResponseBodyOmitted => (
                "response",
                "responses",
                "recorded without a body: rules for bodies were skipped",
            ),
            Self::BodyTruncated => ("body", "bodies", "truncated by the recorder: skipped"),
            Self::BodyNotBase64 => ("body", "bodies", "with invalid base64: skipped"),
            Self::BodyDecompressed => ("body", "bodies", "recorded as gzip: decompressed"),
            Self::BodyTooLarge => (
                "body",
                "bodies",
                "of more than 64 MiB when decompressed: skipped",
            ),
            Self::BodyStillCompressed => (
                "body",
                "bodies",
                "with a content encoding that could not be decoded: skipped",
            ),
        };
        format!(
            "{count} {} {condition}",
            if count == 1 { one } else { many }
        )
    }
}

/// Warnings, and how often each occurred.
#[derive(Default)]
pub(super) struct Warnings {
    counts: BTreeMap<Warning, usize>,
}

impl Warnings {
    pub(super) fn add(&mut self, warning: Warning) {
        self.add_many(warning, 1);
    }

    pub(super) fn add_many(&mut self, warning: Warning, count: usize) {
        *self.counts.entry(warning).or_default() += count;
    }

    pub(super) fn messages(&self) -> impl Iterator<Item = String> {
        self.counts
            .iter()
            .map(|(warning, count)| warning.message(*count))
    }
}
