//! How the drivers read a URL.

use super::{Peer, Reading};
use config_vars::Tls;
use percent_encoding::percent_decode_str;

pub fn read(peer: Peer, text: &str) -> Result<Reading, String> {
    match peer {
        Peer::Url => panic!("the url crate is not a driver"),
        Peer::MysqlAsync => mysql_async(text),
        Peer::SqlxMysql => sqlx_mysql(text),
        Peer::SqlxPostgres => sqlx_postgres(text),
        Peer::TokioPostgres => tokio_postgres(text),
        Peer::Redis => redis(text),
        Peer::Mongodb => mongodb(text),
    }
}

fn mysql_async(text: &str) -> Result<Reading, String> {
    let opts = mysql_async::Opts::from_url(text).map_err(|error| error.to_string())?;
    let tls = match opts.ssl_opts() {
        None => Tls::Unspecified,
        Some(tls) if tls.accept_invalid_certs() => Tls::Unverified,
        Some(tls) if tls.skip_domain_validation() => Tls::VerifiedCa,
        Some(_) => Tls::Verified,
    };
    let host = match opts.socket() {
        Some(socket) => (socket.to_owned(), None),
        None => (opts.ip_or_hostname().to_owned(), Some(opts.tcp_port())),
    };
    Ok(Reading {
        username: opts.user().map(str::to_owned),
        password: opts.pass().map(|password| password.as_bytes().to_owned()),
        hosts: vec![host],
        database: opts.db_name().map(str::to_owned),
        query: None,
        tls: Some(tls),
    })
}

/// sqlx has a default user name. Returns `None` for it unless the URL contains the same name.
fn sqlx_username(name: &str, default: &str, text: &str) -> Option<String> {
    let url: url::Url = text.parse().expect("the driver has read it so");
    let is_given = percent_decode_str(url.username()).eq(name.bytes())
        || url
            .query_pairs()
            .any(|(option, value)| option == "user" && value == name);
    (name != default || is_given).then(|| name.to_owned())
}

/// sqlx has no getter for the password, but its `Debug` output changes with the password.
fn sqlx_password<O: std::fmt::Debug + Clone>(
    options: &O,
    set: impl Fn(O, &str) -> O,
    text: &str,
) -> Option<Vec<u8>> {
    let is_it = |password: &str| format!("{:?}", set(options.clone(), password)) == format!("{options:?}");
    let url: url::Url = text.parse().expect("the driver has read it so");
    // The driver reads it from the user information or from an option.
    let candidates = url.password().map(str::to_owned).into_iter().chain(
        url.query_pairs()
            .filter(|(name, _)| name == "password")
            .map(|(_, value)| value.into_owned()),
    );
    let decoded = |raw: String| percent_decode_str(&raw).decode_utf8_lossy().into_owned();
    let found = candidates
        .flat_map(|raw| [raw.clone(), decoded(raw)])
        .find(|password| is_it(password));
    match found {
        Some(password) => Some(password.into_bytes()),
        None => {
            assert!(
                format!("{options:?}").contains(", password: None,"),
                "sqlx has a password from PGPASSWORD or a .pgpass; unset it"
            );
            None
        }
    }
}

fn sqlx_mysql(text: &str) -> Result<Reading, String> {
    use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
    let options: MySqlConnectOptions = text.parse().map_err(|error: sqlx::Error| error.to_string())?;
    let host = match options.get_socket() {
        Some(socket) => (socket.display().to_string(), None),
        None => (options.get_host().to_owned(), Some(options.get_port())),
    };
    let default = MySqlConnectOptions::new();
    Ok(Reading {
        username: sqlx_username(options.get_username(), default.get_username(), text),
        password: sqlx_password(&options, MySqlConnectOptions::password, text),
        hosts: vec![host],
        database: options.get_database().map(str::to_owned),
        query: None,
        tls: Some(match options.get_ssl_mode() {
            MySqlSslMode::Disabled => Tls::Off,
            MySqlSslMode::Preferred => Tls::Preferred,
            MySqlSslMode::Required => Tls::Unverified,
            MySqlSslMode::VerifyCa => Tls::VerifiedCa,
            MySqlSslMode::VerifyIdentity => Tls::Verified,
        }),
    })
}

fn sqlx_postgres(text: &str) -> Result<Reading, String> {
    use sqlx::postgres::{PgConnectOptions, PgSslMode};
    let options: PgConnectOptions = text.parse().map_err(|error: sqlx::Error| error.to_string())?;
    let host = match options.get_socket() {
        Some(socket) => (socket.display().to_string(), Some(options.get_port())),
        None => (options.get_host().to_owned(), Some(options.get_port())),
    };
    let default = PgConnectOptions::new_without_pgpass();
    Ok(Reading {
        username: sqlx_username(options.get_username(), default.get_username(), text),
        password: sqlx_password(&options, PgConnectOptions::password, text),
        hosts: vec![host],
        database: options.get_database().map(str::to_owned),
        query: None,
        tls: Some(match options.get_ssl_mode() {
            PgSslMode::Disable => Tls::Off,
            PgSslMode::Allow | PgSslMode::Prefer => Tls::Preferred,
            PgSslMode::Require => Tls::Unverified,
            PgSslMode::VerifyCa => Tls::VerifiedCa,
            PgSslMode::VerifyFull => Tls::Verified,
        }),
    })
}

fn tokio_postgres(text: &str) -> Result<Reading, String> {
    use tokio_postgres::config::{Config, Host, SslMode};
    let said = |error: tokio_postgres::Error| {
        format!(
            "{error}: {:?}",
            std::error::Error::source(&error).map(ToString::to_string)
        )
    };
    let config: Config = text.parse().map_err(said)?;
    let name = |host: &Host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => path.display().to_string(),
    };
    let ports = config.get_ports();
    let port = |index: usize| match ports {
        [] => Some(5432),
        [port] => Some(*port),
        ports => ports.get(index).copied(),
    };
    // With addresses, the driver connects to those, and checks certificates for the names.
    let names: Vec<_> = match config.get_hostaddrs() {
        [] => config.get_hosts().iter().map(name).collect(),
        addresses => addresses.iter().map(ToString::to_string).collect(),
    };
    let hosts = names.into_iter().enumerate();
    Ok(Reading {
        username: config.get_user().map(str::to_owned),
        password: config.get_password().map(<[u8]>::to_owned),
        hosts: hosts.map(|(index, name)| (name, port(index))).collect(),
        database: config.get_dbname().map(str::to_owned),
        query: None,
        tls: Some(match config.get_ssl_mode() {
            SslMode::Disable => Tls::Off,
            SslMode::Prefer => Tls::Preferred,
            // The connector decides which certificates to trust.
            _ => Tls::Unverified,
        }),
    })
}

fn redis(text: &str) -> Result<Reading, String> {
    use redis::{ConnectionAddr, IntoConnectionInfo};
    let info = text.into_connection_info().map_err(|error| error.to_string())?;
    let (host, port, tls) = match info.addr() {
        ConnectionAddr::Tcp(host, port) => (host.clone(), Some(*port), Tls::Unspecified),
        ConnectionAddr::TcpTls {
            host,
            port,
            insecure: false,
            ..
        } => (host.clone(), Some(*port), Tls::Verified),
        ConnectionAddr::TcpTls { host, port, .. } => (host.clone(), Some(*port), Tls::Unverified),
        ConnectionAddr::Unix(path) => (path.display().to_string(), None, Tls::Unspecified),
        other => panic!("a new sort of address, {other}"),
    };
    let settings = info.redis_settings();
    Ok(Reading {
        username: settings.username().map(str::to_owned),
        password: settings.password().map(|password| password.as_bytes().to_owned()),
        hosts: vec![(host, port)],
        database: Some(settings.db().to_string()),
        query: None,
        tls: Some(tls),
    })
}

fn mongodb(text: &str) -> Result<Reading, String> {
    use mongodb::options::{ConnectionString, HostInfo, ServerAddress, Tls as Theirs};
    // mongodb 3.9.1 panics at a `%` before a character of more than one byte, because it slices within that character.
    if text
        .split('%')
        .skip(1)
        .any(|after| after.len() >= 2 && !after.is_char_boundary(2))
    {
        return Err("the driver would panic".to_owned());
    }
    let url = ConnectionString::parse(text).map_err(|error| error.kind.to_string())?;
    let host = |address: ServerAddress| match address {
        ServerAddress::Tcp { host, port } => (host, port.or(Some(27017))),
        ServerAddress::Unix { path } => (path.display().to_string(), None),
        other => panic!("a new sort of address, {other}"),
    };
    let credential = url.credential.unwrap_or_default();
    Ok(Reading {
        username: credential.username,
        password: credential.password.map(String::into_bytes),
        hosts: match url.host_info {
            HostInfo::HostIdentifiers(hosts) => hosts.into_iter().map(host).collect(),
            HostInfo::DnsRecord(name) => vec![(name, None)],
            other => panic!("a new sort of hosts, {other:?}"),
        },
        database: url.default_database,
        query: None,
        tls: Some(match url.tls {
            None => Tls::Unspecified,
            Some(Theirs::Disabled) => Tls::Off,
            Some(Theirs::Enabled(options)) if options.allow_invalid_certificates == Some(true) => {
                Tls::Unverified
            }
            Some(Theirs::Enabled(_)) => Tls::Verified,
        }),
    })
}
