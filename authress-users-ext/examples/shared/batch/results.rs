//! Results: one line of JSON for each line of input.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use authress_users_ext::Error;
use serde::{Deserialize, Serialize};

use crate::shared::failure::{Failure, about};
use crate::shared::private_file;

/// The user, and for links the tenant, of a line.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Target {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tenant_id: Option<String>,
    pub(crate) user_id: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// The API has accepted the deletion.
    Deleted,
    /// The user did not exist.
    AlreadyGone,
    Linked,
    WouldDelete,
    UserNotFound,
    WouldLink,
    Blank,
    Duplicate,
    /// The input is invalid; nothing was sent.
    Invalid,
    Failed,
}

impl Outcome {
    /// Returns the outcome of a line whose call failed.
    pub(crate) fn of(error: &Error) -> Self {
        if error.is_invalid_input() {
            Self::Invalid
        } else {
            Self::Failed
        }
    }

    pub(crate) fn is_failure(self) -> bool {
        matches!(self, Self::Invalid | Self::Failed)
    }

    fn is_done(self) -> bool {
        matches!(self, Self::Deleted | Self::AlreadyGone | Self::Linked)
    }

    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::AlreadyGone => "already gone",
            Self::Linked => "linked",
            Self::WouldDelete => "would delete",
            Self::UserNotFound => "user not found",
            Self::WouldLink => "would link",
            Self::Blank => "blank",
            Self::Duplicate => "duplicate",
            Self::Invalid => "invalid",
            Self::Failed => "failed",
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    line: u64,
    #[serde(flatten)]
    pub(crate) target: Option<Target>,
    pub(crate) outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) same_as_line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_id: Option<String>,
    /// Set when the record is written.
    account: String,
}

impl Record {
    pub(crate) fn new(line: u64, outcome: Outcome) -> Self {
        Self {
            line,
            target: None,
            outcome,
            same_as_line: None,
            error: None,
            error_id: None,
            account: String::new(),
        }
    }
}

/// The first bytes of every record.
const START: &[u8] = b"{\"line\":";

/// Standard output, or a file that may contain the results of earlier runs.
pub(crate) struct Results {
    file: Option<File>,
    account: String,
    done: HashSet<Target>,
}

impl Results {
    pub(crate) fn open(path: Option<&Path>, account: &str) -> Result<Self, Failure> {
        let mut results = Self {
            file: None,
            account: account.to_owned(),
            done: HashSet::new(),
        };
        if let Some(path) = path {
            let opened = private_file::open_or_create(path);
            let mut file = opened.map_err(about(path.display()))?;
            let length = results.read(&mut file, path)?;
            // Removes a record that was incomplete when an earlier run was killed.
            file.set_len(length).map_err(about(path.display()))?;
            file.seek(SeekFrom::End(0)).map_err(about(path.display()))?;
            results.file = Some(file);
        }
        Ok(results)
    }

    /// Reads the results of earlier runs, and returns the length of the complete records.
    fn read(&mut self, file: &mut File, path: &Path) -> Result<u64, Failure> {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(about(path.display()))?;
        let invalid = || {
            format!(
                "{} contains something other than results; use another file, or none for standard \
                 output",
                path.display()
            )
        };
        let mut length = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if !line.ends_with(b"\n") {
                if START.starts_with(line) || line.starts_with(START) {
                    break;
                }
                return Err(invalid().into());
            }
            let record: Record = serde_json::from_slice(line).map_err(|_| invalid())?;
            if let Some(target) = record.target
                && record.outcome.is_done()
                && record.account == self.account
            {
                self.done.insert(target);
            }
            length += line.len() as u64;
        }
        Ok(length)
    }

    /// Returns whether an earlier run completed this target on this account.
    pub(crate) fn has_done(&self, target: &Target) -> bool {
        self.done.contains(target)
    }

    pub(crate) fn write(&mut self, mut record: Record) -> Result<(), Failure> {
        record.account.clone_from(&self.account);
        let mut line = serde_json::to_vec(&record)?;
        line.push(b'\n');
        let written = if let Some(file) = &mut self.file {
            file.write_all(&line)
        } else {
            let mut stdout = io::stdout().lock();
            stdout.write_all(&line).and_then(|()| stdout.flush())
        };
        // Unlike elsewhere, a closed pipe is an error: the results would be lost.
        written.map_err(about("could not write the results"))
    }
}
