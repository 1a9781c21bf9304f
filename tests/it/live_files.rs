//! `Live` on real files: each roll is seen by either watch, and whatever is odd about the files changes nothing.
#![cfg(all(unix, feature = "notify", feature = "test-util"))]

use crate::util::wait_until;
use config_vars::test_util::TestClock;
use config_vars::*;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, Instant};

/// No step takes as long, on however slow a machine.
const BOUND: Duration = Duration::from_secs(60);

fn url(number: usize) -> String {
    format!("mysql://u{number}:p{number}@h{number}.example/shop")
}

/// The number of the generation in use, the same in user, password and host.
fn number(live: &Live<MysqlUrl>) -> usize {
    let url = live.load();
    let [user, password] = [url.username(), url.password()].map(|part| part.unwrap().expose_secret());
    let host = url.host().unwrap().strip_suffix(".example").unwrap();
    let numbers = [user, password, host].map(|text| text[1..].parse().unwrap());
    assert_eq!(numbers[0], numbers[1]);
    assert_eq!(numbers[0], numbers[2]);
    numbers[0]
}

/// As Kubernetes does it.
fn swap_data(folder: &Path, number: usize) {
    let data = folder.join(format!("..data-{number}"));
    fs::create_dir(&data).unwrap();
    fs::write(data.join("JAWSDB_URL"), url(number) + "\n").unwrap();
    symlink(data.file_name().unwrap(), folder.join("..data_tmp")).unwrap();
    fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
    match number.checked_sub(1) {
        Some(old) => fs::remove_dir_all(folder.join(format!("..data-{old}"))).unwrap(),
        None => symlink("..data/JAWSDB_URL", folder.join("JAWSDB_URL")).unwrap(),
    }
}

fn line(number: usize) -> String {
    format!("JAWSDB_URL='{}'\n", url(number))
}

/// Makes one step after the other, and waits until each is seen.
fn follow(source: impl Source + 'static, trigger: impl Into<Trigger>, steps: usize, step: impl Fn(usize)) {
    let live: Live<MysqlUrl> = Live::from_fn(source, |vars| vars.url("JAWSDB_URL")).unwrap();
    let mut changes = live.changes();
    let _watch = live.watch(trigger).unwrap();
    for next in 1..=steps {
        step(next);
        while number(&live) != next {
            let change = changes.wait(BOUND);
            assert!(change.is_some(), "step {next} is not seen: {}", live.status());
        }
    }
}

/// Without a poll that comes to its aid.
fn on_change() -> Trigger {
    let poll = Every::seconds(3600);
    OnChange::new()
        .debounce(Duration::from_millis(1))
        .poll(poll)
        .into()
}

fn often() -> Trigger {
    Every::new(Duration::from_millis(1)).into()
}

#[test]
fn each_swap_of_a_mounted_secret_is_seen() {
    for trigger in [on_change(), often()] {
        let folder = tempfile::tempdir().unwrap();
        swap_data(folder.path(), 0);
        follow(EnvDir::new(folder.path()), trigger, 1_000, |next| {
            swap_data(folder.path(), next);
        });
    }
}

/// A file counts once it was left alone for 100 ms; so there are fewer steps than `tests/watch.rs` has, with a source of
/// its own that takes a file as it is.
const STEPS_AT_REST: usize = 30;

#[test]
fn each_rename_of_an_env_file_is_seen() {
    for trigger in [on_change(), often()] {
        let folder = tempfile::tempdir().unwrap();
        let (file, new) = (folder.path().join("app.env"), folder.path().join("app.env.new"));
        fs::write(&file, line(0)).unwrap();
        follow(EnvFile::new(&file), trigger, STEPS_AT_REST, |next| {
            fs::write(&new, line(next)).unwrap();
            fs::rename(&new, &file).unwrap();
        });
    }
}

#[test]
fn each_rewrite_of_an_env_file_is_seen() {
    for trigger in [on_change(), often()] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("app.env");
        fs::write(&file, line(0)).unwrap();
        follow(EnvFile::new(&file), trigger, STEPS_AT_REST, |next| {
            fs::write(&file, line(next)).unwrap();
        });
    }
}

#[test]
fn optional_sources_that_appear_are_seen() {
    for _ in 0..3 {
        let root = tempfile::tempdir().unwrap();
        let mounted = root.path().join("run/config");
        let file = root.path().join("env/app.env");
        let nearest = EnvDir::optional(&mounted).or(EnvFile::optional(&file));
        let source = nearest.or(|| Ok(ConfigVars::from_iter([("JAWSDB_URL", url(0))])));
        follow(source, on_change(), 4, |next| match next {
            1 => {
                fs::create_dir(file.parent().unwrap()).unwrap();
                fs::write(&file, line(1)).unwrap();
            }
            2 => fs::write(&file, line(2)).unwrap(),
            3 => {
                fs::create_dir_all(&mounted).unwrap();
                fs::write(mounted.join("JAWSDB_URL"), url(3)).unwrap();
            }
            _ => fs::write(mounted.join("JAWSDB_URL"), url(4)).unwrap(),
        });
    }
}

#[test]
fn optional_source_that_is_removed_gives_way_and_comes_back() {
    let root = tempfile::tempdir().unwrap();
    let mounted = root.path().join("config");
    let source = EnvDir::optional(&mounted).or(|| Ok(ConfigVars::from_iter([("JAWSDB_URL", url(2))])));
    let mount = |number| {
        fs::create_dir(&mounted).unwrap();
        fs::write(mounted.join("JAWSDB_URL"), url(number)).unwrap();
    };
    mount(0);
    follow(source, on_change(), 3, |next| match next {
        2 => fs::remove_dir_all(&mounted).unwrap(),
        _ if mounted.exists() => fs::write(mounted.join("JAWSDB_URL"), url(next)).unwrap(),
        _ => mount(next),
    });
}

#[test]
fn malformed_files_are_errors_and_change_nothing() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("mounted");
    fs::create_dir(&folder).unwrap();
    let var = folder.join("JAWSDB_URL");
    fs::write(&var, url(0)).unwrap();
    let live: Live<MysqlUrl> = Live::from_fn(EnvDir::new(&folder), |vars| vars.url("JAWSDB_URL")).unwrap();

    let odd = folder.join("ODD");
    let fifo = || {
        let made = std::process::Command::new("mkfifo").arg(&odd).status().unwrap();
        assert!(made.success());
    };
    let huge = || fs::File::create(&odd).unwrap().set_len(1 << 30).unwrap();
    let unreadable = || {
        use std::os::unix::fs::PermissionsExt;
        fs::write(&odd, "s3cret").unwrap();
        fs::set_permissions(&odd, fs::Permissions::from_mode(0o000)).unwrap();
    };
    type Step<'s> = (&'s str, &'s dyn Fn());
    let steps: [Step<'_>; 5] = [
        ("a symlink loop", &|| symlink("ODD", &odd).unwrap()),
        ("a link to nothing", &|| symlink("nothing", &odd).unwrap()),
        ("a fifo", &fifo),
        ("a file of 1 GiB", &huge),
        ("a file without permission", &unreadable),
    ];
    for (what, make) in steps {
        make();
        // Root may read everything.
        if what == "a file without permission" && fs::read(&odd).is_ok() {
            eprintln!("this process may read any file: {what} is not tested");
            continue;
        }
        let error = live.reload().expect_err(what);
        assert_eq!(error.kind(), ErrorKind::UnreadableSource, "{what}: {error}");
        assert!(error.to_string().contains("ODD"), "{what}: {error}");
        assert_eq!((number(&live), live.generation()), (0, 1), "{what}");
        assert_eq!(live.status().source_error(), Some(&error), "{what}");
        fs::remove_file(&odd).unwrap();
        assert!(live.reload().expect(what).is_empty(), "{what}");
    }
    fs::rename(&folder, root.path().join("gone")).unwrap();
    assert_eq!(live.reload().unwrap_err().kind(), ErrorKind::UnreadableSource);
    assert_eq!(
        (number(&live), live.generation()),
        (0, 1),
        "a folder that is gone"
    );
    fs::rename(root.path().join("gone"), &folder).unwrap();
    fs::write(&var, url(1)).unwrap();
    live.reload().unwrap();
    assert_eq!(number(&live), 1);
}

/// Two parts of one credential, each in a file, and what else is there.
struct Pair {
    names: [&'static str; 2],
    others: &'static [(&'static str, &'static str)],
    is_binding: bool,
}

const PAIRS: &[Pair] = &[
    Pair {
        names: ["DB_USERNAME", "DB_PASSWORD"],
        others: &[("DB_HOST", "db.example"), ("LOG_LEVEL", "info")],
        is_binding: false,
    },
    Pair {
        names: ["password", "username"],
        others: &[],
        is_binding: false,
    },
    Pair {
        names: ["MEMCACHIER_PASSWORD", "MEMCACHIER_USERNAME"],
        others: &[("MEMCACHIER_SERVERS", "mc.example:11211")],
        is_binding: false,
    },
    Pair {
        names: ["client-id", "client-secret"],
        others: &[("PORT", "8080")],
        is_binding: false,
    },
    Pair {
        names: ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"],
        others: &[],
        is_binding: false,
    },
    Pair {
        names: ["username", "password"],
        others: &[("type", "mysql"), ("host", "db.example")],
        is_binding: true,
    },
];

impl Pair {
    fn folder(&self, root: &Path) -> std::path::PathBuf {
        root.join("db")
    }

    fn write(&self, root: &Path, part: usize, generation: usize) {
        let path = self.folder(root).join(self.names[part]);
        fs::write(path, format!("part{part}-{generation}")).unwrap();
    }

    /// A folder with the first generation, written long enough ago.
    fn root(&self) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(self.folder(root.path())).unwrap();
        for (name, value) in self.others {
            fs::write(self.folder(root.path()).join(name), value).unwrap();
        }
        self.write(root.path(), 0, 1);
        self.write(root.path(), 1, 1);
        std::thread::sleep(REST + Duration::from_millis(100));
        root
    }

    /// The generations of both parts.
    fn live(&self, root: &Path) -> Live<[String; 2]> {
        self.live_with(root, |builder| builder)
    }

    fn live_with(
        &self,
        root: &Path,
        settings: impl FnOnce(LiveBuilder<[String; 2]>) -> LiveBuilder<[String; 2]>,
    ) -> Live<[String; 2]> {
        let vars = self.names.map(|name| match self.is_binding {
            true => format!("DB_{}", name.to_ascii_uppercase()),
            false => name.to_owned(),
        });
        let make = move |all: &ConfigVars| {
            let part = |name: &str| {
                Ok::<_, Error>(
                    all.require(name)?
                        .expose_secret()
                        .rsplit('-')
                        .next()
                        .unwrap()
                        .to_owned(),
                )
            };
            Ok([part(&vars[0])?, part(&vars[1])?])
        };
        let source = match self.is_binding {
            true => ServiceBindings::new(root).boxed(),
            false => EnvDir::new(self.folder(root)).boxed(),
        };
        settings(Live::builder(source)).build_fn(make).unwrap()
    }
}

/// The default time for which an attachment must have been at rest.
const REST: Duration = Duration::from_secs(2);
const APART: Duration = Duration::from_millis(1_500);

/// Runs a test for each pair at once, because each waits.
fn for_each_pair(test: impl Fn(&Pair) + Sync) {
    std::thread::scope(|scope| {
        for pair in PAIRS {
            scope.spawn(|| test(pair));
        }
    });
}

#[test]
fn files_written_one_after_the_other_do_not_mix() {
    for_each_pair(|pair| {
        for trigger in [on_change(), often()] {
            let root = pair.root();
            let live = pair.live(root.path());
            let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
            let _subscription = live.subscribe({
                let (live, seen) = (live.clone(), seen.clone());
                move |_| seen.lock().unwrap().push(live.load_full())
            });
            let mut changes = live.changes();
            let _watch = live.watch(trigger.clone()).unwrap();
            for generation in 2..4 {
                let begun = Instant::now();
                pair.write(root.path(), 0, generation);
                std::thread::sleep(APART);
                pair.write(root.path(), 1, generation);
                if begun.elapsed() > REST - Duration::from_millis(100) {
                    eprintln!("this machine stood still: {:?} is not tested", pair.names);
                    return;
                }
                let expected = [generation.to_string(), generation.to_string()];
                while *live.load_full() != expected {
                    assert!(
                        changes.wait(BOUND).is_some(),
                        "{:?}: {}",
                        pair.names,
                        live.status()
                    );
                }
            }
            for parts in &*seen.lock().unwrap() {
                assert_eq!(parts[0], parts[1], "{:?} {trigger:?}", pair.names);
            }
        }
    });
}

#[test]
fn part_that_is_written_alone_is_taken_over_after_the_settle_time() {
    for_each_pair(|pair| {
        let root = pair.root();
        let clock = TestClock::new();
        // Far longer than the read that must come before it is over.
        let settle_time = Duration::from_secs(60);
        let settings = |builder: LiveBuilder<_>| builder.clock(&clock).settle_time(settle_time);
        let live = pair.live_with(root.path(), settings);
        let mut changes = live.changes();
        // No poll comes to its aid: the watch reads again by itself.
        let watch = live.watch(on_change()).unwrap();
        pair.write(root.path(), 1, 2);
        wait_until("the watch has read", || !live.status().is_fresh());
        wait_until("the next read is scheduled", || {
            let next = watch.next_in().unwrap();
            !next.is_zero() && next <= settle_time
        });
        assert_eq!(*live.load_full(), ["1", "1"], "{:?}", pair.names);
        clock.advance(settle_time);
        let change = changes.wait(BOUND);
        assert!(change.is_some(), "{:?}: {}", pair.names, live.status());
        // That it rests is no news.
        assert_eq!(change.unwrap().stale().count(), 0, "{:?}", pair.names);
        assert_eq!(*live.load_full(), ["1", "2"], "{:?}", pair.names);
        assert!(live.status().is_fresh());
    });
}

#[test]
fn other_attachments_are_updated_during_the_settle_time() {
    for_each_pair(|pair| {
        let root = pair.root();
        let live = pair.live(root.path());
        let begun = Instant::now();
        pair.write(root.path(), 0, 2);
        fs::write(pair.folder(root.path()).join("OTHER_URL"), "mysql://h.example/d").unwrap();
        let change = live.reload().unwrap();
        let status = live.status();
        if begun.elapsed() < REST {
            assert_eq!(*live.load_full(), ["1", "1"], "{:?}", pair.names);
            assert!(!status.is_fresh(), "{:?}", pair.names);
            assert!(
                change
                    .stale()
                    .any(|stale| stale.error().to_string().contains("was written a moment ago"))
            );
        }
        let other = if pair.is_binding {
            "DB_OTHER_URL"
        } else {
            "OTHER_URL"
        };
        assert!(
            pair.is_binding || live.vars().get(other).is_some(),
            "{:?}",
            pair.names
        );
    });
}

#[test]
fn any_settle_time_can_be_set() {
    for_each_pair(|pair| {
        let long = [Duration::MAX, Duration::from_secs(u64::MAX / 2)];
        for settle_time in [Duration::ZERO].into_iter().chain(long) {
            let root = pair.root();
            let live = pair.live_with(root.path(), |builder| builder.settle_time(settle_time));
            pair.write(root.path(), 0, 2);
            live.reload().unwrap();
            let expected = if settle_time.is_zero() {
                ["2", "1"]
            } else {
                ["1", "1"]
            };
            assert_eq!(*live.load_full(), expected, "{:?} {settle_time:?}", pair.names);
        }
    });
}

#[test]
fn first_read_waits_for_the_other_file_of_a_pair() {
    for_each_pair(|pair| {
        let root = pair.root();
        let begun = Instant::now();
        pair.write(root.path(), 0, 2);
        std::thread::scope(|scope| {
            let live = scope.spawn(|| pair.live(root.path()));
            std::thread::sleep(Duration::from_millis(700));
            pair.write(root.path(), 1, 2);
            if begun.elapsed() < APART {
                assert_eq!(*live.join().unwrap().load_full(), ["2", "2"], "{:?}", pair.names);
            }
        });
    });
}
