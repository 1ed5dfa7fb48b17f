//! The output file.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use crate::shared::failure::{Failure, about};
use crate::shared::private_file;

/// Standard output or a file.
pub(crate) struct Output(Option<File>);

impl Output {
    pub(crate) fn standard() -> Self {
        Self(None)
    }

    /// Creates a new file.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        Self::check_absent(path)?;
        let file = private_file::create_new(path).map_err(about(path.display()))?;
        Ok(Self(Some(file)))
    }

    pub(crate) fn check_absent(path: &Path) -> Result<(), Failure> {
        // Unlike `exists`, this finds a link to nothing, too.
        if path.symlink_metadata().is_ok() {
            return Err(format!(
                "{} exists; remove it, use another file, or resume with the --checkpoint of the export",
                path.display()
            )
            .into());
        }
        Ok(())
    }

    /// Opens a file whose first `length` bytes are complete. Truncates the rest, which an earlier run
    /// was writing when it ended.
    pub(crate) fn resume(path: &Path, length: u64) -> Result<Self, Failure> {
        let about = || about(path.display());
        let opened = if length == 0 {
            private_file::open_or_create(path)
        } else {
            private_file::open(path, true)
        };
        let mut file = opened.map_err(about())?;
        let present = file.metadata().map_err(about())?.len();
        if present < length {
            return Err(format!(
                "{} has {present} bytes, but had {length} when the checkpoint was written; restore it, or \
                 remove both files to start over",
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
            return file
                .write_all(bytes)
                .map_err(about("could not write the output"));
        }
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        Ok(stdout.flush()?)
    }

    /// Flushes the file to disk.
    pub(crate) fn sync(&self) -> Result<(), Failure> {
        match &self.0 {
            Some(file) => file
                .sync_data()
                .map_err(about("could not write the output")),
            None => Ok(()),
        }
    }
}
