//! Which config vars are resources, and how each is read. What the names mean stands in the tables.

use super::Role;
use super::tables::*;
use crate::error::{Component, Error, Fault};
use crate::kind::Kind;
use crate::placeholder;
use crate::scheme;
use crate::secret;
use crate::tls::Tls;
use crate::url::{self, MemcacheUrl, Resource, UrlParts};
use crate::vars::{ConfigValue, ConfigVars, Var};
use secrecy::{ExposeSecret, SecretString};

/// A config var that is a resource, or was meant to be one.
pub(super) struct Recognised<'v> {
    /// The name of the attachment.
    pub(super) attachment: &'v str,
    /// By the scheme or the name alone, so that a URL with a fault has one as well.
    pub(super) kind: Kind,
    pub(super) role: Role,
}

/// How a config var's value amounts to a resource.
enum Shape<'n> {
    /// It is a URL.
    Url,
    /// It is a list of servers; the credentials stand in vars whose names begin alike.
    Servers(Parts<'n>),
    /// It is the host; the other parts stand in vars whose names begin alike.
    Host(Parts<'n>),
}

/// Config vars whose names begin alike: `CACHE_…`, or glued, `PG…`.
#[derive(Clone, Copy)]
struct Parts<'n> {
    stem: &'n str,
    separator: &'static str,
    kind: Kind,
}

impl ConfigVars {
    /// Whether a config var is a resource, or was meant to be.
    pub(super) fn recognise<'v>(&self, var: &'v Var) -> Option<Recognised<'v>> {
        // Most are none, and are told without a search that leaves something on the stack.
        match may_be_resource(var) {
            true => secret::with_clean_stack(|| self.look_into(var)),
            false => None,
        }
    }

    fn look_into<'v>(&self, var: &'v Var) -> Option<Recognised<'v>> {
        let name = &*var.name;
        if FOREIGN_SYNTAX.iter().any(|ending| name.ends_with(ending)) {
            return None;
        }
        let stem = url_stem(name);
        let resource = |attachment, kind| {
            Some(Recognised {
                attachment,
                kind,
                role: Role::Url,
            })
        };
        let Some(value) = var.value.secret() else {
            return stem
                .filter(|stem| is_addon_name(name, stem))
                .and_then(|stem| resource(stem, Kind::Other));
        };
        let value = value.expose_secret();
        if value.is_empty() {
            return None;
        }
        match self.find_shape(name, value) {
            Shape::Servers(parts) => {
                return Some(Recognised {
                    attachment: parts.stem,
                    kind: parts.kind,
                    role: Role::Servers,
                });
            }
            // Where there is a URL as well, the parts are but the same once more.
            Shape::Host(parts) if !self.has_url(parts.stem) => {
                return Some(Recognised {
                    attachment: parts.stem,
                    kind: parts.kind,
                    role: Role::Host,
                });
            }
            Shape::Host(_) => return None,
            Shape::Url => {}
        }
        let scheme = scheme_of(value);
        let kind = scheme
            .and_then(scheme::find_scheme)
            .map_or(Kind::Other, |scheme| scheme.kind);
        if kind.rules().datastore {
            return resource(stem.map_or(name, |stem| self.main_stem(stem, kind)), kind);
        }
        let is_meant = match scheme {
            // A JDBC URL of a kind that this crate does not know has a syntax of its own.
            Some(scheme) if kind == Kind::Other && is_jdbc(scheme) => false,
            Some(scheme) => !is_listed(NO_RESOURCE_SCHEMES, scheme),
            None => is_reference(value) || has_credentials(value) && !has_no_resource_scheme(value),
        };
        let stem = stem.filter(|stem| is_meant && is_addon_name(name, stem))?;
        resource(self.main_stem(stem, kind), kind)
    }

    /// The attachment that a variant belongs to: `REDIS` for `REDIS_TLS`, if there is a `REDIS_URL` of that kind.
    fn main_stem<'n>(&self, stem: &'n str, kind: Kind) -> &'n str {
        let mut main = stem;
        let mut rest = stem;
        for _ in 0..MOST_VARIANTS {
            let Some((shorter, _)) = rest.rsplit_once('_').filter(|(_, word)| VARIANTS.contains(word)) else {
                break;
            };
            rest = shorter;
            let is_same_kind = |suffix: &str| {
                let value = self.look_up_text(&format!("{rest}{suffix}"));
                let scheme = value
                    .and_then(|value| scheme_of(value.expose_secret()))
                    .and_then(scheme::find_scheme);
                scheme.is_some_and(|scheme| scheme.kind == kind)
            };
            if URL_SUFFIXES.iter().any(|suffix| is_same_kind(suffix)) {
                main = rest;
            }
        }
        main
    }

    fn shape<'n>(&self, name: &'n str, value: &str) -> Shape<'n> {
        secret::with_clean_stack(|| self.find_shape(name, value))
    }

    fn find_shape<'n>(&self, name: &'n str, value: &str) -> Shape<'n> {
        if value.contains("://") {
            // A host may have a scheme before it, where the other parts stand in vars of their own.
            let parts = is_schemed_host(value).then(|| self.names_host(name, value));
            return parts.flatten().map_or(Shape::Url, Shape::Host);
        }
        if let Some(parts) = self.names_servers(name) {
            return Shape::Servers(parts);
        }
        self.names_host(name, value).map_or(Shape::Url, Shape::Host)
    }

    /// Whether a config var holds no URL itself, but one that has to be made of several vars.
    pub(crate) fn is_assembled(&self, name: &str, value: &str) -> bool {
        !matches!(self.shape(name, value), Shape::Url)
    }

    /// The parts that go with a list of servers.
    fn names_servers<'n>(&self, name: &'n str) -> Option<Parts<'n>> {
        let listed = SERVER_LISTS.iter().find_map(|list| {
            let stem = name
                .strip_suffix(list.suffix)
                .filter(|stem| stem.contains(list.name))?;
            Some(Parts {
                stem,
                separator: "_",
                kind: list.kind,
            })
        });
        let with_credentials = || {
            let stem = name.strip_suffix("_SERVERS")?;
            let parts = Parts {
                stem,
                separator: "_",
                kind: Kind::Memcache,
            };
            let is_set = |endings| self.part(parts, endings).is_some();
            let is_other = NO_SERVERS.iter().any(|word| stem.contains(word));
            (!is_other && is_set(USERNAME) && is_set(PASSWORD)).then_some(parts)
        };
        listed
            .or_else(with_credentials)
            .filter(|parts| !parts.stem.is_empty())
    }

    /// The parts that go with a host, if there is enough of them for a resource of a kind that can be told.
    fn names_host<'n>(&self, name: &'n str, host: &str) -> Option<Parts<'n>> {
        let of = |stem, separator, kind| Parts {
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
        self.part(parts, PASSWORD)?;
        let port = self
            .part(parts, PORT)
            .and_then(|(_, value)| value.secret())
            .map(ExposeSecret::expose_secret);
        // Lists pair up by rules of each driver's own; a port such as `tcp://10.0.0.1:6379` is a container's.
        let is_plain = |text: &str| !text.contains([',', '%']) && !text.contains("://");
        let (scheme, host) = split_scheme(host);
        let is_other = NO_HOSTS.iter().any(|word| parts.stem.ends_with(word));
        if is_other || !is_plain(host) || !port.is_none_or(is_plain) {
            return None;
        }
        let kind = match parts.kind {
            Kind::Other => scheme
                .and_then(scheme::find_scheme)
                .map(|scheme| scheme.kind)
                .filter(|kind| kind.rules().datastore)
                .or_else(|| self.kind_of_parts(parts))?,
            kind => kind,
        };
        let has_user = self.part(parts, USERNAME).is_some();
        (has_user || NO_USERNAME.contains(&kind)).then_some(Parts { kind, ..parts })
    }

    fn kind_of_parts(&self, parts: Parts<'_>) -> Option<Kind> {
        let text = |endings| {
            self.part(parts, endings)
                .and_then(|(_, value)| value.secret())
                .map(ExposeSecret::expose_secret)
        };
        let by_scheme = || scheme::find_scheme(text(SCHEME)?).map(|scheme| scheme.kind);
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

    /// The glued vars of an attachment, which do not begin with its name and a `_`: `PGUSER` and so on.
    /// What is a resource itself is none of them, its own included. `resources` are sorted.
    pub(super) fn glued_vars<'v>(&'v self, attachment: &str, resources: &[&str]) -> Vec<&'v Var> {
        if GLUED.iter().all(|(stem, _)| *stem != attachment) {
            return Vec::new();
        }
        let endings = ROLES.iter().map(|(ending, _)| ending).chain(TLS).chain(TLS_ROOTS);
        endings
            .filter_map(|ending| self.find_var(&format!("{attachment}{ending}")))
            .filter(|var| resources.binary_search(&&*var.name).is_err())
            .collect()
    }

    /// The config vars with the same suffix as a URL: `DATABASE_PASSWORD_SHOP` for `DATABASE_URL_SHOP`. `resources` are
    /// sorted.
    pub(super) fn vars_with_suffix<'v>(&'v self, name: &str, resources: &[&str]) -> Vec<&'v Var> {
        let Some((stem, suffix)) = split_infix(name) else {
            return Vec::new();
        };
        let joined = |(ending, _): &(&str, Role)| self.find_var(&format!("{stem}_{ending}_{suffix}"));
        ROLES
            .iter()
            .filter_map(joined)
            .filter(|var| resources.binary_search(&&*var.name).is_err())
            .collect()
    }

    fn look_up_text(&self, name: &str) -> Option<&SecretString> {
        self.look_up(name)?.secret()
    }

    fn has_url(&self, stem: &str) -> bool {
        URL_SUFFIXES.iter().any(|suffix| {
            let value = self.look_up_text(&format!("{stem}{suffix}"));
            value.is_some_and(|value| scheme_of(value.expose_secret()).is_some())
        })
    }

    /// The first of the parts that is set to something, with its name.
    fn part(&self, parts: Parts<'_>, endings: &[&str]) -> Option<(String, &ConfigValue)> {
        endings.iter().find_map(|ending| {
            let name = format!("{}{}{ending}", parts.stem, parts.separator);
            let value = self.look_up(&name)?;
            let is_empty = value.secret().is_some_and(|text| text.expose_secret().is_empty());
            (!is_empty).then_some((name, value))
        })
    }

    /// A part's text, checked for what surrounds it by mistake.
    fn part_text(&self, parts: Parts<'_>, endings: &[&str]) -> Result<Option<&SecretString>, Error> {
        let Some((name, value)) = self.part(parts, endings) else {
            return Ok(None);
        };
        value
            .require()
            .and_then(|text| url::check_edges(text.expose_secret()).map(|()| Some(text)))
            .map_err(|error| error.for_known_var(&name))
    }

    /// Reads a config var as a resource.
    pub(crate) fn read<T: Resource>(&self, name: &str, value: &ConfigValue) -> Result<T, Error> {
        let read = |text: &SecretString| {
            let text = text.expose_secret();
            let url = match self.shape(name, text) {
                Shape::Url if name.ends_with(DSN_SUFFIX) => keyed(name, url::parse(text)?)?,
                Shape::Url => return url::parse_marked(text, self.mark(name)),
                Shape::Servers(parts) => self.read_servers(parts, text)?,
                Shape::Host(parts) => self.read_parts(parts, text)?,
            };
            T::from_resource_url(url.with_mark(self.mark(name)))
        };
        value
            .require()
            .and_then(read)
            .map_err(|error| error.for_known_var(name))
    }

    fn read_servers(&self, parts: Parts<'_>, servers: &str) -> Result<url::ResourceUrl, Error> {
        let username = self.part_text(parts, USERNAME)?;
        let password = self.part_text(parts, PASSWORD)?;
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

    fn read_parts(&self, parts: Parts<'_>, host: &str) -> Result<url::ResourceUrl, Error> {
        let text = |endings| {
            self.part_text(parts, endings)
                .map(|text| text.map(ExposeSecret::expose_secret))
        };
        url::check_edges(host)?;
        let (host_scheme, host) = secret::with_clean_stack(|| split_scheme(host));
        let asks_for_tls = host_scheme.is_some_and(|scheme| is_listed(TLS_ALONE, scheme));
        let host_scheme = match host_scheme.filter(|_| !asks_for_tls) {
            Some(scheme) => match scheme::find_scheme(scheme).filter(|scheme| scheme.kind == parts.kind) {
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
        let scheme = text(SCHEME)?.filter(|scheme| scheme::find_scheme(scheme).is_some());
        let port = text(PORT)?;
        if port.is_some_and(|port| port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit())) {
            let (name, _) = self.part(parts, PORT).unzip();
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
            username: self.part_text(parts, USERNAME)?,
            password: self.part_text(parts, PASSWORD)?,
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
                let (name, _) = self.part(parts, DATABASE).unzip();
                error.for_known_var(name.as_deref().unwrap_or_default())
            }
            _ => error,
        })?;
        if asks_for_tls && !url.tls().is_required() {
            return Err(Error::at(Component::Host, Fault::TlsOfPart));
        }
        // Never plain in silence: what is not known is a fault of its var.
        if url.tls() == Tls::Unknown {
            let (name, _) = self.part(parts, TLS).unzip();
            let error = Error::at(Component::Value, Fault::UnknownTls);
            return Err(error.for_known_var(name.as_deref().unwrap_or_default()));
        }
        Ok(url)
    }
}

/// A host, and the scheme that stands before it by way of saying how to connect.
fn split_scheme(host: &str) -> (Option<&str>, &str) {
    match host.split_once("://") {
        Some((scheme, host)) => (Some(scheme), host.strip_suffix('/').unwrap_or(host)),
        None => (None, host),
    }
}

/// Whether a value is a host with a scheme before it, and no URL that has its credentials, or the path of a socket, in it.
fn is_schemed_host(value: &str) -> bool {
    let (scheme, host) = split_scheme(value);
    let is_url = |scheme: &scheme::Scheme| scheme.is_jdbc() || scheme.path_is_socket;
    !host.contains('@') && !scheme.and_then(scheme::find_scheme).is_some_and(is_url)
}

fn is_tls_scheme(scheme: &str) -> bool {
    scheme::find_scheme(scheme).is_some_and(|scheme| scheme.tls.is_required())
}

fn is_yes(value: &str) -> bool {
    is_listed(&["1", "true", "yes", "on", "enabled"], value)
}

fn is_no(value: &str) -> bool {
    is_listed(&["0", "false", "no", "off"], value)
}

/// Refuses the web URL of an error tracker without its key.
fn keyed(name: &str, url: url::ResourceUrl) -> Result<url::ResourceUrl, Error> {
    let is_keyless = url.kind() == Kind::Http && url.username().is_none();
    if is_keyless && (has_word(name, KEYED_SERVICES) || is_project(&url)) {
        return Err(Error::at(Component::Username, Fault::NoKey));
    }
    Ok(url)
}

/// Whether a web URL is of the form of Sentry's: one of its hosts, or the number of a project as its path.
fn is_project(url: &url::ResourceUrl) -> bool {
    let is_number = |path: &str| path.len() > 1 && path[1..].bytes().all(|byte| byte.is_ascii_digit());
    url.expose_path().is_some_and(is_number)
        || url.host().is_some_and(|host| {
            host.split(['.', '-'])
                .any(|label| is_listed(KEYED_SERVICES, label))
        })
}

fn has_word(name: &str, words: &[&str]) -> bool {
    name.split('_').any(|word| words.contains(&word))
}

/// What a glued name is a part of: `PGPASSWORD`.
pub(super) fn glued_part(name: &str) -> Option<Role> {
    let part = GLUED.iter().find_map(|(stem, _)| name.strip_prefix(stem))?;
    ROLES
        .iter()
        .find(|(ending, _)| *ending == part)
        .map(|(_, role)| *role)
}

/// The name of an attachment whose bare credential this is.
pub(super) fn token_stem(name: &str) -> Option<&str> {
    let suffix = TOKEN_SUFFIXES.iter().find(|suffix| ends_with(name, suffix))?;
    let stem = name.strip_suffix(suffix).filter(|stem| !stem.is_empty())?;
    let is_own = stem.split('_').any(|word| OWN_TOKEN_WORDS.contains(&word));
    (!is_own && !is_tools(name)).then_some(stem)
}

/// Whether a config var holds a URL, or has a name that speaks of a URL or of a part that one can be made of.
fn may_be_resource(var: &Var) -> bool {
    let name = &*var.name;
    let is_named = || {
        let is_list = |name: &str| SERVER_LISTS.iter().any(|list| ends_with(name, list.suffix));
        url_stem(name).is_some() || is_list(name) || HOST.iter().any(|ending| ends_with(name, ending))
    };
    let value = var.value.secret().map_or("", |value| value.expose_secret());
    holds_url(value.as_bytes()) || is_named()
}

/// Byte by byte, for `str::contains` would take more of the value at once, and leave it on the stack.
fn holds_url(mut value: &[u8]) -> bool {
    while let Some(colon) = value.iter().position(|&byte| byte == b':') {
        value = &value[colon + 1..];
        if value.starts_with(b"//") {
            return true;
        }
    }
    false
}

/// Most names are told by their last byte.
fn ends_with(name: &str, ending: &str) -> bool {
    name.as_bytes().last() == ending.as_bytes().last() && name.ends_with(ending)
}

/// What stands before the ending that says "this is a URL", or before the same within the name.
fn url_stem(name: &str) -> Option<&str> {
    let by_suffix = || {
        let suffix = URL_SUFFIXES.iter().find(|suffix| ends_with(name, suffix))?;
        name.strip_suffix(suffix)
    };
    let by_infix = || split_infix(name).map(|(stem, _)| stem);
    by_suffix().or_else(by_infix).filter(|stem| !stem.is_empty())
}

/// `DATABASE` and `SHOP` of `DATABASE_URL_SHOP`.
pub(super) fn split_infix(name: &str) -> Option<(&str, &str)> {
    // By hand, because it is done with each name, and a search has to be prepared.
    let infix = |at: usize| {
        let rest = &name.as_bytes()[at..];
        let is_it = |infix: &&&str| rest.starts_with(infix.as_bytes());
        let infix = (rest[0] == b'_').then(|| URL_INFIXES.iter().find(is_it))??;
        Some((&name[..at], &name[at + infix.len()..]))
    };
    (0..name.len()).find_map(infix)
}

/// Whether a name says "URL" within it, and not at its end: `DATABASE_URL_SHOP`.
pub(super) fn has_url_suffix(name: &str) -> bool {
    let ends_in_url = URL_SUFFIXES.iter().any(|suffix| ends_with(name, suffix));
    !ends_in_url && split_infix(name).is_some_and(|(stem, _)| !stem.is_empty())
}

/// What stands before `://`, past quotes and blanks that should not be there.
fn scheme_of(value: &str) -> Option<&str> {
    const LONGEST: usize = 32;
    let value =
        value.trim_start_matches(|first: char| first.is_whitespace() || "\"'`“”„‘’«\u{FEFF}".contains(first));
    let start = if is_jdbc(value) { "jdbc:".len() } else { 0 };
    let end = start
        + value
            .bytes()
            .skip(start)
            .take(LONGEST)
            .position(|byte| byte == b':')?;
    // `sqlite:shop.db`: a file needs no `//`.
    let is_file = || scheme::find_scheme(&value[..end]).is_some_and(|scheme| scheme.kind.rules().file);
    (value[end..].starts_with("://") || is_file()).then(|| &value[..end])
}

fn is_jdbc(text: &str) -> bool {
    text.get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case("jdbc:"))
}

/// `user:password@host`, and not `git@host:path` or an e-mail address.
fn has_credentials(value: &str) -> bool {
    value
        .split_once('@')
        .is_some_and(|(user_info, _)| user_info.contains(':'))
}

fn is_reference(value: &str) -> bool {
    value.starts_with('$') || placeholder::in_credential(value) == Some(Fault::Reference)
}

/// `mailto:` and the like have no `//`.
fn has_no_resource_scheme(value: &str) -> bool {
    value
        .split_once(':')
        .is_some_and(|(scheme, _)| is_listed(NO_RESOURCE_SCHEMES, scheme))
}

fn is_listed(list: &[&str], text: &str) -> bool {
    list.iter().any(|listed| listed.eq_ignore_ascii_case(text))
}

/// Whether a name that says "URL" speaks of an add-on, rather than of the app itself or of a tool.
fn is_addon_name(name: &str, stem: &str) -> bool {
    let last = stem.rsplit('_').next().unwrap_or_default();
    let is_given = matches!(last, "WEBHOOK" | "WEBHOOKS") && has_word(stem, WEBHOOK_SERVICES);
    let is_own = OWN_URL_WORDS.contains(&last) && !is_given;
    !is_own && !is_tools(name)
}

fn is_tools(name: &str) -> bool {
    TOOL_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
