//! `Live` on real files: each roll is seen by either watch, and whatever is odd about the files changes nothing.
#![cfg(all(unix, feature = "notify"))]

use config_vars::*;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

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
    let live: Live<MysqlUrl> = Live::with(source, |vars| vars.url("JAWSDB_URL")).unwrap();
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
fn every_swap_of_a_mounted_secret_is_seen() {
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
fn every_rename_of_an_env_file_is_seen() {
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
fn every_rewrite_of_an_env_file_is_seen() {
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
fn odd_files_are_errors_and_change_nothing() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("mounted");
    fs::create_dir(&folder).unwrap();
    let var = folder.join("JAWSDB_URL");
    fs::write(&var, url(0)).unwrap();
    let live: Live<MysqlUrl> = Live::with(EnvDir::new(&folder), |vars| vars.url("JAWSDB_URL")).unwrap();

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
