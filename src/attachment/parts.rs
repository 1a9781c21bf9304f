//! Resources whose parts are separate config vars: `CACHE_HOST`, `CACHE_PORT`, `CACHE_PASSWORD`.

use super::part_group::{PartGroup, at_value, check_part, text_of};
use super::part_tls::TlsParts;
use super::tables::{
    ADDRESS, DATABASE, DATABASES, NOT_SCHEMES, OPTIONS, PARTS_BESIDE_LIST, PASSWORD, PATH, PORT,
    PORTS_OPTION, SCHEME, SOCKET, USERNAME, row_of,
};
use super::tls_tables::{STARTTLS_OPTIONS, STARTTLS_PORTS, TLS_ALONE, TLS_SCHEMES};
use super::values::{is_tls_scheme, port_after_host, port_number, scheme_alone, split_scheme};
use crate::error::{Component, Error, Fault};
use crate::kind::Kind;
use crate::scheme::find_scheme;
use crate::secret::{self, Wiped, holds_url};
use crate::text::{contains_one_of, has_any_character, is_all, is_listed};
use crate::tls::Tls;
use crate::url::{Additions, MemcacheUrl, ResourceUrl, UrlParts, check_kind_rules};
use secrecy::ExposeSecret;

/// Reads a list of servers with the login and the TLS of its group.
pub(super) fn read_servers(group: PartGroup<'_>, servers: &str) -> Result<ResourceUrl, Error> {
    let username = group.credential(USERNAME, Component::Username)?;
    let password = group.credential(PASSWORD, Component::Password)?;
    let tls = TlsParts::read(group)?;
    let (scheme, options) = match scheme_asks_for_tls(group)? {
        Some(scheme) => (Some(scheme), tls.beside_scheme()),
        None => scheme_and_options(group.kind, &tls)?,
    };
    if group.kind != Kind::Memcache {
        let (port, database) = match PARTS_BESIDE_LIST.contains(&group.kind) {
            true => (port_of(group, &TlsParts::default())?.0, database_of(group)?),
            false => (None, None),
        };
        let with_port = port.map(|port| with_port(servers, port));
        return UrlParts {
            scheme: scheme.unwrap_or(group.kind.example()),
            username,
            password,
            hosts: with_port.as_deref().unwrap_or(servers),
            options: &options,
            database,
            ..UrlParts::default()
        }
        .parse();
    }
    let url = secret::with_clean_stack(|| MemcacheUrl::from_servers(servers, username, password));
    let url: ResourceUrl = url?.into();
    match options.is_empty() && scheme.is_none() {
        true => Ok(url),
        false => url.with(Additions {
            scheme,
            options: &options,
            ..Additions::default()
        }),
    }
}

/// Returns a list of hosts with the port at each one that has none: Cassandra's clients take one port for all.
fn with_port(hosts: &str, port: &str) -> Wiped {
    secret::put_together(&|list| {
        for (index, host) in hosts.split(',').enumerate() {
            list.push(if index == 0 { "" } else { "," });
            list.push(host);
            if !host.is_empty() && port_after_host(host).is_none() {
                list.push_all(&[":", port]);
            }
        }
    })
}

fn database_of<'v>(group: PartGroup<'v>) -> Result<Option<&'v str>, Error> {
    if !group.kind.rules().database {
        return Ok(None);
    }
    Ok(match group.text(database_endings(group.kind))? {
        // A server that does not know the name may log it, with the password in it.
        Some(text) if holds_url(text.expose_secret()) => {
            let error = Error::at(Component::Database, Fault::UrlOfPart);
            return Err(group.blame(database_endings(group.kind), error));
        }
        Some(text) => Some(text.expose_secret()),
        None => path_of(group),
    })
}

/// Returns the database in `DATABASE_PATH`, where Upsun has it, beside the scheme. Elsewhere this may be the path of a file.
fn path_of<'v>(group: PartGroup<'v>) -> Option<&'v str> {
    let (_, path) = group.part(PATH)?;
    if !group.has(SCHEME) {
        return None;
    }
    let path = path.secret()?.expose_secret();
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    is_all(path, is_of_name).then_some(path)
}

/// Returns the scheme for TLS, if a config var of its own asks for it: `KAFKA_PROTOCOL=SASL_SSL`.
pub(super) fn scheme_asks_for_tls(group: PartGroup<'_>) -> Result<Option<&'static str>, Error> {
    let Some(text) = group.text(SCHEME)? else {
        return Ok(None);
    };
    let scheme = scheme_alone(text.expose_secret());
    let is_of_kind = || matches!(find_scheme(scheme), Some(scheme) if scheme.kind == group.kind);
    let asks = is_listed(TLS_ALONE, scheme) || is_tls_scheme(scheme) && is_of_kind();
    Ok(match row_of(TLS_SCHEMES, group.kind) {
        Some((scheme, _)) if asks => Some(scheme),
        _ => None,
    })
}

/// The scheme for TLS, if the options ask for it, and the options beside the scheme.
pub(super) type SchemeAndOptions<'v> = (Option<&'static str>, Vec<(&'static str, &'v str)>);

pub(super) fn scheme_and_options<'v>(kind: Kind, tls: &TlsParts<'v>) -> Result<SchemeAndOptions<'v>, Error> {
    Ok(match row_of(TLS_SCHEMES, kind) {
        Some((scheme, _)) if tls.are_for_scheme(kind, tls.level(kind)?) => {
            (Some(scheme), tls.beside_scheme())
        }
        _ => (None, tls.options()),
    })
}

/// Returns whether TLS begins within a connection to this port.
pub(super) fn begins_within(kind: Kind, port: Option<&str>) -> bool {
    matches!(port, Some(port) if STARTTLS_PORTS.contains(&(kind, port)))
}

/// Returns the option that asks for TLS within a connection, unless it is there.
pub(super) fn starttls_option(kind: Kind, tls: &TlsParts<'_>) -> Option<(&'static str, &'static str)> {
    match row_of(STARTTLS_OPTIONS, kind) {
        Some((option, value)) if !tls.has(option) => Some((option, value)),
        _ => None,
    }
}

/// Returns whether an option of the URL takes a list of ports.
fn may_list_ports(kind: Kind) -> bool {
    kind.rules().part_options.ports.contains(&PORTS_OPTION)
}

fn database_endings(kind: Kind) -> &'static [&'static str] {
    row_of(DATABASES, kind).unwrap_or(DATABASE)
}

/// Reads a resource by all rules of its kind. A fault is that of the config var that has the part.
pub(super) fn read_parts(group: PartGroup<'_>, host: &str) -> Result<ResourceUrl, Error> {
    let mut tls = TlsParts::read(group)?;
    tls.add_shared(group)?;
    let checked = |url| check_kind_rules(&url).map(|()| url);
    let url = assemble(group, host, &tls).and_then(checked);
    url.map_err(|error| match error.component() {
        Some(Component::Username) => group.blame(USERNAME, error),
        Some(Component::Password) => group.blame(PASSWORD, error),
        Some(Component::Port) => group.blame(PORT, error),
        Some(Component::Database) => group.blame(database_endings(group.kind), error),
        Some(Component::Query) => match (error.fault(), tls.var()) {
            (Fault::NotAnAddress | Fault::AddressCount, _) => {
                group.blame(ADDRESS, at_value(Fault::PartAddress))
            }
            (Fault::NotASocket, _) => group.blame(SOCKET, at_value(Fault::NotASocket)),
            (_, Some(var)) => error.for_known_var(var),
            _ => error,
        },
        _ => error,
    })
}

/// Returns whether a scheme of another kind, or a misspelt one, seems to ask for TLS: `wss`, `redisss`, `tls1.2`.
fn may_ask_for_tls(scheme: &str) -> bool {
    is_tls_scheme(scheme) || contains_one_of(scheme, &["ss", "tls"])
}

/// The scheme of a resource in parts.
#[derive(Default)]
struct PartScheme {
    /// The scheme before the host.
    written: Option<&'static str>,
    /// The scheme in a config var of its own.
    separate: Option<&'static str>,
    /// Whether what is before the host asks for TLS.
    host_asks_for_tls: bool,
    /// Whether a config var of its own asks for TLS without naming a protocol.
    asks_for_tls: bool,
}

impl PartScheme {
    fn read(group: PartGroup<'_>, before_host: Option<&str>) -> Result<Self, Error> {
        let mut read = Self::default();
        if let Some(scheme) = before_host {
            match find_scheme(scheme) {
                _ if is_listed(TLS_ALONE, scheme) => read.host_asks_for_tls = true,
                Some(scheme) if scheme.kind == group.kind => {
                    read.written = Some(scheme.spelling);
                    read.host_asks_for_tls = scheme.tls.is_required();
                }
                _ => return Err(Error::at(Component::Host, Fault::SchemeOfPart(group.kind))),
            }
        }
        if let Some(text) = group.text(SCHEME)? {
            let scheme = scheme_alone(text.expose_secret());
            let others = row_of(NOT_SCHEMES, group.kind).unwrap_or_default();
            match find_scheme(scheme) {
                _ if is_listed(others, scheme) => {}
                _ if is_listed(TLS_ALONE, scheme) => read.asks_for_tls = true,
                Some(scheme) if scheme.kind == group.kind => read.separate = Some(scheme.spelling),
                _ => {
                    // To propose one without TLS would drop that.
                    let example = match row_of(TLS_SCHEMES, group.kind) {
                        Some((for_tls, _)) if may_ask_for_tls(scheme) => for_tls,
                        _ => group.kind.example(),
                    };
                    let error = at_value(Fault::UnknownSchemePart(example));
                    return Err(group.blame(SCHEME, error));
                }
            }
        }
        Ok(read)
    }

    /// Returns the first scheme that is for TLS, or else the one that the config vars have. `for_tls` is the kind's own, if TLS
    /// is asked for.
    fn used(&self, kind: Kind, for_tls: Option<&'static str>) -> &'static str {
        let plain = self.separate.unwrap_or(kind.example());
        match (self.written, for_tls) {
            (Some(written), _) if is_tls_scheme(written) => written,
            (_, Some(for_tls)) => for_tls,
            _ if is_tls_scheme(plain) => plain,
            (Some(written), _) => written,
            _ => plain,
        }
    }
}

/// Returns the port, and whether it is one for TLS only.
fn port_of<'v>(group: PartGroup<'v>, tls: &TlsParts<'v>) -> Result<(Option<&'v str>, bool), Error> {
    let number = |text: &'v str| {
        port_number(text).ok_or_else(|| {
            at_value(match holds_url(text) {
                true => Fault::PortUrl,
                false => Fault::NotANumber("one from 1 to 65535"),
            })
        })
    };
    let own = match group.text(PORT)? {
        None => None,
        Some(text) if may_list_ports(group.kind) && text.expose_secret().contains(',') => {
            Some(text.expose_secret())
        }
        Some(text) => Some(number(text.expose_secret()).map_err(|error| group.blame(PORT, error))?),
    };
    let Some(var) = tls.port else {
        return Ok((own, false));
    };
    let for_tls = text_of(&var.name, &var.value)
        .and_then(|text| number(text.expose_secret()))
        .map_err(|error| error.for_known_var(&var.name))?;
    match own {
        // A server that has a port for TLS has a plain one as well, which is only used if TLS is off, by either's config var.
        Some(own) if own != for_tls && (for_tls == "0" || tls.level(group.kind)? == Tls::Off) => {
            Ok((Some(own), false))
        }
        _ => Ok((Some(for_tls), true)),
    }
}

/// Makes the URL of which the config vars have the parts.
fn assemble(group: PartGroup<'_>, host: &str, tls: &TlsParts<'_>) -> Result<ResourceUrl, Error> {
    let kind = group.kind;
    let rules = kind.rules();
    check_part(host)?;
    let (before_host, host) = secret::with_clean_stack(|| split_scheme(host));
    let scheme = PartScheme::read(group, before_host)?;
    let is_socket = host.starts_with('/') && rules.socket_ports;
    if has_any_character(host, "@/?#") && !is_socket {
        // Without a scheme that asks for TLS, there would be none.
        let fault = match before_host.is_some() && !scheme.host_asks_for_tls {
            true => Fault::SchemeBeforeHost,
            false => Fault::HostCharacter,
        };
        return Err(Error::at(Component::Host, fault));
    }
    let (port, is_port_for_tls) = port_of(group, tls)?;
    let level = tls.level(kind)?;
    if scheme.host_asks_for_tls && matches!(level, Tls::Off | Tls::Preferred) {
        return Err(Error::at(Component::Host, Fault::TlsOfPart));
    }
    let asks_for_tls = scheme.host_asks_for_tls || scheme.asks_for_tls || is_port_for_tls;
    // `smtp.example:465`
    let used_port = port.or_else(|| port_after_host(host));
    let is_for_tls = |own_port: Option<&str>| {
        let has_own_port = own_port.is_some() && own_port == used_port;
        asks_for_tls
            || has_own_port && (level == Tls::Unspecified || level.is_required())
            || tls.are_for_scheme(kind, level) && !begins_within(kind, used_port)
    };
    let for_tls = match row_of(TLS_SCHEMES, kind) {
        Some((scheme, own_port)) if is_for_tls(own_port) => Some(scheme),
        _ => None,
    };
    let used_scheme = scheme.used(kind, for_tls);
    let has_tls_scheme = is_tls_scheme(used_scheme);
    let mut options = match has_tls_scheme {
        true => tls.beside_scheme(),
        false => tls.options(),
    };
    if asks_for_tls && !has_tls_scheme && !level.is_required() {
        // Of two options with one name, the last would count, so another spelling contradicts a no.
        options.push((if tls.has("ssl") { "use_ssl" } else { "ssl" }, "true"));
    }
    if level.is_required() && !has_tls_scheme {
        if let Some(option) = starttls_option(kind, tls) {
            options.push(option);
        }
    }
    for (of, endings, option) in OPTIONS {
        if *of == kind {
            if let Some(text) = group.text(endings)? {
                options.push((*option, text.expose_secret()));
            }
        }
    }
    let is_host_list = host.contains(',');
    let port = match port {
        // libpq's option takes a port for each host, or one for all.
        Some(ports) if may_list_ports(kind) && (is_host_list || ports.contains(',')) => {
            options.push((PORTS_OPTION, ports));
            None
        }
        port => port,
    };
    if is_host_list && rules.host_list && port.is_some() {
        return Err(Error::at(Component::Host, Fault::HostsAndPort));
    }
    UrlParts {
        scheme: used_scheme,
        options: &options,
        username: group.credential(USERNAME, Component::Username)?,
        password: group.credential(PASSWORD, Component::Password)?,
        hosts: if is_socket { "" } else { host },
        socket: is_socket.then_some(host),
        port,
        database: database_of(group)?,
    }
    .parse()
}
