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
