use std::io::Write;

use clap::Args;
use serde_json::{Value, json};

use super::failure::Failure;
use crate::rules::RULES;

/// The arguments of `rules`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  authress-users-contract rules
  authress-users-contract rules --json | jq -r '.[].id'")]
pub struct RulesArguments {
    /// Print a JSON array.
    #[arg(long)]
    json: bool,
}

impl RulesArguments {
    /// Lists the rules.
    ///
    /// # Errors
    /// [`Failure::Unusable`] if `out` cannot be written.
    pub fn run(&self, out: &mut impl Write) -> Result<(), Failure> {
        if self.json {
            let rules: Value = RULES
                .iter()
                .map(|rule| {
                    json!({
                        "id": rule.id,
                        "party": rule.party,
                        "severity": rule.severity,
                        "summary": rule.summary,
                    })
                })
                .collect();
            writeln!(out, "{rules:#}")?;
        } else {
            let width = RULES.iter().map(|rule| rule.id.len()).max();
            let width = width.unwrap_or_default();
            for rule in RULES {
                let (party, severity) = (rule.party.to_string(), rule.severity.to_string());
                writeln!(
                    out,
                    "{:width$}  {party:6}  {severity:5}  {}",
                    rule.id, rule.summary
                )?;
            }
        }
        out.flush()?;
        Ok(())
    }
}
