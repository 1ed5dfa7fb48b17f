//! Tokens as text, and the paths in them.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{UseTree, Visibility};

/// Returns tokens as one line of Rust.
pub(super) fn shown(tokens: impl ToTokens) -> String {
    let mut text = String::new();
    write(&mut text, tokens.into_token_stream());
    for (loose, tight) in [(", )", ")"), (", >", ">"), (",)", ")"), (",>", ">")] {
        text = text.replace(loose, tight);
    }
    text.trim_matches([' ', ',']).to_owned()
}

fn write(text: &mut String, tokens: TokenStream) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => (" { ", " }"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write(text, group.stream());
                text.truncate(text.trim_end().len());
                text.push_str(close);
            }
            TokenTree::Punct(punct) => {
                let c = punct.as_char();
                let is_arrow = c == '>' && text.ends_with('-');
                if matches!(c, '-' | '=' | '+') {
                    text.push(' ');
                }
                text.push(c);
                let is_path = c == ':' && punct.spacing() == proc_macro2::Spacing::Joint;
                let is_path_end = c == ':' && text.ends_with("::");
                let is_spaced = is_arrow || matches!(c, ',' | '=' | '+' | ';' | ':');
                if is_spaced && !is_path && !is_path_end {
                    text.push(' ');
                }
            }
            word => {
                let is_word =
                    |c: char| c.is_alphanumeric() || matches!(c, '_' | '"' | ')' | '>' | ']');
                let is_after_word = text.chars().last().is_some_and(is_word);
                if is_after_word {
                    text.push(' ');
                }
                text.push_str(&word.to_string());
            }
        }
    }
}

/// Returns every path in tokens, such as `types::UserId`.
pub(super) fn paths(tokens: TokenStream) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    // How many colons stand before the next token, and whether they continue a path.
    let (mut colons, mut continues) = (0, false);
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                match found.last_mut() {
                    Some(path) if continues && colons == 2 => path.push(ident.to_string()),
                    _ => found.push(vec![ident.to_string()]),
                }
                (colons, continues) = (0, true);
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            TokenTree::Group(group) => {
                found.extend(paths(group.stream()));
                (colons, continues) = (0, false);
            }
            _ => (colons, continues) = (0, false),
        }
    }
    found
}

/// Returns the names that a `use` introduces, each with its path.
pub(super) fn imports(tree: &UseTree) -> Vec<(String, Vec<String>)> {
    let one = |name: &syn::Ident, of: &syn::Ident| vec![(name.to_string(), vec![of.to_string()])];
    match tree {
        UseTree::Path(path) => {
            let mut imports = imports(&path.tree);
            for (_, rest) in &mut imports {
                rest.insert(0, path.ident.to_string());
            }
            imports
        }
        UseTree::Name(name) => one(&name.ident, &name.ident),
        UseTree::Rename(rename) => one(&rename.rename, &rename.ident),
        UseTree::Group(group) => group.items.iter().flat_map(imports).collect(),
        UseTree::Glob(_) => Vec::new(),
    }
}

pub(super) fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

pub(super) fn join(module: &str, name: &str) -> String {
    if module.is_empty() {
        name.to_owned()
    } else {
        format!("{module}::{name}")
    }
}
