//! A URL's text from its parts, where an add-on gives them in config vars of their own.

use super::ResourceUrl;
use super::read::OPTION_MARKS;
use crate::error::{Component, Error, Fault};
use crate::secret;
use secrecy::{ExposeSecret, SecretString};

/// The parts of a resource. Credentials and database are as they are, not percent-encoded.
#[derive(Clone, Copy, Default)]
pub(crate) struct UrlParts<'p> {
    pub(crate) scheme: &'p str,
    pub(crate) username: Option<&'p SecretString>,
    pub(crate) password: Option<&'p SecretString>,
    /// Hosts and ports, as they stand in a URL.
    pub(crate) hosts: &'p str,
    /// The path of a socket, as it is.
    pub(crate) socket: Option<&'p str>,
    pub(crate) port: Option<&'p str>,
    pub(crate) database: Option<&'p str>,
    /// Options that speak of TLS, with their values as they are.
    pub(crate) tls: &'p [(&'static str, &'p str)],
}

impl UrlParts<'_> {
    /// Reads the URL that the parts amount to.
    pub(crate) fn read(self) -> Result<ResourceUrl, Error> {
        let Self {
            scheme,
            username,
            password,
            hosts,
            socket,
            port,
            database,
            tls,
        } = self;
        if database.is_some_and(|name| name.contains(OPTION_MARKS)) {
            return Err(Error::at(Component::Database, Fault::OptionsInPart));
        }
        // `cache.example:6380`, `[::1]:6380`.
        let is_host_with_port = || {
            let (host, _) = hosts.rsplit_once(':')?;
            (!host.contains(':') || host.ends_with(']')).then_some(())
        };
        if port.is_some() && is_host_with_port().is_some() {
            return Err(Error::at(Component::Host, Fault::HostWithPort));
        }
        let is_ipv6 = hosts.parse::<std::net::Ipv6Addr>().is_ok();
        let url = secret::put_together(|url| {
            url.push(scheme);
            url.push("://");
            if let Some(username) = username {
                url.push_encoded(username.expose_secret());
            }
            if let Some(password) = password {
                url.push(":");
                url.push_encoded(password.expose_secret());
            }
            if username.is_some() || password.is_some() {
                url.push("@");
            }
            match is_ipv6 {
                true => ["[", hosts, "]"].iter().for_each(|piece| url.push(piece)),
                false => url.push(hosts),
            }
            if let Some(socket) = socket {
                url.push_encoded(socket);
            }
            if let Some(port) = port {
                url.push(":");
                url.push(port);
            }
            if let Some(database) = database {
                url.push("/");
                url.push_encoded(database);
            }
            for (index, (name, value)) in tls.iter().enumerate() {
                let mark = if index == 0 { "?" } else { "&" };
                [mark, name, "="].iter().for_each(|piece| url.push(piece));
                url.push_encoded(value);
            }
        });
        // The password is a part of its own, so no port can be the beginning of one.
        url.parse().map_err(|error: Error| error.without_password_hint())
    }
}
