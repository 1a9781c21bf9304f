//! Resources whose parts are separate config vars: `CACHE_HOST`, `CACHE_PORT`, `CACHE_PASSWORD`.

use super::tables::{
    DATABASE, GLUED, HOST, KIND_PORTS, KIND_WORDS, NO_HOSTS, NO_SERVERS, NO_USERNAME, PASSWORD, PORT, SCHEME,
    SERVER_LISTS, TLS, TLS_ALONE, TLS_OPTIONS, TLS_ROOTS, TLS_SCHEMES, URL_SUFFIXES, USERNAME,
};
use super::values::{is_listed, is_no, is_schemed_host, is_tls_scheme, is_yes, scheme_of, split_scheme};
use crate::error::{Component, Error, Fault};
use crate::kind::Kind;
use crate::scheme::find_scheme;
use crate::secret::{self, holds_url};
use crate::snapshot::{ConfigValue, ConfigVars};
use crate::tls::Tls;
use crate::url::{MemcacheUrl, ResourceUrl, UrlParts, check_edges};
use secrecy::{ExposeSecret, SecretString};

/// How the value of a config var represents a resource.
pub(super) enum Shape<'n> {
    /// It is a URL.
    Url,
    /// It is a list of servers; the credentials are in config vars with the same prefix.
    Servers(PartGroup<'n>),
    /// It is the host; the other parts are in config vars with the same prefix.
    Host(PartGroup<'n>),
}

/// Config vars with the same prefix: `CACHE_…`, or glued, `PG…`.
#[derive(Clone, Copy)]
pub(super) struct PartGroup<'n> {
    pub(super) stem: &'n str,
    pub(super) separator: &'static str,
    pub(super) kind: Kind,
}

pub(super) fn shape<'n>(vars: &ConfigVars, name: &'n str, value: &str) -> Shape<'n> {
    secret::with_clean_stack(|| find_shape(vars, name, value))
}

pub(super) fn find_shape<'n>(vars: &ConfigVars, name: &'n str, value: &str) -> Shape<'n> {
    if holds_url(value) {
        // A host may be preceded by a scheme if the other parts are in separate config vars.
        let parts = is_schemed_host(value).then(|| names_host(vars, name, value));
        return parts.flatten().map_or(Shape::Url, Shape::Host);
    }
    if let Some(parts) = names_servers(vars, name) {
        return Shape::Servers(parts);
    }
    names_host(vars, name, value).map_or(Shape::Url, Shape::Host)
}

/// Returns whether the URL of a config var consists of several config vars.
pub(crate) fn is_assembled(vars: &ConfigVars, name: &str, value: &str) -> bool {
    !matches!(shape(vars, name, value), Shape::Url)
}

/// Returns the parts of a list of servers.
fn names_servers<'n>(vars: &ConfigVars, name: &'n str) -> Option<PartGroup<'n>> {
    let listed = SERVER_LISTS.iter().find_map(|list| {
        let stem = name
            .strip_suffix(list.suffix)
            .filter(|stem| stem.contains(list.name))?;
        Some(PartGroup {
            stem,
            separator: "_",
            kind: list.kind,
        })
    });
    let with_credentials = || {
        let stem = name.strip_suffix("_SERVERS")?;
        let parts = PartGroup {
            stem,
            separator: "_",
            kind: Kind::Memcache,
        };
        let is_set = |endings| part(vars, parts, endings).is_some();
        let is_other = NO_SERVERS.iter().any(|word| stem.contains(word));
        (!is_other && is_set(USERNAME) && is_set(PASSWORD)).then_some(parts)
    };
    listed
        .or_else(with_credentials)
        .filter(|parts| !parts.stem.is_empty())
}

/// Returns the parts of a host, if they are enough for a resource of a known kind.
fn names_host<'n>(vars: &ConfigVars, name: &'n str, host: &str) -> Option<PartGroup<'n>> {
    let of = |stem, separator, kind| PartGroup {
        stem,
        separator,
        kind,
    };
    let glued = GLUED.iter().find_map(|(stem, kind)| {
        (name.strip_prefix(stem) == Some("HOST")).then(|| of(&name[..stem.len()], "", *kind))
    });
    let separate = || {
        let (stem, last) = name.rsplit_once('_').filter(|(stem, _)| !stem.is_empty())?;
        let kind = Kind::Other;
        HOST.contains(&last).then(|| of(stem, "_", kind))
    };
    let parts = glued.or_else(separate)?;
    part(vars, parts, PASSWORD)?;
    let port = part(vars, parts, PORT)
        .and_then(|(_, value)| value.secret())
        .map(ExposeSecret::expose_secret);
    // Each driver has its own rules for lists; a port such as `tcp://10.0.0.1:6379` is set by a container runtime.
    let is_plain = |text: &str| !text.contains([',', '%']) && !holds_url(text);
    let (scheme, host) = split_scheme(host);
    let is_other = NO_HOSTS.iter().any(|word| parts.stem.ends_with(word));
    if is_other || !is_plain(host) || !port.is_none_or(is_plain) {
        return None;
    }
    let kind = match parts.kind {
        Kind::Other => scheme
            .and_then(find_scheme)
            .map(|scheme| scheme.kind)
            .filter(|kind| kind.rules().datastore)
            .or_else(|| kind_of_parts(vars, parts))?,
        kind => kind,
    };
    let has_user = part(vars, parts, USERNAME).is_some();
    (has_user || NO_USERNAME.contains(&kind)).then_some(PartGroup { kind, ..parts })
}

fn kind_of_parts(vars: &ConfigVars, parts: PartGroup<'_>) -> Option<Kind> {
    let text = |endings| {
        part(vars, parts, endings)
            .and_then(|(_, value)| value.secret())
            .map(ExposeSecret::expose_secret)
    };
    let by_scheme = || find_scheme(text(SCHEME)?).map(|scheme| scheme.kind);
    let by_name = || {
        KIND_WORDS
            .iter()
            .find(|(word, _)| parts.stem.contains(word))
            .map(|(_, kind)| *kind)
    };
    let by_port = || {
        let port = text(PORT)?;
        KIND_PORTS
            .iter()
            .find(|(known, _)| *known == port)
            .map(|(_, kind)| *kind)
    };
    by_scheme().or_else(by_name).or_else(by_port)
}

pub(super) fn has_url(vars: &ConfigVars, stem: &str) -> bool {
    URL_SUFFIXES.iter().any(|suffix| {
        let value = look_up_text(vars, &format!("{stem}{suffix}"));
        value.is_some_and(|value| scheme_of(value.expose_secret()).is_some())
    })
}

pub(super) fn look_up_text<'v>(vars: &'v ConfigVars, name: &str) -> Option<&'v SecretString> {
    vars.look_up(name)?.secret()
}

/// Returns the first of the parts that is set and not empty, with its name.
fn part<'v>(
    vars: &'v ConfigVars,
    parts: PartGroup<'_>,
    endings: &[&str],
) -> Option<(String, &'v ConfigValue)> {
    endings.iter().find_map(|ending| {
        let name = format!("{}{}{ending}", parts.stem, parts.separator);
        let value = vars.look_up(&name)?;
        (!value.is_empty()).then_some((name, value))
    })
}

/// Returns the text of a part, checked for blanks and quotes around it.
fn part_text<'v>(
    vars: &'v ConfigVars,
    parts: PartGroup<'_>,
    endings: &[&str],
) -> Result<Option<&'v SecretString>, Error> {
    let Some((name, value)) = part(vars, parts, endings) else {
        return Ok(None);
    };
    value
        .require()
        .and_then(|text| check_edges(text.expose_secret()).map(|()| Some(text)))
        .map_err(|error| error.for_known_var(&name))
}

pub(super) fn read_servers(
    vars: &ConfigVars,
    parts: PartGroup<'_>,
    servers: &str,
) -> Result<ResourceUrl, Error> {
    let username = part_text(vars, parts, USERNAME)?;
    let password = part_text(vars, parts, PASSWORD)?;
    if parts.kind == Kind::Memcache {
        return MemcacheUrl::from_servers(servers, username, password).map(Into::into);
    }
    let scheme = parts.kind.example();
    UrlParts {
        scheme,
        username,
        password,
        hosts: servers,
        ..UrlParts::default()
    }
    .parse()
}

pub(super) fn read_parts(vars: &ConfigVars, parts: PartGroup<'_>, host: &str) -> Result<ResourceUrl, Error> {
    let text = |endings| part_text(vars, parts, endings).map(|text| text.map(ExposeSecret::expose_secret));
    check_edges(host)?;
    let (host_scheme, host) = secret::with_clean_stack(|| split_scheme(host));
    let asks_for_tls = host_scheme.is_some_and(|scheme| is_listed(TLS_ALONE, scheme));
    let host_scheme = match host_scheme.filter(|_| !asks_for_tls) {
        Some(scheme) => match find_scheme(scheme).filter(|scheme| scheme.kind == parts.kind) {
            Some(scheme) => Some(scheme),
            None => return Err(Error::at(Component::Host, Fault::SchemeOfPart(parts.kind))),
        },
        None => None,
    };
    let asks_for_tls = asks_for_tls || host_scheme.is_some_and(|scheme| scheme.tls.is_required());
    let is_socket = host.starts_with('/') && parts.kind.rules().socket_ports;
    if host.contains(['@', '/', '?', '#']) && !is_socket {
        return Err(Error::at(Component::Host, Fault::HostCharacter));
    }
    let scheme = text(SCHEME)?.filter(|scheme| find_scheme(scheme).is_some());
    let port = text(PORT)?;
    if port.is_some_and(|port| port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit())) {
        let (name, _) = part(vars, parts, PORT).unzip();
        let error = Error::at(Component::Value, Fault::NotANumber("one from 1 to 65535"));
        return Err(error.for_known_var(name.as_deref().unwrap_or_default()));
    }
    let tls = text(TLS)?;
    let tls_scheme = TLS_SCHEMES.iter().find(|(kind, ..)| *kind == parts.kind);
    let for_tls = tls_scheme.filter(|(_, _, own)| match tls {
        Some(value) => is_yes(value),
        None => asks_for_tls || own.is_some() && *own == port,
    });
    let plain = scheme.unwrap_or(parts.kind.example());
    let written = host_scheme.map(|scheme| scheme.spelling);
    let scheme = [written, for_tls.map(|(_, scheme, _)| *scheme), Some(plain)]
        .into_iter()
        .flatten()
        .find(|scheme| is_tls_scheme(scheme))
        .or(written)
        .unwrap_or(plain);
    let option = TLS_OPTIONS.iter().find(|(kind, _)| *kind == parts.kind);
    let mode = match tls {
        Some(_) if for_tls.is_some() => None,
        Some(value) if !is_yes(value) && !is_no(value) => {
            Some((option.map_or("ssl", |(_, name)| *name), value))
        }
        Some(value) => Some(("ssl", value)),
        None => (asks_for_tls && !is_tls_scheme(scheme)).then_some(("ssl", "true")),
    };
    let roots = match parts.kind {
        Kind::Postgres => text(TLS_ROOTS)?,
        _ => None,
    };
    let roots = roots.map(|file| ("sslrootcert", file));
    let tls_options: Vec<_> = mode.into_iter().chain(roots).collect();
    let url = UrlParts {
        scheme,
        tls: &tls_options,
        username: part_text(vars, parts, USERNAME)?,
        password: part_text(vars, parts, PASSWORD)?,
        hosts: if is_socket { "" } else { host },
        socket: is_socket.then_some(host),
        port,
        database: if parts.kind.rules().database {
            text(DATABASE)?
        } else {
            None
        },
    }
    .parse()
    .map_err(|error| match error.component() {
        Some(Component::Database) => {
            let (name, _) = part(vars, parts, DATABASE).unzip();
            error.for_known_var(name.as_deref().unwrap_or_default())
        }
        _ => error,
    })?;
    if asks_for_tls && !url.tls().is_required() {
        return Err(Error::at(Component::Host, Fault::TlsOfPart));
    }
    // An unknown value must not mean "no TLS", so it is a fault of its config var.
    if url.tls() == Tls::Unknown {
        let (name, _) = part(vars, parts, TLS).unzip();
        let error = Error::at(Component::Value, Fault::UnknownTls);
        return Err(error.for_known_var(name.as_deref().unwrap_or_default()));
    }
    Ok(url)
}
