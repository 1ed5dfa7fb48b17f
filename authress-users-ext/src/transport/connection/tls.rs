//! What the TLS libraries report.

use std::error::Error as StdError;

/// A failure of TLS.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TlsFailure {
    /// The library's text.
    pub(crate) text: String,
    /// Whether client and server do not accept each other, which a retry would not change.
    pub(crate) is_permanent: bool,
}

impl TlsFailure {
    /// Reads an error, but not its sources.
    pub(crate) fn of(error: &(dyn StdError + 'static)) -> Option<Self> {
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
    use hyper_util::client::legacy;

    // The texts of these hold more than TLS reports: the URL, and what the server sends.
    let is_of_http = error.is::<reqwest::Error>()
        || error.is::<legacy::Error>()
        || error.is::<hyper::Error>()
        || error.is::<h2::Error>();
    if is_of_http {
        return None;
    }
    let text = error.to_string();
    let lower = text.to_ascii_lowercase();
    let is_permanent = lower.contains("certificate") || lower.contains("handshake failure");
    (is_permanent || lower.contains("alert")).then_some(TlsFailure { text, is_permanent })
}

#[cfg(not(feature = "native-tls"))]
fn of_native_tls(_: &(dyn StdError + 'static)) -> Option<TlsFailure> {
    None
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[cfg(feature = "rustls")]
    #[test]
    fn only_the_handshake_is_rejected_for_good() {
        use rustls::{AlertDescription, CertificateError, Error};

        for (error, is_permanent) in [
            (
                Error::AlertReceived(AlertDescription::CertificateRequired),
                true,
            ),
            (Error::AlertReceived(AlertDescription::UnknownCA), true),
            (Error::AlertReceived(AlertDescription::InternalError), false),
            (
                Error::InvalidCertificate(CertificateError::UnknownIssuer),
                true,
            ),
            (Error::DecryptError, false),
        ] {
            let failure = TlsFailure::of(&error).unwrap();
            assert_eq!(failure.is_permanent, is_permanent, "{}", failure.text);
        }
    }

    #[cfg(feature = "native-tls")]
    #[test]
    fn reads_the_text_of_the_system_library() {
        let required = io::Error::other("tlsv13 alert certificate required");
        assert!(TlsFailure::of(&required).unwrap().is_permanent);
        let internal = io::Error::other("tlsv1 alert internal error");
        assert!(!TlsFailure::of(&internal).unwrap().is_permanent);
    }

    #[test]
    fn other_failures_are_not_tls_failures() {
        let url = "certificate-alert://localhost";
        let request = reqwest::Client::new().get(url).build();
        let error = futures::executor::block_on(reqwest::Client::new().execute(request.unwrap()));
        assert_eq!(TlsFailure::of(&error.unwrap_err()), None);
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(TlsFailure::of(&refused), None);
    }
}
