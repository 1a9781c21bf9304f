//! The bytes that the drivers send to a listener in their server's place: no password and no login in clear where the URL
//! demands TLS, and none to a server whose certificate the URL would not have. Every driver, all words of TLS, and their
//! pairs in both orders. The certificates in `wire/` were made for this test, and last for a hundred years.

#![cfg(all(
    feature = "memcache",
    feature = "mongodb",
    feature = "mysql_async",
    feature = "redis",
    feature = "reqwest",
    feature = "sqlx",
    feature = "tokio-postgres"
))]

use config_vars::{HttpUrl, MemcacheUrl, MongoUrl, MysqlUrl, PostgresUrl, RedisUrl, ResourceUrl, Tls};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixListener};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

const USER: &str = "canaryuser";
const PASSWORD: &str = "canarypassword";
/// `canaryuser:canarypassword`, as HTTP has it.
const BASIC: &str = "Y2FuYXJ5dXNlcjpjYW5hcnlwYXNzd29yZA==";

/// How the listener is to be taken for a server.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Speaks {
    Mysql,
    Postgres,
    /// TLS from the first byte, or none.
    Direct(&'static [u8]),
}

/// The listener's answer to a request for TLS.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Offers {
    NoTls,
    /// A certificate of an authority that nobody knows.
    Stranger,
    /// A certificate of the test's authority, for another name.
    WrongName,
    /// A certificate as it should be.
    Right,
}

/// For drivers that take a file of authorities.
const ALL: &[Offers] = &[Offers::NoTls, Offers::Stranger, Offers::WrongName, Offers::Right];
/// For the others, to which every certificate of the test is a stranger's.
const FEW: &[Offers] = &[Offers::NoTls, Offers::Stranger];

impl Offers {
    fn acceptor(self) -> Option<TlsAcceptor> {
        let name = match self {
            Self::NoTls => return None,
            Self::Stranger => "stranger",
            Self::WrongName => "wrong-name",
            Self::Right => "right",
        };
        let certificate = CertificateDer::from_pem_file(file(&format!("{name}.pem"))).unwrap();
        let key = PrivateKeyDer::from_pem_file(file(&format!("{name}.key"))).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        Some(TlsAcceptor::from(Arc::new(config)))
    }
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("it/wire").join(name)
}

/// The bytes that came in, in clear and within TLS.
#[derive(Default)]
struct Seen {
    clear: Mutex<Vec<u8>>,
    tls: Mutex<Vec<u8>>,
}

fn holds_login(bytes: &Mutex<Vec<u8>>) -> bool {
    let bytes = bytes.lock().unwrap();
    [USER, PASSWORD, BASIC]
        .iter()
        .any(|sign| bytes.windows(sign.len()).any(|piece| piece == sign.as_bytes()))
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A place to connect to: TCP on two addresses with one port, and the sockets that MySQL and PostgreSQL would have.
struct Place {
    port: u16,
    folder: TempDir,
    seen: Arc<Seen>,
    listeners: JoinSet<()>,
    connections: Arc<Mutex<JoinSet<()>>>,
}

impl Place {
    async fn open(speaks: Speaks, acceptor: Option<&TlsAcceptor>) -> Self {
        let (first, second) = loop {
            let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = first.local_addr().unwrap().port();
            if let Ok(second) = TcpListener::bind(("127.0.0.2", port)).await {
                break (first, second);
            }
        };
        let port = first.local_addr().unwrap().port();
        let folder = TempDir::new().unwrap();
        let seen = Arc::new(Seen::default());
        let mut listeners = JoinSet::new();
        let connections = Arc::new(Mutex::new(JoinSet::new()));
        for listener in [first, second] {
            let (acceptor, seen, connections) = (acceptor.cloned(), seen.clone(), connections.clone());
            listeners.spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let answer = answer(stream, speaks, acceptor.clone(), seen.clone());
                    connections.lock().unwrap().spawn(answer);
                }
            });
        }
        for name in ["m.sock".to_owned(), format!(".s.PGSQL.{port}")] {
            let listener = UnixListener::bind(folder.path().join(name)).unwrap();
            let (seen, connections) = (seen.clone(), connections.clone());
            listeners.spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let answer = answer(stream, speaks, None, seen.clone());
                    connections.lock().unwrap().spawn(answer);
                }
            });
        }
        Self {
            port,
            folder,
            seen,
            listeners,
            connections,
        }
    }

    /// Waits until all that was sent is read: until the clients have closed, or a bound for those that never do.
    async fn drain(&mut self) {
        self.listeners.abort_all();
        let mut connections = std::mem::take(&mut *self.connections.lock().unwrap());
        let all = async { while connections.join_next().await.is_some() {} };
        _ = tokio::time::timeout(Duration::from_secs(2), all).await;
    }

    /// A URL or an option, for this place.
    fn fill_in(&self, text: &str) -> String {
        text.replace("PORT", &self.port.to_string())
            .replace("FOLDER", self.folder.path().to_str().unwrap())
            .replace("AUTHORITY", file("authority.pem").to_str().unwrap())
    }
}

async fn answer(mut stream: impl Stream, speaks: Speaks, acceptor: Option<TlsAcceptor>, seen: Arc<Seen>) {
    if speaks == Speaks::Mysql {
        _ = stream.write_all(&greeting(acceptor.is_some())).await;
    }
    let mut first = vec![0; 4096];
    let Ok(length @ 1..) = stream.read(&mut first).await else {
        return;
    };
    let first = &first[..length];
    seen.clear.lock().unwrap().extend_from_slice(first);
    let wants_tls = match speaks {
        // A packet of 32 bytes is a request for TLS, and not yet a login. TLS may follow at once.
        Speaks::Mysql => first.len() >= MYSQL_REQUEST && first[0] == 32,
        Speaks::Postgres => first.len() == 8 && first[4..] == 80_877_103_u32.to_be_bytes(),
        Speaks::Direct(_) => false,
    };
    if speaks == Speaks::Postgres && wants_tls {
        let answer = if acceptor.is_some() { b"S" } else { b"N" };
        _ = stream.write_all(answer).await;
    }
    let before_tls = match speaks {
        Speaks::Mysql => MYSQL_REQUEST,
        Speaks::Postgres if wants_tls => first.len(),
        Speaks::Postgres | Speaks::Direct(_) => 0,
    };
    match acceptor {
        Some(acceptor) if wants_tls || first[0] == 0x16 => {
            let first = first[before_tls..].to_vec();
            let stream = Again { first, stream };
            if let Ok(mut stream) = acceptor.accept(stream).await {
                go_on(&mut stream, speaks, &seen.tls).await;
            }
        }
        _ => {
            _ = refuse(&mut stream, speaks).await;
            go_on(&mut stream, speaks, &seen.clear).await;
        }
    }
}

/// The length of MySQL's request for TLS.
const MYSQL_REQUEST: usize = 36;

/// Reads what comes, and asks for a password in clear.
async fn go_on(stream: &mut impl Stream, speaks: Speaks, seen: &Mutex<Vec<u8>>) {
    const MESSAGES: usize = 4;
    let mut bytes = vec![0; 4096];
    for _ in 0..MESSAGES {
        let Ok(length @ 1..) = stream.read(&mut bytes).await else {
            return;
        };
        seen.lock().unwrap().extend_from_slice(&bytes[..length]);
        if refuse(stream, speaks).await.is_err() {
            return;
        }
    }
}

async fn refuse(stream: &mut impl Stream, speaks: Speaks) -> std::io::Result<()> {
    match speaks {
        // An error: access denied.
        Speaks::Mysql => {
            let text = b"\xff\x15\x04#28000no";
            stream.write_all(&[text.len() as u8, 0, 0, 2]).await?;
            stream.write_all(text).await?;
            stream.shutdown().await
        }
        // A request for the password.
        Speaks::Postgres => stream.write_all(b"R\0\0\0\x08\0\0\0\x03").await,
        Speaks::Direct(refusal) => {
            stream.write_all(refusal).await?;
            stream.shutdown().await
        }
    }
}

/// MySQL's first packet.
fn greeting(offers_tls: bool) -> Vec<u8> {
    // Protocol 4.1, secure connection, plugins, and TLS.
    let low: u16 = 0x8200 | 0x0001 | 0x0008 | if offers_tls { 0x0800 } else { 0 };
    let high: u16 = 0x0008;
    let mut body = b"\x0a8.0.36\0\x07\0\0\0abcdefgh\0".to_vec();
    body.extend(low.to_le_bytes());
    body.extend(b"\x2d\x02\0");
    body.extend(high.to_le_bytes());
    body.extend(b"\x15\0\0\0\0\0\0\0\0\0\0ijklmnopqrst\0mysql_native_password\0");
    let mut packet = (body.len() as u32).to_le_bytes().to_vec();
    packet[3] = 0;
    packet.extend(body);
    packet
}

/// A stream of which the first bytes were read already.
struct Again<S> {
    first: Vec<u8>,
    stream: S,
}

impl<S: Stream> AsyncRead for Again<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        if self.first.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let length = buffer.remaining().min(self.first.len());
        buffer.put_slice(&self.first[..length]);
        self.first.drain(..length);
        std::task::Poll::Ready(Ok(()))
    }
}

impl<S: Stream> AsyncWrite for Again<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        bytes: &[u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

type Connecting = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Begins to connect; `None` where the hand-over refuses.
type Connect = fn(String) -> Pin<Box<dyn Future<Output = Option<Connecting>> + Send>>;

/// How often logins were seen, by what was demanded: to prove that the listener sees them.
#[derive(Debug, Default)]
struct Count {
    clear: usize,
    unverified: usize,
    verified: usize,
    handed_over: usize,
}

async fn check_all(
    base: &str,
    words: &[&str],
    speaks: Speaks,
    offered: &[Offers],
    connect: Connect,
) -> Count {
    const AT_ONCE: usize = 32;
    let singles = words.iter().map(|word| format!("{base}?{word}"));
    let pairs = words.iter().flat_map(|one| {
        let others = words.iter().filter(move |other| *other != one);
        others.map(move |other| format!("{base}?{one}&{other}"))
    });
    let urls: Vec<String> = singles.chain(pairs).collect();
    let mut count = Count::default();
    for &offers in offered {
        let acceptor = offers.acceptor();
        for urls in urls.chunks(AT_ONCE) {
            let mut running = JoinSet::new();
            for url in urls {
                let (url, acceptor) = (url.clone(), acceptor.clone());
                running.spawn(async move { check(&url, speaks, offers, acceptor.as_ref(), connect).await });
            }
            while let Some(one) = running.join_next().await {
                let one = one.unwrap();
                count.clear += one.clear;
                count.unverified += one.unverified;
                count.verified += one.verified;
                count.handed_over += one.handed_over;
            }
        }
    }
    println!("{base}: {} URLs, {count:?}", urls.len());
    count
}

async fn check(
    template: &str,
    speaks: Speaks,
    offers: Offers,
    acceptor: Option<&TlsAcceptor>,
    connect: Connect,
) -> Count {
    let mut count = Count::default();
    let mut place = Place::open(speaks, acceptor).await;
    let text = place.fill_in(template);
    // Text that a specification forbids is not a URL, and is not handed over.
    let Ok(url) = text.parse::<ResourceUrl>() else {
        return count;
    };
    let Some(connecting) = connect(text.clone()).await else {
        return count;
    };
    count.handed_over += 1;
    tokio::time::timeout(Duration::from_secs(20), connecting)
        .await
        .unwrap_or_else(|_| panic!("{template} with {offers:?} does not end"));
    place.drain().await;
    let tls = url.tls();
    let (in_clear, in_tls) = (holds_login(&place.seen.clear), holds_login(&place.seen.tls));
    assert!(
        !(in_clear && tls.is_required()),
        "{template} with {offers:?}: a login in clear"
    );
    // By the authority's file alone is the test's own certificate a good one.
    let is_trusted = text.contains("authority.pem");
    let is_good = match offers {
        Offers::NoTls | Offers::Stranger => false,
        Offers::WrongName => is_trusted && tls == Tls::VerifiedCa,
        Offers::Right => is_trusted,
    };
    assert!(
        !(in_tls && tls.is_verified() && !is_good),
        "{template} with {offers:?}: a login to a server with a wrong certificate"
    );
    count.clear += usize::from(in_clear);
    count.unverified += usize::from(in_tls && tls == Tls::Unverified);
    count.verified += usize::from(in_tls && tls.is_verified());
    count
}

const MYSQL: &[&str] = &[
    "charset=utf8mb4",
    "ssl-mode=DISABLED",
    "ssl-mode=PREFERRED",
    "sslmode=required",
    "ssl_mode=VERIFY_CA",
    "sslMode=VERIFY_IDENTITY",
    "useSSL=true",
    "useSSL=false",
    "requireSSL=true",
    "require_ssl=true",
    "require_ssl=false",
    "verifyServerCertificate=true",
    "verify_ca=false",
    "sslaccept=strict",
    "ssl={\"rejectUnauthorized\":false}",
    "tls=skip-verify",
    "ssl-ca=AUTHORITY",
    "sslfoo=1",
    "prefer_socket=true",
    "socket=FOLDER/m.sock",
];

const POSTGRES: &[&str] = &[
    "application_name=shop",
    "sslmode=disable",
    "sslmode=allow",
    "sslmode=prefer",
    "sslmode=require",
    "sslmode=verify-ca",
    "sslmode=verify-full",
    "ssl-mode=no-verify",
    "ssl=true",
    "ssl=false",
    "requiressl=1",
    "sslaccept=strict",
    "sslrootcert=AUTHORITY",
    "sslrootcert=system",
    "sslnegotiation=direct",
    "sslfoo=1",
    "host=FOLDER",
    "hostaddr=127.0.0.2",
    "password=canarypassword",
];

fn later(connecting: impl Future<Output = ()> + Send + 'static) -> Option<Connecting> {
    Some(Box::pin(connecting))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mysql_async() {
    let base = format!("mysql://{USER}:{PASSWORD}@127.0.0.1:PORT/shop");
    let count = check_all(&base, MYSQL, Speaks::Mysql, ALL, |text| {
        Box::pin(async move {
            let opts = text.parse::<MysqlUrl>().ok()?.to_mysql_async().ok()?;
            later(async { _ = mysql_async::Conn::new(opts).await })
        })
    })
    .await;
    assert!(
        count.clear > 0 && count.unverified > 0 && count.verified > 0,
        "{count:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlx_mysql() {
    use sqlx::ConnectOptions;
    let base = format!("mysql://{USER}:{PASSWORD}@127.0.0.1:PORT/shop");
    let count = check_all(&base, MYSQL, Speaks::Mysql, ALL, |text| {
        Box::pin(async move {
            let options = text.parse::<MysqlUrl>().ok()?.to_sqlx().ok()?;
            later(async move { _ = options.connect().await })
        })
    })
    .await;
    assert!(
        count.clear > 0 && count.unverified > 0 && count.verified > 0,
        "{count:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlx_postgres() {
    use sqlx::ConnectOptions;
    for base in [
        "postgres://canaryuser:canarypassword@127.0.0.1:PORT/shop",
        "postgres://canaryuser@/shop",
    ] {
        let words: Vec<&str> = match base.contains("127") {
            true => POSTGRES.to_vec(),
            false => vec![
                "host=FOLDER&port=PORT&hostaddr=127.0.0.2&password=canarypassword&sslmode=verify-full",
                "host=FOLDER&port=PORT&password=canarypassword&sslmode=require",
                "host=FOLDER&port=PORT&password=canarypassword",
                "host=127.0.0.1&port=PORT&sslmode=require",
                "sslrootcert=AUTHORITY&hostaddr=127.0.0.2&port=PORT&sslmode=verify-full",
            ],
        };
        let count = check_all(base, &words, Speaks::Postgres, ALL, |text| {
            Box::pin(async move {
                let options = text.parse::<PostgresUrl>().ok()?.to_sqlx().ok()?;
                later(async move { _ = options.connect().await })
            })
        })
        .await;
        assert!(
            count.clear > 0 && count.unverified > 0 && count.verified > 0,
            "{count:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokio_postgres() {
    for base in [
        "postgres://canaryuser:canarypassword@127.0.0.1:PORT/shop",
        "postgres://canaryuser@/shop",
    ] {
        let words: Vec<&str> = match base.contains("127") {
            true => POSTGRES.to_vec(),
            false => vec![
                "host=FOLDER&port=PORT&hostaddr=127.0.0.2&password=canarypassword&sslmode=verify-full",
                "host=FOLDER&port=PORT&password=canarypassword&sslmode=require",
                "host=FOLDER&port=PORT&password=canarypassword",
                "host=127.0.0.1&port=PORT&sslmode=require",
                "sslrootcert=AUTHORITY&hostaddr=127.0.0.2&port=PORT&sslmode=verify-full",
            ],
        };
        let count = check_all(base, &words, Speaks::Postgres, ALL, |text| {
            Box::pin(async move {
                let url = text.parse::<PostgresUrl>().ok()?;
                let (config, tls) = (url.to_tokio_postgres().ok()?, url.to_tokio_postgres_tls().ok()?);
                later(async move {
                    _ = config.connect(tls).await;
                })
            })
        })
        .await;
        assert!(
            count.clear > 0 && count.unverified > 0 && count.verified > 0,
            "{count:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis() {
    _ = rustls::crypto::ring::default_provider().install_default();
    const WORDS: &[&str] = &[
        "protocol=2",
        "ssl=true",
        "ssl=false",
        "tls=yes",
        "ssl_cert_reqs=none",
        "ssl_cert_reqs=required",
        "ssl_check_hostname=false",
        "skip_verify=true",
        "sslfoo=1",
    ];
    let mut clear = 0;
    for scheme in ["redis", "rediss"] {
        let base = format!("{scheme}://{USER}:{PASSWORD}@127.0.0.1:PORT/0");
        let count = check_all(&base, WORDS, Speaks::Direct(b"-ERR no\r\n"), FEW, |text| {
            Box::pin(async move {
                let info = text.parse::<RedisUrl>().ok()?.to_redis().ok()?;
                later(async move {
                    if let Ok(client) = redis::Client::open(info) {
                        _ = client.get_multiplexed_async_connection().await;
                    }
                })
            })
        })
        .await;
        clear += count.clear;
        assert!(count.unverified > 0, "{scheme}: {count:?}");
    }
    assert!(clear > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memcache() {
    const WORDS: &[&str] = &[
        "timeout=1",
        "tls=true",
        "ssl=false",
        "sslfoo=1",
        "verify_mode=peer",
        "encrypt=1",
    ];
    // SASL's refusal.
    const REFUSAL: &[u8] = b"\x81\x21\0\0\0\0\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    let base = format!("memcache://{USER}:{PASSWORD}@127.0.0.1:PORT");
    let count = check_all(&base, WORDS, Speaks::Direct(REFUSAL), FEW, |text| {
        Box::pin(async move {
            let url = text.parse::<MemcacheUrl>().ok()?;
            let quick = Duration::from_secs(1);
            let client = url
                .to_memcache_with(|pool| pool.max_size(1).connection_timeout(quick))
                .ok()?;
            later(async move {
                _ = tokio::task::spawn_blocking(move || client.get::<String>("x").is_ok()).await;
            })
        })
    })
    .await;
    assert!(count.clear > 0, "{count:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mongodb() {
    const WORDS: &[&str] = &[
        "w=1",
        "tls=true",
        "tls=false",
        "ssl=true",
        "ssl=false",
        "tlsInsecure=true",
        "tlsAllowInvalidCertificates=true",
        "tlsAllowInvalidHostnames=true",
        "tlsCAFile=AUTHORITY",
        "tlsFoo=1",
        "tls=perhaps",
    ];
    let base = format!("mongodb://{USER}:{PASSWORD}@127.0.0.1:PORT/shop");
    let count = check_all(&base, WORDS, Speaks::Direct(b""), ALL, |text| {
        Box::pin(async move {
            let url = text.parse::<MongoUrl>().ok()?;
            let mut options = url.to_mongodb().await.ok()?;
            options.server_selection_timeout = Some(Duration::from_millis(300));
            // The driver's messages that monitor a server contain no user, and come before any login.
            options.app_name = Some(USER.to_owned());
            later(async move {
                if let Ok(client) = mongodb::Client::with_options(options) {
                    _ = client.list_database_names().await;
                }
            })
        })
    })
    .await;
    assert!(
        count.clear > 0 && count.unverified > 0 && count.verified > 0,
        "{count:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reqwest() {
    _ = rustls::crypto::ring::default_provider().install_default();
    const WORDS: &[&str] = &["a=1", "ssl=false", "verify=0", "tls=off"];
    let mut clear = 0;
    for scheme in ["http", "https"] {
        let base = format!("{scheme}://{USER}:{PASSWORD}@127.0.0.1:PORT/v1");
        let count = check_all(
            &base,
            WORDS,
            Speaks::Direct(b"HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n"),
            FEW,
            |text| {
                Box::pin(async move {
                    let url = text.parse::<HttpUrl>().ok()?;
                    let client = reqwest::Client::builder().no_proxy().build().ok()?;
                    let request = url.to_reqwest(&client, reqwest::Method::GET).ok()?;
                    later(async move { _ = request.send().await })
                })
            },
        )
        .await;
        assert!(count.handed_over > 0);
        clear += count.clear;
    }
    assert!(clear > 0);
}
