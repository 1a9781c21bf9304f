//! Durations: `30s`, `5m`, `1h30m`.

use std::time::Duration;

/// Returns whether serde asks for a [`Duration`], which it reads as a struct.
pub(super) fn is_duration(name: &str, fields: &[&str]) -> bool {
    name == "Duration" && fields == ["secs", "nanos"]
}

/// Parses whole numbers, each with its unit, the longest unit first; `None` if the text is anything else, or too long a time.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let mut total: u128 = 0;
    let mut largest = u128::MAX;
    let mut rest = text;
    while !rest.is_empty() {
        let (number, after) = split_after(rest, u8::is_ascii_digit);
        let (unit, after) = split_after(after, u8::is_ascii_alphabetic);
        let length = nanoseconds_of(unit)?;
        if length >= largest {
            return None;
        }
        largest = length;
        total = total.checked_add(u128::from(number.parse::<u64>().ok()?).checked_mul(length)?)?;
        rest = match after.strip_prefix(' ') {
            Some("") => return None,
            Some(next) => next,
            None => after,
        };
    }
    let seconds = u64::try_from(total / 1_000_000_000).ok()?;
    let nanoseconds = u32::try_from(total % 1_000_000_000).ok()?;
    (largest != u128::MAX).then(|| Duration::new(seconds, nanoseconds))
}

/// Splits a text after the bytes that are in a set.
fn split_after(text: &str, is_in_set: fn(&u8) -> bool) -> (&str, &str) {
    let mut end = 0;
    while text.as_bytes().get(end).is_some_and(is_in_set) {
        end += 1;
    }
    text.split_at(end)
}

/// Returns the length of a unit, in nanoseconds.
fn nanoseconds_of(unit: &str) -> Option<u128> {
    const SECOND: u128 = 1_000_000_000;
    Some(match unit {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => SECOND,
        "m" => 60 * SECOND,
        "h" => 3_600 * SECOND,
        "d" => 86_400 * SECOND,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units_and_everything_else_is_refused() {
        let milliseconds = |number| Some(Duration::from_millis(number));
        for (text, duration) in [
            ("30s", milliseconds(30_000)),
            ("5m", milliseconds(300_000)),
            ("250ms", milliseconds(250)),
            ("0s", milliseconds(0)),
            ("1h30m", milliseconds(5_400_000)),
            ("1h 30m", milliseconds(5_400_000)),
            ("2d", milliseconds(172_800_000)),
            ("7us 9ns", Some(Duration::from_nanos(7_009))),
            ("18446744073709551615s", Some(Duration::from_secs(u64::MAX))),
            ("18446744073709551615d", None),
            ("18446744073709551615s 1000ms", None),
            ("99999999999999999999s", None),
            ("", None),
            (" ", None),
            ("30", None),
            ("0", None),
            ("s", None),
            ("30S", None),
            ("30 s", None),
            ("30s ", None),
            ("1m1h", None),
            ("1s1s", None),
            ("1.5s", None),
            ("-1s", None),
            ("+1s", None),
            ("5min", None),
            ("５s", None),
        ] {
            assert_eq!(parse(text), duration, "{text:?}");
        }
    }
}
