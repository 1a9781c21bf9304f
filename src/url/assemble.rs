//! A URL's text from its parts, where an add-on gives them in config vars of their own.

use super::ResourceUrl;
use crate::error::Error;
use crate::secret;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

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
        } = self;
        let length = |secret: Option<&SecretString>| secret.map_or(0, |secret| secret.expose_secret().len());
        let plain = scheme.len() + hosts.len() + port.map_or(0, str::len) + "://:@:/[]".len();
        // An escaped byte takes three.
        let encoded = 3
            * (length(username)
                + length(password)
                + database.map_or(0, str::len)
                + socket.map_or(0, str::len));
        let mut url = Zeroizing::new(String::with_capacity(plain + encoded));
        url.push_str(scheme);
        url.push_str("://");
        if let Some(username) = username {
            secret::push_encoded(&mut url, username.expose_secret());
        }
        if let Some(password) = password {
            url.push(':');
            secret::push_encoded(&mut url, password.expose_secret());
        }
        if username.is_some() || password.is_some() {
            url.push('@');
        }
        match hosts.parse::<std::net::Ipv6Addr>() {
            Ok(_) => ["[", hosts, "]"].iter().for_each(|piece| url.push_str(piece)),
            Err(_) => url.push_str(hosts),
        }
        if let Some(socket) = socket {
            secret::push_encoded(&mut url, socket);
        }
        if let Some(port) = port {
            url.push(':');
            url.push_str(port);
        }
        if let Some(database) = database {
            url.push('/');
            secret::push_encoded(&mut url, database);
        }
        url.parse()
    }
}
