//! Redis and Valkey: `redis://user:password@host:6379/0`, `rediss://…`.

use crate::error::{Component, Error, Fault};
use crate::kind::Kind;
use crate::text::is_number;
use crate::url::resource::typed_url;
use crate::url::resource_url::ResourceUrl;
use secrecy::{ExposeSecret, SecretString};

/// A Redis or Valkey resource URL, by the schemes that are registered for it
/// ([`redis`](https://www.iana.org/assignments/uri-schemes/prov/redis),
/// [`rediss`](https://www.iana.org/assignments/uri-schemes/prov/rediss)): the path is the number of a database.
///
/// `rediss://…#insecure` asks for TLS without a check of the certificate, as the redis crate reads it. A socket is
/// `redis+unix:///run/redis.sock?db=2&user=app&pass=pw`; `valkey+unix://`, Celery's `redis+socket://` and, if Redis is
/// expected, `unix://` are accepted as well. Without user information or path, `redis://cache.example?db=2&password=pw` has them
/// in the query, as the registration says.
///
/// The user name is reported unchanged, even if it is a provider's dummy (`h`, `default`).
///
/// ```
/// use config_vars::RedisUrl;
///
/// let cache: RedisUrl = "rediss://:pw@cache.example:6380/2".parse()?;
/// assert_eq!(cache.index(), Some(2));
/// assert!(cache.is_tls());
/// let cache: RedisUrl = "unix:///run/redis.sock?db=1".parse()?;
/// assert_eq!((cache.host(), cache.index()), (Some("/run/redis.sock"), Some(1)));
/// assert!("redis://cache.example/-1".parse::<RedisUrl>().is_err());
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone)]
pub struct RedisUrl(ResourceUrl);

typed_url!(RedisUrl, Kind::Redis);

pub(super) fn check_index(url: &ResourceUrl) -> Result<(), Error> {
    match url.database() {
        None | Some("") => Ok(()),
        Some(name) if parse_index(name).is_some() => Ok(()),
        Some(_) => Err(Error::at(Component::Database, Fault::NotAnIndex)),
    }
}

fn parse_index(digits: &str) -> Option<u32> {
    match is_number(digits) {
        true => digits.parse().ok(),
        false => None,
    }
}

impl RedisUrl {
    /// Returns the user to authenticate as; `None` for a login with only a password, and if the user name is a provider's dummy
    /// (`h`), which [`username`](ResourceUrl::username) reports unchanged.
    ///
    /// ```
    /// # use config_vars::{ExposeSecret, RedisUrl};
    /// let user = |url: &str| url.parse::<RedisUrl>().map(|url| url.acl_username().map(|u| u.expose_secret().to_owned()));
    /// assert_eq!(user("redis://h:pw@cache.example")?, None);
    /// assert_eq!(user("redis://app:pw@cache.example")?.as_deref(), Some("app"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn acl_username(&self) -> Option<&SecretString> {
        let name = self.username()?;
        (!self.rules.dummy_usernames.contains(&name.expose_secret())).then_some(name)
    }

    /// Returns the number of the database; `None` if the URL has none, which means 0.
    ///
    /// ```
    /// # use config_vars::RedisUrl;
    /// assert_eq!("redis://cache.example/15".parse::<RedisUrl>()?.index(), Some(15));
    /// assert_eq!("redis://cache.example/".parse::<RedisUrl>()?.index(), None);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn index(&self) -> Option<u32> {
        parse_index(self.database()?)
    }
}
