//! Names the provider's schemas as we do, before the overlay is applied.
//!
//! A schema is recognized by its role, the way from an operation to it: request body or response, and
//! members. Its name, and whether it is a component or inline, make no difference.

use std::collections::{BTreeMap, BTreeSet};

use authress_users_openapi::{Role, operations, visit_objects_mut};
use serde_json::{Map, Value, json};

use super::all_of::merged;
use super::compare::{View, counterpart, is_error, partner};
use super::keep::errors;
use super::part::Part;
use super::schemas::{SCHEMAS, is_structured, schema_name, schema_names};

/// Names the schema of ours whose role a schema has, so that the overlay can select it.
pub(super) const ROLE: &str = "x-role";

/// Where schemas with a role are while the others still have the provider's names.
const NAMED: &str = "#/named/";

/// Names the provider's schemas as ours where they have the same role, and the others in Pascal
/// case. Returns the number of schemas that had another name or none.
///
/// Each role has a schema of its own, even if the provider uses one schema for several. If the
/// provider has several schemas in one role, all but the first are numbered.
pub(super) fn name_schemas(own: &Value, theirs: &mut Value) -> usize {
    let mut naming = Naming {
        own,
        theirs,
        roles: BTreeMap::new(),
        schemas: Map::new(),
        renamed: 0,
    };
    let mut paths = naming.named(&own["paths"], &theirs["paths"], Part::names("paths"));
    naming.name_errors(&mut paths);
    let others = naming.add_others(&paths);
    let Naming {
        mut schemas,
        renamed,
        ..
    } = naming;
    let mut rename = |members: &mut Map<String, Value>| {
        if let Some(Value::String(to)) = members.get_mut("$ref") {
            if let Some(name) = to.strip_prefix(NAMED) {
                *to = format!("{SCHEMAS}{name}");
            } else if let Some(name) = schema_name(to).and_then(|name| others.get(&name)) {
                *to = format!("{SCHEMAS}{name}");
            }
        }
        0
    };
    visit_objects_mut(&mut paths, Role::Names, &mut rename);
    for (_, schema) in &mut schemas {
        visit_objects_mut(schema, Role::Object, &mut rename);
    }
    schemas.sort_keys();
    *theirs = json!({"paths": paths, "components": {"schemas": schemas}});
    renamed
}

struct Naming<'a> {
    own: &'a Value,
    theirs: &'a Value,
    /// The new name of a schema, by our name of its role and the provider's name.
    roles: BTreeMap<(String, String), String>,
    /// The schemas by their new names.
    schemas: Map<String, Value>,
    renamed: usize,
}

impl Naming<'_> {
    /// Returns `theirs` with references to named schemas where `ours` refers to a schema.
    fn named(&mut self, ours: &Value, theirs: &Value, part: Part<'_>) -> Value {
        match (ours, theirs) {
            (Value::Object(_), Value::Object(_)) if part.role == Role::Object => {
                let our = View::of(self.own, ours);
                let their = View::of(self.theirs, theirs);
                match our.reference.and_then(schema_name) {
                    Some(role) if is_structured(their.value) => {
                        self.component(role, our.value, &their)
                    }
                    _ if their.reference.is_some() => theirs.clone(),
                    _ => self.members(our.value, theirs, part),
                }
            }
            (Value::Object(_), Value::Object(_)) if part.role == Role::Names => {
                self.members(ours, theirs, part)
            }
            (Value::Array(ours), Value::Array(theirs)) if part.role == Role::Object => theirs
                .iter()
                .enumerate()
                .map(
                    |(index, item)| match counterpart(self.own, ours, item, index) {
                        Some(own) => self.named(own, item, part),
                        None => item.clone(),
                    },
                )
                .collect(),
            _ => theirs.clone(),
        }
    }

    fn members(&mut self, ours: &Value, theirs: &Value, part: Part<'_>) -> Value {
        let (Some(ours), Some(members)) = (ours.as_object(), theirs.as_object()) else {
            return theirs.clone();
        };
        members
            .iter()
            .map(|(key, member)| {
                // The bodies of all errors have the same role.
                let error = || ours.iter().find(|(own, _)| is_error(own) && is_error(key));
                let own = partner(ours, members, key, part)
                    .or_else(|| error().filter(|_| part.is_responses()).map(|(_, own)| own));
                let named = match own {
                    Some(own) => self.named(own, member, part.member(key, member)),
                    None => member.clone(),
                };
                (key.clone(), named)
            })
            .collect()
    }

    /// Names the bodies of errors of operations that we do not have, since all errors have one.
    fn name_errors(&mut self, paths: &mut Value) {
        let own = operations(self.own);
        let errors = own.iter().flat_map(errors);
        let errors = errors.map(|(status, response)| (status.clone(), response.clone()));
        let errors: Value = errors.collect::<Map<_, _>>().into();
        for (path, item) in paths.as_object_mut().into_iter().flatten() {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                let responses = operation.get_mut("responses");
                if let Some(responses) = responses
                    && !own.iter().any(|it| it.path == path && it.method == method)
                {
                    *responses = self.members(&errors, responses, Part::names("responses"));
                }
            }
        }
    }

    /// Returns the reference to a schema with the role of `ours`, which is our schema `role`.
    fn component(&mut self, role: String, ours: &Value, their: &View<'_>) -> Value {
        let known = their.reference.and_then(schema_name);
        let key = known.map(|name| (role.clone(), name));
        let present = key.as_ref().and_then(|key| self.roles.get(key)).cloned();
        let name = present.unwrap_or_else(|| self.add(role, key, ours, their.value));
        let mut reference = json!({"$ref": format!("{NAMED}{name}")});
        if their.nullable {
            reference["nullable"] = json!(true);
        }
        reference
    }

    /// Adds a schema with a role and returns its name.
    fn add(
        &mut self,
        role: String,
        key: Option<(String, String)>,
        ours: &Value,
        theirs: &Value,
    ) -> String {
        let name = self.free_name(&role);
        // A schema can contain itself.
        self.schemas.insert(name.clone(), Value::Null);
        let is_inline = key.is_none();
        self.renamed += usize::from(key.as_ref().is_none_or(|(_, theirs)| *theirs != name));
        self.roles.extend(key.map(|key| (key, name.clone())));
        let flat = merged(self.theirs, theirs);
        let mut content = self.members(ours, flat.as_ref().unwrap_or(theirs), Part::OBJECT);
        if let Some(members) = content.as_object_mut() {
            // The references state it.
            members.shift_remove("nullable");
            members.insert(ROLE.to_owned(), Value::String(role));
        }
        let mut same = self.schemas.iter().filter(|(_, other)| **other == content);
        if let Some((same, _)) = same.next().filter(|_| is_inline) {
            let same = same.clone();
            self.schemas.shift_remove(&name);
            return same;
        }
        self.schemas.insert(name.clone(), content);
        name
    }

    fn free_name(&self, wanted: &str) -> String {
        let numbered = (2..).map(|number| format!("{wanted}{number}"));
        std::iter::once(wanted.to_owned())
            .chain(numbered)
            .find(|name| !self.schemas.contains_key(name))
            .unwrap_or_default()
    }

    /// Adds the schemas without a role that are still referred to. Returns the new names of all
    /// schemas that are referred to by the provider's names.
    fn add_others(&mut self, paths: &Value) -> BTreeMap<String, String> {
        let mut names = BTreeMap::new();
        let mut others = BTreeSet::new();
        let mut open = schema_names(paths);
        open.extend(self.schemas.values().flat_map(schema_names));
        while let Some(name) = open.pop() {
            let mut roles = self.roles.iter();
            let role = roles.find(|((_, theirs), _)| *theirs == name);
            if let Some((_, new)) = role {
                names.insert(name, new.clone());
            } else if let Some(schema) = self.theirs["components"]["schemas"].get(&name)
                && others.insert(name)
            {
                open.extend(schema_names(schema));
            }
        }
        // Names that need no change are not taken by others.
        let (same, different): (Vec<_>, Vec<_>) =
            others.into_iter().partition(|name| pascal(name) == *name);
        for name in same.into_iter().chain(different) {
            let new = self.free_name(&pascal(&name));
            self.renamed += usize::from(new != name);
            let schema = self.theirs["components"]["schemas"][&name].clone();
            self.schemas.insert(new.clone(), schema);
            names.insert(name, new);
        }
        names
    }
}

/// Returns a name in Pascal case; letters inside a word stay as they are.
fn pascal(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_alphanumeric());
    words
        .flat_map(|word| {
            let mut letters = word.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            first.chain(letters).collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(schema: &Value) -> Value {
        json!({"/a": {"get": {"responses": {"200": {"content": {"a/json": {"schema": schema}}}}}}})
    }

    /// Names the schemas of a response whose schema in our spec is `Page`, which has `Item`s.
    fn named(paths: &Value, schemas: &Value) -> (usize, Value, Value) {
        let own = json!({
            "paths": page(&json!({"$ref": "#/components/schemas/Page"})),
            "components": {"schemas": {
                "Page": {"type": "object", "properties": {
                    "items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
                    "best": {"nullable": true, "allOf": [{"$ref": "#/components/schemas/Item"}]},
                }},
                "Item": {"type": "object", "properties": {"a": {"type": "string"}}},
            }},
        });
        let mut theirs = json!({"paths": paths, "components": {"schemas": schemas}});
        let renamed = name_schemas(&own, &mut theirs);
        let paths = theirs["paths"].take();
        (renamed, paths, theirs["components"]["schemas"].take())
    }

    fn reference(name: &str) -> Value {
        json!({"$ref": format!("{SCHEMAS}{name}")})
    }

    #[test]
    fn schemas_are_named_by_their_role() {
        let item = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        let with_role = |mut schema: Value, role: &str| {
            schema[ROLE] = json!(role);
            schema
        };
        let expected = json!({
            "Item": with_role(item.clone(), "Item"),
            "Page": with_role(json!({"type": "object", "properties": {
                "items": {"type": "array", "items": reference("Item")},
                "best": {"$ref": "#/components/schemas/Item", "nullable": true},
            }}), "Page"),
        });
        let nullable = |mut schema: Value| {
            schema["nullable"] = json!(true);
            schema
        };
        let members = |item: &Value| json!({"items": {"type": "array", "items": item}, "best": nullable(item.clone())});
        let body = |item: &Value| json!({"type": "object", "properties": members(item)});
        let cases = [
            // Other names, also of references whose name is encoded.
            (
                reference("a_page"),
                json!({"a_page": body(&reference("an%20item")), "an item": item}),
            ),
            // Inline, and the same schema twice.
            (body(&item), json!({})),
            // Composed.
            (
                json!({"allOf": [reference("Base"), {"properties": {"best": nullable(reference("Item"))}}]}),
                json!({
                    "Base": {"type": "object", "properties": {"items": members(&reference("Item"))["items"]}},
                    "Item": {"allOf": [item]},
                }),
            ),
        ];
        for (schema, schemas) in cases {
            let (renamed, paths, schemas) = named(&page(&schema), &schemas);
            assert!(renamed > 0, "{schema}");
            assert_eq!(schemas, expected, "{schema}");
            assert_eq!(paths, page(&reference("Page")));
        }
    }

    #[test]
    fn errors_of_other_operations_have_the_schema_of_ours() {
        let error = |schema: Value| json!({"content": {"a/json": {"schema": schema}}});
        let own = json!({
            "paths": {"/a": {"get": {"responses": {"401": error(reference("Problem"))}}}},
            "components": {"schemas": {"Problem": {"type": "object"}}},
        });
        let inline = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        let mut theirs = json!({
            "paths": {"/b": {"put": {"responses": {
                "200": error(inline.clone()), "409": error(inline.clone()),
            }}}},
            "components": {"schemas": {}},
        });
        name_schemas(&own, &mut theirs);
        let responses = &theirs["paths"]["/b"]["put"]["responses"];
        assert_eq!(responses["200"], error(inline));
        assert_eq!(responses["409"], error(reference("Problem")));
    }

    #[test]
    fn members_named_like_statuses_are_not_errors() {
        let own = json!({
            "paths": page(&reference("Page")),
            "components": {"schemas": {
                "Page": {"type": "object", "properties": {"404": reference("Item")}},
                "Item": {"type": "object"},
            }},
        });
        let other = json!({"503": {"type": "object", "title": "Other"}});
        let body = json!({"type": "object", "properties": other});
        let mut theirs = json!({"paths": page(&body), "components": {"schemas": {}}});
        name_schemas(&own, &mut theirs);
        assert_eq!(theirs["components"]["schemas"]["Page"]["properties"], other);
    }

    #[test]
    fn each_role_has_a_schema_and_other_names_give_way() {
        let page_schema = json!({"type": "object", "properties": {
            "items": {"type": "array", "items": reference("page")},
            "best": reference("Item"),
            "x": reference("Page"),
            "y": reference("Item_x"),
            "z": reference("ItemX"),
        }});
        let (_, paths, schemas) = named(
            &page(&reference("page")),
            &json!({
                "page": page_schema,
                "Item": {"type": "object", "properties": {"b": {"type": "integer"}}},
                "Page": {"type": "string", "enum": ["a"]},
                "Item_x": {"type": "object"},
                "ItemX": {"type": "object", "title": "X"},
                "Unused": {"type": "object"},
            }),
        );
        assert_eq!(paths, page(&reference("Page")));
        let members = &schemas["Page"]["properties"];
        assert_eq!(members["items"]["items"], reference("Item"));
        assert_eq!(members["best"], reference("Item2"));
        assert_eq!(schemas["Item2"][ROLE], "Item");
        assert_eq!(members["x"], reference("Page2"));
        assert_eq!(schemas["Page2"], json!({"type": "string", "enum": ["a"]}));
        assert_eq!(
            (&members["y"], &members["z"]),
            (&reference("ItemX2"), &reference("ItemX"))
        );
        assert!(schemas.get("Unused").is_none());
    }

    #[test]
    fn recursive_schemas_are_named_once() {
        let item = json!({"type": "object", "properties": {"parent": reference("item")}});
        let body = json!({"type": "object", "properties": {"best": reference("item")}});
        let (_, _, schemas) = named(&page(&body), &json!({"item": item}));
        assert_eq!(schemas["Item"]["properties"]["parent"], reference("Item"));
        assert_eq!(schemas.as_object().map(Map::len), Some(2));
    }
}
