//! Files with personal data: only their owner can read them, and links are not followed.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Creates a new file.
///
/// # Errors
/// As for [`OpenOptions::open`]; [`ErrorKind::AlreadyExists`] for any existing file or link.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Opens an existing file. One that is writable becomes private before anything is written.
///
/// # Errors
/// As for [`OpenOptions::open`], and if the path is a link or not a regular file.
pub(crate) fn open(path: &Path, is_writable: bool) -> io::Result<File> {
    let not_a_file = || {
        let reason = "is a symbolic link or not a regular file; use another path";
        io::Error::new(ErrorKind::InvalidInput, reason)
    };
    // A pipe would block when it is opened.
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(not_a_file());
    }
    let file = OpenOptions::new()
        .read(true)
        .write(is_writable)
        .open(path)?;
    // The path may have been replaced by a link before it was opened.
    if !is_same(&fs::symlink_metadata(path)?, &file.metadata()?) {
        return Err(not_a_file());
    }
    #[cfg(unix)]
    if is_writable {
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    }
    Ok(file)
}

/// Opens a file, or creates it if there is none.
///
/// # Errors
/// As for [`open`] and [`create_new`].
pub(crate) fn open_or_create(path: &Path) -> io::Result<File> {
    match create_new(path) {
        Err(reason) if reason.kind() == ErrorKind::AlreadyExists => open(path, true),
        result => result,
    }
}

#[cfg(unix)]
fn is_same(path: &Metadata, opened: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (path.dev(), path.ino()) == (opened.dev(), opened.ino())
}

#[cfg(not(unix))]
fn is_same(path: &Metadata, opened: &Metadata) -> bool {
    path.is_file() && opened.is_file()
}
