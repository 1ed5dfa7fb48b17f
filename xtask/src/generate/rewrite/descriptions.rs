//! What the code says of itself, where the generator leaves it without a word.

use std::collections::BTreeMap;

use quote::ToTokens as _;
use syn::{
    Attribute, Expr, ExprLit, Fields, File, ImplItem, Item, ItemImpl, Lit, Meta, ReturnType,
};
use syn::{Type, parse_quote};

/// Puts the document's words where readers look for them: at each setter, and at the types that only
/// a parameter has. Members and builders get theirs as well.
pub(super) fn describe(file: &mut File) -> usize {
    let requests = requests(file);
    let mut places = drop_fragments(file);
    if let Some(items) = module(&mut file.items, "types") {
        places += describe_members(items);
        places += describe_builders(items);
    }
    if let Some(items) = module(&mut file.items, "builder") {
        places += describe_requests(items, &requests);
    }
    let parameters = parameter_types(file, &requests);
    if let Some(items) = module(&mut file.items, "types") {
        places += describe_parameter_types(items, &parameters);
    }
    places
}

/// The examples of the client's methods are fragments, which nobody compiles. What they show is the
/// list of arguments, which stands above them.
fn drop_fragments(file: &mut File) -> usize {
    let mut places = 0;
    let blocks = file.items.iter_mut().filter_map(inherent_impl);
    for (_, block) in blocks.filter(|(name, _)| name == "Client") {
        for function in functions(block) {
            let text = text_of(&function.attrs);
            if let Some((words, _)) = text.rsplit_once("```ignore") {
                function
                    .attrs
                    .retain(|attribute| !attribute.path().is_ident("doc"));
                places += describe_once(
                    &mut function.attrs,
                    &format!("{}\n\n`send()` sends what this gives.", words.trim()),
                );
            }
        }
    }
    places
}

/// What the client's method says of the arguments that a request takes.
struct Request {
    method: String,
    arguments: BTreeMap<String, String>,
}

/// The requests by the name of their builder.
fn requests(file: &File) -> BTreeMap<String, Request> {
    let mut requests = BTreeMap::new();
    for block in inherent_impls(&file.items).filter(|block| name_of(&block.self_ty) == "Client") {
        for item in &block.items {
            if let ImplItem::Fn(function) = item
                && let ReturnType::Type(_, builder) = &function.sig.output
            {
                let request = Request {
                    method: function.sig.ident.to_string(),
                    arguments: arguments(&text_of(&function.attrs)),
                };
                requests.insert(name_of(builder), request);
            }
        }
    }
    requests
}

/// The list of arguments in the words of a method, which ends where the example begins.
fn arguments(text: &str) -> BTreeMap<String, String> {
    let list = text
        .split_once("\nArguments:\n")
        .map_or("", |(_, list)| list);
    let list = list.rsplit_once("```ignore").map_or(list, |(list, _)| list);
    let entries = list.split("\n- `").filter_map(|entry| {
        let entry = entry.strip_prefix("- `").unwrap_or(entry);
        let (name, words) = entry.split_once("`: ")?;
        Some((name.to_owned(), words.trim().to_owned()))
    });
    entries.collect()
}

/// A member that only refers to a type says what the type says.
fn describe_members(items: &mut [Item]) -> usize {
    let types: BTreeMap<_, _> = structs(items)
        .map(|item| (item.ident.to_string(), text_of(&item.attrs)))
        .collect();
    let mut places = 0;
    for item in items {
        let Item::Struct(item) = item else { continue };
        let Fields::Named(fields) = &mut item.fields else {
            continue;
        };
        for field in &mut fields.named {
            if let Some(text) = types.get(&name_of(&field.ty)) {
                places += describe_once(&mut field.attrs, text);
            }
        }
    }
    places
}

/// What makes a value says what it makes, and its setters what the members say.
fn describe_builders(items: &mut [Item]) -> usize {
    let mut members = BTreeMap::new();
    for item in structs(items) {
        for field in &item.fields {
            if let Some(name) = &field.ident {
                let key = (item.ident.to_string(), name.to_string());
                members.insert(key, text_of(&field.attrs));
            }
        }
    }
    let mut places = 0;
    for item in &mut *items {
        if let Some((name, block)) = inherent_impl(item) {
            for function in functions(block).filter(|function| function.sig.ident == "builder") {
                let text = format!("Starts a [`{name}`] with no member set.");
                places += describe_once(&mut function.attrs, &text);
            }
        }
    }
    for item in module(items, "builder").into_iter().flatten() {
        if let Item::Struct(item) = item {
            let text = format!(
                "Makes a [`{0}`](super::{0}): `try_into()` gives it, or says which member is missing \
                 or refused.",
                item.ident
            );
            places += describe_once(&mut item.attrs, &text);
        } else if let Some((name, block)) = inherent_impl(item) {
            for function in functions(block) {
                let key = (name.clone(), function.sig.ident.to_string());
                if let Some(text) = members.get(&key) {
                    places += describe_once(&mut function.attrs, text);
                }
            }
        }
    }
    places
}

/// The setters of a request say what the document says of its parameters.
fn describe_requests(items: &mut [Item], requests: &BTreeMap<String, Request>) -> usize {
    let mut places = 0;
    for item in items {
        let Some((name, block)) = inherent_impl(item) else {
            continue;
        };
        let Some(request) = requests.get(&name) else {
            continue;
        };
        for function in functions(block) {
            let text = match function.sig.ident.to_string().as_str() {
                "new" => format!(
                    "A request with nothing set, as [`Client::{0}`](super::Client::{0}) gives it.",
                    request.method
                ),
                "body_map" => "Changes the body as it is set so far.".to_owned(),
                "send" => {
                    let text = text_of(&function.attrs);
                    if text.contains("# Errors") {
                        continue;
                    }
                    function
                        .attrs
                        .retain(|attribute| !attribute.path().is_ident("doc"));
                    format!(
                        "{}\n\n# Errors\n[`Error::InvalidRequest`] for the first value that was \
                         refused or is missing, before anything is sent. Otherwise what [`Error`] \
                         names: a documented error, an answer that the document does not have, or \
                         none.",
                        text.trim()
                    )
                }
                setter => request.arguments.get(setter).cloned().unwrap_or_default(),
            };
            places += describe_once(&mut function.attrs, &text);
        }
    }
    places
}

/// What is said of the types that one parameter alone has, by their names.
fn parameter_types(
    file: &mut File,
    requests: &BTreeMap<String, Request>,
) -> BTreeMap<String, String> {
    let mut described = BTreeMap::new();
    for item in module(&mut file.items, "builder").into_iter().flatten() {
        let Item::Struct(item) = item else { continue };
        let Some(request) = requests.get(&item.ident.to_string()) else {
            continue;
        };
        for field in &item.fields {
            if let Some(name) = &field.ident
                && let Some(words) = request.arguments.get(&name.to_string())
                && let Some((_, kind)) = field
                    .ty
                    .to_token_stream()
                    .to_string()
                    .split_once("types :: ")
                && let Some(kind) = kind.split(' ').next()
            {
                let text = format!(
                    "The parameter `{name}` of [`Client::{0}`](super::Client::{0}).\n\n{words}",
                    request.method
                );
                described.entry(kind.to_owned()).or_insert(text);
            }
        }
    }
    described
}

/// A type that says nothing but its name has no words in the document but those of its parameter.
fn describe_parameter_types(items: &mut [Item], described: &BTreeMap<String, String>) -> usize {
    let mut places = 0;
    for item in items {
        let (Item::Struct(syn::ItemStruct { ident, attrs, .. })
        | Item::Enum(syn::ItemEnum { ident, attrs, .. })) = item
        else {
            continue;
        };
        let name = ident.to_string();
        if text_of(attrs).trim() == format!("`{name}`")
            && let Some(text) = described.get(&name)
        {
            attrs.retain(|attribute| !attribute.path().is_ident("doc"));
            places += describe_once(attrs, text);
        }
    }
    places
}

/// Adds the text, unless something is said already or there is nothing to say.
fn describe_once(attributes: &mut Vec<Attribute>, text: &str) -> usize {
    if text.trim().is_empty() || attributes.iter().any(|own| own.path().is_ident("doc")) {
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

/// What the attributes say in words.
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

fn module<'a>(items: &'a mut [Item], name: &str) -> Option<&'a mut Vec<Item>> {
    items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == name => {
            module.content.as_mut().map(|(_, items)| items)
        }
        _ => None,
    })
}

fn structs(items: &[Item]) -> impl Iterator<Item = &syn::ItemStruct> {
    items.iter().filter_map(|item| match item {
        Item::Struct(item) => Some(item),
        _ => None,
    })
}

fn inherent_impls(items: &[Item]) -> impl Iterator<Item = &ItemImpl> {
    items.iter().filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() => Some(block),
        _ => None,
    })
}

/// The name of the type and the block, if the item is one of its own methods.
fn inherent_impl(item: &mut Item) -> Option<(String, &mut ItemImpl)> {
    match item {
        Item::Impl(block) if block.trait_.is_none() => Some((name_of(&block.self_ty), block)),
        _ => None,
    }
}

fn functions(block: &mut ItemImpl) -> impl Iterator<Item = &mut syn::ImplItemFn> {
    block.items.iter_mut().filter_map(|item| match item {
        ImplItem::Fn(function) => Some(function),
        _ => None,
    })
}

/// The last name in a path, such as `GetUsers` of `builder::GetUsers<'_>`.
fn name_of(kind: &Type) -> String {
    match kind {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string())
            .unwrap_or_default(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::generate::tests::{client, fixture_client};
    use crate::testing::edited;

    /// The lines that stand right before a piece of code.
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
    fn a_setter_says_what_the_document_says_of_its_parameter() {
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
    fn a_type_that_one_parameter_has_is_described_by_it() {
        let code = fixture_client();
        let filter = words_before(code, "pub struct GetUsersFilter(");
        for words in ["`filter` of [`Client::get_users`]", "At most 64 characters"] {
            assert!(filter.contains(words), "{filter}");
        }
    }

    #[test]
    fn no_example_is_left_that_nobody_compiles() {
        let code = fixture_client();
        assert!(!code.contains("```"));
        assert!(code.contains("`send()` sends what this gives."));
    }

    #[test]
    fn sending_names_the_errors() {
        let code = fixture_client();
        assert_eq!(
            code.matches("pub async fn send(").count(),
            code.matches("# Errors").count()
        );
    }
}
