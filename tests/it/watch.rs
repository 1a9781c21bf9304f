//! `Live::watch`: when it reloads, how it ends, and that no change of a file goes unseen.
//!
//! Nothing here sleeps and hopes: each test waits for what must happen, with a bound far beyond what it takes.
#![cfg(feature = "test-util")]

use crate::util::{BOUND, wait_until};
use config_vars::test_util::{ScriptedSource, TestClock};
use config_vars::*;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

const OFTEN: Duration = Duration::from_millis(1);

fn script() -> ScriptedSource {
    ScriptedSource::new([("PORT", "1")])
}

fn live(script: &ScriptedSource) -> Live<ConfigVars> {
    Live::from_vars(script.clone()).unwrap()
}

fn live_by_clock(script: &ScriptedSource) -> (TestClock, Live<ConfigVars>) {
    let clock = TestClock::new();
    let live = Live::builder(script.clone()).clock(&clock).build_vars();
    (clock, live.unwrap())
}

fn port(live: &Live<ConfigVars>) -> String {
    live.load().require("PORT").unwrap().expose_secret().to_owned()
}

/// Waits until reads have ceased, and returns how many there were.
#[track_caller]
fn reads_at_rest(script: &ScriptedSource) -> u64 {
    let start = Instant::now();
    loop {
        let reads = script.read_count();
        if !script.wait_for_reads(reads + 1, OFTEN * 100) {
            return reads;
        }
        assert!(start.elapsed() < BOUND, "reads do not cease");
    }
}

#[test]
fn every_reads_repeatedly_until_dropped() {
    let script = script();
    let live = live(&script);
    let watch = live.watch(Every::new(OFTEN)).unwrap();
    assert!(script.wait_for_reads(20, BOUND));
    let mut changes = live.changes();
    script.set("PORT", "2");
    assert!(changes.wait(BOUND).is_some());
    assert_eq!(port(&live), "2");
    drop(watch);
    let reads = script.read_count();
    // The one that had begun.
    assert!(reads_at_rest(&script) <= reads + 1);
}

#[test]
fn detached_watch_continues() {
    let script = script();
    let live = live(&script);
    live.watch(Every::new(OFTEN)).unwrap().detach();
    let reads = script.read_count();
    assert!(script.wait_for_reads(reads + 20, BOUND));
    drop(live);
    reads_at_rest(&script);
}

#[test]
fn several_watches_work_together() {
    let script = script();
    let live = live(&script);
    let often = live.watch(Every::new(OFTEN)).unwrap();
    let seldom = live.watch(Every::seconds(3600)).unwrap();
    drop(often);
    reads_at_rest(&script);
    assert!(seldom.next_in().is_some());
}

#[test]
fn delays_double_while_reads_fail() {
    let hour = 60 * 60;
    // The interval in seconds, and the waits after 0, 1, … failures.
    let rows: &[(u64, [u64; 7])] = &[
        (1, [1, 2, 4, 8, 10, 10, 10]),
        (30, [30, 60, 120, 240, 300, 300, 300]),
        (200, [200, 300, 300, 300, 300, 300, 300]),
        (hour, [hour; 7]),
    ];
    for (interval, waits) in rows {
        let every = Every::seconds(*interval).jitter_percent(0);
        for (failures, seconds) in (0..).zip(waits) {
            let wait = every.wait_after(failures);
            assert_eq!(wait, Duration::from_secs(*seconds), "{interval} s, {failures}");
        }
        assert_eq!(every.wait_after(u32::MAX), Duration::from_secs(waits[6]));
    }
}

#[test]
fn delays_are_random_and_within_bounds() {
    let every = Every::seconds(1000);
    let waits: BTreeSet<Duration> = (0..1000).map(|_| every.wait_after(0)).collect();
    assert!(waits.len() > 900, "{} of 1000 differ", waits.len());
    let (first, last) = (*waits.first().unwrap(), *waits.last().unwrap());
    assert!((900..=905).contains(&first.as_secs()), "{first:?}");
    assert!((1094..=1100).contains(&last.as_secs()), "{last:?}");
    let firsts: BTreeSet<Duration> = (0..1000).map(|_| every.first_wait()).collect();
    assert!(firsts.len() > 900, "{} of 1000 differ", firsts.len());
    assert!(firsts.first().unwrap().as_secs() < 50);
    assert!((950..=1000).contains(&firsts.last().unwrap().as_secs()));
    let wide = every.jitter_percent(1000);
    assert!((0..1000).all(|_| wide.wait_after(9) <= Duration::from_secs(2000)));
    // As the thread does it.
    let live = live(&script());
    let watches: Vec<Watch> = (0..32).map(|_| live.watch(every).unwrap()).collect();
    let nexts: BTreeSet<Option<Duration>> = watches.iter().map(Watch::next_in).collect();
    assert!(nexts.len() > 24, "{nexts:?}");
}

#[test]
fn extreme_intervals_are_clamped() {
    assert_eq!(Every::seconds(0), Every::new(Duration::from_millis(1)));
    assert_eq!(Every::new(Duration::MAX), Every::seconds(365 * 24 * 60 * 60));
    let script = script();
    let live = live(&script);
    let never = live.watch(Every::new(Duration::MAX)).unwrap();
    let always = live.watch(Every::seconds(0)).unwrap();
    assert!(script.wait_for_reads(3, BOUND));
    drop((never, always));
}

#[test]
fn failures_are_reported_and_back_off_until_a_success() {
    let script = script();
    let (clock, live) = live_by_clock(&script);
    let interval = Duration::from_secs(30);
    let watch = live.watch(Every::new(interval).jitter_percent(0)).unwrap();
    let waits = |seconds| {
        wait_until("the read ends", || {
            watch.next_in() == Some(Duration::from_secs(seconds))
        });
    };
    clock.advance(interval);
    waits(30);
    assert!(live.status().is_fresh());
    script.fail();
    for (failures, seconds) in (0..).zip([30, 60, 120, 240, 300, 300]) {
        waits(seconds);
        assert_eq!(live.status().source_failures(), failures);
        // Not before it is due.
        clock.advance(Duration::from_secs(seconds - 1));
        assert_eq!(watch.next_in(), Some(Duration::from_secs(1)));
        clock.advance(Duration::from_secs(1));
        assert!(script.wait_for_reads(u64::from(failures) + 3, BOUND));
    }
    waits(300);
    script.recover();
    clock.advance(Duration::from_secs(300));
    waits(30);
    assert!(live.status().is_fresh());
    assert_eq!(script.read_count(), 9);
}

#[test]
fn panic_of_the_source_is_a_failed_read() {
    let panics = Arc::new(AtomicBool::new(false));
    let source = {
        let panics = panics.clone();
        move || {
            assert!(!panics.load(SeqCst), "this panic is part of a test");
            Ok(ConfigVars::from_iter([("PORT", "1")]))
        }
    };
    let live = Live::from_vars(source).unwrap();
    let watch = live.watch(Every::new(OFTEN)).unwrap();
    panics.store(true, SeqCst);
    wait_until("failures", || live.status().source_failures() >= 2);
    assert_eq!(
        live.status().source_error().unwrap().to_string(),
        "a closure of the app's own panicked"
    );
    panics.store(false, SeqCst);
    wait_until("a success", || live.status().is_fresh());
    drop(watch);
}

#[test]
fn dropping_a_watch_does_not_wait_for_a_hanging_read() {
    let script = script();
    let live = live(&script);
    script.hang();
    let watch = live.watch(Every::new(OFTEN)).unwrap();
    assert!(script.wait_for_reads(2, BOUND));
    assert_eq!(port(&live), "1");
    assert!(format!("{watch:?}").contains("next_in: Some(0ns)"), "{watch:?}");
    drop(watch);
    script.recover();
    // The thread ends after that read, and does no more of them.
    assert_eq!(reads_at_rest(&script), 2);
}

#[test]
fn watch_whose_read_hangs_has_a_fault() {
    let script = script();
    let (clock, live) = live_by_clock(&script);
    script.hang();
    let watch = live.watch(Every::new(OFTEN)).unwrap();
    clock.advance(OFTEN);
    assert!(script.wait_for_reads(2, BOUND));
    clock.advance(Duration::from_millis(2_999));
    assert_eq!(watch.fault(), None);
    assert!(live.status().is_fresh());
    clock.advance(OFTEN);
    let fault = watch.fault().unwrap();
    assert_eq!(fault.kind(), ErrorKind::Unwatchable);
    assert!(fault.to_string().contains("3 s ago has not returned"), "{fault}");
    assert!(!live.status().is_fresh());
    script.recover();
    wait_until("no fault", || watch.fault().is_none());
    wait_until("fresh", || live.status().is_fresh());
}

/// A source may panic when it is asked for its paths, too.
#[cfg(feature = "notify")]
#[test]
fn source_whose_paths_panic_is_still_read() {
    struct Panics(ScriptedSource, AtomicBool);
    impl Source for Panics {
        fn read(&self) -> Result<ConfigVars, Error> {
            self.0.read()
        }
        fn paths(&self) -> Vec<std::path::PathBuf> {
            assert!(!self.1.load(SeqCst), "this panic is part of a test");
            if self.0.read_count() > 1 {
                self.1.store(true, SeqCst);
            }
            vec![std::env::temp_dir()]
        }
    }
    let script = script();
    let live = Live::from_vars(Panics(script.clone(), AtomicBool::new(false))).unwrap();
    let _watch = live.watch(OnChange::new().poll(Every::new(OFTEN))).unwrap();
    script.set("PORT", "2");
    assert!(script.wait_for_reads(20, BOUND));
    wait_until("it is followed", || port(&live) == "2");
}

#[test]
fn watch_can_be_dropped_by_a_callback_on_its_own_thread() {
    let script = script();
    let live = live(&script);
    let place: Arc<Mutex<Option<Watch>>> = Arc::default();
    let (dropped, is_dropped) = mpsc::channel();
    let subscription = live.subscribe({
        let place = place.clone();
        move |change| {
            if change.generation() > 1 {
                drop(place.lock().unwrap().take());
                _ = dropped.send(std::thread::current().name().map(str::to_owned));
            }
        }
    });
    *place.lock().unwrap() = Some(live.watch(Every::new(OFTEN)).unwrap());
    script.set("PORT", "2");
    let thread = is_dropped.recv_timeout(BOUND).unwrap();
    assert_eq!(thread.as_deref(), Some("config-vars watch"));
    let reads = script.read_count();
    assert_eq!(reads_at_rest(&script), reads);
    drop(subscription);
}

#[test]
fn watch_does_not_keep_its_live_alive() {
    // Of waits that are long, and short.
    for every in [Every::seconds(3600), Every::new(OFTEN)] {
        let captured = Arc::new(());
        let source = {
            let captured = captured.clone();
            move || {
                _ = &captured;
                Ok(ConfigVars::from_iter([("PORT", "1")]))
            }
        };
        let live = Live::from_vars(source).unwrap();
        let watch = live.watch(every).unwrap();
        drop(live);
        wait_until("the source is dropped", || Arc::strong_count(&captured) == 1);
        drop(watch);
    }
}

#[test]
fn watch_drops_expired_previous_values() {
    let url = |password: u32| format!("mysql://app:{password}@db.example/shop");
    let script = ScriptedSource::new([("JAWSDB_URL", url(1))]);
    let (clock, live) = live_by_clock(&script);
    let mapped = live.map(|vars| Ok(vars.only::<MysqlUrl>()?)).unwrap();
    let _watch = live.watch(Every::seconds(3600).jitter_percent(0)).unwrap();
    let vars = Arc::downgrade(&live.load_full());
    let mapped_url = Arc::downgrade(&mapped.load_full());
    script.set("JAWSDB_URL", &url(2));
    live.reload().unwrap();
    assert!(
        vars.strong_count() > 0 && mapped_url.strong_count() > 0,
        "no grace period"
    );
    // No call touches them after that.
    clock.advance(Duration::from_secs(300));
    wait_until("it is dropped", || vars.strong_count() == 0);
    wait_until("what is mapped is dropped", || mapped_url.strong_count() == 0);
}

#[cfg(feature = "notify")]
#[test]
fn source_without_paths_cannot_be_watched_for_changes() {
    let error = live(&script()).watch(OnChange::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unwatchable);
    assert_eq!(
        error.to_string(),
        "the source has no files or folders whose change could be watched; poll it with `Every` instead"
    );
}

/// Files, changed in every way that there is.
#[cfg(all(unix, feature = "notify"))]
mod files {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::{Path, PathBuf};
    use std::sync::atomic::AtomicU32;
    use tempfile::TempDir;

    const STEPS: u32 = 1000;

    /// A file that holds one number and a line break; without that, it is half written.
    struct NumberFile(PathBuf);

    impl Source for NumberFile {
        fn read(&self) -> Result<ConfigVars, Error> {
            let text = fs::read_to_string(&self.0).map_err(|_| Error::custom("it is not there"))?;
            let number = text
                .strip_suffix('\n')
                .ok_or(Error::custom("it is half written"))?;
            Ok(ConfigVars::from_iter([("PORT", number)]))
        }

        fn paths(&self) -> Vec<PathBuf> {
            vec![self.0.clone()]
        }
    }

    fn often() -> Trigger {
        Every::new(OFTEN).into()
    }

    /// With a poll that does not come to its aid.
    fn on_change() -> Trigger {
        OnChange::new().debounce(OFTEN).poll(Every::seconds(3600)).into()
    }

    fn write(path: &Path, number: u32) {
        fs::write(path, format!("{number}\n")).unwrap();
    }

    /// As Kubernetes does it: a new folder, a new link to it, over the old one. An old folder is removed with the next swap
    /// only, so that it is the swap that must be seen, and not the end of what was there before.
    fn swap_data(folder: &Path, number: u32) {
        let data = folder.join(format!("..data-{number}"));
        fs::create_dir(&data).unwrap();
        write(&data.join("number"), number);
        symlink(data.file_name().unwrap(), folder.join("..data_tmp")).unwrap();
        fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
        if let Some(old) = number.checked_sub(2) {
            fs::remove_dir_all(folder.join(format!("..data-{old}"))).unwrap();
        }
    }

    fn rename_over(path: &Path, number: u32) {
        let new = path.with_extension("new");
        write(&new, number);
        fs::rename(new, path).unwrap();
    }

    struct Watched {
        live: Live<ConfigVars>,
        changes: Changes,
        _watch: Watch,
    }

    impl Watched {
        fn new(path: PathBuf, trigger: Trigger) -> Self {
            let live = Live::from_vars(NumberFile(path)).unwrap();
            let changes = live.changes();
            let watch = live.watch(trigger).unwrap();
            assert_eq!(watch.fault(), None);
            Self {
                live,
                changes,
                _watch: watch,
            }
        }

        #[track_caller]
        fn sees(&mut self, number: u32) {
            let start = Instant::now();
            while port(&self.live) != number.to_string() {
                let left = BOUND.saturating_sub(start.elapsed());
                assert!(
                    !left.is_zero(),
                    "{number} is not seen, but {}; {}",
                    port(&self.live),
                    self.live.status()
                );
                _ = self.changes.wait(left);
            }
        }
    }

    #[track_caller]
    fn sees_each_step(folder: &TempDir, name: &str, trigger: Trigger, step: impl Fn(u32)) {
        step(0);
        let start = Instant::now();
        let mut watched = Watched::new(folder.path().join(name), trigger.clone());
        for number in 1..=STEPS {
            step(number);
            watched.sees(number);
        }
        println!("{STEPS} steps in {:?}: {trigger:?}", start.elapsed());
    }

    #[track_caller]
    fn sees_each_swap(trigger: Trigger) {
        let folder = tempfile::tempdir().unwrap();
        symlink("..data/number", folder.path().join("number")).unwrap();
        sees_each_step(&folder, "number", trigger, |number| {
            swap_data(folder.path(), number)
        });
    }

    #[track_caller]
    fn sees_each_rename(trigger: Trigger) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("number");
        sees_each_step(&folder, "number", trigger, |number| rename_over(&file, number));
    }

    #[track_caller]
    fn sees_each_rewrite(trigger: Trigger) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("number");
        sees_each_step(&folder, "number", trigger, |number| write(&file, number));
    }

    #[test]
    fn on_change_sees_each_swap() {
        sees_each_swap(on_change());
    }

    #[test]
    fn on_change_sees_each_rename() {
        sees_each_rename(on_change());
    }

    #[test]
    fn on_change_sees_each_rewrite() {
        sees_each_rewrite(on_change());
    }

    #[test]
    fn every_sees_each_swap() {
        sees_each_swap(often());
    }

    #[test]
    fn every_sees_each_rename() {
        sees_each_rename(often());
    }

    #[test]
    fn every_sees_each_rewrite() {
        sees_each_rewrite(often());
    }

    /// The source is the folder, and not the file.
    struct NumberFolder(PathBuf);

    impl Source for NumberFolder {
        fn read(&self) -> Result<ConfigVars, Error> {
            NumberFile(self.0.join("number")).read()
        }

        fn paths(&self) -> Vec<PathBuf> {
            vec![self.0.clone()]
        }
    }

    #[test]
    fn folder_as_source_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let binding = folder.path().join("binding");
        fs::create_dir(&binding).unwrap();
        symlink("..data/number", binding.join("number")).unwrap();
        swap_data(&binding, 0);
        symlink("binding/number", folder.path().join("number")).unwrap();
        let live = Live::from_vars(NumberFolder(folder.path().to_owned())).unwrap();
        let mut watched = Watched {
            changes: live.changes(),
            _watch: live.watch(on_change()).unwrap(),
            live,
        };
        for number in 1..=10 {
            swap_data(&binding, number);
            watched.sees(number);
        }
        // In place, behind two links.
        for number in 11..=20 {
            write(&folder.path().join("number"), number);
            watched.sees(number);
        }
    }

    /// The watch asks the source for its paths, and not for its config vars.
    #[test]
    fn named_files_are_watched_without_another_read_of_the_source() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("first"), folder.path().join("second"));
        write(&first, 1);
        write(&second, 100);
        let script = ScriptedSource::new([("PORT_FILE", first.to_str().unwrap())]);
        let live = Live::from_vars(FileVars::new(script.clone(), ["PORT"])).unwrap();
        let watch = live.watch(on_change()).unwrap();
        assert_eq!(watch.fault(), None);
        assert!(script.wait_for_reads(2, BOUND));
        let before = reads_at_rest(&script);
        assert_eq!(before, 2, "the start, and the beginning of the watch");
        rename_over(&first, 2);
        wait_until("the change is seen", || port(&live) == "2");
        assert_eq!(reads_at_rest(&script), before + 1);
        // The source now names another file, whose changes must be seen as well.
        script.set("PORT_FILE", second.to_str().unwrap());
        rename_over(&first, 3);
        wait_until("the other file is read", || port(&live) == "100");
        assert_eq!(
            reads_at_rest(&script),
            before + 3,
            "and once more, after its folder is watched"
        );
        rename_over(&second, 101);
        wait_until("the change of the other file is seen", || port(&live) == "101");
    }

    #[test]
    fn folder_that_is_removed_and_recreated_is_followed() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a/b");
        fs::create_dir_all(&folder).unwrap();
        write(&folder.join("number"), 0);
        let mut watched = Watched::new(folder.join("number"), on_change());
        for number in 1..=50 {
            // A folder, and the one above it.
            let gone = if number % 2 == 0 {
                folder.clone()
            } else {
                root.path().join("a")
            };
            fs::remove_dir_all(gone).unwrap();
            if number % 3 == 0 {
                wait_until("it is missed", || !watched.live.status().is_fresh());
            }
            fs::create_dir_all(&folder).unwrap();
            rename_over(&folder.join("number"), number);
            watched.sees(number);
        }
        // Another in its place, by a rename.
        for number in 51..=60 {
            let (new, old) = (root.path().join("new"), root.path().join("old"));
            fs::create_dir(&new).unwrap();
            write(&new.join("number"), number);
            fs::rename(&folder, &old).unwrap();
            fs::rename(&new, &folder).unwrap();
            watched.sees(number);
            fs::remove_dir_all(&old).unwrap();
        }
    }

    #[test]
    fn path_through_a_linked_folder_is_followed() {
        let root = tempfile::tempdir().unwrap();
        let (one, two) = (root.path().join("one"), root.path().join("two"));
        for folder in [&one, &two] {
            fs::create_dir(folder).unwrap();
            write(&folder.join("number"), 0);
        }
        let link = root.path().join("link");
        symlink("one", &link).unwrap();
        let mut watched = Watched::new(link.join("number"), on_change());
        for number in (1..100).step_by(3) {
            let (here, there) = if number % 2 == 1 {
                (&one, &two)
            } else {
                (&two, &one)
            };
            rename_over(&here.join("number"), number);
            watched.sees(number);
            write(&here.join("number"), number + 1);
            watched.sees(number + 1);
            // The link itself goes elsewhere.
            write(&there.join("number"), number + 2);
            let new = root.path().join("new");
            symlink(there, &new).unwrap();
            fs::rename(&new, &link).unwrap();
            watched.sees(number + 2);
        }
    }

    #[test]
    fn circular_links_terminate() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("number"), 0);
        let mut watched = Watched::new(folder.path().join("number"), on_change());
        fs::remove_file(folder.path().join("number")).unwrap();
        symlink("number", folder.path().join("number")).unwrap();
        wait_until("it is missed", || !watched.live.status().is_fresh());
        rename_over(&folder.path().join("number"), 1);
        watched.sees(1);
    }

    #[test]
    fn poll_finds_changes_without_an_event() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("number");
        write(&file, 0);
        // A debounce so long that nothing is ever read for what is told.
        let trigger = OnChange::new().debounce(Duration::MAX).poll(Every::new(OFTEN));
        let mut watched = Watched::new(file.clone(), trigger.into());
        for number in 1..=100 {
            rename_over(&file, number);
            watched.sees(number);
        }
    }

    #[test]
    fn change_before_the_watch_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("number");
        write(&file, 0);
        let live = Live::from_vars(NumberFile(file.clone())).unwrap();
        write(&file, 1);
        let mut watched = Watched {
            changes: live.changes(),
            _watch: live.watch(on_change()).unwrap(),
            live,
        };
        watched.sees(1);
    }

    #[test]
    fn continuous_changes_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("number");
        write(&file, 0);
        let trigger = OnChange::new()
            .debounce(Duration::from_millis(100))
            .poll(Every::seconds(3600));
        let mut watched = Watched::new(file.clone(), trigger.into());
        let number = Arc::new(AtomicU32::new(1));
        let writer = std::thread::spawn({
            let (file, number) = (file.clone(), number.clone());
            move || {
                while number.load(SeqCst) > 0 {
                    rename_over(&file, number.load(SeqCst));
                }
            }
        });
        watched.sees(1);
        number.store(2, SeqCst);
        watched.sees(2);
        number.store(0, SeqCst);
        writer.join().unwrap();
    }

    /// To be told of one's own reads would be to read for ever.
    #[test]
    fn reads_do_not_cause_reads() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("number");
        write(&file, 0);
        let script = ScriptedSource::new([("PORT", "0")]);
        struct Both(NumberFolder, ScriptedSource);
        impl Source for Both {
            fn read(&self) -> Result<ConfigVars, Error> {
                self.1.read()?;
                fs::read_dir(&self.0.0).unwrap().for_each(drop);
                self.0.read()
            }
            fn paths(&self) -> Vec<PathBuf> {
                self.0.paths()
            }
        }
        let live = Live::from_vars(Both(NumberFolder(folder.path().to_owned()), script.clone())).unwrap();
        let watch = live.watch(on_change()).unwrap();
        // The first, and the one as the watch begins.
        assert!(script.wait_for_reads(2, BOUND));
        assert_eq!(reads_at_rest(&script), 2);
        drop(watch);
    }

    /// The number of entries that are examined is limited.
    #[test]
    fn path_beside_a_folder_of_many_links_is_followed() {
        struct Beside(NumberFile, PathBuf);
        impl Source for Beside {
            fn read(&self) -> Result<ConfigVars, Error> {
                self.0.read()
            }
            fn paths(&self) -> Vec<PathBuf> {
                [vec![self.1.clone()], self.0.paths()].concat()
            }
        }
        let root = tempfile::tempdir().unwrap();
        let (many, beside) = (root.path().join("a"), root.path().join("b"));
        for folder in [&many, &beside] {
            fs::create_dir(folder).unwrap();
        }
        for number in 0..2_000 {
            symlink("..data/number", many.join(format!("link{number}"))).unwrap();
        }
        let file = beside.join("number");
        write(&file, 0);
        let live = Live::from_vars(Beside(NumberFile(file.clone()), many)).unwrap();
        let mut watched = Watched {
            changes: live.changes(),
            _watch: live.watch(on_change()).unwrap(),
            live,
        };
        for number in 1..=10 {
            rename_over(&file, number);
            watched.sees(number);
        }
    }

    /// Files in a busy folder that are not the source's cause no reads.
    #[cfg(target_os = "linux")]
    #[test]
    fn changes_of_other_files_do_not_cause_reads() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("number");
        write(&file, 0);
        let script = ScriptedSource::new([("PORT", "0")]);
        struct Both(NumberFile, ScriptedSource);
        impl Source for Both {
            fn read(&self) -> Result<ConfigVars, Error> {
                self.1.read()?;
                self.0.read()
            }
            fn paths(&self) -> Vec<PathBuf> {
                self.0.paths()
            }
        }
        let live = Live::from_vars(Both(NumberFile(file.clone()), script.clone())).unwrap();
        let watch = live.watch(on_change()).unwrap();
        assert!(script.wait_for_reads(2, BOUND));
        for number in 0..100 {
            write(&folder.path().join("neighbour"), number);
        }
        assert_eq!(reads_at_rest(&script), 2);
        write(&file, 1);
        assert!(script.wait_for_reads(3, BOUND));
        drop(watch);
    }
}
