//! Private keys, which sign tokens.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;

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

    /// Returns the name of the algorithm in the header of a token.
    pub(crate) fn algorithm(&self) -> &'static str {
        match self {
            Self::Ed25519(_) => "EdDSA",
            Self::Rsa(_) => "RS256",
        }
    }

    /// Returns the public key of an Ed25519 key.
    pub(crate) fn ed25519_public_key(&self) -> Option<&[u8]> {
        match self {
            Self::Ed25519(key_pair) => Some(key_pair.public_key().as_ref()),
            Self::Rsa(_) => None,
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Ed25519(key_pair) => Some(key_pair.sign(message).as_ref().to_vec()),
            Self::Rsa(key_pair) => {
                let mut signature = vec![0; key_pair.public_modulus_len()];
                let random = SystemRandom::new();
                let signed = key_pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature);
                signed.ok().map(|()| signature)
            }
        }
    }
}
