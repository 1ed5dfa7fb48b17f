//! Path, query, header and cookie parameters.

use std::collections::BTreeMap;

use authress_users_openapi::PathTemplate;

use super::media_types;
use super::pair::Pair;
use super::schemas;
use crate::diff::behavior::annotations;
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, wire};
use crate::diff::direction::{Direction, Encoding};
use crate::diff::operation::Operation;
use crate::diff::part::{Both, Part};
use crate::diff::shape::Shape;

/// How a server identifies a parameter: its location, and its name or position.
type Key = (String, String);

/// Returns the parameters of an operation, including those of its path item.
fn parameters<'a>(operation: &Operation<'a>) -> BTreeMap<Key, Part<'a>> {
    let template = PathTemplate::parse(operation.entry.path);
    let mut parameters = BTreeMap::new();
    // Parameters of the operation override those of the path item.
    for holder in [&operation.path_item, &operation.part] {
        for parameter in holder.items_of("parameters") {
            let location = parameter.text("in").unwrap_or_default().to_owned();
            let name = parameter.text("name").unwrap_or_default();
            let name = match &*location {
                // The position of a path parameter identifies it, not its name.
                "path" => match template.parameters().position(|known| known == name) {
                    Some(position) => position.to_string(),
                    None => name.to_owned(),
                },
                "header" => name.to_lowercase(),
                _ => name.to_owned(),
            };
            // OpenAPI ignores parameters with these names.
            let is_ignored = location == "header"
                && matches!(&*name, "accept" | "content-type" | "authorization");
            if !is_ignored {
                parameters.insert((location, name), parameter);
            }
        }
    }
    parameters
}

fn subject(parameter: &Part<'_>) -> String {
    let text = |key| parameter.text(key).unwrap_or_default();
    format!("the {} parameter `{}`", text("in"), text("name"))
}

/// Compares the parameters of an operation.
pub(super) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    old: &Operation<'a>,
    new: &Operation<'a>,
) {
    let mut added = parameters(new);
    let mut removed = Vec::new();
    for (key, old) in parameters(old) {
        match added.remove(&key) {
            Some(new) => pair(comparison, (&old, &new)),
            None => removed.push(old),
        }
    }
    for gone in removed {
        let mut candidates = added.iter();
        let moved = candidates.find(|(_, new)| new.text("name") == gone.text("name"));
        let moved = moved.map(|(key, _)| key.clone());
        if let Some(found) = moved.and_then(|key| added.remove(&key)) {
            let finding = wire(
                Verdict::Breaking,
                format!("{} moved to {}", subject(&gone), subject(&found)),
                "read it from both locations until no client sends the old one",
            );
            comparison.report(gone.here(), found.here(), finding);
            pair(comparison, (&gone, &found));
            continue;
        }
        let finding = wire(
            Verdict::Breaking,
            format!("{} was removed", subject(&gone)),
            "keep it as deprecated; requests of existing clients that send it are rejected or lose its effect",
        );
        comparison.report(gone.here(), new.part.absent(), finding);
    }
    for parameter in added.into_values() {
        let name = subject(&parameter);
        let finding = if parameter.flag("required") {
            wire(
                Verdict::Breaking,
                format!("{name} was added and is required"),
                "make it optional; existing clients do not send it",
            )
        } else {
            let what = format!("{name} was added");
            wire(Verdict::Compatible, what, "offer it in ext")
        };
        comparison.report(old.part.absent(), parameter.here(), finding);
        if let Some(schema) = parameter.member("schema") {
            annotations::new_default(comparison, &old.part, &schema, &name);
        }
    }
}

fn pair<'a>(comparison: &mut Comparison<'a>, both: Both<'_, 'a>) {
    let (old, new) = both;
    let name = subject(old);
    comparison.required(both, &name);
    serialization(comparison, both, &name);
    annotations::compare(comparison, both, &name);
    let direction = Direction::Request;
    match (old.member("schema"), new.member("schema")) {
        (Some(old), Some(new)) => {
            schemas::compare(
                comparison,
                Pair::new(old, new, direction, Encoding::Text, &name),
            );
        }
        (None, None) => {
            let subjects = (&*name, &*format!("the body of {name}"));
            media_types::compare(comparison, both, direction, subjects);
        }
        _ => {
            let finding = wire(
                Verdict::Breaking,
                format!("{name} changed between `schema` and `content`"),
                "keep the old serialization; existing clients still use it",
            );
            comparison.report(old.here(), new.here(), finding);
        }
    }
}

/// Compares how values are serialized; an explicit default is not a change.
fn serialization<'a>(comparison: &mut Comparison<'a>, both: Both<'_, 'a>, name: &str) {
    let (old, new) = both;
    let style = |part: &Part<'a>| match (part.text("style"), part.text("in")) {
        (Some(style), _) => style,
        (None, Some("query" | "cookie")) => "form",
        (None, _) => "simple",
    };
    let explode = |part: &Part<'a>| match part.value.get("explode") {
        Some(explode) => *explode == true,
        None => style(part) == "form",
    };
    let is_scalar = |part: &Part<'a>| {
        let schema = part.member("schema");
        schema.is_some_and(|schema| Shape::of(&schema).is_scalar())
    };
    // Styles differ in how they join lists; a single value in a query looks the same in most.
    let is_single = is_scalar(old) && is_scalar(new);
    let is_restyled = style(old) != style(new)
        && !(is_single && old.text("in") == Some("query") && style(new) != "deepObject");
    if is_restyled || (explode(old) != explode(new) && !is_single) {
        let key = if is_restyled { "style" } else { "explode" };
        let shown = |part: &Part<'a>| format!("{}, explode {}", style(part), explode(part));
        let finding = wire(
            Verdict::Breaking,
            format!(
                "the style of {name} changed: {} -> {}",
                shown(old),
                shown(new)
            ),
            "keep the old style; existing clients still use it",
        );
        comparison.report(old.near(key), new.near(key), finding);
    }
    for key in ["allowReserved", "allowEmptyValue"] {
        let finding = || {
            wire(
                Verdict::NeedsReview,
                format!("{name}: {key} {} -> {}", old.flag(key), new.flag(key)),
                "test how the server reads what existing clients send",
            )
        };
        comparison.flag(both, key, finding(), finding());
    }
}
