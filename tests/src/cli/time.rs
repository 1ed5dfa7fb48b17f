use std::time::Duration;

/// Returns the time of day in UTC, such as `09:05:01.250`. `time` is since 1970.
pub(super) fn of_day(time: Duration) -> String {
    let seconds = time.as_secs() % 86_400;
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    let (seconds, millis) = (seconds % 60, time.subsec_millis());
    format!("{hours:02}:{minutes:02}:{seconds:02}.{millis:03}")
}

/// Returns a timestamp in UTC, such as `2026-01-31T09:05:01.250Z`. `time` is since 1970.
pub(super) fn timestamp(time: Duration) -> String {
    // The Gregorian calendar repeats after 146,097 days. Years start in March, so that leap days are at
    // their end.
    let days = time.as_secs() / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let year = 400 * era + year + next_year;
    format!("{year:04}-{month:02}-{day:02}T{}Z", of_day(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_in_utc() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00.250Z"),
            (951_825_600, "2000-02-29T12:00:00.250Z"),
            (1_767_261_599, "2026-01-01T09:59:59.250Z"),
            (1_798_761_599, "2026-12-31T23:59:59.250Z"),
        ] {
            let time = Duration::from_millis(seconds * 1_000 + 250);
            assert_eq!(timestamp(time), expected);
        }
    }
}
