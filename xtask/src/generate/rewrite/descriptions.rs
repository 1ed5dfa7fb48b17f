//! Documentation comments, where progenitor writes none or only a fragment.

use std::collections::BTreeMap;

use heck::ToSnakeCase as _;
use syn::{Attribute, Expr, ExprLit, Fields, File, GenericArgument, Item, ItemEnum, ItemStruct};
use syn::{Lit, Meta, PathArguments, Type, parse_quote};

use super::syntax::{functions, module, type_name};
use crate::generate::names;
use authress_users_openapi::Document;

/// An operation's method of the client, and the descriptions of its parameters and its body.
struct Request {
    method: String,
    parameters: BTreeMap<String, String>,
}

/// Describes setters, members and the types of parameters in the words of the document, and what
/// progenitor adds. Returns the number of described items.
pub(super) fn describe(file: &mut File, document: &Document) -> usize {
    let requests = requests(document);
    let mut places = describe_methods(&mut file.items);
    let builder = module(&mut file.items, "builder");
    places += describe_requests(builder, &requests);
    let parameters = parameter_types(builder, &requests);
    let types = module(&mut file.items, "types");
    places + describe_members(types) + describe_builders(types) + describe_types(types, &parameters)
}

/// The requests by the name of their type.
fn requests(document: &Document) -> BTreeMap<String, Request> {
    let mut requests = BTreeMap::new();
    for entry in document.operations() {
        let mut parameters: BTreeMap<_, _> = document
            .parameters(&entry)
            .into_iter()
            .map(|parameter| {
                (
                    parameter.name.to_snake_case(),
                    &parameter.value["description"],
                )
            })
            .collect();
        if let Some((body, _)) = document.resolve(&entry.value["requestBody"], "") {
            parameters.insert("body".to_owned(), &body["description"]);
        }
        let described = parameters
            .into_iter()
            .filter_map(|(name, text)| Some((name, text.as_str()?.trim().to_owned())));
        let request = Request {
            method: entry.name().to_snake_case(),
            parameters: described.collect(),
        };
        requests.insert(names::type_name(&entry.name()), request);
    }
    requests
}

impl Request {
    fn parameter(&self, setter: &str) -> Option<&String> {
        // Progenitor appends an underscore to keywords.
        self.parameters.get(setter.trim_end_matches('_'))
    }
}

/// Replaces the examples of the client's methods, which are not compiled.
fn describe_methods(items: &mut [Item]) -> usize {
    let mut places = 0;
    for (_, function) in functions(items).filter(|(name, _)| name == "Client") {
        let text = text_of(&function.attrs);
        if let Some((words, _)) = text.rsplit_once("```ignore") {
            let text = format!(
                "{}\n\nCall `send()` on the request to send it.",
                words.trim()
            );
            places += describe_anew(&mut function.attrs, &text);
        }
    }
    places
}

/// Describes a member without a description like its type.
fn describe_members(items: &mut [Item]) -> usize {
    let structs = items.iter().filter_map(as_struct);
    let types: BTreeMap<_, _> = structs
        .map(|item| (item.ident.to_string(), text_of(&item.attrs)))
        .collect();
    let mut places = 0;
    for item in items {
        if let Item::Struct(ItemStruct {
            fields: Fields::Named(fields),
            ..
        }) = item
        {
            for field in &mut fields.named {
                if let Some(text) = types.get(&type_name(&field.ty)) {
                    places += describe_once(&mut field.attrs, text);
                }
            }
        }
    }
    places
}

/// Describes the builders of types, and their setters like the members.
fn describe_builders(items: &mut [Item]) -> usize {
    let mut members = BTreeMap::new();
    for item in items.iter().filter_map(as_struct) {
        for field in &item.fields {
            if let Some(name) = &field.ident {
                let key = (item.ident.to_string(), name.to_string());
                members.insert(key, text_of(&field.attrs));
            }
        }
    }
    let mut places = 0;
    for (name, function) in functions(items) {
        if function.sig.ident == "builder" {
            let text = format!("Returns a builder for [`{name}`] with no member set.");
            places += describe_once(&mut function.attrs, &text);
        }
    }
    let builders = module(items, "builder");
    for item in &mut *builders {
        if let Item::Struct(item) = item {
            let text = format!(
                "Builds a [`{0}`](super::{0}) by `try_into()`, which fails if a member is missing or \
                 invalid.",
                item.ident
            );
            places += describe_once(&mut item.attrs, &text);
        }
    }
    for (name, function) in functions(builders) {
        if let Some(text) = members.get(&(name, function.sig.ident.to_string())) {
            places += describe_once(&mut function.attrs, text);
        }
    }
    places
}

/// Describes the functions of requests, and the setters like the parameters.
fn describe_requests(items: &mut [Item], requests: &BTreeMap<String, Request>) -> usize {
    let mut places = 0;
    for (name, function) in functions(items) {
        let Some(request) = requests.get(&name) else {
            continue;
        };
        let attributes = &mut function.attrs;
        places += match function.sig.ident.to_string().as_str() {
            "new" => {
                let text = format!(
                    "Creates a request with no parameter set, like \
                     [`Client::{0}`](super::Client::{0}).",
                    request.method
                );
                describe_once(attributes, &text)
            }
            "body_map" => describe_once(attributes, "Changes the current body."),
            "send" => {
                let text = text_of(attributes);
                if text.contains("# Errors") {
                    continue;
                }
                let text = format!(
                    "{}\n\n# Errors\nReturns [`Error::InvalidRequest`] if a value is missing or \
                     invalid; nothing is sent then. See [`Error`] for the others.",
                    text.trim()
                );
                describe_anew(attributes, &text)
            }
            setter => match request.parameter(setter) {
                Some(text) => describe_once(attributes, text),
                None => 0,
            },
        };
    }
    places
}

/// Descriptions for the types of parameters, by their names.
fn parameter_types(
    items: &[Item],
    requests: &BTreeMap<String, Request>,
) -> BTreeMap<String, String> {
    let mut described = BTreeMap::new();
    for item in items.iter().filter_map(as_struct) {
        let Some(request) = requests.get(&item.ident.to_string()) else {
            continue;
        };
        for field in &item.fields {
            if let Some(name) = &field.ident
                && let Some(words) = request.parameter(&name.to_string())
                && let Some(kind) = generated_type(&field.ty)
            {
                let text = format!(
                    "The parameter `{name}` of [`Client::{0}`](super::Client::{0}).\n\n{words}",
                    request.method
                );
                described.entry(kind).or_insert(text);
            }
        }
    }
    described
}

/// The name `T` of a type `types::T`, which other types may contain.
fn generated_type(kind: &Type) -> Option<String> {
    let Type::Path(path) = kind else {
        return None;
    };
    let segments = &path.path.segments;
    if segments.len() == 2 && segments[0].ident == "types" {
        return Some(segments[1].ident.to_string());
    }
    match &segments.last()?.arguments {
        PathArguments::AngleBracketed(arguments) => {
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(inner) => generated_type(inner),
                _ => None,
            })
        }
        _ => None,
    }
}

/// Describes the types that progenitor describes by their names alone.
fn describe_types(items: &mut [Item], described: &BTreeMap<String, String>) -> usize {
    let mut places = 0;
    for item in items {
        let (Item::Struct(ItemStruct { ident, attrs, .. })
        | Item::Enum(ItemEnum { ident, attrs, .. })) = item
        else {
            continue;
        };
        let name = ident.to_string();
        if let Some(text) = described.get(&name)
            && text_of(attrs).trim() == format!("`{name}`")
        {
            places += describe_anew(attrs, text);
        }
    }
    places
}

fn describe_anew(attributes: &mut Vec<Attribute>, text: &str) -> usize {
    attributes.retain(|attribute| !attribute.path().is_ident("doc"));
    describe_once(attributes, text)
}

/// Adds a description where none is.
fn describe_once(attributes: &mut Vec<Attribute>, text: &str) -> usize {
    let is_described = attributes.iter().any(|own| own.path().is_ident("doc"));
    if text.trim().is_empty() || is_described {
        return 0;
    }
    let lines = text.trim().lines().map(|line| match line {
        "" => String::new(),
        line => format!(" {line}"),
    });
    let described = lines.map(|line| -> Attribute { parse_quote!(#[doc = #line]) });
    attributes.splice(0..0, described);
    1
}

/// The documentation in attributes.
fn text_of(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| {
        if let Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) = &pair.value
        {
            let text = text.value();
            return Some(text.strip_prefix(' ').unwrap_or(&text).to_owned());
        }
        None
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn as_struct(item: &Item) -> Option<&ItemStruct> {
    match item {
        Item::Struct(item) => Some(item),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::generate::tests::{client, fixture_client};
    use crate::testing::edited;

    /// The lines before a piece of code.
    fn words_before(code: &str, piece: &str) -> String {
        let start = code.find(piece).unwrap_or_else(|| panic!("no {piece}"));
        let lines = code[..start].lines().rev().skip(1);
        let mut words: Vec<_> = lines
            .map(str::trim)
            .take_while(|line| line.starts_with("///") || line.starts_with("#["))
            .collect();
        words.reverse();
        words.join("\n")
    }

    #[test]
    fn a_setter_has_the_description_of_its_parameter() {
        let code = fixture_client();
        let limit = words_before(code, "pub fn limit<V>");
        assert!(
            limit.contains("/// The maximum number of users per page, 1 to 100."),
            "{limit}"
        );
        let other = edited("The maximum number of users per page", "The size of a page");
        let limit = words_before(&client(&other), "pub fn limit<V>");
        assert!(
            limit.contains("/// The size of a page, 1 to 100."),
            "{limit}"
        );
    }

    #[test]
    fn the_type_of_a_parameter_has_its_description() {
        let code = fixture_client();
        let filter = words_before(code, "pub struct GetUsersFilter(");
        for words in ["`filter` of [`Client::get_users`]", "At most 64 characters"] {
            assert!(filter.contains(words), "{filter}");
        }
    }

    #[test]
    fn examples_that_are_not_compiled_are_removed() {
        let code = fixture_client();
        assert!(!code.contains("```"));
        assert!(code.contains("Call `send()` on the request to send it."));
    }

    #[test]
    fn send_names_its_errors() {
        let code = fixture_client();
        assert_eq!(
            code.matches("pub async fn send(").count() + code.matches("pub fn get<").count(),
            code.matches("# Errors").count()
        );
    }
}
