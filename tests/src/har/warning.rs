use std::collections::BTreeMap;

/// What a report says of a recording besides its findings, in the order in which it says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Oddity {
    Unreadable,
    Elsewhere,
    ElsewhereAtTheHost,
    OutsideTheBase,
    Preflight,
    Unanswered,
    TokenHidden,
    RequestHeadersLeftOut,
    ResponseHeadersLeftOut,
    HeaderImpossible,
    RequestBodyLeftOut,
    ResponseBodyLeftOut,
    BodyCutOff,
    BodyNotBase64,
    BodyUnpacked,
    BodyTooLarge,
    BodyStillPacked,
}

impl Oddity {
    /// What has it, for one and for many, and what is to be said of them.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        let entries = |said| ("entry", "entries", said);
        let requests = |said| ("request", "requests", said);
        let responses = |said| ("response", "responses", said);
        let bodies = |said| ("body", "bodies", said);
        match self {
            Self::Unreadable => entries("without a method or an absolute URL, not judged"),
            Self::Elsewhere => entries(
                "for other hosts or paths, not judged but for the API's tokens; a base URL says \
                 which belong",
            ),
            Self::ElsewhereAtTheHost => entries(
                "for paths at the API's host that the document does not have, not judged; with a \
                 base URL they are",
            ),
            Self::OutsideTheBase => {
                entries("outside of the base URL, not judged but for the API's tokens")
            }
            Self::Preflight => {
                entries("that a browser sent by itself before a request (CORS), not judged")
            }
            Self::Unanswered => requests("that nothing came back for"),
            Self::TokenHidden => {
                requests("whose token the recorder has made unreadable, not judged for it")
            }
            Self::RequestHeadersLeftOut => {
                requests("recorded without any header, judged by method and URL alone")
            }
            Self::ResponseHeadersLeftOut => {
                responses("recorded without any header, judged by status alone")
            }
            Self::HeaderImpossible => ("header", "headers", "that HTTP does not allow, left out"),
            Self::RequestBodyLeftOut => {
                requests("whose body the recorder left out, not judged for it")
            }
            Self::ResponseBodyLeftOut => {
                responses("whose body the recorder left out, not judged for it")
            }
            Self::BodyCutOff => bodies("that the recorder cut off, not judged"),
            Self::BodyNotBase64 => bodies("said to be base64 and not, not judged"),
            Self::BodyUnpacked => bodies("recorded as gzip, judged unpacked"),
            Self::BodyTooLarge => bodies("of more than 64 MiB when unpacked, not judged"),
            Self::BodyStillPacked => {
                bodies("in a content encoding that could not be undone, not judged")
            }
        }
    }
}

#[derive(Default)]
pub(super) struct Tally {
    counts: BTreeMap<Oddity, usize>,
}

impl Tally {
    pub(super) fn note(&mut self, oddity: Oddity) {
        *self.counts.entry(oddity).or_default() += 1;
    }

    pub(super) fn remarks(&self) -> impl Iterator<Item = String> {
        self.counts.iter().map(|(oddity, count)| {
            let (one, many, said) = oddity.words();
            format!("{count} {} {said}", if *count == 1 { one } else { many })
        })
    }
}
