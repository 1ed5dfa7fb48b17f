//! Examples that run until they are stopped.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::output;

/// A running example.
pub(crate) struct Running {
    process: Child,
    stdout: BufReader<ChildStdout>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        Self { process, stdout }
    }

    /// Writes a line to its standard input, which stays open.
    pub(crate) fn write(&mut self, line: &str) {
        let stdin = self.process.stdin.as_mut().unwrap();
        writeln!(stdin, "{line}").unwrap();
    }

    /// Returns the next line of its standard output, without blocking the fake.
    pub(crate) async fn line(self) -> (Self, String) {
        let read = tokio::task::spawn_blocking(move || {
            let mut running = self;
            let mut line = String::new();
            running.stdout.read_line(&mut line).unwrap();
            (running, line.trim_end().to_owned())
        });
        read.await.unwrap()
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) async fn signal(&self, name: &str) {
        signal(&self.process, name).await;
    }

    /// Closes its standard input.
    pub(crate) fn close(&mut self) {
        self.process.stdin = None;
    }

    /// Waits for its end. Returns the rest of its standard output, and its exit code. Its standard input
    /// stays open.
    pub(crate) async fn end(self) -> (String, Option<i32>) {
        let ended = tokio::task::spawn_blocking(move || {
            let mut running = self;
            // `wait` would close it.
            let _stdin = running.process.stdin.take();
            let mut rest = String::new();
            running.stdout.read_to_string(&mut rest).unwrap();
            (rest, running.process.wait().unwrap().code())
        });
        ended.await.unwrap()
    }
}

impl Drop for Running {
    /// Ends the process of a test that failed.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends a signal to a process.
pub(crate) async fn signal(process: &Child, name: &str) {
    let mut command = Command::new("kill");
    command.args([&format!("-{name}"), &process.id().to_string()]);
    assert!(output(command).await.status.success());
}
