use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A copy of the repository's working tree, with a history of one commit.
pub(crate) struct Repository {
    root: PathBuf,
}

/// A state of the copy that is compiled.
///
/// Cargo identifies the packages of a workspace by their paths relative to its root, so copies that
/// share a target directory would overwrite each other's artifacts. A profile setting of their own
/// keeps them apart.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    pub(crate) codegen_units: u8,
}

const PACKAGES: [&str; 4] = [
    "authress-users-client",
    "authress-users-contract",
    "authress-users-ext",
    "authress-users-openapi",
];

/// A command and its output.
pub(crate) struct CommandOutput {
    command: String,
    output: Output,
}

impl Repository {
    /// Copies the files of the working tree and commits them.
    pub(crate) fn copy(name: &str) -> Self {
        let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if root.exists() {
            fs::remove_dir_all(&root).expect("the previous copy can be removed");
        }
        synchronize(&original, &root);
        git(&root, &["init", "--quiet"]);
        git(&root, &["add", "--all"]);
        let author = [
            "-c",
            "user.name=story",
            "-c",
            "user.email=story@example.com",
        ];
        let commit = [
            "commit",
            "--quiet",
            "--no-verify",
            "--message",
            "Initial state",
        ];
        git(&root, &[&author[..], &commit[..]].concat());
        Self { root }
    }

    pub(crate) fn text(&self, file: &str) -> String {
        fs::read_to_string(self.root.join(file)).expect("the file is text")
    }

    /// Replaces parts of a file, each of which must occur exactly once.
    pub(crate) fn edit(&self, file: &str, edits: &[(&str, &str)]) {
        let mut text = self.text(file);
        for (from, to) in edits {
            assert_eq!(text.matches(from).count(), 1, "{file}: {from}");
            text = text.replacen(from, to, 1);
        }
        fs::write(self.root.join(file), text).expect("the file can be written");
    }

    /// Dates the newest version in the changelog, tags the first commit with it, and returns it.
    pub(crate) fn release(&self) -> String {
        let changelog = self.text("CHANGELOG.md");
        let heading = changelog.lines().find(|line| line.starts_with("## "));
        let version = heading.and_then(|heading| heading[3..].split(',').next());
        let version = version.expect("the changelog has an entry");
        let (entry, released) = (
            format!("## {version}, unreleased"),
            format!("## {version}, 2026-11-24"),
        );
        fs::write(
            self.root.join("CHANGELOG.md"),
            changelog.replacen(&entry, &released, 1),
        )
        .expect("the file can be written");
        git(&self.root, &["tag", &format!("v{version}")]);
        version.to_owned()
    }

    /// Runs `cargo xtask` in the copy.
    pub(crate) fn xtask(&self, arguments: &[&str]) -> CommandOutput {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        // As cargo would set it there.
        command.env("CARGO_MANIFEST_DIR", self.root.join("xtask"));
        run(command, arguments, &self.root)
    }

    /// Runs `cargo test` on the present files, in a directory named after `stage`.
    ///
    /// The directory stays from run to run, and files that did not change keep their modification
    /// times, so cargo compiles nothing if the repository did not change.
    pub(crate) fn cargo_test(&self, stage: &Stage, arguments: &[&str]) -> CommandOutput {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(stage.name);
        synchronize(&self.root, &directory);
        let mut command = Command::new(env!("CARGO"));
        // The dependencies are compiled there already.
        command.env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(".."),
        );
        for package in PACKAGES {
            let key = format!("profile.dev.package.{package}.codegen-units");
            command.args(["--config", &format!("{key}={}", stage.codegen_units)]);
        }
        command.arg("test");
        run(command, arguments, &directory)
    }
}

fn run(mut command: Command, arguments: &[&str], directory: &Path) -> CommandOutput {
    let output = command
        .args(arguments)
        .current_dir(directory)
        .output()
        .expect("the command can be run");
    let command = arguments.join(" ");
    CommandOutput { command, output }
}

/// Makes `to` contain the tracked and the new files of the repository `from`. Writes only files
/// that differ.
fn synchronize(from: &Path, to: &Path) {
    let listed = git(
        from,
        &[
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ],
    );
    let names = String::from_utf8(listed.stdout).expect("file names are UTF-8");
    let files: HashSet<PathBuf> = names
        .split_terminator('\0')
        .map(PathBuf::from)
        // Files that were deleted but not yet committed are listed, too.
        .filter(|file| from.join(file).is_file())
        .collect();
    for file in files_in(to, to) {
        if !files.contains(&file) {
            fs::remove_file(to.join(file)).expect("an outdated file can be removed");
        }
    }
    for file in &files {
        let content = fs::read(from.join(file)).expect("the file can be read");
        let target = to.join(file);
        if fs::read(&target).is_ok_and(|present| present == content) {
            continue;
        }
        fs::create_dir_all(target.parent().expect("the file is below the root"))
            .and_then(|()| fs::write(target, content))
            .expect("the file can be written");
    }
}

/// The files below `directory`, as paths relative to `root`.
fn files_in(directory: &Path, root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(files_in(&path, root));
        } else if let Ok(file) = path.strip_prefix(root) {
            files.push(file.to_owned());
        }
    }
    files
}

impl CommandOutput {
    pub(crate) fn assert_success(&self) {
        assert!(
            self.output.status.success(),
            "{}: {}",
            self.command,
            self.text()
        );
    }

    /// Asserts that the command ran and reported a problem.
    pub(crate) fn assert_failure(&self) {
        let code = self.output.status.code();
        // `cargo test` exits with 101 if a test fails.
        assert!(
            matches!(code, Some(1 | 101)),
            "{}: {code:?} {}",
            self.command,
            self.text()
        );
    }

    pub(crate) fn assert_output_contains(&self, text: &str) {
        assert!(self.text().contains(text), "{text}: {}", self.text());
    }

    fn text(&self) -> String {
        let Output { stdout, stderr, .. } = &self.output;
        format!(
            "{}{}",
            String::from_utf8_lossy(stdout),
            String::from_utf8_lossy(stderr)
        )
    }
}

fn git(directory: &Path, arguments: &[&str]) -> Output {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(directory)
        .output()
        .expect("git can be run");
    assert!(output.status.success(), "{output:?}");
    output
}
