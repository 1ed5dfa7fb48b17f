use std::fmt;
use std::time::Duration;

/// A duration for people: `603 s`, `2.1 s`, `250 ms`.
pub(crate) struct Readable(pub(crate) Duration);

impl fmt::Display for Readable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(duration) = self;
        if duration.as_secs() == 0 {
            write!(f, "{} ms", duration.as_millis())
        } else if duration.subsec_millis() == 0 {
            write!(f, "{} s", duration.as_secs())
        } else {
            write!(f, "{:.1} s", duration.as_secs_f64())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_seconds_or_milliseconds() {
        for (milliseconds, expected) in [
            (0, "0 ms"),
            (250, "250 ms"),
            (2_140, "2.1 s"),
            (30_000, "30 s"),
            (603_000, "603 s"),
        ] {
            let shown = Readable(Duration::from_millis(milliseconds)).to_string();
            assert_eq!(shown, expected);
        }
    }
}
