//! What a client has to show to be let in.

use serde_json::Value;

use super::operations::Operation;
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, Meaning, Side};
use crate::diff::part::Part;

/// One thing to show: the scheme as it looks on the wire, and the scopes it has to have.
#[derive(Debug, Clone, PartialEq)]
struct Proof {
    scheme: String,
    scopes: Vec<String>,
}

/// One of several ways in; all of its proofs are needed. No proof is a way in for everybody.
type Way = Vec<Proof>;

/// Where the requirements of an operation stand.
fn holder<'a>(operation: &Operation<'a>) -> Part<'a> {
    let root = Part::root(operation.part.document);
    operation
        .part
        .member("security")
        .or_else(|| root.member("security"))
        .unwrap_or(root)
}

fn ways(operation: &Operation<'_>) -> Vec<Way> {
    let root = Part::root(operation.part.document);
    let holder = holder(operation);
    let listed = holder.value.as_array().into_iter().flatten();
    let mut ways: Vec<Way> = listed
        .map(|way| {
            let proofs = way.as_object().into_iter().flatten();
            let mut way: Way = proofs
                .map(|(name, scopes)| {
                    let mut scopes: Vec<String> = scopes
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(|scope| scope.as_str().map(str::to_owned))
                        .collect();
                    scopes.sort();
                    let scheme = on_the_wire(&root, name);
                    Proof { scheme, scopes }
                })
                .collect();
            way.sort_by(|a, b| a.scheme.cmp(&b.scheme));
            way
        })
        .collect();
    if ways.is_empty() {
        ways.push(Way::new());
    }
    ways
}

/// A scheme without what nobody sees on the wire, such as its name in the document.
fn on_the_wire(root: &Part<'_>, name: &str) -> String {
    let scheme = root
        .member("components")
        .and_then(|components| components.member("securitySchemes"))
        .and_then(|schemes| schemes.member(name));
    let Some(scheme) = scheme else {
        return format!("the unknown scheme {name}");
    };
    let text = |key: &str| scheme.text(key).unwrap_or_default().to_lowercase();
    match &*text("type") {
        "http" => format!("http {}", text("scheme")),
        "apiKey" => {
            let name = scheme.value["name"].as_str().unwrap_or_default();
            let name = if text("in") == "header" {
                name.to_lowercase()
            } else {
                name.to_owned()
            };
            format!("the {} key `{name}`", text("in"))
        }
        // Both arrive as a bearer token, wherever it was fetched.
        "oauth2" | "openidconnect" => "http bearer".to_owned(),
        other => format!("the scheme {name} of type {other}"),
    }
}

/// Whether showing `shown` is enough where `wanted` is asked for.
fn is_enough(shown: &Way, wanted: &Way) -> bool {
    wanted.iter().all(|proof| {
        shown.iter().any(|own| {
            own.scheme == proof.scheme
                && proof.scopes.iter().all(|scope| own.scopes.contains(scope))
        })
    })
}

fn shown(way: &Way) -> String {
    if way.is_empty() {
        return "nothing".to_owned();
    }
    let proofs = way.iter().map(|proof| {
        if proof.scopes.is_empty() {
            proof.scheme.clone()
        } else {
            format!("{} ({})", proof.scheme, proof.scopes.join(", "))
        }
    });
    proofs.collect::<Vec<_>>().join(" and ")
}

/// Compares who is let in.
pub(super) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    old: &Operation<'a>,
    new: &Operation<'a>,
) {
    let (old_ways, new_ways) = (ways(old), ways(new));
    let (old_holder, new_holder) = (holder(old), holder(new));
    let sides = (Side::There(&old_holder), Side::There(&new_holder));
    for way in &old_ways {
        if !new_ways.iter().any(|wanted| is_enough(way, wanted)) {
            comparison.tell(
                sides.0,
                sides.1,
                Meaning::wire(
                    Verdict::Breaking,
                    format!("to show {} is no longer enough", shown(way)),
                    "go on to let it in, or give clients time to show more",
                ),
            );
        }
    }
    for way in &new_ways {
        if old_ways.iter().any(|known| is_enough(way, known)) {
            continue;
        }
        comparison.tell(
            sides.0,
            sides.1,
            Meaning::wire(
                Verdict::Compatible,
                format!("to show {} is enough as well", shown(way)),
                "nothing: clients go on to show what they showed",
            ),
        );
        // Fewer proofs for the same thing are a decision that somebody should have made.
        if old_ways.iter().any(|known| is_enough(known, way)) {
            comparison.tell(
                sides.0,
                sides.1,
                Meaning::behavior(
                    Verdict::NeedsReview,
                    format!("whoever shows {} is let in", shown(way)),
                    "make sure that it is meant; the client shows its token all the same",
                ),
            );
        }
    }
}

/// What of a scheme has no effect on the wire, and tells people how to get a token.
pub(crate) fn details(scheme: &Part<'_>) -> Value {
    let mut value = scheme.value.clone();
    if let Some(members) = value.as_object_mut() {
        members.retain(|key, _| !matches!(key.as_str(), "description"));
    }
    value
}
