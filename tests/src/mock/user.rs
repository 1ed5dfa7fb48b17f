use std::fmt;

use serde_json::{Value, json};

use crate::error::InvalidInput;

/// A user of the fake, from an id alone or from a JSON object with a `userId`.
///
/// ```
/// use authress_users_contract::User;
/// use serde_json::json;
///
/// let by_id = User::from("auth0|1");
/// let user = User::try_from(json!({ "userId": "auth0|1", "name": "Ada" }))?;
/// assert_ne!(user, by_id);
/// assert_eq!(User::try_from(json!({ "userId": "auth0|1" }))?, by_id);
/// assert!(User::try_from(json!({ "name": "Ada" })).is_err());
/// # Ok::<(), authress_users_contract::InvalidInput>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct User(Value);

impl User {
    pub(crate) fn into_value(self) -> Value {
        self.0
    }

    #[cfg(feature = "cli")]
    pub(crate) fn value(&self) -> &Value {
        &self.0
    }

    #[cfg(feature = "cli")]
    pub(crate) fn id(&self) -> &str {
        self.0["userId"].as_str().unwrap_or_default()
    }
}

impl From<&str> for User {
    fn from(id: &str) -> Self {
        Self(json!({ "userId": id }))
    }
}

impl From<String> for User {
    fn from(id: String) -> Self {
        Self::from(&*id)
    }
}

impl TryFrom<Value> for User {
    type Error = InvalidInput;

    fn try_from(user: Value) -> Result<Self, InvalidInput> {
        if user["userId"].is_string() {
            Ok(Self(user))
        } else {
            Err(InvalidInput::User)
        }
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").finish_non_exhaustive()
    }
}
