//! Benches of config-vars beside its rivals, in a package of their own so that the rivals burden nobody else.
//!
//! Results are ratios. The compared functions take turns of some microseconds each, and the figure is the median
//! of the rounds' ratios: what disturbs the machine disturbs both, or is but a few rounds of many. Time is the thread's
//! own: while another one has its core, the clock stands. No harness that was looked at does that for functions of one
//! program, hence this one. It prints tables in Markdown.

pub mod urls;

use cpu_time::ThreadTime;
use std::hint::black_box;
use std::sync::Once;
use std::time::{Duration, Instant};

/// How long two take turns. Who takes longer for one run has one round.
const PAIR: Duration = Duration::from_millis(500);

/// How long each is timed in a round, if it is not held up by what it makes.
const TURN: Duration = Duration::from_micros(50);

/// Maximum size in bytes of the results of one turn, which are kept until the clock has stopped.
const ROOM: usize = 32 * 1024;

/// Size in bytes of a large request for memory, for any allocator.
const LARGE: usize = 64 * 1024;

/// Size in bytes of the memory that the allocator has at hand: see [`keep_memory`].
const MEMORY: usize = 32 * 1024 * 1024;

/// Begins a table of [`Case`]s.
pub fn table(title: &str) {
    println!("\n### {title}\n");
    println!("| | beside | ours | theirs | ratio | at most | |");
    println!("|---|---|--:|--:|--:|--:|---|");
}

/// A piece of work of ours, and those that it is compared with.
pub struct Case<'w> {
    name: String,
    ours: Work<'w>,
    rivals: Vec<(&'static str, Option<f64>, Work<'w>)>,
}

impl<'w> Case<'w> {
    #[must_use]
    pub fn new(name: impl Into<String>, ours: Work<'w>) -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(keep_memory);
        Self {
            name: name.into(),
            ours,
            rivals: Vec::new(),
        }
    }

    /// Compares with a rival; `at_most` is the ratio that ours is to keep to.
    #[must_use]
    pub fn beside(mut self, rival: &'static str, at_most: impl Into<Option<f64>>, work: Work<'w>) -> Self {
        self.rivals.push((rival, at_most.into(), work));
        self
    }

    /// Lets ours and each rival take turns, and prints a line of the table.
    pub fn run(mut self) {
        for (rival, at_most, theirs) in &mut self.rivals {
            let rounds = take_turns(&mut self.ours, theirs);
            let median_of = |of: fn(&Round) -> f64| median(rounds.iter().map(of).collect());
            let ratio = median_of(|round| round.ours / round.theirs);
            let target = at_most.map_or(String::new(), |at_most| format!("{at_most:.2}"));
            println!(
                "| {} | {rival} | {} | {} | {ratio:.2} | {target} | {} |",
                self.name,
                readable(median_of(|round| round.ours)),
                readable(median_of(|round| round.theirs)),
                verdict(at_most.map(|at_most| ratio <= at_most)),
            );
        }
    }
}

/// Returns the mark after a target.
#[must_use]
pub fn verdict(is_met: Option<bool>) -> &'static str {
    match is_met {
        Some(true) => "met",
        Some(false) => "**missed**",
        None => "",
    }
}

/// Something to be timed.
pub struct Work<'w> {
    /// Before each turn, while the clock stands.
    before: Box<dyn FnMut() + 'w>,
    turn: Box<dyn FnMut(usize) -> Duration + 'w>,
    most_runs: usize,
    /// The number of units that one run counts for.
    units: usize,
}

impl<'w> Work<'w> {
    /// The results are dropped after the clock has stopped.
    pub fn new<T>(mut work: impl FnMut() -> T + 'w) -> Self {
        let is_kept = std::mem::needs_drop::<T>();
        let turn = move |runs| {
            let mut kept = Vec::with_capacity(if is_kept { runs } else { 0 });
            // At a large request, the C library joins the small blocks that were freed before, by whomever.
            drop(black_box(Vec::<u8>::with_capacity(LARGE)));
            let start = ThreadTime::now();
            match is_kept {
                true => kept.extend(std::iter::repeat_with(&mut work).take(runs)),
                false => (0..runs).for_each(|_| _ = black_box(work())),
            }
            let time = start.elapsed();
            drop(black_box(kept));
            time
        };
        Self {
            before: Box::new(|| ()),
            turn: Box::new(turn),
            most_runs: if is_kept {
                (ROOM / size_of::<T>().max(1)).max(1)
            } else {
                usize::MAX
            },
            units: 1,
        }
    }

    /// Times are for one of so many.
    #[must_use]
    pub fn per(self, units: usize) -> Self {
        Self { units, ..self }
    }

    /// Prepares each turn, while the clock stands.
    #[must_use]
    pub fn after(self, before: impl FnMut() + 'w) -> Self {
        Self {
            before: Box::new(before),
            ..self
        }
    }

    /// The nanoseconds of one unit.
    fn time(&mut self, runs: usize) -> f64 {
        self.turn(runs).as_nanos() as f64 / (runs * self.units) as f64
    }

    fn turn(&mut self, runs: usize) -> Duration {
        (self.before)();
        (self.turn)(runs)
    }

    /// How many runs fill a turn; those of the search warm the caches. Of two turns the shorter counts, because the first may
    /// make what later ones use, and any may be held up. With too few runs, the time would be that of the clock.
    fn runs(&mut self) -> usize {
        let mut runs = 1;
        while self.turn(runs).min(self.turn(runs)) < TURN && runs < self.most_runs {
            runs = (2 * runs).min(self.most_runs);
        }
        runs
    }
}

/// Nanoseconds.
struct Round {
    ours: f64,
    theirs: f64,
}

/// Has the allocator keep this much memory. Otherwise the C library gives what a turn has freed back to the system if it is
/// more than a limit, and the next turn pays for asking for it again: a result that is a little smaller may take a third longer.
fn keep_memory() {
    let mut blocks: Vec<Vec<u8>> = (0..MEMORY / LARGE).map(|_| vec![1; LARGE]).collect();
    // Only what lies above the last block that is in use is given back.
    std::mem::forget(black_box(blocks.pop()));
}

fn take_turns(ours: &mut Work<'_>, theirs: &mut Work<'_>) -> Vec<Round> {
    let (our_runs, their_runs) = (ours.runs(), theirs.runs());
    let mut rounds = Vec::new();
    let start = Instant::now();
    while rounds.is_empty() || start.elapsed() < PAIR {
        rounds.push(Round {
            ours: ours.time(our_runs),
            theirs: theirs.time(their_runs),
        });
    }
    rounds
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn readable(nanoseconds: f64) -> String {
    match nanoseconds {
        0.0..10.0 => format!("{nanoseconds:.2} ns"),
        10.0..1e4 => format!("{nanoseconds:.0} ns"),
        1e4..1e7 => format!("{:.0} µs", nanoseconds / 1e3),
        _ => format!("{:.0} ms", nanoseconds / 1e6),
    }
}
