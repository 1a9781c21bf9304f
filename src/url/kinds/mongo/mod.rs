//! MongoDB: `mongodb://user:password@host:27017,host/database?options` and `mongodb+srv://user:password@host/…`.

mod options;

pub(super) use options::is_known;
pub use options::{Warning, WarningKind};

use crate::error::{Component, Error, Fault};
use crate::kind::Kind;
use crate::url::resource::typed_url;
use crate::url::resource_url::ResourceUrl;
use secrecy::{ExposeSecret, SecretString};

/// A MongoDB resource URL, by the
/// [Connection String](https://github.com/mongodb/specifications/blob/master/source/connection-string/connection-string-spec.md)
/// and [URI Options](https://github.com/mongodb/specifications/blob/master/source/uri-options/uri-options.md)
/// specifications: several hosts, sockets, `mongodb+srv`, and the options checked as they say.
///
/// [`warnings`](Self::warnings) returns what they define as a warning. `mongo://` is accepted as well, and passed to drivers
/// as `mongodb://`.
///
/// DNS and the properties of the mechanisms GSSAPI and MONGODB-OIDC are left to the client. One rule is stricter than the
/// specification: a raw `@` after the hosts is allowed only in the value of a known option. Elsewhere, it indicates a password
/// with a raw `/` or `?`.
///
/// ```
/// use config_vars::{ExposeSecret, MongoUrl};
///
/// let db: MongoUrl = "mongodb+srv://app:pw@cluster0.example/shop?authSource=admin&retryWrites=true".parse()?;
/// assert!(db.is_srv() && db.is_tls());
/// assert_eq!(db.port(), None);
/// assert_eq!(db.database(), Some("shop"));
///  assert_eq!(db.auth_source().unwrap().expose_secret(), "admin");
/// assert!(db.warnings().is_empty());
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone)]
pub struct MongoUrl(ResourceUrl);

typed_url!(MongoUrl, Kind::Mongo);

const SRV: &str = "mongodb+srv";
const EXTERNAL: &str = "$external";

pub(super) fn check(url: &ResourceUrl) -> Result<(), Error> {
    check_hosts(url)?;
    let Some(query) = url.expose_query() else {
        return check_credentials(url, None);
    };
    let given = options::check(query, url.hosts().len(), is_srv(url))?;
    let mechanism = match given.has_mechanism() {
        true => find_mechanism(url),
        false => None,
    };
    check_credentials(url, mechanism)
}

fn is_srv(url: &ResourceUrl) -> bool {
    matches!(url.scheme, Some(scheme) if scheme.spelling == SRV)
}

/// A socket's path ends in `.sock`; an SRV form takes one host name and no port.
fn check_hosts(url: &ResourceUrl) -> Result<(), Error> {
    for host in url.hosts() {
        if host.is_socket() && !host.as_str().ends_with(".sock") {
            return Err(Error::at(Component::Host, Fault::SocketName));
        }
    }
    if !is_srv(url) {
        return Ok(());
    }
    match url.hosts() {
        [host] if host.port().is_some() => Err(Error::at(Component::Port, Fault::SrvPort(SRV))),
        [host] if host.is_address() || host.is_socket() => {
            Err(Error::at(Component::Host, Fault::SrvNotAName(SRV)))
        }
        [_] => Ok(()),
        _ => Err(Error::at(Component::Host, Fault::SrvHostList(SRV))),
    }
}

/// The requirements of an authentication mechanism for the user information: the Authentication specification
/// (`source/auth/auth.md`).
struct Mechanism {
    name: &'static str,
    needs_username: bool,
    needs_password: bool,
    takes_password: bool,
    /// Whether user name and password must come together, or not at all.
    all_or_nothing: bool,
    /// Whether users of this mechanism are defined outside MongoDB, in `$external`.
    external: bool,
}

const MECHANISMS: &[Mechanism] = &[
    mechanism("SCRAM-SHA-1", true, true, false),
    mechanism("SCRAM-SHA-256", true, true, false),
    mechanism("PLAIN", true, true, false),
    Mechanism {
        needs_password: false,
        ..mechanism("GSSAPI", true, true, true)
    },
    mechanism("MONGODB-X509", false, false, true),
    mechanism("MONGODB-OIDC", false, false, true),
    Mechanism {
        needs_password: false,
        all_or_nothing: true,
        ..mechanism("MONGODB-AWS", false, true, true)
    },
];

const fn mechanism(
    name: &'static str,
    needs_username: bool,
    takes_password: bool,
    external: bool,
) -> Mechanism {
    Mechanism {
        name,
        needs_username,
        needs_password: takes_password,
        takes_password,
        all_or_nothing: false,
        external,
    }
}

fn find_mechanism(url: &ResourceUrl) -> Option<&'static Mechanism> {
    let given = url.query("authMechanism")?;
    let is_given = |mechanism: &&Mechanism| mechanism.name == given.expose_secret();
    MECHANISMS.iter().find(is_given)
}

fn check_credentials(url: &ResourceUrl, mechanism: Option<&Mechanism>) -> Result<(), Error> {
    // As it is written, because to ask for the credentials would decode them.
    let user_info = url.parts.user_info();
    let (has_username, has_password) = match user_info {
        Some(info) if info.username.is_empty() => {
            return Err(Error::at(Component::Username, Fault::EmptyUsername));
        }
        Some(info) => (true, info.password.is_some()),
        None => (false, false),
    };
    let Some(mechanism) = mechanism else {
        return Ok(());
    };
    let source = url.query("authSource");
    let needs_password = mechanism.needs_password || mechanism.all_or_nothing && has_username;
    let (component, fault) = if mechanism.needs_username && !has_username {
        (Component::Username, Fault::MechanismNeeds(mechanism.name))
    } else if needs_password && !has_password {
        (Component::Password, Fault::MechanismNeeds(mechanism.name))
    } else if !mechanism.takes_password && has_password {
        (Component::Password, Fault::MechanismForbids(mechanism.name))
    } else if mechanism.external && source.is_some_and(|source| source.expose_secret() != EXTERNAL) {
        (Component::Query, Fault::MechanismSource(mechanism.name))
    } else {
        return Ok(());
    };
    Err(Error::at(component, fault))
}

impl MongoUrl {
    /// Returns the database with the user: `authSource` if it is given, else `$external` for mechanisms with external users,
    /// else the URL's database, else `admin`. `None` without credentials, because then nobody is authenticated.
    ///
    /// ```
    /// # use config_vars::{ExposeSecret, MongoUrl};
    /// let url: MongoUrl = "mongodb://app:pw@db.example/shop?authSource=users".parse()?;
    /// assert_eq!(url.auth_source().unwrap().expose_secret(), "users");
    /// let url: MongoUrl = "mongodb://db.example/shop".parse()?;
    /// assert!(url.auth_source().is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn auth_source(&self) -> Option<SecretString> {
        let mechanism = find_mechanism(&self.0);
        if self.username().is_none() && !mechanism.is_some_and(|mechanism| mechanism.external) {
            return None;
        }
        if let Some(source) = self.query("authSource") {
            return Some(source);
        }
        let source = match (mechanism, self.database()) {
            (Some(Mechanism { external: true, .. }), _) => EXTERNAL,
            (_, Some(name)) if !name.is_empty() => name,
            (Some(Mechanism { name: "PLAIN", .. }), _) => EXTERNAL,
            _ => "admin",
        };
        Some(source.into())
    }

    /// Returns whether DNS lists the hosts and ports (`mongodb+srv://`).
    ///
    /// ```
    /// # use config_vars::MongoUrl;
    /// let url: MongoUrl = "mongodb+srv://cluster0.example/shop".parse()?;
    /// assert!(url.is_srv());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn is_srv(&self) -> bool {
        is_srv(&self.0)
    }

    /// Returns what the specifications define as a warning: options that are unknown, repeated, renamed, or invalid.
    ///
    /// ```
    /// # use config_vars::MongoUrl;
    /// let url: MongoUrl = "mongodb://db.example/?replicaSet=a&replicaSet=b".parse()?;
    /// assert_eq!(
    ///     url.warnings()[0].to_string(),
    ///     "option 2 of the query, `replicaSet`, is given more than once; keep one",
    /// );
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        options::warnings(self)
    }
}
