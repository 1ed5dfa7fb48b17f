//! Checks that commands refer to existing packages, examples, tests, subcommands and flags.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The directory of each package.
const PACKAGES: [(&str, &str); 5] = [
    ("authress-users-client", "authress-users-client"),
    ("authress-users-contract", "tests"),
    ("authress-users-ext", "authress-users-ext"),
    ("authress-users-openapi", "openapi"),
    ("xtask", "xtask"),
];
/// Cargo commands that pages can use.
const CARGO_COMMANDS: [&str; 8] = ["add", "bench", "doc", "new", "run", "test", "tree", "xtask"];

/// Checks every command of a shell line.
pub(crate) fn check(root: &Path, line: &str) -> Result<(), String> {
    let line = line.split(" #").next().unwrap_or_default();
    for command in line.split("&&") {
        let words: Vec<_> = command
            .split_whitespace()
            // Brackets mark optional words; leading words with `=` set variables.
            .map(|word| word.trim_matches(['[', ']']))
            .skip_while(|word| word.contains('='))
            .collect();
        match words.as_slice() {
            ["export" | "cd", ..] => Ok(()),
            ["cargo", rest @ ..] => cargo(root, rest),
            [file] if file.contains('/') => root
                .join(file)
                .is_file()
                .then_some(())
                .ok_or_else(|| "no such file".to_owned()),
            _ => Err("not checked by any test".to_owned()),
        }?;
    }
    Ok(())
}

fn cargo(root: &Path, words: &[&str]) -> Result<(), String> {
    let (own, forwarded) = match words.iter().position(|word| *word == "--") {
        Some(end) => (&words[..end], &words[end + 1..]),
        None => (words, &[][..]),
    };
    let value = |names: &[&str]| {
        let name = own.iter().position(|word| names.contains(word))?;
        own.get(name + 1).copied()
    };
    let package = value(&["-p", "--package"]);
    match own {
        ["xtask", rest @ ..] => return xtask(rest),
        ["run", ..] if package == Some("xtask") => return xtask(forwarded),
        ["install", package, ..] if PACKAGES.iter().any(|(name, _)| name == package) => {}
        [first, ..] if CARGO_COMMANDS.contains(first) => {}
        _ => return Err("not checked by any test".to_owned()),
    }
    let Some(package) = package else {
        return Ok(());
    };
    let Some((_, directory)) = PACKAGES.iter().find(|(name, _)| *name == package) else {
        return Err(format!("no package `{package}`"));
    };
    let exists = |kind: &str, name: &str| {
        let place = root.join(directory).join(kind);
        place.join(format!("{name}.rs")).is_file() || place.join(name).join("main.rs").is_file()
    };
    if let Some(name) = value(&["--test"])
        && !exists("tests", name)
    {
        return Err(format!("{package} has no test `{name}`"));
    }
    if let Some(name) = value(&["--example"]) {
        if !exists("examples", name) {
            return Err(format!("{package} has no example `{name}`"));
        }
        let examples = root.join(directory).join("examples");
        let code = code_in(&examples.join(name)) + &code_in(&examples.join("shared"));
        // Flags are the fields of the example's argument struct.
        return flags(forwarded).try_for_each(|flag| {
            let field = format!(" {}: ", flag.trim_start_matches('-').replace('-', "_"));
            code.contains(&field)
                .then_some(())
                .ok_or_else(|| format!("{name} has no `{flag}`"))
        });
    }
    Ok(())
}

/// Checks subcommands and flags against the help text.
fn xtask(words: &[&str]) -> Result<(), String> {
    let mut command = Vec::new();
    let mut help = help(&command)?;
    for word in words {
        let commands = help.split_once("\nCommands:\n").map(|(_, list)| list);
        let Some(commands) = commands else { break };
        let exists = commands
            .lines()
            .any(|line| line.split_whitespace().next() == Some(word));
        if !exists {
            return Err(format!(
                "`cargo xtask {}` has no `{word}`",
                command.join(" ")
            ));
        }
        command.push(*word);
        help = self::help(&command)?;
    }
    flags(words).try_for_each(|flag| {
        help.split([' ', ',', '\n'])
            .any(|word| word == flag)
            .then_some(())
            .ok_or_else(|| format!("`cargo xtask {}` has no `{flag}`", command.join(" ")))
    })
}

fn help(command: &[&str]) -> Result<String, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(command)
        .arg("--help")
        .output()
        .map_err(|reason| format!("could not run xtask: {reason}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn flags<'a>(words: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    words.iter().copied().filter(|word| word.starts_with("--"))
}

/// The content of all files in a directory and its subdirectories.
fn code_in(directory: &Path) -> String {
    let Ok(entries) = fs::read_dir(directory) else {
        return String::new();
    };
    let code = entries.flatten().map(|entry| {
        let path = entry.path();
        if path.is_dir() {
            code_in(&path)
        } else {
            fs::read_to_string(path).unwrap_or_default()
        }
    });
    code.collect()
}
