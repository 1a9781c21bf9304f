//! Benches of config-vars beside its rivals, in a package of their own so that the rivals burden nobody else.
//!
//! What counts is a ratio. So those that are compared take turns, in rounds of some microseconds, and the figure is the
//! median of the rounds' ratios: what disturbs the machine disturbs both, or is but a few rounds of many. No harness that
//! was looked at does that for functions of one program, hence this one. It prints tables in Markdown.

#[cfg(feature = "drivers")]
pub mod urls;

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long those of one case take turns.
const CASE: Duration = Duration::from_millis(1_000);
const FEWEST_ROUNDS: usize = 21;

/// How long each is timed in a round, if it is not held up by what it makes.
const TURN: Duration = Duration::from_micros(50);

/// What is made within a turn is kept until the clock has stopped, in so much room.
const ROOM: usize = 32 * 1024;

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

    /// Lets all take turns, and prints a line of the table for each rival.
    pub fn run(self) {
        let Self { name, ours, rivals } = self;
        let mut works = vec![ours];
        let mut lines = Vec::new();
        for (rival, at_most, work) in rivals {
            lines.push((rival, at_most));
            works.push(work);
        }
        let rounds = take_turns(&mut works);
        let median_of = |of: &dyn Fn(&Vec<f64>) -> f64| median(rounds.iter().map(of).collect());
        let ours = median_of(&|round| round[0]);
        for (index, (rival, at_most)) in lines.into_iter().enumerate() {
            let theirs = median_of(&|round| round[index + 1]);
            let ratio = median_of(&|round| round[0] / round[index + 1]);
            let target = at_most.map_or(String::new(), |at_most| format!("{at_most:.2}"));
            let verdict = verdict(at_most.map(|at_most| ratio <= at_most));
            let (ours, theirs) = (readable(ours), readable(theirs));
            println!("| {name} | {rival} | {ours} | {theirs} | {ratio:.2} | {target} | {verdict} |");
        }
    }
}

/// What is written behind a target.
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
    /// What one run counts for.
    units: usize,
}

impl<'w> Work<'w> {
    /// What the work makes is dropped when the clock has stopped.
    pub fn new<T>(mut work: impl FnMut() -> T + 'w) -> Self {
        let is_kept = std::mem::needs_drop::<T>();
        let turn = move |runs| {
            let mut kept = Vec::with_capacity(if is_kept { runs } else { 0 });
            let start = Instant::now();
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

    fn time(&mut self, runs: usize) -> Duration {
        (self.before)();
        (self.turn)(runs)
    }

    /// How many runs fill a turn.
    fn runs(&mut self) -> usize {
        let mut runs = 1;
        while self.time(runs) < TURN && runs < self.most_runs {
            runs = (2 * runs).min(self.most_runs);
        }
        runs
    }
}

/// The nanoseconds of each work in each round.
fn take_turns(works: &mut [Work<'_>]) -> Vec<Vec<f64>> {
    let runs: Vec<usize> = works.iter_mut().map(Work::runs).collect();
    let mut rounds = Vec::new();
    let start = Instant::now();
    while start.elapsed() < CASE || rounds.len() < FEWEST_ROUNDS {
        let mut round = vec![0.0; works.len()];
        for turn in 0..works.len() {
            // Nobody always comes after the same one.
            let index = (turn + rounds.len()) % works.len();
            let time = works[index].time(runs[index]).as_nanos() as f64;
            round[index] = time / (runs[index] * works[index].units) as f64;
        }
        rounds.push(round);
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
