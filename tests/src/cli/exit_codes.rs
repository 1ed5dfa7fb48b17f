/// The exit codes of all commands, for the end of their help.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  no finding of the severity of --fail-on
  1  findings (of `mock`: only with --fail-on-findings)
  2  nothing was validated, or the command could not run";
