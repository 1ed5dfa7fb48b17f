//! Text that YAML readers accept although the parser does not: surrogate pairs, and lines of flow
//! collections and quoted scalars that are not indented further than their key.

/// Returns the text with these in the form that the parser accepts. Lines keep their numbers.
pub(super) fn normalized(text: &str) -> String {
    let mut copy = Copy {
        rest: text,
        column: 0,
        text: String::with_capacity(text.len()),
    };
    // The column of the key or dash whose plain or block scalar goes on in lines that are indented
    // further.
    let mut owner = None;
    while !copy.rest.is_empty() {
        copy.spaces();
        if owner.is_some_and(|owner| copy.column > owner) || copy.rest.starts_with('\n') {
            copy.line();
        } else {
            owner = copy.block();
        }
    }
    copy.text
}

/// A copy of a text as far as it was read.
struct Copy<'a> {
    rest: &'a str,
    column: usize,
    text: String,
}

impl Copy<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        self.column = if next == '\n' { 0 } else { self.column + 1 };
        self.text.push(next);
        Some(next)
    }

    fn until(&mut self, ends: impl Fn(char) -> bool) {
        while self.rest.starts_with(|next| !ends(next)) {
            self.next();
        }
    }

    fn spaces(&mut self) {
        self.until(|next| next != ' ' && next != '\t');
    }

    fn line(&mut self) {
        self.until(|next| next == '\n');
        self.next();
    }

    /// Returns whether the next character is an indicator, which white space follows.
    fn at_indicator(&self, indicators: &[char]) -> bool {
        let after = self.rest.strip_prefix(indicators);
        after.is_some_and(|after| after.is_empty() || after.starts_with([' ', '\t', '\n']))
    }

    /// Copies a line of a block collection, and the lines of a flow collection or quoted scalar that
    /// starts in it. Returns the column of the key or dash whose scalar can go on.
    fn block(&mut self) -> Option<usize> {
        let mut owner = None;
        loop {
            self.spaces();
            let start = self.column;
            let margin = owner.map_or(0, |owner| owner + 1);
            match self.rest.chars().next() {
                None | Some('\n' | '#') => {
                    self.line();
                    return None;
                }
                Some('-' | '?') if self.at_indicator(&['-', '?']) => {
                    owner = Some(start);
                    self.next();
                }
                Some('!' | '&' | '*') => self.until(char::is_whitespace),
                Some('|' | '>') => {
                    self.line();
                    return owner;
                }
                Some('"' | '\'') => self.quoted(margin),
                Some('[' | '{') => self.flow(margin),
                Some(_) => {
                    while !self.at_indicator(&[':']) {
                        if self.rest.starts_with(" #") {
                            self.line();
                            return None;
                        }
                        if matches!(self.next(), None | Some('\n')) {
                            return owner;
                        }
                    }
                }
            }
            self.spaces();
            if self.at_indicator(&[':']) {
                owner = Some(start);
                self.next();
            }
        }
    }

    fn flow(&mut self, margin: usize) {
        let mut depth = 0_usize;
        // Elsewhere, quotes and signs are part of a plain scalar.
        let mut starts_node = true;
        loop {
            match self.rest.chars().next() {
                Some('"' | '\'') if starts_node => self.quoted(margin),
                Some('!' | '&') if starts_node => {
                    self.until(|next| next.is_whitespace() || ",[]{}".contains(next));
                }
                Some('#') if self.text.ends_with(char::is_whitespace) => {
                    self.until(|next| next == '\n');
                }
                _ => match self.next() {
                    None => return,
                    Some('\n') => self.indent(margin),
                    Some(']' | '}') => {
                        depth = depth.saturating_sub(1);
                        if depth == 0 {
                            return;
                        }
                    }
                    Some(next) => {
                        depth += usize::from(next == '[' || next == '{');
                        starts_node = "[{,:?".contains(next) || starts_node && next.is_whitespace();
                    }
                },
            }
        }
    }

    fn quoted(&mut self, margin: usize) {
        let quote = self.next();
        loop {
            match self.next() {
                None => return,
                Some('\n') => self.indent(margin),
                Some('\\') if quote == Some('"') => {
                    if !self.surrogate_pair() && self.next() == Some('\n') {
                        self.indent(margin);
                    }
                }
                next if next == quote => {
                    if quote != Some('\'') || !self.rest.starts_with('\'') {
                        return;
                    }
                    self.next();
                }
                Some(_) => {}
            }
        }
    }

    /// Replaces the two escapes of a character by the character, after the first backslash.
    fn surrogate_pair(&mut self) -> bool {
        let unit = |at: usize| {
            let digits = self.rest.get(at..at + 5)?.strip_prefix('u')?;
            u16::from_str_radix(digits, 16).ok()
        };
        let (Some(first), Some("\\"), Some(second)) = (unit(0), self.rest.get(5..6), unit(6))
        else {
            return false;
        };
        match char::decode_utf16([first, second]).next() {
            Some(Ok(character)) if u32::from(character) > 0xFFFF => {
                self.text.pop();
                self.text.push(character);
                self.rest = &self.rest[11..];
                true
            }
            _ => false,
        }
    }

    fn indent(&mut self, margin: usize) {
        self.text.extend(std::iter::repeat_n(' ', margin));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::yaml::read;

    #[test]
    fn flow_collections_and_quoted_scalars_can_be_at_the_column_of_their_key() {
        for (text, expected) in [
            ("x: [\na,\nb\n]\ny: 1\n", json!({"x": ["a", "b"], "y": 1})),
            (
                "x: {\na: 1, # ]\n'b}': [\n\"2\"\n]}\n",
                json!({"x": {"a": 1, "b}": ["2"]}}),
            ),
            (
                "x:\n  - a: [\n  1\n  ]\n  - b\n",
                json!({"x": [{"a": [1]}, "b"]}),
            ),
            (
                "x: &a !!seq [\nit's, !!str 1\n]\ny: *a\n",
                json!({"x": ["it's", "1"], "y": ["it's", "1"]}),
            ),
            (
                "x: \"a\nb\\\nc\"\ny: 'd\n\ne''f'\n",
                json!({"x": "a bc", "y": "d\ne'f"}),
            ),
            (
                "x: |\n  [ a\ny: b\n  [ c\nz: [\n1]\n",
                json!({"x": "[ a\n", "y": "b [ c", "z": [1]}),
            ),
            ("\"x\": {\n\"y\": 1\n}\n", json!({"x": {"y": 1}})),
        ] {
            let (value, _) = read(text).map_err(|error| error.reason).unwrap();
            assert_eq!(value, expected, "{text}");
        }
    }

    #[test]
    fn surrogate_pairs_are_one_character() {
        for (text, expected) in [
            (r#"x: "\ud83c\uDF89!""#, "🎉!"),
            (r#"x: ["\uD83C\uDF89"]"#, "🎉"),
            (r#"x: "\\ud83c\\udf89""#, r"\ud83c\udf89"),
            (r"x: '\ud83c\udf89'", r"\ud83c\udf89"),
            (r"x: \ud83c\udf89", r"\ud83c\udf89"),
        ] {
            // The second member makes the text need the normalization.
            let text = format!("{text}\ny: \"\\ud83c\\udf89\"\n");
            let (value, _) = read(&text).map_err(|error| error.reason).unwrap();
            assert_eq!(value["y"], "🎉");
            let found = value["x"].get(0).unwrap_or(&value["x"]);
            assert_eq!(found, expected, "{text}");
        }
        for text in [
            r#"x: "\ud83c""#,
            r#"x: "\ud83c\u0041""#,
            r#"x: "\udf89\ud83c""#,
        ] {
            let error = read(text).unwrap_err();
            assert!(error.reason.contains("Unicode"), "{}", error.reason);
        }
    }

    #[test]
    fn other_text_is_unchanged() {
        for text in [
            "a: b\nc:\n- d: 'e'\n  f: [g, {h: i}]\n- - j\n  - >-\n    [k\n# l [\n",
            "%YAML 1.2\n---\na: b # {\n...\n",
            "? a\n: b\n",
            "",
            "a: \"",
            "a: [",
        ] {
            assert_eq!(normalized(text), text);
        }
    }

    #[test]
    fn lines_keep_their_numbers() {
        let text = "openapi: 3.0.3\nx: [\n1,\n{a: \"\\ud83c\\udf89\n\nb\"}\n]\ny: 2\n";
        let (_, lines) = read(text).map_err(|error| error.reason).unwrap();
        for (pointer, line) in [("/x", 2), ("/x/0", 3), ("/x/1/a", 4), ("/y", 8)] {
            assert_eq!(lines[pointer], line, "{pointer}");
        }
        let error = read("x: [\n1\n]\ny: [\n2\n").unwrap_err();
        assert!(error.line.is_some_and(|line| line > 3), "{:?}", error.line);
    }
}
