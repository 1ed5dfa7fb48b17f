use std::fs;
use std::io::Write;
use std::path::PathBuf;

use authress_users_contract::har::{self, HarOptions};
use authress_users_openapi::Document;

use super::report::{Format, spec, write_report};
use crate::problem::Failure;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask contract har recording.har
  cargo xtask contract har recording.har --format junit --base-url https://login.example.com")]
pub(super) struct Arguments {
    /// HAR file to validate.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Set the format of the report.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Validate only requests under this URL [default: requests with a path of the spec, at any
    /// host].
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

/// Validates a recording.
pub(super) fn run(
    arguments: &Arguments,
    document: &Document,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let spec = spec(document)?;
    let name = arguments.file.display();
    let bytes = fs::read(&arguments.file).map_err(|reason| {
        Failure::Unusable(format!("{name}: could not read the file: {reason}"))
    })?;
    let mut options = HarOptions::default();
    if let Some(url) = &arguments.base_url {
        options = options.base_url(url);
    }
    let traffic = har::read(&bytes, &options)
        .map_err(|reason| Failure::Unusable(format!("{name}: {reason}")))?;
    // Recordings can be large, and the parsed traffic does not borrow from this one.
    drop(bytes);
    write_report(&traffic.validate(&spec), arguments.format, document, out)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tempfile::TempDir;

    use super::*;
    use crate::commands::contract;
    use crate::testing::repository;

    const TOKEN: &str = "Bearer eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";

    fn recording(limit: usize, user: &Value) -> String {
        let url = format!("https://acme.api.authress.io/v1/users?limit={limit}");
        let media = "application/links+json";
        json!({ "log": { "entries": [{
            "request": { "method": "GET", "url": url, "headers": [
                { "name": "Accept", "value": media },
                { "name": "Authorization", "value": TOKEN },
            ] },
            "response": { "status": 200, "headers": [{ "name": "Content-Type", "value": media }],
                "content": { "text": json!({ "users": [user] }).to_string() } },
        }] } })
        .to_string()
    }

    fn run(text: Option<&str>, more: &[&str]) -> (String, Result<(), Failure>) {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("a.har");
        if let Some(text) = text {
            fs::write(&file, text).unwrap();
        }
        let arguments = [&["contract", "har", file.to_str().unwrap()], more].concat();
        let command = <contract::Arguments as clap::Args>::augment_args(clap::Command::new("x"));
        let matches = command.try_get_matches_from(arguments).unwrap();
        let arguments =
            <contract::Arguments as clap::FromArgMatches>::from_arg_matches(&matches).unwrap();
        let mut out = Vec::new();
        let result = contract::run(&arguments, &repository(), &mut out);
        (String::from_utf8(out).unwrap(), result)
    }

    #[test]
    fn valid_traffic_and_notes_succeed() {
        for (user, end) in [
            (json!({ "userId": "a" }), "1 exchange, 0 findings\n"),
            (
                json!({ "userId": "a", "team": 1 }),
                "1 exchange, 0 findings, 1 note\n",
            ),
        ] {
            let (out, result) = run(Some(&recording(5, &user)), &[]);
            assert!(result.is_ok() && out.ends_with(end), "{out}");
        }
    }

    #[test]
    fn findings_exit_with_1_and_have_a_line_in_the_file() {
        let text = recording(0, &json!({ "userId": "a" }));
        let (out, result) = run(Some(&text), &[]);
        assert_eq!(result.unwrap_err().code(), 1);
        assert!(out.ends_with("1 exchange, 1 finding\n"), "{out}");
        let line = out
            .lines()
            .find_map(|line| line.trim().strip_prefix("--> "))
            .unwrap();
        let (file, line) = line.rsplit_once(':').unwrap();
        let document = fs::read_to_string(file).unwrap();
        let there = document.lines().nth(line.parse::<usize>().unwrap() - 1);
        assert_eq!(there.unwrap().trim(), "- name: limit");
    }

    #[test]
    fn programs_get_the_report_in_their_own_form() {
        let text = recording(0, &json!({ "userId": "a" }));
        let (out, result) = run(Some(&text), &["--format", "json"]);
        assert_eq!(result.unwrap_err().code(), 1);
        let out: Value = serde_json::from_str(&out).unwrap();
        let location = out["findings"][0]["location"].as_str().unwrap();
        assert!(location.contains("users.yaml:"), "{location}");
        let (out, result) = run(Some(&text), &["--format", "junit"]);
        assert_eq!(result.unwrap_err().code(), 1);
        assert!(
            out.starts_with("<?xml") && out.contains(" failures=\"1\" "),
            "{out}"
        );
    }

    #[test]
    fn only_entries_under_the_base_url_are_validated() {
        let text = recording(0, &json!({ "userId": "a" }));
        let (out, result) = run(Some(&text), &["--base-url", "https://other.example"]);
        assert!(out.ends_with("0 exchanges, 0 findings\n"), "{out}");
        let failure = result.unwrap_err();
        assert_eq!(failure.code(), 2);
        assert!(failure.to_string().contains("nothing was validated"));
        let (_, result) = run(Some(&text), &["--base-url", "https://acme.api.authress.io"]);
        assert_eq!(result.unwrap_err().code(), 1);
    }

    #[test]
    fn unreadable_files_exit_with_2() {
        for (text, more, reason) in [
            (None, &[][..], "a.har: could not read the file"),
            (Some(""), &[], "a.har: the file is empty"),
            (
                Some("{\"log\":"),
                &[],
                "a.har: line 1, column 7: the JSON of the file is incomplete",
            ),
            (Some("{}"), &[], "a.har: not a HAR file"),
            (
                Some("{\"log\":{\"entries\":[]}}"),
                &["--base-url", "x"],
                "invalid base URL",
            ),
        ] {
            let (out, result) = run(text, more);
            let failure = result.unwrap_err();
            assert_eq!((failure.code(), out.as_str()), (2, ""));
            assert!(failure.to_string().contains(reason), "{failure}");
        }
    }
}
