//! Reading the public items from the generated sources.

use std::collections::{BTreeMap, BTreeSet};

use quote::{ToTokens as _, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::VisitMut as _;
use syn::{
    Attribute, Expr, Fields, Generics, Ident, ImplItem, Item as Code, ItemImpl, Meta, Token, Type,
    UseTree, parse_quote,
};

use super::signature::{Names, Rooted, imports, is_public, join, shown, shown_type};
use super::{Item, Sort, Surface, code};
use crate::generate::Files;

/// The generated files that hold Rust, each with the module under which the raw crate offers its
/// content: `lib.rs` re-exports what stands in the client.
const SOURCES: [(&str, &str); 3] = [
    ("client.rs", ""),
    ("operations.rs", "operations"),
    ("mod.rs", ""),
];

impl Surface {
    pub(super) fn read(files: &Files) -> Result<Self, String> {
        let mut names = Names::default();
        let mut sources = Vec::new();
        for (file, module) in SOURCES {
            let text = files
                .get(file)
                .ok_or_else(|| format!("the generated code has no {file}"))?;
            let source = syn::parse_file(text)
                .map_err(|reason| format!("the generated {file} is not Rust: {reason}"))?;
            names.add(module, &source.items);
            sources.push((module, source.items));
        }
        let mut reader = Reader {
            names: &names,
            surface: Self::default(),
        };
        for (module, items) in sources {
            reader.module(module, items);
        }
        Ok(reader.surface)
    }
}

struct Reader<'a> {
    names: &'a Names,
    surface: Surface,
}

impl Reader<'_> {
    fn module(&mut self, module: &str, items: Vec<Code>) {
        for item in items {
            self.item(module, item);
        }
    }

    fn item(&mut self, module: &str, item: Code) {
        match item {
            Code::Mod(inner) if is_public(&inner.vis) => {
                // A module in a file of its own is read from there.
                let Some((_, items)) = inner.content else {
                    return;
                };
                let path = join(module, &inner.ident.to_string());
                let signature = format!("pub mod {}", inner.ident);
                self.add(path.clone(), Item::plain(Sort::Module, signature));
                self.module(&path, items);
            }
            Code::Struct(item) if is_public(&item.vis) => self.structure(module, &item),
            Code::Enum(item) if is_public(&item.vis) => self.enumeration(module, item),
            Code::Impl(item) if item.trait_.is_some() => self.trait_impl(module, item),
            Code::Impl(item) => self.methods(module, item),
            Code::Fn(mut item) if is_public(&item.vis) => {
                let path = join(module, &item.sig.ident.to_string());
                let values = code::literals(&item.block.to_token_stream());
                item.attrs.clear();
                self.function(module, path, None, &item.vis, item.sig, values);
            }
            Code::Static(item) if is_public(&item.vis) => {
                self.value(module, "static", &item.ident, *item.ty, &item.expr);
            }
            Code::Const(item) if is_public(&item.vis) => {
                self.value(module, "const", &item.ident, *item.ty, &item.expr);
            }
            Code::Use(item) if is_public(&item.vis) => self.re_exports(module, &item.tree),
            Code::Type(mut item) if is_public(&item.vis) => {
                let path = join(module, &item.ident.to_string());
                item.attrs.clear();
                let own = self.root(module, |rooted| rooted.visit_item_type_mut(&mut item));
                let signature = shown(Code::Type(item));
                self.add(
                    path,
                    Item {
                        names: own,
                        ..Item::plain(Sort::Other, signature)
                    },
                );
            }
            Code::Trait(mut item) if is_public(&item.vis) => {
                let path = join(module, &item.ident.to_string());
                item.attrs.clear();
                let own = self.root(module, |rooted| rooted.visit_item_trait_mut(&mut item));
                let signature = shown(Code::Trait(item));
                self.add(
                    path,
                    Item {
                        names: own,
                        ..Item::plain(Sort::Other, signature)
                    },
                );
            }
            _ => {}
        }
    }

    fn re_exports(&mut self, module: &str, tree: &UseTree) {
        for (name, path) in imports(tree) {
            let signature = format!("pub use {}", path.join("::"));
            self.add(join(module, &name), Item::plain(Sort::Other, signature));
        }
    }

    fn structure(&mut self, module: &str, item: &syn::ItemStruct) {
        let path = join(module, &item.ident.to_string());
        let sealed = is_non_exhaustive(&item.attrs);
        let literal = !sealed && item.fields.iter().all(|field| is_public(&field.vis));
        self.derives(&path, &item.attrs, &item.generics);
        for (index, field) in item.fields.iter().enumerate() {
            if !is_public(&field.vis) {
                continue;
            }
            let name = field
                .ident
                .as_ref()
                .map_or_else(|| index.to_string(), ToString::to_string);
            let mut of = field.ty.clone();
            let own = self.root(module, |rooted| rooted.visit_type_mut(&mut of));
            let field = Item {
                owner: Some(path.clone()),
                names: own,
                values: code::attributes(&field.attrs),
                ..Item::plain(Sort::Field, format!("pub {name}: {}", shown_type(&of)))
            };
            self.add(format!("{path}.{name}"), field);
        }
        let (name, generics) = (&item.ident, &item.generics);
        let sealed = if sealed { "#[non_exhaustive] " } else { "" };
        let head = shown(parse_quote!(pub struct #name #generics;));
        let values = code::attributes(&item.attrs);
        let sort = Sort::Struct { literal };
        self.add(
            path,
            Item {
                values,
                ..Item::plain(sort, format!("{sealed}{head}"))
            },
        );
    }

    fn enumeration(&mut self, module: &str, item: syn::ItemEnum) {
        let path = join(module, &item.ident.to_string());
        let exhaustive = !is_non_exhaustive(&item.attrs);
        self.derives(&path, &item.attrs, &item.generics);
        for variant in item.variants {
            let name = variant.ident.to_string();
            let values = code::attributes(&variant.attrs);
            let mut fields = variant.fields;
            for field in &mut fields {
                field.attrs.clear();
            }
            let own = self.root(module, |rooted| rooted.visit_fields_mut(&mut fields));
            let whole: Code = match &fields {
                Fields::Named(fields) => parse_quote!(struct V #fields),
                Fields::Unnamed(fields) => parse_quote!(struct V #fields;),
                Fields::Unit => parse_quote!(
                    struct V;
                ),
            };
            let signature = format!("{name}{}", shown(whole).trim_start_matches("struct V"));
            let variant = Item {
                owner: Some(path.clone()),
                names: own,
                values,
                ..Item::plain(Sort::Variant, signature)
            };
            self.add(format!("{path}::{name}"), variant);
        }
        let (name, generics) = (&item.ident, &item.generics);
        let sealed = if exhaustive { "" } else { "#[non_exhaustive] " };
        let head = shown(parse_quote!(pub enum #name #generics {}));
        let values = code::attributes(&item.attrs);
        let sort = Sort::Enum { exhaustive };
        self.add(
            path,
            Item {
                values,
                ..Item::plain(sort, format!("{sealed}{head}"))
            },
        );
    }

    /// Traits that are derived are implemented like any other.
    fn derives(&mut self, path: &str, attributes: &[Attribute], generics: &Generics) {
        for attribute in attributes {
            let (condition, traits) = derived(&attribute.meta);
            for name in traits {
                let Some(name) = name.segments.last().map(|last| last.ident.to_string()) else {
                    continue;
                };
                let (mut generics, mut of) = (generics.clone(), name.clone());
                if name == "Deserialize" {
                    generics.params.insert(0, parse_quote!('de));
                    "Deserialize<'de>".clone_into(&mut of);
                }
                let (for_impl, _, _) = generics.split_for_impl();
                let head = shown(parse_quote!(impl #for_impl Marker {}));
                let head = head.trim_end_matches(" Marker");
                let condition = condition
                    .as_ref()
                    .map_or_else(String::new, |when| format!("#[cfg({when})] "));
                let implementation = Item {
                    owner: Some(path.to_owned()),
                    ..Item::plain(
                        Sort::Implementation,
                        format!("{condition}{head} {of} for {path}"),
                    )
                };
                self.add(format!("impl {of} for {path}"), implementation);
            }
        }
    }

    fn trait_impl(&mut self, module: &str, mut item: ItemImpl) {
        let Some((_, of, _)) = item.trait_.take() else {
            return;
        };
        let steers = of
            .segments
            .last()
            .is_some_and(|last| matches!(&*last.ident.to_string(), "FromStr" | "Default"));
        let mut values = BTreeMap::new();
        if steers && !module.ends_with("builder") {
            values = code::literals(&item.to_token_stream());
        }
        // What the trait lets an implementation choose for its callers.
        item.items
            .retain(|inner| matches!(inner, ImplItem::Type(_) | ImplItem::Const(_)));
        item.attrs.clear();
        let mut of = of;
        let own = self.root(module, |rooted| {
            rooted.visit_path_mut(&mut of);
            rooted.visit_item_impl_mut(&mut item);
        });
        let shown_self = shown_type(&item.self_ty);
        // As a derive calls it.
        if of.segments.len() > 1 && !own.contains(&path_of(&of)) {
            of.segments = of.segments.into_iter().next_back().into_iter().collect();
        }
        let of_type: Type = parse_quote!(#of);
        let key = format!("impl {} for {shown_self}", shown_type(&of_type));
        let owner = self
            .owner(&item.self_ty)
            .or_else(|| own.iter().next().cloned());
        let Some(owner) = owner else { return };
        item.trait_ = Some((None, of, parse_quote!(for)));
        let implementation = Item {
            owner: Some(owner),
            names: own,
            values,
            ..Item::plain(Sort::Implementation, shown(Code::Impl(item)))
        };
        self.add(key, implementation);
    }

    fn methods(&mut self, module: &str, mut item: ItemImpl) {
        self.root(module, |rooted| rooted.visit_type_mut(&mut item.self_ty));
        let Some(owner) = self.owner(&item.self_ty) else {
            return;
        };
        for inner in item.items {
            let ImplItem::Fn(method) = inner else {
                continue;
            };
            if !is_public(&method.vis) {
                continue;
            }
            let mut values = BTreeMap::new();
            // What a setter accepts; what the others do is told by what they are called on.
            let sets = module == "builder"
                && method.sig.receiver().is_some()
                && !method.sig.inputs.is_empty()
                && method.sig.ident != "send";
            if sets {
                values = code::literals(&method.block.to_token_stream());
            }
            let path = format!("{owner}::{}", method.sig.ident);
            self.function(
                module,
                path,
                Some(owner.clone()),
                &method.vis,
                method.sig,
                values,
            );
        }
    }

    fn function(
        &mut self,
        module: &str,
        path: String,
        owner: Option<String>,
        visibility: &syn::Visibility,
        mut signature: syn::Signature,
        values: BTreeMap<String, String>,
    ) {
        let names = self.root(module, |rooted| rooted.visit_signature_mut(&mut signature));
        let text = shown(parse_quote!(#visibility #signature {}));
        let function = Item {
            owner,
            names,
            values,
            ..Item::plain(Sort::Function(Box::new(signature)), text)
        };
        self.add(path, function);
    }

    fn value(&mut self, module: &str, sort: &str, name: &Ident, mut of: Type, value: &Expr) {
        let names = self.root(module, |rooted| rooted.visit_type_mut(&mut of));
        let signature = format!("pub {sort} {name}: {}", shown_type(&of));
        let item = Item {
            names,
            values: code::members(value),
            ..Item::plain(Sort::Other, signature)
        };
        self.add(join(module, &name.to_string()), item);
    }

    /// The type of the crate that an implementation is for; its paths are rooted already.
    fn owner(&self, of: &Type) -> Option<String> {
        let Type::Path(of) = of else { return None };
        let path = path_of(&of.path);
        self.names.declares(&path).then_some(path)
    }

    fn root(&self, module: &str, visit: impl FnOnce(&mut Rooted<'_>)) -> BTreeSet<String> {
        let mut rooted = Rooted {
            names: self.names,
            module,
            own: BTreeSet::new(),
        };
        visit(&mut rooted);
        rooted.own
    }

    fn add(&mut self, path: String, item: Item) {
        self.surface.items.insert(path, item);
    }
}

impl Item {
    fn plain(sort: Sort, signature: String) -> Self {
        Self {
            sort,
            signature,
            owner: None,
            names: BTreeSet::new(),
            values: BTreeMap::new(),
        }
    }
}

fn path_of(path: &syn::Path) -> String {
    let names = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string());
    names.collect::<Vec<_>>().join("::")
}

fn is_non_exhaustive(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("non_exhaustive"))
}

/// The traits that an attribute derives, and the condition under which it does.
fn derived(meta: &Meta) -> (Option<String>, Vec<syn::Path>) {
    let Meta::List(list) = meta else {
        return (None, Vec::new());
    };
    if list.path.is_ident("derive") {
        let traits = list.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated);
        return (None, traits.into_iter().flatten().collect());
    }
    if list.path.is_ident("cfg_attr")
        && let Ok(inner) = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
    {
        let mut inner = inner.iter();
        let condition = inner.next().map(|condition| quote!(#condition).to_string());
        return (condition, inner.flat_map(|meta| derived(meta).1).collect());
    }
    (None, Vec::new())
}
