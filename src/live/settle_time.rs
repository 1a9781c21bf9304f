//! The settle time: how long to wait for the other files of an attachment whose writer writes one file after the other.

use crate::clock::Clock;
use crate::sorted::find_place;
use std::time::{Duration, Instant, SystemTime};

/// Default for [`settle_time`](crate::LiveBuilder::settle_time).
pub(super) const DEFAULT_SETTLE_TIME: Duration = Duration::from_secs(2);

/// Maximum number of settle times to wait, so that a writer that never pauses does not hold an attachment back for ever.
const MAX_SETTLE_TIMES: u32 = 5;

/// Decides how long a component whose files were written in part has to wait.
pub(super) struct SettleRule<'r> {
    pub(super) clock: &'r Clock,
    pub(super) settle_time: Duration,
    /// Since when components have been waiting, by their first names. Sorted.
    pub(super) waiting_since: &'r [(Box<str>, Instant)],
}

/// When the file of a config var was written: the fresh one, and the one in use.
#[derive(Debug)]
pub(super) struct FileTimes {
    pub(super) fresh: SystemTime,
    pub(super) in_use: Option<SystemTime>,
}

impl SettleRule<'_> {
    /// Returns since when a component has been waiting.
    pub(super) fn waiting_since(&self, name: &str) -> Option<Instant> {
        let waiting = self.waiting_since;
        let place = find_place(waiting.len(), &|index| (*waiting[index].0).cmp(name));
        Some(waiting[place.ok()?].1)
    }

    /// Returns how much longer to wait for the other files of a component; `None` if it is complete or has settled.
    pub(super) fn remaining(&self, name: &str, files: &[FileTimes]) -> Option<Duration> {
        let longest = self.settle_time.saturating_mul(MAX_SETTLE_TIMES);
        if self
            .waiting_since(name)
            .is_some_and(|since| self.clock.elapsed(since) >= longest)
        {
            return None;
        }
        remaining(self.settle_time, self.clock.wall_now(), files)
    }
}

fn remaining(settle_time: Duration, now: SystemTime, files: &[FileTimes]) -> Option<Duration> {
    // A time in the future comes from another clock and says nothing.
    let counts = |times: &&FileTimes| times.fresh <= now;
    let mut newest = None;
    for times in files.iter().filter(counts) {
        newest = newest.max(Some(times.fresh));
    }
    let newest = newest?;
    let remaining = settle_time.checked_sub(now.duration_since(newest).ok()?)?;
    let is_outside_of_roll = |times: &FileTimes| {
        let age_difference = newest.duration_since(times.fresh).unwrap_or_default();
        counts(&times) && (Some(times.fresh) == times.in_use || age_difference >= settle_time)
    };
    (!remaining.is_zero() && files.iter().any(is_outside_of_roll)).then_some(remaining)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_wait_while_only_some_are_part_of_the_roll() {
        let at =
            |tenths: u64| SystemTime::UNIX_EPOCH + Duration::from_millis(1_800_000_000_000 + 100 * tenths);
        // The times of each file (fresh, in use), now, and the remaining time, in tenths of a second.
        type Case<'r> = (&'r [(u64, Option<u64>)], u64, Option<u64>);
        let rows: &[Case<'_>] = &[
            (&[], 100, None),
            (&[(100, None)], 101, None),
            (&[(100, Some(0))], 101, None),
            // One of two.
            (&[(100, Some(0)), (0, Some(0))], 101, Some(19)),
            (&[(100, Some(0)), (0, Some(0))], 119, Some(1)),
            (&[(100, Some(0)), (0, Some(0))], 120, None),
            // Both files, 1.5 s apart.
            (&[(100, Some(0)), (115, Some(0))], 116, None),
            // One of two, shortly after an earlier roll of both.
            (&[(100, Some(85)), (86, Some(86))], 101, Some(19)),
            // One of two; the other was rewritten long ago.
            (&[(100, Some(0)), (50, Some(0))], 101, Some(19)),
            // Two of three.
            (&[(100, Some(0)), (101, Some(0)), (0, Some(0))], 102, Some(19)),
            // At the start, no file is in use.
            (&[(100, None), (0, None)], 101, Some(19)),
            (&[(100, None), (99, None)], 101, None),
            (&[(50, None), (0, None)], 101, None),
            // A time from another clock.
            (&[(200, Some(0)), (0, Some(0))], 101, None),
        ];
        for (files, now, expected) in rows {
            let files: Vec<FileTimes> = files
                .iter()
                .map(|(fresh, in_use)| FileTimes {
                    fresh: at(*fresh),
                    in_use: in_use.map(at),
                })
                .collect();
            let expected = expected.map(|tenths| Duration::from_millis(100 * tenths));
            assert_eq!(
                remaining(DEFAULT_SETTLE_TIME, at(*now), &files),
                expected,
                "{files:?} at {now}"
            );
        }
    }

    #[test]
    fn waiting_ends_after_the_maximum_number_of_settle_times() {
        let now = SystemTime::now();
        let long_ago = now - Duration::from_secs(60);
        let files = [now, long_ago].map(|fresh| FileTimes {
            fresh,
            in_use: Some(long_ago),
        });
        let since = |seconds| {
            let began = Instant::now().checked_sub(Duration::from_secs(seconds)).unwrap();
            [("DB_PASSWORD".into(), began)]
        };
        let must_wait = |seconds| {
            let since = since(seconds);
            let rule = SettleRule {
                clock: &Clock::default(),
                settle_time: Duration::from_secs(1),
                waiting_since: &since,
            };
            rule.remaining("DB_PASSWORD", &files).is_some()
        };
        assert!(must_wait(0));
        assert!(!must_wait(5));
    }
}
