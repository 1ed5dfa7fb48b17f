use std::collections::HashSet;
use std::fmt;

use super::archive;
use super::body::GZIP_MAGIC;
use super::entry::{self, Recorded};
use super::error::HarError;
use super::log;
use super::timestamp;
use super::url::RawUrl;
use super::warning::{Warning, Warnings};
use crate::finding::Finding;
use crate::json::with_paired_surrogates;
use crate::report::Report;
use crate::spec::Spec;
use crate::validator::Validator;

/// Options for reading a HAR file. The [module](super) has an example.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HarOptions {
    base_url: Option<String>,
}

impl HarOptions {
    /// Sets where the API's paths start, such as `https://acme.api.authress.io`.
    ///
    /// Only entries under this URL are validated. By default, these are the entries whose path
    /// matches the spec, at any host.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Returns an error if the base URL is invalid.
    #[cfg(feature = "cli")]
    pub(crate) fn check(&self) -> Result<(), HarError> {
        self.base().map(drop)
    }

    fn base(&self) -> Result<Option<RawUrl>, HarError> {
        let Some(url) = &self.base_url else {
            return Ok(None);
        };
        let base = RawUrl::parse(url).ok_or(HarError::new(
            "invalid base URL: it must be an absolute http or https URL",
        ))?;
        Ok(Some(base))
    }
}

/// The content of a HAR file.
///
/// `Debug` shows only the number of entries.
pub struct HarTraffic {
    /// The entries in the order of their start, each with its number in the file.
    entries: Vec<(usize, log::Entry)>,
    base: Option<RawUrl>,
    /// The number of unpaired surrogates and of invalid UTF-8 sequences in the file.
    replaced: usize,
}

/// Reads a HAR file, or a ZIP archive with one and its bodies, as Playwright writes it.
///
/// Needs about as much additional memory as the file is long. Unpaired surrogates and invalid UTF-8
/// in texts are read as U+FFFD, and the report warns of them.
///
/// # Errors
/// If the file is not a HAR file; the error has the place and quotes nothing. If the base URL is
/// not an absolute http or https URL.
pub fn read(bytes: &[u8], options: &HarOptions) -> Result<HarTraffic, HarError> {
    let base = options.base()?;
    if archive::is_zip(bytes) {
        return Ok(HarTraffic {
            base,
            ..read_archive(bytes)?
        });
    }
    let (entries, replaced) = parse(bytes)?;
    Ok(HarTraffic {
        entries: sorted_by_start(entries),
        base,
        replaced,
    })
}

/// Reads the HAR file in a ZIP archive, and the bodies that it refers to.
fn read_archive(bytes: &[u8]) -> Result<HarTraffic, HarError> {
    let mut archive = archive::Archive::open(bytes)?;
    let (mut entries, replaced) = parse(&archive.har()?)?;
    for entry in &mut entries {
        archive.add_bodies(entry);
    }
    Ok(HarTraffic {
        entries: sorted_by_start(entries),
        base: None,
        replaced,
    })
}

/// Parses a HAR file. Also returns how many characters were replaced.
fn parse(bytes: &[u8]) -> Result<(Vec<log::Entry>, usize), HarError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(HarError::not_utf8(bytes, 0));
    }
    if bytes.starts_with(&GZIP_MAGIC) {
        return Err(HarError::new(
            "the file is compressed with gzip; decompress it first",
        ));
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if text.trim().is_empty() {
        return Err(HarError::new("the file is empty"));
    }
    let (text, unpaired) = with_paired_surrogates(text);
    let invalid = bytes.utf8_chunks();
    let invalid = invalid.filter(|chunk| !chunk.invalid().is_empty()).count();
    let file: log::File = serde_json::from_str(&text).map_err(|reason| {
        // Bytes that are not UTF-8 may be why the text is not JSON.
        match std::str::from_utf8(bytes) {
            Err(error) if reason.is_syntax() => HarError::not_utf8(bytes, error.valid_up_to()),
            _ => reason.into(),
        }
    })?;
    let entries = file.log.and_then(|log| log.entries);
    let entries = entries.ok_or(HarError::new(
        "not a HAR file: the JSON has no `log` with `entries`",
    ))?;
    Ok((entries, unpaired + invalid))
}

/// Sorts entries by their start, because recorders write them in the order of their end.
fn sorted_by_start(entries: Vec<log::Entry>) -> Vec<(usize, log::Entry)> {
    let mut last = None;
    let mut timed: Vec<_> = entries
        .into_iter()
        .enumerate()
        .map(|(index, entry)| {
            // An entry without a timestamp stays after its predecessor.
            last = entry.started.as_deref().and_then(timestamp::parse).or(last);
            (last, index + 1, entry)
        })
        .collect();
    timed.sort_by_key(|(start, number, _)| (*start, *number));
    timed
        .into_iter()
        .map(|(_, number, entry)| (number, entry))
        .collect()
}

/// The target of an entry.
enum Target {
    Api(RawUrl),
    Other(RawUrl),
}

struct Located {
    number: usize,
    entry: log::Entry,
    target: Target,
}

impl HarTraffic {
    /// Returns the number of entries in the file.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.entries.len()
    }

    /// Validates the entries that belong to the API, in the order of their start.
    ///
    /// The exchange number of a finding is the number of the entry in the file.
    #[must_use]
    pub fn validate(self, spec: &Spec) -> Report {
        let mut warnings = Warnings::default();
        if self.entries.is_empty() {
            warnings.add(Warning::NoEntries);
        }
        if self.replaced > 0 {
            warnings.add_many(Warning::ReplacedText, self.replaced);
        }
        let has_entries = !self.entries.is_empty();
        let located = self.locate(spec, &mut warnings);
        let hosts = api_hosts(&located);
        if has_entries && hosts.is_empty() {
            warnings.add(Warning::NoApiEntries);
        }
        if hosts.len() > 1 {
            warnings.add_many(Warning::SeveralHosts, hosts.len());
        }
        let mut validator = Validator::new(spec);
        let mut api = located.iter().filter(|located| located.is_api());
        if !hosts.is_empty() && !api.any(|located| entry::has_token(&located.entry)) {
            validator = validator.without_tokens();
            warnings.add(Warning::AllTokensRemoved);
        }
        let (findings, responses) = validate_all(&mut validator, located, &hosts, &mut warnings);
        let coverage = validator.coverage().entries(spec);
        let warnings = warnings.messages().collect();
        Report {
            responses,
            ..Report::new(validator.exchanges(), findings, warnings, coverage)
        }
    }

    fn locate(self, spec: &Spec, warnings: &mut Warnings) -> Vec<Located> {
        let mut all = Vec::new();
        for (number, entry) in self.entries {
            let url = entry.request.as_ref().and_then(|own| own.url.as_deref());
            let (Some(_), Some(url)) = (entry::method(&entry), url) else {
                warnings.add(Warning::Unreadable);
                continue;
            };
            let Some(url) = RawUrl::parse(url) else {
                let scheme = url.split(['/', '?', '#']).next().unwrap_or_default();
                warnings.add(match (scheme.contains(':'), &self.base) {
                    (false, _) => Warning::Unreadable,
                    (true, None) => Warning::OtherHost,
                    (true, Some(_)) => Warning::OutsideBase,
                });
                continue;
            };
            let api_url = match &self.base {
                Some(base) => url.relative_to(base),
                None => spec.has_path(url.path()).then(|| url.clone()),
            };
            let target = match api_url {
                Some(_) if entry::is_preflight(&entry) => {
                    warnings.add(Warning::Preflight);
                    continue;
                }
                Some(_) if entry::is_of_browser(&entry) => {
                    warnings.add(Warning::Browser);
                    continue;
                }
                Some(url) => Target::Api(url),
                None => Target::Other(url),
            };
            if self.base.is_some() && matches!(target, Target::Other(_)) {
                warnings.add(Warning::OutsideBase);
            }
            all.push(Located {
                number,
                entry,
                target,
            });
        }
        if self.base.is_none() {
            warn_of_others(&all, warnings);
        }
        all
    }
}

fn warn_of_others(located: &[Located], warnings: &mut Warnings) {
    let hosts = api_hosts(located);
    for located in located {
        if let Target::Other(url) = &located.target {
            warnings.add(if hosts.contains(&url.origin) {
                Warning::UnknownPath
            } else {
                Warning::OtherHost
            });
        }
    }
}

/// Returns the hosts of the API in the traffic.
fn api_hosts(located: &[Located]) -> HashSet<String> {
    let hosts = located.iter().filter_map(|located| match &located.target {
        Target::Api(url) => Some(url.origin.clone()),
        Target::Other(_) => None,
    });
    hosts.collect()
}

fn validate_all(
    validator: &mut Validator<'_>,
    located: Vec<Located>,
    hosts: &HashSet<String>,
    warnings: &mut Warnings,
) -> (Vec<Finding>, usize) {
    // A token of the API may be sent to another host first.
    for located in &located {
        if let (Target::Api(url), Some(token)) = (&located.target, entry::token(&located.entry)) {
            validator.expect_token(token, &url.origin);
        }
    }
    let mut findings = Vec::new();
    let mut numbers = Vec::new();
    let mut responses = 0;
    for Located {
        number,
        entry,
        target,
    } in located
    {
        match target {
            Target::Api(url) => {
                let recorded = entry::read(entry, url);
                for warning in recorded.warnings {
                    warnings.add(warning);
                }
                numbers.push(number);
                responses += usize::from(recorded.exchange.response.is_some());
                let found = validator.validate_recorded(&recorded.exchange, &recorded.omitted);
                findings.extend(found.into_iter().map(|found| numbered(found, &numbers)));
            }
            // The API's own host may get its tokens at any path.
            Target::Other(url) if hosts.contains(&url.origin) => {}
            Target::Other(url) => {
                // Only the token matters here, and the body may be long.
                let mut entry = entry;
                entry.response = None;
                let Recorded { exchange, .. } = entry::read(entry, url);
                let found = validator.validate_other_host(&exchange);
                findings.extend(found.into_iter().map(|found| Finding {
                    exchange: number,
                    ..found
                }));
            }
        }
    }
    let last = validator.finish().into_iter();
    findings.extend(last.map(|found| numbered(found, &numbers)));
    (findings, responses)
}

/// Replaces the number of an exchange by the number of its entry in the file.
fn numbered(finding: Finding, numbers: &[usize]) -> Finding {
    let index = finding.exchange.saturating_sub(1);
    Finding {
        exchange: numbers.get(index).copied().unwrap_or(finding.exchange),
        ..finding
    }
}

impl Located {
    fn is_api(&self) -> bool {
        matches!(self.target, Target::Api(_))
    }
}

impl fmt::Debug for HarTraffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HarTraffic")
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}
