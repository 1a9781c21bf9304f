//! The parts of a URL that stand in options of its query: libpq's hosts and credentials, JDBC's credentials, and the sockets
//! of MySQL's clients.

use super::host::{Host, Hosts};
use super::query;
use super::split::Parts;
use crate::error::{Component, Error, Fault};
use crate::scheme::{Rules, Scheme};
use crate::secret::Wiped;
use secrecy::{ExposeSecret, SecretString};

/// The value of an option that stands for another part. Of several, the last one counts, as libpq and the JDBC drivers have
/// it.
pub(super) fn value(text: &str, parts: &Parts, names: &[&str]) -> Option<SecretString> {
    if names.is_empty() {
        return None;
    }
    query::options(parts.query()?.of(text))
        .filter(|option| names.iter().any(|name| option.is_named(name, false)))
        .last()?
        .decoded_value()
}

/// As [`value`], of options that say nothing when they are empty.
fn given(text: &str, parts: &Parts, names: &[&str]) -> Option<SecretString> {
    value(text, parts, names).filter(|value| !value.expose_secret().is_empty())
}

pub(super) fn database(text: &str, parts: &Parts, rules: &Rules) -> Option<Wiped> {
    given(text, parts, rules.part_options.database).map(|name| Wiped::from(name.expose_secret()))
}

/// The options of a query that say where to connect to.
pub(super) struct Endpoint {
    hosts: Option<SecretString>,
    addresses: Option<SecretString>,
    ports: Option<SecretString>,
    socket: Option<SecretString>,
}

impl Endpoint {
    /// `None` if there are none.
    pub(super) fn read(text: &str, parts: &Parts, rules: &Rules) -> Option<Self> {
        parts.query()?;
        let options = rules.part_options;
        let endpoint = Self {
            hosts: given(text, parts, options.hosts),
            addresses: given(text, parts, options.addresses),
            ports: given(text, parts, options.ports),
            socket: given(text, parts, options.socket),
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

    /// Whether the URL needs no host before its path.
    pub(super) fn names_hosts(&self) -> bool {
        self.hosts.is_some() || self.addresses.is_some() || self.socket.is_some()
    }

    /// The hosts that a driver dials, out of those before the path. A port may stand there without a host.
    pub(super) fn apply(
        &self,
        written: Hosts,
        lone_port: Option<&str>,
        scheme: Option<&Scheme>,
        rules: &Rules,
    ) -> Result<Hosts, Error> {
        let of_option = |host: &str, port: Option<&str>| Host::of_option(host, port, scheme, rules);
        if let Some(socket) = &self.socket {
            let host = of_option(socket.expose_secret(), None)?;
            return match host.is_socket() {
                true => Ok(Hosts::One(host)),
                false => Err(Error::at(Component::Query, Fault::NotASocket)),
            };
        }
        let names = match &self.hosts {
            None => self.with_ports(written, scheme, rules)?,
            Some(hosts) => {
                let hosts: Vec<&str> = hosts.expose_secret().split(',').collect();
                // A socket is what is meant, and a name beside it is there to satisfy a parser.
                if !written.is_empty() && !hosts.iter().all(|host| host.starts_with('/')) {
                    return Err(Error::at(Component::Query, Fault::HostTwice));
                }
                let dummy_port = written.first().and_then(Host::written_port);
                let read = hosts
                    .iter()
                    .zip(self.each_port(hosts.len())?)
                    .map(|(host, port)| {
                        let host = of_option(host, port.or(lone_port))?;
                        host.with_port_if_none(dummy_port, scheme, rules)
                    });
                Hosts::List(read.collect::<Result<_, _>>()?)
            }
        };
        match &self.addresses {
            None => Ok(names),
            Some(addresses) => self.dial(addresses, names, lone_port, scheme, rules),
        }
    }

    /// libpq's `hostaddr`: addresses in the place of names, each for the name in its place.
    fn dial(
        &self,
        addresses: &SecretString,
        names: Hosts,
        lone_port: Option<&str>,
        scheme: Option<&Scheme>,
        rules: &Rules,
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
                let host = Host::of_option(address, port.or(lone_port), scheme, rules)
                    .ok()
                    .filter(Host::is_address)
                    .ok_or_else(|| Error::at(Component::Query, Fault::NotAnAddress))?;
                let port = name.and_then(Host::written_port);
                Ok(host.with_port_if_none(port, scheme, rules)?.standing_for(name))
            });
        Ok(Hosts::List(read.collect::<Result<_, _>>()?))
    }

    fn with_ports(&self, written: Hosts, scheme: Option<&Scheme>, rules: &Rules) -> Result<Hosts, Error> {
        if self.ports.is_none() || written.is_empty() {
            return Ok(written);
        }
        let ports = self.each_port(written.len())?;
        let hosts = written.iter().zip(ports);
        let with_port = |(host, port): (&Host, Option<&str>)| host.clone().with_port(port, scheme, rules);
        Ok(Hosts::List(hosts.map(with_port).collect::<Result<_, _>>()?))
    }

    /// The port of the option for each of so many hosts: its own, or the one that is for all.
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
