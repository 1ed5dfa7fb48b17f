//! Pages of users, prepared in each coding.

use std::fmt::Write as _;
use std::io;

use async_compression::Level;
use async_compression::tokio::bufread::{BrotliEncoder, GzipEncoder, ZstdEncoder};
use tokio::io::AsyncReadExt as _;

pub(crate) const PAGES: usize = 1_000;
/// The maximum of the API.
pub(crate) const USERS_IN_A_PAGE: usize = 100;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Coding {
    Identity,
    Gzip,
    Brotli,
    Zstd,
}

impl Coding {
    pub(crate) const ALL: [Self; 4] = [Self::Identity, Self::Gzip, Self::Brotli, Self::Zstd];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }
}

/// Returns the pages without coding. The cursor of a page is the number of the next one.
pub(crate) fn plain() -> Vec<String> {
    let mut random = fastrand::Rng::with_seed(1);
    (0..PAGES)
        .map(|page| plain_page(page, &mut random))
        .collect()
}

fn plain_page(page: usize, random: &mut fastrand::Rng) -> String {
    let users: Vec<_> = (0..USERS_IN_A_PAGE).map(|_| user(random)).collect();
    let next = match page + 1 {
        PAGES => "null".to_owned(),
        next => format!(r#"{{"cursor":"{next}"}}"#),
    };
    format!(
        r#"{{"links":{{"self":{{"href":"https://auth.example.com/v1/users","rel":"self"}}}},"users":[{}],"pagination":{{"next":{next}}}}}"#,
        users.join(",")
    )
}

/// Returns a user of one of two identity providers. Ids and pictures are random, as they are in an account.
fn user(random: &mut fastrand::Rng) -> String {
    const FIRST: [&str; 8] = [
        "Ada", "Alan", "Barbara", "Edsger", "Grace", "Ken", "Margaret", "Niklaus",
    ];
    const LAST: [&str; 8] = [
        "Lovelace", "Turing", "Liskov", "Dijkstra", "Hopper", "Thompson", "Hamilton", "Wirth",
    ];
    let first = FIRST[random.usize(0..FIRST.len())];
    let last = LAST[random.usize(0..LAST.len())];
    let (id, picture) = if random.bool() {
        let id = format!("auth0|{}", text(random, 24, b"0123456789abcdef"));
        let hash = text(random, 32, b"0123456789abcdef");
        (
            id,
            format!("https://s.gravatar.com/avatar/{hash}?s=480&r=pg"),
        )
    } else {
        let id = format!("google-oauth2|1{}", text(random, 20, b"0123456789"));
        let hash = text(
            random,
            43,
            b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
        );
        let host = "https://lh3.googleusercontent.com/a";
        (id, format!("{host}/ACg8oc{hash}=s96-c"))
    };
    let number = random.u32(0..10_000);
    let mut email = String::new();
    // Writing to a string never fails.
    let _ = write!(email, "{first}.{last}{number}@example.com");
    email.make_ascii_lowercase();
    format!(
        r#"{{"userId":"{id}","name":"{first} {last}","picture":"{picture}","email":"{email}"}}"#
    )
}

fn text(random: &mut fastrand::Rng, length: usize, alphabet: &[u8]) -> String {
    let mut letter = || char::from(alphabet[random.usize(0..alphabet.len())]);
    (0..length).map(|_| letter()).collect()
}

/// Compresses the pages, at the levels that servers use for responses that are not stored.
pub(crate) async fn encode(pages: &[String], coding: Coding) -> io::Result<Vec<Vec<u8>>> {
    let mut all = Vec::with_capacity(pages.len());
    for page in pages {
        let page = page.as_bytes();
        let mut coded = Vec::new();
        match coding {
            Coding::Identity => coded.extend_from_slice(page),
            Coding::Gzip => {
                let mut compressor = GzipEncoder::with_quality(page, Level::Precise(6));
                compressor.read_to_end(&mut coded).await?;
            }
            Coding::Brotli => {
                let mut compressor = BrotliEncoder::with_quality(page, Level::Precise(5));
                compressor.read_to_end(&mut coded).await?;
            }
            Coding::Zstd => {
                let mut compressor = ZstdEncoder::with_quality(page, Level::Precise(3));
                compressor.read_to_end(&mut coded).await?;
            }
        }
        all.push(coded);
    }
    Ok(all)
}
