use std::error::Error as StdError;
use std::time::SystemTime;

use crate::auth::{AccessToken, MissingCallerToken, TokenProvider};
use crate::error::{Error, ErrorKind};

/// Returns a token of the provider that is valid at `now`, the server's time.
pub(crate) async fn access_token(
    tokens: &dyn TokenProvider,
    now: SystemTime,
) -> Result<AccessToken, Error> {
    tokens.access_token_at(now).await.map_err(
        |source: Box<dyn StdError + Send + Sync>| match source.downcast::<MissingCallerToken>() {
            Ok(missing) => Error::new(ErrorKind::Token, missing.to_string()),
            Err(source) => {
                Error::new(ErrorKind::Token, "the token provider failed").with_source(source)
            }
        },
    )
}
