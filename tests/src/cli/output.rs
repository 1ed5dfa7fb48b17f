use std::io::{self, Write};

/// Passes output on until its reader is gone, and then discards it.
///
/// A command goes on, so that `| head` ends it quietly, with the exit code that it would have had.
#[derive(Debug)]
pub struct Output<W>(pub W);

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        unless_closed(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        unless_closed(self.0.flush(), ())
    }
}

fn unless_closed<T>(result: io::Result<T>, otherwise: T) -> io::Result<T> {
    match result {
        Ok(done) => Ok(done),
        Err(reason) => match reason.kind() {
            io::ErrorKind::BrokenPipe => Ok(otherwise),
            // Writers repeat an interrupted write.
            io::ErrorKind::Interrupted => Err(reason),
            kind => {
                let message = format!("could not write to standard output: {reason}");
                Err(io::Error::new(kind, message))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(io::ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn a_closed_pipe_discards_output_and_other_errors_remain() {
        let mut closed = Output(Failing(io::ErrorKind::BrokenPipe));
        assert!(
            writeln!(closed, "text")
                .and_then(|()| closed.flush())
                .is_ok()
        );
        let mut full = Output(Failing(io::ErrorKind::StorageFull));
        let reason = writeln!(full, "text").unwrap_err();
        assert_eq!(reason.kind(), io::ErrorKind::StorageFull);
        let text = reason.to_string();
        assert!(
            text.starts_with("could not write to standard output: "),
            "{text}"
        );
    }
}
