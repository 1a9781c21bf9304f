//! Config vars that a writer writes one after the other, a file each: whether those that belong together are complete.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

/// How long an attachment must have been left alone if only some of its files were written. Default for
/// [`set_settle_time`](crate::Live::set_settle_time).
pub(super) const REST: Duration = Duration::from_secs(2);

/// Maximum number of rests in a row. A writer that never pauses must not hold an attachment back for ever.
const MAX_RESTS: u32 = 5;

/// The rule, and what rests already.
pub(super) struct Rest<'r> {
    pub(super) period: Duration,
    /// Since when, by the first name of what belongs together.
    pub(super) since: &'r HashMap<Box<str>, Instant>,
}

/// When a file was written, and when the file in use was.
pub(super) type Written = (SystemTime, Option<SystemTime>);

impl Rest<'_> {
    /// How much longer to wait for the other files of what belongs together; `None` if it is complete or at rest.
    pub(super) fn left(&self, name: &str, files: &[Written]) -> Option<Duration> {
        let is_over = |since: &Instant| since.elapsed() >= self.period.saturating_mul(MAX_RESTS);
        if self.since.get(name).is_some_and(is_over) {
            return None;
        }
        left(self.period, SystemTime::now(), files)
    }
}

fn left(period: Duration, now: SystemTime, files: &[Written]) -> Option<Duration> {
    // A time in the future comes from another clock and says nothing.
    let files = files.iter().filter(|(written, _)| *written <= now);
    let newest = files.clone().map(|(written, _)| *written).max()?;
    let left = period.checked_sub(now.duration_since(newest).ok()?)?;
    let is_of_the_roll = |(written, before): &Written| {
        let apart = newest.duration_since(*written).unwrap_or_default();
        Some(*written) != *before && apart < period
    };
    (!left.is_zero() && !files.clone().all(is_of_the_roll)).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_rest_while_only_some_are_of_the_roll() {
        let at =
            |tenths: u64| SystemTime::UNIX_EPOCH + Duration::from_millis(1_800_000_000_000 + 100 * tenths);
        // When each file was written, when the one in use was, now, and what is left, in tenths of a second.
        type Row<'r> = (&'r [(u64, Option<u64>)], u64, Option<u64>);
        let rows: &[Row<'_>] = &[
            (&[], 100, None),
            (&[(100, None)], 101, None),
            (&[(100, Some(0))], 101, None),
            // One of two.
            (&[(100, Some(0)), (0, Some(0))], 101, Some(19)),
            (&[(100, Some(0)), (0, Some(0))], 119, Some(1)),
            (&[(100, Some(0)), (0, Some(0))], 120, None),
            // Both, 1.5 s apart.
            (&[(100, Some(0)), (115, Some(0))], 116, None),
            // One of two, a moment after an earlier roll of both.
            (&[(100, Some(85)), (86, Some(86))], 101, Some(19)),
            // One was written long ago, without a change.
            (&[(100, Some(0)), (50, Some(0))], 101, Some(19)),
            // Two of three.
            (&[(100, Some(0)), (101, Some(0)), (0, Some(0))], 102, Some(19)),
            // At start, nothing is in use.
            (&[(100, None), (0, None)], 101, Some(19)),
            (&[(100, None), (99, None)], 101, None),
            (&[(50, None), (0, None)], 101, None),
            // Another clock.
            (&[(200, Some(0)), (0, Some(0))], 101, None),
        ];
        for (files, now, expected) in rows {
            let files: Vec<Written> = files
                .iter()
                .map(|(written, before)| (at(*written), before.map(at)))
                .collect();
            let expected = expected.map(|tenths| Duration::from_millis(100 * tenths));
            assert_eq!(left(REST, at(*now), &files), expected, "{files:?} at {now}");
        }
    }

    #[test]
    fn rests_in_a_row_come_to_an_end() {
        let now = SystemTime::now();
        let long_ago = now - Duration::from_secs(60);
        let files = [(now, Some(long_ago)), (long_ago, Some(long_ago))];
        let since = |seconds| {
            let began = Instant::now().checked_sub(Duration::from_secs(seconds)).unwrap();
            HashMap::from([("DB_PASSWORD".into(), began)])
        };
        let is_held = |seconds| {
            let since = since(seconds);
            let rest = Rest {
                period: Duration::from_secs(1),
                since: &since,
            };
            rest.left("DB_PASSWORD", &files).is_some()
        };
        assert!(is_held(0));
        assert!(!is_held(5));
    }
}
