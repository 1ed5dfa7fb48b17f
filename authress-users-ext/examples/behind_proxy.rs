//! Lists the users of an account from a network with a proxy, its own certificate authority, and client
//! certificates.
//!
//! Needs `AUTHRESS_API_URL` and `AUTHRESS_ACCESS_KEY`. The first file has the certificate of the authority, the
//! second one the client's certificate and private key, both as PEM.

use std::fs;
use std::io::{Write as _, stdout};

use authress_users_ext::AuthressClientBuilder;
use authress_users_ext::reqwest::{Certificate, Identity, Proxy};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [authority, identity, proxy] = &*arguments else {
        return Err("usage: behind_proxy AUTHORITY_FILE IDENTITY_FILE PROXY_URL".into());
    };
    let authority = Certificate::from_pem(&fs::read(authority)?)?;
    let identity = Identity::from_pem(&fs::read(identity)?)?;
    let proxy = Proxy::https(proxy)?;
    let authress = AuthressClientBuilder::from_env()?
        .http(move |http| {
            http.tls_certs_merge([authority.clone()])
                .identity(identity.clone())
                .proxy(proxy.clone())
        })
        .build()?;
    let mut users = authress.users().get_users().stream();
    while let Some(user) = users.try_next().await? {
        writeln!(stdout(), "{}", user.user_id)?;
    }
    Ok(())
}
