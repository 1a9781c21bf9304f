//! The URLs that this crate writes: for a driver, from a URL in another spelling, and from separate parts.

use super::byte_classes::ByteClasses;
use super::characters::has_option_mark;
use super::in_query;
use super::query::RawOption;
use super::raw_url::RawUrl;
use super::resource_url::ResourceUrl;
use crate::error::{Component, Error, Fault};
use crate::scheme::Scheme;
use crate::secret::{self, Pieces, Wiped, holds_url};
use secrecy::{ExposeSecret, SecretString};

/// Returns the URL for drivers, if it differs from the original text. `has_option_not_for_drivers` says whether there is one
/// that breaks them.
#[inline]
pub(super) fn for_drivers(raw: &RawUrl<'_>, has_option_not_for_drivers: bool) -> Option<Wiped> {
    let RawUrl {
        text,
        rules,
        ref parts,
        ..
    } = *raw;
    let scheme = raw.scheme?;
    let moved = match parts.query() {
        Some(_) if scheme.moves_part_options() => MovedOptions::of(raw, scheme),
        _ => MovedOptions::default(),
    };
    let is_left_out = |option: RawOption<'_>| {
        let is_named = |name: &str| option.is_named(name, false);
        moved.has(&is_named) || rules.options_not_for_drivers.iter().any(|name| is_named(name))
    };
    // A search for the names takes less time than to look at each option.
    let may_have_moved = || {
        let query = raw.query().unwrap_or_default();
        moved.has(&|name| parts.beyond_path.has(ByteClasses::PERCENT) || secret::holds(query, name))
    };
    let same_options = parts.query().is_none()
        || !has_option_not_for_drivers && (!may_have_moved() || !raw.has_option(&is_left_out));
    let has_raw_at = rules.first_at_for_drivers && parts.in_user_info.has(ByteClasses::AT);
    if same_options && !has_raw_at && scheme.for_drivers == parts.scheme().of(text) {
        return None;
    }
    let [username, password] = in_query::values(raw, [moved.username, moved.password]);
    let [database] = in_query::values(raw, [moved.database]);
    Some(secret::put_together(&|url| {
        url.push(scheme.for_drivers);
        url.push(parts.beyond_scheme().of(text));
        push_credentials(url, username.as_ref(), password.as_ref());
        push_user_info(url, parts.before_hosts().of(text), has_raw_at);
        if same_options {
            let rest = &text[parts.hosts().start..];
            match rules.scheme_per_host {
                true => push_with_schemes(url, rest, parts.scheme().of(text), scheme.for_drivers),
                false => url.push(rest),
            }
            return;
        }
        url.push(raw.hosts());
        match &database {
            Some(database) => {
                url.push("/");
                url.push_encoded(database.expose_secret());
            }
            None => url.push(raw.path().unwrap_or_default()),
        }
        let mut separator = "?";
        for option in raw.options() {
            if is_left_out(option) {
                continue;
            }
            url.push(separator);
            separator = "&";
            url.push(option.name());
            if let Some(value) = option.value() {
                url.push("=");
                url.push(value);
            }
        }
        if let Some(fragment) = raw.fragment() {
            url.push("#");
            url.push(fragment);
        }
    }))
}

/// The names of the options that drivers need in the places that they replace.
#[derive(Default)]
struct MovedOptions {
    username: &'static [&'static str],
    password: &'static [&'static str],
    database: &'static [&'static str],
}

impl MovedOptions {
    fn of(raw: &RawUrl<'_>, scheme: &Scheme) -> Self {
        let options = scheme.part_options();
        let database = raw.database_options();
        match raw.parts.user_info() {
            Some(_) => Self {
                database,
                ..Self::default()
            },
            None => Self {
                username: options.username,
                password: options.password,
                database,
            },
        }
    }

    /// Returns whether one of the names satisfies `is_it`.
    fn has(&self, is_it: &dyn Fn(&str) -> bool) -> bool {
        for names in [self.username, self.password, self.database] {
            for name in names {
                if is_it(name) {
                    return true;
                }
            }
        }
        false
    }
}

/// Writes the user information with its `@`. Encodes other `@`s if drivers end the user information at the first one.
fn push_user_info(url: &mut Pieces, user_info: &str, has_raw_at: bool) {
    match user_info.strip_suffix('@') {
        Some(before) if has_raw_at => {
            for (index, piece) in before.split('@').enumerate() {
                url.push(if index == 0 { "" } else { "%40" });
                url.push(piece);
            }
            url.push("@");
        }
        _ => url.push(user_info),
    }
}

/// Writes a list of hosts and all that follows it, with the scheme for drivers before each host that has one.
fn push_with_schemes(url: &mut Pieces, rest: &str, written: &str, for_drivers: &str) {
    for (index, piece) in rest.split(',').enumerate() {
        url.push(if index == 0 { "" } else { "," });
        let beyond_scheme = piece.get(written.len()..).filter(|beyond| {
            let is_written = || piece[..written.len()].eq_ignore_ascii_case(written);
            index > 0 && beyond.starts_with("://") && is_written()
        });
        match beyond_scheme {
            Some(beyond) => {
                url.push(for_drivers);
                url.push(beyond);
            }
            None => url.push(piece),
        }
    }
}

/// Encodes credentials and writes them with the `@` that ends them.
fn push_credentials(url: &mut Pieces, username: Option<&SecretString>, password: Option<&SecretString>) {
    if let Some(username) = username {
        url.push_encoded(username.expose_secret());
    }
    if let Some(password) = password {
        url.push(":");
        url.push_encoded(password.expose_secret());
    }
    if username.is_some() || password.is_some() {
        url.push("@");
    }
}

/// The parts of a URL that config vars beside it have. They are not percent-encoded.
#[derive(Clone, Copy, Default)]
pub(crate) struct Additions<'p> {
    /// The scheme for TLS.
    pub(crate) scheme: Option<&'static str>,
    pub(crate) username: Option<&'p SecretString>,
    pub(crate) password: Option<&'p SecretString>,
    pub(crate) options: &'p [(&'static str, &'p str)],
}

impl ResourceUrl {
    /// Returns whether the URL has a place for one login, and no password there.
    pub(crate) fn lacks_password(&self) -> bool {
        let parts = &self.parts;
        let has_place = !parts.path_is_socket && !parts.has_credentials_per_host();
        has_place && self.password().is_none() && !holds_url(parts.hosts().of(&self.text))
    }

    /// Returns the URL with the additions.
    pub(crate) fn with(&self, additions: Additions<'_>) -> Result<Self, Error> {
        let (text, parts) = (self.expose_original(), &self.parts);
        let url = secret::put_together(&|url| {
            url.push(additions.scheme.unwrap_or(self.scheme()));
            url.push(parts.beyond_scheme().of(text));
            match (additions.username, additions.password) {
                (None, None) => url.push(parts.before_hosts().of(text)),
                (username, password) => push_credentials(url, username, password),
            }
            url.push(&text[parts.hosts_start..]);
            push_options(url, parts.query().is_some(), additions.options);
        });
        url.parse()
    }
}

/// Encodes the values of options and writes them at the end of a URL, which may have others already.
fn push_options(url: &mut Pieces, has_query: bool, options: &[(&'static str, &str)]) {
    for (index, (name, value)) in options.iter().enumerate() {
        let mark = if index == 0 && !has_query { "?" } else { "&" };
        url.push_all(&[mark, name, "="]);
        url.push_encoded(value);
    }
}

/// The parts of a resource whose add-on provides them in separate config vars. Credentials and database are not
/// percent-encoded.
#[derive(Clone, Copy, Default)]
pub(crate) struct UrlParts<'p> {
    pub(crate) scheme: &'p str,
    pub(crate) username: Option<&'p SecretString>,
    pub(crate) password: Option<&'p SecretString>,
    /// Hosts and ports, as in a URL.
    pub(crate) hosts: &'p str,
    /// The path of a socket, not percent-encoded.
    pub(crate) socket: Option<&'p str>,
    pub(crate) port: Option<&'p str>,
    pub(crate) database: Option<&'p str>,
    /// Options of TLS, and those for which a URL has no other place. Their values are not percent-encoded.
    pub(crate) options: &'p [(&'static str, &'p str)],
}

impl UrlParts<'_> {
    /// Writes the URL that consists of the parts, and parses it.
    pub(crate) fn parse(self) -> Result<ResourceUrl, Error> {
        let Self {
            scheme,
            username,
            password,
            hosts,
            socket,
            port,
            database,
            options,
        } = self;
        if database.is_some_and(has_option_mark) {
            return Err(Error::at(Component::Database, Fault::OptionsInPart));
        }
        // `cache.example:6380`, `[::1]:6380`.
        match hosts.rsplit_once(':') {
            Some((host, _)) if port.is_some() && (!host.contains(':') || host.ends_with(']')) => {
                return Err(Error::at(Component::Host, Fault::HostWithPort));
            }
            _ => {}
        }
        let is_ipv6 = hosts.parse::<std::net::Ipv6Addr>().is_ok();
        let url = secret::put_together(&|url| {
            url.push(scheme);
            url.push("://");
            push_credentials(url, username, password);
            match is_ipv6 {
                true => url.push_all(&["[", hosts, "]"]),
                false => url.push(hosts),
            }
            if let Some(socket) = socket {
                url.push_encoded(socket);
            }
            if let Some(port) = port {
                url.push(":");
                url.push(port);
            }
            if let Some(database) = database {
                url.push("/");
                url.push_encoded(database);
            }
            push_options(url, false, options);
        });
        // The password is separate, so a port cannot be the beginning of one.
        url.parse().map_err(|error: Error| error.without_password_hint())
    }
}
