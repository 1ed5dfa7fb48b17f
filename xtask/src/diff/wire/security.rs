//! Security requirements.

use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, behavior, wire};
use crate::diff::operation::Operation;
use crate::diff::part::Part;

/// A credential: the scheme as a server sees it, and the scopes that it requires.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Credential {
    scheme: String,
    scopes: Vec<String>,
}

/// The credentials of one alternative; all are needed. An empty list permits anonymous requests.
type Alternative = Vec<Credential>;

/// Returns the part that holds the requirements of an operation.
fn holder<'a>(operation: &Operation<'a>) -> Part<'a> {
    let root = Part::root(operation.part.document);
    let own = operation.part.member("security");
    own.or_else(|| root.member("security")).unwrap_or(root)
}

fn alternatives(holder: &Part<'_>) -> Vec<Alternative> {
    let root = Part::root(holder.document);
    let listed = holder.value.as_array().into_iter().flatten();
    let mut alternatives: Vec<Alternative> = listed
        .map(|alternative| {
            let schemes = alternative.as_object().into_iter().flatten();
            let mut credentials: Vec<_> = schemes
                .map(|(name, scopes)| {
                    let scopes = scopes.as_array().into_iter().flatten();
                    let scopes = scopes.filter_map(|scope| scope.as_str().map(str::to_owned));
                    let mut scopes: Vec<_> = scopes.collect();
                    scopes.sort();
                    let scheme = on_the_wire(&root, name);
                    Credential { scheme, scopes }
                })
                .collect();
            credentials.sort();
            credentials
        })
        .collect();
    if alternatives.is_empty() {
        alternatives.push(Alternative::new());
    }
    alternatives
}

/// Describes a scheme by what is sent; its name in the spec is not.
fn on_the_wire(root: &Part<'_>, name: &str) -> String {
    let components = root.member("components");
    let schemes = components.and_then(|components| components.member("securitySchemes"));
    let Some(scheme) = schemes.and_then(|schemes| schemes.member(name)) else {
        return format!("the undefined scheme {name}");
    };
    let text = |key: &str| scheme.text(key).unwrap_or_default().to_lowercase();
    match &*text("type") {
        "http" => format!("http {}", text("scheme")),
        "apiKey" => {
            let name = match &*text("in") {
                "header" => text("name"),
                _ => scheme.text("name").unwrap_or_default().to_owned(),
            };
            format!("the {} key `{name}`", text("in"))
        }
        // Both are sent as a bearer token.
        "oauth2" | "openidconnect" => "http bearer".to_owned(),
        other => format!("the scheme {name} of type {other}"),
    }
}

/// Returns whether a request with the credentials `sent` meets the requirement `wanted`.
fn meets(sent: &Alternative, wanted: &Alternative) -> bool {
    wanted.iter().all(|wanted| {
        sent.iter().any(|sent| {
            sent.scheme == wanted.scheme
                && wanted
                    .scopes
                    .iter()
                    .all(|scope| sent.scopes.contains(scope))
        })
    })
}

fn shown(alternative: &Alternative) -> String {
    if alternative.is_empty() {
        return "no credential".to_owned();
    }
    let shown = alternative.iter().map(|Credential { scheme, scopes }| {
        if scopes.is_empty() {
            scheme.clone()
        } else {
            format!("{scheme} ({})", scopes.join(", "))
        }
    });
    shown.collect::<Vec<_>>().join(" and ")
}

/// Compares the credentials that an operation requires.
pub(super) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    old: &Operation<'a>,
    new: &Operation<'a>,
) {
    let (old_holder, new_holder) = (holder(old), holder(new));
    let (old, new) = (alternatives(&old_holder), alternatives(&new_holder));
    let mut report = |finding| comparison.report(old_holder.here(), new_holder.here(), finding);
    for sent in &old {
        if !new.iter().any(|wanted| meets(sent, wanted)) {
            report(wire(
                Verdict::Breaking,
                format!("{} is no longer sufficient", shown(sent)),
                "keep accepting it, or give clients time to send more",
            ));
        }
    }
    for wanted in &new {
        if old.iter().any(|known| meets(wanted, known)) {
            continue;
        }
        report(wire(
            Verdict::Compatible,
            format!("{} is now sufficient", shown(wanted)),
            "none needed; existing clients send the same credentials",
        ));
        if old.iter().any(|known| meets(known, wanted)) {
            report(behavior(
                Verdict::NeedsReview,
                format!("requests with {} are now permitted", shown(wanted)),
                "make sure that weaker protection is intended; the client still sends its token",
            ));
        }
    }
}
