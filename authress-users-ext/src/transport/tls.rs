//! What the TLS libraries report.

use std::error::Error as StdError;

/// A failure of TLS.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TlsFailure {
    /// The library's text.
    pub(super) text: String,
    /// Whether client and server do not accept each other, which a retry would not change.
    pub(super) is_permanent: bool,
}

impl TlsFailure {
    /// Reads an error, but not its sources.
    pub(super) fn of(error: &(dyn StdError + 'static)) -> Option<Self> {
        of_rustls(error).or_else(|| of_native_tls(error))
    }
}

#[cfg(feature = "rustls")]
fn of_rustls(error: &(dyn StdError + 'static)) -> Option<TlsFailure> {
    use rustls::{AlertDescription as Alert, Error};

    let error = error.downcast_ref::<Error>()?;
    let is_permanent = match error {
        Error::AlertReceived(alert) => matches!(
            alert,
            Alert::HandshakeFailure
                | Alert::NoCertificate
                | Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateRevoked
                | Alert::CertificateExpired
                | Alert::CertificateUnknown
                | Alert::UnknownCA
                | Alert::AccessDenied
                | Alert::ProtocolVersion
                | Alert::InsufficientSecurity
                | Alert::MissingExtension
                | Alert::UnrecognisedName
                | Alert::CertificateRequired
                | Alert::NoApplicationProtocol
        ),
        Error::InvalidCertificate(_)
        | Error::NoCertificatesPresented
        | Error::PeerIncompatible(_)
        | Error::NoApplicationProtocol => true,
        _ => false,
    };
    Some(TlsFailure {
        text: error.to_string(),
        is_permanent,
    })
}

#[cfg(not(feature = "rustls"))]
fn of_rustls(_: &(dyn StdError + 'static)) -> Option<TlsFailure> {
    None
}

/// The system's libraries have no common error type, so the text decides.
#[cfg(feature = "native-tls")]
fn of_native_tls(error: &(dyn StdError + 'static)) -> Option<TlsFailure> {
    let text = error.to_string();
    let lower = text.to_ascii_lowercase();
    let is_permanent = lower.contains("certificate") || lower.contains("handshake failure");
    (is_permanent || lower.contains("alert")).then_some(TlsFailure { text, is_permanent })
}

#[cfg(not(feature = "native-tls"))]
fn of_native_tls(_: &(dyn StdError + 'static)) -> Option<TlsFailure> {
    None
}
