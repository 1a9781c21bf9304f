//! Parts of a URL that are options of its query: libpq's hosts and credentials, JDBC's credentials, and the sockets of MySQL's
//! clients.

use super::host::{Host, Hosts};
use super::raw_url::RawUrl;
use crate::error::{Component, Error, Fault};
use crate::secret::Wiped;
use secrecy::{ExposeSecret, SecretString};

/// The options of a JDBC URL that have the credentials.
pub(super) const JDBC_USERNAME: &str = "user";
pub(super) const JDBC_PASSWORD: &str = "password";

/// Returns the value of an option that replaces another part. Like libpq and the JDBC drivers, uses the last of several.
pub(super) fn value(raw: &RawUrl<'_>, names: &[&str]) -> Option<SecretString> {
    if names.is_empty() {
        return None;
    }
    raw.options()
        .filter(|option| names.iter().any(|name| option.is_named(name, false)))
        .last()?
        .decoded_value()
}

/// As [`value`], but ignores an empty option.
fn given(raw: &RawUrl<'_>, names: &[&str]) -> Option<SecretString> {
    value(raw, names).filter(|value| !value.expose_secret().is_empty())
}

/// Returns the name of the database, if an option has it.
pub(super) fn database(raw: &RawUrl<'_>) -> Option<Wiped> {
    given(raw, raw.rules.part_options.database).map(|name| Wiped::from(name.expose_secret()))
}

/// The options of a query that determine where to connect to.
pub(super) struct EndpointOptions {
    hosts: Option<SecretString>,
    addresses: Option<SecretString>,
    ports: Option<SecretString>,
    socket: Option<SecretString>,
}

impl EndpointOptions {
    /// Returns `None` if there are none.
    pub(super) fn of(raw: &RawUrl<'_>) -> Option<Self> {
        raw.parts.query()?;
        let options = raw.rules.part_options;
        let endpoint = Self {
            hosts: given(raw, options.hosts),
            addresses: given(raw, options.addresses),
            ports: given(raw, options.ports),
            socket: given(raw, options.socket),
        };
        let is_there = [
            &endpoint.hosts,
            &endpoint.addresses,
            &endpoint.ports,
            &endpoint.socket,
        ]
        .into_iter()
        .any(Option::is_some);
        is_there.then_some(endpoint)
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
            let host = of_option(socket.expose_secret(), None)?;
            return match host.as_str().starts_with('/') {
                true => Ok(Hosts::One(host)),
                false => Err(Error::at(Component::Query, Fault::NotASocket)),
            };
        }
        let names = match &self.hosts {
            None => self.with_ports(raw, written)?,
            Some(hosts) => {
                let hosts: Vec<&str> = hosts.expose_secret().split(',').collect();
                // A name beside a socket is a dummy for parsers that require one.
                if !written.is_empty() && !hosts.iter().all(|host| host.starts_with('/')) {
                    return Err(Error::at(Component::Query, Fault::HostTwice));
                }
                let dummy_port = written.first().and_then(Host::written_port);
                let read = hosts
                    .iter()
                    .zip(self.each_port(hosts.len())?)
                    .map(|(host, port)| {
                        let host = of_option(host, port.or(lone_port))?;
                        host.with_port_if_none(raw, dummy_port)
                    });
                Hosts::List(read.collect::<Result<_, Error>>()?)
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
        let ports = self.each_port(addresses.len())?;
        let read = addresses
            .iter()
            .zip(ports)
            .enumerate()
            .map(|(index, (address, port))| {
                let name = names.get(index);
                let host = Host::of_option(raw, address, port.or(lone_port))
                    .ok()
                    .filter(Host::is_address)
                    .ok_or_else(|| Error::at(Component::Query, Fault::NotAnAddress))?;
                let port = name.and_then(Host::written_port);
                Ok(host.with_port_if_none(raw, port)?.in_place_of(name))
            });
        Ok(Hosts::List(read.collect::<Result<_, Error>>()?))
    }

    fn with_ports(&self, raw: &RawUrl<'_>, written: Hosts) -> Result<Hosts, Error> {
        if self.ports.is_none() || written.is_empty() {
            return Ok(written);
        }
        let ports = self.each_port(written.len())?;
        let hosts = written.iter().zip(ports);
        let with_port = |(host, port): (&Host, Option<&str>)| host.clone().with_port(raw, port);
        Ok(Hosts::List(hosts.map(with_port).collect::<Result<_, Error>>()?))
    }

    /// Returns the ports of the option, one for each host; a single port applies to all of them.
    fn each_port(&self, hosts: usize) -> Result<Vec<Option<&str>>, Error> {
        let Some(ports) = &self.ports else {
            return Ok(vec![None; hosts]);
        };
        let ports: Vec<_> = ports
            .expose_secret()
            .split(',')
            .map(|port| Some(port).filter(|port| !port.is_empty()))
            .collect();
        match ports.len() {
            1 => Ok(vec![ports[0]; hosts]),
            count if count == hosts => Ok(ports),
            _ => Err(Error::at(Component::Port, Fault::PortCount)),
        }
    }
}
