use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::Duration;

/// How many entries wait for their reader.
const CAPACITY: usize = 1_000;
/// How long the entries that still wait at the end may take.
const LAST_WRITE: Duration = Duration::from_secs(1);

/// A log that never waits for its reader: entries that the reader leaves behind are dropped and
/// counted.
#[derive(Clone)]
pub(super) struct Console {
    entries: SyncSender<String>,
    dropped: Arc<AtomicUsize>,
}

/// The end of a console.
pub(super) struct ConsoleEnd(Receiver<()>);

impl Console {
    /// Starts a thread that writes the entries to `writer`.
    pub(super) fn new(mut writer: impl Write + Send + 'static) -> (Self, ConsoleEnd) {
        let (entries, waiting) = mpsc::sync_channel::<String>(CAPACITY);
        let (ended, end) = mpsc::channel();
        let dropped = Arc::new(AtomicUsize::new(0));
        let console = Self {
            entries,
            dropped: dropped.clone(),
        };
        thread::spawn(move || {
            let mut reported = 0;
            for mut entry in waiting {
                let count = dropped.load(Ordering::Relaxed);
                if count > reported {
                    let new = count - reported;
                    entry = format!(
                        "# {new} log entries were dropped, because the log was not read\n{entry}"
                    );
                    reported = count;
                }
                // A closed log ends neither the fake nor its requests.
                let _ = writer.write_all(entry.as_bytes());
                let _ = writer.flush();
            }
            let _ = ended.send(());
        });
        (console, ConsoleEnd(end))
    }

    /// Adds an entry, which must end with a newline, unless too many entries wait.
    pub(super) fn print(&self, entry: String) {
        if self.entries.try_send(entry).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Returns how many entries were dropped so far.
    pub(super) fn dropped(&self) -> usize {
        self.dropped.load(Ordering::Relaxed)
    }
}

impl ConsoleEnd {
    /// Waits until the last entries are written, for at most a second. All consoles must be dropped.
    pub(super) fn wait(self) {
        // The thread of a log that nothing reads never ends.
        let _ = self.0.recv_timeout(LAST_WRITE);
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;

    use super::*;

    /// Blocks every write until the gate is opened.
    struct Gated(Arc<Mutex<Vec<u8>>>, Receiver<()>);

    impl Write for Gated {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // A dropped sender opens the gate for good.
            let _ = self.1.recv();
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn entries_beyond_the_capacity_are_dropped_and_counted() {
        let written = Arc::default();
        let (gate, closed) = mpsc::channel();
        let (console, end) = Console::new(Gated(Arc::clone(&written), closed));
        for number in 0..CAPACITY * 2 {
            console.print(format!("entry {number}\n"));
        }
        let dropped = console.dropped();
        // The thread may hold one more entry than the channel.
        assert!((CAPACITY - 1..=CAPACITY).contains(&dropped), "{dropped}");
        drop((gate, console));
        end.wait();
        let written = written.lock().unwrap();
        let text = String::from_utf8_lossy(&written);
        let expected = format!("# {dropped} log entries were dropped");
        assert!(text.contains(&expected), "{text}");
        let lines = text.lines().filter(|line| line.starts_with("entry"));
        assert_eq!(lines.count(), CAPACITY * 2 - dropped);
    }

    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    #[test]
    fn a_closed_log_discards_its_entries() {
        let (console, end) = Console::new(Closed);
        console.print("entry\n".to_owned());
        drop(console);
        end.wait();
    }
}
