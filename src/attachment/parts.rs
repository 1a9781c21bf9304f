//! Resources whose parts are separate config vars: `CACHE_HOST`, `CACHE_PORT`, `CACHE_PASSWORD`.

use super::names::{has_word, split_infix, stems};
use super::part_group::{PartGroup, at_value, check_part, look_up_text, text_of};
use super::part_tls::{TlsParts, tls_vars};
use super::tables::{
    ADDRESS, DATABASE, DATABASES, DRIVER, DRIVERS, HOST, KIND_PORTS, KIND_SHORT_WORDS, KIND_WORDS,
    LIST_PASSWORD, LIST_USERNAME, NO_HOSTS, NO_SERVERS, NO_USERNAME, NOT_SCHEMES, OPTIONS, PASSWORD, PORT,
    PORTS_OPTION, SCHEME, SERVER_LISTS, URL_SUFFIXES, USERNAME, VARIANTS, glued_kind, listed_kind, row_of,
};
use super::tls_tables::{STARTTLS_OPTIONS, STARTTLS_PORTS, TLS_ALONE, TLS_SCHEMES};
use super::values::{is_schemed_host, is_tls_scheme, scheme_of, split_scheme};
use crate::error::{Component, Error, Fault};
use crate::kind::Kind;
use crate::list::mapped;
use crate::scheme::{Scheme, find_scheme};
use crate::secret::{self, holds_url};
use crate::snapshot::ConfigVars;
use crate::text::{before_ending, is_all, is_listed, is_number};
use crate::tls::Tls;
use crate::url::{Additions, Host, MemcacheUrl, ResourceUrl, UrlParts, check_kind_rules};
use secrecy::{ExposeSecret, SecretString};

/// How the value of a config var represents a resource.
pub(super) enum Shape<'n> {
    /// It is a URL.
    Url,
    /// It is a URL; config vars with the same prefix have a login, or concern TLS.
    UrlBeside(PartGroup<'n>),
    /// It is a list of servers; the credentials are in config vars with the same prefix.
    Servers(PartGroup<'n>),
    /// It is the host; the other parts are in config vars with the same prefix.
    Host(PartGroup<'n>),
}

pub(super) fn shape<'n>(vars: &ConfigVars, name: &'n str, value: &str) -> Shape<'n> {
    secret::with_clean_stack(|| find_shape(vars, name, value, false))
}

/// Returns the shape of a value. `is_alone` says that no other config var may have the same prefix.
pub(super) fn find_shape<'n>(vars: &ConfigVars, name: &'n str, value: &str, is_alone: bool) -> Shape<'n> {
    if holds_url(value) {
        // A host may be preceded by a scheme if the other parts are in separate config vars.
        let parts = is_schemed_host(value).then(|| names_host(vars, name, value));
        if let Some(parts) = parts.flatten() {
            return Shape::Host(parts);
        }
        let group = if is_alone {
            None
        } else {
            group_of_url(vars, name, value)
        };
        return group.map_or(Shape::Url, Shape::UrlBeside);
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

/// Returns whether the value of a config var is the host, or the list of servers, of a resource in parts.
pub(crate) fn is_in_parts(vars: &ConfigVars, name: &str, value: &str) -> bool {
    matches!(shape(vars, name, value), Shape::Servers(_) | Shape::Host(_))
}

/// Returns the names of the config vars that may say which TLS a resource asks for, beside the one that has it.
pub(crate) fn tls_names<'v>(vars: &'v ConfigVars, name: &str) -> Vec<&'v str> {
    let Some(value) = vars.find_var(name).and_then(|var| var.value.secret()) else {
        return Vec::new();
    };
    match shape(vars, name, value.expose_secret()) {
        Shape::Url => Vec::new(),
        Shape::UrlBeside(group) | Shape::Servers(group) | Shape::Host(group) => {
            mapped(&tls_vars(vars, group), |(var, _)| &*var.name)
        }
    }
}

/// Returns the config vars that may have what a datastore's URL has not, a login or TLS: those with its prefix, or else those of
/// the URL that it is a variant of, as `DATABASE_SSL` for `DATABASE_POOLED_URL`.
fn group_of_url<'n>(vars: &ConfigVars, name: &'n str, value: &str) -> Option<PartGroup<'n>> {
    let kind = find_scheme(scheme_of(value)?)?.kind;
    let is_with_server = kind.rules().datastore && !kind.rules().file || kind == Kind::Smtp;
    if !is_with_server {
        return None;
    }
    let stems = || stems(plain_stem(name).unwrap_or_default()).filter(|stem| !stem.is_empty());
    let of_stem = |stem| PartGroup {
        stem,
        separator: "_",
        kind,
    };
    // The URL is one of them. Most have no others, which one search tells.
    of_stem(stems().last()?).members(vars).nth(1)?;
    stems().map(of_stem).find(|group| {
        let has = |endings| group.part(vars, endings).is_some();
        has(PASSWORD) || has(USERNAME) || !tls_vars(vars, *group).is_empty()
    })
}

/// Returns the part of a URL's name before its ending, behind which there may be words of a variant: `POSTGRES` of
/// `POSTGRES_URL_NON_POOLING`.
fn plain_stem(name: &str) -> Option<&str> {
    before_ending(name, URL_SUFFIXES).or_else(|| {
        let (stem, rest) = split_infix(name)?;
        rest.split('_')
            .all(|word| VARIANTS.contains(&word))
            .then_some(stem)
    })
}

/// Returns the parts of a list of servers.
fn names_servers<'n>(vars: &ConfigVars, name: &'n str) -> Option<PartGroup<'n>> {
    for list in SERVER_LISTS {
        let Some(stem) = name.strip_suffix(list.suffix) else {
            continue;
        };
        let group = PartGroup {
            stem,
            separator: "_",
            kind: list.kind,
        };
        if !stem.is_empty() && (stem.contains(list.name) || kind_of_scheme(vars, group) == Some(list.kind)) {
            return Some(group);
        }
    }
    let stem = name.strip_suffix("_SERVERS").filter(|stem| !stem.is_empty())?;
    let parts = PartGroup {
        stem,
        separator: "_",
        kind: Kind::Memcache,
    };
    let is_set = |endings| parts.part(vars, endings).is_some();
    let is_other = NO_SERVERS.iter().any(|word| stem.contains(word));
    (!is_other && is_set(LIST_USERNAME) && is_set(LIST_PASSWORD)).then_some(parts)
}

/// Returns the parts of a host, if they are enough for a resource of a known kind.
fn names_host<'n>(vars: &ConfigVars, name: &'n str, host: &str) -> Option<PartGroup<'n>> {
    let group = group_of_host(vars, name, host)?;
    let has_user = group.has(vars, USERNAME);
    let kind = match group.kind {
        Kind::Other => {
            kind_of_parts(vars, group, host, has_user).or_else(|| vars.find_var(name)?.value.known_kind())?
        }
        kind => kind,
    };
    (has_user || NO_USERNAME.contains(&kind)).then_some(PartGroup { kind, ..group })
}

/// Returns the parts of a host with a password, of a kind that the prefix alone says.
fn group_of_host<'n>(vars: &ConfigVars, name: &'n str, host: &str) -> Option<PartGroup<'n>> {
    let of = |stem, separator, kind| PartGroup {
        stem,
        separator,
        kind,
    };
    let glued = || {
        let stem = name.strip_suffix("HOST")?;
        Some(of(stem, "", glued_kind(stem)?))
    };
    let separate = || {
        let (stem, last) = name.rsplit_once('_').filter(|(stem, _)| !stem.is_empty())?;
        let kind = Kind::Other;
        HOST.contains(&last).then(|| of(stem, "_", kind))
    };
    let group = glued().or_else(separate)?;
    let (_, host) = split_scheme(host);
    let is_other = !group.has(vars, PASSWORD) || before_ending(group.stem, NO_HOSTS).is_some();
    (!is_other && !host.contains('%') && !holds_url(host)).then_some(group)
}

/// Returns the kind of the scheme that a config var of its own has.
fn kind_of_scheme(vars: &ConfigVars, group: PartGroup<'_>) -> Option<Kind> {
    Some(find_scheme(scheme_alone(plain_part(vars, group, SCHEME)?))?.kind)
}

fn plain_part<'v>(vars: &'v ConfigVars, group: PartGroup<'_>, endings: &[&str]) -> Option<&'v str> {
    let (_, value) = group.part(vars, endings)?;
    value.secret().map(ExposeSecret::expose_secret)
}

fn kind_of_parts(vars: &ConfigVars, group: PartGroup<'_>, host: &str, has_user: bool) -> Option<Kind> {
    let (host_scheme, host) = split_scheme(host);
    if let Some(scheme) = host_scheme.and_then(find_scheme) {
        if scheme.kind.rules().datastore {
            return Some(scheme.kind);
        }
    }
    let word = listed_kind(KIND_WORDS, &|word| group.stem.contains(word));
    let by_name = word.or_else(|| listed_kind(KIND_SHORT_WORDS, &|word| has_word(group.stem, &[word])));
    match kind_of_scheme(vars, group) {
        // A scheme of the web does not turn a datastore into a web service.
        Some(kind) if by_name.is_none() || kind.rules().datastore => return Some(kind),
        _ if by_name.is_some() => return by_name,
        _ => {}
    }
    let driver = has_user.then(|| plain_part(vars, group, DRIVER)).flatten();
    if let Some(kind) = driver.and_then(kind_of_driver) {
        // A file has no host.
        return (!kind.rules().file).then_some(kind);
    }
    let port = match plain_part(vars, group, PORT) {
        Some(port) => port_number(port)?,
        None => port_after_host(host)?,
    };
    listed_kind(KIND_PORTS, &|known| known == port)
}

/// Returns the kind that a driver is for: `pgsql`, `mysql2`, `django.db.backends.postgresql`.
fn kind_of_driver(driver: &str) -> Option<Kind> {
    let name = match driver.rfind('.') {
        Some(dot) => &driver[dot + 1..],
        None => driver,
    };
    let kind = match listed_kind(DRIVERS, &|known| known.eq_ignore_ascii_case(name)) {
        Some(kind) => kind,
        None => find_scheme(name)?.kind,
    };
    // Not of the web.
    (kind.rules().datastore || kind == Kind::Smtp).then_some(kind)
}

/// Returns the port of the last host: `5432` of `db.example:5432`. An IPv6 address without brackets has none.
fn port_after_host(hosts: &str) -> Option<&str> {
    let last = &hosts[hosts.rfind(',').map_or(0, |comma| comma + 1)..];
    let (host, port) = last.rsplit_once(':')?;
    (!host.contains(':') || host.ends_with(']')).then_some(port)
}

/// Returns the fault of a host whose config vars do not say the kind; `None` if the value is something else.
pub(super) fn fault_of_kind(vars: &ConfigVars, name: &str, value: &str) -> Option<Error> {
    let is_host = || {
        is_all(value, |byte| {
            byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte)
        })
    };
    let group = secret::with_clean_stack(|| group_of_host(vars, name, value).filter(|_| is_host()))?;
    if group.kind != Kind::Other || group.part(vars, USERNAME).is_none() {
        return None;
    }
    if let Some((scheme, value)) = group.part(vars, SCHEME) {
        return Some(match text_of(&scheme, value) {
            Ok(_) => at_value(Fault::UnknownSchemePart("postgres")).for_known_var(&scheme),
            Err(error) => error,
        });
    }
    if let Some((port, value)) = group.part(vars, PORT) {
        if let Err(error) = text_of(&port, value) {
            return Some(error);
        }
    }
    let (scheme, port) = (group.name_of(SCHEME[0]), group.name_of(PORT[0]));
    Some(
        Error::at(Component::Host, Fault::KindOfParts)
            .with_candidates(&[(&scheme, None), (&port, None)])
            .for_known_var(name),
    )
}

/// Returns a scheme without the `://` that may end it.
fn scheme_alone(value: &str) -> &str {
    value
        .strip_suffix("://")
        .or_else(|| value.strip_suffix(':'))
        .unwrap_or(value)
}

/// Returns the number of a port, also from the form that Kubernetes sets for a service: `tcp://10.0.0.1:6379`.
fn port_number(value: &str) -> Option<&str> {
    let number = match secret::split_at_scheme(value) {
        None => value,
        Some((scheme, address)) => {
            let (host, port) = address.rsplit_once(':')?;
            let is_address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
            (scheme == "tcp" && is_address).then_some(port)?
        }
    };
    is_number(number).then_some(number)
}

pub(super) fn has_url(vars: &ConfigVars, stem: &str) -> bool {
    URL_SUFFIXES.iter().any(|suffix| {
        let value = look_up_text(vars, &format!("{stem}{suffix}"));
        value.is_some_and(|value| scheme_of(value.expose_secret()).is_some())
    })
}

pub(super) fn read_servers(
    vars: &ConfigVars,
    group: PartGroup<'_>,
    servers: &str,
) -> Result<ResourceUrl, Error> {
    let username = group.credential(vars, LIST_USERNAME, Component::Username)?;
    let password = group.credential(vars, LIST_PASSWORD, Component::Password)?;
    let tls = TlsParts::read(vars, group)?;
    let (scheme, options) = match scheme_asks_for_tls(vars, group)? {
        Some(scheme) => (Some(scheme), tls.beside_scheme()),
        None => scheme_and_options(group.kind, &tls)?,
    };
    if group.kind != Kind::Memcache {
        return UrlParts {
            scheme: scheme.unwrap_or(group.kind.example()),
            username,
            password,
            hosts: servers,
            options: &options,
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

/// Returns the scheme for TLS, if a config var of its own asks for it: `KAFKA_PROTOCOL=SASL_SSL`.
fn scheme_asks_for_tls(vars: &ConfigVars, group: PartGroup<'_>) -> Result<Option<&'static str>, Error> {
    let text = group.text(vars, SCHEME)?.map(ExposeSecret::expose_secret);
    let asks = text.map(scheme_alone).is_some_and(|scheme| {
        let is_of_kind = || find_scheme(scheme).is_some_and(|scheme| scheme.kind == group.kind);
        is_listed(TLS_ALONE, scheme) || is_tls_scheme(scheme) && is_of_kind()
    });
    Ok(row_of(TLS_SCHEMES, group.kind)
        .filter(|_| asks)
        .map(|(scheme, _)| scheme))
}

/// The scheme for TLS, if the options ask for it, and the options beside the scheme.
type SchemeAndOptions<'v> = (Option<&'static str>, Vec<(&'static str, &'v str)>);

fn scheme_and_options<'v>(kind: Kind, tls: &TlsParts<'v>) -> Result<SchemeAndOptions<'v>, Error> {
    Ok(match row_of(TLS_SCHEMES, kind) {
        Some((scheme, _)) if tls.are_for_scheme(kind, tls.level(kind)?) => {
            (Some(scheme), tls.beside_scheme())
        }
        _ => (None, tls.options()),
    })
}

/// The same beside a URL, where TLS may have to begin within the connection.
fn scheme_and_options_beside<'v>(
    url: &ResourceUrl,
    tls: &TlsParts<'v>,
) -> Result<SchemeAndOptions<'v>, Error> {
    let kind = url.kind();
    let port = url.port().map(|port| port.number().to_string());
    let (scheme, mut options) = match begins_within(kind, port.as_deref()) {
        true => (None, tls.options()),
        false => scheme_and_options(kind, tls)?,
    };
    if scheme.is_none() {
        options.extend(starttls_option(kind, tls));
    }
    Ok((scheme, options))
}

/// Reads a URL with the login and the TLS that config vars beside it have. What it says itself counts.
pub(super) fn read_beside(vars: &ConfigVars, group: PartGroup<'_>, text: &str) -> Result<ResourceUrl, Error> {
    let url: ResourceUrl = crate::url::parse(text)?;
    let [username, password] = login_beside(vars, group, &url)?;
    let tls = tls_beside(vars, group, &url)?;
    if username.is_none() && password.is_none() && tls.is_none() {
        return Ok(url);
    }
    let (scheme, options) = match &tls {
        Some(tls) => scheme_and_options_beside(&url, tls)?,
        None => (None, Vec::new()),
    };
    let blame = |error: Error| match (error.component(), tls.as_ref().and_then(TlsParts::var)) {
        (Some(Component::Username), _) => group.blame(vars, USERNAME, error),
        (Some(Component::Password), _) => group.blame(vars, PASSWORD, error),
        (_, Some(var)) => error.for_known_var(var),
        _ => error,
    };
    let additions = Additions {
        scheme,
        username,
        password,
        options: &options,
    };
    let with = url.with(additions).map_err(blame)?;
    match with.tls() {
        Tls::Unknown if tls.is_some() => Err(blame(at_value(Fault::UnknownTls))),
        _ => Ok(with),
    }
}

/// Returns the user name and the password that a URL lacks. If it names a user, the password must be that user's. A URL that may
/// have no login (`authMechanism=MONGODB-X509`) lacks none.
fn login_beside<'v>(
    vars: &'v ConfigVars,
    group: PartGroup<'_>,
    url: &'v ResourceUrl,
) -> Result<[Option<&'v SecretString>; 2], Error> {
    const NONE: [Option<&SecretString>; 2] = [None, None];
    if !url.lacks_password() {
        return Ok(NONE);
    }
    let own = url.username();
    let username = group.credential(vars, USERNAME, Component::Username)?;
    let is_of_other = match (own, username) {
        (Some(own), Some(name)) => !secret::same(own.expose_secret(), name.expose_secret()),
        (None, None) => !NO_USERNAME.contains(&group.kind),
        _ => false,
    };
    if is_of_other {
        return Ok(NONE);
    }
    let password = group.credential(vars, PASSWORD, Component::Password)?;
    if own.is_some() && password.is_none() {
        return Ok(NONE);
    }
    let login = [own.or(username), password];
    let [username, password] = login;
    let with = url.with(Additions {
        username,
        password,
        ..Additions::default()
    });
    let is_refused = with.is_ok_and(|with| check_kind_rules(&with).is_err());
    Ok(if is_refused { NONE } else { login })
}

/// Returns the TLS that a URL lacks.
fn tls_beside<'v>(
    vars: &'v ConfigVars,
    group: PartGroup<'_>,
    url: &ResourceUrl,
) -> Result<Option<TlsParts<'v>>, Error> {
    let is_local = url.hosts().iter().all(Host::is_socket);
    if is_local || url.is_tls() || url.tls() == Tls::Unknown {
        return Ok(None);
    }
    let tls = TlsParts::read(vars, group)?;
    Ok(tls.ask_for_tls(group.kind)?.then_some(tls))
}

/// Returns whether TLS begins within a connection to this port.
fn begins_within(kind: Kind, port: Option<&str>) -> bool {
    port.is_some_and(|port| STARTTLS_PORTS.contains(&(kind, port)))
}

/// Returns the option that asks for TLS within a connection, unless it is there.
fn starttls_option(kind: Kind, tls: &TlsParts<'_>) -> Option<(&'static str, &'static str)> {
    row_of(STARTTLS_OPTIONS, kind).filter(|(option, _)| !tls.has(option))
}

fn database_endings(kind: Kind) -> &'static [&'static str] {
    row_of(DATABASES, kind).unwrap_or(DATABASE)
}

/// Reads a resource by all rules of its kind. A fault is that of the config var that has the part.
pub(super) fn read_parts(vars: &ConfigVars, group: PartGroup<'_>, host: &str) -> Result<ResourceUrl, Error> {
    let tls = TlsParts::read(vars, group)?;
    let url = assemble(vars, group, host, &tls).and_then(|url| {
        check_kind_rules(&url)?;
        Ok(url)
    });
    let url = url.map_err(|error| match error.component() {
        Some(Component::Username) => group.blame(vars, USERNAME, error),
        Some(Component::Password) => group.blame(vars, PASSWORD, error),
        Some(Component::Port) => group.blame(vars, PORT, error),
        Some(Component::Database) => group.blame(vars, database_endings(group.kind), error),
        Some(Component::Query) => match (error.fault(), tls.var()) {
            (Fault::NotAnAddress | Fault::AddressCount, _) => {
                group.blame(vars, ADDRESS, at_value(Fault::PartAddress))
            }
            (_, Some(var)) => error.for_known_var(var),
            _ => error,
        },
        _ => error,
    })?;
    // Each option is known, so a doubt is about all of them.
    match tls.var() {
        Some(var) if url.tls() == Tls::Unknown => Err(at_value(Fault::UnknownTls).for_known_var(var)),
        _ => Ok(url),
    }
}

/// The scheme of a resource in parts.
struct PartScheme {
    /// The scheme before the host.
    written: Option<&'static str>,
    /// The scheme in a config var of its own.
    separate: Option<&'static Scheme>,
    /// Whether what is before the host asks for TLS.
    host_asks_for_tls: bool,
    /// Whether a config var of its own asks for TLS without naming a protocol.
    asks_for_tls: bool,
}

impl PartScheme {
    fn read(vars: &ConfigVars, group: PartGroup<'_>, before_host: Option<&str>) -> Result<Self, Error> {
        let is_alone = |scheme: &str| is_listed(TLS_ALONE, scheme);
        let of_kind = |scheme: &str| find_scheme(scheme).filter(|scheme| scheme.kind == group.kind);
        let written = match before_host.filter(|scheme| !is_alone(scheme)) {
            None => None,
            Some(scheme) => match of_kind(scheme) {
                None => return Err(Error::at(Component::Host, Fault::SchemeOfPart(group.kind))),
                scheme => scheme,
            },
        };
        let text = group.text(vars, SCHEME)?.map(ExposeSecret::expose_secret);
        let text = text.map(scheme_alone).filter(|text| {
            let others = row_of(NOT_SCHEMES, group.kind);
            !others.is_some_and(|values| is_listed(values, text))
        });
        let separate = match text.filter(|scheme| !is_alone(scheme)) {
            None => None,
            Some(scheme) => match of_kind(scheme) {
                None => {
                    let error = at_value(Fault::UnknownSchemePart(group.kind.example()));
                    return Err(group.blame(vars, SCHEME, error));
                }
                scheme => scheme,
            },
        };
        Ok(Self {
            written: written.map(|scheme| scheme.spelling),
            separate,
            host_asks_for_tls: before_host.is_some_and(is_alone)
                || written.is_some_and(|scheme| scheme.tls.is_required()),
            asks_for_tls: text.is_some_and(is_alone),
        })
    }

    /// Returns the first scheme that is for TLS, or else the one that the config vars have. `for_tls` is the kind's own, if TLS
    /// is asked for.
    fn used(&self, kind: Kind, for_tls: Option<&'static str>) -> &'static str {
        let plain = self.separate.map_or(kind.example(), |scheme| scheme.spelling);
        match (self.written, for_tls) {
            (Some(written), _) if is_tls_scheme(written) => written,
            (_, Some(for_tls)) if is_tls_scheme(for_tls) => for_tls,
            _ if is_tls_scheme(plain) => plain,
            (Some(written), _) => written,
            _ => plain,
        }
    }
}

/// Returns the port, and whether it is one for TLS only.
fn port_of<'v>(
    vars: &'v ConfigVars,
    group: PartGroup<'_>,
    tls: &TlsParts<'v>,
) -> Result<(Option<&'v str>, bool), Error> {
    let number = |text: &'v str| {
        port_number(text).ok_or_else(|| {
            at_value(match holds_url(text) {
                true => Fault::PortUrl,
                false => Fault::NotANumber("one from 1 to 65535"),
            })
        })
    };
    let may_be_list = group.kind.rules().part_options.ports.contains(&PORTS_OPTION);
    let own = match group.text(vars, PORT)? {
        None => None,
        Some(text) if may_be_list && text.expose_secret().contains(',') => Some(text.expose_secret()),
        Some(text) => Some(number(text.expose_secret()).map_err(|error| group.blame(vars, PORT, error))?),
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
fn assemble(
    vars: &ConfigVars,
    group: PartGroup<'_>,
    host: &str,
    tls: &TlsParts<'_>,
) -> Result<ResourceUrl, Error> {
    let kind = group.kind;
    let rules = kind.rules();
    check_part(host)?;
    let (before_host, host) = secret::with_clean_stack(|| split_scheme(host));
    let scheme = PartScheme::read(vars, group, before_host)?;
    let is_socket = host.starts_with('/') && rules.socket_ports;
    if host.contains(['@', '/', '?', '#']) && !is_socket {
        return Err(Error::at(Component::Host, Fault::HostCharacter));
    }
    let (port, is_port_for_tls) = port_of(vars, group, tls)?;
    let level = tls.level(kind)?;
    if scheme.host_asks_for_tls && matches!(level, Tls::Off | Tls::Preferred) {
        return Err(Error::at(Component::Host, Fault::TlsOfPart));
    }
    let asks_for_tls = scheme.host_asks_for_tls || scheme.asks_for_tls || is_port_for_tls;
    // `smtp.example:465`
    let used_port = port.or_else(|| port_after_host(host));
    let for_tls = row_of(TLS_SCHEMES, kind).filter(|(_, own_port)| {
        let has_own_port = own_port.is_some() && *own_port == used_port;
        let begins_within = || begins_within(kind, used_port);
        asks_for_tls
            || has_own_port && (level == Tls::Unspecified || level.is_required())
            || tls.are_for_scheme(kind, level) && !begins_within()
    });
    let used_scheme = scheme.used(kind, for_tls.map(|(scheme, _)| scheme));
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
        options.extend(starttls_option(kind, tls));
    }
    for (of, endings, option) in OPTIONS {
        if *of == kind {
            let text = group.text(vars, endings)?;
            options.extend(text.map(|text| (*option, text.expose_secret())));
        }
    }
    // libpq's option takes a port for each host, or one for all.
    let is_host_list = host.contains(',');
    let ports = port.filter(|port| {
        let is_list = is_host_list || port.contains(',');
        is_list && rules.part_options.ports.contains(&PORTS_OPTION)
    });
    options.extend(ports.map(|ports| (PORTS_OPTION, ports)));
    let port = port.filter(|_| ports.is_none());
    if is_host_list && rules.host_list && port.is_some() {
        return Err(Error::at(Component::Host, Fault::HostsAndPort));
    }
    UrlParts {
        scheme: used_scheme,
        options: &options,
        username: group.credential(vars, USERNAME, Component::Username)?,
        password: group.credential(vars, PASSWORD, Component::Password)?,
        hosts: if is_socket { "" } else { host },
        socket: is_socket.then_some(host),
        port,
        database: match rules.database {
            true => group
                .text(vars, database_endings(kind))?
                .map(ExposeSecret::expose_secret),
            false => None,
        },
    }
    .parse()
}
