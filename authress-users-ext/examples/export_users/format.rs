//! The output formats.

use std::borrow::Cow;

use authress_users_client::repaired_json;
use authress_users_ext::Page;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::shared::failure::Failure;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// One JSON object per line, with every member that the API sent
    Ndjson,
    /// The columns userId, name, email and picture, with a header, for the users that match the spec; a
    /// name, email or picture that a spreadsheet would run as a formula is prefixed with an apostrophe
    Csv,
}

/// The users of a page as raw JSON.
#[derive(Deserialize)]
struct Users<'a> {
    #[serde(borrow)]
    users: Vec<&'a RawValue>,
}

impl Format {
    /// Returns the number of users of a page that the format cannot represent.
    pub(crate) fn omitted(self, page: &Page) -> u64 {
        match self {
            Self::Ndjson => 0,
            Self::Csv => page.skipped().len() as u64,
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
                // A name that is not Unicode must not make a line unreadable.
                let repaired = repaired_json(page.body());
                let body = repaired.as_ref().map_or(&page.body()[..], String::as_bytes);
                let page: Users<'_> = serde_json::from_slice(body)?;
                for user in page.users {
                    // Line breaks in JSON strings are escaped, so these are white space.
                    let bare = user.get().bytes().filter(|byte| !b"\r\n".contains(byte));
                    bytes.extend(bare);
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
