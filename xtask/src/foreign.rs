//! The sources of a raw crate from any document: what is lowered, what can't be generated, and
//! what is left out because of that.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::document::{Document, OperationEntry, child};
use crate::generate::{Files, Idle, Source, made, run_generator};
use crate::lint::{self, rules};
use crate::lowering::{LOWERINGS_OF_OTHERS, PREPARATIONS, is_json};
use crate::problem::{Failure, Problem};

/// What the lint holds against a document and the lowering mends, or the generator judges better.
const MENDED: [&rules::Rule; 7] = [
    &rules::OPEN_STATUS,
    &rules::DIFFERING_MEDIA_TYPES,
    &rules::MIXED_SUCCESS_BODIES,
    &rules::MIXED_ERROR_BODIES,
    &rules::REQUEST_NOT_JSON,
    &rules::SEVERAL_REQUEST_MEDIA_TYPES,
    &rules::RESPONSE_NOT_JSON,
];
const ADVICE: &str = "describe it in another way, or leave it out with `--skip-unsupported`";
/// The same for those who have left it out.
const ADVICE_BEHIND: &str = "describe it in another way to have it too";

/// What a document makes.
pub(crate) struct Sources {
    /// The generated module.
    pub(crate) files: Files,
    /// The first lines of every file beside it, as TOML has comments.
    pub(crate) header: String,
    /// The steps that found something to do, and in how many places.
    pub(crate) lowered: Vec<(&'static str, usize)>,
    /// How many operations are generated.
    pub(crate) operations: usize,
    /// What is not, and why.
    pub(crate) left_out: Vec<Problem>,
}

/// Makes the sources of a document; what can't be generated is left out, or an error.
pub(crate) fn sources(document: &Document, skip_unsupported: bool) -> Result<Sources, Failure> {
    let mut value = document.value.clone();
    let mut lowered = Vec::new();
    // In another dialect there is nothing to find.
    for step in PREPARATIONS.iter().filter(|_| document.is_three_zero()) {
        lowered.extend(step.apply(&mut value).map(|places| (step.name, places)));
    }
    let mut kept = document.with_value(value);
    let mut left_out = Vec::new();
    let client = loop {
        let found = match attempt(&kept)? {
            Attempt::Written(client) => break Some(client),
            Attempt::Unsupported(found) => found,
        };
        remove(&mut kept.value, &found);
        left_out.extend(found.into_iter().map(|(problem, _)| problem));
        if kept.operations().is_empty() {
            break None;
        }
    };
    left_out.sort_by_key(|problem| problem.line);
    for problem in left_out.iter_mut().filter(|_| skip_unsupported) {
        if problem.advice == ADVICE {
            ADVICE_BEHIND.clone_into(&mut problem.advice);
        }
    }
    let client = match client {
        Some(client) if left_out.is_empty() || skip_unsupported => client,
        _ => return Err(Failure::Problems(left_out)),
    };
    lowered.extend(lower(&mut kept.value.clone()));
    let name = Path::new(&document.name).file_name().map_or_else(
        || document.name.clone(),
        |name| name.to_string_lossy().into_owned(),
    );
    let lines: Vec<_> = left_out
        .iter()
        .map(|problem| {
            let Problem {
                line,
                code,
                subject,
                message,
                ..
            } = problem;
            let message = message.replace('\n', " ");
            format!("{name}:{line}: [{code}] {subject}: {message}")
        })
        .collect();
    let source = Source {
        document,
        name: &name,
        prepared: &kept,
        idle: Idle::Allowed,
        left_out: &lines,
    };
    Ok(Sources {
        files: made(&source, client)?,
        header: source.header("#"),
        lowered,
        operations: kept.operations().len(),
        left_out,
    })
}

fn lower(value: &mut Value) -> Vec<(&'static str, usize)> {
    LOWERINGS_OF_OTHERS
        .iter()
        .filter_map(|step| step.apply(value).ok().map(|places| (step.name, places)))
        .collect()
}

/// What comes of generating a document as it is.
enum Attempt {
    Written(syn::File),
    /// What can't be generated: the reason, with the pointer of an operation or of a schema.
    Unsupported(Vec<(Problem, String)>),
}

fn attempt(document: &Document) -> Result<Attempt, Failure> {
    let told: Vec<_> = lint::problems(document)
        .into_iter()
        .filter(|problem| is_relied_on(problem.code))
        .chain(several_bodies(document))
        .collect();
    if !told.is_empty() {
        return blamed(document, told).map(Attempt::Unsupported);
    }
    let mut lowered = document.value.clone();
    lower(&mut lowered);
    let reason = match run_generator(&lowered) {
        Ok(client) => return Ok(Attempt::Written(client)),
        Err(reason) => reason,
    };
    let mut found = Vec::new();
    for entry in document.operations() {
        let mut path_item = Map::new();
        for key in [entry.method, "parameters"] {
            if let Some(member) = lowered["paths"][entry.path].get(key) {
                path_item.insert(key.to_owned(), member.clone());
            }
        }
        let paths = json!({ entry.path: path_item });
        if let Err(reason) = run_generator(&with_its_parts(&lowered, &paths, &[])) {
            found.push((entry.pointer(), entry.name(), reason));
        }
    }
    // What no operation needs is generated all the same.
    if found.is_empty() {
        for (name, _) in lowered["components"]["schemas"]
            .as_object()
            .into_iter()
            .flatten()
        {
            let place = child("/components/schemas", name);
            let alone = with_its_parts(&lowered, &json!({}), &[&place]);
            if let Err(reason) = run_generator(&alone) {
                found.push((place.clone(), format!("#{place}"), reason));
            }
        }
    }
    if found.is_empty() {
        found.push((String::new(), "the document as a whole".to_owned(), reason));
    }
    let told = found.into_iter().map(|(pointer, subject, reason)| {
        let reason = reason.lines().next().unwrap_or_default();
        let message = format!("can't be generated: {reason}");
        document.problem(rules::GENERATOR.code, &pointer, subject, message, ADVICE)
    });
    blamed(document, told.collect()).map(Attempt::Unsupported)
}

fn is_relied_on(code: &str) -> bool {
    rules::named(code).is_none_or(|rule| {
        rule.relied_on_by.contains(&rules::Reliant::Generator)
            && !MENDED.iter().any(|mended| mended.code == code)
    })
}

/// Request bodies of several media types, of which the generator takes one.
fn several_bodies(document: &Document) -> Vec<Problem> {
    let mut problems = Vec::new();
    for entry in document.operations() {
        let body = entry
            .value
            .get("requestBody")
            .and_then(|body| document.resolve(body, ""));
        let content = body.and_then(|(body, _)| body["content"].as_object());
        let bodies: Vec<_> = content.into_iter().flatten().collect();
        let is_one = bodies.iter().all(|(media_type, body)| {
            bodies.len() == 1 || (is_json(media_type) && body["schema"] == bodies[0].1["schema"])
        });
        if !is_one {
            problems.push(document.problem(
                rules::SEVERAL_REQUEST_MEDIA_TYPES.code,
                &child(&entry.pointer(), "requestBody"),
                entry.name(),
                format!(
                    "its request body has {} media types that differ",
                    bodies.len()
                ),
                ADVICE,
            ));
        }
    }
    problems
}

/// Finds for each problem what has to go: the operation that has it, or the schema, and then every
/// operation that needs the schema.
fn blamed(document: &Document, told: Vec<Problem>) -> Result<Vec<(Problem, String)>, Failure> {
    let operations = document.operations();
    let mut found: Vec<(Problem, String)> = Vec::new();
    for problem in &told {
        if let Some(entry) = operations
            .iter()
            .find(|entry| entry.name() == problem.subject)
        {
            found.push((problem.clone(), entry.pointer()));
            continue;
        }
        let component = problem
            .subject
            .strip_prefix("#/components/")
            .map(|rest| rest.split('/').take(2).collect::<Vec<_>>().join("/"));
        let Some(component) = component else {
            // Nothing can be left out to mend it.
            return Err(Failure::Problems(told));
        };
        let place = format!("/components/{component}");
        found.push((problem.clone(), place.clone()));
        for entry in &operations {
            if reached(&document.value, &with_shared(entry)).contains(&place) {
                let message = format!(
                    "needs `{}`, which can't be generated: line {}, {}",
                    component.rsplit('/').next().unwrap_or(&component),
                    problem.line,
                    problem.message
                );
                let pointer = entry.pointer();
                found.push((
                    document.problem(problem.code, &pointer, entry.name(), message, ADVICE),
                    pointer,
                ));
            }
        }
    }
    Ok(found)
}

/// An operation with what it shares with the others of its path.
fn with_shared(entry: &OperationEntry<'_>) -> Value {
    json!([entry.value, entry.path_item["parameters"]])
}

/// The components that a value refers to, directly or through others.
fn reached(document: &Value, value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                let target = members.get("$ref").and_then(Value::as_str);
                if let Some(target) = target.and_then(|reference| reference.strip_prefix('#'))
                    && found.insert(target.to_owned())
                {
                    open.extend(document.pointer(target));
                }
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found
}

/// The document with nothing but some paths and components, and what these need.
fn with_its_parts(document: &Value, paths: &Value, components: &[&str]) -> Value {
    let mut needed = reached(document, paths);
    for place in components {
        needed.insert((*place).to_owned());
        needed.extend(reached(
            document,
            document.pointer(place).unwrap_or(&Value::Null),
        ));
    }
    let mut part =
        json!({ "openapi": document["openapi"], "info": document["info"], "paths": paths });
    for (sort, members) in document["components"].as_object().into_iter().flatten() {
        let all = child("/components", sort);
        let members = members.as_object().into_iter().flatten();
        let kept: Map<String, Value> = members
            .filter(|(name, _)| needed.contains(&child(&all, name)))
            .map(|(name, member)| (name.clone(), member.clone()))
            .collect();
        part["components"][sort] = Value::Object(kept);
    }
    part
}

/// Takes operations away, and schemas with those that need them.
fn remove(document: &mut Value, found: &[(Problem, String)]) {
    let mut gone: BTreeSet<String> = found.iter().map(|(_, pointer)| pointer.clone()).collect();
    let before = document.clone();
    for (sort, members) in before["components"].as_object().into_iter().flatten() {
        let all = child("/components", sort);
        for (name, member) in members.as_object().into_iter().flatten() {
            if reached(&before, member)
                .iter()
                .any(|place| gone.contains(place))
            {
                gone.insert(child(&all, name));
            }
        }
    }
    for pointer in gone {
        if let Some((holder, key)) = pointer.rsplit_once('/') {
            let key = key.replace("~1", "/").replace("~0", "~");
            if let Some(holder) = document.pointer_mut(holder).and_then(Value::as_object_mut) {
                holder.shift_remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::process::Command;

    use super::*;
    use crate::crate_files::CrateFiles;
    use crate::testing::repository;

    const PROVIDER: &str = include_str!("../fixtures/provider.yaml");
    const CONTENT_TYPE: &str = include_str!("../fixtures/content_type.rs");
    const LINK: &str = "    Link:\n      type: object\n";

    fn made_of(text: &str, skip: bool) -> Result<Sources, Failure> {
        sources(&Document::parse("somewhere/provider.yaml", text)?, skip)
    }

    fn edited(from: &str, to: &str) -> String {
        assert!(PROVIDER.contains(from), "the document has no {from:?}");
        PROVIDER.replacen(from, to, 1)
    }

    fn problems(made: Result<Sources, Failure>) -> Vec<Problem> {
        match made {
            Err(Failure::Problems(problems)) => problems,
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("it generated"),
        }
    }

    #[test]
    fn a_whole_document_of_sixty_operations_is_generated_compiles_and_sends_what_it_says() {
        let document = Document::parse("somewhere/provider.yaml", PROVIDER).unwrap();
        let sources = sources(&document, false).unwrap();
        assert_eq!(sources.operations, document.operations().len());
        assert!(sources.operations >= 60 && sources.left_out.is_empty());
        // Nothing in it is there for nothing: every step that others need has something to do.
        let done: BTreeSet<_> = sources.lowered.iter().map(|(name, _)| *name).collect();
        for step in &PREPARATIONS {
            // One that the provider's documents do without.
            let is_idle = step.name == "schemas_for_bodies_without";
            assert_eq!(done.contains(step.name), !is_idle, "{}", step.name);
        }
        for text in sources.files.values() {
            assert!(text.contains("provider.yaml") && text.contains(&document.sha256));
            assert!(!text.contains("somewhere"));
        }
        let directory = tempfile::tempdir().unwrap();
        let files = CrateFiles::new(&document, &sources).unwrap();
        files.write(directory.path()).unwrap();
        // The versions of the workspace are here already; what the crate does not need goes.
        let lock = repository().join("Cargo.lock");
        std::fs::copy(lock, directory.path().join("Cargo.lock")).unwrap();
        let tests = directory.path().join("tests");
        std::fs::create_dir(&tests).unwrap();
        std::fs::write(tests.join("content_type.rs"), CONTENT_TYPE).unwrap();
        let outcome = Command::new(env!("CARGO"))
            .args(["test", "--quiet", "--offline", "--test", "content_type"])
            .env("CARGO_TARGET_DIR", repository().join("target"))
            .current_dir(directory.path())
            .output()
            .unwrap();
        let told = [outcome.stdout, outcome.stderr].concat();
        let told = String::from_utf8_lossy(&told);
        assert!(outcome.status.success(), "{told}");
    }

    #[test]
    fn two_runs_make_the_same_files() {
        let of = || made_of(PROVIDER, false).unwrap().files;
        assert!(of() == of());
    }

    /// Three operations that can't be generated, each for a reason of its own.
    fn with_three_faults() -> String {
        edited("style: form\n          explode: true\n          schema:\n            type: array",
            "style: pipeDelimited\n          explode: false\n          schema:\n            type: array")
        .replacen("operationId: deleteUser\n", "operationId: deleteUser\n      requestBody:\n        content:\n          \
            application/xml:\n            schema:\n              type: string\n", 1)
        .replacen("$ref: '#/components/schemas/Group/properties/groupId'", "$ref: '#/components/schemas/Group/properties/id'", 1)
    }

    #[test]
    fn everything_that_cannot_be_generated_is_named_at_once_with_its_line() {
        let text = with_three_faults();
        let document = Document::parse("provider.yaml", &text).unwrap();
        let problems = problems(made_of(&text, false));
        for operation in ["getUserResources", "deleteUser", "getGroup"] {
            let told: Vec<_> = problems
                .iter()
                .filter(|problem| problem.subject == operation)
                .collect();
            let [told] = told.as_slice() else {
                panic!("{operation}: {problems:#?}")
            };
            let place = document
                .operations()
                .into_iter()
                .find(|entry| entry.name() == operation)
                .map(|entry| document.line(&entry.pointer()));
            assert!(Some(told.line) >= place, "{told}");
            assert!(
                told.file.ends_with("provider.yaml") && told.line > 1,
                "{told}"
            );
        }
        assert!(problems.is_sorted_by_key(|problem| problem.line));
    }

    #[test]
    fn what_is_left_out_is_said_in_every_file_and_nothing_else_is_missing() {
        let sources = made_of(&with_three_faults(), true).unwrap();
        let document = Document::parse("provider.yaml", PROVIDER).unwrap();
        let client = &sources.files["client.rs"];
        let left: BTreeSet<_> = sources
            .left_out
            .iter()
            .map(|problem| &*problem.subject)
            .collect();
        let left = |name: &str| left.contains(name);
        for entry in document.operations() {
            let Some(id) = entry.value["operationId"].as_str() else {
                continue;
            };
            let method = format!("operation_id: \"{}\"", heck::ToSnakeCase::to_snake_case(id));
            assert_eq!(client.contains(&method), !left(id), "{id}");
        }
        assert!(left("deleteUser") && left("getUserResources") && !left("getUsers"));
        for (name, text) in &sources.files {
            assert!(text.contains("deleteUser: "), "{name}");
        }
        assert!(sources.header.contains("# left out: provider.yaml:"));
        // Nobody is told to do what was done.
        let advises_it = |problem: &Problem| problem.advice.contains("--skip-unsupported");
        assert!(!sources.left_out.iter().any(advises_it));
        assert!(
            problems(made_of(&with_three_faults(), false))
                .iter()
                .any(advises_it)
        );
    }

    #[test]
    fn a_document_of_which_nothing_can_be_generated_is_an_error_all_the_same() {
        let text = "openapi: 3.0.3\ninfo: {title: a, version: '1'}\npaths:\n  /a:\n    get:\n      \
                    responses: {}\n";
        assert_eq!(problems(made_of(text, true))[0].code, "missing-responses");
    }

    #[test]
    fn another_version_is_named_and_nothing_else() {
        for (to, name) in [
            ("openapi: 3.1.0", "OpenAPI 3.1.0"),
            ("swagger: '2.0'", "Swagger 2.0"),
        ] {
            for skip in [false, true] {
                let problems = problems(made_of(&edited("openapi: 3.0.3", to), skip));
                assert_eq!(problems.len(), 1);
                assert!(problems[0].message.contains(name), "{}", problems[0]);
            }
        }
    }

    #[test]
    fn schemas_made_of_themselves_are_named_with_what_needs_them() {
        let circle = "    Odd:\n      allOf:\n        - $ref: '#/components/schemas/Odd'\n";
        let text = edited(LINK, &format!("{circle}{LINK}")).replacen(
            "#/components/schemas/RoleCollection'",
            "#/components/schemas/Odd'",
            1,
        );
        let told = problems(made_of(&text, false));
        let subjects: Vec<_> = told.iter().map(|problem| &*problem.subject).collect();
        assert_eq!(subjects, ["getRoles", "#/components/schemas/Odd"]);
        let sources = made_of(&text, true).unwrap();
        assert!(!sources.files["client.rs"].contains("fn get_roles("));
        let inner = "#/components/schemas/Link/properties/rel";
        let text = edited(
            "        rel:\n          type: string\n",
            &format!("        rel:\n          $ref: '{inner}'\n"),
        );
        let told = problems(made_of(&text, false));
        assert!(
            told.iter().any(|problem| problem.code == "circular-schema"),
            "{told:#?}"
        );
    }

    #[test]
    fn five_megabytes_of_schemas_are_generated() {
        let mut text = PROVIDER.to_owned();
        let description = "All of it is the same. ".repeat(200);
        for number in 0..1_100 {
            let _ = write!(
                text,
                "    Big{number}:\n      type: string\n      description: {description}\n"
            );
        }
        assert!(text.len() > 5_000_000);
        assert!(made_of(&text, false).unwrap().operations >= 60);
    }
}
