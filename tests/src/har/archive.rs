//! ZIP archives with a HAR file and the bodies that it refers to.

use std::io::{Cursor, Read as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zip::ZipArchive;

use super::error::HarError;
use super::log::Entry;

const SIGNATURE: &[u8] = b"PK\x03\x04";
/// The largest content of all files, and the longest body, after decompression.
const MAX_TOTAL: u64 = 1024 * 1024 * 1024;
const MAX_BODY: u64 = 64 * 1024 * 1024;

pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// The path of the folder with the HAR file, with a slash at the end unless it is the root.
    folder: String,
    /// How many bytes may still be decompressed.
    left: u64,
}

impl<'a> Archive<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, HarError> {
        let zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|_| HarError::new("the ZIP archive is damaged"))?;
        Ok(Self {
            zip,
            folder: String::new(),
            left: MAX_TOTAL,
        })
    }

    /// Returns the HAR file in the archive.
    pub(super) fn har(&mut self) -> Result<Vec<u8>, HarError> {
        let names = self.zip.file_names();
        // macOS adds a file of metadata for each file.
        let names: Vec<_> = names
            .filter(|name| {
                name.to_ascii_lowercase().ends_with(".har") && !name.starts_with("__MACOSX/")
            })
            .collect();
        let name = match *names {
            [] => return Err(HarError::new("the ZIP archive has no HAR file")),
            [name] => name.to_owned(),
            _ => {
                return Err(HarError::new(
                    "the ZIP archive has several HAR files; extract it and validate each file",
                ));
            }
        };
        let end = name.rfind('/').map_or(0, |slash| slash + 1);
        name[..end].clone_into(&mut self.folder);
        self.file(&name, MAX_TOTAL).ok_or(HarError::new(
            "the HAR file in the ZIP archive is damaged or too long",
        ))
    }

    /// Adds the bodies that are in files of their own. A body that is missing stays omitted.
    pub(super) fn add_bodies(&mut self, entry: &mut Entry) {
        if let Some(body) = entry.request.as_mut().and_then(|own| own.body.as_mut())
            && let Some(encoded) = self.encoded(body.file.as_deref())
        {
            (body.text, body.encoding) = encoded;
        }
        if let Some(content) = entry.response.as_mut().and_then(|own| own.content.as_mut())
            && let Some(encoded) = self.encoded(content.file.as_deref())
        {
            (content.text, content.encoding) = encoded;
        }
    }

    /// Returns the text and the encoding of a body, as HAR files contain them.
    fn encoded(&mut self, file: Option<&str>) -> Option<(Option<String>, Option<String>)> {
        let file = file?;
        let beside = format!("{}{file}", self.folder);
        let is_beside = self.zip.index_for_name(&beside).is_some();
        let bytes = self.file(if is_beside { &beside } else { file }, MAX_BODY)?;
        Some((Some(STANDARD.encode(bytes)), Some("base64".to_owned())))
    }

    fn file(&mut self, name: &str, max: u64) -> Option<Vec<u8>> {
        let max = max.min(self.left);
        let mut bytes = Vec::new();
        let file = self.zip.by_name(name).ok()?;
        file.take(max + 1).read_to_end(&mut bytes).ok()?;
        self.left = self.left.saturating_sub(bytes.len() as u64);
        (bytes.len() as u64 <= max).then_some(bytes)
    }
}
