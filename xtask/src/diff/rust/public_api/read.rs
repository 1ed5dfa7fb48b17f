//! Reads the public items of the generated code.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Expr, GenericArgument, GenericParam, Generics, Ident, ImplItem, Item as Code,
    ItemEnum, ItemImpl, ItemStruct, Meta, Path, PathArguments, Token, Type, Visibility,
};

use super::function::Function;
use super::item::{Item, ItemKind, PublicApi};
use super::tokens::{imports, is_public, join, paths, shown, shown_with};
use super::values::{self, Values};

impl PublicApi {
    /// Reads the public items of modules, each with the path under which the raw crate re-exports it.
    pub(crate) fn read<const N: usize>(modules: [(&str, syn::File); N]) -> Self {
        let mut reader = Reader {
            // Hand-written in the raw crate; generated code adds a method for each operation.
            declared: BTreeSet::from(["Client".to_owned()]),
            module: String::new(),
            api: Self::default(),
        };
        for (path, file) in &modules {
            declare(path, &file.items, &mut reader.declared);
        }
        for (path, file) in modules {
            reader.items(path.to_owned(), file.items);
        }
        reader.api
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

struct Reader {
    declared: BTreeSet<String>,
    /// The path of the module being read.
    module: String,
    api: PublicApi,
}

impl Reader {
    fn items(&mut self, module: String, items: Vec<Code>) {
        let outer = std::mem::replace(&mut self.module, module);
        for item in items {
            self.item(item);
        }
        self.module = outer;
    }

    fn item(&mut self, item: Code) {
        match item {
            Code::Mod(item) if is_public(&item.vis) => {
                // A module without content is a file, which is read on its own.
                if let Some((_, items)) = item.content {
                    let name = &item.ident;
                    let path = self.path(name);
                    self.plain(path.clone(), quote!(pub mod #name), Values::new());
                    self.items(path, items);
                }
            }
            Code::Struct(item) if is_public(&item.vis) => self.structure(item),
            Code::Enum(item) if is_public(&item.vis) => self.enumeration(item),
            Code::Impl(item) if item.trait_.is_some() => self.implementation(item),
            Code::Impl(item) => self.methods(item),
            Code::Fn(item) if is_public(&item.vis) => {
                let (path, values) = (self.path(&item.sig.ident), values::literals(&item.block));
                self.function(path, None, &item.vis, &item.sig, values);
            }
            Code::Static(item) if is_public(&item.vis) => {
                self.constant(&item.ident, "static", &item.ty, &item.expr);
            }
            Code::Const(item) if is_public(&item.vis) => {
                self.constant(&item.ident, "const", &item.ty, &item.expr);
            }
            Code::Use(item) if is_public(&item.vis) => {
                for (name, target) in imports(&item.tree) {
                    let target: TokenStream = target.join("::").parse().unwrap_or_default();
                    let path = join(&self.module, &name);
                    self.plain(path, quote!(pub use #target), Values::new());
                }
            }
            Code::Type(mut item) if is_public(&item.vis) => {
                item.attrs.clear();
                self.plain(self.path(&item.ident), quote!(#item), Values::new());
            }
            Code::Trait(mut item) if is_public(&item.vis) => {
                item.attrs.clear();
                self.plain(self.path(&item.ident), quote!(#item), Values::new());
            }
            _ => {}
        }
    }

    fn constant(&mut self, name: &Ident, keyword: &str, of: &Type, value: &Expr) {
        let keyword: TokenStream = keyword.parse().unwrap_or_default();
        let signature = quote!(pub #keyword #name: #of);
        self.plain(self.path(name), signature, values::members(value));
    }

    fn structure(&mut self, item: ItemStruct) {
        let path = self.path(&item.ident);
        self.derives(&path, &item.attrs, &item.generics);
        let is_non_exhaustive = is_non_exhaustive(&item.attrs);
        let kind = ItemKind::Struct {
            is_open: !is_non_exhaustive && item.fields.iter().all(|field| is_public(&field.vis)),
            is_non_exhaustive,
        };
        for (index, mut field) in item.fields.into_iter().enumerate() {
            if is_public(&field.vis) {
                let name = field.ident.as_ref();
                let name = name.map_or_else(|| index.to_string(), Ident::to_string);
                let values = values::serde_attributes(&field.attrs);
                field.attrs.clear();
                let key = format!("{path}.{name}");
                self.add(key, Some(&path), ItemKind::Field, quote!(#field), values);
            }
        }
        let (name, generics) = (&item.ident, &item.generics);
        let (signature, values) = (
            quote!(pub struct #name #generics),
            values::serde_attributes(&item.attrs),
        );
        self.add(path, None, kind, signature, values);
    }

    fn enumeration(&mut self, item: ItemEnum) {
        let path = self.path(&item.ident);
        self.derives(&path, &item.attrs, &item.generics);
        for mut variant in item.variants {
            let values = values::serde_attributes(&variant.attrs);
            for field in &mut variant.fields {
                field.attrs.clear();
            }
            let (name, fields) = (&variant.ident, &variant.fields);
            let key = format!("{path}::{name}");
            let kind = ItemKind::Variant;
            self.add(key, Some(&path), kind, quote!(#name #fields), values);
        }
        let (name, generics) = (&item.ident, &item.generics);
        let (signature, values) = (
            quote!(pub enum #name #generics),
            values::serde_attributes(&item.attrs),
        );
        let is_exhaustive = !is_non_exhaustive(&item.attrs);
        self.add(
            path,
            None,
            ItemKind::Enum { is_exhaustive },
            signature,
            values,
        );
    }

    /// Adds derived traits as implementations.
    fn derives(&mut self, path: &str, attributes: &[Attribute], generics: &Generics) {
        let generics = type_parameters(generics);
        let of: TokenStream = path.parse().unwrap_or_default();
        for attribute in attributes {
            let (condition, traits) = derived(&attribute.meta);
            let condition = condition.map(|condition| quote!(#[cfg(#condition)]));
            for derived in traits {
                let name = derived.segments.last().map(|last| &last.ident);
                let signature = quote!(#condition impl #generics #name for #of);
                let key = shown(quote!(impl #name for #of));
                let kind = ItemKind::Implementation;
                self.add(key, Some(path), kind, signature, Values::new());
            }
        }
    }

    fn implementation(&mut self, item: ItemImpl) {
        let Some((_, mut of, _)) = item.trait_ else {
            return;
        };
        let is_own = self.owner(&of).is_some();
        let Some(last) = of.segments.pop().map(syn::punctuated::Pair::into_value) else {
            return;
        };
        let is_value = matches!(&*last.ident.to_string(), "FromStr" | "Default");
        let is_plain = match &last.arguments {
            PathArguments::AngleBracketed(arguments) => {
                let mut arguments = arguments.args.iter();
                arguments.all(|argument| matches!(argument, GenericArgument::Lifetime(_)))
            }
            _ => true,
        };
        // A derive names the trait alone.
        if !is_own {
            of.segments.clear();
        }
        of.leading_colon = None;
        let name = &last.ident;
        let last = if is_plain {
            quote!(#name)
        } else {
            quote!(#last)
        };
        let whole = {
            let self_type = &item.self_ty;
            quote!(#of #last for #self_type)
        };
        let items = &item.items;
        let mut values = Values::new();
        if is_value && !self.module.ends_with("builder") {
            values = values::literals(quote!(#(#items)*));
        }
        let is_chosen = |item: &&ImplItem| matches!(item, ImplItem::Type(_) | ImplItem::Const(_));
        let chosen = items.iter().filter(is_chosen);
        let (generics, clause) = (type_parameters(&item.generics), &item.generics.where_clause);
        let signature = quote!(impl #generics #whole #clause #(#chosen)*);
        let (key, own) = self.text(quote!(impl #whole));
        let owner = self.owner(&item.self_ty).or_else(|| own.into_iter().next());
        if let Some(owner) = owner {
            let kind = ItemKind::Implementation;
            self.add(key, Some(&owner), kind, signature, values);
        }
    }

    fn methods(&mut self, item: ItemImpl) {
        let Some(owner) = self.owner(&item.self_ty) else {
            return;
        };
        for inner in item.items {
            let ImplItem::Fn(method) = inner else {
                continue;
            };
            if is_public(&method.vis) {
                // A setter rejects values; other methods only pass them on.
                let is_setter = self.module == "builder"
                    && method.sig.receiver().is_some()
                    && method.sig.ident != "send";
                let literals = is_setter.then(|| values::literals(&method.block));
                let path = format!("{owner}::{}", method.sig.ident);
                let values = literals.unwrap_or_default();
                self.function(path, Some(&owner), &method.vis, &method.sig, values);
            }
        }
    }

    fn function(
        &mut self,
        path: String,
        owner: Option<&str>,
        visibility: &Visibility,
        signature: &syn::Signature,
        values: Values,
    ) {
        let kind = ItemKind::Function(Function::new(signature));
        self.add(path, owner, kind, quote!(#visibility #signature), values);
    }

    fn plain(&mut self, path: String, signature: TokenStream, values: Values) {
        self.add(path, None, ItemKind::Other, signature, values);
    }

    fn add(
        &mut self,
        path: String,
        owner: Option<&str>,
        kind: ItemKind,
        signature: TokenStream,
        values: Values,
    ) {
        let (signature, names) = self.text(signature);
        let item = Item {
            kind,
            signature,
            owner: owner.map(str::to_owned),
            names,
            values,
        };
        self.api.items.insert(path, item);
    }

    fn path(&self, name: &Ident) -> String {
        join(&self.module, &name.to_string())
    }

    /// Returns the type of the crate that an implementation is for.
    fn owner(&self, of: impl ToTokens) -> Option<String> {
        let path = paths(of.into_token_stream()).into_iter().next()?;
        self.resolve(&path)
            .filter(|path| self.declared.contains(path))
    }

    /// Returns tokens with paths from the crate root, and the crate's own items in them.
    fn text(&self, tokens: TokenStream) -> (String, BTreeSet<String>) {
        let mut names = BTreeSet::new();
        let text = shown_with(tokens, &mut |path| {
            let is_standard = matches!(&*path[0], "std" | "core" | "alloc") && path.len() > 1;
            let is_type = |name: &String| name.starts_with(char::is_uppercase);
            if is_standard {
                // An associated item keeps its type or trait.
                let start = path.iter().position(is_type).unwrap_or(path.len() - 1);
                return path[start..].join("::");
            }
            // A single lowercase name is a keyword, a field or an argument.
            let resolved = (path.len() > 1 || is_type(&path[0])).then(|| self.resolve(&path));
            let Some(resolved) = resolved.flatten() else {
                return path.join("::");
            };
            if self.declared.contains(&resolved) {
                names.insert(resolved.clone());
            }
            resolved
        });
        (text, names)
    }

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
    let mut attributes = attributes.iter();
    attributes.any(|attribute| attribute.path().is_ident("non_exhaustive"))
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
