//! Tokens as text, and the paths in them.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{UseTree, Visibility};

/// A part of Rust source.
enum Piece {
    /// A path or a keyword.
    Path(Vec<String>),
    /// An associated item of a qualified path, such as `::Error` in `<T as TryInto<U>>::Error`.
    Associated(String),
    Literal(String),
    Punct(char),
    Group(Delimiter, TokenStream),
}

fn pieces(tokens: TokenStream) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut colons = 0;
    for token in tokens {
        if let TokenTree::Punct(punct) = &token
            && punct.as_char() == ':'
        {
            colons += 1;
            continue;
        }
        if colons % 2 == 1 {
            pieces.push(Piece::Punct(':'));
        }
        let follows_colons = colons >= 2;
        colons = 0;
        let piece = match token {
            TokenTree::Ident(ident) => match pieces.last_mut() {
                Some(Piece::Path(path)) if follows_colons => {
                    path.push(ident.to_string());
                    continue;
                }
                Some(Piece::Punct('>')) if follows_colons => Piece::Associated(ident.to_string()),
                _ => Piece::Path(vec![ident.to_string()]),
            },
            TokenTree::Punct(punct) => Piece::Punct(punct.as_char()),
            TokenTree::Literal(literal) => Piece::Literal(literal.to_string()),
            TokenTree::Group(group) => Piece::Group(group.delimiter(), group.stream()),
        };
        pieces.push(piece);
    }
    pieces
}

/// Returns every path in tokens, such as `types::UserId`.
pub(super) fn paths(tokens: TokenStream) -> Vec<Vec<String>> {
    let paths = pieces(tokens).into_iter().map(|piece| match piece {
        Piece::Path(path) => vec![path],
        Piece::Group(_, inner) => paths(inner),
        _ => Vec::new(),
    });
    paths.flatten().collect()
}

/// Returns tokens as one line of Rust.
pub(super) fn shown(tokens: impl ToTokens) -> String {
    shown_with(tokens, &mut |path| path.join("::"))
}

/// Returns tokens as one line of Rust, with paths as `rename` returns them.
pub(super) fn shown_with(
    tokens: impl ToTokens,
    rename: &mut impl FnMut(Vec<String>) -> String,
) -> String {
    let mut text = String::new();
    write(&mut text, tokens.into_token_stream(), rename);
    text.trim_matches([' ', ',']).to_owned()
}

fn write(text: &mut String, tokens: TokenStream, rename: &mut impl FnMut(Vec<String>) -> String) {
    for piece in pieces(tokens) {
        let word = match piece {
            Piece::Path(path) => rename(path),
            Piece::Literal(literal) => literal,
            Piece::Associated(name) => {
                *text += "::";
                *text += &name;
                continue;
            }
            Piece::Punct(c) => {
                let is_arrow = c == '>' && text.ends_with('-');
                if c == '>' {
                    drop_comma(text);
                }
                if matches!(c, '-' | '=' | '+') {
                    text.push(' ');
                }
                text.push(c);
                if is_arrow || matches!(c, ',' | '=' | '+' | ';' | ':') {
                    text.push(' ');
                }
                continue;
            }
            Piece::Group(delimiter, inner) => {
                let (open, close) = match delimiter {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => (" { ", " }"),
                    Delimiter::None => ("", ""),
                };
                *text += open;
                write(text, inner, rename);
                text.truncate(text.trim_end().len());
                if close == ")" {
                    drop_comma(text);
                }
                *text += close;
                continue;
            }
        };
        let ends_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '"' | ')' | '>' | ']');
        if text.ends_with(ends_word) {
            text.push(' ');
        }
        *text += &word;
    }
}

/// Removes the comma after the last of several parts.
fn drop_comma(text: &mut String) {
    if let Some(rest) = text.trim_end().strip_suffix(',') {
        text.truncate(rest.len());
    }
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
