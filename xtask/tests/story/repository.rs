use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A copy of the repository as it stands in the working tree, with a history of one commit.
pub(crate) struct Repository {
    root: PathBuf,
}

/// What a command has said.
pub(crate) struct Said {
    command: String,
    output: Output,
}

impl Repository {
    /// Makes the copy anew, at a place that stays, so that what was compiled there can be used again.
    pub(crate) fn copy(name: &str) -> Self {
        let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if root.exists() {
            fs::remove_dir_all(&root).expect("the last copy can be removed");
        }
        let listed = git(
            &original,
            &[
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ],
        );
        let files = String::from_utf8(listed.stdout).expect("names are UTF-8");
        for file in files.split_terminator('\0') {
            // One that was deleted and not yet committed is listed and isn't there.
            if !original.join(file).is_file() {
                continue;
            }
            let target = root.join(file);
            fs::create_dir_all(target.parent().expect("it is below the root"))
                .and_then(|()| fs::copy(original.join(file), target))
                .expect("the file can be copied");
        }
        git(&root, &["init", "--quiet"]);
        git(&root, &["add", "--all"]);
        let author = [
            "-c",
            "user.name=story",
            "-c",
            "user.email=story@example.com",
        ];
        let commit = ["commit", "--quiet", "--no-verify", "--message", "As it was"];
        git(&root, &[&author[..], &commit[..]].concat());
        Self { root }
    }

    pub(crate) fn text(&self, file: &str) -> String {
        fs::read_to_string(self.root.join(file)).expect("the file is text")
    }

    /// Replaces pieces of a file, each of which must stand there once.
    pub(crate) fn edit(&self, file: &str, edits: &[(&str, &str)]) {
        let mut text = self.text(file);
        for (from, to) in edits {
            assert_eq!(text.matches(from).count(), 1, "{file}: {from}");
            text = text.replacen(from, to, 1);
        }
        fs::write(self.root.join(file), text).expect("the file can be written");
    }

    /// Gives the newest version a day in the changelog, and the first commit its tag.
    pub(crate) fn release(&self) {
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
    }

    /// What `cargo xtask` does in the copy.
    pub(crate) fn xtask(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        // What cargo would set there.
        command.env("CARGO_MANIFEST_DIR", self.root.join("xtask"));
        command.env("CARGO_NET_OFFLINE", "true");
        self.run(command, arguments)
    }

    pub(crate) fn cargo(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO"));
        // The dependencies are compiled there already.
        command.env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(".."),
        );
        command.env("CARGO_NET_OFFLINE", "true");
        self.run(command, arguments)
    }

    fn run(&self, mut command: Command, arguments: &[&str]) -> Said {
        let output = command
            .args(arguments)
            .current_dir(&self.root)
            .output()
            .expect("the command can be run");
        let command = arguments.join(" ");
        Said { command, output }
    }
}

impl Said {
    pub(crate) fn assert_success(&self) {
        assert!(
            self.output.status.success(),
            "{}: {}",
            self.command,
            self.text()
        );
    }

    /// That it looked, and found something.
    pub(crate) fn assert_failure(&self) {
        let code = self.output.status.code();
        // cargo test has an exit code of its own for tests that fail.
        assert!(
            matches!(code, Some(1 | 101)),
            "{}: {code:?} {}",
            self.command,
            self.text()
        );
    }

    pub(crate) fn assert_says(&self, text: &str) {
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
