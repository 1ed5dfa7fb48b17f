use std::error::Error as StdError;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// The future of [`Signer::sign`]: a signature, or the signer's error.
pub type SignatureFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Vec<u8>, Box<dyn StdError + Send + Sync>>> + Send + 'a>>;

/// An algorithm that the API accepts for the tokens of service clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// `EdDSA`: Ed25519 (RFC 8032); a signature has 64 bytes.
    EdDsa,
    /// `RS256`: RSA with PKCS#1 v1.5 padding and SHA-256.
    Rs256,
}

impl SigningAlgorithm {
    /// The `alg` in the header of a JWT.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
        }
    }

    /// Explains a signature of a length that no key of the algorithm has, such as text in base64.
    pub(super) fn check(self, signature: &[u8]) -> Result<(), String> {
        let length = signature.len();
        let (is_valid, expected) = match self {
            Self::EdDsa => (length == 64, "64 bytes"),
            // Of a key of 2,048 bits, the smallest that RFC 7518 allows.
            Self::Rs256 => (length >= 256, "256 bytes or more"),
        };
        if is_valid {
            return Ok(());
        }
        Err(format!(
            "the signer returned a signature of {length} bytes, but one of {} has {expected}; return \
             the bytes without base64",
            self.name()
        ))
    }
}

/// Signs the tokens of a service client with a key that need not be in this process, such as one in
/// a KMS or an HSM.
///
/// Pass it to [`AuthressClientBuilder::service_client`](crate::AuthressClientBuilder::service_client)
/// together with a [`ServiceClient`](crate::ServiceClient), whose page lists the header and the claims
/// of the tokens. The guide has a page on [signing with a KMS](crate::guide::signing_with_a_kms).
///
/// ```
/// use authress_users_ext::{SignatureFuture, Signer, SigningAlgorithm};
///
/// /// The client of a KMS.
/// struct KmsClient;
///
/// impl KmsClient {
///     async fn sign(&self, _key: &str, _message: &[u8]) -> std::io::Result<Vec<u8>> {
///         Ok(vec![0; 64]) // a request to the KMS goes here
///     }
/// }
///
/// /// An Ed25519 key in the KMS.
/// struct KmsKey {
///     kms: KmsClient,
///     arn: String,
/// }
///
/// impl Signer for KmsKey {
///     fn algorithm(&self) -> SigningAlgorithm {
///         SigningAlgorithm::EdDsa
///     }
///
///     fn sign<'a>(&'a self, message: &'a [u8]) -> SignatureFuture<'a> {
///         Box::pin(async { Ok(self.kms.sign(&self.arn, message).await?) })
///     }
/// }
/// ```
#[doc(alias("kms", "hsm"))]
pub trait Signer: Send + Sync + 'static {
    /// Returns the algorithm of the key, for the header of the token.
    fn algorithm(&self) -> SigningAlgorithm;

    /// Signs `message` as it is; it is not a digest.
    ///
    /// Returns the bytes of the signature, without base64. A length that the algorithm does not have is an
    /// error of the call.
    ///
    /// # Errors
    /// Any error ends the call with an error of kind [`Token`](crate::ErrorKind::Token), unless the
    /// current token is still valid.
    fn sign<'a>(&'a self, message: &'a [u8]) -> SignatureFuture<'a>;
}

impl<S: Signer + ?Sized> Signer for Arc<S> {
    fn algorithm(&self) -> SigningAlgorithm {
        (**self).algorithm()
    }

    fn sign<'a>(&'a self, message: &'a [u8]) -> SignatureFuture<'a> {
        (**self).sign(message)
    }
}

impl<S: Signer + ?Sized> Signer for Box<S> {
    fn algorithm(&self) -> SigningAlgorithm {
        (**self).algorithm()
    }

    fn sign<'a>(&'a self, message: &'a [u8]) -> SignatureFuture<'a> {
        (**self).sign(message)
    }
}
