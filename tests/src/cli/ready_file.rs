use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file that exists while the fake accepts requests.
pub(super) struct ReadyFile(PathBuf);

impl ReadyFile {
    /// Removes the file of an earlier run.
    pub(super) fn remove_old(path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(reason) if reason.kind() != io::ErrorKind::NotFound => Err(reason),
            _ => Ok(()),
        }
    }

    /// Writes the file as a whole, readable by its owner only, because it holds an access key.
    pub(super) fn write(path: &Path, text: &str) -> io::Result<Self> {
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(format!(".{}", std::process::id()));
        let temporary = PathBuf::from(temporary);
        // The first process of a container has the same id in every run.
        Self::remove_old(&temporary)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&temporary)?;
        file.write_all(text.as_bytes())?;
        drop(file);
        fs::rename(&temporary, path)?;
        Ok(Self(path.to_owned()))
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        // A file that remains is removed by the next run.
        let _ = fs::remove_file(&self.0);
    }
}
