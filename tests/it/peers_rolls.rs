//! The faults of other libraries when credentials roll, and what this crate answers; see `peers_faults.rs`.

use config_vars::*;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A source whose state the test sets: one URL of MySQL, or a failure.
#[derive(Clone, Default)]
struct Provider(Arc<Mutex<Option<String>>>);

impl Provider {
    fn new(url: &str) -> Self {
        let provider = Self::default();
        provider.gives(url);
        provider
    }

    fn gives(&self, url: &str) {
        *self.0.lock().unwrap() = Some(url.to_owned());
    }

    fn fails(&self) {
        *self.0.lock().unwrap() = None;
    }

    fn live(&self) -> Live<MysqlUrl> {
        self.live_with(|builder| builder)
    }

    fn live_with(
        &self,
        settings: impl FnOnce(LiveBuilder<MysqlUrl>) -> LiveBuilder<MysqlUrl>,
    ) -> Live<MysqlUrl> {
        let state = self.0.clone();
        let source = move || match &*state.lock().unwrap() {
            Some(url) => Ok(ConfigVars::from_iter([("JAWSDB_URL", url.as_str())])),
            None => Err(Error::custom("the agent does not answer").into()),
        };
        settings(Live::builder(source))
            .build_fn(ConfigVars::only)
            .unwrap()
    }
}

fn user(url: &MysqlUrl) -> &str {
    url.username().unwrap().expose_secret()
}

fn password(url: &MysqlUrl) -> &str {
    url.password().unwrap().expose_secret()
}

const OLD: &str = "mysql://app:one@db.example/shop";
const NEW: &str = "mysql://app:two@db.example/shop";

/// A pool that asks for its credentials was wished for in 2020: <https://github.com/transact-rs/sqlx/issues/445>, and
/// for mysql_async: <https://github.com/blackbeam/mysql_async/pull/402>
#[test]
fn sqlx_445_a_pool_that_follows() {
    let provider = Provider::new(OLD);
    let live = provider.live();
    let made = Arc::new(AtomicUsize::new(0));
    let pools = {
        let made = made.clone();
        live.map(move |url| {
            made.fetch_add(1, SeqCst);
            Ok(format!("a pool of {}", password(url)))
        })
        .unwrap()
    };
    provider.gives(NEW);
    live.reload().unwrap();
    assert_eq!(*pools.load(), "a pool of two");
    // It is not made again for nothing.
    live.reload().unwrap();
    assert_eq!(made.load(SeqCst), 2);
}

/// sqlx's pool takes new options for its next connections, and stays the same pool.
#[cfg(feature = "sqlx")]
#[tokio::test]
async fn sqlx_445_a_pool_that_rolls_in_place() {
    let options = |text: &str| text.parse::<PostgresUrl>().unwrap().to_sqlx().unwrap();
    let pool = sqlx::PgPool::connect_lazy_with(options("postgres://app:one@db.example/shop"));
    assert_eq!(next_credentials(&pool), ["app", "one"]);
    drivers::sqlx::update_credentials(&pool, options("postgres://app2:two@db.example/shop"));
    assert_eq!(next_credentials(&pool), ["app2", "two"]);

    let options = |text: &str| text.parse::<MysqlUrl>().unwrap().to_sqlx().unwrap();
    let pool = sqlx::MySqlPool::connect_lazy_with(options(OLD));
    assert_eq!(next_credentials(&pool), ["app", "one"]);
    drivers::sqlx::update_credentials(&pool, options("mysql://app2:two@db.example/shop"));
    assert_eq!(next_credentials(&pool), ["app2", "two"]);
}

/// User and password of a pool's next connections. Its options hand out the password in a URL alone.
#[cfg(feature = "sqlx")]
fn next_credentials<DB: sqlx::Database>(pool: &sqlx::Pool<DB>) -> [String; 2] {
    let url = sqlx::ConnectOptions::to_url_lossy(&*pool.connect_options());
    [url.username(), url.password().unwrap()].map(str::to_owned)
}

/// redis 1.8 asks for credentials as a stream: what holds comes at once, and each roll after it.
#[cfg(feature = "redis")]
#[test]
fn redis_1_8_credentials_are_streamed() {
    use futures_util::{FutureExt, StreamExt};
    use redis::auth::StreamingCredentialsProvider;
    let read = |text: &str| text.parse::<RedisUrl>().unwrap();
    let credentials = drivers::redis::Credentials::new(&read("redis://app:one@cache.example"));
    let subscribe = || {
        let mut stream = credentials.subscribe();
        // The item that is ready without a wait, as a connection finds it.
        move || {
            let next = stream.next().now_or_never()?;
            let next = next.expect("a stream without end").unwrap();
            Some([next.username(), next.password()].map(str::to_owned))
        }
    };
    let pair = |user: &str, password: &str| Some([user, password].map(str::to_owned));
    let (mut first, mut second) = (subscribe(), subscribe());
    assert_eq!(first(), pair("app", "one"));
    assert_eq!(second(), pair("app", "one"));
    assert_eq!(first(), None, "nothing has rolled");
    assert!(credentials.roll(&read("redis://app2:two@cache.example")));
    assert_eq!(first(), pair("app2", "two"));
    assert_eq!(second(), pair("app2", "two"));
    assert_eq!(first(), None, "it has rolled once");
    // A connection that is opened later has never heard of those before.
    assert_eq!(subscribe()(), pair("app2", "two"));
}

/// An open connection stays at its server, with the encryption that it has, so it must not send what is for another.
#[cfg(feature = "redis")]
#[test]
fn redis_credentials_are_not_sent_to_another_server_or_without_tls() {
    use futures_util::{FutureExt, StreamExt};
    use redis::auth::StreamingCredentialsProvider;
    let read = |text: &str| text.parse::<RedisUrl>().unwrap();
    let plain = "redis://app:two@cache.example";
    let verified = "rediss://app:two@cache.example";
    let unverified = "rediss://app:two@cache.example#insecure";
    for (first, second, is_followed) in [
        (plain, "redis://app:two@cache.example:6379/3", true),
        (plain, verified, false),
        (plain, unverified, false),
        (unverified, verified, false),
        (verified, unverified, false),
        (verified, plain, false),
        (
            verified,
            "rediss://app:two@cache.example?ssl_check_hostname=false",
            false,
        ),
        (verified, "rediss://app:two@cache.example?ssl=perhaps", false),
        (plain, "redis://app:two@moved.example", false),
        (plain, "redis://app:two@cache.example:6380", false),
        (plain, "redis+unix:///run/redis.sock?user=app&pass=two", false),
    ] {
        let credentials = drivers::redis::Credentials::new(&read(&first.replace("two", "one")));
        let mut connection = credentials.subscribe();
        let mut next = || {
            let next = connection.next().now_or_never()?;
            Some(next.expect("a stream without end").unwrap().password().to_owned())
        };
        assert_eq!(next().as_deref(), Some("one"));
        assert_eq!(credentials.roll(&read(second)), is_followed, "{first} {second}");
        assert_eq!(
            next().as_deref(),
            is_followed.then_some("two"),
            "{first} {second}"
        );
        // The next roll is compared with the last URL that was followed.
        assert!(credentials.roll(&read(&first.replace("two", "three"))));
        assert_eq!(next().as_deref(), Some("three"));
    }
}

/// User and password were two getters, and a roll came between them:
/// <https://github.com/brettwooldridge/HikariCP/pull/2189>
#[test]
fn hikari_2189_user_and_password_in_one_step() {
    let provider = Provider::new("mysql://u0:p0@h0.example/shop");
    let live = provider.live();
    let (is_done, seen) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut last = String::new();
            while !is_done.load(SeqCst) {
                let url = live.load();
                let number = user(&url).strip_prefix('u').unwrap().to_owned();
                assert_eq!(password(&url).strip_prefix('p'), Some(&*number));
                assert_eq!(url.host(), Some(&*format!("h{number}.example")));
                if number != last {
                    seen.fetch_add(1, SeqCst);
                    last = number;
                }
            }
        });
        // However seldom the reader gets its turn, it sees as many states as this.
        let mut turn = 0;
        while seen.load(SeqCst) < 100 && !reader.is_finished() {
            turn += 1;
            provider.gives(&format!("mysql://u{turn}:p{turn}@h{turn}.example/shop"));
            assert!(!live.reload().unwrap().is_empty());
        }
        is_done.store(true, SeqCst);
    });
}

/// A pool goes on trying the old password until the account is locked, and tells nobody:
/// <https://github.com/brettwooldridge/HikariCP/issues/2298>, <https://github.com/brettwooldridge/HikariCP/issues/937>
#[test]
fn hikari_2298_the_account_is_not_locked() {
    let provider = Provider::new(OLD);
    let live = provider.live_with(|builder| builder.retry_timeout(Duration::ZERO).max_retries(0));
    let attempts = AtomicUsize::new(0);
    let query = || {
        live.retry_on_blocking(
            |(): &()| true,
            |_| {
                let before = attempts.fetch_add(1, SeqCst);
                assert!(before < 10, "the account is locked");
                Err::<(), ()>(())
            },
        )
    };
    let mut last = query();
    for _ in 0..100 {
        // Nothing new is found, as often as it is looked for.
        live.reload().unwrap();
        last = query();
    }
    assert!(attempts.load(SeqCst) <= 2, "{attempts:?}");
    let Err(RetryError::Refused(error)) = last else {
        panic!("{last:?}")
    };
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("JAWSDB_URL"), "{error}");
    // The new password is tried at once.
    provider.gives(NEW);
    live.reload().unwrap();
    let result = live.retry_on_blocking(
        |(): &()| true,
        |url| match password(url) {
            "two" => Ok(()),
            _ => Err(()),
        },
    );
    assert_eq!(result, Ok(()));
}

/// The news of a roll is the refused password: <https://github.com/brettwooldridge/HikariCP/issues/1452>
#[test]
fn hikari_1452_a_refusal_is_the_news_of_a_roll() {
    let provider = Provider::new(OLD);
    let live = provider.live();
    provider.gives(NEW);
    let result = live.retry_on_blocking(
        |refused: &String| refused == "one",
        |url| match password(url) {
            "two" => Ok("an answer"),
            other => Err(other.to_owned()),
        },
    );
    assert_eq!(result, Ok("an answer"));
    assert_eq!(live.generation(), 2);
}

/// Where two users take turns, a provider of passwords alone is of no use:
/// <https://github.com/mysql-net/MySqlConnector/issues/1270>
#[test]
fn mysql_connector_1270_the_user_rolls_too() {
    let provider = Provider::new("mysql://app_a:one@db.example/shop");
    let live = provider.live();
    provider.gives("mysql://app_b:two@db.example/shop");
    let change = live.reload().unwrap();
    let aspects = change.attachment("JAWSDB").unwrap().aspects();
    assert_eq!(aspects, [Aspect::Username, Aspect::Password]);
    let url = live.load();
    assert_eq!((user(&url), password(&url)), ("app_b", "two"));
}

/// The credentials before are wished for beside the new ones:
/// <https://github.com/aws-samples/aws-secrets-manager-rotation-lambdas/issues/108>; and a broker that takes both for a
/// time: <https://github.com/cloudamqp/lavinmq/issues/2251>
#[test]
fn aws_rotation_lambdas_108_the_ones_before() {
    let provider = Provider::new(OLD);
    let live = provider.live();
    assert!(live.previous().is_none());
    provider.gives(NEW);
    live.reload().unwrap();
    assert_eq!(password(&live.previous().unwrap()), "one");
    // And they are used, while the server does not take the new ones yet.
    let result = live.retry_on_blocking(
        |refused: &String| refused == "two",
        |url| match password(url) {
            "one" => Ok(()),
            other => Err(other.to_owned()),
        },
    );
    assert_eq!(result, Ok(()));
    // For as long as the app wants.
    let live = provider.live_with(|builder| builder.grace_period(Duration::ZERO));
    provider.gives(OLD);
    live.reload().unwrap();
    assert!(live.previous().is_none());
}

/// The specification leaves open what is renewed, when, and who is notified:
/// <https://github.com/servicebinding/spec/issues/228>
#[cfg(unix)]
#[test]
fn servicebinding_spec_228_a_renewed_binding_is_told() {
    let root = tempfile::tempdir().unwrap();
    let binding = root.path().join("db");
    std::fs::create_dir(&binding).unwrap();
    for name in ["type", "uri"] {
        std::os::unix::fs::symlink(format!("..data/{name}"), binding.join(name)).unwrap();
    }
    let put = |turn: usize, url: &str| swap(&binding, turn, &[("type", "mysql"), ("uri", url)]);
    put(0, OLD);
    let live: Live<MysqlUrl> = Live::from_fn(ServiceBindings::new(root.path()), ConfigVars::only).unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let _subscription = live.subscribe({
        let told = told.clone();
        move |change| told.lock().unwrap().push(format!("{change:?}"))
    });
    told.lock().unwrap().clear();
    put(1, NEW);
    live.reload().unwrap();
    assert_eq!(
        *told.lock().unwrap(),
        ["Change { generation: 2, DB: [password] }"]
    );
    assert_eq!(password(&live.previous().unwrap()), "one");
}

/// As Kubernetes renews a mounted folder.
#[cfg(unix)]
fn swap(folder: &std::path::Path, turn: usize, files: &[(&str, &str)]) {
    let data = format!("..data-{turn}");
    std::fs::create_dir(folder.join(&data)).unwrap();
    for (name, content) in files {
        std::fs::write(folder.join(&data).join(name), content).unwrap();
    }
    std::os::unix::fs::symlink(&data, folder.join("..data_tmp")).unwrap();
    std::fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
    if let Some(old) = turn.checked_sub(1) {
        std::fs::remove_dir_all(folder.join(format!("..data-{old}"))).unwrap();
    }
}

#[cfg(unix)]
fn mounted(folder: &std::path::Path) -> Live<MysqlUrl> {
    std::os::unix::fs::symlink("..data/JAWSDB_URL", folder.join("JAWSDB_URL")).unwrap();
    swap(folder, 0, &[("JAWSDB_URL", OLD)]);
    Live::from_fn(EnvDir::new(folder), ConfigVars::only).unwrap()
}

#[cfg(unix)]
fn turn_of(turn: usize) -> String {
    format!("mysql://app:turn{turn}@db.example/shop")
}

/// A watcher does not see Kubernetes swap the folder: <https://github.com/spf13/viper/issues/284>
#[cfg(unix)]
#[test]
fn viper_284_each_swap_of_a_mounted_folder() {
    let folder = tempfile::tempdir().unwrap();
    let live = mounted(folder.path());
    for turn in 1..=5 {
        swap(folder.path(), turn, &[("JAWSDB_URL", &turn_of(turn))]);
        assert!(!live.reload().unwrap().is_empty());
        assert_eq!(password(&live.load()), format!("turn{turn}"));
    }
}

/// hotswap-config 0.1.1 sees the first swap, and no other.
#[cfg(all(unix, feature = "notify"))]
#[test]
fn hotswap_config_0_1_each_swap_is_noticed() {
    const BOUND: Duration = Duration::from_secs(30);
    let folder = tempfile::tempdir().unwrap();
    let live = mounted(folder.path());
    let mut changes = live.changes();
    // With a poll that does not come to its aid.
    let on_change = OnChange::new()
        .debounce(Duration::from_millis(1))
        .poll(Every::seconds(3600));
    let _watch = live.watch(on_change).unwrap();
    for turn in 1..=5 {
        swap(folder.path(), turn, &[("JAWSDB_URL", &turn_of(turn))]);
        while password(&live.load()) != format!("turn{turn}") {
            assert!(changes.wait(BOUND).is_some(), "turn {turn} is not noticed");
        }
    }
}

/// A password in a file is to be read again for each connection:
/// <https://github.com/open-metadata/OpenMetadata/pull/28822>
#[test]
fn openmetadata_28822_a_password_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.env");
    let put = |url: &str| {
        let new = folder.path().join("new");
        std::fs::write(&new, format!("JAWSDB_URL={url}\n")).unwrap();
        std::fs::rename(new, &file).unwrap();
    };
    put(OLD);
    let live: Live<MysqlUrl> = Live::from_fn(EnvFile::new(&file), ConfigVars::only).unwrap();
    put(NEW);
    live.reload().unwrap();
    assert_eq!(password(&live.load()), "two");
}

/// A reload that fails half-way is to leave the last good configuration:
/// <https://github.com/Azure/data-api-builder/issues/3742>. viper 1 keeps it, and tells its callback of a change.
#[test]
fn data_api_builder_3742_the_last_good_stays() {
    let provider = Provider::new(OLD);
    let live = provider.live();
    provider.gives("mysql://app:t#wo@db.example/shop");
    let change = live.reload().unwrap();
    assert_eq!(change.attachments().count(), 0, "nothing has changed");
    assert_eq!(change.stale().map(Stale::name).collect::<Vec<_>>(), ["JAWSDB"]);
    assert_eq!(password(&live.load()), "one");
    let status = live.status();
    let stale = status.stale().next().unwrap();
    assert_eq!(stale.error().component(), Some(Component::Password));
    provider.fails();
    assert_eq!(live.reload().unwrap_err().kind(), ErrorKind::Custom);
    assert_eq!(password(&live.load()), "one");
    provider.gives(NEW);
    live.reload().unwrap();
    assert!(live.status().is_fresh());
    assert_eq!(password(&live.load()), "two");
}

/// An app breaks with no warning when its Redis is replaced: <https://github.com/whatyouhide/redix/issues/145>
#[test]
fn redix_145_another_host_is_told_as_such() {
    let provider = Provider::new(OLD);
    let live = provider.live();
    provider.gives("mysql://app:two@db-2.example/shop");
    let change = live.reload().unwrap();
    assert!(change.attachment("JAWSDB").unwrap().has(Aspect::Endpoint));
}
