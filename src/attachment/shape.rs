//! [`Shape`]: how the value of a config var represents a resource, and which config vars have the other parts of it.

use super::names::{has_word, not_empty, shortest_stem, split_infix, stems_beside};
use super::part_group::{PartGroup, at_value, text_of};
use super::part_tls::{shared_tls_vars, tls_vars};
use super::role::Role;
use super::tables::{
    CERTAIN_HOST, DRIVER, DRIVERS, HOST, KIND_PORTS, KIND_SHORT_WORDS, KIND_WORDS, KIND_WORDS_OF_WEB,
    NO_HOSTS, NO_SERVERS, NO_USERNAME, PASSWORD, PORT, SCHEME, SERVER_LISTS, STRING_SUFFIXES, URL_SUFFIXES,
    USERNAME, VARIANTS, listed_kind,
};
use super::tls_tables::SAME_PREFIXES;
use super::values::{is_schemed_host, port_after_host, port_number, scheme_alone, scheme_of, split_scheme};
use crate::error::{Component, Error, Fault};
use crate::kind::Kind;
use crate::list::mapped;
use crate::scheme::{find_scheme, kind_of};
use crate::secret::{self, holds_url};
use crate::snapshot::{ConfigValue, ConfigVars};
use crate::text::{before_ending, contains_one_of, is_all, is_each};
use secrecy::ExposeSecret;

/// How the value of a config var represents a resource.
pub(super) enum Shape<'v> {
    /// It is a URL.
    Url,
    /// It is a URL; config vars with the same prefix have a login, or concern TLS.
    UrlBeside(PartGroup<'v>),
    /// It is a list of servers; the credentials are in config vars with the same prefix.
    Servers(PartGroup<'v>),
    /// It is the host; the other parts are in config vars with the same prefix.
    Host(PartGroup<'v>),
}

impl Shape<'_> {
    /// Returns the role of the config var.
    pub(super) fn role(&self) -> Role {
        match self {
            Self::Url | Self::UrlBeside(_) => Role::Url,
            Self::Servers(_) => Role::Servers,
            Self::Host(_) => Role::Host,
        }
    }
}

/// Which config vars there may be for a URL, beside the one that has it.
#[derive(Clone, Copy)]
pub(super) struct Beside {
    /// Those with its prefix.
    pub(super) own: bool,
    /// Those that all URLs of a kind share.
    pub(super) shared: bool,
}

pub(super) fn shape<'v>(vars: &'v ConfigVars, name: &'v str, value: &str) -> Shape<'v> {
    let any = Beside {
        own: true,
        shared: true,
    };
    secret::with_clean_stack(|| {
        let kind = kind_of(scheme_of(value).and_then(find_scheme));
        find_shape(vars, name, value, kind, any)
    })
}

/// Returns the shape of a value, whose scheme is of this kind.
pub(super) fn find_shape<'v>(
    vars: &'v ConfigVars,
    name: &'v str,
    value: &str,
    kind: Kind,
    beside: Beside,
) -> Shape<'v> {
    if holds_url(value) {
        // A host may be preceded by a scheme if the other parts are in separate config vars.
        if is_schemed_host(value) {
            if let Some(parts) = names_host(vars, name, value) {
                return Shape::Host(parts);
            }
        }
        let is_with_server = kind.rules().datastore && !kind.rules().file || kind == Kind::Smtp;
        if !is_with_server {
            return Shape::Url;
        }
        let own = match beside.own {
            true => group_of_url(vars, name, kind),
            false => None,
        };
        let group = own.or_else(|| group_of_shared_tls(vars, name, kind, beside.shared));
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
    let var = vars.find_var(name);
    let Some((var, value)) = var.and_then(|var| Some((var, var.value.secret()?))) else {
        return Vec::new();
    };
    match shape(vars, &var.name, value.expose_secret()) {
        Shape::Url => Vec::new(),
        Shape::UrlBeside(group) | Shape::Servers(group) | Shape::Host(group) => {
            mapped(&tls_vars(group), |(var, _)| &*var.name)
        }
    }
}

/// Returns the config vars that may have what a datastore's URL has not, a login or TLS: those with its prefix, or else those of
/// the URL that it is a variant of, as `DATABASE_SSL` for `DATABASE_POOLED_URL`.
fn group_of_url<'v>(vars: &'v ConfigVars, name: &'v str, kind: Kind) -> Option<PartGroup<'v>> {
    let longest = plain_stem(name);
    let shortest = shortest_stem(longest);
    // Most have no others, which one search tells.
    let is_alone = shortest.is_empty() || !has_others(name, PartGroup::separate(vars, shortest, kind));
    if is_alone {
        return None;
    }
    for stem in stems_beside(longest) {
        let group = PartGroup::separate(vars, stem, kind);
        let has = |endings| group.part(endings).is_some();
        let is_beside = || has(PASSWORD) || has(USERNAME) || has(SCHEME) || !tls_vars(group).is_empty();
        if is_beside() {
            return Some(group);
        }
    }
    None
}

/// Returns whether the group has config vars other than this one.
fn has_others(name: &str, group: PartGroup<'_>) -> bool {
    for (var, _) in group.members() {
        if *var.name != *name {
            return true;
        }
    }
    false
}

/// Returns the group of a URL beside which only config vars with other prefixes concern its TLS.
fn group_of_shared_tls<'v>(
    vars: &'v ConfigVars,
    name: &'v str,
    kind: Kind,
    may_share: bool,
) -> Option<PartGroup<'v>> {
    let mut may_share = may_share;
    for (prefix, _) in SAME_PREFIXES {
        may_share |= name.starts_with(prefix);
    }
    if !may_share {
        return None;
    }
    let group = PartGroup::separate(vars, shortest_stem(plain_stem(name)), kind);
    (!shared_tls_vars(group).is_empty()).then_some(group)
}

/// Returns the part of a URL's name before its ending, behind which there may be words of a variant: `POSTGRES` of
/// `POSTGRES_URL_NON_POOLING`. It is the whole name if that has no such ending.
fn plain_stem(name: &str) -> &str {
    if let Some(stem) = before_ending(name, URL_SUFFIXES) {
        return stem;
    }
    match split_infix(name) {
        Some((stem, rest)) if is_each(rest, '_', |word| VARIANTS.contains(&word)) => stem,
        _ => other_stem(name).unwrap_or(name),
    }
}

/// Returns the part of a name before another ending that a URL may have: `DB` of `DB_CONNECTION_STRING`, `KAFKA` of `KAFKA_BROKERS`.
pub(super) fn other_stem(name: &str) -> Option<&str> {
    if let Some(stem) = before_ending(name, STRING_SUFFIXES) {
        return not_empty(stem);
    }
    for list in SERVER_LISTS {
        if let Some(stem) = name.strip_suffix(list.suffix) {
            return not_empty(stem);
        }
    }
    None
}

/// Returns the parts of a list of servers.
fn names_servers<'v>(vars: &'v ConfigVars, name: &'v str) -> Option<PartGroup<'v>> {
    for list in SERVER_LISTS {
        let Some(stem) = name.strip_suffix(list.suffix) else {
            continue;
        };
        let group = PartGroup::separate(vars, stem, list.kind);
        if !stem.is_empty() && (stem.contains(list.name) || kind_of_scheme(group) == Some(list.kind)) {
            return Some(group);
        }
    }
    let stem = not_empty(name.strip_suffix("_SERVERS")?)?;
    let parts = PartGroup::separate(vars, stem, Kind::Memcache);
    let is_set = |endings| parts.part(endings).is_some();
    (!contains_one_of(stem, NO_SERVERS) && is_set(USERNAME) && is_set(PASSWORD)).then_some(parts)
}

/// Returns the parts of a host, if they are enough for a resource of a known kind.
fn names_host<'v>(vars: &'v ConfigVars, name: &'v str, host: &str) -> Option<PartGroup<'v>> {
    let group = group_of_host(vars, name, host)?;
    let has_user = group.has(USERNAME);
    let kind = match group.kind {
        Kind::Other => match kind_of_parts(group, host, has_user) {
            Some(kind) => kind,
            None => vars.find_var(name)?.value.known_kind()?,
        },
        kind => kind,
    };
    (has_user || NO_USERNAME.contains(&kind)).then_some(PartGroup { kind, ..group })
}

/// Returns the parts of a host with a password, of a kind that the prefix alone says.
fn group_of_host<'v>(vars: &'v ConfigVars, name: &'v str, host: &str) -> Option<PartGroup<'v>> {
    let glued = name
        .strip_suffix("HOST")
        .and_then(|stem| PartGroup::glued(vars, stem));
    let group = glued.or_else(|| separate_group(vars, name, host))?;
    let (_, host) = split_scheme(host);
    let is_other = !group.has(PASSWORD) || before_ending(group.stem, NO_HOSTS).is_some();
    (!is_other && !host.contains('%') && !holds_url(host)).then_some(group)
}

/// Returns the parts of a host whose name has its prefix before a `_`: `CACHE_HOST`.
fn separate_group<'v>(vars: &'v ConfigVars, name: &'v str, host: &str) -> Option<PartGroup<'v>> {
    let (stem, last) = name.rsplit_once('_')?;
    if stem.is_empty() || !HOST.contains(&last) {
        return None;
    }
    let group = PartGroup::separate(vars, stem, Kind::Other);
    let is_certain = CERTAIN_HOST.contains(&last);
    let may_be_host = || is_of_host(split_scheme(host).1) && !group.has(CERTAIN_HOST);
    (is_certain || may_be_host()).then_some(group)
}

/// Returns the kind of the scheme that a config var of its own has.
fn kind_of_scheme(group: PartGroup<'_>) -> Option<Kind> {
    Some(find_scheme(scheme_alone(plain_part(group, SCHEME)?))?.kind)
}

fn plain_part<'v>(group: PartGroup<'v>, endings: &[&str]) -> Option<&'v str> {
    let (_, value) = group.part(endings)?;
    value.secret().map(ExposeSecret::expose_secret)
}

fn kind_of_parts(group: PartGroup<'_>, host: &str, has_user: bool) -> Option<Kind> {
    let (host_scheme, host) = split_scheme(host);
    if let Some(scheme) = host_scheme.and_then(find_scheme) {
        if scheme.kind.rules().datastore {
            return Some(scheme.kind);
        }
    }
    let has_text = |word: &str| group.stem.contains(word);
    let has_word = |word: &str| has_word(group.stem, &[word]);
    let by_name = listed_kind(KIND_WORDS, &has_text).or_else(|| listed_kind(KIND_SHORT_WORDS, &has_word));
    match kind_of_scheme(group) {
        // A scheme of the web does not turn a datastore into a web service.
        Some(kind) if by_name.is_none() || kind.rules().datastore => return Some(kind),
        _ if by_name.is_some() => return by_name,
        _ => {}
    }
    if host_scheme.is_none() && !group.has(SCHEME) {
        let of_web = listed_kind(KIND_WORDS_OF_WEB, &has_text);
        if of_web.is_some() {
            return of_web;
        }
    }
    if has_user {
        if let Some(kind) = plain_part(group, DRIVER).and_then(kind_of_driver) {
            // A file has no host.
            return (!kind.rules().file).then_some(kind);
        }
    }
    let port = match plain_part(group, PORT) {
        Some(port) => port_number(port)?,
        None => port_after_host(host)?,
    };
    listed_kind(KIND_PORTS, &|known| known == port)
}

/// Returns the kind that a driver is for: `pgsql`, `mysql2`, `django.db.backends.postgresql`.
fn kind_of_driver(driver: &str) -> Option<Kind> {
    let (_, name) = driver.rsplit_once('.').unwrap_or(("", driver));
    let kind = match listed_kind(DRIVERS, &|known| known.eq_ignore_ascii_case(name)) {
        Some(kind) => kind,
        None => find_scheme(name)?.kind,
    };
    // Not of the web.
    (kind.rules().datastore || kind == Kind::Smtp).then_some(kind)
}

/// Returns the fault of a host whose config vars do not say the kind; `None` if the value is something else.
pub(super) fn fault_of_kind(vars: &ConfigVars, name: &str, value: &str) -> Option<Error> {
    let group = secret::with_clean_stack(|| {
        let group = group_of_host(vars, name, value)?;
        is_of_host(value).then_some(group)
    })?;
    group.part(USERNAME)?;
    if let Some((scheme, value)) = group.part(SCHEME) {
        return Some(match text_of(&scheme, value) {
            Ok(_) => at_value(Fault::UnknownSchemePart("postgres")).for_known_var(&scheme),
            Err(error) => error,
        });
    }
    if let Some((port, value)) = group.part(PORT) {
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

/// Returns whether a text has only the characters of a host, and perhaps a port after it.
fn is_of_host(text: &str) -> bool {
    is_all(text, |byte| {
        byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte)
    })
}

/// Returns whether a config var with this stem has a URL whose scheme fits.
pub(super) fn has_url(vars: &ConfigVars, stem: &str, fits: &dyn Fn(&str) -> bool) -> bool {
    for suffix in URL_SUFFIXES {
        let value = vars.look_up(&format!("{stem}{suffix}"));
        let text = value
            .and_then(ConfigValue::secret)
            .map(ExposeSecret::expose_secret);
        match text.and_then(scheme_of) {
            Some(scheme) if fits(scheme) => return true,
            _ => {}
        }
    }
    false
}
