//! [`ResourceUrl`]: a resource URL of any kind.

use super::byte_classes::ByteClasses;
use super::credentials::DecodedCredentials;
use super::host::{Host, Hosts};
use super::in_query;
use super::port::Port;
use super::query::{Options, RawOption};
use super::raw_url::{Parts, RawUrl};
use super::span::Span;
use super::tls_reading::TlsReading;
use crate::error::{Component, Error};
use crate::input::{Digest, Input};
use crate::kind::Kind;
use crate::scheme::{self, DatabaseForm, Rules, Scheme};
use crate::secret::{self, Wiped};
use crate::sorted::sort_by;
use crate::tls::Tls;
use once_cell::sync::OnceCell;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::ops::Range;

/// A resource URL of any kind: split, checked, decoded once, and kept secret.
///
/// It is parsed strictly: text that a driver might interpret differently is an [`Error`] with the place and the fix. `Debug`
/// shows the public parts (kind, scheme, hosts, ports, a datastore's database name) and redacts the rest; there is no
/// `Display` and no `Serialize`. Secrets are only returned by methods named `expose_…`, or as a [`SecretString`]. All copies
/// are wiped when they are dropped.
///
/// In a few URLs, it is in doubt whether a host is one: `https://user:12/34@host` may be a web address with an `@` in
/// its path, or a password with a raw `/`. `Debug` does not show such hosts. To log a host, use the `Debug` form of
/// [`hosts`](Self::hosts), not [`host`](Self::host).
///
/// ```
/// use config_vars::{ExposeSecret, Kind, ResourceUrl};
///
/// let url: ResourceUrl = "postgres://app:p%40ss@db1.example,db2.example:5433/shop?sslmode=require".parse()?;
/// assert_eq!(url.kind(), Kind::Postgres);
/// assert_eq!(url.password().map(|password| password.expose_secret()), Some("p@ss"));
/// assert_eq!(url.hosts().len(), 2);
/// assert!(url.is_tls());
/// assert_eq!(
///     format!("{url:?}"),
///     "ResourceUrl { kind: Postgres, scheme: \"postgres\", username: [redacted], password: [redacted], \
///      hosts: [db1.example, db2.example:5433], database: \"shop\", query: [redacted], .. }",
/// );
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone)]
pub struct ResourceUrl {
    pub(super) text: Wiped,
    pub(super) parts: Parts,
    pub(super) rules: &'static Rules,
    /// `None` for a scheme that is not in the table.
    pub(super) scheme: Option<&'static Scheme>,
    /// Decoded when they are first asked for, so that a URL that is only handed on holds its password once.
    pub(super) credentials: OnceCell<DecodedCredentials>,
    pub(super) hosts: Hosts,
    /// The database of an option, or else the decoded path of a datastore's URL without its first `/`. `None` if it equals the
    /// written path.
    pub(super) decoded_database: Option<Wiped>,
    /// The URL for drivers, if it differs from the original text.
    pub(super) for_drivers: Option<Wiped>,
}

impl ResourceUrl {
    /// Returns the protocol family.
    ///
    /// ```
    /// # use config_vars::{Kind, ResourceUrl};
    /// let url: ResourceUrl = "mariadb://db.example/shop".parse()?;
    /// assert_eq!(url.kind(), Kind::Mysql);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn kind(&self) -> Kind {
        scheme::kind_of(self.scheme)
    }

    /// Returns the scheme as it is written.
    ///
    /// ```
    /// # use config_vars::{Kind, ResourceUrl};
    /// let url: ResourceUrl = "omnisci://app:pw@db.example:6274/shop".parse()?;
    /// assert_eq!((url.kind(), url.scheme()), (Kind::Other, "omnisci"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.part(self.parts.scheme())
    }

    /// Returns whether `Debug` shows the scheme.
    ///
    /// An unknown scheme may be the start of a password that contains `://`. It is shown if it consists of at most 16
    /// lower-case letters, `+`, `-` and `.`, or is one of a few known words with a digit (`s3`, `neo4j`).
    ///
    /// ```
    /// # use config_vars::ResourceUrl;
    /// assert!("omnisci://db.example/shop".parse::<ResourceUrl>()?.is_scheme_public());
    /// assert!(!"hunter2secret://x".parse::<ResourceUrl>()?.is_scheme_public());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn is_scheme_public(&self) -> bool {
        self.scheme.is_some() || scheme::is_public_scheme(self.scheme())
    }

    /// Returns the decoded user name; `Some("")` if it is empty, as in `redis://:password@host`, and `None` if the URL has
    /// no user information.
    ///
    /// ```
    /// # use config_vars::{ExposeSecret, ResourceUrl};
    /// let url: ResourceUrl = "redis://:pw@cache.example".parse()?;
    /// assert_eq!(url.username().map(|name| name.expose_secret()), Some(""));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn username(&self) -> Option<&SecretString> {
        self.credentials().username.as_ref()
    }

    /// Returns the decoded password; `Some("")` for `user:@host`, `None` for `user@host`.
    ///
    /// ```
    /// # use config_vars::{ExposeSecret, ResourceUrl};
    /// let url: ResourceUrl = "redis://:100%25@cache.example".parse()?;
    /// assert_eq!(url.password().map(|password| password.expose_secret()), Some("100%"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn password(&self) -> Option<&SecretString> {
        self.credentials().password.as_ref()
    }

    fn credentials(&self) -> &DecodedCredentials {
        self.credentials.get_or_init(|| match self.parts.user_info() {
            // Nearly all are only copied.
            Some(user_info)
                if !self.parts.has_login_options && !self.parts.in_user_info.has(ByteClasses::PERCENT) =>
            {
                DecodedCredentials::copied(&self.text, user_info)
            }
            _ => in_query::credentials(&self.raw(), &self.hosts),
        })
    }

    /// Returns the hosts, in their order.
    ///
    /// There is at least one, except for `postgres:///db`, which leaves the choice to libpq, for SQLite's files, and for
    /// unknown schemes.
    ///
    /// ```
    /// # use config_vars::ResourceUrl;
    /// let url: ResourceUrl = "postgres://db1.example,db2.example/shop".parse()?;
    /// assert!(url.hosts().iter().map(|host| host.as_str()).eq(["db1.example", "db2.example"]));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// Returns the name, address or socket path of the first host.
    ///
    /// ```
    /// # use config_vars::ResourceUrl;
    /// let url: ResourceUrl = "redis://:pw@[2001:db8::7]:6380".parse()?;
    /// assert_eq!(url.host(), Some("2001:db8::7"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        Some(self.hosts().first()?.as_str())
    }

    /// Returns the port of the first host, written or default; see [`Port`].
    ///
    /// ```
    /// # use config_vars::ResourceUrl;
    /// let url: ResourceUrl = "postgres://db1.example/shop".parse()?;
    /// assert_eq!(url.port().map(|port| port.number()), Some(5432));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn port(&self) -> Option<Port> {
        self.hosts().first()?.port()
    }

    /// Returns the decoded value of the first option with that name. A `+` is a plus. Names are case-sensitive, except for
    /// MongoDB's, by its specification.
    ///
    /// ```
    /// # use config_vars::{ExposeSecret, ResourceUrl};
    /// let url: ResourceUrl = "postgres://db.example/shop?options=endpoint%3Dep-1&empty=".parse()?;
    /// assert_eq!(url.query("options").map(|v| v.expose_secret().to_owned()).as_deref(), Some("endpoint=ep-1"));
    /// assert_eq!(url.query("empty").map(|v| v.expose_secret().len()), Some(0));
    /// assert!(url.query("absent").is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn query(&self, name: &str) -> Option<SecretString> {
        self.query_all(name).next()
    }

    /// Returns the decoded values of all options with that name, in their order.
    ///
    /// ```
    /// # use config_vars::MongoUrl;
    /// let url: MongoUrl = "mongodb://db.example/?readPreferenceTags=dc:ny&readPreferenceTags=".parse()?;
    /// assert_eq!(url.query_all("readPreferenceTags").count(), 2);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn query_all(&self, name: &str) -> impl Iterator<Item = SecretString> {
        self.map_options(move |_, option| match self.is_named(option, name) {
            true => Some(option.decode_value()),
            false => None,
        })
    }

    /// Returns the decoded names and values of all options, in their order. The names are secret as well: in a URL with a raw
    /// `?` in its password, the "name" of an option is a piece of that password.
    ///
    /// ```
    /// # use config_vars::{ExposeSecret, MysqlUrl};
    /// let url: MysqlUrl = "mysql://db.example/shop?charset=utf8mb4&reconnect=true".parse()?;
    /// let names: Vec<_> = url.query_pairs().map(|(name, _)| name.expose_secret().to_owned()).collect();
    /// assert_eq!(names, ["charset", "reconnect"]);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn query_pairs(&self) -> impl Iterator<Item = (SecretString, SecretString)> {
        self.map_options(|_, option| Some((option.decode_name(), option.decode_value())))
    }

    /// Returns the TLS mode that the URL requests, by its scheme (`rediss`, `mongodb+srv`) and its options
    /// (`sslmode=require`, `tls=false`). See [`Tls`] for how several options are combined.
    ///
    /// ```
    /// # use config_vars::{ResourceUrl, Tls};
    /// let tls = |url: &str| url.parse::<ResourceUrl>().map(|url| url.tls());
    /// assert_eq!(tls("mysql://db.example/shop?ssl-mode=VERIFY_CA")?, Tls::VerifiedCa);
    /// assert_eq!(tls("postgres://db.example/shop?ssl=true&sslmode=verify-full")?, Tls::Verified);
    /// assert_eq!(tls("postgres://db.example/shop?sslmode=perhaps")?, Tls::Unknown);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn tls(&self) -> Tls {
        self.tls_reading().level
    }

    pub(super) fn tls_reading(&self) -> TlsReading {
        match self.parts.query() {
            Some(_) => secret::with_clean_stack(|| TlsReading::of(&self.raw())),
            None => TlsReading::of(&self.raw()),
        }
    }

    /// Returns the view of this URL that it was parsed from.
    pub(super) fn raw(&self) -> RawUrl<'_> {
        RawUrl {
            text: &self.text,
            scheme: self.scheme,
            rules: self.rules,
            parts: self.parts,
        }
    }

    /// Returns whether the URL requires TLS, verified or not; see [`tls`](Self::tls).
    ///
    /// ```
    /// # use config_vars::ResourceUrl;
    /// assert!("rediss://cache.example".parse::<ResourceUrl>()?.is_tls());
    /// assert!(!"postgres://db.example/shop".parse::<ResourceUrl>()?.is_tls());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.tls().is_required()
    }

    pub(super) fn is_named(&self, option: RawOption<'_>, name: &str) -> bool {
        option.is_named(name, self.rules.ignore_case_of_options)
    }

    /// Returns the URL for a driver: the exact bytes of the config var, except for three normalisations. A spelling of the
    /// scheme that drivers do not accept is replaced (`mongo://` by `mongodb://`, `mysql2://` by `mysql://`), options that
    /// break drivers are removed (ClearDB's `reconnect=true`), and a raw `@` in the user information of a PostgreSQL
    /// URL is encoded, because libpq and tokio-postgres would end the user information there.
    ///
    /// ```
    /// # use config_vars::MongoUrl;
    /// let url: MongoUrl = "mongo://app:p%40ss@db.example/shop".parse()?;
    /// assert_eq!(url.expose_url(), "mongodb://app:p%40ss@db.example/shop");
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn expose_url(&self) -> &str {
        self.for_drivers.as_ref().unwrap_or(&self.text)
    }

    /// Returns the exact bytes of the config var; for a resource in several vars, the URL that they form.
    ///
    /// ```
    /// # use config_vars::MongoUrl;
    /// let url: MongoUrl = "mongo://app:p%40ss@db.example/shop".parse()?;
    /// assert_eq!(url.expose_original(), "mongo://app:p%40ss@db.example/shop");
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn expose_original(&self) -> &str {
        &self.text
    }

    /// Returns the path as it is written, with its first `/`; `None` if there is none. In a web URL, it is often a secret.
    ///
    /// ```
    /// # use config_vars::HttpUrl;
    /// let url: HttpUrl = "http://newrelic.com/accounts/[apitoken]".parse()?;
    /// assert_eq!(url.expose_path(), Some("/accounts/[apitoken]"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn expose_path(&self) -> Option<&str> {
        Some(self.part(self.parts.path()?))
    }

    /// Returns the query as it is written, without its `?`; `None` if there is none.
    ///
    /// ```
    /// # use config_vars::ResourceUrl;
    /// let url: ResourceUrl = "postgres://db.example/shop?sslmode=require".parse()?;
    /// assert_eq!(url.expose_query(), Some("sslmode=require"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn expose_query(&self) -> Option<&str> {
        Some(self.part(self.parts.query()?))
    }

    /// Returns the fragment as it is written, without its `#`; `None` if there is none.
    ///
    /// ```
    /// # use config_vars::HttpUrl;
    /// let url: HttpUrl = "https://api.example/a#b".parse()?;
    /// assert_eq!(url.expose_fragment(), Some("b"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn expose_fragment(&self) -> Option<&str> {
        Some(self.part(self.parts.fragment()?))
    }

    /// Returns the byte range of a component in [`expose_original`](Self::expose_original); `None` if it is absent. For several
    /// hosts, the component is the whole list.
    ///
    /// ```
    /// # use config_vars::{Component, ResourceUrl};
    /// let url: ResourceUrl = "redis://:s%40crt@cache.example:6380/0".parse()?;
    /// let password = url.span(Component::Password).expect("it has one");
    /// assert_eq!(&url.expose_original()[password], "s%40crt");
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn span(&self, component: Component) -> Option<Range<usize>> {
        let parts = &self.parts;
        match component {
            Component::Value => Some(0..self.expose_original().len()),
            Component::Scheme => Some(parts.scheme().range()),
            Component::Username => Some(parts.user_info()?.username.range()),
            Component::Password => Some(parts.user_info()?.password?.range()),
            Component::Host => Some(parts.hosts().range()),
            Component::Port => match &*self.hosts {
                [host] if host.written_port().is_some() => {
                    let hosts = parts.hosts();
                    let colon = hosts.of(&self.text).rfind(':')?;
                    Some(hosts.start + colon + 1..hosts.end)
                }
                _ => None,
            },
            Component::Path => Some(parts.path()?.range()),
            Component::Database => Some(parts.database(self.rules)?.range()),
            Component::Query => Some(parts.query()?.range()),
            Component::Fragment => Some(parts.fragment()?.range()),
            Component::File => None,
        }
    }

    /// Returns the URL if it is of that kind.
    ///
    /// ```
    /// # use config_vars::{Kind, ResourceUrl};
    /// let url: ResourceUrl = "postgres://db.example/shop".parse()?;
    /// let error = url.into_kind(Kind::Mysql).unwrap_err();
    /// assert_eq!(error.to_string(), "the value is a postgres URL, expected mysql");
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the URL is of another kind.
    pub fn into_kind(self, expected: Kind) -> Result<Self, Error> {
        self.check_kind(expected)?;
        Ok(self)
    }

    pub(super) fn check_kind(&self, expected: Kind) -> Result<(), Error> {
        match self.kind() {
            kind if kind == expected => Ok(()),
            other => Err(scheme::wrong_kind(self.scheme(), other, expected)),
        }
    }

    /// Returns the decoded name of the database in a datastore's URL, or of the protocol's equivalent (AMQP's virtual host).
    /// `Some("")` for a URL that ends in `/`, `None` for one without a path.
    ///
    /// ```
    /// # use config_vars::MysqlUrl;
    /// let database = |url: &str| url.parse::<MysqlUrl>().unwrap().database().map(str::to_owned);
    /// assert_eq!(database("mysql://db.example/my%20shop").as_deref(), Some("my shop"));
    /// assert_eq!(database("mysql://db.example/").as_deref(), Some(""));
    /// assert_eq!(database("mysql://db.example"), None);
    /// ```
    #[must_use]
    pub fn database(&self) -> Option<&str> {
        match &self.decoded_database {
            Some(decoded) => Some(decoded),
            None => Some(self.part(self.parts.database(self.rules)?)),
        }
    }

    /// Returns whether `Debug` shows the database name.
    ///
    /// It does not if the database, or the virtual host, has the name of the user, or is the same as the password, if the hosts
    /// are in doubt, or if the name contains characters other than letters, digits and a few signs, because then it may be more
    /// than a name. Nor does it show a path where the kind has none, as NATS, or a name where it has only numbers, as Redis.
    ///
    /// ```
    /// # use config_vars::ResourceUrl;
    /// assert!(!"amqp://app:pw@mq.example/app".parse::<ResourceUrl>()?.is_database_public());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn is_database_public(&self) -> bool {
        let is_plain = |character: char| match self.rules.database_form {
            DatabaseForm::Number => character.is_ascii_digit(),
            DatabaseForm::Undefined => false,
            DatabaseForm::Name => {
                character.is_alphanumeric()
                    || "-_./~$".contains(character)
                    || self.rules.file && ":\\".contains(character)
            }
        };
        let Some(name) = self.database() else {
            return false;
        };
        let is_same = |part: Option<&SecretString>| match part {
            Some(part) => !name.is_empty() && secret::same(part.expose_secret(), name),
            None => false,
        };
        let is_of_login = is_same(self.username()) || is_same(self.password());
        !self.parts.hosts_in_doubt()
            && !self.hosts.iter().any(Host::is_in_doubt)
            && !self.parts.path_is_socket
            && !is_of_login
            && name.chars().all(is_plain)
    }

    /// Returns all options, sorted by name. Those of one name remain in their order.
    pub(crate) fn sorted_query_pairs(&self) -> Vec<(SecretString, SecretString)> {
        let mut pairs: Vec<(SecretString, SecretString)> = Vec::new();
        for pair in self.query_pairs() {
            pairs.push(pair);
        }
        sort_by(&mut pairs, |left, right| {
            left.0.expose_secret().cmp(right.0.expose_secret())
        });
        pairs
    }

    /// Returns what `read` makes of the position and the text of each option, without `None`. Nothing of them is left on the
    /// stack.
    pub(super) fn map_options<'u, T>(
        &'u self,
        mut read: impl FnMut(usize, RawOption<'u>) -> Option<T>,
    ) -> impl Iterator<Item = T> {
        let query = self.expose_query();
        let mut options = query.map(|query| Options::of(query).enumerate());
        std::iter::from_fn(move || {
            let options = options.as_mut()?;
            secret::with_clean_stack(|| options.find_map(|(index, option)| read(index + 1, option)))
        })
    }

    fn part(&self, part: Span) -> &str {
        part.of(self.expose_original())
    }
}

/// URLs are equal if they are written the same.
impl Input for ResourceUrl {
    fn add_to(&self, digest: &mut Digest) {
        digest.add_text(self.expose_original());
    }
}

impl fmt::Debug for ResourceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_as("ResourceUrl", f)
    }
}

impl ResourceUrl {
    /// Names every field, so that a new field does not compile before somebody decides whether to show it.
    pub(super) fn fmt_as(&self, type_name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            text: _,
            parts,
            rules: _,
            scheme: _,
            credentials: _,
            hosts,
            decoded_database: _,
            for_drivers: _,
        } = self;
        let mut out = f.debug_struct(type_name);
        out.field("kind", &self.kind());
        match self.is_scheme_public() {
            true => out.field("scheme", &self.scheme()),
            false => out.field("scheme", &format_args!("[redacted]")),
        };
        let redacted = |out: &mut fmt::DebugStruct<'_, '_>, name, is_present| {
            if is_present {
                out.field(name, &format_args!("[redacted]"));
            }
        };
        redacted(&mut out, "username", self.username().is_some());
        redacted(&mut out, "password", self.password().is_some());
        out.field("hosts", &&**hosts);
        match self.database() {
            Some(name) if self.is_database_public() => {
                out.field("database", &name);
            }
            _ => redacted(&mut out, "path", parts.path().is_some() && !parts.path_is_socket),
        }
        redacted(&mut out, "query", parts.query().is_some());
        redacted(&mut out, "fragment", parts.fragment().is_some());
        out.finish_non_exhaustive()
    }
}
