//! [tokio-postgres](https://docs.rs/tokio-postgres) 0.7: [`PostgresUrl::to_tokio_postgres`], [`PostgresUrl::to_tokio_postgres_tls`] and
//! [`is_auth_error`].
//!
//! ```no_run
//! use config_vars::{ConfigVars, PostgresUrl, drivers::tokio_postgres::is_auth_error};
//!
//! # async fn app() -> Result<(), Box<dyn std::error::Error>> {
//! let db: PostgresUrl = ConfigVars::from_env().url("DATABASE_URL")?;
//! match db.to_tokio_postgres()?.connect(db.to_tokio_postgres_tls()?).await {
//!     Ok((client, connection)) => {
//!         tokio::spawn(connection);
//!         println!("{}", client.query_one("SELECT 1", &[]).await?.get::<_, i32>(0));
//!     }
//!     Err(error) if is_auth_error(&error) => println!("the password was rolled"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(())
//! # }
//! # let _ = app;
//! ```
//!
//! - **TLS** takes two values, for the driver's `Config` says only whether to encrypt. Which certificates are good enough, the
//!   connector says: [`to_tokio_postgres_tls`](PostgresUrl::to_tokio_postgres_tls) makes the one that the URL asks for. With another one, or with
//!   `NoTls`, the app answers for it; where the URL demands TLS, `NoTls` does not connect.
//! - **Hosts.** All of a list are set, with a port for each, and sockets. A URL without a host is an error, for the driver makes
//!   none up. With `hostaddr`, the address is dialled, and the certificate is checked for the name beside it.
//! - **Options** are the driver's own ([`Config`](https://docs.rs/tokio-postgres/0.7/tokio_postgres/config/struct.Config.html)),
//!   and libpq's `sslmode`, `sslrootcert`, `sslcert` and `sslkey`. Any other is an error, as it is for the driver.
//! - **A roll.** The driver has no pool. For a pool such as `deadpool-postgres` or `bb8-postgres`, build a new one.
//! - **Secrets.** The driver keeps the password as plain text; its `Debug` does not print it.

use super::{Driver, SYSTEM_ROOTS, given, is_postgres_refusal};
use crate::error::{Component, DriverFault};
use crate::url::{DriverOption, TlsFile};
use crate::{Error, Host, PostgresUrl, Tls};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{ChannelBinding, LoadBalanceHosts, SslMode, SslNegotiation, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

const DRIVER: Driver = Driver("tokio-postgres");

impl PostgresUrl {
    /// The options of [tokio-postgres](crate::drivers::tokio_postgres) for this resource. To connect by it takes
    /// [`to_tokio_postgres_tls`](Self::to_tokio_postgres_tls) as well.
    ///
    /// ```
    /// # use config_vars::PostgresUrl;
    /// let db: PostgresUrl = "postgres://app:p@ss@db1.example,[2001:db8::7]:5433/shop?sslmode=verify-full".parse()?;
    /// let config = db.to_tokio_postgres()?;
    /// assert_eq!((config.get_user(), config.get_password()), (Some("app"), Some(&b"p@ss"[..])));
    /// assert_eq!((config.get_hosts().len(), config.get_ports()), (2, &[5432, 5433][..]));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the URL names no host, an option is not the driver's, or has a value that it does not take.
    pub fn to_tokio_postgres(&self) -> Result<Config, Error> {
        let stands_for_name = |host: &Host| host.certificate_name() != host.as_str();
        if self.hosts().is_empty() {
            return Err(DriverFault::NoHost(DRIVER.0).at(Component::Host));
        }
        let tls = self.tls_for_drivers()?;
        // The driver wipes nothing: what is text is set after all that may fail.
        let mut config = Config::new();
        for option in self.options_for_drivers() {
            set_option(&mut config, &option)?;
        }
        if self.hosts().iter().any(stands_for_name) {
            let refused = |_| DriverFault::Refused(DRIVER.0).at(Component::Host);
            for host in self.hosts() {
                config.hostaddr(host.as_str().parse().map_err(refused)?);
            }
        }
        for host in self.hosts() {
            match host.is_socket() {
                true => config.host_path(host.as_str()),
                false => config.host(host.certificate_name()),
            };
            // For a socket, the port is a part of the file's name.
            config.port(host.port().map_or(5432, |port| port.number()));
        }
        // On sockets, which no URL has that demands TLS, the driver asks for it to no end.
        let is_local = self.hosts().iter().all(|host| host.is_socket());
        config.ssl_mode(match tls {
            Tls::Unspecified | Tls::Preferred if is_local => SslMode::Disable,
            Tls::Unspecified | Tls::Preferred => SslMode::Prefer,
            Tls::Off => SslMode::Disable,
            Tls::Unknown | Tls::Unverified | Tls::VerifiedCa | Tls::Verified => SslMode::Require,
        });
        for option in self.options_for_drivers() {
            match option.name() {
                "options" => _ = config.options(option.text()),
                "application_name" => _ = config.application_name(option.text()),
                _ => {}
            }
        }
        if let Some(database) = self.database().filter(|name| !name.is_empty()) {
            config.dbname(database);
        }
        if let Some(username) = given(self.username()) {
            config.user(username);
        }
        if let Some(password) = self.password() {
            config.password(password.expose_secret());
        }
        Ok(config)
    }

    /// The TLS connector that this URL asks for, with rustls and ring.
    ///
    /// | the URL says | the certificate must be |
    /// |---|---|
    /// | nothing, `allow`, `prefer`, `require` | whatever it is, as libpq has it |
    /// | nothing or `require`, with `sslrootcert`; `verify-ca` | from a trusted authority |
    /// | `verify-full`, `sslrootcert=system` | from a trusted authority, and for this host |
    ///
    /// Trusted are the authorities in the file `sslrootcert`, else those of Mozilla (webpki-roots). `sslcert` and `sslkey`
    /// name the client's own certificate.
    ///
    /// ```
    /// # use config_vars::PostgresUrl;
    /// let db: PostgresUrl = "postgres://db.example/shop?sslmode=verify-full&sslrootcert=/no/such.pem".parse()?;
    /// assert_eq!(
    ///     db.to_tokio_postgres_tls().err().map(|error| error.to_string()).as_deref(),
    ///     Some("the query names a certificate or key file that cannot be read; mount a PEM file there, or correct the path"),
    /// );
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a file of certificates or of a key cannot be read, or does not fit.
    pub fn to_tokio_postgres_tls(&self) -> Result<MakeRustlsConnect, Error> {
        let refused = || DriverFault::CertificateFile.at(Component::Query);
        let provider = Arc::new(ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = match self.tls_for_drivers()? {
            tls @ (Tls::VerifiedCa | Tls::Verified) => {
                let roots = Arc::new(self.roots()?);
                let builder = WebPkiServerVerifier::builder_with_provider(roots, provider.clone());
                let verifier = builder.build().map_err(|_| refused())?;
                match tls {
                    Tls::Verified => verifier,
                    _ => Arc::new(LenientVerifier {
                        provider: provider.clone(),
                        authorities: Some(verifier),
                    }),
                }
            }
            _ => Arc::new(LenientVerifier {
                provider: provider.clone(),
                authorities: None,
            }),
        };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| DriverFault::Refused(DRIVER.0).at(Component::Query))?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let config = match (self.tls_file(TlsFile::Certificate), self.tls_file(TlsFile::Key)) {
            (None, None) => builder.with_no_client_auth(),
            (Some(certificate), Some(key)) => {
                let key = PrivateKeyDer::from_pem_file(key.expose_secret()).map_err(|_| refused())?;
                builder
                    .with_client_auth_cert(certificates(&certificate)?, key)
                    .map_err(|_| refused())?
            }
            _ => return Err(DriverFault::CertificateWithoutKey.at(Component::Query)),
        };
        Ok(MakeRustlsConnect::new(config))
    }

    fn roots(&self) -> Result<RootCertStore, Error> {
        let file = self
            .tls_file(TlsFile::Roots)
            .filter(|file| file.expose_secret() != SYSTEM_ROOTS);
        let mut roots = RootCertStore::empty();
        match file {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(file) => {
                for certificate in certificates(&file)? {
                    roots
                        .add(certificate)
                        .map_err(|_| DriverFault::CertificateFile.at(Component::Query))?;
                }
            }
        }
        Ok(roots)
    }
}

/// The certificates in a file, at least one.
fn certificates(file: &SecretString) -> Result<Vec<CertificateDer<'static>>, Error> {
    let read = |file| CertificateDer::pem_file_iter(file)?.collect::<Result<Vec<_>, _>>();
    match read(file.expose_secret()) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(DriverFault::CertificateFile.at(Component::Query)),
    }
}

/// Sets an option, unless it is a text, or one of TLS.
fn set_option(config: &mut Config, option: &DriverOption) -> Result<(), Error> {
    let (text, value) = (option.text(), &option.value);
    match option.name() {
        // Read by `to_tokio_postgres_tls`.
        _ if option.file().is_some() => config,
        // Set later.
        "options" | "application_name" => config,
        "sslnegotiation" => config.ssl_negotiation(match text {
            "postgres" => SslNegotiation::Postgres,
            "direct" => SslNegotiation::Direct,
            _ => return Err(DRIVER.bad_value("sslnegotiation")),
        }),
        "connect_timeout" => set_time(config, "connect_timeout", value, Config::connect_timeout)?,
        "tcp_user_timeout" => set_time(config, "tcp_user_timeout", value, Config::tcp_user_timeout)?,
        "keepalives" => config.keepalives(DRIVER.value::<u64>("keepalives", value)? != 0),
        "keepalives_idle" => set_time(config, "keepalives_idle", value, Config::keepalives_idle)?,
        "keepalives_interval" => set_time(config, "keepalives_interval", value, Config::keepalives_interval)?,
        "keepalives_retries" => config.keepalives_retries(DRIVER.value("keepalives_retries", value)?),
        "target_session_attrs" => config.target_session_attrs(match text {
            "any" => TargetSessionAttrs::Any,
            "read-write" => TargetSessionAttrs::ReadWrite,
            "read-only" => TargetSessionAttrs::ReadOnly,
            _ => return Err(DRIVER.bad_value("target_session_attrs")),
        }),
        "channel_binding" => config.channel_binding(match text {
            "disable" => ChannelBinding::Disable,
            "prefer" => ChannelBinding::Prefer,
            "require" => ChannelBinding::Require,
            _ => return Err(DRIVER.bad_value("channel_binding")),
        }),
        "load_balance_hosts" => config.load_balance_hosts(match text {
            "disable" => LoadBalanceHosts::Disable,
            "random" => LoadBalanceHosts::Random,
            _ => return Err(DRIVER.bad_value("load_balance_hosts")),
        }),
        _ => return Err(DRIVER.unknown_option(option.position)),
    };
    Ok(())
}

/// Sets a time in seconds. Zero and less stand for none.
fn set_time<'c>(
    config: &'c mut Config,
    option: &'static str,
    value: &SecretString,
    set: fn(&mut Config, Duration) -> &mut Config,
) -> Result<&'c mut Config, Error> {
    match u64::try_from(DRIVER.value::<i64>(option, value)?) {
        Ok(seconds) if seconds > 0 => Ok(set(config, Duration::from_secs(seconds))),
        _ => Ok(config),
    }
}

/// Verifies less than the name of the server, as libpq does for `require` and `verify-ca`. The handshake's signatures are always
/// verified, so the server must have the key of its certificate.
#[derive(Debug)]
struct LenientVerifier {
    provider: Arc<CryptoProvider>,
    /// Verifies that a trusted authority issued the certificate, for any name; `None` to accept any certificate.
    authorities: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for LenientVerifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(authorities) = &self.authorities else {
            return Ok(ServerCertVerified::assertion());
        };
        // The name is verified last: a certificate that only fails by its name is valid otherwise.
        match authorities.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// Whether the server refused the credentials.
///
/// True for SQLSTATE 28P01 and 28000 (a wrong password, or no such user), and for what PgBouncer of old says. Not for a
/// database or table that is not there, a missing right, or a server that is down. PostgreSQL uses 28000 as well where
/// `pg_hba.conf` has no entry for the connection, which cannot be told apart.
///
/// ```
/// let is_auth_error: fn(&tokio_postgres::Error) -> bool = config_vars::drivers::tokio_postgres::is_auth_error;
/// # _ = is_auth_error;
/// ```
#[must_use]
pub fn is_auth_error(error: &tokio_postgres::Error) -> bool {
    error
        .as_db_error()
        .is_some_and(|error| is_postgres_refusal(error.code().code(), error.message()))
}
