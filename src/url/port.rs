//! [`Port`]: the port of a host.

use super::host_form::HostForm;
use super::raw_url::RawUrl;
use crate::error::{Component, Error, Fault};

/// A port, either written in the URL or the default of the protocol.
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
    /// Returns the written port, or else the protocol's. A socket has no default port.
    #[inline]
    pub(super) fn of(raw: &RawUrl<'_>, written: Option<u16>, form: HostForm) -> Result<Option<Self>, Error> {
        let is_socket = form == HostForm::Socket;
        if written.is_some() && is_socket && !raw.rules.socket_ports {
            return Err(Error::at(Component::Port, Fault::SocketPort));
        }
        let default = raw.scheme.and_then(|scheme| scheme.port).filter(|_| !is_socket);
        let is_default = written.is_none();
        Ok(written.or(default).map(|number| Self { number, is_default }))
    }

    /// Returns the number, from 1 to 65535.
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

    /// Returns whether the URL has no port, so that this is the default of the protocol's specification.
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

#[inline]
pub(super) fn parse_port(digits: &str, not_a_number: Fault) -> Result<u16, Error> {
    let at_port = |fault| Err(Error::at(Component::Port, fault));
    /// One more than the highest port, so that the number does not overflow.
    const OUT_OF_RANGE: u32 = 1 << 16;
    let mut number = 0;
    for byte in digits.bytes() {
        if !byte.is_ascii_digit() {
            return at_port(not_a_number);
        }
        number = (number * 10 + u32::from(byte - b'0')).min(OUT_OF_RANGE);
    }
    match u16::try_from(number) {
        _ if digits.is_empty() => at_port(Fault::EmptyPort),
        Ok(number @ 1..) => Ok(number),
        _ => at_port(Fault::PortOutOfRange),
    }
}
