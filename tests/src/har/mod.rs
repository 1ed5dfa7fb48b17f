//! Holds recorded traffic against the document: HAR 1.2, as browsers, proxies and other clients
//! write it.
//!
//! ```
//! use authress_users_contract::{Spec, har};
//!
//! let recording = br#"{ "log": { "entries": [{
//!     "request": {
//!         "method": "GET",
//!         "url": "https://acme.api.authress.io/v1/users?limit=0",
//!         "headers": [{ "name": "accept", "value": "application/links+json" }]
//!     },
//!     "response": { "status": 401 }
//! }] } }"#;
//! let traffic = har::read(recording, &har::HarOptions::default())?;
//! let report = traffic.judge(Spec::of_project());
//! assert_eq!(report.findings[0].rule, "request-parameter-valid");
//! # Ok::<(), har::HarError>(())
//! ```

mod address;
mod body;
mod entry;
mod error;
mod log;
mod timestamp;
mod warning;

use std::collections::HashSet;
use std::fmt;

use address::Address;
use entry::Recorded;
use warning::{Oddity, Tally};

use crate::finding::Finding;
use crate::report::Report;
use crate::spec::Spec;
use crate::validator::Judge;

pub use error::HarError;

/// How a HAR file is to be read. The [module](self) has an example.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HarOptions {
    /// Where the API's paths start, such as `https://acme.api.authress.io`. All that lies behind it
    /// is judged, and nothing else. Without it, what is judged is whatever has a path of the
    /// document, at any host.
    pub base_url: Option<String>,
}

impl HarOptions {
    /// Options with [`base_url`](Self::base_url).
    #[must_use]
    pub fn with_base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }
}

/// What a HAR file holds, ready to be judged.
///
/// `Debug` shows the number of its entries alone.
pub struct HarTraffic {
    /// The entries in the order of their start, each with its number in the file.
    entries: Vec<(usize, log::Entry)>,
    base: Option<Address>,
}

/// Reads a HAR file.
///
/// It takes about as much memory again as the file is long.
///
/// # Errors
/// If the file is no HAR; the error says where, and quotes nothing. If the base URL is no absolute
/// URL of http or https.
pub fn read(bytes: &[u8], options: &HarOptions) -> Result<HarTraffic, HarError> {
    let base = match &options.base_url {
        None => None,
        Some(url) => Some(Address::parse(url).ok_or(HarError::new(
            "the base URL is not an absolute one of http or https",
        ))?),
    };
    let text = std::str::from_utf8(bytes)
        .map_err(|error| HarError::not_utf8(bytes, error.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(HarError::new("the file is empty"));
    }
    let file: log::File = serde_json::from_str(text)?;
    let entries = file.log.and_then(|log| log.entries);
    let entries = entries.ok_or(HarError::new(
        "the file is JSON, but no HAR: it has no `log` with `entries`",
    ))?;
    Ok(HarTraffic {
        entries: in_order(entries),
        base,
    })
}

/// Recorders write entries down when they are done, and rules ask what came first.
fn in_order(entries: Vec<log::Entry>) -> Vec<(usize, log::Entry)> {
    let mut last = None;
    let mut timed: Vec<_> = entries
        .into_iter()
        .enumerate()
        .map(|(index, entry)| {
            // One without a time stays behind the one that it follows.
            last = entry
                .started
                .as_deref()
                .and_then(timestamp::moment)
                .or(last);
            (last, index + 1, entry)
        })
        .collect();
    timed.sort_by_key(|(start, number, _)| (*start, *number));
    timed
        .into_iter()
        .map(|(_, number, entry)| (number, entry))
        .collect()
}

/// Whose an entry is.
enum Place {
    Api(Address),
    Elsewhere(Address),
}

struct Placed {
    number: usize,
    entry: log::Entry,
    place: Place,
}

impl HarTraffic {
    /// How many entries the file has, whoever they belong to.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// Judges the entries that belong to the API, in the order in which they were started. Findings
    /// name an entry by its number in the file.
    #[must_use]
    pub fn judge(self, spec: &Spec) -> Report {
        let mut remarks = Vec::new();
        if self.entries.is_empty() {
            remarks.push("the file has no entries: there was nothing to judge".to_owned());
        }
        let has_entries = !self.entries.is_empty();
        let mut tally = Tally::default();
        let placed = self.place(spec, &mut tally);
        let hosts = hosts(&placed);
        if has_entries && hosts.is_empty() {
            let reason = "no entry belongs to the API: there was nothing to judge";
            remarks.push(reason.to_owned());
        }
        if hosts.len() > 1 {
            let count = hosts.len();
            remarks.push(format!(
                "the API's paths were found at {count} hosts, which were judged as one; a base URL \
                 picks one"
            ));
        }
        let mut judge = Judge::new(spec);
        let mut api = placed.iter().filter(|placed| placed.is_of_api());
        if !hosts.is_empty() && !api.any(|placed| entry::has_token(&placed.entry)) {
            judge = judge.without_tokens();
            remarks.push(
                "no request has a token that can be read, so the recorder has taken them out: \
                 nothing was judged that has to do with tokens"
                    .to_owned(),
            );
        }
        let findings = judge_all(&mut judge, placed, &hosts, &mut tally);
        remarks.extend(tally.remarks());
        let coverage = judge.coverage().of(spec);
        Report::new(judge.exchanges(), findings, remarks, coverage)
    }

    fn place(self, spec: &Spec, tally: &mut Tally) -> Vec<Placed> {
        let mut all = Vec::new();
        for (number, entry) in self.entries {
            let url = entry.request.as_ref().and_then(|own| own.url.as_deref());
            let (Some(_), Some(url)) = (entry::method(&entry), url) else {
                tally.note(Oddity::Unreadable);
                continue;
            };
            let Some(address) = Address::parse(url) else {
                let scheme = url.split(['/', '?', '#']).next().unwrap_or_default();
                tally.note(match (scheme.contains(':'), &self.base) {
                    (false, _) => Oddity::Unreadable,
                    (true, None) => Oddity::Elsewhere,
                    (true, Some(_)) => Oddity::OutsideTheBase,
                });
                continue;
            };
            let own = match &self.base {
                Some(base) => address.behind(base),
                None => spec.has_path(address.path()).then(|| address.clone()),
            };
            let place = match own {
                Some(_) if entry::is_preflight(&entry) => {
                    tally.note(Oddity::Preflight);
                    continue;
                }
                Some(address) => Place::Api(address),
                None => Place::Elsewhere(address),
            };
            if self.base.is_some() && matches!(place, Place::Elsewhere(_)) {
                tally.note(Oddity::OutsideTheBase);
            }
            all.push(Placed {
                number,
                entry,
                place,
            });
        }
        if self.base.is_none() {
            note_elsewhere(&all, tally);
        }
        all
    }
}

fn note_elsewhere(placed: &[Placed], tally: &mut Tally) {
    let hosts = hosts(placed);
    for placed in placed {
        if let Place::Elsewhere(address) = &placed.place {
            tally.note(if hosts.contains(&address.origin) {
                Oddity::ElsewhereAtTheHost
            } else {
                Oddity::Elsewhere
            });
        }
    }
}

/// Where the API was found.
fn hosts(placed: &[Placed]) -> HashSet<String> {
    let hosts = placed.iter().filter_map(|placed| match &placed.place {
        Place::Api(address) => Some(address.origin.clone()),
        Place::Elsewhere(_) => None,
    });
    hosts.collect()
}

fn judge_all(
    judge: &mut Judge<'_>,
    placed: Vec<Placed>,
    hosts: &HashSet<String>,
    tally: &mut Tally,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut numbers = Vec::new();
    for Placed {
        number,
        entry,
        place,
    } in placed
    {
        match place {
            Place::Api(address) => {
                let Recorded {
                    exchange,
                    left_out,
                    oddities,
                } = entry::read(entry, address);
                for oddity in oddities {
                    tally.note(oddity);
                }
                numbers.push(number);
                let found = judge.judge_recorded(&exchange, &left_out);
                findings.extend(found.into_iter().map(|found| numbered(found, &numbers)));
            }
            // The API's own host has a right to its tokens, whatever the path.
            Place::Elsewhere(address) if hosts.contains(&address.origin) => {}
            Place::Elsewhere(address) => {
                // Its body is nobody's business here, and may be long.
                let entry = log::Entry {
                    response: None,
                    ..entry
                };
                let Recorded { exchange, .. } = entry::read(entry, address);
                let found = judge.judge_elsewhere(&exchange);
                findings.extend(found.into_iter().map(|found| Finding {
                    exchange: number,
                    ..found
                }));
            }
        }
    }
    let last = judge.finish().into_iter();
    findings.extend(last.map(|found| numbered(found, &numbers)));
    findings
}

/// Whoever looks for an exchange has the file, and not what was made of it.
fn numbered(finding: Finding, numbers: &[usize]) -> Finding {
    let index = finding.exchange.saturating_sub(1);
    Finding {
        exchange: numbers.get(index).copied().unwrap_or(finding.exchange),
        ..finding
    }
}

impl Placed {
    fn is_of_api(&self) -> bool {
        matches!(self.place, Place::Api(_))
    }
}

impl fmt::Debug for HarTraffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HarTraffic")
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}
