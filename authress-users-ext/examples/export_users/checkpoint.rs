//! The progress of an export, in a file that is replaced atomically.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::format::Format;
use crate::shared::failure::{Failure, about};
use crate::shared::private_file;

/// The settings of an export. It can be resumed only with the same settings.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Export {
    pub(crate) account: String,
    pub(crate) tenant: Option<String>,
    pub(crate) filter: Option<String>,
    pub(crate) format: Format,
    /// A cursor is valid only for the parameters that it was returned for.
    pub(crate) page_size: u32,
    pub(crate) output: PathBuf,
}

impl Export {
    fn differences(&self, other: &Self) -> Vec<&'static str> {
        [
            ("the account", self.account == other.account),
            ("--tenant", self.tenant == other.tenant),
            ("--filter", self.filter == other.filter),
            ("--format", self.format == other.format),
            ("--page-size", self.page_size == other.page_size),
            ("--output", self.output == other.output),
        ]
        .into_iter()
        .filter_map(|(name, is_same)| (!is_same).then_some(name))
        .collect()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    InProgress,
    Finished,
    /// The API returned a cursor twice, so the list would never end.
    Cycle,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    export: Export,
    stage: Stage,
    /// Where to resume the list; `None` is its start.
    cursor: Option<String>,
    /// The length of the output that is complete.
    length: u64,
    users: u64,
}

pub(crate) struct Checkpoint {
    path: PathBuf,
    state: State,
}

impl Checkpoint {
    /// Loads the checkpoint of an earlier run, if there is one.
    pub(crate) fn load(path: &Path, export: &Export) -> Result<Option<Self>, Failure> {
        let name = path.display();
        let mut file = match private_file::open(path, false) {
            Ok(file) => file,
            Err(reason) if reason.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(reason) => return Err(about(name)(reason)),
        };
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(about(&name))?;
        let state: State = serde_json::from_slice(&text)
            .map_err(|reason| format!("{name} is not an export checkpoint: {reason}"))?;
        let differences = state.export.differences(export);
        if !differences.is_empty() {
            return Err(format!(
                "{name} is the checkpoint of another export ({} differ); use the settings of that \
                 export, or another file",
                differences.join(", ")
            )
            .into());
        }
        if state.stage == Stage::Cycle {
            return Err(format!(
                "cannot resume the export of {name}: the API returned a cursor twice, so the list would \
                 never end; remove the checkpoint and the output to start over"
            )
            .into());
        }
        let path = path.to_owned();
        Ok(Some(Self { path, state }))
    }

    /// Creates the checkpoint of a new export.
    pub(crate) fn create(path: &Path, export: Export) -> Result<Self, Failure> {
        let checkpoint = Self {
            path: path.to_owned(),
            state: State {
                export,
                stage: Stage::InProgress,
                cursor: None,
                length: 0,
                users: 0,
            },
        };
        checkpoint.save()?;
        Ok(checkpoint)
    }

    /// Records a written page; `cursor` is the start of the next one.
    pub(crate) fn advance(
        &mut self,
        cursor: Option<&str>,
        bytes: u64,
        users: u64,
    ) -> Result<(), Failure> {
        self.state.length += bytes;
        self.state.users += users;
        self.state.cursor = cursor.map(str::to_owned);
        self.close(match cursor {
            Some(_) => Stage::InProgress,
            None => Stage::Finished,
        })
    }

    pub(crate) fn close(&mut self, stage: Stage) -> Result<(), Failure> {
        self.state.stage = stage;
        self.save()
    }

    pub(crate) fn stage(&self) -> &Stage {
        &self.state.stage
    }

    pub(crate) fn cursor(&self) -> Option<&str> {
        self.state.cursor.as_deref()
    }

    pub(crate) fn length(&self) -> u64 {
        self.state.length
    }

    pub(crate) fn users(&self) -> u64 {
        self.state.users
    }

    /// Replaces the file atomically, so that a killed process leaves a complete one.
    fn save(&self) -> Result<(), Failure> {
        let about = || about(self.path.display());
        let mut next = self.path.clone().into_os_string();
        next.push(".next");
        let text = serde_json::to_vec_pretty(&self.state)?;
        // A killed process may have left one.
        match fs::remove_file(&next) {
            Err(reason) if reason.kind() != io::ErrorKind::NotFound => return Err(about()(reason)),
            _ => {}
        }
        let mut file = private_file::create_new(Path::new(&next)).map_err(about())?;
        file.write_all(&text).map_err(about())?;
        file.sync_data().map_err(about())?;
        drop(file);
        fs::rename(&next, &self.path).map_err(about())
    }
}
