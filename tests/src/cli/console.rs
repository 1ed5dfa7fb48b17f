use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread;
use std::time::Duration;

/// How many entries wait for their reader.
const CAPACITY: usize = 1_000;
/// How long the entries that still wait at the end may take.
const LAST_WRITE: Duration = Duration::from_secs(3);

/// A log that never waits for its reader: entries that the reader leaves behind are dropped and
/// counted.
#[derive(Clone)]
pub(super) struct Console {
    entries: SyncSender<String>,
    dropped: Arc<AtomicUsize>,
}

/// The end of a console.
pub(super) struct ConsoleEnd {
    last: Sender<String>,
    ended: Receiver<()>,
}

impl Console {
    /// Starts a thread that writes the entries to `writer`.
    pub(super) fn new(mut writer: impl Write + Send + 'static) -> (Self, ConsoleEnd) {
        let (entries, waiting) = mpsc::sync_channel::<String>(CAPACITY);
        let (last, last_entry) = mpsc::channel::<String>();
        let (end, ended) = mpsc::channel();
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
                write(&mut writer, &entry);
            }
            if let Ok(entry) = last_entry.recv() {
                write(&mut writer, &entry);
            }
            let _ = end.send(());
        });
        (console, ConsoleEnd { last, ended })
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
    /// Writes a last entry, which is never dropped, and waits for at most 3 s until it is written.
    ///
    /// All consoles must be dropped.
    pub(super) fn finish(self, entry: String) {
        let _ = self.last.send(entry);
        // The thread of a log that nothing reads never ends.
        let _ = self.ended.recv_timeout(LAST_WRITE);
    }
}

fn write(writer: &mut impl Write, entry: &str) {
    // A closed log ends neither the fake nor its requests.
    let _ = writer.write_all(entry.as_bytes());
    let _ = writer.flush();
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;
    use std::sync::mpsc::Sender;

    use super::*;

    /// Reports the first write, and blocks it until the gate is opened.
    struct Gated {
        written: Arc<Mutex<Vec<u8>>>,
        started: Sender<()>,
        gate: Receiver<()>,
    }

    impl Write for Gated {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.started.send(());
            // A dropped sender opens the gate for good.
            let _ = self.gate.recv();
            self.written.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn entries_beyond_the_capacity_are_dropped_and_counted() {
        const DROPPED: usize = 500;
        let written = Arc::default();
        let ((started, start), (opened, gate)) = (mpsc::channel(), mpsc::channel());
        let (console, end) = Console::new(Gated {
            written: Arc::clone(&written),
            started,
            gate,
        });
        console.print("entry 0\n".to_owned());
        // The thread has taken this entry, so that the others fill the channel.
        start.recv().unwrap();
        for number in 1..=CAPACITY + DROPPED {
            console.print(format!("entry {number}\n"));
        }
        assert_eq!(console.dropped(), DROPPED);
        drop((opened, console));
        end.finish("summary\n".to_owned());
        let written = written.lock().unwrap();
        let mut expected = vec!["entry 0".to_owned()];
        expected.push(format!(
            "# {DROPPED} log entries were dropped, because the log was not read"
        ));
        expected.extend((1..=CAPACITY).map(|number| format!("entry {number}")));
        expected.push("summary".to_owned());
        assert_eq!(
            String::from_utf8_lossy(&written),
            expected.join("\n") + "\n"
        );
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
        end.finish("summary\n".to_owned());
    }
}
