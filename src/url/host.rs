//! One host of a resource URL, and its port.

use super::byte_classes::ByteClasses;
use super::characters::{has_blank_but_space, has_option_mark};
use super::credentials::DecodedCredentials;
use super::host_form::{HostForm, cannot_be_token, may_be_more_than_socket, may_be_token};
use super::host_part::HostPart;
use super::mistakes::has_mixed_alphabets;
use super::port::{Port, parse_port};
use super::raw_url::RawUrl;
use super::span::Span;
use crate::error::{Component, Error, Fault};
use crate::secret::{self, Wiped};
use secrecy::SecretString;
use std::borrow::Cow;
use std::fmt;
use std::net::Ipv6Addr;
use std::ops::{Deref, RangeInclusive};

/// A host of a resource: a name, an address, or the path of a socket, with its port.
///
/// ```
/// use config_vars::MongoUrl;
///
/// let url: MongoUrl = "mongodb://db1.example,[2001:db8::7]:27018,%2Ftmp%2Fmongodb.sock".parse()?;
/// let hosts = url.hosts();
/// assert_eq!(hosts[0].as_str(), "db1.example");
/// assert_eq!(hosts[1].as_str(), "2001:db8::7");
/// assert_eq!(hosts[2].as_str(), "/tmp/mongodb.sock");
/// assert!(hosts[1].is_ipv6() && hosts[2].is_socket());
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone)]
pub struct Host {
    /// Wiped, because it may be a piece of a password: see `in_doubt`.
    text: Wiped,
    form: HostForm,
    port: Option<Port>,
    credentials: Option<Box<DecodedCredentials>>,
    /// The name to verify certificates for, if `text` is an address that replaces it.
    #[cfg_attr(
        not(feature = "tokio-postgres"),
        allow(dead_code, reason = "its hand-over reads it")
    )]
    certificate_name: Option<Wiped>,
    in_doubt: bool,
}

/// The hosts of one URL. Most URLs have one, which needs no allocation for a list.
#[derive(Clone)]
pub(super) enum Hosts {
    One(Host),
    List(Vec<Host>),
}

impl Default for Hosts {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl Deref for Hosts {
    type Target = [Host];

    fn deref(&self) -> &[Host] {
        match self {
            Self::One(host) => std::slice::from_ref(host),
            Self::List(hosts) => hosts,
        }
    }
}

impl Hosts {
    /// Returns a list of hosts. A password may contain commas, so a doubt about one host is a doubt about all of them.
    pub(super) fn of_list(mut hosts: Vec<Host>) -> Self {
        let in_doubt = hosts.iter().any(Host::is_in_doubt);
        for host in &mut hosts {
            host.in_doubt = in_doubt;
        }
        Self::List(hosts)
    }

    /// Returns the credentials that precede each of the hosts, if they are the same.
    pub(super) fn common_credentials(&self) -> Option<&DecodedCredentials> {
        let first = self.first()?.credentials.as_deref()?;
        for host in &self[1..] {
            if !host.credentials.as_deref()?.are(first) {
                return None;
            }
        }
        Some(first)
    }
}

impl Host {
    /// Returns the name, the address (IPv6 without brackets), or the socket's path, decoded.
    ///
    /// ```
    /// # use config_vars::ResourceUrl;
    /// let url: ResourceUrl = "redis://[::1]:6380".parse()?;
    /// assert_eq!(url.hosts()[0].as_str(), "::1");
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the port, written or default; `None` for a socket, and if DNS determines the port (`mongodb+srv://`).
    ///
    /// ```
    /// # use config_vars::MongoUrl;
    /// let url: MongoUrl = "mongodb://db1.example:27018,%2Ftmp%2Fm.sock".parse()?;
    /// assert_eq!(url.hosts()[0].port().map(|port| port.number()), Some(27018));
    /// assert_eq!(url.hosts()[1].port(), None);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn port(&self) -> Option<Port> {
        self.port
    }

    /// Returns whether this is the path of a Unix domain socket.
    ///
    /// ```
    /// # use config_vars::MysqlUrl;
    /// let url: MysqlUrl = "mysql://app:pw@%2Frun%2Fmysqld.sock/shop".parse()?;
    /// assert!(url.hosts()[0].is_socket());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn is_socket(&self) -> bool {
        self.form == HostForm::Socket
    }

    /// Returns whether this is an IPv6 address, which is written in brackets in most places.
    ///
    /// ```
    /// # use config_vars::MysqlUrl;
    /// let url: MysqlUrl = "mysql://app:pw@[2001:db8::7]/shop".parse()?;
    /// assert!(url.hosts()[0].is_ipv6());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn is_ipv6(&self) -> bool {
        self.form == HostForm::Ipv6
    }

    /// Returns whether this is an IPv4 or IPv6 address, rather than a name.
    ///
    /// ```
    /// # use config_vars::MysqlUrl;
    /// let url: MysqlUrl = "mysql://app:pw@192.0.2.7/shop".parse()?;
    /// assert!(url.hosts()[0].is_address());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn is_address(&self) -> bool {
        matches!(self.form, HostForm::Ipv4 | HostForm::Ipv6)
    }

    /// Returns whether this may actually be a piece of a password, or a token. `Debug` does not show it then, and logs
    /// should not. It holds for all hosts of a list, or for none.
    ///
    /// ```
    /// # use config_vars::HttpUrl;
    /// let url: HttpUrl = "https://user:12/34@host.example".parse()?;
    /// assert!(url.hosts()[0].is_in_doubt());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.in_doubt
    }

    /// Returns the user name of this host, in lists that have one per host.
    ///
    /// ```
    /// # use config_vars::{ExposeSecret, MemcacheUrl};
    /// let url: MemcacheUrl = "memcache://u1:p1@mc1.example,u2:p2@mc2.example".parse()?;
    /// let second = &url.hosts()[1];
    /// assert_eq!(second.username().map(|name| name.expose_secret()), Some("u2"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn username(&self) -> Option<&SecretString> {
        self.credentials.as_ref()?.username.as_ref()
    }

    /// Returns the password of this host, in lists that have one per host.
    ///
    /// ```
    /// # use config_vars::{ExposeSecret, MemcacheUrl};
    /// let url: MemcacheUrl = "memcache://u1:p1@mc1.example,u2:p2@mc2.example".parse()?;
    /// let second = &url.hosts()[1];
    /// assert_eq!(second.password().map(|password| password.expose_secret()), Some("p2"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn password(&self) -> Option<&SecretString> {
        self.credentials.as_ref()?.password.as_ref()
    }

    /// Reads one entry of a list of hosts, or the only host, and makes it where `keep` puts it.
    #[inline]
    pub(super) fn read(raw: &RawUrl<'_>, part: &HostPart, keep: impl FnOnce(Self)) -> Result<(), Error> {
        let RawUrl {
            text,
            rules,
            ref parts,
            ..
        } = *raw;
        // The port first: an invalid one suggests that the name is not a host.
        let not_a_number = match parts.user_info() {
            Some(_) => Fault::PortNotANumber,
            None => Fault::PortOrPassword,
        };
        let port = match part.port {
            Some(port) => Some(parse_port(port.of(text), not_a_number)?),
            None => None,
        };
        let in_doubt = parts.hosts_in_doubt();
        let at_host = |fault| Error::at(Component::Host, fault);
        let written = part.name.of(text);
        let (name, form) = if part.bracketed {
            if written.parse::<Ipv6Addr>().is_err() {
                return Err(at_host(match written.contains('%') {
                    true => Fault::Ipv6Zone,
                    false => Fault::NotIpv6,
                }));
            }
            (Wiped::from(written), HostForm::Ipv6)
        } else {
            let (name, in_name) = match part.in_name.has(ByteClasses::PERCENT) {
                true => {
                    let name = secret::decode_wiped(written).map_err(at_host)?;
                    let in_name = ByteClasses::of(&name);
                    (name, in_name)
                }
                false => (Wiped::from(written), part.in_name),
            };
            if in_name.has(ByteClasses::NOT_GRAPHIC) && has_blank_but_space(&name) {
                return Err(at_host(Fault::BlankInHost));
            }
            let form = HostForm::of(&name, in_name, rules)?;
            if form == HostForm::Socket && rules.has_host_rules() && has_option_mark(written) {
                return Err(at_host(Fault::OptionsInName));
            }
            (name, form)
        };
        let credentials = match part.user_info {
            Some(user_info) => Some(Box::new(DecodedCredentials::of_user_info(
                text,
                user_info,
                parts.in_hosts,
            )?)),
            None => None,
        };
        let port = Port::of(raw, port, form)?;
        keep(Self {
            port,
            form,
            credentials,
            certificate_name: None,
            // `pushover://user@TOKEN/`: a host of an unknown scheme may be a token.
            in_doubt: in_doubt
                || may_be_more_than_socket(&name, form)
                || form == HostForm::Name && has_endpoint_before_hosts(raw) && !name.contains('.')
                || parts.hosts_start == parts.authority_start
                    && form == HostForm::Name
                    && may_be_token(&name)
                || !rules.has_host_rules() && !cannot_be_token(&name, form),
            text: name,
        });
        Ok(())
    }

    /// Reads a host from the decoded value of an option, where a socket's path needs no escapes and an IPv6 address no
    /// brackets.
    pub(super) fn of_option(raw: &RawUrl<'_>, name: &str, port: Option<&str>) -> Result<Self, Error> {
        let form = match name.parse::<Ipv6Addr>() {
            Ok(_) => HostForm::Ipv6,
            Err(_) => HostForm::of(name, ByteClasses::of(name), raw.rules)?,
        };
        let port = match port {
            Some(port) => Some(parse_port(port, Fault::PortNotANumber)?),
            None => None,
        };
        Ok(Self {
            port: Port::of(raw, port, form)?,
            text: Wiped::from(name),
            form,
            credentials: None,
            certificate_name: None,
            in_doubt: may_be_more_than_socket(name, form),
        })
    }

    /// Returns the text with brackets around an IPv6 address, as in a URL.
    pub(crate) fn bracketed(&self) -> Cow<'_, str> {
        match self.is_ipv6() {
            true => Cow::Owned(format!("[{}]", self.as_str())),
            false => Cow::Borrowed(self.as_str()),
        }
    }

    /// Returns the port, unless it is the protocol's default.
    pub(super) fn written_port(&self) -> Option<u16> {
        let port = self.port?;
        (!port.is_default()).then_some(port.number())
    }

    /// Replaces the port by that of an option, if there is one.
    pub(super) fn with_port(self, raw: &RawUrl<'_>, port: Option<&str>) -> Result<Self, Error> {
        let Some(port) = port else { return Ok(self) };
        let port = parse_port(port, Fault::PortNotANumber)?;
        Ok(Self {
            port: Port::of(raw, Some(port), self.form)?,
            ..self
        })
    }

    /// Sets the port if the host has none.
    pub(super) fn with_port_if_none(self, raw: &RawUrl<'_>, port: Option<u16>) -> Result<Self, Error> {
        match (self.written_port(), port) {
            (None, Some(_)) => Ok(Self {
                port: Port::of(raw, port, self.form)?,
                ..self
            }),
            _ => Ok(self),
        }
    }

    /// Marks this address as a replacement for a name, which certificates are still verified for.
    pub(super) fn in_place_of(self, name: Option<&Self>) -> Self {
        Self {
            certificate_name: match name {
                Some(name) if !name.is_socket() => Some(name.text.clone()),
                _ => None,
            },
            ..self
        }
    }

    /// Returns the name that certificates are verified for.
    #[cfg(feature = "tokio-postgres")]
    pub(crate) fn certificate_name(&self) -> &str {
        self.certificate_name.as_deref().unwrap_or(&self.text)
    }

    /// Reads the path of a socket from the path of a URL.
    pub(super) fn of_socket(path: &str) -> Result<Self, Error> {
        let at_host = |fault| Error::at(Component::Host, fault);
        let path = secret::decode_wiped(path).map_err(at_host)?;
        if has_blank_but_space(&path) {
            return Err(at_host(Fault::BlankInHost));
        }
        Ok(Self {
            in_doubt: may_be_more_than_socket(&path, HostForm::Socket),
            text: path,
            form: HostForm::Socket,
            port: None,
            credentials: None,
            certificate_name: None,
        })
    }

    pub(super) fn is_international(&self) -> bool {
        self.form == HostForm::InternationalName
    }

    /// Checks an international name by IDNA.
    ///
    /// The `url` crate does not wipe its buffers, so it must never receive text that may be part of a password: only hosts
    /// without doubt, of URLs that are well-formed otherwise. The ASCII form is not kept, because drivers receive the
    /// original text.
    pub(super) fn check_idna(&self) -> Result<(), Error> {
        let at_host = |fault| Err(Error::at(Component::Host, fault));
        match self.in_doubt {
            true => at_host(Fault::HostCharacter),
            false if has_mixed_alphabets(&self.text) => at_host(Fault::MixedAlphabets),
            false => match url::Host::parse(&self.text) {
                Ok(url::Host::Domain(_)) => Ok(()),
                Ok(_) => at_host(Fault::NotIpv4),
                Err(_) => at_host(Fault::HostCharacter),
            },
        }
    }
}

/// Returns whether the text before the `@` looks like a host and a port, so that the text after it may be a password:
/// `redis://cache.example:6379@PASSWORD`.
#[inline]
fn has_endpoint_before_hosts(raw: &RawUrl<'_>) -> bool {
    /// The length of `:12@` to `:12345@`.
    const LENGTHS: RangeInclusive<usize> = 4..=7;
    let Span { start, end } = raw.parts.before_hosts();
    let name_end = raw.parts.username_end;
    if !LENGTHS.contains(&end.saturating_sub(name_end)) {
        return false;
    }
    let bytes = raw.text.as_bytes();
    let port = &bytes[name_end + 1..end - 1];
    port.iter().all(u8::is_ascii_digit) && bytes[start..name_end].contains(&b'.')
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            text: _,
            form: _,
            port: _,
            credentials,
            certificate_name: _,
            in_doubt,
        } = self;
        if *in_doubt {
            return f.write_str("[redacted]");
        }
        if credentials.is_some() {
            f.write_str("[redacted]@")?;
        }
        write!(f, "{}", self.bracketed().escape_debug())?;
        match self.written_port() {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}
