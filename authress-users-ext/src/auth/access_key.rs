use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::Deserialize;

use super::credential_format;
use super::service_client::ServiceClient;
use super::signing_key::SigningKey;
use crate::error::Error;

/// The bytes before the 32-byte private key in every Ed25519 PKCS#8 key (RFC 8410).
const ED25519_PKCS8_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
const ED25519_PKCS8_LENGTH: usize = 48;

/// Why an access key is invalid.
type Reason = Cow<'static, str>;

/// A parsed and validated access key of a service client. It signs tokens and is never sent.
pub(crate) struct ServiceClientAccessKey {
    pub(crate) client: ServiceClient,
    /// Part of a legacy key; derived from the account id of a current one.
    pub(crate) audience: String,
    pub(crate) signing_key: SigningKey,
}

impl ServiceClientAccessKey {
    /// Parses the key that `setting` holds: `{clientId}.{keyId}.{accountId}.{privateKey}`, or a
    /// legacy key, which is a base64-encoded JSON object. The number of dots distinguishes them.
    pub(crate) fn parse(setting: &'static str, key: &SecretString) -> Result<Self, Error> {
        credential_format::check(key.expose_secret(), credential_format::is_part_of_key)
            .map_err(Reason::from)
            .and_then(|()| Self::parse_text(key.expose_secret().trim()))
            .map_err(|reason| Error::invalid_setting(setting, reason))
    }

    fn parse_text(key: &str) -> Result<Self, Reason> {
        if key.is_empty() {
            return Err("it is empty".into());
        }
        match *key.split('.').collect::<Vec<_>>() {
            [client_id, key_id, account_id, private_key] => {
                Self::parse_current(client_id, key_id, account_id, private_key)
            }
            [legacy] => Self::parse_legacy(legacy),
            [_, _, _] => {
                Err("it has three parts, like a JWT; set an access token as access_token".into())
            }
            ref parts => Err(format!(
                "it has {} parts, but an access key has four: \
                 {{clientId}}.{{keyId}}.{{accountId}}.{{privateKey}}",
                parts.len()
            )
            .into()),
        }
    }

    fn parse_current(
        client_id: &str,
        key_id: &str,
        account_id: &str,
        private_key: &str,
    ) -> Result<Self, Reason> {
        let client = ServiceClient {
            client_id: client_id.to_owned(),
            key_id: key_id.to_owned(),
            account_id: account_id.to_owned(),
        };
        client.check()?;
        if private_key.is_empty() {
            return Err("privateKey is empty".into());
        }
        let der: SecretSlice<u8> = STANDARD
            .decode(private_key)
            .map_err(|_| "privateKey is not base64; check that the key is complete")?
            .into();
        let der = der.expose_secret();
        if der.len() != ED25519_PKCS8_LENGTH || !der.starts_with(&ED25519_PKCS8_PREFIX) {
            return Err(
                "privateKey is not an Ed25519 key in PKCS#8 (48 bytes); check that the key is complete"
                    .into(),
            );
        }
        Ok(Self {
            audience: client.audience(),
            client,
            signing_key: SigningKey::from_ed25519_der(der)
                .ok_or("privateKey is damaged and cannot sign")?,
        })
    }

    fn parse_legacy(encoded: &str) -> Result<Self, Reason> {
        let json: SecretSlice<u8> = STANDARD
            .decode(encoded)
            .map_err(|_| {
                "it has one part, like a legacy key, but is not base64; a current key has four \
                 parts, joined by dots"
            })?
            .into();
        // The parser's message would quote the key.
        let legacy: LegacyAccessKey = serde_json::from_slice(json.expose_secret())
            .map_err(|_| "it is base64, but not of a JSON object with string members")?;
        let client_id = present("clientId", legacy.client_id)?;
        let key_id = present("keyId", legacy.key_id)?;
        let audience = present("audience", legacy.audience)?;
        let private_key = legacy
            .private_key
            .filter(|key| !key.expose_secret().trim().is_empty())
            .ok_or_else(|| missing("privateKey"))?;
        credential_format::check_id("audience", &audience)?;
        let account_id = audience.split('.').next().unwrap_or_default().to_owned();
        if account_id.is_empty() {
            return Err("audience does not start with an account id".into());
        }
        let client = ServiceClient {
            client_id,
            key_id,
            account_id,
        };
        client.check()?;
        let signing_key = SigningKey::from_rsa_pem(private_key.expose_secret())
            .ok_or("privateKey is not an RSA key in PEM")?;
        Ok(Self {
            client,
            audience,
            signing_key,
        })
    }
}

impl fmt::Debug for ServiceClientAccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceClientAccessKey(..)")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LegacyAccessKey {
    client_id: Option<String>,
    key_id: Option<String>,
    audience: Option<String>,
    private_key: Option<SecretString>,
}

fn present(name: &str, member: Option<String>) -> Result<String, Reason> {
    member
        .filter(|text| !text.is_empty())
        .ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Reason {
    format!("it is a legacy key without {name}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIVATE_KEY: &str = "MC4CAQAwBQYDK2VwBCIEIE99LFw2c3DCiYwrY/Qkg1nIDiagoHtdCwb88RxarVYA";

    fn legacy(json: &str) -> String {
        STANDARD.encode(json)
    }

    fn parse(key: &str) -> Result<ServiceClientAccessKey, Error> {
        ServiceClientAccessKey::parse("access_key", &SecretString::from(key))
    }

    #[test]
    fn parses_a_current_key() {
        let key = parse(&format!(" sc_1.key.acc-1.{PRIVATE_KEY}\n")).unwrap();
        assert_eq!(
            (
                &*key.client.client_id,
                &*key.client.key_id,
                &*key.client.account_id,
                &*key.audience
            ),
            ("sc_1", "key", "acc-1", "acc-1.accounts.authress.io")
        );
        assert_eq!(format!("{key:?}"), "ServiceClientAccessKey(..)");
    }

    #[test]
    fn rejects_damaged_keys_without_showing_them() {
        let other_algorithm = STANDARD.encode([0x30; 48]);
        let cut_off = &PRIVATE_KEY[..60];
        let not_an_object = legacy("[\"sekrit\"]");
        let without_client =
            legacy(r#"{"keyId":"sekrit","audience":"sekrit.x","privateKey":"sekrit"}"#);
        let without_key_id =
            legacy(r#"{"clientId":"sekrit","audience":"sekrit.x","privateKey":"sekrit"}"#);
        let without_audience =
            legacy(r#"{"clientId":"sekrit","keyId":"sekrit","privateKey":"sekrit"}"#);
        let without_private_key =
            legacy(r#"{"clientId":"sekrit","keyId":"sekrit","audience":"sekrit.x"}"#);
        let empty_audience =
            legacy(r#"{"clientId":"sekrit","keyId":"k","audience":".x","privateKey":"sekrit"}"#);
        let no_pem =
            legacy(r#"{"clientId":"sekrit","keyId":"k","audience":"a.x","privateKey":"sekrit"}"#);
        let malformed_account =
            legacy(r#"{"clientId":"c","keyId":"k","audience":"sekrit/a.x","privateKey":"p"}"#);
        let invisible_client =
            legacy(r#"{"clientId":"sekrit\ufeff","keyId":"k","audience":"a.x","privateKey":"p"}"#);
        let quoted_key_id =
            legacy(r#"{"clientId":"sekrit","keyId":"'k'","audience":"a.x","privateKey":"p"}"#);
        let invisible_audience =
            legacy(r#"{"clientId":"sekrit","keyId":"k","audience":"a.x\u00ad","privateKey":"p"}"#);
        for (given, reason) in [
            (
                invisible_client,
                "clientId has U+FEFF (byte order mark) at position 7",
            ),
            (quoted_key_id, "keyId has U+0027 (apostrophe) at position 1"),
            (
                invisible_audience,
                "audience has U+00AD (soft hyphen) at position 4",
            ),
            (malformed_account, "account id may contain only"),
            (
                format!("sekrit.k.a/b.{PRIVATE_KEY}"),
                "account id may contain only",
            ),
            (
                format!("sekrit.k.a:8443.{PRIVATE_KEY}"),
                "account id may contain only",
            ),
            (
                format!("sekrit.k.a b.{PRIVATE_KEY}"),
                "U+0020 (space) at position 11",
            ),
            (
                format!("Bearer sekrit.k.a.{PRIVATE_KEY}"),
                "U+0020 (space) at position 7",
            ),
            (
                format!("sekrit.k\n.a.{PRIVATE_KEY}"),
                "U+000A (line feed) at position 9",
            ),
            (
                format!("\u{feff}sekrit.k.a.{PRIVATE_KEY}"),
                "U+FEFF (byte order mark) at position 1",
            ),
            (
                format!("'sekrit.k.a.{PRIVATE_KEY}'"),
                "U+0027 (apostrophe) at position 1",
            ),
            (
                format!("AUTHRESS_ACCESS_KEY=sekrit.k.a.{PRIVATE_KEY}"),
                "U+003D (equals sign) at position 20",
            ),
            (String::new(), "it is empty"),
            ("sekrit.sekrit".into(), "it has 2 parts"),
            ("sekrit.sekrit.sekrit".into(), "like a JWT"),
            (format!("sekrit.k.a.{PRIVATE_KEY}.x"), "it has 5 parts"),
            (format!(".k.a.{PRIVATE_KEY}"), "clientId is empty"),
            (format!("sekrit..a.{PRIVATE_KEY}"), "keyId is empty"),
            (format!("sekrit.k..{PRIVATE_KEY}"), "accountId is empty"),
            ("sekrit.k.a.".into(), "privateKey is empty"),
            ("sekrit.k.a.sekrit!".into(), "privateKey is not base64"),
            (
                format!("sekrit.k.a.{other_algorithm}"),
                "not an Ed25519 key",
            ),
            (format!("sekrit.k.a.{cut_off}"), "not an Ed25519 key"),
            ("sekrit!".into(), "not base64"),
            (not_an_object, "not of a JSON object"),
            (without_client, "without clientId"),
            (without_key_id, "without keyId"),
            (without_audience, "without audience"),
            (without_private_key, "without privateKey"),
            (empty_audience, "does not start with an account id"),
            (no_pem, "not an RSA key in PEM"),
        ] {
            let error = parse(&given).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(error.is_configuration());
            assert!(shown.contains(reason), "expected {reason:?} in {shown}");
            assert!(
                !shown.contains("sekrit") && !shown.contains(PRIVATE_KEY),
                "{shown}"
            );
        }
    }
}
