//! Values for property tests.

use proptest::collection::{hash_map, vec};
use proptest::prelude::*;
use serde_json::Value;

/// Any JSON value of a moderate size whose strings match a pattern.
pub(crate) fn json_value(strings: &'static str) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1000..1000_i32).prop_map(|number| Value::from(f64::from(number) / 8.0)),
        strings.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            hash_map(strings, inner, 0..6).prop_map(|members| members.into_iter().collect()),
        ]
    })
}
