//! The members of an object that the spec does not name.

#![allow(
    dead_code,
    reason = "a copy of this file is in packages for other specs, which may not use it"
)]

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};
use std::sync::LazyLock;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, map};

/// The members of an object that the spec does not name: a [`serde_json::Map`], to which it
/// dereferences.
///
/// Most objects have none, so it is as small as a pointer, and allocates for the first member.
/// `Debug` does not show the members.
///
/// ```
/// use authress_users_client::types::UserIdentity;
///
/// let user: UserIdentity = serde_json::from_str(r#"{"userId":"auth0|1","lastLogin":"2026-01-01"}"#)?;
/// assert_eq!(user.additional["lastLogin"], "2026-01-01");
/// for (name, value) in &user.additional {
///     println!("{name}: {value}");
/// }
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct AdditionalMembers(Option<Box<Received>>);

/// What an object had beside the members that the spec names.
#[derive(Clone, Default)]
struct Received {
    members: Map<String, Value>,
    skipped: Vec<String>,
}

impl AdditionalMembers {
    fn received(&mut self) -> &mut Received {
        self.0.get_or_insert_default()
    }

    /// Notes the name of a member whose value cannot be represented.
    pub(crate) fn skip(&mut self, name: String) {
        self.received().skipped.push(name);
    }

    pub(crate) fn skipped(&self) -> &[String] {
        match &self.0 {
            Some(received) => &received.skipped,
            None => &[],
        }
    }
}

impl Deref for AdditionalMembers {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        static EMPTY: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
        match &self.0 {
            Some(received) => &received.members,
            None => &EMPTY,
        }
    }
}

impl DerefMut for AdditionalMembers {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.received().members
    }
}

impl From<Map<String, Value>> for AdditionalMembers {
    fn from(members: Map<String, Value>) -> Self {
        let skipped = Vec::new();
        Self(Some(Box::new(Received { members, skipped })))
    }
}

impl From<AdditionalMembers> for Map<String, Value> {
    fn from(additional: AdditionalMembers) -> Self {
        additional
            .0
            .map_or_else(Map::new, |received| received.members)
    }
}

impl IntoIterator for AdditionalMembers {
    type Item = (String, Value);
    type IntoIter = map::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        Map::from(self).into_iter()
    }
}

impl<'a> IntoIterator for &'a AdditionalMembers {
    type Item = (&'a String, &'a Value);
    type IntoIter = map::Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for AdditionalMembers {
    fn eq(&self, other: &Self) -> bool {
        **self == **other && self.skipped() == other.skipped()
    }
}

impl Eq for AdditionalMembers {}

impl Hash for AdditionalMembers {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
        self.skipped().hash(state);
    }
}

impl Serialize for AdditionalMembers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

// Not derived, because the schema would have the description of this type.
#[cfg(feature = "schemars")]
impl schemars::JsonSchema for AdditionalMembers {
    fn inline_schema() -> bool {
        Map::<String, Value>::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        Map::<String, Value>::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Map::<String, Value>::json_schema(generator)
    }
}

impl fmt::Debug for AdditionalMembers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdditionalMembers").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher as _, RandomState};

    use super::*;

    #[test]
    fn a_map_that_was_emptied_equals_one_that_never_had_members() {
        let (none, mut emptied) = (AdditionalMembers::default(), AdditionalMembers::default());
        emptied.insert("x".to_owned(), Value::Null);
        assert_ne!(emptied, none);
        emptied.remove("x");
        assert_eq!(emptied, none);
        let hasher = RandomState::new();
        assert_eq!(hasher.hash_one(&emptied), hasher.hash_one(&none));
        emptied.skip("y".to_owned());
        assert_ne!(emptied, none);
    }

    #[test]
    fn maps_are_converted_without_loss() {
        let map: Map<String, Value> = [("x".to_owned(), Value::from(1))].into_iter().collect();
        let additional = AdditionalMembers::from(map.clone());
        assert!((&additional).into_iter().eq(&map));
        assert_eq!(
            serde_json::to_value(&additional).unwrap(),
            Value::from(map.clone())
        );
        assert_eq!(format!("{additional:?}"), "AdditionalMembers { .. }");
        assert_eq!(Map::from(additional.clone()), map);
        assert!(additional.into_iter().eq(map));
        assert_eq!(Map::from(AdditionalMembers::default()), Map::new());
    }

    #[cfg(feature = "schemars")]
    #[test]
    fn the_schema_is_that_of_a_map() {
        use schemars::{JsonSchema as _, SchemaGenerator};

        let mut generator = SchemaGenerator::default();
        let expected = Map::<String, Value>::json_schema(&mut generator);
        assert_eq!(AdditionalMembers::json_schema(&mut generator), expected);
        let user = crate::types::UserIdentity::json_schema(&mut generator);
        assert_eq!(user.get("additionalProperties"), Some(&Value::Bool(true)));
        assert_eq!(generator.definitions().len(), 0);
    }
}
