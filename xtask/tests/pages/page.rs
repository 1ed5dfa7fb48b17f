//! A Markdown page with its code blocks and commands.

/// The prefixes that identify commands in inline code.
const COMMANDS: [&str; 3] = ["cargo ", ".ci/", "tests/second_opinion/run"];

pub(crate) struct Page {
    pub(crate) path: String,
    pub(crate) blocks: Vec<Block>,
    /// Inline code and its line.
    inline: Vec<(usize, String)>,
}

pub(crate) struct Block {
    /// The line of the opening fence, counted from 1.
    pub(crate) line: usize,
    pub(crate) language: String,
    pub(crate) lines: Vec<String>,
}

impl Page {
    pub(crate) fn new(path: String, text: &str) -> Self {
        let mut blocks: Vec<Block> = Vec::new();
        let mut inline = Vec::new();
        let mut is_open = false;
        for (line, content) in (1..).zip(text.lines()) {
            if let Some(language) = content.trim_start().strip_prefix("```") {
                if !is_open {
                    blocks.push(Block {
                        line,
                        language: language.trim().to_owned(),
                        lines: Vec::new(),
                    });
                }
                is_open = !is_open;
            } else if is_open && let Some(block) = blocks.last_mut() {
                block.lines.push(content.to_owned());
            } else {
                let code = content.split('`').skip(1).step_by(2);
                inline.extend(code.map(|code| (line, code.to_owned())));
            }
        }
        Self {
            path,
            blocks,
            inline,
        }
    }

    /// The commands with their lines: all lines of `sh` blocks, and code elsewhere that starts like
    /// a command.
    pub(crate) fn commands(&self) -> impl Iterator<Item = (usize, &str)> {
        let in_blocks = self.blocks.iter().flat_map(|block| {
            let lines = (block.line + 1..).zip(&block.lines);
            lines.filter(|(_, line)| match block.language.as_str() {
                "sh" => !line.trim().is_empty(),
                "text" => line.starts_with("cargo "),
                _ => false,
            })
        });
        let inline = self.inline.iter().map(|(line, code)| (*line, code));
        in_blocks
            .chain(inline.filter(|(_, code)| is_command(code)))
            .map(|(line, text)| (line, text.as_str()))
    }
}

fn is_command(code: &str) -> bool {
    let words = code.split(' ').skip_while(|word| word.contains('='));
    let command = words.collect::<Vec<_>>().join(" ");
    COMMANDS.iter().any(|start| command.starts_with(start))
}
