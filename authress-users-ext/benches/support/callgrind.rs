//! How many instructions a process takes, counted by valgrind's callgrind.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

/// Whether valgrind is there.
pub(crate) fn is_installed() -> bool {
    Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The instructions of this program in a process of its own, started with these arguments.
pub(crate) fn instructions<S: AsRef<OsStr>>(arguments: &[S]) -> Result<u64, String> {
    let this = std::env::current_exe().map_err(|reason| reason.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(this)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|reason| format!("valgrind can't be started: {reason}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    told.lines()
        .filter(|_| output.status.success())
        .find_map(|line| line.split_once("Collected : "))
        .and_then(|(_, count)| count.trim().parse().ok())
        .ok_or_else(|| format!("valgrind counted nothing:\n{told}"))
}
