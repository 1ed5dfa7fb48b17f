//! The output formats.

use std::borrow::Cow;

use authress_users_client::repaired_json;
use authress_users_ext::Page;
use serde::{Deserialize, Serialize};

use crate::shared::failure::Failure;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// One JSON object per line, with every member that the API sent; numbers have the precision of
    /// 64-bit floating point, and a number beyond its range is omitted, with a warning
    Ndjson,
    /// The columns userId, name, email and picture, with a header, for the users that match the spec; a
    /// name, email or picture that a spreadsheet would run as a formula is prefixed with an apostrophe
    Csv,
}

impl Format {
    /// Returns the number of users of a page that the format cannot represent.
    pub(crate) fn omitted(self, page: &Page) -> u64 {
        match self {
            Self::Ndjson => 0,
            Self::Csv => page.skipped().len() as u64,
        }
    }

    /// Returns the number of members of users that would be in the output but cannot be represented, such
    /// as `1e999`.
    pub(crate) fn omitted_members(self, page: &Page) -> usize {
        match self {
            Self::Ndjson => page.iter().map(|user| user.skipped_members().len()).sum(),
            // Has only members that the spec names.
            Self::Csv => 0,
        }
    }

    pub(crate) fn write_header(self, bytes: &mut Vec<u8>) -> Result<(), Failure> {
        match self {
            Self::Ndjson => Ok(()),
            Self::Csv => write_records(bytes, [["userId", "name", "email", "picture"]]),
        }
    }

    pub(crate) fn write_page(self, page: &Page, bytes: &mut Vec<u8>) -> Result<(), Failure> {
        match self {
            Self::Ndjson => {
                let mut users = page.users().iter();
                let mut skipped = page.skipped().iter().peekable();
                for position in 0..page.users().len() + page.skipped().len() {
                    if let Some(user) = skipped.next_if(|user| user.position() == position) {
                        // A name that is not Unicode must not make a line unreadable.
                        let repaired = repaired_json(user.json().as_bytes());
                        let json = repaired.as_deref().unwrap_or(user.json());
                        // Line breaks in JSON strings are escaped, so these are white space.
                        bytes.extend(json.bytes().filter(|byte| !b"\r\n".contains(byte)));
                    } else if let Some(user) = users.next() {
                        serde_json::to_writer(&mut *bytes, user)?;
                    }
                    bytes.push(b'\n');
                }
                Ok(())
            }
            Self::Csv => write_records(
                bytes,
                page.users().iter().map(|user| {
                    [
                        // An id is a key for other programs and must not change.
                        Cow::from(&*user.user_id),
                        inert(user.name.as_deref()),
                        inert(user.email.as_deref()),
                        inert(user.picture.as_deref()),
                    ]
                }),
            ),
        }
    }
}

fn write_records<T: AsRef<str>, const N: usize>(
    bytes: &mut Vec<u8>,
    records: impl IntoIterator<Item = [T; N]>,
) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(bytes);
    for record in records {
        writer.write_record(record.iter().map(AsRef::as_ref))?;
    }
    writer.flush()?;
    Ok(())
}

/// Users choose their names, which a spreadsheet must not run as formulas.
fn inert(text: Option<&str>) -> Cow<'_, str> {
    let text = text.unwrap_or_default();
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}").into()
    } else {
        text.into()
    }
}
