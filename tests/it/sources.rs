//! The sources: what they read, what they refuse, and that they never read half of a state.
//!
//! Files are given a time of modification that is long ago, so that a read need not wait for them to be at rest.

use crate::util::exposed;
use config_vars::{
    AmqpUrl, Component, ConfigVars, EnvDir, EnvFile, Error, ErrorKind, FileVars, KafkaUrl, MemcacheUrl,
    MongoUrl, MysqlUrl, PostgresUrl, ProcessEnv, RedisUrl, ServiceBindings, Source, Tls,
};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;

const SECRET: &str = "Zq7Xw9Kv3Jh5Gf8B";

fn long_ago(path: &Path) {
    let time = SystemTime::now() - Duration::from_secs(60);
    let mut options = File::options();
    options.read(true);
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt;
        // FILE_WRITE_ATTRIBUTES, and FILE_FLAG_BACKUP_SEMANTICS for folders.
        options.access_mode(0x0100).custom_flags(0x0200_0000);
    }
    options.open(path).unwrap().set_modified(time).unwrap();
}

fn write(path: &Path, content: impl AsRef<[u8]>) {
    fs::write(path, content).unwrap();
    long_ago(path);
}

/// Names and values.
type Vars<'t> = &'t [(&'t str, &'t str)];

/// Names and contents.
type Files<'t> = &'t [(&'t str, &'t [u8])];

/// A folder with these files.
fn folder(files: Files<'_>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        write(&path, content);
        long_ago(path.parent().unwrap());
    }
    long_ago(folder.path());
    folder
}

/// All vars, values in clear; `None` of what is not Unicode.
fn all(vars: &ConfigVars) -> Vec<(&str, Option<&str>)> {
    vars.iter()
        .map(|(name, value)| (name, exposed(value.secret())))
        .collect()
}

/// The message of a source that must fail, in which nothing may be secret; the folder is called `<folder>`.
#[track_caller]
fn failure(source: &(impl Source + std::fmt::Debug), folder: &Path) -> (ErrorKind, String) {
    let error = source.read().expect_err("the source can be read");
    let output = format!("{error} {error:?} {source:?} {error:#?}");
    assert!(
        !output.contains(&SECRET[..8]) && !output.contains(&SECRET[8..]),
        "{output}"
    );
    // Shown as a name is: with escapes, in a path of Windows.
    let folder = folder.to_str().unwrap().escape_debug().to_string();
    let message = error.to_string().replace(&folder, "<folder>");
    (error.kind(), message.replace(r"<folder>\\", "<folder>/"))
}

#[test]
fn a_value_loses_one_line_break() {
    let rows: &[(&[u8], Option<&str>)] = &[
        (b"pw", Some("pw")),
        (b"pw\n", Some("pw")),
        (b"pw\r\n", Some("pw")),
        (b"pw\n\n", Some("pw\n")),
        (b"pw\r\n\r\n", Some("pw\r\n")),
        (b"pw\n\r\n", Some("pw\n")),
        (b"pw\r", Some("pw\r")),
        (b" pw \n", Some(" pw ")),
        (b"\xEF\xBB\xBFpw", Some("\u{feff}pw")),
        (b"a\nb\n", Some("a\nb")),
        (b"\n", Some("")),
        (b"", Some("")),
        (b"\0\n", Some("\0")),
        (b"pw\xFF\n", None),
    ];
    // All in one folder, because a read waits until what was just written is at rest.
    let names: Vec<String> = (0..rows.len()).map(|row| format!("A{row:02}")).collect();
    let named = || names.iter().map(String::as_str).zip(rows);
    let files: Vec<(&str, &[u8])> = named().map(|(name, (content, _))| (name, *content)).collect();
    let expected: Vec<_> = named().map(|(name, (_, expected))| (name, *expected)).collect();
    let dir = folder(&files);
    assert_eq!(all(&EnvDir::new(dir.path()).read().unwrap()), expected);
    let paths = names
        .iter()
        .map(|name| (format!("{name}_FILE"), dir.path().join(name).into_os_string()));
    let environment = ConfigVars::from_iter(paths);
    let vars = FileVars::new(move || Ok(environment.clone()), &names)
        .read()
        .unwrap();
    assert_eq!(all(&vars), expected);
}

#[test]
fn a_folder_of_values() {
    let dir = folder(&[
        ("db_password", b"s3cret\n"),
        ("jawsdb-url", b"mysql://app:pw@db.example/shop\n"),
        ("tls.crt", b"\xFF\xFE"),
        (".hidden", b"x"),
        ("folder/x", b"x"),
        ("é", b"x"),
    ]);
    let source = EnvDir::new(dir.path());
    let vars = source.read().unwrap();
    assert_eq!(
        all(&vars),
        [
            ("db_password", Some("s3cret")),
            ("jawsdb-url", Some("mysql://app:pw@db.example/shop")),
            ("tls.crt", None),
            ("é", Some("x")),
        ]
    );
    assert_eq!(vars.origin("db_password"), dir.path().to_str());
    assert_eq!(source.paths(), [dir.path()]);
    let vars = source.with_uppercase_names().read().unwrap();
    let names: Vec<_> = vars.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["DB_PASSWORD", "JAWSDB_URL", "TLS_CRT", "é"]);
    assert_eq!(vars.only::<MysqlUrl>().unwrap().database(), Some("shop"));
    assert_eq!(vars.require("TLS_CRT").unwrap_err().kind(), ErrorKind::NotUnicode);

    // A symlink to a file is a file, as it is in Nix's and Kubernetes' folders.
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(dir.path().join("db_password"), dir.path().join("linked")).unwrap();
        long_ago(dir.path());
        let vars = EnvDir::new(dir.path()).read().unwrap();
        assert_eq!(exposed(vars.get("linked")), Some("s3cret"));
    }
    let empty = folder(&[]);
    assert!(EnvDir::new(empty.path()).read().unwrap().is_empty());
}

#[test]
fn what_a_folder_refuses() {
    let twins = folder(&[("db-url", SECRET.as_bytes()), ("db.url", SECRET.as_bytes())]);
    assert_eq!(EnvDir::new(twins.path()).read().unwrap().len(), 2);
    assert_eq!(
        failure(&EnvDir::new(twins.path()).with_uppercase_names(), twins.path()),
        (
            ErrorKind::Ambiguous,
            "<folder>: DB_URL: is given by two entries; rename one of them".to_owned()
        )
    );
    let dir = folder(&[("A", SECRET.as_bytes())]);
    assert_eq!(
        failure(&EnvDir::new(dir.path().join("gone")), dir.path()),
        (
            ErrorKind::UnreadableSource,
            "<folder>/gone: is not there; mount or write it, or correct the path".to_owned()
        )
    );
    assert_eq!(
        failure(&EnvDir::new(dir.path().join("A")), dir.path()),
        (
            ErrorKind::UnreadableSource,
            "<folder>/A: is not a directory; mount one there, or correct the path".to_owned()
        )
    );
    // 1 GiB, of which nothing is written.
    File::create(dir.path().join("B"))
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    assert_eq!(
        failure(&EnvDir::new(dir.path()), dir.path()).1,
        "<folder>: B: is larger than 1 MiB, which no config var needs; correct the path, or move other files away"
    );
    let many = folder(&[]);
    for index in 0..65 {
        File::create(many.path().join(format!("V{index}")))
            .unwrap()
            .set_len(1 << 20)
            .unwrap();
    }
    assert_eq!(
        failure(&EnvDir::new(many.path()), many.path()).1,
        "<folder>: is larger than 64 MiB, which no config var needs; correct the path, or move other files away"
    );
    let many = folder(&[]);
    for index in 0..10_001 {
        File::create(many.path().join(format!("V{index}"))).unwrap();
    }
    assert_eq!(
        failure(&EnvDir::new(many.path()), many.path()).1,
        "<folder>: has more than 10000 entries, which no app needs; correct the path, or move other files away"
    );
    fs::remove_file(many.path().join("V0")).unwrap();
    assert_eq!(EnvDir::new(many.path()).read().unwrap().len(), 10_000);
}

#[test]
fn an_env_file() {
    let dir = folder(&[
        ("app.env", b"A=1\nexport B='2'"),
        ("empty.env", b""),
        ("bom.env", b"\xEF\xBB\xBFA=1\n"),
    ]);
    let read = |name: &str| EnvFile::new(dir.path().join(name)).read().unwrap();
    let vars = read("app.env");
    assert_eq!(all(&vars), [("A", Some("1")), ("B", Some("2"))]);
    assert_eq!(
        vars.origin("A").map(PathBuf::from),
        Some(dir.path().join("app.env"))
    );
    assert!(read("empty.env").is_empty());
    assert_eq!(all(&read("bom.env")), [("A", Some("1"))]);
}

#[test]
fn what_an_env_file_refuses() {
    let secret = |format: &str| format.replace("{}", SECRET).into_bytes();
    let utf16: Vec<u8> = format!("\u{feff}A={SECRET}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let rows: &[(&[u8], ErrorKind, &str)] = &[
        (
            &utf16,
            ErrorKind::InvalidSource,
            "is not UTF-8 text; write it again, as `NAME=value` lines",
        ),
        (
            &[secret("A={}"), vec![0; 100]].concat(),
            ErrorKind::InvalidSource,
            "is not UTF-8 text; write it again, as `NAME=value` lines",
        ),
        (
            &[secret("A={}").as_slice(), b"\xC3"].concat(),
            ErrorKind::InvalidSource,
            "is not UTF-8 text; write it again, as `NAME=value` lines",
        ),
        (
            &secret("A=1\n{}"),
            ErrorKind::InvalidSource,
            "line 2 of the env file has no `NAME=value`; write one, or a `#` before a comment",
        ),
        (
            &secret("A='{}"),
            ErrorKind::InvalidSource,
            "line 1 of the env file opens a quote that nothing closes; close it",
        ),
    ];
    for (content, kind, message) in rows {
        let dir = folder(&[("x", content)]);
        let source = EnvFile::new(dir.path().join("x"));
        assert_eq!(
            failure(&source, dir.path()),
            (*kind, format!("<folder>/x: {message}"))
        );
    }
    let dir = folder(&[("x", b"")]);
    File::create(dir.path().join("x"))
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    let messages = [
        (
            "x",
            "is larger than 4 MiB, which no config var needs; correct the path, or move other files away",
        ),
        ("gone", "is not there; mount or write it, or correct the path"),
        (".", "is not a regular file; put one there, or correct the path"),
    ];
    for (name, message) in messages {
        let source = EnvFile::new(dir.path().join(name));
        assert_eq!(
            failure(&source, dir.path()),
            (ErrorKind::UnreadableSource, format!("<folder>/{name}: {message}"))
        );
    }
}

/// A file that would make a reader wait, or that has no end, is refused unopened.
#[cfg(unix)]
#[test]
fn what_is_no_file() {
    let dir = folder(&[]);
    let fifo = dir.path().join("fifo");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    std::os::unix::fs::symlink("loop", dir.path().join("loop")).unwrap();
    std::os::unix::fs::symlink("/no/such/file", dir.path().join("nowhere")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", dir.path().join("device")).unwrap();
    let rows = [
        (
            "fifo",
            "is not a regular file; put one there, or correct the path",
        ),
        (
            "device",
            "is not a regular file; put one there, or correct the path",
        ),
        ("nowhere", "is not there; mount or write it, or correct the path"),
        ("loop", "cannot be read: "),
    ];
    for (name, message) in rows {
        let path = dir.path().join(name);
        let (kind, told) = failure(&EnvFile::new(&path), dir.path());
        assert_eq!(kind, ErrorKind::UnreadableSource);
        assert!(told.starts_with(&format!("<folder>/{name}: {message}")), "{told}");

        let environment = Given(vec![("A_FILE".to_owned(), path.to_str().unwrap().to_owned())]);
        let (_, told) = failure(&FileVars::new(environment, ["A"]), dir.path());
        assert!(told.starts_with(&format!("A_FILE: the file {message}")), "{told}");

        let one = folder(&[]);
        match name {
            "loop" => std::os::unix::fs::symlink("entry", one.path().join("entry")).unwrap(),
            _ => fs::rename(&path, one.path().join("entry")).unwrap(),
        }
        let (_, told) = failure(&EnvDir::new(one.path()), one.path());
        assert!(told.starts_with(&format!("<folder>: entry: {message}")), "{told}");
    }
}

/// Its length says nothing of its content, so it does not keep changing.
#[cfg(target_os = "linux")]
#[test]
fn file_of_a_false_length_is_no_regular_file() {
    let start = Instant::now();
    for (source, message) in [
        (
            EnvFile::new("/proc/self/status").boxed(),
            "/proc/self/status: is not a regular file; put one there, or correct the path",
        ),
        (
            FileVars::new(
                Given(vec![("A_FILE".to_owned(), "/proc/self/status".to_owned())]),
                ["A"],
            )
            .boxed(),
            "A_FILE: the file is not a regular file; put one there, or correct the path",
        ),
    ] {
        assert_eq!(source.read().unwrap_err().to_string(), message);
    }
    assert!(start.elapsed() < Duration::from_millis(800), "it was waited for");
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let dir = folder(&[("x", SECRET.as_bytes())]);
    let path = dir.path().join("x");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if File::open(&path).is_ok() {
        println!("skipped: this user may read every file");
        return;
    }
    let message = "may not be read by this process; give its user the permission";
    assert_eq!(
        failure(&EnvFile::new(&path), dir.path()).1,
        format!("<folder>/x: {message}")
    );
    assert_eq!(
        failure(&EnvDir::new(dir.path()), dir.path()).1,
        format!("<folder>: x: {message}")
    );
}

#[test]
fn optional_source_is_empty_while_nothing_is_there() {
    let dir = folder(&[("file", b"A=1"), ("folder/A", b"1")]);
    let at = |name: &str| dir.path().join(name);
    #[cfg(unix)]
    for (link, target) in [
        ("dangling", "gone"),
        ("loop", "loop"),
        ("to-folder", "folder"),
        ("to-file", "file"),
    ] {
        std::os::unix::fs::symlink(target, at(link)).unwrap();
    }
    // Each path, and what an env file, a folder and a folder of bindings are there: `None` for an error.
    let mut rows = vec![
        ("gone", [Some(0), Some(0), Some(0)]),
        ("gone/below/it", [Some(0), Some(0), Some(0)]),
        ("folder/gone", [Some(0), Some(0), Some(0)]),
        ("file", [Some(1), None, None]),
        ("folder", [None, Some(1), Some(0)]),
        ("file/below", [None, None, None]),
    ];
    if cfg!(unix) {
        rows.extend([
            ("to-folder/gone", [Some(0), Some(0), Some(0)]),
            ("to-file", [Some(1), None, None]),
            ("dangling", [None, None, None]),
            ("dangling/below", [None, None, None]),
            ("loop", [None, None, None]),
            ("to-file/below", [None, None, None]),
        ]);
    }
    for (path, expected) in rows {
        let path = at(path);
        let sources = [
            EnvFile::optional(&path).boxed(),
            EnvDir::optional(&path).boxed(),
            ServiceBindings::optional(&path).boxed(),
        ];
        let read = sources.map(|source| {
            assert_eq!(source.paths()[0], path);
            source.read().ok().map(|vars| vars.iter().count())
        });
        assert_eq!(read, expected, "{}", path.display());
    }
    assert_eq!(
        failure(&EnvDir::optional(at("file")), dir.path()).1,
        "<folder>/file: is not a directory; mount one there, or correct the path"
    );
    // As the examples have it if the variable with the path is not set.
    assert!(all(&EnvFile::optional("").read().unwrap()).is_empty());
    assert!(EnvFile::optional("").paths().is_empty());
    assert_eq!(all(&EnvFile::optional("no-such-file.env").read().unwrap()), []);

    let source = EnvFile::optional(at("gone")).or(EnvDir::optional(at("gone")));
    assert!(source.read().unwrap().iter().next().is_none());
    write(&at("gone"), "B=2");
    assert_eq!(source.read().unwrap_err().kind(), ErrorKind::UnreadableSource);
    assert_eq!(
        all(&EnvFile::optional(at("gone")).read().unwrap()),
        [("B", Some("2"))]
    );
}

#[test]
fn optional_source_that_may_not_be_searched_is_an_error() {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let dir = folder(&[("closed/x", SECRET.as_bytes())]);
        let closed = dir.path().join("closed");
        let set = |mode| fs::set_permissions(&closed, fs::Permissions::from_mode(mode)).unwrap();
        set(0o000);
        let is_open = fs::symlink_metadata(closed.join("x")).is_ok();
        let read = EnvFile::optional(closed.join("gone")).read();
        set(0o700);
        if is_open {
            println!("skipped: this user may search every folder");
        } else {
            assert_eq!(read.unwrap_err().kind(), ErrorKind::UnreadableSource);
        }
    }
}

#[test]
fn optional_file_that_is_replaced_in_two_steps_is_not_absent_in_between() {
    let dir = folder(&[("app.env", b"A=1")]);
    let [path, new] = ["app.env", "new.env"].map(|name| dir.path().join(name));
    let source = EnvFile::optional(&path);
    let mut rounds = 0;
    while rounds < 10 {
        write(&new, "A=1");
        let begun = Instant::now();
        fs::remove_file(&path).unwrap();
        std::thread::scope(|scope| {
            let rename = scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(5));
                fs::rename(&new, &path).unwrap();
                begun.elapsed()
            });
            let vars = source.read().unwrap();
            // On a busy machine, the writer may take longer than any reader waits.
            if rename.join().unwrap() < Duration::from_millis(30) {
                assert_eq!(all(&vars), [("A", Some("1"))]);
                rounds += 1;
            }
        });
    }
}

/// A source whose `Debug` may be looked at.
#[derive(Debug)]
struct Given(Vec<(String, String)>);

impl Source for Given {
    fn read(&self) -> Result<ConfigVars, Error> {
        Ok(self
            .0
            .iter()
            .map(|(name, value)| (name, value.as_str()))
            .collect())
    }
}

#[test]
fn values_by_the_names_of_files() {
    let dir = folder(&[
        ("password", b"s3cret\n"),
        ("url", b"mysql://app:pw@db.example/shop"),
    ]);
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (password, url) = (path("password"), path("url"));
    let read = |vars: &[(&str, &str)]| {
        let given = Given(
            vars.iter()
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
        );
        FileVars::new(given, ["DB_PASSWORD", "JAWSDB_URL", "UNSET"]).read()
    };
    let vars = read(&[
        ("DB_PASSWORD_FILE", &password),
        ("DB_PASSWORD", ""),
        ("JAWSDB_URL_FILE", &url),
        ("LOG_FILE", "/no/such/log"),
        ("UNSET_FILE", ""),
    ])
    .unwrap();
    assert_eq!(
        all(&vars),
        [
            ("DB_PASSWORD", Some("s3cret")),
            ("JAWSDB_URL", Some("mysql://app:pw@db.example/shop")),
            ("LOG_FILE", Some("/no/such/log")),
            ("UNSET_FILE", Some("")),
        ]
    );
    assert_eq!(vars.origin("JAWSDB_URL"), Some("JAWSDB_URL_FILE"));
    #[derive(Debug)]
    struct Named;
    impl Source for Named {
        fn read(&self) -> Result<ConfigVars, Error> {
            Ok(ConfigVars::from_iter([("A_FILE", "/s3cret"), ("B_FILE", "/b")]))
        }
    }
    let source = FileVars::new(Named, ["A"]);
    assert!(source.read().is_err());
    assert_eq!(
        format!("{source:?}"),
        r#"FileVars { source: Named, names: [("A", "A_FILE")], .. }"#
    );
    assert_eq!(source.paths(), [Path::new("/s3cret")]);

    let rows: &[(Vars<'_>, ErrorKind, &str)] = &[
        (
            &[("DB_PASSWORD_FILE", &password), ("DB_PASSWORD", SECRET)],
            ErrorKind::Ambiguous,
            "DB_PASSWORD: is set, and so is the same name with `_FILE`; unset one of them",
        ),
        (
            &[("DB_PASSWORD_FILE", &format!("/{SECRET}"))],
            ErrorKind::UnreadableSource,
            "DB_PASSWORD_FILE: the file is not there; mount or write it, or correct the path",
        ),
    ];
    for (vars, kind, message) in rows {
        let error = read(vars).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (*kind, *message));
        assert!(!format!("{error:?}").contains(SECRET) && error.origin().is_none());
    }
    let error = read(rows[1].0).unwrap_err();
    assert_eq!(
        (error.var(), error.component()),
        (Some("DB_PASSWORD_FILE"), Some(Component::File))
    );
}

#[test]
fn bound_services() {
    let root = folder(&[
        ("account-db/type", b"mysql"),
        ("account-db/provider", b"bitnami"),
        ("account-db/uri", b"mysql://app:pw@db.example/shop\n"),
        ("account-db/host", b"db.example"),
        (
            "account-db/certificates",
            b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        ),
        (
            "account-db/private-key",
            b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        ),
        ("ledger/type", b"postgresql\n"),
        ("ledger/host", b"pg.example"),
        ("ledger/port", b"5433"),
        ("ledger/username", b"app"),
        ("ledger/password", b"p@ss"),
        ("ledger/database", b"books"),
        ("mq/type", b"rabbitmq"),
        ("mq/host", b"mq.example"),
        ("mq/username", b"app"),
        ("mq/password", b"pw"),
        ("docs/type", b"mongodb"),
        ("docs/host", b"mongo.example"),
        ("docs/username", b"app"),
        ("docs/password", b"pw"),
        ("cache/type", b"redis"),
        ("cache/host", b"redis.example"),
        ("cache/password", b"pw"),
        ("mc/type", b"memcached"),
        ("mc/host", b"mc.example"),
        ("mc/username", b"app"),
        ("mc/password", b"pw"),
        ("events/type", b"kafka"),
        ("events/bootstrapServers", b"b1.example:9093,b2.example:9093"),
        ("events/securityProtocol", b"SASL_SSL"),
        ("events/user", b"app"),
        ("events/password", b"pw"),
        ("both/type", b"custom"),
        ("both/uri", b"x://a"),
        ("both/url", b"x://b"),
        ("untyped/uri", b"mysql://other.example/x"),
        (".hidden/type", b"mysql"),
        (".hidden/uri", b"mysql://hidden.example/x"),
        ("file", b"x"),
    ]);
    let source = ServiceBindings::new(root.path());
    let vars = source.read().unwrap();
    let names: Vec<_> = vars.iter().map(|(name, _)| name).collect();
    assert_eq!(
        names[..8],
        [
            "ACCOUNT_DB_CERT",
            "ACCOUNT_DB_HOST",
            "ACCOUNT_DB_PRIVATE_KEY",
            "ACCOUNT_DB_PROVIDER",
            "ACCOUNT_DB_TYPE",
            "ACCOUNT_DB_URL",
            "BOTH_TYPE",
            "BOTH_URI",
        ]
    );
    assert_eq!(
        vars.only::<MysqlUrl>().unwrap().expose_url(),
        "mysql://app:pw@db.example/shop"
    );
    assert_eq!(
        vars.only::<PostgresUrl>().unwrap().expose_url(),
        "postgresql://app:p%40ss@pg.example:5433/books"
    );
    assert_eq!(
        vars.only::<AmqpUrl>().unwrap().expose_url(),
        "amqp://app:pw@mq.example"
    );
    assert_eq!(
        vars.only::<MongoUrl>().unwrap().expose_url(),
        "mongodb://app:pw@mongo.example"
    );
    assert_eq!(
        vars.only::<RedisUrl>().unwrap().expose_url(),
        "redis://:pw@redis.example"
    );
    assert_eq!(
        vars.only::<MemcacheUrl>().unwrap().expose_url(),
        "memcache://app:pw@mc.example"
    );
    let kafka: KafkaUrl = vars.only().unwrap();
    assert_eq!(
        (kafka.brokers().as_str(), kafka.tls()),
        ("b1.example:9093,b2.example:9093", Tls::Verified)
    );
    let attachments: Vec<_> = vars
        .attachments()
        .map(|attachment| attachment.name().to_owned())
        .collect();
    assert_eq!(
        attachments,
        [
            "ACCOUNT_DB",
            "BOTH",
            "CACHE",
            "DOCS",
            "EVENTS",
            "LEDGER",
            "MC",
            "MQ"
        ]
    );
    assert_eq!(
        vars.origin("LEDGER_HOST").map(PathBuf::from),
        Some(root.path().join("ledger"))
    );
    assert_eq!(source.paths().len(), 10);
    assert_eq!(source.paths()[1], root.path().join("account-db"));

    let rows: &[(Files<'_>, &str)] = &[
        (
            &[
                ("a-b/type", b"x"),
                ("a-b/c", b"x"),
                ("a/type", b"x"),
                ("a/b-c", SECRET.as_bytes()),
            ],
            "<folder>: A_B_C: is given by two entries; rename one of them",
        ),
        (
            &[("a-b/type", b"x"), ("a.b/type", b"x")],
            "<folder>: A_B: is given by two entries; rename one of them",
        ),
        (
            &[("a/type", b"x"), ("a/user-name", b"x"), ("a/user.name", b"x")],
            "<folder>: A_USER_NAME: is given by two entries; rename one of them",
        ),
        (
            &[("a/type", b"x"), ("a/big", &[b'x'; 1_048_577])],
            "<folder>/a: big: is larger than 1 MiB, which no config var needs; correct the path, or move other files \
             away",
        ),
    ];
    for (files, message) in rows {
        let root = folder(files);
        assert_eq!(
            failure(&ServiceBindings::new(root.path()), root.path()).1,
            *message
        );
    }
    let gone = root.path().join("gone");
    assert_eq!(
        failure(&ServiceBindings::new(&gone), &gone).1,
        "<folder>: is not there; mount or write it, or correct the path"
    );
}

/// This binary again, as a process whose environment names folders.
#[test]
fn folders_that_the_environment_names() {
    const MARK: &str = "CONFIG_VARS_TEST_FOLDERS";
    let dir = folder(&[
        ("db_password", b"s3cret\n"),
        ("shop/type", b"mysql"),
        ("shop/uri", b"mysql://h/d"),
    ]);
    if let Some(mode) = std::env::var_os(MARK) {
        if mode == "unset" {
            let error = EnvDir::systemd_credentials().unwrap_err();
            assert_eq!(
                error.to_string(),
                "CREDENTIALS_DIRECTORY: is not set; add `LoadCredential=` or `SetCredential=` to the unit of the service"
            );
            let error = ServiceBindings::from_env().unwrap_err();
            assert_eq!(
                error.to_string(),
                "SERVICE_BINDING_ROOT: is not set; bind a service to the workload"
            );
            let credentials = EnvDir::optional_systemd_credentials().unwrap();
            let bindings = ServiceBindings::optional_from_env().unwrap();
            let absent = credentials.or(bindings);
            assert_eq!(all(&absent.read().unwrap()), []);
            assert!(absent.paths().is_empty());
            return;
        }
        if mode == "empty" {
            let errors = [
                EnvDir::optional_systemd_credentials().map(drop).unwrap_err(),
                ServiceBindings::optional_from_env().map(drop).unwrap_err(),
            ];
            assert!(errors.iter().all(|error| error.kind() == ErrorKind::Empty));
            return;
        }
        if mode == "gone" {
            let credentials = EnvDir::optional_systemd_credentials().unwrap();
            assert_eq!(all(&credentials.read().unwrap()), []);
            assert_eq!(credentials.paths().len(), 1);
            return;
        }
        let credentials = EnvDir::systemd_credentials().unwrap();
        let vars = credentials.clone().with_uppercase_names().read().unwrap();
        assert_eq!(all(&vars), [("DB_PASSWORD", Some("s3cret"))]);
        assert_eq!(vars.origin("DB_PASSWORD"), Some("$CREDENTIALS_DIRECTORY"));
        let optional = EnvDir::optional_systemd_credentials().unwrap().read().unwrap();
        assert_eq!(optional.origin("db_password"), Some("$CREDENTIALS_DIRECTORY"));
        let bindings = ServiceBindings::from_env().unwrap();
        let vars = bindings.read().unwrap();
        assert_eq!(vars.origin("SHOP_URL"), Some("$SERVICE_BINDING_ROOT/shop"));
        // The path itself is a value.
        let path = std::env::var("SERVICE_BINDING_ROOT").unwrap();
        assert!(!format!("{credentials:?} {bindings:?}").contains(&path));
        return;
    }
    for mode in ["set", "unset", "empty", "gone"] {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child
            .args(["--exact", "sources::folders_that_the_environment_names"])
            .env(MARK, mode);
        for var in ["CREDENTIALS_DIRECTORY", "SERVICE_BINDING_ROOT"] {
            match mode {
                "set" => child.env(var, dir.path()),
                "gone" => child.env(var, dir.path().join("gone")),
                "empty" => child.env(var, ""),
                _ => child.env_remove(var),
            };
        }
        let output = child.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }
}

#[test]
fn sources_in_order() {
    let dir = folder(&[("app.env", b"A=file\nB=file\n"), ("values/A", b"value")]);
    let (file, values) = (dir.path().join("app.env"), dir.path().join("values"));
    let source = EnvDir::new(&values).or(EnvFile::new(&file)).or(ProcessEnv);
    let vars = source.read().unwrap();
    assert_eq!(
        (exposed(vars.get("A")), exposed(vars.get("B"))),
        (Some("value"), Some("file"))
    );
    assert_eq!(source.paths(), [values, file]);
}

/// A source of config vars that all have the value `value`, but for resources.
#[test]
fn boxed_and_shared_sources_read_and_have_paths_as_before() {
    let dir = folder(&[("A", b"1"), ("app.env", b"B=2")]);
    let file = || EnvFile::new(dir.path().join("app.env"));
    let direct = EnvDir::new(dir.path()).or(file());
    let shared: Arc<dyn Source> = Arc::new(file());
    let boxed = EnvDir::new(dir.path()).boxed().or(shared.clone()).boxed().boxed();
    let closure = {
        let shared = Arc::new(shared);
        (move || Ok(shared.read()?)).boxed()
    };
    assert_eq!(all(&boxed.read().unwrap()), all(&direct.read().unwrap()));
    assert_eq!(boxed.paths(), direct.paths());
    assert_eq!(boxed.paths(), [dir.path().to_owned(), dir.path().join("app.env")]);
    assert_eq!(all(&closure.read().unwrap()), [("B", Some("2"))]);
    let live = config_vars::Live::from_vars(boxed).unwrap();
    fs::remove_file(dir.path().join("app.env")).unwrap();
    assert_eq!(live.reload().unwrap_err().kind(), ErrorKind::UnreadableSource);
}

/// Counts what it is told.
#[derive(Clone, Default)]
struct Told {
    listens: Arc<AtomicUsize>,
    wants: Arc<AtomicUsize>,
}

impl Source for Told {
    fn read(&self) -> Result<ConfigVars, Error> {
        Ok(ConfigVars::from_iter([("VCAP_SERVICES", "{}")]))
    }

    fn listen(&self, _: &config_vars::SourceEvents) {
        self.listens.fetch_add(1, SeqCst);
    }

    fn want(&self) {
        self.wants.fetch_add(1, SeqCst);
    }
}

#[test]
fn sources_around_another_one_pass_on_what_they_are_told() {
    let told = Told::default();
    let inner = || told.clone();
    let dir = tempfile::tempdir().unwrap();
    let sources: Vec<Box<dyn Source>> = vec![
        inner().boxed(),
        inner().boxed().boxed(),
        Arc::new(inner()).boxed(),
        inner().or(ProcessEnv).boxed(),
        ProcessEnv.or(inner()).boxed(),
        FileVars::new(inner(), ["A"]).boxed(),
        #[cfg(unix)]
        inner()
            .remembered(dir.path().join("kept"), Duration::from_secs(60))
            .unwrap()
            .boxed(),
        #[cfg(feature = "cloudfoundry")]
        config_vars::VcapServices::new(inner()).boxed(),
    ];
    for (number, source) in (1..).zip(sources) {
        source.want();
        assert_eq!(told.wants.load(SeqCst), number);
        drop(config_vars::Live::from_vars(source).unwrap());
        assert_eq!(told.listens.load(SeqCst), number);
    }
    drop(dir);
}

fn giving(names: &str, value: &'static str) -> impl Source + use<> {
    let pair = |name: &str| match name {
        name if name.to_lowercase().ends_with("url") => {
            (name.to_owned(), format!("mysql://{value}@{value}.example/shop"))
        }
        "DB_PORT" => (name.to_owned(), "5432".to_owned()),
        "PORT" => (name.to_owned(), "8080".to_owned()),
        name => (name.to_owned(), value.to_owned()),
    };
    let vars: Vec<_> = names.split_whitespace().map(pair).collect();
    move || Ok(ConfigVars::from_iter(vars.clone()).with_origin(value))
}

/// The vars of the nearer source, those of the farther one, and which of the latter are read.
const LAYERS: &[(&str, &str, &str)] = &[
    ("", "DB_HOST DB_USER", "DB_HOST DB_USER"),
    (
        "DB_HOST DB_PORT DB_USER DB_NAME",
        "DB_HOST DB_PORT DB_USER DB_PASSWORD DB_NAME",
        "",
    ),
    ("DB_PASSWORD", "DB_HOST DB_PORT DB_USER", ""),
    ("DB_PASSWORD", "DB_HOST DB_USER LOG_LEVEL PORT", "LOG_LEVEL PORT"),
    (
        "DB_USER",
        "ACME_USER ACME_PASSWORD DB_PASSWORD",
        "ACME_USER ACME_PASSWORD",
    ),
    ("JAWSDB_URL", "JAWSDB_URL JAWSDB_CA_CERT REDIS_URL", "REDIS_URL"),
    ("JAWSDB_CA_CERT", "JAWSDB_URL PORT", "PORT"),
    (
        "MEMCACHIER_SERVERS",
        "MEMCACHIER_SERVERS MEMCACHIER_USERNAME MEMCACHIER_PASSWORD",
        "",
    ),
    (
        "CLOUDAMQP_APIKEY",
        "CLOUDAMQP_URL CLOUDAMQP_APIKEY CLOUDAMQP_REGION",
        "",
    ),
    (
        "username",
        "username password host port PORT HOSTNAME PWD",
        "PORT HOSTNAME PWD",
    ),
    ("USERNAME", "USERNAME PASSWORD HOST PORT", "PORT"),
    ("db-user", "db-user db-password db-host", ""),
    ("dbPassword", "dbUser dbHost dbPassword", ""),
    ("db.username", "db.url db.username db.password", ""),
    ("client_id", "client_id client_secret", ""),
    ("OAUTH_CLIENT_SECRET", "OAUTH_CLIENT_ID OAUTH_CLIENT_SECRET", ""),
    ("S3_ACCESS_KEY", "S3_SECRET_KEY S3_BUCKET", "S3_BUCKET"),
    ("access_key", "secret_key api_token", "api_token"),
    ("STRIPE_PUBLISHABLE_KEY", "STRIPE_SECRET_KEY", ""),
    ("TWILIO_ACCOUNT_SID", "TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN", ""),
    ("tls.crt", "tls.key", ""),
    (
        "SERVER_PORT",
        "SERVER_HOST SERVER_NAME",
        "SERVER_HOST SERVER_NAME",
    ),
    ("API_KEY", "HOST PORT", "HOST PORT"),
    ("SHOP_API_KEY", "SHOP_LOG_LEVEL SHOP_SECRET", "SHOP_LOG_LEVEL"),
];

#[test]
fn what_belongs_together_comes_from_the_nearest_source_that_has_a_part() {
    for (near, far, read) in LAYERS {
        let vars = giving(near, "near").or(giving(far, "far")).read().unwrap();
        let mut expected: Vec<_> = read.split_whitespace().collect();
        expected.sort_unstable();
        let from = |origin: &str| -> Vec<_> {
            vars.iter()
                .map(|(name, _)| name)
                .filter(|name| vars.origin(name) == Some(origin))
                .collect()
        };
        assert_eq!(from("far"), expected, "{near} | {far}");
        assert_eq!(
            from("near").len(),
            near.split_whitespace().count(),
            "{near} | {far}"
        );
        for name in far.split_whitespace().filter(|name| vars.get(name).is_none()) {
            let error = vars.require(name).unwrap_err();
            assert_eq!((error.kind(), error.var()), (ErrorKind::Missing, Some(name)));
            let text = error.to_string();
            assert!(text.contains(&format!("{name} is in far, but ")), "{text}");
            assert!(
                text.contains(", which belongs with it, comes from near; "),
                "{text}"
            );
        }
    }
}

#[test]
fn layers_nest_in_any_way() {
    let [a, b, c] = [
        "DB_PASSWORD",
        "DB_HOST LOG_LEVEL",
        "DB_USER LOG_LEVEL PORT client_id",
    ];
    let left = giving(a, "a")
        .or(giving(b, "b"))
        .or(giving(c, "c"))
        .read()
        .unwrap();
    let right = giving(a, "a")
        .or(giving(b, "b").or(giving(c, "c")))
        .read()
        .unwrap();
    for vars in [left, right] {
        let names: Vec<_> = vars
            .iter()
            .map(|(name, _)| (name, vars.origin(name).unwrap()))
            .collect();
        let expected = [
            ("DB_PASSWORD", "a"),
            ("LOG_LEVEL", "b"),
            ("PORT", "c"),
            ("client_id", "c"),
        ];
        assert_eq!(names, expected);
        for name in ["DB_HOST", "DB_USER"] {
            let error = vars.require(name).unwrap_err().to_string();
            assert!(error.contains("comes from"), "{error}");
        }
    }
}

#[test]
fn a_search_says_where_the_rest_of_a_resource_is() {
    let vars = giving("DB_PASSWORD", "near")
        .or(giving("DB_HOST DB_PORT DB_USER DB_PASSWORD", "far"))
        .read()
        .unwrap();
    let error = vars.only::<PostgresUrl>().unwrap_err().to_string();
    assert!(
        error.contains("is in far, but DB_PASSWORD, which belongs with it, comes from near"),
        "{error}"
    );
    let error = vars.only::<RedisUrl>().unwrap_err().to_string();
    assert!(!error.contains("far"), "{error}");
    #[derive(Debug, serde::Deserialize)]
    struct Db {
        #[expect(dead_code, reason = "here, nobody reads it")]
        db_user: String,
    }
    let error = vars.extract::<Db>().unwrap_err().to_string();
    assert!(
        error.starts_with("DB_USER: ") && error.contains("is in far"),
        "{error}"
    );
}

/// A file that was written a moment ago is waited for, and one that is always written is given up.
#[test]
fn what_does_not_come_to_rest() {
    let dir = folder(&[("app.env", b""), ("A", b"")]);
    let path = dir.path().join("app.env");
    let begun = Instant::now();
    fs::write(&path, "A=1\nB").unwrap();
    assert_eq!(
        EnvFile::new(&path).read().unwrap_err().kind(),
        ErrorKind::InvalidSource
    );
    assert!(begun.elapsed() > Duration::from_millis(50));

    fs::write(&path, "A=1").unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    let done = AtomicBool::new(false);
    let message = "keeps changing while it is read; write anew beside it, and rename over the old";
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(SeqCst) {
                file.set_modified(SystemTime::now()).unwrap();
                std::thread::yield_now();
            }
        });
        // Where the writer does not get its turn for a moment, the file is at rest, and is read again.
        let give_up = |source: &dyn Source| {
            std::iter::repeat_with(|| source.read().err())
                .take_while(|_| begun.elapsed() < Duration::from_secs(60))
                .find_map(|error| error)
        };
        let file = give_up(&EnvFile::new(&path));
        let folder = give_up(&EnvDir::new(dir.path()));
        done.store(true, SeqCst);
        assert_eq!(
            file.unwrap().to_string(),
            format!("{}: {message}", path.display())
        );
        assert_eq!(
            folder.unwrap().to_string(),
            format!("{}: {message}", dir.path().display())
        );
    });
    // A time in the future is another machine's.
    file.set_modified(SystemTime::now() + Duration::from_secs(3600))
        .unwrap();
    fs::write(&path, "A=1").unwrap();
    file.set_modified(SystemTime::now() + Duration::from_secs(3600))
        .unwrap();
    assert_eq!(EnvFile::new(&path).read().unwrap().len(), 1);
}

/// A source of each kind that reads files, on one file with one var, with how it names the file.
fn each_source(root: &Path) -> Vec<(PathBuf, Box<dyn Source>)> {
    let env_file = root.join("app.env");
    let value = root.join("values/A");
    let named = root.join("named");
    let binding = root.join("bindings/db/password");
    for path in [&env_file, &value, &named, &binding] {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        write(path, "A=1");
    }
    write(&root.join("bindings/db/type"), "mysql");
    let environment = {
        let named = named.clone();
        move || {
            Ok(ConfigVars::from_iter([(
                "A_FILE",
                named.clone().into_os_string(),
            )]))
        }
    };
    vec![
        (env_file.clone(), Box::new(EnvFile::new(env_file))),
        (value, Box::new(EnvDir::new(root.join("values")))),
        (named, Box::new(FileVars::new(environment, ["A"]))),
        (binding, Box::new(ServiceBindings::new(root.join("bindings")))),
    ]
}

fn set_modified(path: &Path, time: SystemTime) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

/// The clock of the file system may tick in seconds, or in steps of two: two writes can have the same time.
#[test]
fn time_in_whole_seconds_counts_once_it_is_older_than_two_seconds() {
    let root = tempfile::tempdir().unwrap();
    let seconds = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let rows = each_source(root.path());
    std::thread::scope(|scope| {
        for (path, source) in &rows {
            scope.spawn(move || {
                for age in [0, 1] {
                    let now = seconds(SystemTime::now());
                    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(now - age);
                    set_modified(path, time);
                    let read = source.read();
                    assert!(read.is_ok(), "{path:?}: {read:?}");
                    let waited = SystemTime::now().duration_since(time).unwrap();
                    assert!(waited >= Duration::from_secs(2), "{path:?}: {waited:?}");
                }
                // Long ago, as an archive has it.
                set_modified(path, SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000));
                assert!(source.read().is_ok(), "{path:?}");
            });
        }
    });
}

/// `cp -p`, `rsync -t` and reproducible builds set a time of long ago; the time of the change tells that it is not.
#[cfg(unix)]
#[test]
fn rewrite_with_the_old_time_is_waited_for() {
    let root = tempfile::tempdir().unwrap();
    for (path, source) in each_source(root.path()) {
        assert!(source.read().is_ok(), "{path:?}");
        let begun = Instant::now();
        let old = fs::metadata(&path).unwrap().modified().unwrap();
        let mut file = File::options().write(true).open(&path).unwrap();
        file.write_all(b"B=2").unwrap();
        file.set_modified(old).unwrap();
        assert!(source.read().is_ok(), "{path:?}");
        // The clock of the file system is a tick behind at most.
        assert!(begun.elapsed() >= Duration::from_millis(80), "{path:?}");
    }
}

/// Entries that do not count in a folder may come and go all the time.
#[cfg(unix)]
#[test]
fn entries_that_do_not_count_come_and_go_without_failing_a_read() {
    use std::os::unix::fs::symlink;
    type Entry = (&'static str, fn(&Path));
    let entries: [Entry; 5] = [
        (".hidden", |path| fs::write(path, "x").unwrap()),
        (".hidden-folder", |path| fs::create_dir(path).unwrap()),
        ("folder", |path| fs::create_dir(path).unwrap()),
        ("..2026_11_27", |path| fs::create_dir(path).unwrap()),
        (".link", |path| symlink("nowhere", path).unwrap()),
    ];
    let come_and_go = |name: &str, make: fn(&Path)| {
        let root = folder(&[("db/type", b"mysql"), ("db/password", b"s3cret"), ("A", b"1")]);
        let sources: [(&str, Box<dyn Source>); 3] = [
            ("db", Box::new(EnvDir::new(root.path().join("db")))),
            ("db", Box::new(ServiceBindings::new(root.path()))),
            (".", Box::new(EnvDir::new(root.path()))),
        ];
        for (place, source) in sources {
            let path = root.path().join(place).join(name);
            let done = AtomicBool::new(false);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    while !done.load(SeqCst) {
                        make(&path);
                        _ = fs::remove_dir(&path).or_else(|_| fs::remove_file(&path));
                        std::thread::sleep(Duration::from_millis(10));
                    }
                });
                let reads: Vec<_> = (0..3).map(|_| source.read().map(|vars| vars.len())).collect();
                done.store(true, SeqCst);
                assert!(reads.iter().all(Result::is_ok), "{place}/{name}: {reads:?}");
            });
        }
    };
    // At the same time, because most of it is waiting.
    std::thread::scope(|scope| {
        for (name, make) in entries {
            scope.spawn(move || come_and_go(name, make));
        }
    });
}

/// An entry that is gone may be about to be written anew.
#[test]
fn removed_entry_is_waited_for() {
    let root = folder(&[("user", b"app"), ("password", b"s3cret")]);
    let begun = Instant::now();
    fs::remove_file(root.path().join("password")).unwrap();
    assert_eq!(
        all(&EnvDir::new(root.path()).read().unwrap()),
        [("user", Some("app"))]
    );
    assert!(begun.elapsed() >= Duration::from_millis(80));
}

#[test]
fn all_bindings_together_are_bounded() {
    let root = tempfile::tempdir().unwrap();
    for index in 0..65 {
        let binding = root.path().join(format!("db{index}"));
        fs::create_dir(&binding).unwrap();
        write(&binding.join("type"), "mysql");
        let large = File::create(binding.join("large")).unwrap();
        large.set_len(1 << 20).unwrap();
    }
    assert_eq!(
        failure(&ServiceBindings::new(root.path()), root.path()).1,
        "<folder>: is larger than 64 MiB, which no config var needs; correct the path, or move other files away"
    );
}

/// Long enough for a file to count as at rest, and for a read to be under way when the next write comes.
const AT_REST: Duration = Duration::from_millis(150);

/// Runs `write` with 1, 2, … `least_turns` in a thread, and further until `least` different states were read, while `read`
/// checks them; an error is not a state. The last one must be readable. Returns how many were read.
fn race(
    least_turns: usize,
    least: usize,
    write: impl Fn(usize) + Sync,
    read: impl Fn() -> Result<usize, Error>,
) -> usize {
    let (states, turns) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let mut last = None;
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            while turns.load(SeqCst) < least_turns || states.load(SeqCst) < least {
                let turn = turns.fetch_add(1, SeqCst) + 1;
                assert!(turn < 1_000 * least_turns, "too few states are read");
                write(turn);
            }
        });
        while !writer.is_finished() {
            match read() {
                Ok(turn) => {
                    let is_new = last.replace(turn) != Some(turn);
                    states.fetch_add(usize::from(is_new), SeqCst);
                }
                Err(error) => assert!(
                    error.kind() == ErrorKind::InvalidSource
                        || error.to_string().contains("keeps changing")
                        || error.to_string().contains("is not there"),
                    "{error}"
                ),
            }
        }
    });
    assert_eq!(read().unwrap(), turns.into_inner());
    states.into_inner()
}

const NAMES: [&str; 3] = ["user", "password", "host"];

/// The turn that a value is of; `None` of a piece.
fn part(vars: &ConfigVars, name: &str) -> Option<usize> {
    exposed(vars.get(name))?.strip_prefix(name)?.parse().ok()
}

/// The turn that all three values are of.
#[track_caller]
fn turn(vars: &ConfigVars) -> usize {
    let turns = NAMES.map(|name| part(vars, name));
    assert!(turns.iter().all(|turn| *turn == turns[0]), "torn: {turns:?}");
    turns[0].expect("no value")
}

/// A folder as kubelet writes it: `..data` leads to a folder of that turn, and each entry leads through it.
#[cfg(unix)]
fn swap(root: &Path, turn: usize) {
    use std::os::unix::fs::symlink;
    let folder = root.join(format!("..turn_{turn}"));
    fs::create_dir(&folder).unwrap();
    for name in NAMES {
        fs::write(folder.join(name), format!("{name}{turn}\n")).unwrap();
        let entry = root.join(name);
        if entry.symlink_metadata().is_err() {
            symlink(format!("..data/{name}"), entry).unwrap();
        }
    }
    symlink(format!("..turn_{turn}"), root.join("..data_tmp")).unwrap();
    fs::rename(root.join("..data_tmp"), root.join("..data")).unwrap();
    if let Some(before) = turn.checked_sub(1) {
        _ = fs::remove_dir_all(root.join(format!("..turn_{before}")));
    }
}

#[cfg(unix)]
#[test]
fn a_mounted_folder_is_never_read_torn() {
    let root = tempfile::tempdir().unwrap();
    swap(root.path(), 0);
    let source = EnvDir::new(root.path());
    assert_eq!(turn(&source.read().unwrap()), 0);
    let states = race(
        1_000,
        10,
        |turn| swap(root.path(), turn),
        || source.read().map(|vars| turn(&vars)),
    );
    println!("{states} states of the mounted folder");
    assert_eq!(source.read().unwrap().len(), 3);

    // A binding is mounted alike, and so may be what the names of files lead to.
    let root = tempfile::tempdir().unwrap();
    let binding = root.path().join("db");
    fs::create_dir(&binding).unwrap();
    swap(&binding, 0);
    fs::write(binding.join("..turn_0/type"), "mysql").unwrap();
    let vars = ServiceBindings::new(root.path()).read().unwrap();
    assert_eq!(exposed(vars.get("DB_USER")), Some("user0"));
    assert_eq!(vars.len(), 5);
}

#[cfg(unix)]
#[test]
fn named_files_are_never_read_torn() {
    let root = tempfile::tempdir().unwrap();
    swap(root.path(), 0);
    let names = NAMES;
    // Many files between the three, so that there is time for a swap.
    write(&root.path().join("filler"), "x");
    let fillers = (0..40).map(|index| (format!("i{index}"), root.path().join("filler")));
    let of_turn = names.map(|name| (name.to_owned(), root.path().join(name)));
    let files: Vec<_> = of_turn.into_iter().chain(fillers).collect();
    let given = |(name, path): &(String, PathBuf)| (format!("{name}_FILE"), path.clone().into_os_string());
    let environment = || Ok(files.iter().map(given).collect());
    let source = FileVars::new(environment, files.iter().map(|(name, _)| name.as_str()));
    let old = |turn| {
        for name in names {
            long_ago(&root.path().join(format!("..turn_{turn}/{name}")));
        }
    };
    let write = |turn| {
        swap(root.path(), turn);
        old(turn);
        std::thread::sleep(AT_REST);
    };
    let states = race(20, 5, write, || source.read().map(|vars| turn(&vars)));
    println!("{states} states of named files");
}

#[test]
fn an_env_file_is_never_read_torn() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("app.env");
    // Long, so that a write takes time.
    let text = |turn: usize| {
        let filler = "# filler\n".repeat(500);
        format!("user=user{turn}\n{filler}password=password{turn}\n{filler}host=host{turn}\n")
    };
    let source = EnvFile::new(&path);
    // A writer in place that was stopped half-way looks like one that is done; where this machine stopped ours,
    // there is nothing to test.
    let stops = AtomicUsize::new(0);
    let torn = AtomicUsize::new(0);
    let read_in_place = || {
        let vars = source.read()?;
        let turns: Vec<_> = NAMES.iter().map(|name| part(&vars, name)).collect();
        let is_torn = turns.iter().any(|turn| turn.is_none() || *turn != turns[0]);
        torn.fetch_add(usize::from(is_torn), SeqCst);
        Ok(turns[0].unwrap_or(0))
    };
    let check = || assert!(torn.load(SeqCst) == 0 || stops.load(SeqCst) > 0, "torn");

    // In pieces, the old and the new of one length, as an editor would.
    let in_place = |turn: usize| {
        let start = Instant::now();
        let mut file = File::create(&path).unwrap();
        for piece in text(turn).as_bytes().chunks(3_000) {
            file.write_all(piece).unwrap();
        }
        stops.fetch_add(usize::from(start.elapsed() > Duration::from_millis(50)), SeqCst);
        if turn.is_multiple_of(250) {
            // A moment in which it can be read.
            drop(file);
            std::thread::sleep(Duration::from_millis(200));
        }
    };
    in_place(0);
    let states = race(1_000, 0, in_place, read_in_place);
    println!("{states} states of a file written in place");
    check();

    // At rest for the moment between two writes, so that the next one falls into a read.
    let filler = format!("#{}\n", "x".repeat(1 << 18));
    let start = SystemTime::now() - Duration::from_secs(10_000);
    let between = |turn: usize| {
        let begun = Instant::now();
        let mut file = File::create(&path).unwrap();
        let text = format!("user=user{turn}\n{filler}password=password{turn}\n{filler}host=host{turn}\n");
        file.write_all(text.as_bytes()).unwrap();
        // No two writes of one time.
        file.set_modified(start + Duration::from_secs(turn as u64))
            .unwrap();
        stops.fetch_add(usize::from(begun.elapsed() > Duration::from_millis(15)), SeqCst);
        std::thread::sleep(AT_REST);
    };
    between(0);
    let states = race(20, 0, between, read_in_place);
    println!("{states} states of a file written in place, with a time long ago");
    check();

    let beside = dir.path().join("app.env.new");
    let renamed = |turn: usize| {
        write(&beside, text(turn));
        fs::rename(&beside, &path).unwrap();
        std::thread::sleep(AT_REST);
    };
    renamed(0);
    let states = race(20, 5, renamed, || source.read().map(|vars| turn(&vars)));
    println!("{states} states of a file renamed over");
}
