//! Each driver as an app uses it: how a client is made of config vars, and one request on a connection of its own.
//!
//! A connection that is open outlives its password, in all servers. So each request here makes one and closes it: what is
//! counted is what new connections meet. Requests of databases take 5 ms there, so that there are some to be cut.

use crate::api::Api;
use crate::rolls::{Delivery, Variant};
use crate::runtime::Flavor;
use config_vars::{
    AppError, ConfigVars, Error, ExposeSecret, HttpUrl, Live, MemcacheUrl, MongoUrl, MysqlUrl, PostgresUrl,
    RedisUrl, SecretString, drivers,
};
use servers::{MariaDb, Memcached, Mongo, Postgres, Redis, Server, encoded};
use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

pub trait App: Send + Sync + 'static {
    type Server: Server + 'static;
    /// The value that is read from the config vars.
    type Config: Send + Sync + 'static;
    type Client: Send + Sync + 'static;
    type Error: Debug + Send + 'static;

    const NAME: &'static str;
    /// Setups of this app other than the first, whose config vars are in a folder.
    const VARIANTS: &'static [Variant] = &[];

    fn start() -> Self::Server;

    /// The config vars of the add-on, for a user of it.
    fn vars(server: &Self::Server, user: &str, password: &str) -> Vec<(&'static str, String)>;

    fn read(vars: &ConfigVars) -> Result<Self::Config, Error>;

    /// Makes the clients that follow, in a task of the app's runtime.
    fn clients(
        configs: &Live<Self::Config>,
    ) -> impl Future<Output = Result<Live<Self::Client>, Error>> + Send;

    /// A request on a new connection.
    fn request(client: Arc<Self::Client>) -> impl Future<Output = Result<(), Self::Error>> + Send;

    fn is_auth_error(error: &Self::Error) -> bool;
}

/// Makes the client of an app that never reads its config vars again.
pub async fn only_client<A: App>(vars: ConfigVars) -> Result<Arc<A::Client>, Error> {
    let configs = Live::from_fn(move || Ok(vars.clone()), A::read)?;
    Ok(A::clients(&configs).await?.load_full())
}

/// For drivers that give up sooner than a busy machine answers.
const LONG: Duration = Duration::from_secs(20);

/// Something that is done for one of the apps, whichever it is.
pub trait Visitor {
    fn visit<A: App>(&mut self);
}

pub fn visit_all(visitor: &mut impl Visitor) {
    visitor.visit::<MysqlAsync>();
    visitor.visit::<SqlxMysql>();
    visitor.visit::<Memcache>();
    visitor.visit::<MongoDb>();
    visitor.visit::<Bearer>();
    visitor.visit::<TokenInPath>();
    visitor.visit::<RedisApp>();
    visitor.visit::<SqlxPostgres>();
}

pub struct MysqlAsync;

impl App for MysqlAsync {
    type Server = MariaDb;
    type Config = MysqlUrl;
    type Client = mysql_async::Pool;
    type Error = mysql_async::Error;

    const NAME: &'static str = "MariaDB, mysql_async";

    fn start() -> MariaDb {
        MariaDb::start()
    }

    fn vars(server: &MariaDb, user: &str, password: &str) -> Vec<(&'static str, String)> {
        // The driver would move to the server's socket, which does not move with the port.
        vec![("JAWSDB_URL", server.url(user, password) + "?prefer_socket=false")]
    }

    fn read(vars: &ConfigVars) -> Result<MysqlUrl, Error> {
        vars.url("JAWSDB_URL")
    }

    async fn clients(urls: &Live<MysqlUrl>) -> Result<Live<mysql_async::Pool>, Error> {
        urls.map(|url| Ok(mysql_async::Pool::new(url.to_mysql_async()?)))
    }

    async fn request(pool: Arc<mysql_async::Pool>) -> Result<(), mysql_async::Error> {
        use mysql_async::prelude::Queryable;
        let mut conn = pool.get_conn().await?;
        conn.query_drop("SELECT SLEEP(0.005)").await?;
        // The answer is there, whatever becomes of the connection.
        _ = conn.disconnect().await;
        Ok(())
    }

    fn is_auth_error(error: &mysql_async::Error) -> bool {
        drivers::mysql_async::is_auth_error(error)
    }
}

pub struct SqlxMysql;

impl App for SqlxMysql {
    type Server = MariaDb;
    type Config = MysqlUrl;
    type Client = sqlx::MySqlPool;
    type Error = sqlx::Error;

    const NAME: &'static str = "MariaDB, sqlx";
    const VARIANTS: &'static [Variant] = &[Variant {
        name: "MariaDB, sqlx; async source, one thread",
        delivery: Delivery::Store,
        flavor: Flavor::CurrentThread,
    }];

    fn start() -> MariaDb {
        MariaDb::start()
    }

    fn vars(server: &MariaDb, user: &str, password: &str) -> Vec<(&'static str, String)> {
        vec![("JAWSDB_URL", server.url(user, password))]
    }

    fn read(vars: &ConfigVars) -> Result<MysqlUrl, Error> {
        vars.url("JAWSDB_URL")
    }

    async fn clients(urls: &Live<MysqlUrl>) -> Result<Live<sqlx::MySqlPool>, Error> {
        urls.map(|url| {
            let options = sqlx::pool::PoolOptions::new().acquire_timeout(Duration::from_secs(5));
            Ok(options.connect_lazy_with(url.to_sqlx()?))
        })
    }

    async fn request(pool: Arc<sqlx::MySqlPool>) -> Result<(), sqlx::Error> {
        let mut conn = pool.acquire().await?;
        sqlx::query("SELECT SLEEP(0.005)").execute(&mut *conn).await?;
        _ = conn.close().await;
        Ok(())
    }

    fn is_auth_error(error: &sqlx::Error) -> bool {
        drivers::sqlx::is_auth_error(error)
    }
}

/// One pool for good, that is told each roll.
pub struct SqlxPostgres;

impl App for SqlxPostgres {
    type Server = Postgres;
    type Config = PostgresUrl;
    type Client = sqlx::PgPool;
    type Error = sqlx::Error;

    const NAME: &'static str = "PostgreSQL, sqlx in place";

    fn start() -> Postgres {
        Postgres::start()
    }

    fn vars(server: &Postgres, user: &str, password: &str) -> Vec<(&'static str, String)> {
        vec![("DATABASE_URL", server.url(user, password))]
    }

    fn read(vars: &ConfigVars) -> Result<PostgresUrl, Error> {
        vars.url("DATABASE_URL")
    }

    async fn clients(urls: &Live<PostgresUrl>) -> Result<Live<sqlx::PgPool>, Error> {
        let settings = sqlx::pool::PoolOptions::new().acquire_timeout(Duration::from_secs(5));
        let pool = settings.connect_lazy_with(urls.load().to_sqlx()?);
        urls.map(move |url| {
            drivers::sqlx::update_credentials(&pool, url.to_sqlx()?);
            Ok(pool.clone())
        })
    }

    async fn request(pool: Arc<sqlx::PgPool>) -> Result<(), sqlx::Error> {
        let mut conn = pool.acquire().await?;
        sqlx::query("SELECT pg_sleep(0.005)").execute(&mut *conn).await?;
        _ = conn.close().await;
        Ok(())
    }

    fn is_auth_error(error: &sqlx::Error) -> bool {
        drivers::sqlx::is_auth_error(error)
    }
}

/// A client for each request, for its pools cannot be made to close a connection.
pub struct Memcache;

impl App for Memcache {
    type Server = Memcached;
    type Config = MemcacheUrl;
    type Client = MemcacheUrl;
    type Error = memcache::MemcacheError;

    const NAME: &'static str = "memcached with SASL, memcache";

    fn start() -> Memcached {
        Memcached::start_sasl()
    }

    fn vars(server: &Memcached, user: &str, password: &str) -> Vec<(&'static str, String)> {
        vec![("MEMCACHEDCLOUD_URL", server.url(user, password) + "?timeout=5")]
    }

    fn read(vars: &ConfigVars) -> Result<MemcacheUrl, Error> {
        vars.url("MEMCACHEDCLOUD_URL")
    }

    async fn clients(urls: &Live<MemcacheUrl>) -> Result<Live<MemcacheUrl>, Error> {
        urls.map(|url| {
            url.to_memcache()?;
            Ok(url.clone())
        })
    }

    async fn request(url: Arc<MemcacheUrl>) -> Result<(), memcache::MemcacheError> {
        let ask = move || {
            // A refused password comes back after the timeout, for the pool tries again until then.
            let client =
                url.to_memcache_with(|pool| pool.max_size(1).connection_timeout(Duration::from_secs(3)));
            client.expect("made of it before").set("key", "value", 60)
        };
        tokio::task::spawn_blocking(ask).await.expect("no panic")
    }

    fn is_auth_error(error: &memcache::MemcacheError) -> bool {
        drivers::memcache::is_auth_error(error)
    }
}

pub struct MongoDb;

impl App for MongoDb {
    type Server = Mongo;
    type Config = MongoUrl;
    type Client = mongodb::Client;
    type Error = mongodb::error::Error;

    const NAME: &'static str = "MongoDB's protocol, mongodb";
    const VARIANTS: &'static [Variant] = &[
        Variant {
            name: "MongoDB's protocol, mongodb; one thread",
            delivery: Delivery::Folder,
            flavor: Flavor::CurrentThread,
        },
        Variant {
            name: "MongoDB's protocol, mongodb; feed",
            delivery: Delivery::Feed,
            flavor: Flavor::MultiThread,
        },
    ];

    fn start() -> Mongo {
        Mongo::start()
    }

    fn vars(server: &Mongo, user: &str, password: &str) -> Vec<(&'static str, String)> {
        vec![("MONGODB_URI", server.url(user, password))]
    }

    fn read(vars: &ConfigVars) -> Result<MongoUrl, Error> {
        vars.url("MONGODB_URI")
    }

    async fn clients(urls: &Live<MongoUrl>) -> Result<Live<mongodb::Client>, Error> {
        urls.map_async(async |url| {
            let mut options = url.to_mongodb().await?;
            // A connection that was idle for longer is closed, and not used again.
            options.max_idle_time = Some(Duration::from_millis(1));
            options.server_selection_timeout = Some(Duration::from_secs(5));
            Ok(mongodb::Client::with_options(options)?)
        })
        .await
    }

    async fn request(client: Arc<mongodb::Client>) -> Result<(), mongodb::error::Error> {
        let things = client
            .database("app")
            .collection::<mongodb::bson::Document>("things");
        things.find_one(mongodb::bson::doc! {}).await.map(drop)
    }

    fn is_auth_error(error: &mongodb::error::Error) -> bool {
        drivers::mongodb::is_auth_error(error)
    }
}

pub struct RedisApp;

impl App for RedisApp {
    type Server = Redis;
    type Config = RedisUrl;
    type Client = redis::Client;
    type Error = redis::RedisError;

    const NAME: &'static str = "Redis, redis";
    const VARIANTS: &'static [Variant] = &[
        Variant {
            name: "Redis, redis; async source",
            delivery: Delivery::Store,
            flavor: Flavor::MultiThread,
        },
        Variant {
            name: "Redis, redis; feed, one thread",
            delivery: Delivery::Feed,
            flavor: Flavor::CurrentThread,
        },
    ];

    fn start() -> Redis {
        Redis::start()
    }

    fn vars(server: &Redis, user: &str, password: &str) -> Vec<(&'static str, String)> {
        vec![("REDIS_URL", server.url(user, password))]
    }

    fn read(vars: &ConfigVars) -> Result<RedisUrl, Error> {
        vars.url("REDIS_URL")
    }

    async fn clients(urls: &Live<RedisUrl>) -> Result<Live<redis::Client>, Error> {
        urls.map(|url| Ok(redis::Client::open(url.to_redis()?)?))
    }

    async fn request(client: Arc<redis::Client>) -> Result<(), redis::RedisError> {
        // With a thousand connections at once, the last one takes its time.
        let config = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(LONG))
            .set_response_timeout(Some(LONG));
        let mut conn = client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        redis::cmd("PING").exec_async(&mut conn).await
    }

    fn is_auth_error(error: &redis::RedisError) -> bool {
        drivers::redis::is_auth_error(error)
    }
}

/// A web service, as an app knows it.
pub struct Service {
    client: reqwest::Client,
    url: HttpUrl,
    token: Option<SecretString>,
}

/// The authority that signed the service's certificate, as a file of the app's.
const AUTHORITY: &str = "SERVICE_CA_FILE";

/// Its URL, its token if that is a config var of its own, and the authority.
type ServiceConfig = (HttpUrl, Option<SecretString>, SecretString);

fn read_service(vars: &ConfigVars, token: Option<&str>) -> Result<ServiceConfig, Error> {
    let token = token.map(|name| vars.require(name).cloned()).transpose()?;
    Ok((vars.url("SERVICE_URL")?, token, vars.require(AUTHORITY)?.clone()))
}

/// One client for good: the credentials are in each request.
fn services(configs: &Live<ServiceConfig>) -> Result<Live<Service>, Error> {
    let client = client_of(&configs.load().2)?;
    configs.map(move |(url, token, _)| {
        Ok(Service {
            client: client.clone(),
            url: url.clone(),
            token: token.clone(),
        })
    })
}

fn client_of(authority: &SecretString) -> Result<reqwest::Client, AppError> {
    let pem = std::fs::read(authority.expose_secret())?;
    let client = reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(&pem)?])
        .pool_max_idle_per_host(0)
        .timeout(LONG);
    Ok(client.build()?)
}

async fn post_exception(service: Arc<Service>) -> Result<(), reqwest::Error> {
    let request = service
        .url
        .to_reqwest_at(&service.client, reqwest::Method::POST, "exceptions")
        .expect("a web URL");
    let request = match &service.token {
        Some(token) => request.bearer_auth(token.expose_secret()),
        None => request,
    };
    let answer = request.body("{\"message\":\"oh\"}").send().await;
    answer
        .and_then(reqwest::Response::error_for_status)
        .map(drop)
        .map_err(reqwest::Error::without_url)
}

pub struct Bearer;

impl App for Bearer {
    type Server = Api;
    type Config = ServiceConfig;
    type Client = Service;
    type Error = reqwest::Error;

    const NAME: &'static str = "HTTPS, bearer token, reqwest";

    fn start() -> Api {
        Api::start()
    }

    fn vars(server: &Api, _: &str, password: &str) -> Vec<(&'static str, String)> {
        vec![
            ("SERVICE_URL", format!("https://127.0.0.1:{}/v1", server.port())),
            ("SERVICE_TOKEN", password.to_owned()),
            (AUTHORITY, server.authority()),
        ]
    }

    fn read(vars: &ConfigVars) -> Result<Self::Config, Error> {
        read_service(vars, Some("SERVICE_TOKEN"))
    }

    async fn clients(configs: &Live<ServiceConfig>) -> Result<Live<Service>, Error> {
        services(configs)
    }

    async fn request(service: Arc<Service>) -> Result<(), reqwest::Error> {
        post_exception(service).await
    }

    fn is_auth_error(error: &reqwest::Error) -> bool {
        drivers::reqwest::is_auth_error(error)
    }
}

pub struct TokenInPath;

impl App for TokenInPath {
    type Server = Api;
    type Config = ServiceConfig;
    type Client = Service;
    type Error = reqwest::Error;

    const NAME: &'static str = "HTTPS, token in the path, reqwest";

    fn start() -> Api {
        Api::start()
    }

    fn vars(server: &Api, _: &str, password: &str) -> Vec<(&'static str, String)> {
        let token = encoded(password);
        vec![
            (
                "SERVICE_URL",
                format!("https://127.0.0.1:{}/accounts/{token}", server.port()),
            ),
            (AUTHORITY, server.authority()),
        ]
    }

    fn read(vars: &ConfigVars) -> Result<Self::Config, Error> {
        read_service(vars, None)
    }

    async fn clients(configs: &Live<ServiceConfig>) -> Result<Live<Service>, Error> {
        services(configs)
    }

    async fn request(service: Arc<Service>) -> Result<(), reqwest::Error> {
        post_exception(service).await
    }

    fn is_auth_error(error: &reqwest::Error) -> bool {
        drivers::reqwest::is_auth_error(error)
    }
}
