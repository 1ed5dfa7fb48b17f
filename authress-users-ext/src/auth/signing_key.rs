use std::future::ready;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;

use super::signer::{SignatureFuture, Signer, SigningAlgorithm};

/// The private key of an access key, which never leaves this type.
pub(crate) enum SigningKey {
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl SigningKey {
    /// Parses an Ed25519 key in PKCS#8.
    pub(crate) fn from_ed25519_der(der: &[u8]) -> Option<Self> {
        Ed25519KeyPair::from_pkcs8(der).ok().map(Self::Ed25519)
    }

    /// Parses an RSA key in PEM, either PKCS#8 or PKCS#1.
    pub(crate) fn from_rsa_pem(pem: &str) -> Option<Self> {
        let key_pair = match PrivateKeyDer::from_pem_slice(pem.as_bytes()).ok()? {
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            _ => return None,
        };
        key_pair.ok().map(Self::Rsa)
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
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

impl Signer for SigningKey {
    fn algorithm(&self) -> SigningAlgorithm {
        match self {
            Self::Ed25519(_) => SigningAlgorithm::EdDsa,
            Self::Rsa(_) => SigningAlgorithm::Rs256,
        }
    }

    fn sign<'a>(&'a self, message: &'a [u8]) -> SignatureFuture<'a> {
        Box::pin(ready(self.signature(message).map_err(Into::into)))
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// The length of the PKCS#8 header before a 2048-bit PKCS#1 key (RFC 5208).
    const PKCS8_PREFIX: usize = 26;

    fn pem(label: &str, der: &[u8]) -> String {
        let lines = STANDARD.encode(der);
        format!("-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n")
    }

    #[test]
    fn signs_with_pkcs8_and_pkcs1_rsa_keys() {
        let key_pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = key_pair.as_der().unwrap();
        let der = der.as_ref();
        for text in [
            pem("PRIVATE KEY", der),
            pem("RSA PRIVATE KEY", &der[PKCS8_PREFIX..]),
        ] {
            let key = SigningKey::from_rsa_pem(&text).unwrap();
            let signature = key.signature(b"message").unwrap();
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key_pair.public_key().as_ref())
                .verify(b"message", &signature)
                .unwrap();
        }
    }

    #[test]
    fn rejects_a_damaged_rsa_key() {
        let key_pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = key_pair.as_der().unwrap();
        let mut damaged = der.as_ref().to_vec();
        // In the private exponent, a prime, and a value derived from both.
        for offset in [400, 800, 1000] {
            damaged[offset] ^= 0x55;
            assert!(SigningKey::from_rsa_pem(&pem("PRIVATE KEY", &damaged)).is_none());
            damaged[offset] ^= 0x55;
        }
        assert!(SigningKey::from_rsa_pem(&pem("PRIVATE KEY", &damaged)).is_some());
        assert!(SigningKey::from_rsa_pem(&pem("EC PRIVATE KEY", &damaged)).is_none());
    }
}
