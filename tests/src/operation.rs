use std::fmt;
use std::str::FromStr;

use crate::error::InvalidInput;

/// An operation of the API.
///
/// ```
/// use authress_users_contract::Operation;
///
/// assert_eq!(Operation::GetUser.id(), "getUser");
/// assert_eq!("deleteUser".parse(), Ok(Operation::DeleteUser));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Operation {
    /// `getUsers`: lists users in pages.
    GetUsers,
    /// `getUser`: returns one user.
    GetUser,
    /// `deleteUser`: deletes a user.
    DeleteUser,
    /// `linkTenantUser`: links a user to a tenant.
    LinkTenantUser,
}

impl Operation {
    /// All operations, in the order of the spec.
    pub const ALL: &[Self] = &[
        Self::GetUsers,
        Self::GetUser,
        Self::DeleteUser,
        Self::LinkTenantUser,
    ];

    /// Returns the operation id of the spec, such as `getUser`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::GetUsers => "getUsers",
            Self::GetUser => "getUser",
            Self::DeleteUser => "deleteUser",
            Self::LinkTenantUser => "linkTenantUser",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Operation {
    type Err = InvalidInput;

    fn from_str(id: &str) -> Result<Self, InvalidInput> {
        let found = Self::ALL.iter().find(|operation| operation.id() == id);
        found.copied().ok_or(InvalidInput::Operation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Spec;

    #[test]
    fn operations_match_the_spec() {
        let ids: Vec<_> = Operation::ALL.iter().map(|own| own.id()).collect();
        let documented: Vec<_> = Spec::bundled().operation_ids().collect();
        assert_eq!(ids, documented);
    }

    #[test]
    fn ids_parse_to_their_operation() {
        for operation in Operation::ALL {
            assert_eq!(operation.to_string().parse(), Ok(*operation));
        }
        assert_eq!(
            "getTeams".parse::<Operation>(),
            Err(InvalidInput::Operation)
        );
    }
}
