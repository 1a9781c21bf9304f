//! Config vars that are remembered in a file: when they are used, and when not.

use crate::util::exposed;
use config_vars::{ConfigVars, EnvDir, EnvFile, Error, ErrorKind, Live, MysqlUrl, Remembered, Source};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;
use tempfile::TempDir;

const SECRET: &str = "Zq7Xw9Kv3Jh5Gf8B";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A source that can be away, and be another generation.
struct Store {
    folder: TempDir,
}

impl Store {
    fn new() -> Self {
        let store = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        store.write(1);
        store
    }

    fn env(&self) -> PathBuf {
        self.folder.path().join("app.env")
    }

    fn kept(&self) -> PathBuf {
        self.folder.path().join("kept")
    }

    fn write(&self, number: u32) {
        let url = format!(
            "JAWSDB_URL='mysql://app:{SECRET}{number}@db.example/shop'\nTEXT='a\nb \"c\" ä'\nEMPTY=\n"
        );
        fs::write(self.env(), url).unwrap();
    }

    fn leave(&self) {
        fs::remove_file(self.env()).unwrap();
    }

    /// As a process has it when it starts.
    fn source(&self) -> Remembered<EnvFile> {
        EnvFile::new(self.env()).remembered(self.kept(), DAY).unwrap()
    }
}

fn all(vars: &ConfigVars) -> Vec<(String, Option<String>, Option<String>)> {
    let of = |(name, value): (&str, &config_vars::ConfigValue)| {
        let value = exposed(value.secret()).map(ToOwned::to_owned);
        (name.to_owned(), value, vars.origin(name).map(ToOwned::to_owned))
    };
    vars.iter().map(of).collect()
}

#[track_caller]
fn is_away(source: &impl Source) {
    let error = source.read().map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnreadableSource, "{error}");
    assert!(
        error
            .to_string()
            .ends_with("app.env: is not there; mount or write it, or correct the path"),
        "{error}"
    );
}

fn entries(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn start_without_the_source_has_the_last_good() {
    let store = Store::new();
    let read = store.source().read().unwrap();
    assert_eq!(
        fs::metadata(store.kept()).unwrap().permissions().mode() & 0o7777,
        0o600
    );
    assert_eq!(entries(store.folder.path()), ["app.env", "kept"]);
    store.leave();

    let source = Arc::new(store.source());
    let live = Live::from_vars(source.clone()).unwrap();
    assert_eq!(all(&live.load()), all(&read));
    let status = live.status();
    assert!(!status.is_fresh());
    assert!(status.remembered_age().unwrap() < DAY);
    assert_eq!(status.source_error().unwrap().kind(), ErrorKind::UnreadableSource);
    let text = format!("{status} {status:?} {source:?}");
    assert!(text.contains("values that were remembered"), "{text}");
    assert!(
        !text.contains(&SECRET[..8]) && !text.contains(&SECRET[8..]),
        "{text}"
    );
    live.reload().unwrap();
    assert!(live.status().remembered_from().is_some());

    // The same values: confirmed.
    store.write(1);
    live.reload().unwrap();
    assert!(live.status().is_fresh(), "{}", live.status());
    assert!(live.status().remembered_age().is_none());
    // From now on, a failure is one, and the last good stays.
    store.leave();
    assert!(live.reload().is_err());
    assert!(live.status().remembered_from().is_none() && !live.status().is_fresh());
    is_away(&source);
    is_away(&source);
}

#[test]
fn roll_while_values_are_remembered_is_followed_and_kept() {
    let store = Store::new();
    store.source().read().unwrap();
    store.leave();
    let live = Live::from_vars(store.source()).unwrap();
    store.write(2);
    live.reload().unwrap();
    assert!(live.status().is_fresh(), "{}", live.status());
    store.leave();
    let url: MysqlUrl = store.source().read().unwrap().url("JAWSDB_URL").unwrap();
    assert_eq!(exposed(url.password()), Some(&*format!("{SECRET}2")));
}

#[test]
fn file_that_is_not_sound_is_not_used() {
    type Spoil = fn(&Store);
    let rows: &[(&str, Spoil)] = &[
        ("gone", |store| fs::remove_file(store.kept()).unwrap()),
        ("empty", |store| fs::write(store.kept(), "").unwrap()),
        ("half", |store| {
            let text = fs::read(store.kept()).unwrap();
            fs::write(store.kept(), &text[..text.len() / 2]).unwrap();
        }),
        ("altered", |store| {
            let text = fs::read_to_string(store.kept()).unwrap();
            fs::write(store.kept(), text.replace("db.example", "db.exbmple")).unwrap();
        }),
        ("not text", |store| fs::write(store.kept(), b"\xff").unwrap()),
        ("readable by the group", |store| mode(&store.kept(), 0o640)),
        ("readable by all", |store| mode(&store.kept(), 0o604)),
        ("in a folder that others may write", |store| {
            mode(store.folder.path(), 0o770)
        }),
        ("a symlink", |store| {
            let other = store.folder.path().join("elsewhere");
            fs::rename(store.kept(), &other).unwrap();
            symlink(&other, store.kept()).unwrap();
        }),
        ("a hard link", |store| {
            fs::hard_link(store.kept(), store.folder.path().join("elsewhere")).unwrap();
        }),
        ("a directory", |store| {
            fs::remove_file(store.kept()).unwrap();
            fs::create_dir(store.kept()).unwrap();
        }),
    ];
    let check = |case: &str, spoil: Spoil| {
        let store = Store::new();
        store.source().read().unwrap();
        store.leave();
        assert!(store.source().read().is_ok(), "{case}");
        let source = store.source();
        spoil(&store);
        assert!(source.read().is_err(), "{case}");
        is_away(&source);
    };
    // At the same time, because most of it is waiting.
    std::thread::scope(|scope| {
        for (case, spoil) in rows {
            scope.spawn(|| check(case, *spoil));
        }
    });
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn file_of_another_source_or_too_old_is_not_used() {
    let store = Store::new();
    store.source().read().unwrap();
    store.leave();
    let kept = store.kept();
    // Another type; the same type with another path; too old.
    let folder = EnvDir::new(store.env()).remembered(&kept, DAY).unwrap();
    is_away(&folder);
    let other = EnvFile::new(store.folder.path().join("other-app.env"))
        .remembered(&kept, DAY)
        .unwrap();
    is_away(&other);
    is_away(
        &EnvFile::new(store.env())
            .remembered(&kept, Duration::ZERO)
            .unwrap(),
    );
    assert!(store.source().read().is_ok());
}

#[test]
fn folder_that_others_may_write_is_an_error_at_once() {
    let store = Store::new();
    mode(store.folder.path(), 0o777);
    let error = EnvFile::new(store.env())
        .remembered(store.kept(), DAY)
        .map(drop)
        .unwrap_err();
    assert!(
        error.to_string().ends_with(
            "kept: may be written by other users, here or in a directory above; remember config vars in a directory that \
             belongs to the app's user, with mode 0700"
        ),
        "{error}"
    );
    let gone = store.folder.path().join("gone/kept");
    assert!(EnvFile::new(store.env()).remembered(gone, DAY).is_err());
}

#[test]
fn read_succeeds_if_the_file_cannot_be_written() {
    let store = Store::new();
    let source = store.source();
    mode(store.folder.path(), 0o777);
    assert!(source.read().is_ok());
    assert_eq!(entries(store.folder.path()), ["app.env"]);
    // It is tried again.
    mode(store.folder.path(), 0o700);
    assert!(source.read().is_ok());
    assert_eq!(entries(store.folder.path()), ["app.env", "kept"]);
}

#[test]
fn file_is_written_when_something_changed() {
    let store = Store::new();
    let source = store.source();
    let modified = || fs::metadata(store.kept()).unwrap().modified().unwrap();
    source.read().unwrap();
    let first = modified();
    for _ in 0..3 {
        source.read().unwrap();
    }
    assert_eq!(modified(), first);
    store.write(2);
    source.read().unwrap();
    assert_ne!(modified(), first);
}

#[test]
fn values_that_a_server_refused_are_not_used_again() {
    let store = Store::new();
    store.source().read().unwrap();
    store.leave();
    let source = Arc::new(store.source());
    let live = Live::builder(source.clone())
        .max_retries(0)
        .retry_timeout(Duration::from_millis(50))
        .build_fn(|vars| vars.url::<MysqlUrl>("JAWSDB_URL"))
        .unwrap();
    let refused = live.retry_on_blocking(|_: &&str| true, |_url| Err::<(), _>("refused"));
    assert!(refused.is_err());
    assert!(!store.kept().exists());
    is_away(&source);
    is_away(&store.source());
    // They are not kept either while the source still has them.
    store.write(1);
    source.read().unwrap();
    assert!(!store.kept().exists());
    store.write(2);
    source.read().unwrap();
    assert!(store.kept().exists());
}

#[test]
fn source_that_refuses_the_process_ends_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let closed = folder.path().join("app.env");
    fs::write(&closed, format!("TOKEN={SECRET}")).unwrap();
    let source = || EnvFile::new(&closed).remembered(&kept, DAY).unwrap();
    source().read().unwrap();
    mode(&closed, 0o000);
    if fs::File::open(&closed).is_ok() {
        println!("skipped: this user may read every file");
        return;
    }
    assert!(source().read().is_err());
    assert!(!kept.exists());
}

#[test]
fn errors_of_the_app_count_as_failed_reads() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let number = Arc::new(AtomicU32::new(0));
    let source = || {
        let number = number.clone();
        let read = move || match number.fetch_add(1, SeqCst) {
            0 => Ok(ConfigVars::from_iter([("PORT", "80")])),
            _ => Err(Error::custom("the store is down").into()),
        };
        read.remembered(&kept, DAY).unwrap()
    };
    source().read().unwrap();
    let live = Live::from_vars(source()).unwrap();
    assert_eq!(live.load().len(), 1);
    assert_eq!(
        live.status().source_error().unwrap().to_string(),
        "the store is down"
    );
}
