//! Process-wide effects of `Live::watch`: threads, a signal, limits. The parts of the one test follow
//! each other, so that none disturbs another; and no other test is in this process.
#![cfg(all(target_os = "linux", feature = "test-util"))]

#[path = "it/util.rs"]
mod util;

use config_vars::test_util::ScriptedSource;
use config_vars::*;
#[cfg(any(feature = "notify", feature = "signal"))]
use std::time::Duration;
#[cfg(any(feature = "notify", feature = "signal"))]
use util::BOUND;
use util::wait_until;

/// How many threads of this crate the process has.
fn threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks
        .flatten()
        .flat_map(|task| std::fs::read_to_string(task.path().join("comm")));
    names
        .filter(|name| name.starts_with("config-vars") || name.starts_with("notify-rs"))
        .count()
}

fn live() -> (ScriptedSource, Live<ConfigVars>) {
    let script = ScriptedSource::new([("PORT", "1")]);
    (script.clone(), Live::from_vars(script).unwrap())
}

#[test]
fn watch_affects_the_process_only_as_documented() {
    threads_end();
    #[cfg(feature = "signal")]
    hangup();
    #[cfg(feature = "notify")]
    limits();
}

/// Threads end during a wait of an hour, too.
fn threads_end() {
    let (_, live) = live();
    let watches: Vec<Watch> = (0..3)
        .map(|_| live.watch(Every::seconds(3600)).unwrap())
        .collect();
    // A thread gives itself its name.
    wait_until("the threads are there", || threads() == 3);
    drop(watches);
    wait_until("the threads end with their watches", || threads() == 0);
    live.watch(Every::seconds(3600)).unwrap().detach();
    wait_until("the thread is there", || threads() == 1);
    drop(live);
    wait_until("the thread ends with its live", || threads() == 0);
}

#[cfg(feature = "signal")]
fn hangup() {
    let hang_up = || {
        let pid = std::process::id().to_string();
        let sent = std::process::Command::new("kill").args(["-HUP", &pid]).status();
        assert!(sent.unwrap().success());
    };
    let (script, live) = live();
    let watch = live.watch(OnHangup::new()).unwrap();
    assert_eq!(watch.next_in(), None);
    let mut changes = live.changes();
    for number in 2..20 {
        script.set("PORT", &number.to_string());
        hang_up();
        assert!(changes.wait(BOUND).is_some());
        assert_eq!(
            live.load().require("PORT").unwrap().expose_secret(),
            number.to_string()
        );
    }
    // While reads fail, they are tried again.
    script.fail();
    hang_up();
    wait_until("a next date", || watch.next_in().is_some());
    assert!(watch.next_in() > Some(Duration::from_secs(40)));
    script.recover();
    hang_up();
    wait_until("no next date", || watch.next_in().is_none());
    // A second watch is told as well; one that is dropped is not, and the process lives.
    let (other_script, other) = self::live();
    let other_watch = other.watch(OnHangup::new()).unwrap();
    wait_until("the threads are there", || threads() == 4);
    drop(watch);
    wait_until("its threads end", || threads() == 2);
    let reads = script.read_count();
    hang_up();
    assert!(other_script.wait_for_reads(2, BOUND));
    assert_eq!(script.read_count(), reads);
    drop(other_watch);
    wait_until("its threads end", || threads() == 0);
    hang_up();
    assert_eq!(other_script.read_count(), 2);
}

/// With all of the file descriptors in use, there is no watcher to be had: then there is the poll, and a fault that says
/// so, until there is one again.
#[cfg(feature = "notify")]
fn limits() {
    const CHILD: &str = "CONFIG_VARS_TEST_LIMITS";
    if std::env::var_os(CHILD).is_none() {
        let child = std::process::Command::new("sh")
            .args([
                "-c",
                "ulimit -n 64; exec \"$0\" --exact watch_affects_the_process_only_as_documented --nocapture",
            ])
            .arg(std::env::current_exe().unwrap())
            .env(CHILD, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success() && said.contains("1 passed"), "{child:?}");
        return;
    }
    struct Here(ScriptedSource);
    impl Source for Here {
        fn read(&self) -> Result<ConfigVars, Error> {
            self.0.read()
        }
        fn paths(&self) -> Vec<std::path::PathBuf> {
            vec![std::env::temp_dir().join("config-vars-no-such-file")]
        }
    }
    let script = ScriptedSource::new([("PORT", "1")]);
    let live = Live::from_vars(Here(script.clone())).unwrap();
    let mut all = Vec::new();
    while let Ok(file) = std::fs::File::open("/dev/null") {
        all.push(file);
    }
    let trigger = OnChange::new().poll(Every::new(Duration::from_millis(1)));
    let watch = live.watch(trigger).unwrap();
    let fault = watch.fault().unwrap();
    assert_eq!(fault.kind(), ErrorKind::Unwatchable);
    assert_eq!(
        fault.to_string(),
        "changes of files are not seen at once, because a limit of the system is reached (raise that of open files; \
         on Linux, `fs.inotify.max_user_watches` or `max_user_instances`); until that is fixed, the slow poll finds them"
    );
    assert!(script.wait_for_reads(5, BOUND));
    drop(all);
    wait_until("the fault is over", || watch.fault().is_none());
}
