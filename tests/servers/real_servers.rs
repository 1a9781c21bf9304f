//! Each hand-over against a real server: a password of all that a URL has a meaning for lets in; after a roll the old one is
//! refused, and the driver's error is known for that; of a server that is down, or a thing that is not there, it is not.
//!
//! `tests/run servers` installs the servers and runs this.

mod programs;

use config_vars::{Error, Resource, ResourceUrl, drivers};
use servers::{HARD_PASSWORD, NEXT_PASSWORD, Server};
use std::fmt::Debug;
use std::str::FromStr;

fn url<T: Resource + FromStr<Err = Error>>(server: &impl Server, password: &str) -> T {
    let text = server.url("app", password);
    assert!(
        text.parse::<ResourceUrl>()
            .is_ok_and(|url| !format!("{url:?}").contains(password))
    );
    text.parse().expect("the server's URL")
}

/// The whole story of one driver. `login` makes a new connection, and asks something; `fail` asks on a new connection for what
/// is not there or not allowed.
async fn check<S, U, E>(
    server: &S,
    login: impl AsyncFn(&U) -> Result<(), E>,
    fail: impl AsyncFn(&U) -> Vec<E>,
    is_auth_error: fn(&E) -> bool,
) where
    S: Server,
    U: Resource + FromStr<Err = Error>,
    E: Debug,
{
    server.put_user("app", HARD_PASSWORD);
    login(&url(server, HARD_PASSWORD))
        .await
        .expect("the password lets in");

    server.roll("app", NEXT_PASSWORD);
    let error = login(&url(server, HARD_PASSWORD))
        .await
        .expect_err("the old password is refused");
    assert!(is_auth_error(&error), "not known as a refusal: {error:?}");
    login(&url(server, NEXT_PASSWORD))
        .await
        .expect("the new password lets in");

    let nobody: U = server
        .url("nobody-of-that-name", NEXT_PASSWORD)
        .parse()
        .expect("a URL");
    let error = login(&nobody).await.expect_err("a stranger is refused");
    assert!(is_auth_error(&error), "not known as a refusal: {error:?}");

    if server.allow_both("app", HARD_PASSWORD, NEXT_PASSWORD) {
        login(&url(server, NEXT_PASSWORD))
            .await
            .expect("the new of two passwords lets in");
    }
    server.put_user("app", NEXT_PASSWORD);

    for error in fail(&url(server, NEXT_PASSWORD)).await {
        assert!(!is_auth_error(&error), "taken for a refusal: {error:?}");
    }

    server.cut("app");
    login(&url(server, NEXT_PASSWORD))
        .await
        .expect("a new connection after a cut");
    server.stop();
    let error = login(&url(server, NEXT_PASSWORD))
        .await
        .expect_err("nobody listens");
    assert!(!is_auth_error(&error), "taken for a refusal: {error:?}");

    server.start_again();
    login(&url(server, NEXT_PASSWORD))
        .await
        .expect("the server is back");
    let before = server.port();
    // Killed as soon as it has answered: a server that forgot the roll would be taken for a request lost.
    server.put_user("app", HARD_PASSWORD);
    server.move_to_another_port();
    assert_ne!(server.port(), before);
    login(&url(server, HARD_PASSWORD))
        .await
        .expect("the server is at another port, and knows the latest password");
}

/// Connects with what a URL asks for in the way of TLS: to a server whose certificate is for it, and to one whose is for
/// another name, both by an authority that the app knows by a file. `true` stands for a connection.
struct TlsRow {
    query: &'static str,
    own_name: bool,
    other_name: bool,
}

/// The rows that hold for all drivers of databases; `{ca}` stands for the authority's file.
const fn tls_row(query: &'static str, own_name: bool, other_name: bool) -> TlsRow {
    TlsRow {
        query,
        own_name,
        other_name,
    }
}

async fn check_tls<S: Server, U, E: Debug>(
    start: impl Fn(&servers::Certificate) -> S,
    rows: &[TlsRow],
    is_encrypted: impl AsyncFn(&U) -> Result<bool, E>,
) where
    U: FromStr<Err = Error>,
{
    let authority = servers::Authority::create();
    for (name, is_own) in [("IP:127.0.0.1", true), ("DNS:other.example", false)] {
        let server = start(&authority.sign(name));
        server.put_user("app", HARD_PASSWORD);
        for row in rows {
            let file = servers::encoded(&authority.file().display().to_string());
            let text = server.url("app", HARD_PASSWORD) + &row.query.replace("{ca}", &file);
            let outcome = is_encrypted(&text.parse().expect("a URL")).await;
            let expected = if is_own { row.own_name } else { row.other_name };
            match outcome {
                Ok(is_encrypted) => {
                    assert!(expected, "{} connects to {name}", row.query);
                    assert!(is_encrypted, "{} is not encrypted", row.query);
                }
                Err(error) => assert!(!expected, "{} does not connect to {name}: {error:?}", row.query),
            }
        }
    }
}

const POSTGRES_TLS: &[TlsRow] = &[
    tls_row("?sslmode=require", true, true),
    tls_row("?sslmode=verify-ca&sslrootcert={ca}", true, true),
    tls_row("?sslmode=require&sslrootcert={ca}", true, true),
    tls_row("?sslrootcert={ca}", true, true),
    tls_row("", true, true),
    tls_row("?sslmode=verify-full&sslrootcert={ca}", true, false),
    // Not by an authority that all the world knows.
    tls_row("?sslmode=verify-ca", false, false),
    tls_row("?sslmode=verify-full", false, false),
    tls_row("?sslmode=require&sslrootcert=system", false, false),
];

mod mysql_async {
    use super::*;
    use ::mysql_async::prelude::Queryable;
    use ::mysql_async::{Conn, Error, OptsBuilder, Pool, PoolConstraints, PoolOpts};
    use config_vars::test_util::ScriptedSource;
    use config_vars::{Live, MysqlUrl, RetryError};
    use drivers::mysql_async::is_auth_error;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    async fn login(url: &MysqlUrl) -> Result<(), Error> {
        let mut conn = Conn::new(url.to_mysql_async().expect("options")).await?;
        assert_eq!(conn.query_first::<u32, _>("SELECT 1").await?, Some(1));
        conn.disconnect().await
    }

    #[tokio::test]
    async fn follows_a_roll() {
        let server = servers::MariaDb::start();
        let fail = async |url: &MysqlUrl| {
            let mut conn = Conn::new(url.to_mysql_async().expect("options"))
                .await
                .expect("a connection");
            let no_table = conn
                .query_drop("SELECT * FROM missing")
                .await
                .expect_err("no such table");
            let no_right = conn
                .query_drop("SELECT * FROM mysql.user")
                .await
                .expect_err("not allowed");
            let no_database = conn
                .query_drop("USE missing")
                .await
                .expect_err("no such database");
            vec![no_table, no_right, no_database]
        };
        check(&server, login, fail, is_auth_error).await;
    }

    #[tokio::test]
    async fn tls_is_what_was_asked_for() {
        let rows = [
            tls_row("?ssl-mode=REQUIRED", true, true),
            // Stricter than asked for, with the driver of today; its docs say so.
            tls_row("?ssl-mode=VERIFY_CA&ssl-ca={ca}", true, false),
            tls_row("?ssl-mode=VERIFY_IDENTITY&ssl-ca={ca}", true, false),
            tls_row("?ssl-mode=VERIFY_IDENTITY", false, false),
            tls_row("?ssl-ca={ca}", true, false),
        ];
        let start = |certificate: &servers::Certificate| servers::MariaDb::start_tls(certificate.clone());
        let is_encrypted = async |url: &MysqlUrl| {
            let mut conn = Conn::new(url.to_mysql_async().expect("options")).await?;
            let row: Option<(String, String)> = conn.query_first("SHOW STATUS LIKE 'Ssl_cipher'").await?;
            Ok::<_, Error>(row.is_some_and(|(_, cipher)| !cipher.is_empty()))
        };
        check_tls(start, &rows, is_encrypted).await;
    }

    /// An app whose password changes while nobody writes the new one, asked by `CALLERS` tasks without a pause.
    struct LockedOut {
        server: servers::MariaDb,
        script: ScriptedSource,
        pools: Live<Pool>,
    }

    const CALLERS: usize = 12;

    impl LockedOut {
        /// With this many connections that stay open.
        async fn new(open: usize) -> Self {
            let server = servers::MariaDb::start();
            server.put_user("app", HARD_PASSWORD);
            let script = ScriptedSource::new([("JAWSDB_URL", server.url("app", HARD_PASSWORD))]);
            let live: Live<MysqlUrl> = Live::from_fn(script.clone(), |vars| vars.only()).expect("a URL");
            let pools = live.map(move |url| {
                let constraints = PoolConstraints::new(open, 100).unwrap_or_default();
                let options = PoolOpts::default().with_constraints(constraints);
                Ok(Pool::new(
                    OptsBuilder::from_opts(url.to_mysql_async()?).pool_opts(options),
                ))
            });
            let pools = pools.expect("a pool");
            let pool = pools.load_full();
            let mut held = Vec::new();
            for _ in 0..open {
                held.push(pool.get_conn().await.expect("the password lets in"));
            }
            drop(held);
            Self {
                server,
                script,
                pools,
            }
        }

        fn refused(&self) -> usize {
            let status = self.server.run("SHOW GLOBAL STATUS LIKE 'Access_denied_errors'");
            let number = status.split_whitespace().last();
            number.and_then(|number| number.parse().ok()).expect("a number")
        }

        async fn query(pools: &Live<Pool>) -> Result<(), RetryError<Error>> {
            let query = async |pool: Arc<Pool>| pool.get_conn().await?.query_drop("SELECT 1").await;
            pools.retry_on(is_auth_error, query).await
        }

        /// Rolls the password, and asks for that long. Returns how many logins were refused by the end of each of these
        /// seconds, and how many requests were answered.
        async fn run(&self, seconds: &[u64]) -> (Vec<usize>, usize) {
            // The driver's own tries of a socket are refused as well.
            let before = self.refused();
            self.server.roll("app", NEXT_PASSWORD);
            let answered = Arc::new(AtomicUsize::new(0));
            let callers: Vec<_> = (0..CALLERS)
                .map(|_| {
                    let (pools, answered) = (self.pools.clone(), answered.clone());
                    tokio::spawn(async move {
                        loop {
                            let is_answered = Self::query(&pools).await.is_ok();
                            answered.fetch_add(is_answered.into(), Ordering::Relaxed);
                        }
                    })
                })
                .collect();
            let begun = tokio::time::Instant::now();
            let mut refused = Vec::new();
            for second in seconds {
                tokio::time::sleep_until(begun + Duration::from_secs(*second)).await;
                refused.push(self.refused() - before);
            }
            callers.iter().for_each(|caller| caller.abort());
            (refused, answered.load(Ordering::Relaxed))
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn refused_logins_stay_within_the_budget() {
        // The table of docs/refused-logins.md.
        let seconds = [1, 2, 6, 12, 20];
        for open in [0, 4] {
            let app = LockedOut::new(open).await;
            if open == 0 {
                app.server.cut("app");
            }
            let (refused, answered) = app.run(&seconds).await;
            println!("{open} open: refused {refused:?} by {seconds:?} s, answered {answered}");
            // The callers that are under way at the first refusal, and the retries: after 1 and 5 s. Where connections are
            // open, up to five retries, one login for each connection that is taken to be lost, and one before that.
            let most = CALLERS + if open == 0 { 2 } else { 6 + open };
            assert!(
                refused.last().is_some_and(|refused| *refused <= most),
                "{open} open: {refused:?}"
            );
            // How many depends on the machine: where the pool is slow, its logins soon spend the retries.
            assert_eq!(answered > 0, open > 0, "{open} open: {answered} answered");
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_server_that_locks_accounts_does_not_lock_the_apps() {
        let app = LockedOut::new(4).await;
        app.server.run("SET GLOBAL max_password_errors = 20");
        let (refused, _) = app.run(&[10]).await;
        assert!(refused[0] > 0, "nothing was refused");
        app.script
            .set("JAWSDB_URL", &app.server.url("app", NEXT_PASSWORD));
        LockedOut::query(&app.pools)
            .await
            .expect("the account is not locked");
    }

    #[tokio::test]
    async fn a_pool_tells_a_refusal() {
        let server = servers::MariaDb::start();
        server.put_user("app", HARD_PASSWORD);
        let pool = Pool::new(
            url::<MysqlUrl>(&server, HARD_PASSWORD)
                .to_mysql_async()
                .expect("options"),
        );
        let held = pool.get_conn().await.expect("the password lets in");
        server.roll("app", NEXT_PASSWORD);
        assert!(is_auth_error(
            &pool.get_conn().await.expect_err("the old password is refused")
        ));
        drop(held);
    }
}

/// URLs of PostgreSQL whose place or credentials are in the query, and whether each leads to the socket.
fn places_of_postgres(server: &servers::Postgres) -> Vec<(String, bool)> {
    server.put_user("app", HARD_PASSWORD);
    let (port, password) = (server.port(), servers::encoded(HARD_PASSWORD));
    let folder = servers::encoded(&server.folder().display().to_string());
    vec![
        (
            format!("postgres://app:{password}@localhost/app?host={folder}&port={port}"),
            true,
        ),
        (
            format!("postgres:///app?host={folder}&port={port}&user=app&password={password}"),
            true,
        ),
        (
            format!("postgres://127.0.0.1:{port}/app?user=app&password={password}"),
            false,
        ),
        (
            format!("postgres://app@127.0.0.1:{port}/?dbname=app&password={password}"),
            false,
        ),
        (
            format!("postgres://app:{password}@db.example:{port}/app?hostaddr=127.0.0.1"),
            false,
        ),
    ]
}

mod sqlx {
    use super::*;
    use ::sqlx::{ConnectOptions, Connection, Error, Executor};
    use config_vars::{MysqlUrl, PostgresUrl};
    use drivers::sqlx::{is_auth_error, update_credentials};

    #[tokio::test]
    async fn follows_a_roll_of_mysql() {
        let server = servers::MariaDb::start();
        let login = async |url: &MysqlUrl| {
            let mut conn = url.to_sqlx().expect("options").connect().await?;
            conn.execute("SELECT 1").await?;
            conn.close().await
        };
        let fail = async |url: &MysqlUrl| {
            let mut conn = url
                .to_sqlx()
                .expect("options")
                .connect()
                .await
                .expect("a connection");
            let no_table = conn
                .execute("SELECT * FROM missing")
                .await
                .expect_err("no such table");
            let no_right = conn
                .execute("SELECT * FROM mysql.user")
                .await
                .expect_err("not allowed");
            vec![no_table, no_right]
        };
        check(&server, login, fail, is_auth_error).await;
    }

    #[tokio::test]
    async fn follows_a_roll_of_postgres() {
        let server = servers::Postgres::start();
        server.run("CREATE TABLE secrets (id int)");
        let login = async |url: &PostgresUrl| {
            let mut conn = url.to_sqlx().expect("options").connect().await?;
            conn.execute("SELECT 1").await?;
            conn.close().await
        };
        let fail = async |url: &PostgresUrl| {
            let options = url.to_sqlx().expect("options");
            let mut conn = options.connect().await.expect("a connection");
            let no_table = conn
                .execute("SELECT * FROM missing")
                .await
                .expect_err("no such table");
            let no_right = conn
                .execute("SELECT * FROM secrets")
                .await
                .expect_err("not allowed");
            let no_database = options
                .database("missing")
                .connect()
                .await
                .expect_err("no such database");
            vec![no_table, no_right, no_database]
        };
        check(&server, login, fail, is_auth_error).await;
    }

    #[tokio::test]
    async fn tls_of_mysql_is_what_was_asked_for() {
        let rows = [
            tls_row("", true, true),
            tls_row("?ssl-mode=REQUIRED", true, true),
            tls_row("?ssl-mode=VERIFY_CA&ssl-ca={ca}", true, true),
            tls_row("?ssl-ca={ca}", true, true),
            tls_row("?ssl-mode=VERIFY_IDENTITY&ssl-ca={ca}", true, false),
            tls_row("?ssl-mode=VERIFY_CA", false, false),
        ];
        let start = |certificate: &servers::Certificate| servers::MariaDb::start_tls(certificate.clone());
        let is_encrypted = async |url: &MysqlUrl| {
            let mut conn = url.to_sqlx().expect("options").connect().await?;
            let sql = "SELECT COUNT(*) FROM information_schema.session_status \
                       WHERE variable_name = 'Ssl_cipher' AND variable_value != ''";
            let count: i64 = ::sqlx::query_scalar(sql).fetch_one(&mut conn).await?;
            Ok::<_, Error>(count == 1)
        };
        check_tls(start, &rows, is_encrypted).await;
    }

    #[tokio::test]
    async fn tls_of_postgres_is_what_was_asked_for() {
        let is_encrypted = async |url: &PostgresUrl| {
            let mut conn = url.to_sqlx().expect("options").connect().await?;
            let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
            ::sqlx::query_scalar(sql).fetch_one(&mut conn).await
        };
        check_tls(servers::Postgres::start_tls, POSTGRES_TLS, is_encrypted).await;
    }

    #[tokio::test]
    async fn places_and_credentials_of_the_query_are_connected_to() {
        let server = servers::Postgres::start();
        for (text, is_socket) in places_of_postgres(&server) {
            let url: PostgresUrl = text.parse().expect("a URL");
            let mut conn = url.to_sqlx().expect("options").connect().await.expect(&text);
            let sql = "SELECT current_user::text, inet_server_addr() IS NULL";
            let row: (String, bool) = ::sqlx::query_as(sql).fetch_one(&mut conn).await.expect("a row");
            assert_eq!(row, ("app".to_owned(), is_socket), "{text}");
        }
    }

    #[tokio::test]
    async fn a_pool_is_told_its_new_options() {
        let server = servers::Postgres::start();
        server.put_user("app", HARD_PASSWORD);
        let options = |password| url::<PostgresUrl>(&server, password).to_sqlx().expect("options");
        let pool = ::sqlx::PgPool::connect_with(options(HARD_PASSWORD))
            .await
            .expect("the password lets in");
        let held = pool.acquire().await.expect("the connection that is open");

        server.roll("app", NEXT_PASSWORD);
        let error: Error = pool.acquire().await.expect_err("the old password is refused");
        assert!(is_auth_error(&error), "{error:?}");
        update_credentials(&pool, options(NEXT_PASSWORD));
        pool.acquire().await.expect("the new password lets in");
        drop(held);
    }

    /// The settings of `options` get to the server, and no `.pgpass` interferes.
    #[tokio::test]
    async fn options_for_the_server() {
        let server = servers::Postgres::start();
        server.put_user("app", HARD_PASSWORD);
        let text = server.url("app", HARD_PASSWORD)
            + "?options=-c%20statement_timeout%3D7s&options[lock_timeout]=3s";
        let url: PostgresUrl = text.parse().expect("a URL");
        let mut conn = url
            .to_sqlx()
            .expect("options")
            .connect()
            .await
            .expect("a connection");
        let sql = "SELECT current_setting('statement_timeout') || current_setting('lock_timeout')";
        let settings: String = ::sqlx::query_scalar(sql)
            .fetch_one(&mut conn)
            .await
            .expect("the settings");
        assert_eq!(settings, "7s3s");
    }
}

mod mongodb {
    use super::*;
    use ::mongodb::{Client, bson::doc, error::Error};
    use config_vars::MongoUrl;
    use drivers::mongodb::is_auth_error;
    use std::time::Duration;

    async fn client(url: &MongoUrl) -> Client {
        let mut options = url.to_mongodb().await.expect("options");
        options.server_selection_timeout = Some(Duration::from_secs(10));
        Client::with_options(options).expect("a client")
    }

    async fn ping(client: &Client) -> Result<(), Error> {
        client.database("app").run_command(doc! { "ping": 1 }).await?;
        client.database("app").list_collection_names().await.map(drop)
    }

    #[tokio::test]
    async fn follows_a_roll() {
        let server = servers::Mongo::start();
        let login = async |url: &MongoUrl| ping(&client(url).await).await;
        let fail = async |url: &MongoUrl| {
            let client = client(url).await;
            let no_right = client
                .database("other")
                .collection("c")
                .insert_one(doc! { "a": 1 })
                .await;
            let no_command = client.database("app").run_command(doc! { "missing": 1 }).await;
            vec![
                no_right.expect_err("not allowed"),
                no_command.expect_err("no such command"),
            ]
        };
        check(&server, login, fail, is_auth_error).await;
    }

    #[tokio::test]
    async fn names_that_dns_does_not_know() {
        let url: MongoUrl = "mongodb+srv://app:pw@cluster0.invalid/app"
            .parse()
            .expect("a URL");
        let error = url.to_mongodb().await.expect_err("no such name");
        assert_eq!(
            error.to_string(),
            "the host does not lead to servers by DNS; check the name, and that DNS answers"
        );
    }

    #[tokio::test]
    async fn a_set_is_found_at_its_new_ports() {
        let set = servers::MongoSet::start();
        set.put_user("app", HARD_PASSWORD);
        set.move_to_another_port();
        let moved: MongoUrl = set.url("app", HARD_PASSWORD).parse().expect("a URL");
        ping(&client(&moved).await)
            .await
            .expect("a login at the new ports");
    }

    /// After its first refusal the driver no longer finds a server, and tells the refusal within that.
    #[tokio::test]
    async fn every_later_operation_tells_the_refusal() {
        let server = servers::Mongo::start();
        server.put_user("app", NEXT_PASSWORD);
        let client = client(&url(&server, HARD_PASSWORD)).await;
        for round in 0..4 {
            let error = ping(&client).await.expect_err("a wrong password is refused");
            assert!(is_auth_error(&error), "round {round}: {error:?}");
        }
    }
}

mod memcache {
    use super::*;
    use ::memcache::MemcacheError;
    use config_vars::{Component, MemcacheUrl};
    use drivers::memcache::is_auth_error;
    use std::time::Duration;

    fn ask(url: &MemcacheUrl) -> Result<(), MemcacheError> {
        let client = url.to_memcache_with(|pool| pool.max_size(1).connection_timeout(Duration::from_secs(3)));
        let client = client.expect("a client");
        client.set("key", "value", 60)?;
        assert_eq!(client.get::<String>("key")?.as_deref(), Some("value"));
        Ok(())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn follows_a_roll() {
        let server = servers::Memcached::start_sasl();
        let login = async |url: &MemcacheUrl| tokio::task::block_in_place(|| ask(url));
        let fail = async |url: &MemcacheUrl| {
            let client = url.to_memcache().expect("a client");
            client.set("word", "text", 60).expect("stored");
            vec![client.increment("word", 1).expect_err("no number")]
        };
        check(&server, login, fail, is_auth_error).await;
    }

    #[test]
    fn a_socket_is_connected_to() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let socket = folder.path().join("memcached.sock");
        let server = std::process::Command::new("memcached")
            .args(["-u", "root", "-m", "16", "-s"])
            .arg(&socket)
            .spawn()
            .expect("memcached starts");
        let _server = servers::Killed(server);
        let deadline = std::time::Instant::now() + Duration::from_secs(30);
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            assert!(std::time::Instant::now() < deadline, "memcached does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        let path = socket.display().to_string();
        for text in [
            format!("memcache://{path}"),
            format!("memcache://{path}?protocol=ascii"),
            format!("memcache://{}", path.replace('/', "%2F")),
        ] {
            ask(&text.parse().expect("a URL")).unwrap_or_else(|error| panic!("{text}: {error}"));
        }
    }

    /// Without its feature `tls` the driver refuses to connect; it must never connect without TLS.
    #[test]
    fn tls_is_never_left_out() {
        let server = servers::Memcached::start_sasl();
        server.put_user("app", HARD_PASSWORD);
        let password = servers::encoded(HARD_PASSWORD);
        for query in ["", "?verify_mode=none"] {
            let text = format!("memcache+tls://app:{password}@127.0.0.1:{}{query}", server.port());
            assert!(ask(&text.parse().expect("a URL")).is_err(), "{query}");
        }
    }

    #[test]
    fn text_protocol() {
        let server = servers::Memcached::start_text();
        let url = |password: &str| -> MemcacheUrl {
            let text = server.url("app", password) + "?protocol=ascii";
            text.parse().expect("a URL")
        };
        server.put_user("app", "old-pw_1~%41");
        ask(&url("old-pw_1~%41")).expect("the password lets in");
        server.roll("app", "new");
        let error = ask(&url("old-pw_1~%41")).expect_err("the old password is refused");
        assert!(is_auth_error(&error), "{error:?}");
        assert!(server.allow_both("app", "new", "newer"));
        ask(&url("new")).expect("one password lets in");
        ask(&url("newer")).expect("and so does the other");

        let error = url(HARD_PASSWORD)
            .to_memcache()
            .err()
            .expect("the driver cannot send it");
        assert_eq!(error.component(), Some(Component::Password));
        server.stop();
        assert!(!is_auth_error(&ask(&url("new")).expect_err("nobody listens")));
    }
}

mod redis {
    use super::*;
    use ::redis::aio::MultiplexedConnection;
    use ::redis::{AsyncConnectionConfig, Client, RedisError};
    use config_vars::RedisUrl;
    use drivers::redis::{Credentials, is_auth_error};
    use std::time::Duration;

    /// The driver gives up after a second, and a busy machine may take longer.
    async fn open(client: &Client) -> Result<MultiplexedConnection, RedisError> {
        open_with(client, AsyncConnectionConfig::new()).await
    }

    async fn open_with(
        client: &Client,
        config: AsyncConnectionConfig,
    ) -> Result<MultiplexedConnection, RedisError> {
        const LONG: Option<Duration> = Some(Duration::from_secs(20));
        let config = config.set_connection_timeout(LONG).set_response_timeout(LONG);
        client.get_multiplexed_async_connection_with_config(&config).await
    }

    #[tokio::test]
    async fn follows_a_roll() {
        let server = servers::Redis::start();
        let login = async |url: &RedisUrl| -> Result<(), RedisError> {
            let client = Client::open(url.to_redis().expect("options"))?;
            let mut conn = open(&client).await?;
            ::redis::cmd("PING").exec_async(&mut conn).await
        };
        let fail = async |url: &RedisUrl| {
            let client = Client::open(url.to_redis().expect("options")).expect("a client");
            let mut conn = open(&client).await.expect("a connection");
            let no_right = ::redis::cmd("CONFIG")
                .arg("GET")
                .arg("port")
                .exec_async(&mut conn)
                .await;
            let no_command = ::redis::cmd("MISSING").exec_async(&mut conn).await;
            vec![
                no_right.expect_err("not allowed"),
                no_command.expect_err("no such command"),
            ]
        };
        check(&server, login, fail, is_auth_error).await;
    }

    #[tokio::test]
    async fn sockets_are_connected_to() {
        let server = servers::Redis::start();
        server.put_user("app", HARD_PASSWORD);
        let path = server.socket().display().to_string();
        let password = servers::encoded(HARD_PASSWORD);
        for text in [
            format!("redis+unix://{path}?db=1&user=app&pass={password}"),
            format!("valkey+unix://{path}?user=app&pass={password}"),
            format!("unix://app:{password}@{path}?db=1"),
            format!("redis://app:{password}@{}/1", path.replace('/', "%2F")),
        ] {
            let url: RedisUrl = text.parse().expect("a URL");
            let client = Client::open(url.to_redis().expect("options")).expect("a client");
            let mut conn = open(&client).await.expect("the socket is connected to");
            ::redis::cmd("PING").exec_async(&mut conn).await.expect("let in");
        }
    }

    #[tokio::test]
    async fn both_protocols_tell_a_refusal() {
        let server = servers::Redis::start();
        server.put_user("app", NEXT_PASSWORD);
        for protocol in ["resp2", "resp3"] {
            let text = server.url("app", HARD_PASSWORD) + "?protocol=" + protocol;
            let url: RedisUrl = text.parse().expect("a URL");
            let client = Client::open(url.to_redis().expect("options")).expect("a client");
            let error = open(&client).await.map(drop).expect_err("refused");
            assert!(is_auth_error(&error), "{protocol}: {error:?}");
            let error = client.get_connection().map(drop).expect_err("refused");
            assert!(is_auth_error(&error), "{protocol}, blocking: {error:?}");
        }
        // Without credentials, the first command is refused.
        let url: RedisUrl = format!("redis://127.0.0.1:{}", server.port())
            .parse()
            .expect("a URL");
        let client = Client::open(url.to_redis().expect("options")).expect("a client");
        let error = match open(&client).await {
            Ok(mut conn) => ::redis::cmd("PING")
                .exec_async(&mut conn)
                .await
                .expect_err("refused"),
            Err(error) => error,
        };
        assert!(is_auth_error(&error), "{error:?}");
    }

    #[tokio::test]
    async fn tls_is_what_was_asked_for() {
        let authority = servers::Authority::create();
        let server = servers::Redis::start_tls(authority.sign("IP:127.0.0.1"));
        server.put_user("app", HARD_PASSWORD);
        let connect = async |query: &str| {
            let password = servers::encoded(HARD_PASSWORD);
            let text = format!("rediss://app:{password}@127.0.0.1:{}{query}", server.tls_port());
            let url: RedisUrl = text.parse().expect("a URL");
            let client = Client::open(url.to_redis().expect("options")).expect("a client");
            open(&client).await.map(drop)
        };
        connect("?ssl_cert_reqs=none").await.expect("whoever answers");
        connect("/0#insecure").await.expect("whoever answers");
        let error = connect("")
            .await
            .expect_err("not by an authority that all the world knows");
        assert!(!is_auth_error(&error), "{error:?}");
    }

    /// An open connection authenticates anew, in place: it then is another user.
    #[tokio::test]
    async fn an_open_connection_follows_credentials() {
        let server = servers::Redis::start();
        server.put_user("app", HARD_PASSWORD);
        server.put_user("app-2", NEXT_PASSWORD);
        let url: RedisUrl = url(&server, HARD_PASSWORD);
        let credentials = Credentials::new(&url);
        let client = Client::open(url.to_redis().expect("options")).expect("a client");
        let config = AsyncConnectionConfig::new().set_credentials_provider(credentials.clone());
        let mut conn = open_with(&client, config).await.expect("a connection");
        let mut who = async || -> String {
            ::redis::cmd("ACL")
                .arg("WHOAMI")
                .query_async(&mut conn)
                .await
                .expect("an answer")
        };
        // The command is an administrator's in this server's table of rights.
        server.run(&["ACL", "SETUSER", "app", "+acl|whoami"]);
        server.run(&["ACL", "SETUSER", "app-2", "+acl|whoami"]);
        assert_eq!(who().await, "app");

        let next: RedisUrl = server.url("app-2", NEXT_PASSWORD).parse().expect("a URL");
        assert!(credentials.roll(&next));
        let mut is_other = false;
        for _ in 0..50 {
            is_other = who().await == "app-2";
            if is_other {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(is_other);
        assert!(!format!("{credentials:?}").contains(NEXT_PASSWORD));
    }
}

mod tokio_postgres {
    use super::*;
    use ::tokio_postgres::{Client, Error};
    use config_vars::PostgresUrl;
    use drivers::tokio_postgres::is_auth_error;

    async fn connect(url: &PostgresUrl) -> Result<Client, Error> {
        let config = url.to_tokio_postgres().expect("options");
        let (client, connection) = config
            .connect(url.to_tokio_postgres_tls().expect("a connector"))
            .await?;
        tokio::spawn(connection);
        Ok(client)
    }

    #[tokio::test]
    async fn follows_a_roll() {
        let server = servers::Postgres::start();
        server.run("CREATE TABLE secrets (id int)");
        let login = async |url: &PostgresUrl| connect(url).await?.batch_execute("SELECT 1").await;
        let fail = async |url: &PostgresUrl| {
            let client = connect(url).await.expect("a connection");
            let no_table = client
                .batch_execute("SELECT * FROM missing")
                .await
                .expect_err("no such table");
            let no_right = client
                .batch_execute("SELECT * FROM secrets")
                .await
                .expect_err("not allowed");
            let other: PostgresUrl = format!("{}?dbname=missing", url.expose_original())
                .parse()
                .expect("a URL");
            let no_database = connect(&other).await.map(drop).expect_err("no such database");
            vec![no_table, no_right, no_database]
        };
        check(&server, login, fail, is_auth_error).await;
    }

    #[tokio::test]
    async fn places_and_credentials_of_the_query_are_connected_to() {
        let server = servers::Postgres::start();
        for (text, is_socket) in places_of_postgres(&server) {
            let url: PostgresUrl = text.parse().expect("a URL");
            let client = connect(&url).await.expect(&text);
            let sql = "SELECT current_user::text, inet_server_addr() IS NULL";
            let row = client.query_one(sql, &[]).await.expect("a row");
            assert_eq!((row.get(0), row.get(1)), ("app".to_owned(), is_socket), "{text}");
        }
    }

    #[tokio::test]
    async fn tls_is_what_was_asked_for() {
        let is_encrypted = async |url: &PostgresUrl| {
            let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
            let row = connect(url).await?.query_one(sql, &[]).await?;
            Ok::<_, Error>(row.get(0))
        };
        check_tls(servers::Postgres::start_tls, POSTGRES_TLS, is_encrypted).await;
    }
}
