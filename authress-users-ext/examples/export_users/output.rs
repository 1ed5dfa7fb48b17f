//! Where the users go.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use crate::shared::failure::{Failure, about};

/// Standard output or a file.
pub(crate) struct Output(Option<File>);

impl Output {
    pub(crate) fn standard() -> Self {
        Self(None)
    }

    /// A new file.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        Self::refuse_existing(path)?;
        let file = File::create_new(path).map_err(about(path.display()))?;
        Ok(Self(Some(file)))
    }

    pub(crate) fn refuse_existing(path: &Path) -> Result<(), Failure> {
        if path.exists() {
            return Err(format!(
                "{} exists. Remove it or name another file; an export that is to go on needs the \
                 --checkpoint that it was started with",
                path.display()
            )
            .into());
        }
        Ok(())
    }

    /// A file whose first `length` bytes are good. What stands behind them was being written when
    /// the run before ended, and goes.
    pub(crate) fn go_on(path: &Path, length: u64) -> Result<Self, Failure> {
        let about = || about(path.display());
        let mut options = OpenOptions::new();
        options.write(true).create(length == 0).truncate(false);
        let mut file = options.open(path).map_err(about())?;
        let present = file.metadata().map_err(about())?.len();
        if present < length {
            return Err(format!(
                "{} has {present} bytes, and {length} when the checkpoint was written. Put it back, \
                 or remove both files to start anew",
                path.display()
            )
            .into());
        }
        file.set_len(length).map_err(about())?;
        file.seek(SeekFrom::Start(length)).map_err(about())?;
        Ok(Self(Some(file)))
    }

    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if let Some(file) = &mut self.0 {
            return file.write_all(bytes).map_err(about("the output"));
        }
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        Ok(stdout.flush()?)
    }

    /// Waits until what was appended would outlive a power cut.
    pub(crate) fn sync(&self) -> Result<(), Failure> {
        match &self.0 {
            Some(file) => file.sync_data().map_err(about("the output")),
            None => Ok(()),
        }
    }
}
