use std::fmt;
use std::time::{Duration, SystemTime};

/// How far the local clock is from the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClockSkew {
    Ahead(Duration),
    Behind(Duration),
}

impl ClockSkew {
    pub(crate) fn between(local: SystemTime, server: SystemTime) -> Self {
        match local.duration_since(server) {
            Ok(ahead) => Self::Ahead(ahead),
            Err(reverse) => Self::Behind(reverse.duration()),
        }
    }

    pub(crate) fn magnitude(self) -> Duration {
        match self {
            Self::Ahead(by) | Self::Behind(by) => by,
        }
    }
}

impl fmt::Display for ClockSkew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.magnitude().as_secs();
        // The date has whole seconds, so a smaller unit would only look exact.
        let (count, unit) = match seconds {
            0..120 => (seconds.max(1), "s"),
            120..7_200 => ((seconds + 30) / 60, "min"),
            _ => ((seconds + 1_800) / 3_600, "h"),
        };
        let direction = match self {
            Self::Ahead(_) => "ahead of",
            Self::Behind(_) => "behind",
        };
        write!(
            f,
            "the local clock is {count} {unit} {direction} the server's"
        )
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn names_amount_and_direction() {
        let server = UNIX_EPOCH + Duration::from_secs(1_000_000);
        let at = |seconds: i64| {
            let by = Duration::from_secs(seconds.unsigned_abs());
            let local = if seconds < 0 {
                server - by
            } else {
                server + by
            };
            ClockSkew::between(local, server).to_string()
        };
        for (seconds, expected) in [
            (1, "1 s ahead of"),
            (119, "119 s ahead of"),
            (121, "2 min ahead of"),
            (-7_199, "120 min behind"),
            (-89_999, "25 h behind"),
            (3 * 86_400, "72 h ahead of"),
        ] {
            let expected = format!("the local clock is {expected} the server's");
            assert_eq!(at(seconds), expected);
        }
    }
}
