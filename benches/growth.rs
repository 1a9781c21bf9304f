//! Growth: for one var, each reader may take at most twice as long with 100,000 vars as with 200. This bench fails if one
//! takes longer.
//!
//! Both sides read the same number of vars: one snapshot of 100,000, or 500 snapshots of 200. The text of each snapshot is
//! scattered over the memory of all. So both sides need the same memory, and find the text that they read outside of the
//! caches. A single snapshot of 200 vars, read again and again, would stay in the fastest cache, and a ratio of two would
//! say more about the machine than about the reader. What remains is the reader: a quadratic algorithm has a ratio of up to
//! 500, and one that sorts has about 1.3 (in instructions). Time is that of the thread, so other threads on the machine, and
//! waiting for files, do not count. The sides take turns, and the ratio is the median of the turns' ratios.
//!
//! `tests/run bench growth` runs it.

use config_vars::{Attachment, ConfigVars, EnvDir, Error, Live, MysqlUrl, SecretString, Source};
use config_vars_benches::verdict;
use cpu_time::ThreadTime;
use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// Number of vars in a small snapshot.
const FEW: usize = 200;
/// Number of vars in a large snapshot.
const MANY: usize = 100_000;
/// The same for `reload`, which holds three snapshots at a time.
const MANY_RELOADED: usize = 50_000;
/// Maximum number of files that a folder may have.
const MANY_FILES: usize = 10_000;

/// Maximum ratio of the time for one var.
const AT_MOST: f64 = 2.0;
/// Ratio after which no further turn is needed: the reader is quadratic, and a turn may take minutes.
const HOPELESS: f64 = 10.0;
/// Number of times that each side is measured.
const TURNS: usize = 7;

type Pairs = Vec<(String, String)>;

fn main() -> ExitCode {
    println!("\n### Growth: for one var\n");
    println!("| | vars | of {FEW} | of all | ratio | at most | |");
    println!("|---|--:|--:|--:|--:|--:|---|");
    let mut growth = Growth { all_met: true };
    readers(&mut growth);
    discovery(&mut growth);
    extract(&mut growth);
    reload(&mut growth);
    rebuild(&mut growth);
    subscribe(&mut growth);
    folder(&mut growth);
    if growth.all_met {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The same number of vars in one input, and in inputs of [`FEW`].
struct Inputs<I> {
    vars: usize,
    few: Vec<I>,
    many: Vec<I>,
}

impl<I> Inputs<I> {
    fn new(vars: usize, app: impl Fn(usize) -> Pairs, input: impl Fn(Pairs) -> I) -> Self {
        let inputs = |size| scattered(&app(size), vars / size).map(&input).collect();
        Self {
            vars,
            few: inputs(FEW),
            many: inputs(vars),
        }
    }
}

struct Growth {
    all_met: bool,
}

impl Growth {
    /// Compares `many`, one input, with `few`, as many vars in inputs of [`FEW`]. The clock runs while `read` does; its results
    /// are kept until the clock has stopped.
    fn compare<'i, I, O>(&mut self, name: &str, inputs: &'i Inputs<I>, read: impl Fn(&'i I) -> O) {
        let vars = inputs.vars;
        let time = |inputs: &'i [I]| {
            let mut results = Vec::with_capacity(inputs.len());
            let start = ThreadTime::now();
            results.extend(inputs.iter().map(&read));
            let time = start.elapsed();
            drop(black_box(results));
            time.as_nanos() as f64 / vars as f64
        };
        // Not measured: here, the allocator gets memory from the system, and a `Live` makes what its first subscriber needs.
        time(&inputs.few);
        time(&inputs.many);
        let mut turns: Vec<(f64, f64)> = Vec::new();
        while turns.len() < TURNS {
            let turn = (time(&inputs.few), time(&inputs.many));
            turns.push(turn);
            if turn.1 > HOPELESS * turn.0 {
                break;
            }
        }
        let median_of = |of: fn(&(f64, f64)) -> f64| median(turns.iter().map(of).collect());
        let ratio = median_of(|(few, many)| many / few);
        let is_met = ratio <= AT_MOST;
        self.all_met &= is_met;
        println!(
            "| {name} | {vars} | {:.0} ns | {:.0} ns | {ratio:.2} | {AT_MOST:.2} | {} |",
            median_of(|(few, _)| *few),
            median_of(|(_, many)| *many),
            verdict(Some(is_met)),
        );
    }
}

/// Returns copies of config vars in no order. The text of each copy is scattered over the memory of all copies.
fn scattered(vars: &Pairs, copies: usize) -> impl Iterator<Item = Pairs> {
    let mut scattered = vec![Vec::with_capacity(vars.len()); copies];
    let all = vars.len() * copies;
    // 7,919 is prime, and divides no size.
    for place in (0..all).map(|index| index * 7_919 % all) {
        let (copy, var) = (place % copies, place / copies);
        scattered[copy].push(vars[var].clone());
    }
    scattered.into_iter()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The config vars of an app. As in the other benches, one in ten is a resource, whose name and value `resource` returns.
fn with_resources(size: usize, resource: impl Fn(usize) -> (String, String)) -> Pairs {
    let var = |index| match index % 10 {
        0 => resource(index / 10),
        _ => (format!("SETTING_{index}"), format!("value {index}")),
    };
    (0..size).map(var).collect()
}

fn app(size: usize) -> Pairs {
    let url = |index| format!("mysql://app:s3cr3t-Pw@db{index}.example.com:3306/shop");
    with_resources(size, |index| (format!("ADDON{index}_URL"), url(index)))
}

fn readers(growth: &mut Growth) {
    let pairs = Inputs::new(MANY, app, |pairs| pairs);
    growth.compare("`from_iter`", &pairs, |pairs| {
        let pairs = pairs.iter().map(|(name, value)| (name, value.as_str()));
        pairs.collect::<ConfigVars>()
    });
    let texts = Inputs::new(MANY, app, |pairs| {
        let line = |(name, value)| format!("{name}='{value}'\n");
        pairs.into_iter().map(line).collect::<String>()
    });
    growth.compare("env file", &texts, |text| {
        ConfigVars::parse_env_file(text).expect("it is well-formed")
    });
}

fn discovery(growth: &mut Growth) {
    /// The name and the value of a var.
    type Var = fn(usize) -> (String, String);
    let environments: [(&str, Var); 7] = [
        ("URLs", |index| {
            (
                format!("ADDON{index}_URL"),
                format!("redis://:pw@h{index}.example"),
            )
        }),
        ("aliases of one resource", |index| {
            (format!("ADDON{index}_URL"), "redis://:pw@h.example".to_owned())
        }),
        ("one endpoint, different credentials", |index| {
            (
                format!("ADDON{index}_URL"),
                format!("redis://:pw{index}@h.example"),
            )
        }),
        ("URLs of one attachment", |index| {
            (format!("ADDON_URL_{index}"), "redis://:pw@h.example".to_owned())
        }),
        ("malformed URLs", |index| {
            (
                format!("ADDON{index}_URL"),
                format!("redis://:p#{index}@h.example"),
            )
        }),
        ("resources in parts", |index| {
            let (part, value) = [
                ("HOST", "h.example"),
                ("PORT", "6379"),
                ("USERNAME", "app"),
                ("PASSWORD", "pw"),
            ][index % 4];
            (format!("REDIS{}_{part}", index / 4), value.to_owned())
        }),
        ("bare credentials", |index| {
            (format!("ADDON{index}_API_KEY"), format!("key{index}"))
        }),
    ];
    let mut compare = |name: &str, app: &dyn Fn(usize) -> Pairs| {
        let snapshots = Inputs::new(MANY, app, ConfigVars::from_iter);
        growth.compare(name, &snapshots, |vars| {
            let attachments: Vec<Attachment<'_>> = vars.attachments().collect();
            // Each has as many aliases as there are attachments, so only the first is asked for.
            let has_alias = |attachment: &Attachment<'_>| attachment.aliases().next().is_some();
            (
                attachments.iter().filter(|found| has_alias(found)).count(),
                attachments,
            )
        });
    };
    compare("`attachments()`", &app);
    for (name, var) in environments {
        compare(&format!("`attachments()`: {name}"), &|size| {
            with_resources(size, var)
        });
    }
}

fn extract(growth: &mut Growth) {
    #[derive(serde::Deserialize)]
    struct Fields {
        addon0_url: MysqlUrl,
        setting_1: SecretString,
        setting_2: String,
        setting_3: Option<String>,
    }
    #[derive(serde::Deserialize)]
    struct Map {
        setting: BTreeMap<String, String>,
    }
    // One large snapshot is read as often as there are small ones.
    let snapshots = Inputs::new(MANY, app, |pairs| {
        (pairs.len() / FEW, ConfigVars::from_iter(pairs))
    });
    growth.compare("`extract` of a struct", &snapshots, |(times, vars)| {
        let read = |_| {
            let fields: Fields = vars.extract().expect("all are set");
            black_box((
                fields.addon0_url,
                fields.setting_1,
                fields.setting_2,
                fields.setting_3,
            ))
        };
        (0..*times).map(read).collect::<Vec<_>>()
    });
    let entry = |index| (format!("SETTING_{index}"), "value".to_owned());
    let snapshots = Inputs::new(MANY, |size| (0..size).map(entry).collect(), ConfigVars::from_iter);
    growth.compare("`extract` of a map", &snapshots, |vars| {
        let map: Map = vars.extract().expect("all are set");
        map.setting
    });
}

/// Each source returns two snapshots by turns. Both reloads of a turn are measured: there and back.
fn reload(growth: &mut Growth) {
    /// The value of a URL, in one of the two snapshots.
    type Url = fn(index: usize, turn: usize) -> String;
    let kinds: [(&str, Url); 5] = [
        ("nothing changes", |index, _| {
            format!("mysql://app:pw@db{index}.example/shop")
        }),
        ("one var changes", |index, turn| {
            let turn = if index == 0 { turn } else { 0 };
            format!("mysql://app:pw{turn}@db{index}.example/shop")
        }),
        ("all change", |index, turn| {
            format!("mysql://app:pw{turn}@db{index}.example/shop")
        }),
        ("all become malformed", |index, turn| {
            let separator = ["", "#"][turn];
            format!("mysql://app:p{separator}w@db{index}.example/shop")
        }),
        ("aliases of one resource change", |_, turn| {
            format!("mysql://app:pw{turn}@db.example/shop")
        }),
    ];
    for (name, url) in kinds {
        // Both values of a var, with a space between them.
        let var = |index| {
            let both = format!("{} {}", url(index, 0), url(index, 1));
            (format!("ADDON{index}_URL"), both)
        };
        let vars = |size| with_resources(size, var);
        let live = |pairs: Pairs| {
            let of_turn = |of: fn((&str, &str)) -> String| {
                let values = pairs.iter().map(|(name, both)| {
                    let values = both.split_once("://").and(both.split_once(' '));
                    (name.clone(), of(values.unwrap_or((both, both))))
                });
                values.collect::<ConfigVars>()
            };
            let snapshots = [
                of_turn(|(first, _)| first.to_owned()),
                of_turn(|(_, second)| second.to_owned()),
            ];
            let turn = AtomicUsize::new(0);
            let source = move || Ok(snapshots[turn.fetch_add(1, Relaxed) % 2].clone());
            Live::from_vars(source).expect("it can be read")
        };
        let lives = Inputs::new(MANY_RELOADED, vars, live);
        growth.compare(&format!("`reload`: {name}"), &lives, |live| {
            [live.reload(), live.reload()]
        });
    }
}

/// One value of an app for each var. None can be made anew, and each is named in the status.
fn rebuild(growth: &mut Growth) {
    let live = |pairs: Pairs| {
        let turn = AtomicUsize::new(0);
        let source = move || {
            let turn = turn.fetch_add(1, Relaxed);
            let url = format!("mysql://app:pw{turn}@db.example/shop");
            Ok(ConfigVars::from_iter([("MYSQL_URL", url)]))
        };
        let live = Live::from_vars(source).expect("it can be read");
        let value = |_| {
            let is_made = AtomicBool::new(false);
            let make = move |_: &ConfigVars| match is_made.swap(true, Relaxed) {
                true => Err(Error::custom("it cannot be made anew").into()),
                false => Ok(()),
            };
            live.map(make).expect("it is made once")
        };
        let values: Vec<_> = pairs.iter().map(value).collect();
        (live, values)
    };
    let lives = Inputs::new(MANY_FILES, app, live);
    growth.compare(
        "`reload`: values that cannot be made anew",
        &lives,
        |(live, _)| live.reload().expect("it can be read"),
    );
}

/// One subscription for each 200 vars: all of one large `Live`, or one of each small `Live`.
fn subscribe(growth: &mut Growth) {
    let live = |pairs: Pairs| {
        let times = pairs.len() / FEW;
        let vars = ConfigVars::from_iter(pairs);
        let live = Live::from_vars(move || Ok(vars.clone())).expect("it can be read");
        (times, live)
    };
    let lives = Inputs::new(MANY_RELOADED, app, live);
    growth.compare("`subscribe`", &lives, |(times, live)| {
        let subscriptions = (0..*times).map(|_| live.subscribe(|change| _ = black_box(change)));
        subscriptions.collect::<Vec<_>>()
    });
}

/// A folder with a file for each var, which is removed when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(path: PathBuf, vars: Pairs) -> Self {
        fs::create_dir_all(&path).expect("the folder can be made");
        for (name, value) in vars {
            fs::write(path.join(name), value).expect("the file can be written");
        }
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

fn folder(growth: &mut Growth) {
    let number = AtomicUsize::new(0);
    let folder = |pairs: Pairs| {
        let number = number.fetch_add(1, Relaxed);
        let name = format!("config-vars-growth-{}-{number}", std::process::id());
        Folder::new(std::env::temp_dir().join(name), pairs)
    };
    let folders = Inputs::new(MANY_FILES, app, folder);
    growth.compare("`EnvDir`", &folders, |folder| {
        EnvDir::new(&folder.0).read().expect("it can be read")
    });
}
