//! memcached: `memcache://user:password@host:11211,host:11211`, and lists of servers in a config var of their own.

use crate::error::{Component, Error, Fault};
use crate::kind::Kind;
use crate::text::{has_any_character, is_each};
use crate::url::driver_url::UrlParts;
use crate::url::host::Host;
use crate::url::port::Port;
use crate::url::resource::typed_url;
use crate::url::resource_url::ResourceUrl;
use crate::url::surroundings::check_surroundings;
use secrecy::SecretString;

/// A memcached resource: its servers and their credentials.
///
/// It comes from a URL (`memcache://` or `memcached://`; with TLS `memcache+tls://`, over UDP `memcache+udp://`, and
/// `memcache:///run/memcached.sock` for a socket), or from three config vars as MemCachier gives them
/// (`MEMCACHIER_SERVERS`, `…_USERNAME`, `…_PASSWORD`); the value is the same. Each server of a list may have
/// credentials of its own, as [memjs](https://github.com/memcachier/memjs#setup) writes them.
///
/// ```
/// use config_vars::{ConfigVars, ExposeSecret, MemcacheUrl};
///
/// let vars = ConfigVars::from_iter([
///     ("MEMCACHIER_SERVERS", "mc1.example:11211,mc2.example"),
///     ("MEMCACHIER_USERNAME", "a1b2c3"),
///     ("MEMCACHIER_PASSWORD", "p@ss"),
/// ]);
/// let cache: MemcacheUrl = vars.only()?;
/// let hosts: Vec<_> = cache.servers().map(|server| server.host()).collect();
/// assert_eq!(hosts, ["mc1.example", "mc2.example"]);
/// assert!(cache.servers().all(|server| server.password().unwrap().expose_secret() == "p@ss"));
/// assert_eq!(cache.expose_url(), "memcache://a1b2c3:p%40ss@mc1.example:11211,mc2.example");
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone)]
pub struct MemcacheUrl(ResourceUrl);

typed_url!(MemcacheUrl, Kind::Memcache);

/// One server of a memcached resource, with its credentials.
///
/// ```
/// # use config_vars::MemcacheUrl;
/// let cache: MemcacheUrl = "memcache://app:pw@mc1.example,mc2.example".parse()?;
/// let hosts: Vec<_> = cache.servers().map(|server| server.host()).collect();
/// assert_eq!(hosts, ["mc1.example", "mc2.example"]);
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Server<'u> {
    url: &'u ResourceUrl,
    host: &'u Host,
}

impl<'u> Server<'u> {
    /// Returns the name, the address (IPv6 without brackets), or the socket's path.
    ///
    /// ```
    /// # use config_vars::MemcacheUrl;
    /// let cache: MemcacheUrl = "memcache://[::1]:11212".parse()?;
    /// assert!(cache.servers().map(|server| server.host()).eq(["::1"]));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn host(&self) -> &'u str {
        self.host.as_str()
    }

    /// Returns the host with brackets around an IPv6 address.
    #[cfg(feature = "memcache")]
    pub(crate) fn bracketed_host(&self) -> std::borrow::Cow<'u, str> {
        self.host.bracketed()
    }

    /// Returns the port, written or default; `None` for a socket.
    ///
    /// ```
    /// # use config_vars::MemcacheUrl;
    /// let cache: MemcacheUrl = "memcache://mc.example".parse()?;
    /// assert!(cache.servers().all(|server| server.port().is_some_and(|port| port.number() == 11211)));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn port(&self) -> Option<Port> {
        self.host.port()
    }

    /// Returns the user name for this server: its own, or else the common one.
    ///
    /// ```
    /// # use config_vars::{ExposeSecret, MemcacheUrl};
    /// let cache: MemcacheUrl = "memcache://app:pw@mc1.example,mc2.example".parse()?;
    /// assert!(cache.servers().all(|server| server.username().unwrap().expose_secret() == "app"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn username(&self) -> Option<&'u SecretString> {
        self.host.username().or(self.url.username())
    }

    /// Returns the password for this server: its own, or else the common one.
    ///
    /// ```
    /// # use config_vars::{ExposeSecret, MemcacheUrl};
    /// let cache: MemcacheUrl = "memcache://u1:p1@mc1.example,u2:p2@mc2.example".parse()?;
    /// let passwords: Vec<_> = cache.servers().map(|server| server.password().unwrap().expose_secret()).collect();
    /// assert_eq!(passwords, ["p1", "p2"]);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn password(&self) -> Option<&'u SecretString> {
        self.host.password().or(self.url.password())
    }
}

impl MemcacheUrl {
    /// Returns the servers, in their order.
    ///
    /// ```
    /// # use config_vars::MemcacheUrl;
    /// let cache: MemcacheUrl = "memcached://mc1.example,mc2.example:11212".parse()?;
    /// let ports: Vec<_> = cache.servers().filter_map(|server| server.port()).map(|port| port.number()).collect();
    /// assert_eq!(ports, [11211, 11212]);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn servers(&self) -> impl Iterator<Item = Server<'_>> {
        let url = &self.0;
        url.hosts().iter().map(move |host| Server { url, host })
    }

    /// Creates the resource from a list of servers and credentials that are not percent-encoded. Credentials within the list
    /// take precedence.
    ///
    /// ```
    /// use config_vars::{ExposeSecret, MemcacheUrl, SecretString};
    ///
    /// let cache = MemcacheUrl::from_servers("mc1.example", Some(&SecretString::from("app%40x")), None)?;
    /// assert_eq!(cache.username().map(|name| name.expose_secret()), Some("app%40x"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if `servers` is not a list of hosts and ports, separated by commas.
    pub fn from_servers(
        servers: &str,
        username: Option<&SecretString>,
        password: Option<&SecretString>,
    ) -> Result<Self, Error> {
        check_surroundings(servers, false)?;
        if servers.contains(';') {
            return Err(Error::at(Component::Host, Fault::SemicolonsInHostList));
        }
        if servers.contains(char::is_whitespace) {
            return Err(Error::at(Component::Host, Fault::of_blanks_in_list(servers)));
        }
        if has_any_character(servers, "/?#") {
            return Err(Error::at(Component::Host, Fault::HostCharacter));
        }
        let has_credentials = servers.contains('@');
        if has_credentials && !is_each(servers, ',', |server| server.contains('@')) {
            return Err(Error::at(Component::Host, Fault::MixedCredentials));
        }
        let (username, password) = match has_credentials {
            true => (None, None),
            false => (username, password),
        };
        let parts = UrlParts {
            scheme: "memcache",
            username,
            password,
            hosts: servers,
            ..UrlParts::default()
        };
        parts.parse()?.try_into()
    }
}
