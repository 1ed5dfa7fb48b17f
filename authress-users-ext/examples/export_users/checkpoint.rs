//! How far an export is, in a file that is whole at any moment.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::format::Format;
use crate::shared::failure::{Failure, about};

/// What an export is about. One that differs in any of this can't go on where another was.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Export {
    pub(crate) account: String,
    pub(crate) tenant: Option<String>,
    pub(crate) filter: Option<String>,
    pub(crate) format: Format,
    /// A cursor is good for the parameters that it was given for.
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
#[serde(rename_all = "lowercase")]
pub(crate) enum Stage {
    UnderWay,
    Finished,
    /// The API has named a cursor twice. Whoever follows it meets the same users again.
    Circular,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    export: Export,
    stage: Stage,
    /// Where the list goes on; at its start if there is none.
    cursor: Option<String>,
    /// How many bytes of the output are good.
    length: u64,
    users: u64,
}

pub(crate) struct Checkpoint {
    path: PathBuf,
    state: State,
}

impl Checkpoint {
    /// The checkpoint of a run before, if there is one.
    pub(crate) fn load(path: &Path, export: &Export) -> Result<Option<Self>, Failure> {
        let name = path.display();
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(reason) if reason.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(reason) => return Err(about(name)(reason)),
        };
        let state: State = serde_json::from_slice(&text)
            .map_err(|reason| format!("{name} is not a checkpoint of an export: {reason}"))?;
        let differences = state.export.differences(export);
        if !differences.is_empty() {
            return Err(format!(
                "{name} is the checkpoint of another export: {} differ. Run that one's command, or \
                 name another file",
                differences.join(", ")
            )
            .into());
        }
        if state.stage == Stage::Circular {
            return Err(format!(
                "the export of {name} can't go on: the API named a cursor twice, so that the list \
                 has no end. Remove the checkpoint and the output to start anew"
            )
            .into());
        }
        let path = path.to_owned();
        Ok(Some(Self { path, state }))
    }

    /// The checkpoint of an export that has not begun.
    pub(crate) fn create(path: &Path, export: Export) -> Result<Self, Failure> {
        let checkpoint = Self {
            path: path.to_owned(),
            state: State {
                export,
                stage: Stage::UnderWay,
                cursor: None,
                length: 0,
                users: 0,
            },
        };
        checkpoint.save()?;
        Ok(checkpoint)
    }

    /// Counts a page that is written; `cursor` is where the next one starts.
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
            Some(_) => Stage::UnderWay,
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

    /// Puts a complete file in the place of the one before: whoever is killed leaves one of them.
    fn save(&self) -> Result<(), Failure> {
        let about = || about(self.path.display());
        let mut next = self.path.clone().into_os_string();
        next.push(".next");
        let text = serde_json::to_vec_pretty(&self.state)?;
        let mut file = File::create(&next).map_err(about())?;
        file.write_all(&text).map_err(about())?;
        file.sync_data().map_err(about())?;
        drop(file);
        fs::rename(&next, &self.path).map_err(about())
    }
}
