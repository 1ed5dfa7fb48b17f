use std::io::Read as _;
use std::path::Path;

use super::failure::Failure;

/// Reads a file; `-` is standard input. Returns its name for messages.
pub(super) fn read(file: &Path) -> Result<(String, Vec<u8>), Failure> {
    let (name, bytes) = if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut bytes);
        ("standard input".to_owned(), read.map(|_| bytes))
    } else {
        (file.display().to_string(), std::fs::read(file))
    };
    match bytes {
        Ok(bytes) => Ok((name, bytes)),
        Err(reason) => {
            let reason = format!("{name}: could not read the file: {reason}");
            Err(Failure::Unusable(reason))
        }
    }
}
