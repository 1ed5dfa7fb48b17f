//! Reads the members of objects. Called by the generated code.

#![allow(
    dead_code,
    reason = "a copy of this file is in packages for other specs, which may call only some functions"
)]

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Unexpected,
    Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::{AdditionalMembers, from_json};

/// Reads the name of a member.
pub(crate) struct MemberName<'a, F> {
    /// Returns the index of a name that the spec has.
    pub(crate) find: F,
    /// The last name that the spec does not have.
    pub(crate) other: &'a mut String,
}

impl<'de, F: Fn(&str) -> Option<u16>> DeserializeSeed<'de> for MemberName<'_, F> {
    /// The index of the name, or none if the spec does not have it.
    // A small value, since one is returned for each member. A name would make it large.
    type Value = Option<u16>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<F: Fn(&str) -> Option<u16>> Visitor<'_> for MemberName<'_, F> {
    type Value = Option<u16>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    #[inline]
    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let index = (self.find)(name);
        if index.is_none() {
            name.clone_into(self.other);
        }
        Ok(index)
    }
}

/// Reads the value of a member that the spec names, and rejects a second one.
#[inline]
pub(crate) fn read<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    member: &mut Option<T>,
    name: &'static str,
    object: &mut A,
) -> Result<(), A::Error> {
    if member.is_some() {
        return Err(A::Error::duplicate_field(name));
    }
    *member = Some(object.next_value()?);
    Ok(())
}

/// Reads the value of a member that the spec does not name. A value that cannot be represented is
/// skipped, and its name kept.
pub(crate) fn read_additional<'de, A: MapAccess<'de>>(
    additional: &mut AdditionalMembers,
    name: String,
    object: &mut A,
) -> Result<(), A::Error> {
    match object.next_value()? {
        Representable(Some(value)) => {
            additional.insert(name, value);
        }
        Representable(None) => additional.skip(name),
    }
    Ok(())
}

/// Ignores the value of a member that the spec does not name.
pub(crate) fn ignore<'de, A: MapAccess<'de>>(object: &mut A) -> Result<(), A::Error> {
    object.next_value::<IgnoredAny>().map(drop)
}

/// Converts an additional member. The error names the member and the type, but not the value.
pub(crate) fn get<'a, T: Deserialize<'a>>(
    additional: &'a Map<String, Value>,
    name: &str,
) -> serde_json::Result<Option<T>> {
    match additional.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => T::deserialize(value).map(Some).map_err(|_| {
            let expected = std::any::type_name::<T>();
            serde_json::Error::custom(format!("the member `{name}` is not a {expected}"))
        }),
    }
}

/// A value, or `None` if it is JSON that cannot be represented: a number beyond the range of `f64`,
/// or arrays and objects nested too deeply.
struct Representable(Option<Value>);

impl<'de> Deserialize<'de> for Representable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut value = None;
        let raw = RawOrValue {
            inner: deserializer,
            value: &mut value,
        };
        match (Box::<RawValue>::deserialize(raw), value) {
            (Ok(json), _) => Ok(Self(from_json(json.get().as_bytes()).ok())),
            (Err(_), Some(value)) => Ok(Self(Some(value))),
            (Err(reason), None) => Err(reason),
        }
    }
}

/// Deserializes a [`RawValue`] from JSON text. Other formats, and serde's buffer for flattened
/// fields, cannot; the result is then an error and a value.
struct RawOrValue<'a, T> {
    inner: T,
    value: &'a mut Option<Value>,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for RawOrValue<'_, D> {
    type Error = D::Error;

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = RawOrValue {
            inner: visitor,
            value: self.value,
        };
        self.inner.deserialize_newtype_struct(name, visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for RawOrValue<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(object)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        *self.value = Some(Value::deserialize(inner)?);
        Err(D::Error::invalid_type(Unexpected::NewtypeStruct, &self))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::types::{ErrorBody, TenantUser, UserIdentity, UserIdentityCollection};

    fn user(json: &str) -> UserIdentity {
        serde_json::from_str(json).unwrap_or_else(|reason| panic!("{json}: {reason}"))
    }

    #[test]
    fn members_that_the_spec_does_not_name_are_kept() {
        let json = json!({
            "userId": "a",
            "name": "Ada",
            "linkedIdentities": [{ "connection": { "connectionId": "google" }, "userId": "g|1" }],
            "": null,
            "userid": 18_446_744_073_709_551_615_u64,
            "amount": -0.1,
        });
        let user = user(&json.to_string());
        assert_eq!((&*user.user_id, user.additional.len()), ("a", 4));
        assert_eq!(serde_json::to_value(&user).unwrap(), json);
        assert_eq!(serde_json::from_value::<UserIdentity>(json).unwrap(), user);
    }

    #[test]
    fn numbers_keep_all_digits_of_f64() {
        for number in [
            "0.1234567890123456789",
            "1.7976931348623157e308",
            "5e-324",
            "2.2250738585072011e-308",
        ] {
            let read = user(&format!(r#"{{"userId":"a","n":{number}}}"#));
            let expected: f64 = number.parse().unwrap();
            assert_eq!(
                read.additional["n"].as_f64().map(f64::to_bits),
                Some(expected.to_bits()),
                "{number}"
            );
            let text = serde_json::to_string(&read).unwrap();
            assert_eq!(user(&text), read);
        }
    }

    #[test]
    fn members_that_cannot_be_represented_are_skipped_and_noted() {
        let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        for value in ["1e999", "-1e999", r#"[{"a":1e999}]"#, &deep] {
            let user = user(&format!(r#"{{"x":{value},"a":1,"userId":"u","b":2}}"#));
            assert_eq!(user.user_id, "u");
            assert_eq!(user.skipped_members(), ["x"]);
            assert_eq!(
                serde_json::to_value(&user.additional).unwrap(),
                json!({"a": 1, "b": 2})
            );
            let written = serde_json::to_value(&user).unwrap();
            assert_eq!(written, json!({"userId": "u", "a": 1, "b": 2}));
        }
    }

    #[test]
    fn strings_that_are_not_unicode_are_repaired() {
        let user = user(r#"{"userId":"u","x":["\ud83d",{"\udf89":"\ud83c\udf89"}]}"#);
        let expected = json!(["\u{fffd}", {"\u{fffd}": "\u{1f389}"}]);
        assert_eq!(user.additional["x"], expected);
        assert!(user.skipped_members().is_empty());
    }

    #[test]
    fn the_last_of_equal_names_counts_unless_the_spec_has_the_name() {
        assert_eq!(user(r#"{"x":1,"userId":"u","x":2}"#).additional["x"], 2);
        let twice = r#"{"userId":"u","name":"a","name":"b"}"#;
        let reason = serde_json::from_str::<UserIdentity>(twice).unwrap_err();
        assert!(
            reason.to_string().starts_with("duplicate field `name`"),
            "{reason}"
        );
    }

    #[test]
    fn only_objects_are_users() {
        for json in [
            r#"["a@b.c","Ada",null,"u"]"#,
            r#"["a@b.c","Ada",null,"u",{}]"#,
            r#""u""#,
            "null",
            "7",
        ] {
            assert!(
                serde_json::from_str::<UserIdentity>(json).is_err(),
                "{json}"
            );
        }
        let reason = serde_json::from_str::<UserIdentity>(r#"{"name":null,"x":1}"#).unwrap_err();
        assert!(
            reason.to_string().starts_with("missing field `userId`"),
            "{reason}"
        );
    }

    #[test]
    fn an_array_in_place_of_an_object_is_invalid() {
        for page in [
            r#"{"users":[],"pagination":[{"next":{"cursor":"c"}}]}"#,
            r#"{"users":[],"pagination":[null]}"#,
            r#"{"users":[],"pagination":{"next":["c"]}}"#,
            r#"{"users":[],"links":[null,null]}"#,
            r#"{"users":[],"links":{"self":["/v1/users","self"]}}"#,
            "[null,null,[]]",
        ] {
            let read = serde_json::from_str::<UserIdentityCollection>(page);
            assert!(read.is_err(), "{page}");
        }
        assert!(serde_json::from_str::<ErrorBody>(r#"["c","e","t"]"#).is_err());
        assert!(serde_json::from_str::<TenantUser>(r#"["u"]"#).is_err());
    }

    #[test]
    fn other_members_of_a_page_are_ignored() {
        let page = r#"{"x":[1e999],"users":[],"pagination":{"x":{},"next":{"cursor":"c","x":7}}}"#;
        let page: UserIdentityCollection = serde_json::from_str(page).unwrap();
        let next = page.pagination.unwrap().next.unwrap();
        assert_eq!(next.cursor.as_deref(), Some("c"));
    }

    #[test]
    fn users_are_read_from_flattened_fields() {
        #[derive(serde::Deserialize)]
        struct Row {
            tenant: String,
            #[serde(flatten)]
            user: UserIdentity,
        }
        let row: Row =
            serde_json::from_str(r#"{"tenant":"acme","x":[1,{"y":null}],"userId":"u"}"#).unwrap();
        assert_eq!((&*row.tenant, &*row.user.user_id), ("acme", "u"));
        assert_eq!(row.user.additional["x"], json!([1, { "y": null }]));
    }

    #[test]
    fn typed_access_does_not_quote_the_value() {
        let user = user(r#"{"userId":"u","ids":["a","b"],"at":"sekrit","none":null}"#);
        assert_eq!(user.get::<Vec<&str>>("ids").unwrap().unwrap(), ["a", "b"]);
        assert_eq!(user.get::<Vec<String>>("missing").unwrap(), None);
        assert_eq!(user.get::<String>("none").unwrap(), None);
        let reason = user.get::<u64>("at").unwrap_err().to_string();
        assert_eq!(reason, "the member `at` is not a u64");
    }

    #[test]
    fn debug_and_errors_do_not_show_members() {
        let user = user(r#"{"userId":"sekrit","sekrit":"sekrit","sekrit2":1e999}"#);
        assert_eq!(format!("{user:?}"), "UserIdentity { .. }");
    }

    #[test]
    fn builders_keep_additional_members() {
        let ada = user(r#"{"userId":"u","x":1}"#);
        let builder = crate::types::builder::UserIdentity::from(ada.clone());
        let named: UserIdentity = builder.name(Some("Ada".to_owned())).try_into().unwrap();
        assert_eq!(named.additional, ada.additional);
        let built: UserIdentity = UserIdentity::builder().user_id("u").try_into().unwrap();
        assert!(built.additional.is_empty());
    }
}
