/// Parses a timestamp such as `2026-01-01T12:00:00.5+02:00` to seconds and nanoseconds since 1970.
/// The default offset is UTC.
pub(super) fn parse(text: &str) -> Option<(i64, u32)> {
    let (date, time) = text.trim().split_once(['T', 't', ' '])?;
    let mut date = date.splitn(3, '-');
    let year = within(date.next()?, 0, 9999)?;
    let month = within(date.next()?, 1, 12)?;
    let day = within(date.next()?, 1, 31)?;
    let end = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at(end);
    let mut time = time.trim().splitn(3, ':');
    let hour = within(time.next()?, 0, 24)?;
    let minute = within(time.next()?, 0, 59)?;
    let (second, fraction) = match time.next() {
        Some(seconds) => seconds.split_once('.').unwrap_or((seconds, "")),
        None => ("0", ""),
    };
    let seconds = within(second, 0, 60)?
        + 60 * (minute + 60 * hour - offset(zone)?)
        + 86_400 * days(year, month, day);
    Some((seconds, nanoseconds(fraction)?))
}

fn within(text: &str, min: i64, max: i64) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| is_number)?;
    (min..=max).contains(&number).then_some(number)
}

fn nanoseconds(fraction: &str) -> Option<u32> {
    let digits: String = fraction
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    digits.parse().ok()
}

/// Returns the minutes of an offset: `Z`, `+02:00`, `-0330`, or an empty string.
fn offset(zone: &str) -> Option<i64> {
    let sign = match zone.chars().next() {
        Some('+') => 1,
        Some('-') => -1,
        _ => return Some(0),
    };
    let digits = zone[1..].replace(':', "");
    let hours = within(digits.get(..2)?, 0, 23)?;
    let minutes = match digits.get(2..)? {
        "" => 0,
        minutes => within(minutes, 0, 59)?,
    };
    Some(sign * (60 * hours + minutes))
}

/// Returns the days since 1970 in the Gregorian calendar. Years start in March, so that leap days are
/// at their end.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_of_common_recorders_are_parsed() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", (0, 0)),
            ("2000-02-29T12:00:00.000Z", (951_825_600, 0)),
            ("2026-01-01T12:00:00.5+02:00", (1_767_261_600, 500_000_000)),
            ("2026-01-01T06:30:00.5-0330", (1_767_261_600, 500_000_000)),
            ("2026-01-01 10:00", (1_767_261_600, 0)),
            (
                "2026-01-01T10:00:00.123456789123Z",
                (1_767_261_600, 123_456_789),
            ),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn invalid_timestamps_are_rejected() {
        for text in [
            "",
            "yesterday",
            "2026-13-01T00:00:00Z",
            "2026-01-01",
            "-1-1-1T0:0:0+é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
