use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde::Serialize;

/// The private half of an access key, which never leaves this type.
pub(crate) enum SigningKey {
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// The first part of a token; its members stand in the order in which the official clients send
/// them.
#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    kid: &'a str,
    typ: &'a str,
}

impl SigningKey {
    /// Reads an Ed25519 key in PKCS#8.
    pub(crate) fn from_ed25519_der(der: &[u8]) -> Option<Self> {
        Ed25519KeyPair::from_pkcs8(der).ok().map(Self::Ed25519)
    }

    /// Reads an RSA key in PEM: PKCS#8, or PKCS#1.
    pub(crate) fn from_rsa_pem(pem: &str) -> Option<Self> {
        let key_pair = match PrivateKeyDer::from_pem_slice(pem.as_bytes()).ok()? {
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            _ => return None,
        };
        key_pair.ok().map(Self::Rsa)
    }

    /// A JWT of these claims (RFC 7519), signed.
    pub(crate) fn token(
        &self,
        key_id: &str,
        claims: &impl Serialize,
    ) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        let header = Header {
            alg: match self {
                Self::Ed25519(_) => "EdDSA",
                Self::Rsa(_) => "RS256",
            },
            kid: key_id,
            typ: "at+jwt",
        };
        let mut jwt = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header)?);
        jwt.push('.');
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims)?, &mut jwt);
        let signature = self.sign(jwt.as_bytes())?;
        jwt.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut jwt);
        Ok(jwt)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        match self {
            Self::Ed25519(key_pair) => Ok(key_pair.sign(message).as_ref().to_vec()),
            Self::Rsa(key_pair) => {
                let mut signature = vec![0; key_pair.public_modulus_len()];
                let random = SystemRandom::new();
                key_pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)?;
                Ok(signature)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// What stands before the PKCS#1 key in the PKCS#8 of one of 2048 bits (RFC 5208).
    const PKCS8_PREFIX: usize = 26;

    fn pem(label: &str, der: &[u8]) -> String {
        let lines = STANDARD.encode(der);
        format!("-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n")
    }

    #[test]
    fn both_forms_of_an_rsa_key_sign_what_its_public_key_verifies() {
        let made = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = made.as_der().unwrap();
        let der = der.as_ref();
        for text in [
            pem("PRIVATE KEY", der),
            pem("RSA PRIVATE KEY", &der[PKCS8_PREFIX..]),
        ] {
            let key = SigningKey::from_rsa_pem(&text).unwrap();
            let jwt = key.token("a key", &["a claim"]).unwrap();
            let (message, signature) = jwt.rsplit_once('.').unwrap();
            let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, made.public_key().as_ref())
                .verify(message.as_bytes(), &signature)
                .unwrap();
        }
    }

    #[test]
    fn a_damaged_rsa_key_is_found_when_it_is_read() {
        let made = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = made.as_der().unwrap();
        let mut damaged = der.as_ref().to_vec();
        // In the private exponent, a prime, and what was derived from both.
        for place in [400, 800, 1000] {
            damaged[place] ^= 0x55;
            assert!(SigningKey::from_rsa_pem(&pem("PRIVATE KEY", &damaged)).is_none());
            damaged[place] ^= 0x55;
        }
        assert!(SigningKey::from_rsa_pem(&pem("PRIVATE KEY", &damaged)).is_some());
        assert!(SigningKey::from_rsa_pem(&pem("EC PRIVATE KEY", &damaged)).is_none());
    }
}
