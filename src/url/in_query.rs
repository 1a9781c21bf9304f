//! Parts of a URL that are options of its query: libpq's hosts and credentials, JDBC's credentials, and the sockets of MySQL's
//! clients.

use super::credentials::DecodedCredentials;
use super::host::{Host, Hosts};
use super::query::Initials;
use super::raw_url::RawUrl;
use crate::error::{Component, Error, Fault};
use crate::scheme::PartOptions;
use crate::secret;
use crate::text::is_each;
use secrecy::{ExposeSecret, SecretString};

/// Returns the values of options that replace other parts, each by its names. Like libpq and the JDBC drivers, uses the last
/// of several. The caller cleans the stack.
#[inline]
pub(super) fn values<const N: usize>(raw: &RawUrl<'_>, parts: [&[&str]; N]) -> [Option<SecretString>; N] {
    let mut values = [const { None }; N];
    read_values(raw, &parts, &mut values);
    values
}

fn read_values(raw: &RawUrl<'_>, parts: &[&[&str]], values: &mut [Option<SecretString>]) {
    let initials = Initials::of(parts);
    for option in raw.options() {
        if !initials.may_be_of(option) {
            continue;
        }
        for (value, names) in values.iter_mut().zip(parts) {
            for name in *names {
                if option.is_named(name, false) {
                    *value = Some(option.decode_value());
                }
            }
        }
    }
}

/// Returns whether options may replace the hosts or the database, or break drivers.
pub(super) fn may_have_parts(raw: &RawUrl<'_>) -> bool {
    let has_names = || !raw.rules.part_options.is_empty();
    let has_others = || !raw.database_options().is_empty() || !raw.rules.options_not_for_drivers.is_empty();
    raw.parts.query().is_some() && (has_names() || has_others())
}

/// Reads user name and password from before the `@`, and from options, where some kinds, and JDBC, have them. Like libpq,
/// prefers an option to the part before the `@`.
pub(super) fn credentials(raw: &RawUrl<'_>, hosts: &Hosts) -> DecodedCredentials {
    let options = match (raw.parts.user_info(), raw.scheme) {
        (None, Some(scheme)) if !scheme.part_options().username.is_empty() => scheme.part_options(),
        _ if raw.parts.has_login_options => raw.rules.part_options,
        _ => &PartOptions::NONE,
    };
    secret::with_clean_stack(|| {
        let written = match raw.parts.user_info() {
            // The escapes were checked when the URL was parsed.
            Some(user_info) => {
                DecodedCredentials::of_user_info(raw.text, user_info, raw.parts.in_user_info).ok()
            }
            None if raw.parts.has_credentials_per_host() => hosts.common_credentials().cloned(),
            None => None,
        };
        let written = written.unwrap_or_default();
        if raw.parts.query().is_none() {
            return written;
        }
        let [username, password] = values(raw, [options.username, options.password]);
        DecodedCredentials {
            username: username.or(written.username),
            password: password.or(written.password),
        }
    })
}

/// The options of a query that replace the hosts, or the database.
pub(super) struct EndpointOptions {
    hosts: Option<SecretString>,
    addresses: Option<SecretString>,
    ports: Option<SecretString>,
    socket: Option<SecretString>,
    pub(super) database: Option<SecretString>,
    /// Whether there are options that replace the user name or the password. One walk finds them with the others.
    pub(super) has_login: bool,
    /// An option that breaks drivers.
    pub(super) not_for_drivers: Option<SecretString>,
}

impl EndpointOptions {
    /// Reads the options, and ignores empty ones.
    #[inline]
    pub(super) fn of(raw: &RawUrl<'_>) -> Self {
        let options = raw.rules.part_options;
        let parts = [
            options.hosts,
            options.addresses,
            options.ports,
            options.socket,
            options.database,
            options.username,
            options.password,
            raw.rules.options_not_for_drivers,
        ];
        let is_given = |value: &SecretString| !value.expose_secret().is_empty();
        let [
            hosts,
            addresses,
            ports,
            socket,
            database,
            username,
            password,
            not_for_drivers,
        ] = values(raw, parts);
        Self {
            hosts: hosts.filter(is_given),
            addresses: addresses.filter(is_given),
            ports: ports.filter(is_given),
            socket: socket.filter(is_given),
            database: database.filter(is_given),
            has_login: username.is_some() || password.is_some(),
            not_for_drivers,
        }
    }

    /// Returns whether there are options that replace hosts or ports.
    pub(super) fn replace_hosts(&self) -> bool {
        self.names_hosts() || self.ports.is_some()
    }

    /// Returns whether the URL needs no host before its path.
    pub(super) fn names_hosts(&self) -> bool {
        self.hosts.is_some() || self.addresses.is_some() || self.socket.is_some()
    }

    /// Returns the hosts that a driver connects to. `written` are the hosts before the path, where `lone_port` may be instead.
    pub(super) fn apply(
        &self,
        raw: &RawUrl<'_>,
        written: Hosts,
        lone_port: Option<&str>,
    ) -> Result<Hosts, Error> {
        let of_option = |host: &str, port: Option<&str>| Host::of_option(raw, host, port);
        if let Some(socket) = &self.socket {
            let path = socket.expose_secret();
            return match path.starts_with('/') {
                true => of_option(path, None).map(Hosts::One),
                false => Err(Error::at(Component::Query, Fault::NotASocket)),
            };
        }
        let names = match &self.hosts {
            None => self.with_ports(raw, written)?,
            Some(hosts) => {
                // A name beside a socket is a dummy for parsers that require one.
                if !written.is_empty() && !is_each(hosts.expose_secret(), ',', |host| host.starts_with('/')) {
                    return Err(Error::at(Component::Query, Fault::HostTwice));
                }
                let hosts: Vec<&str> = hosts.expose_secret().split(',').collect();
                let dummy_port = written.first().and_then(Host::written_port);
                let ports = self.ports(hosts.len())?;
                let mut read = Vec::with_capacity(hosts.len());
                for (index, host) in hosts.iter().enumerate() {
                    if host.is_empty() {
                        return Err(Error::at(Component::Host, Fault::EmptyHostInList));
                    }
                    let host = of_option(host, port_of(&ports, index).or(lone_port))?;
                    read.push(host.with_port_if_none(raw, dummy_port)?);
                }
                Hosts::of_list(read)
            }
        };
        match &self.addresses {
            None => Ok(names),
            Some(addresses) => self.replace_names(raw, addresses, names, lone_port),
        }
    }

    /// Applies libpq's `hostaddr`: a list of addresses, each of which replaces the name at the same position.
    fn replace_names(
        &self,
        raw: &RawUrl<'_>,
        addresses: &SecretString,
        names: Hosts,
        lone_port: Option<&str>,
    ) -> Result<Hosts, Error> {
        let addresses: Vec<&str> = addresses.expose_secret().split(',').collect();
        if !names.is_empty() && names.len() != addresses.len() {
            return Err(Error::at(Component::Query, Fault::AddressCount));
        }
        let ports = self.ports(addresses.len())?;
        let mut read = Vec::with_capacity(addresses.len());
        for (index, address) in addresses.iter().enumerate() {
            let name = names.get(index);
            let host = match Host::of_option(raw, address, port_of(&ports, index).or(lone_port)) {
                Ok(host) if host.is_address() => host,
                _ => return Err(Error::at(Component::Query, Fault::NotAnAddress)),
            };
            let port = name.and_then(Host::written_port);
            read.push(host.with_port_if_none(raw, port)?.in_place_of(name));
        }
        Ok(Hosts::of_list(read))
    }

    fn with_ports(&self, raw: &RawUrl<'_>, written: Hosts) -> Result<Hosts, Error> {
        if self.ports.is_none() || written.is_empty() {
            return Ok(written);
        }
        let ports = self.ports(written.len())?;
        let mut hosts = Vec::with_capacity(written.len());
        for (index, host) in written.iter().enumerate() {
            hosts.push(host.clone().with_port(raw, port_of(&ports, index))?);
        }
        Ok(Hosts::of_list(hosts))
    }

    /// Returns the ports of the option: none, one for all hosts, or one for each.
    fn ports(&self, hosts: usize) -> Result<Vec<&str>, Error> {
        let Some(ports) = &self.ports else {
            return Ok(Vec::new());
        };
        let ports: Vec<&str> = ports.expose_secret().split(',').collect();
        match ports.len() == 1 || ports.len() == hosts {
            true => Ok(ports),
            false => Err(Error::at(Component::Port, Fault::PortCount)),
        }
    }
}

/// Returns the port of a host, if it is not empty.
fn port_of<'p>(ports: &[&'p str], host: usize) -> Option<&'p str> {
    let port = match ports {
        [port] => *port,
        _ => ports.get(host).copied().unwrap_or_default(),
    };
    (!port.is_empty()).then_some(port)
}
