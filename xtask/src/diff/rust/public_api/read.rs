//! Reads the public items of the generated code.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, GenericParam, Generics, Ident, ImplItem, Item as Code, ItemEnum, ItemImpl,
    ItemStruct, Meta, Path, PathArguments, PathSegment, Token, Type, TypePath, Visibility,
};

use super::model::{Item, ItemKind, PublicApi};
use super::tokens::{imports, is_public, join, paths, shown};
use super::values::{self, Values};
use crate::generate::Files;

/// The generated Rust files and the module under which the raw crate re-exports each.
const SOURCES: [(&str, &str); 3] = [
    ("client.rs", ""),
    ("operations.rs", "operations"),
    ("mod.rs", ""),
];

impl PublicApi {
    pub(super) fn read(files: &Files) -> Result<Self, String> {
        // Hand-written in the raw crate; generated code adds a method for each operation.
        let mut declared = BTreeSet::from(["Client".to_owned()]);
        let mut sources = Vec::new();
        for (file, module) in SOURCES {
            let text = files
                .get(file)
                .ok_or_else(|| format!("the generated code lacks {file}"))?;
            let source = syn::parse_file(text)
                .map_err(|error| format!("the generated {file} is not valid Rust: {error}"))?;
            declare(module, &source.items, &mut declared);
            sources.push((module, source.items));
        }
        let mut reader = Reader {
            declared: &declared,
            api: Self::default(),
        };
        for (module, mut items) in sources {
            let mut rooting = Rooting {
                declared: &declared,
                module: module.to_owned(),
            };
            for item in &mut items {
                rooting.visit_item_mut(item);
            }
            reader.items(module, items);
        }
        Ok(reader.api)
    }
}

/// Collects the paths of the modules and types that items declare.
fn declare(module: &str, items: &[Code], declared: &mut BTreeSet<String>) {
    for item in items {
        let name = match item {
            Code::Mod(item) => &item.ident,
            Code::Struct(item) => &item.ident,
            Code::Enum(item) => &item.ident,
            Code::Type(item) => &item.ident,
            Code::Trait(item) => &item.ident,
            _ => continue,
        };
        let path = join(module, &name.to_string());
        if let Code::Mod(inner) = item
            && let Some((_, items)) = &inner.content
        {
            declare(&path, items, declared);
        }
        declared.insert(path);
    }
}

/// Rewrites paths to start at the crate root, and paths of the standard library to their last part.
struct Rooting<'a> {
    declared: &'a BTreeSet<String>,
    module: String,
}

impl Rooting<'_> {
    /// Returns the path from the crate root, if it leads to an item of the crate.
    fn resolve(&self, path: &[String]) -> Option<String> {
        let parent = |module: &str| {
            module
                .rsplit_once("::")
                .map_or("", |(parent, _)| parent)
                .to_owned()
        };
        let mut module = self.module.clone();
        let mut rest = path;
        while let [first, others @ ..] = rest {
            match &**first {
                "crate" => module.clear(),
                "super" => module = parent(&module),
                "self" => {}
                _ => break,
            }
            rest = others;
        }
        let first = rest.first()?;
        let rooted = |module: &str| join(module, &rest.join("::"));
        // An import in generated code comes from an enclosing module.
        let mut scope = module.clone();
        loop {
            if self.declared.contains(&join(&scope, first)) {
                return Some(rooted(&scope));
            }
            if scope.is_empty() {
                return (rest.len() < path.len()).then(|| rooted(&module));
            }
            scope = parent(&scope);
        }
    }
}

impl VisitMut for Rooting<'_> {
    fn visit_item_mod_mut(&mut self, item: &mut syn::ItemMod) {
        let outer = self.module.clone();
        self.module = join(&outer, &item.ident.to_string());
        visit_mut::visit_item_mod_mut(self, item);
        self.module = outer;
    }

    fn visit_type_path_mut(&mut self, of: &mut TypePath) {
        let before = of.path.segments.len();
        visit_mut::visit_type_path_mut(self, of);
        if let Some(qself) = &mut of.qself {
            let removed = before.saturating_sub(of.path.segments.len());
            qself.position = qself.position.saturating_sub(removed);
        }
    }

    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        let segments = path.segments.iter();
        let names: Vec<_> = segments.map(|segment| segment.ident.to_string()).collect();
        if matches!(&*names[0], "std" | "core" | "alloc") {
            // An associated item keeps its type or trait.
            let types = |name: &String| name.starts_with(char::is_uppercase);
            let start = names.iter().position(types).unwrap_or(names.len() - 1);
            path.segments = path.segments.iter().skip(start).cloned().collect();
        } else if path.leading_colon.is_none()
            && let Some(rooted) = self.resolve(&names)
        {
            let arguments = path.segments.last().map(|last| last.arguments.clone());
            let segments = rooted.split("::").map(|name| PathSegment {
                ident: Ident::new(name, Span::call_site()),
                arguments: PathArguments::None,
            });
            path.segments = segments.collect();
            if let (Some(last), Some(arguments)) = (path.segments.last_mut(), arguments) {
                last.arguments = arguments;
            }
        }
        path.leading_colon = None;
    }
}

struct Reader<'a> {
    declared: &'a BTreeSet<String>,
    api: PublicApi,
}

impl Reader<'_> {
    fn items(&mut self, module: &str, items: Vec<Code>) {
        for item in items {
            self.item(module, item);
        }
    }

    fn item(&mut self, module: &str, item: Code) {
        let path = |name: &Ident| join(module, &name.to_string());
        let other = ItemKind::Other;
        match item {
            Code::Mod(item) if is_public(&item.vis) => {
                // A module without content is one of `SOURCES`.
                if let Some((_, items)) = item.content {
                    let name = &item.ident;
                    self.add(
                        path(name),
                        None,
                        other,
                        quote!(pub mod #name),
                        Values::new(),
                    );
                    self.items(&path(name), items);
                }
            }
            Code::Struct(item) if is_public(&item.vis) => self.structure(&path(&item.ident), &item),
            Code::Enum(item) if is_public(&item.vis) => self.enumeration(&path(&item.ident), item),
            Code::Impl(item) if item.trait_.is_some() => self.implementation(module, item),
            Code::Impl(item) => self.methods(module, item),
            Code::Fn(item) if is_public(&item.vis) => {
                let values = values::literals(item.block.to_token_stream());
                self.function(path(&item.sig.ident), None, &item.vis, item.sig, values);
            }
            Code::Static(item) if is_public(&item.vis) => {
                let (name, of) = (&item.ident, &item.ty);
                let values = values::members(&item.expr);
                self.add(
                    path(name),
                    None,
                    other,
                    quote!(pub static #name: #of),
                    values,
                );
            }
            Code::Const(item) if is_public(&item.vis) => {
                let (name, of) = (&item.ident, &item.ty);
                let values = values::members(&item.expr);
                self.add(
                    path(name),
                    None,
                    other,
                    quote!(pub const #name: #of),
                    values,
                );
            }
            Code::Use(item) if is_public(&item.vis) => {
                for (name, target) in imports(&item.tree) {
                    let target: TokenStream = target.join("::").parse().unwrap_or_default();
                    let signature = quote!(pub use #target);
                    let path = join(module, &name);
                    self.add(path, None, ItemKind::Other, signature, Values::new());
                }
            }
            Code::Type(mut item) if is_public(&item.vis) => {
                item.attrs.clear();
                self.add(path(&item.ident), None, other, quote!(#item), Values::new());
            }
            Code::Trait(mut item) if is_public(&item.vis) => {
                item.attrs.clear();
                self.add(path(&item.ident), None, other, quote!(#item), Values::new());
            }
            _ => {}
        }
    }

    fn structure(&mut self, path: &str, item: &ItemStruct) {
        self.derives(path, &item.attrs, &item.generics);
        for (index, field) in item.fields.iter().enumerate() {
            if is_public(&field.vis) {
                let name = field
                    .ident
                    .as_ref()
                    .map_or_else(|| index.to_string(), Ident::to_string);
                let of = &field.ty;
                let label = &field.ident;
                let signature = match label {
                    Some(label) => quote!(pub #label: #of),
                    None => quote!(pub #of),
                };
                let values = values::serde_attributes(&field.attrs);
                let owner = Some(path.to_owned());
                self.add(
                    format!("{path}.{name}"),
                    owner,
                    ItemKind::Field,
                    signature,
                    values,
                );
            }
        }
        let (name, generics) = (&item.ident, &item.generics);
        let is_non_exhaustive = is_non_exhaustive(&item.attrs);
        let kind = ItemKind::Struct {
            is_open: !is_non_exhaustive && item.fields.iter().all(|field| is_public(&field.vis)),
            is_non_exhaustive,
        };
        let values = values::serde_attributes(&item.attrs);
        self.add(
            path.to_owned(),
            None,
            kind,
            quote!(pub struct #name #generics),
            values,
        );
    }

    fn enumeration(&mut self, path: &str, item: ItemEnum) {
        self.derives(path, &item.attrs, &item.generics);
        for mut variant in item.variants {
            let values = values::serde_attributes(&variant.attrs);
            for field in &mut variant.fields {
                field.attrs.clear();
            }
            let (name, fields) = (&variant.ident, &variant.fields);
            let owner = Some(path.to_owned());
            let signature = quote!(#name #fields);
            self.add(
                format!("{path}::{name}"),
                owner,
                ItemKind::Variant,
                signature,
                values,
            );
        }
        let (name, generics) = (&item.ident, &item.generics);
        let is_exhaustive = !is_non_exhaustive(&item.attrs);
        let values = values::serde_attributes(&item.attrs);
        let kind = ItemKind::Enum { is_exhaustive };
        self.add(
            path.to_owned(),
            None,
            kind,
            quote!(pub enum #name #generics),
            values,
        );
    }

    /// Adds derived traits as implementations.
    fn derives(&mut self, path: &str, attributes: &[Attribute], generics: &Generics) {
        let generics = type_parameters(generics);
        let of: TokenStream = path.parse().unwrap_or_default();
        for attribute in attributes {
            let (condition, traits) = derived(&attribute.meta);
            for derived in traits {
                let name = derived.segments.last().map(|last| &last.ident);
                let condition = condition
                    .as_ref()
                    .map(|condition| quote!(#[cfg(#condition)]));
                let signature = quote!(#condition impl #generics #name for #of);
                let key = shown(quote!(impl #name for #of));
                let owner = Some(path.to_owned());
                self.add(
                    key,
                    owner,
                    ItemKind::Implementation,
                    signature,
                    Values::new(),
                );
            }
        }
    }

    fn implementation(&mut self, module: &str, item: ItemImpl) {
        let Some((_, mut of, _)) = item.trait_ else {
            return;
        };
        let name = of.segments.last().map(|last| last.ident.to_string());
        let is_value = matches!(name.as_deref(), Some("FromStr" | "Default"));
        let items = &item.items;
        let mut values = Values::new();
        if is_value && !module.ends_with("builder") {
            values = values::literals(quote!(#(#items)*));
        }
        // A derive names the trait alone.
        if !self.declared.contains(&joined(&of)) {
            of.segments = of.segments.into_iter().next_back().into_iter().collect();
        }
        for segment in &mut of.segments {
            if let PathArguments::AngleBracketed(arguments) = &segment.arguments
                && arguments
                    .args
                    .iter()
                    .all(|of| matches!(of, syn::GenericArgument::Lifetime(_)))
            {
                segment.arguments = PathArguments::None;
            }
        }
        let chosen = items
            .iter()
            .filter(|item| matches!(item, ImplItem::Type(_) | ImplItem::Const(_)));
        let (generics, self_type) = (type_parameters(&item.generics), &item.self_ty);
        let (whole, clause) = (quote!(#of for #self_type), &item.generics.where_clause);
        let signature = quote!(impl #generics #whole #clause #(#chosen)*);
        let own = self.names(whole.clone());
        let owner = self.owner(self_type).or_else(|| own.into_iter().next());
        if let Some(owner) = owner {
            let key = shown(quote!(impl #whole));
            self.add(
                key,
                Some(owner),
                ItemKind::Implementation,
                signature,
                values,
            );
        }
    }

    fn methods(&mut self, module: &str, item: ItemImpl) {
        let Some(owner) = self.owner(&item.self_ty) else {
            return;
        };
        for inner in item.items {
            let ImplItem::Fn(method) = inner else {
                continue;
            };
            if is_public(&method.vis) {
                // A setter rejects values; other methods only pass them on.
                let is_setter = module == "builder"
                    && method.sig.receiver().is_some()
                    && method.sig.ident != "send";
                let values = if is_setter {
                    values::literals(method.block.to_token_stream())
                } else {
                    Values::new()
                };
                let path = format!("{owner}::{}", method.sig.ident);
                self.function(path, Some(owner.clone()), &method.vis, method.sig, values);
            }
        }
    }

    fn function(
        &mut self,
        path: String,
        owner: Option<String>,
        visibility: &Visibility,
        signature: syn::Signature,
        values: Values,
    ) {
        let tokens = quote!(#visibility #signature);
        let kind = ItemKind::Function(Box::new(signature));
        self.add(path, owner, kind, tokens, values);
    }

    /// Returns the type of the crate that an implementation is for.
    fn owner(&self, of: &Type) -> Option<String> {
        let Type::Path(of) = of else { return None };
        let path = joined(&of.path);
        self.declared.contains(&path).then_some(path)
    }

    /// Returns the crate's own items in tokens.
    fn names(&self, tokens: TokenStream) -> BTreeSet<String> {
        let paths = paths(tokens).into_iter().map(|path| path.join("::"));
        paths.filter(|path| self.declared.contains(path)).collect()
    }

    fn add(
        &mut self,
        path: String,
        owner: Option<String>,
        kind: ItemKind,
        signature: TokenStream,
        values: Values,
    ) {
        let item = Item {
            kind,
            owner,
            names: self.names(signature.clone()),
            signature: shown(signature),
            values,
        };
        self.api.items.insert(path, item);
    }
}

fn joined(path: &Path) -> String {
    let names = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string());
    names.collect::<Vec<_>>().join("::")
}

/// Returns generics without lifetimes, which a derive and a written implementation name differently.
fn type_parameters(generics: &Generics) -> Generics {
    let parameters = generics.params.iter().cloned();
    let types = parameters.filter(|of| !matches!(of, GenericParam::Lifetime(_)));
    Generics {
        params: types.collect(),
        ..Generics::default()
    }
}

fn is_non_exhaustive(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|of| of.path().is_ident("non_exhaustive"))
}

/// Returns the traits that an attribute derives, and the condition of a `cfg_attr`.
fn derived(meta: &Meta) -> (Option<TokenStream>, Vec<Path>) {
    let Meta::List(list) = meta else {
        return (None, Vec::new());
    };
    if list.path.is_ident("derive") {
        let traits = list.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated);
        return (None, traits.into_iter().flatten().collect());
    }
    if list.path.is_ident("cfg_attr")
        && let Ok(inner) = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
    {
        let mut inner = inner.iter();
        let condition = inner.next().map(|condition| quote!(#condition));
        return (condition, inner.flat_map(|meta| derived(meta).1).collect());
    }
    (None, Vec::new())
}
