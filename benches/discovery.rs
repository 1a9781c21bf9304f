//! Discovery, everything parsed, in environments of 20 to 10,000 vars, beside those that but collect them; and how it
//! grows. Each environment is one of a process of its own, which this one starts.
//!
//! `tests/run bench discovery` runs it.

use config_vars::ConfigVars;
use config_vars_benches::{Case, Work, table};
use std::collections::HashMap;
use std::ffi::OsString;
use std::process::Command;

const SIZES: [usize; 4] = [20, 200, 2_000, 10_000];
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
    table("Discovery: growth, for one var");
    let [_, few, _, many] = SIZES;
    let [few_vars, many_vars] = [few, many].map(|size| ConfigVars::from_iter(environment(size)));
    let discover = |vars: &ConfigVars| {
        vars.attachments()
            .filter_map(|found| found.url()?.ok().map(drop))
            .count()
    };
    Case::new(
        format!("{many} vars"),
        Work::new(|| discover(&many_vars)).per(many),
    )
    .beside("200 vars", 2.0, Work::new(|| discover(&few_vars)).per(few))
    .run();
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
    const COLLECTED: &str = "`vars_os().collect::<HashMap>()`";
    let collected = || Work::new(|| std::env::vars_os().collect::<HashMap<OsString, OsString>>());
    let environment = config::Environment::default;
    Case::new(
        format!("{size} vars, read alone"),
        Work::new(ConfigVars::from_env),
    )
    .beside(COLLECTED, None, collected())
    .run();
    Case::new(format!("{size} vars"), Work::new(ours))
        .beside(COLLECTED, 1.3, collected())
        .beside(
            "envy",
            None,
            Work::new(|| envy::from_env::<Texts>().expect("all is text")),
        )
        .beside(
            "figment",
            None,
            Work::new(|| {
                let figment = figment::Figment::from(figment::providers::Env::raw());
                figment.extract::<Texts>().expect("all is text")
            }),
        )
        .beside(
            "config",
            None,
            Work::new(|| {
                let config = config::Config::builder().add_source(environment()).build();
                config
                    .and_then(config::Config::try_deserialize::<Texts>)
                    .expect("all is text")
            }),
        )
        .run();
}
