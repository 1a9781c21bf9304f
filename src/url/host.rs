//! One host of a resource URL, and its port.

use super::read::OPTION_MARKS;
use super::sorts::Sorts;
use super::split::{HostPart, Parts, Span, UserInfo, is_blank};
use crate::error::{Component, Error, Fault};
use crate::scheme::{Rules, Scheme};
use crate::secret::{self, Wiped};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Deref;

/// Where a resource listens: a name, an address, or the path of a socket, with its port.
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
    /// Wiped, for it may be a piece of a password: see `in_doubt`.
    text: Wiped,
    form: Form,
    port: Option<Port>,
    credentials: Option<Box<Credentials>>,
    /// The name that certificates are checked for, where an address stands for it.
    #[cfg_attr(
        not(feature = "tokio-postgres"),
        allow(dead_code, reason = "its hand-over reads it")
    )]
    certificate_name: Option<Wiped>,
    in_doubt: bool,
}

/// The hosts of one URL. A single one, as nearly all have, needs no block of memory for a list.
#[derive(Clone)]
pub(super) enum Hosts {
    One(Host),
    List(Vec<Host>),
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
    /// The credentials that stand before each of the hosts, if they are the same.
    pub(super) fn common_credentials(&self) -> Option<&Credentials> {
        let first = self.first()?.credentials.as_deref()?;
        let is_same = |other: &Credentials| {
            let same = |left: &SecretString, right: &SecretString| {
                secret::same(left.expose_secret(), right.expose_secret())
            };
            let same_password = match (&other.password, &first.password) {
                (Some(left), Some(right)) => same(left, right),
                (None, None) => true,
                _ => false,
            };
            same_password && same(&other.username, &first.username)
        };
        let all = self
            .iter()
            .all(|host| host.credentials.as_deref().is_some_and(is_same));
        all.then_some(first)
    }
}

/// The credentials that stand before all hosts, or before one of a list.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) username: SecretString,
    pub(super) password: Option<SecretString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Name,
    /// A name with letters beyond ASCII, or with labels that encode such letters. Its rules are IDNA's, and are checked
    /// last: see [`Host::check_idna`].
    InternationalName,
    Ipv4,
    Ipv6,
    Socket,
}

/// A port, written in the URL or taken from the protocol.
///
/// ```
/// use config_vars::MysqlUrl;
///
/// let url: MysqlUrl = "mysql://app:pw@db.example/shop".parse()?;
/// let port = url.port().expect("mysql has a default port");
/// assert_eq!(port.number(), 3306);
/// assert!(port.is_default());
///
/// let url: MysqlUrl = "mysql://app:pw@db.example:3306/shop".parse()?;
/// assert!(url.port().is_some_and(|port| !port.is_default()));
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Port {
    number: u16,
    is_default: bool,
}

impl Port {
    /// The written port, else the protocol's. A socket has at most a written one.
    fn of(
        written: Option<u16>,
        form: Form,
        scheme: Option<&Scheme>,
        rules: &Rules,
    ) -> Result<Option<Self>, Error> {
        let is_socket = form == Form::Socket;
        if written.is_some() && is_socket && !rules.socket_ports {
            return Err(Error::at(Component::Port, Fault::SocketPort));
        }
        let default = scheme.and_then(|scheme| scheme.port).filter(|_| !is_socket);
        let is_default = written.is_none();
        Ok(written.or(default).map(|number| Self { number, is_default }))
    }

    /// The number, from 1 to 65535.
    ///
    /// ```
    /// # use config_vars::ResourceUrl;
    /// let url: ResourceUrl = "redis://cache.example:6380".parse()?;
    /// assert_eq!(url.port().map(|port| port.number()), Some(6380));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn number(self) -> u16 {
        self.number
    }

    /// Whether the URL leaves the port out, so that this is the one that the protocol's specification gives.
    ///
    /// ```
    /// # use config_vars::ResourceUrl;
    /// let url: ResourceUrl = "redis://cache.example".parse()?;
    /// assert!(url.port().is_some_and(|port| port.is_default()));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn is_default(self) -> bool {
        self.is_default
    }
}

impl Host {
    /// The name, the address (IPv6 without brackets), or the socket's path, decoded.
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

    /// The port, written or default; `None` for a socket, and where DNS tells the port (`mongodb+srv://`).
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

    /// Whether it is the path of a Unix domain socket.
    ///
    /// ```
    /// # use config_vars::MysqlUrl;
    /// let url: MysqlUrl = "mysql://app:pw@%2Frun%2Fmysqld.sock/shop".parse()?;
    /// assert!(url.hosts()[0].is_socket());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn is_socket(&self) -> bool {
        self.form == Form::Socket
    }

    /// Whether it is an IPv6 address, which most places want in brackets.
    ///
    /// ```
    /// # use config_vars::MysqlUrl;
    /// let url: MysqlUrl = "mysql://app:pw@[2001:db8::7]/shop".parse()?;
    /// assert!(url.hosts()[0].is_ipv6());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn is_ipv6(&self) -> bool {
        self.form == Form::Ipv6
    }

    /// Whether it is an address, IPv4 or IPv6, rather than a name.
    ///
    /// ```
    /// # use config_vars::MysqlUrl;
    /// let url: MysqlUrl = "mysql://app:pw@192.0.2.7/shop".parse()?;
    /// assert!(url.hosts()[0].is_address());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn is_address(&self) -> bool {
        matches!(self.form, Form::Ipv4 | Form::Ipv6)
    }

    /// Whether it may in truth be a piece of a password, or a token: then `Debug` does not show it, and no log should.
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

    /// The user name of this host alone, in lists that have one for each host.
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
        Some(&self.credentials.as_ref()?.username)
    }

    /// The password of this host alone, in lists that have one for each host.
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

    /// Reads one entry of a list of hosts, or the only one.
    #[inline]
    pub(super) fn new(
        text: &str,
        part: &HostPart,
        scheme: Option<&Scheme>,
        rules: &Rules,
        parts: &Parts,
    ) -> Result<Self, Error> {
        // Digits first: a port that is none shows that the name may be no host.
        let not_a_number = match parts.user_info() {
            Some(_) => Fault::PortNotANumber,
            None => Fault::PortOrPassword,
        };
        let port = part
            .port
            .map(|port| read_port(port.of(text), not_a_number))
            .transpose()?;
        let in_doubt = parts.hosts_in_doubt();
        let at_host = |fault| Error::at(Component::Host, fault);
        let raw = part.name.of(text);
        let (name, form) = if part.bracketed {
            raw.parse::<Ipv6Addr>().map_err(|_| at_host(Fault::NotIpv6))?;
            (Wiped::from(raw), Form::Ipv6)
        } else {
            let (name, in_name) = match part.in_name.has(Sorts::PERCENT) {
                true => {
                    let name = secret::decode_wiped(raw).map_err(at_host)?;
                    let in_name = Sorts::of(&name);
                    (name, in_name)
                }
                false => (Wiped::from(raw), part.in_name),
            };
            // Spaces are for sockets alone; what is worse, for nobody.
            let is_worse = |character| character != ' ' && is_blank(character);
            if in_name.has(Sorts::NOT_GRAPHIC) && name.contains(is_worse) {
                return Err(at_host(Fault::BlankInHost));
            }
            let form = Form::of(&name, in_name, rules)?;
            if form == Form::Socket && rules.has_host_rules() && raw.contains(OPTION_MARKS) {
                return Err(at_host(Fault::OptionsInName));
            }
            (name, form)
        };
        let credentials = match part.user_info {
            Some(user_info) => Some(Box::new(Credentials::read(text, user_info, parts.in_hosts)?)),
            None => None,
        };
        Ok(Self {
            port: Port::of(port, form, scheme, rules)?,
            form,
            credentials,
            certificate_name: None,
            // `pushover://user@TOKEN/`: a host of an unknown scheme may be a token.
            in_doubt: in_doubt
                || may_be_more_than_socket(&name, form)
                || !rules.has_host_rules() && !cannot_be_token(&name, form),
            text: name,
        })
    }

    /// Reads a host that stands in an option, decoded already: there a socket's path needs no escapes, and an IPv6
    /// address no brackets.
    pub(super) fn of_option(
        name: &str,
        port: Option<&str>,
        scheme: Option<&Scheme>,
        rules: &Rules,
    ) -> Result<Self, Error> {
        let form = match name.parse::<Ipv6Addr>() {
            Ok(_) => Form::Ipv6,
            Err(_) => Form::of(name, Sorts::of(name), rules)?,
        };
        let port = port
            .map(|port| read_port(port, Fault::PortNotANumber))
            .transpose()?;
        Ok(Self {
            port: Port::of(port, form, scheme, rules)?,
            text: Wiped::from(name),
            form,
            credentials: None,
            certificate_name: None,
            in_doubt: may_be_more_than_socket(name, form),
        })
    }

    /// The port, if it is not the protocol's default.
    pub(super) fn written_port(&self) -> Option<u16> {
        self.port.filter(|port| !port.is_default).map(Port::number)
    }

    /// With the port of an option, if there is one, in the place of its own.
    pub(super) fn with_port(
        self,
        port: Option<&str>,
        scheme: Option<&Scheme>,
        rules: &Rules,
    ) -> Result<Self, Error> {
        let Some(port) = port else { return Ok(self) };
        Ok(Self {
            port: Port::of(
                Some(read_port(port, Fault::PortNotANumber)?),
                self.form,
                scheme,
                rules,
            )?,
            ..self
        })
    }

    pub(super) fn with_port_if_none(
        self,
        port: Option<u16>,
        scheme: Option<&Scheme>,
        rules: &Rules,
    ) -> Result<Self, Error> {
        match (self.written_port(), port) {
            (None, Some(_)) => Ok(Self {
                port: Port::of(port, self.form, scheme, rules)?,
                ..self
            }),
            _ => Ok(self),
        }
    }

    /// As the address of another host, whose name certificates are still checked for.
    pub(super) fn standing_for(self, name: Option<&Self>) -> Self {
        Self {
            certificate_name: name
                .filter(|name| !name.is_socket())
                .map(|name| name.text.clone()),
            ..self
        }
    }

    /// The name that a certificate must be for.
    #[cfg(feature = "tokio-postgres")]
    pub(crate) fn certificate_name(&self) -> &str {
        self.certificate_name.as_deref().unwrap_or(&self.text)
    }

    /// Reads the path of a socket, as it stands in the path of a URL.
    pub(super) fn of_socket(path: &str) -> Result<Self, Error> {
        let at_host = |fault| Error::at(Component::Host, fault);
        let path = secret::decode_wiped(path).map_err(at_host)?;
        if path.contains(|character| character != ' ' && is_blank(character)) {
            return Err(at_host(Fault::BlankInHost));
        }
        Ok(Self {
            in_doubt: may_be_more_than_socket(&path, Form::Socket),
            text: path,
            form: Form::Socket,
            port: None,
            credentials: None,
            certificate_name: None,
        })
    }

    pub(super) fn is_international(&self) -> bool {
        self.form == Form::InternationalName
    }

    /// Checks an international name by IDNA.
    ///
    /// `url` does not wipe its buffers, so it must only see names that are hosts beyond doubt, of a URL in which all else
    /// is well-formed. Its ASCII form of the name is not kept: drivers are handed what was written.
    pub(super) fn check_idna(&self) -> Result<(), Error> {
        let at_host = |fault| Err(Error::at(Component::Host, fault));
        match self.in_doubt {
            true => at_host(Fault::HostCharacter),
            false => match url::Host::parse(&self.text) {
                Ok(url::Host::Domain(_)) => Ok(()),
                Ok(_) => at_host(Fault::NotIpv4),
                Err(_) => at_host(Fault::HostCharacter),
            },
        }
    }
}

impl Credentials {
    #[inline]
    pub(super) fn read(text: &str, user_info: UserInfo, sorts: Sorts) -> Result<Self, Error> {
        let read = |part: Span, component| match sorts.has(Sorts::PERCENT) {
            true => secret::decode_secret(part.of(text)).map_err(|fault| Error::at(component, fault)),
            false => Ok(SecretString::from(part.of(text))),
        };
        Ok(Self {
            username: read(user_info.username, Component::Username)?,
            password: match user_info.password {
                Some(password) => Some(read(password, Component::Password)?),
                None => None,
            },
        })
    }
}

#[inline]
fn read_port(digits: &str, not_a_number: Fault) -> Result<u16, Error> {
    let at_port = |fault| Err(Error::at(Component::Port, fault));
    let mut number = 0_u32;
    for byte in digits.bytes() {
        if !byte.is_ascii_digit() {
            return at_port(not_a_number);
        }
        number = number.saturating_mul(10).saturating_add(u32::from(byte - b'0'));
    }
    match u16::try_from(number) {
        _ if digits.is_empty() => at_port(Fault::EmptyPort),
        Ok(number @ 1..) => Ok(number),
        _ => at_port(Fault::PortOutOfRange),
    }
}

impl Form {
    /// What a decoded host is, by the rules of its kind.
    #[inline]
    fn of(name: &str, sorts: Sorts, rules: &Rules) -> Result<Self, Error> {
        let fault = if !rules.has_host_rules() {
            return Ok(match name {
                _ if name.parse::<Ipv4Addr>().is_ok() => Self::Ipv4,
                _ if name.contains('/') => Self::Socket,
                _ => Self::Name,
            });
        } else if name.is_empty() {
            Fault::EmptyHost
        } else if sorts.has(Sorts::NOT_IN_NAME) && name.contains('/') {
            if rules.sockets {
                return Ok(Self::Socket);
            }
            Fault::SocketHost(rules.kind)
        } else if name.starts_with(|first: char| first.is_ascii_digit()) && name.parse::<Ipv4Addr>().is_ok() {
            return Ok(Self::Ipv4);
        } else {
            match Self::of_name(name, sorts, rules) {
                Ok(form) => return Ok(form),
                Err(fault) => fault,
            }
        };
        Err(Error::at(Component::Host, fault))
    }

    /// Checks a host name by RFC 1123, section 2.1, with the `_` that service names in clusters have.
    #[inline]
    fn of_name(name: &str, sorts: Sorts, rules: &Rules) -> Result<Self, Fault> {
        if sorts.has(Sorts::NOT_GRAPHIC) && name.contains(is_blank) {
            return Err(Fault::BlankInHost);
        } else if sorts.has(Sorts::NOT_IN_NAME) {
            return Err(Fault::HostCharacter);
        }
        let labels = Labels::of(name);
        if labels.any_is_empty {
            Err(Fault::EmptyLabel)
        } else if name.len() > 253 || labels.any_is_long {
            Err(Fault::HostTooLong)
        } else if labels.any_is_encoded || sorts.has(Sorts::NOT_GRAPHIC) {
            Ok(Self::InternationalName)
        } else if !rules.numeric_names && labels.last_is_number {
            // The URL Standard's rule: `0x7f.1` would reach 127.0.0.1 with one driver and nobody with the next.
            // MongoDB's specification has `256.0.0.1` as a name.
            Err(Fault::NotIpv4)
        } else {
            Ok(Self::Name)
        }
    }
}

/// What there is to know of the labels of a name, the pieces between its dots.
#[derive(Default)]
struct Labels {
    any_is_empty: bool,
    any_is_long: bool,
    /// By IDNA, as `xn--…`.
    any_is_encoded: bool,
    last_is_number: bool,
}

impl Labels {
    /// One look at each byte. A dot at the end belongs to the name, and begins no label.
    #[inline]
    fn of(name: &str) -> Self {
        let name = name.as_bytes();
        let name = name.strip_suffix(b".").unwrap_or(name);
        let mut labels = Self::default();
        let mut start = 0;
        for (at, byte) in name.iter().enumerate() {
            if *byte == b'.' {
                labels.add(&name[start..at]);
                start = at + 1;
            }
        }
        let last = &name[start..];
        labels.add(last);
        labels.last_is_number = is_number(last);
        labels
    }

    fn add(&mut self, label: &[u8]) {
        self.any_is_empty |= label.is_empty();
        self.any_is_long |= label.len() > 63;
        self.any_is_encoded |= matches!(label, [b'x' | b'X', b'n' | b'N', b'-', b'-', ..]);
    }
}

/// Returns whether options may be glued to the path of a socket, with a password among them.
fn may_be_more_than_socket(path: &str, form: Form) -> bool {
    form == Form::Socket && path.contains([';', '&', '=', '?', '#'])
}

/// Returns whether a text that an unknown scheme has for a host is no token: an address, `localhost`, or a name with a
/// dot. Tokens have dots as well (`eyJhbGciOi.eyJzdWIi.sig`), so each label must look like one of a host name.
fn cannot_be_token(name: &str, form: Form) -> bool {
    /// Maximum length of a label that is taken for one of a host name.
    const LONGEST_LABEL: usize = 24;
    let is_label = |label: &str| {
        let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=LONGEST_LABEL).contains(&label.len()) && label.bytes().all(is_allowed)
    };
    match form {
        Form::Ipv4 | Form::Ipv6 => true,
        Form::Socket => false,
        Form::Name | Form::InternationalName => {
            let (labels, last) = name.rsplit_once('.').unwrap_or(("", name));
            let is_last = last.len() > 1 && last.bytes().all(|byte| byte.is_ascii_lowercase());
            name == "localhost" || is_last && labels.split('.').all(is_label)
        }
    }
}

fn is_number(label: &[u8]) -> bool {
    match label {
        [b'0', b'x' | b'X', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
        digits => digits.iter().all(u8::is_ascii_digit),
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            text,
            form: _,
            port,
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
        match self.is_ipv6() {
            true => write!(f, "[{}]", &**text)?,
            false => write!(f, "{}", text.escape_debug())?,
        }
        match port {
            Some(Port {
                number,
                is_default: false,
            }) => write!(f, ":{number}"),
            _ => Ok(()),
        }
    }
}
