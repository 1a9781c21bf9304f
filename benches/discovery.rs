//! Discovery with every URL parsed, in environments of 20 to 10,000 vars. Each environment is that of a child process, which
//! this one starts.
//!
//! The targets, and why they are as they are:
//!
//! - Reading alone: at most 1.1 of `vars().collect::<BTreeMap<String, String>>()`, which makes the same promise: text, in
//!   order. The standard library takes two thirds of that time by itself, so there is little to gain. A `HashMap<OsString,
//!   OsString>` checks no text and has no order; it is here for comparison, without a target.
//! - Reading and discovery: at most 1.3 of `envy` into a map of strings. That is what an app would do instead. It parses no
//!   URL, so the target leaves a third of its time for all discovery.
//! - At most 0.75 of `figment` and `config` into the same map.
//!
//! Whether the time grows with the number of vars is measured by the bench `growth`.
//!
//! `tests/run bench discovery` runs it.

use config_vars::ConfigVars;
use config_vars_benches::{Case, Work, table};
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::process::Command;

const SIZES: [usize; 4] = [20, 200, 2_000, 10_000];

/// Targets, relative to each of the others; see above.
const OF_COLLECT: f64 = 1.1;
const OF_ENVY: f64 = 1.3;
const OF_LAYERS: f64 = 0.75;

/// With this argument the program compares what it has for an environment.
const COMPARE: &str = "--compare";

fn main() {
    if std::env::args().any(|argument| argument == COMPARE) {
        return compare();
    }
    table("Discovery");
    for size in SIZES {
        let program = std::env::current_exe().expect("it is a file");
        let environment = environment(size)
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"));
        // `Command::envs` would sort them, and no platform does.
        let mut child = Command::new("env");
        child.arg("-i").args(environment).arg(program).arg(COMPARE);
        assert!(child.status().expect("it can be run").success());
    }
}

/// An app's environment: of ten vars, one is an add-on's URL.
fn environment(size: usize) -> Vec<(String, String)> {
    let var = |index| match index % 10 {
        0 => (
            format!("ADDON{index}_URL"),
            format!("mysql://app:s3cr3t-Pw@db{index}.example.com:3306/shop"),
        ),
        _ => (format!("SETTING_{index}"), format!("value {index}")),
    };
    // In no order: 7,919 is prime, and divides no size.
    (0..size).map(|index| var(index * 7_919 % size)).collect()
}

fn compare() {
    let size = std::env::vars_os().count();
    let ours = || {
        let vars = ConfigVars::from_env();
        let urls = vars
            .attachments()
            .filter(|found| matches!(found.url(), Some(Ok(_))));
        assert_eq!(urls.count(), size.div_ceil(10));
        vars
    };
    type Texts = HashMap<String, String>;
    type InOrder = BTreeMap<String, String>;
    let environment = config::Environment::default;
    Case::new(
        format!("{size} vars, read alone"),
        Work::new(ConfigVars::from_env),
    )
    .beside(
        "`vars().collect::<BTreeMap<String, String>>()`",
        OF_COLLECT,
        Work::new(|| std::env::vars().collect::<InOrder>()),
    )
    .beside(
        "`vars_os().collect::<HashMap<OsString, OsString>>()`",
        None,
        Work::new(|| std::env::vars_os().collect::<HashMap<OsString, OsString>>()),
    )
    .run();
    Case::new(format!("{size} vars"), Work::new(ours))
        .beside(
            "envy, into a `HashMap`",
            OF_ENVY,
            Work::new(|| envy::from_env::<Texts>().expect("all is text")),
        )
        .beside(
            "envy, into a `BTreeMap`",
            None,
            Work::new(|| envy::from_env::<InOrder>().expect("all is text")),
        )
        .beside(
            "figment",
            OF_LAYERS,
            Work::new(|| {
                let figment = figment::Figment::from(figment::providers::Env::raw());
                figment.extract::<Texts>().expect("all is text")
            }),
        )
        .beside(
            "config",
            OF_LAYERS,
            Work::new(|| {
                let config = config::Config::builder().add_source(environment()).build();
                config
                    .and_then(config::Config::try_deserialize::<Texts>)
                    .expect("all is text")
            }),
        )
        .run();
}
