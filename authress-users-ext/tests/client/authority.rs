//! A certificate authority for tests of TLS.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// A certificate authority, and a server certificate for `localhost` that it has issued.
pub(crate) struct Authority {
    pub(crate) certificate: CertificateDer<'static>,
    server: CertificateDer<'static>,
    server_key: KeyPair,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap().der().clone();
        let server_key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(["localhost".to_owned()])
            .unwrap()
            .signed_by(&server_key, &Issuer::new(params, key))
            .unwrap();
        Self {
            certificate,
            server: server.der().clone(),
            server_key,
        }
    }

    /// A server that requires a client certificate or does not.
    pub(crate) fn acceptor(&self, requires_certificate: bool) -> TlsAcceptor {
        let builder = ServerConfig::builder();
        let builder = if requires_certificate {
            let mut roots = RootCertStore::empty();
            roots.add(self.certificate.clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build();
            builder.with_client_cert_verifier(verifier.unwrap())
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::Pkcs8(self.server_key.serialize_der().into());
        let config = builder.with_single_cert(vec![self.server.clone()], key);
        TlsAcceptor::from(Arc::new(config.unwrap()))
    }

    /// Returns the authority's certificate as PEM.
    pub(crate) fn certificate_pem(&self) -> String {
        pem("CERTIFICATE", &self.certificate)
    }

    /// Returns the server's certificate and private key as PEM. A client can present it too.
    pub(crate) fn identity_pem(&self) -> String {
        pem("CERTIFICATE", &self.server) + &pem("PRIVATE KEY", &self.server_key.serialize_der())
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}
