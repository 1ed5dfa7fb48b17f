//! How the responses of the server deviate from the spec.

/// The deviations of all responses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deviations {
    /// The status of a user or page.
    pub(super) read: u16,
    pub(super) delete: u16,
    pub(super) link: u16,
    /// The form of users that calls get, one that is still a user.
    pub(super) user: UserForm,
}

impl Default for Deviations {
    fn default() -> Self {
        Self {
            read: 200,
            delete: 202,
            link: 204,
            user: UserForm::WellFormed,
        }
    }
}

/// How the server writes a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UserForm {
    WellFormed,
    /// The name ends with an unpaired surrogate, as when JavaScript cuts a text.
    CutName,
    NumberAsName,
    WithoutId,
}

impl UserForm {
    pub(super) fn json(self, id: &str) -> String {
        match self {
            Self::WellFormed => format!(r#"{{"userId":"{id}","name":"Ada"}}"#),
            Self::CutName => format!(r#"{{"userId":"{id}","name":"Ada \ud83d"}}"#),
            Self::NumberAsName => format!(r#"{{"userId":"{id}","name":7}}"#),
            Self::WithoutId => format!(r#"{{"name":"{id}"}}"#),
        }
    }

    /// Returns the name that the client returns, or `None` if it skips the user.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::WellFormed => Some("Ada"),
            Self::CutName => Some("Ada \u{fffd}"),
            Self::NumberAsName | Self::WithoutId => None,
        }
    }
}
