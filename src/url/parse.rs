//! From text to a [`ResourceUrl`]: the checks that all kinds share, in the order that yields the most accurate message.
//!
//! Most callees have a single caller in another codegen unit, hence `#[inline]` (measured with benches/parse: 10 % faster).

use super::byte_classes::ByteClasses;
use super::characters::{check_plain, has_option_mark};
use super::credentials::DecodedCredentials;
use super::driver_url;
use super::host::{Host, Hosts};
use super::host_part::{host_items, split_host};
use super::in_query::{self, EndpointOptions};
use super::kinds;
use super::mistakes;
use super::raw_url::{Parts, RawUrl};
use super::resource::Resource;
use super::resource_url::ResourceUrl;
use super::scheme_prefix;
use super::split::{explain_host, split, stand_in_among_hosts};
use super::surroundings::check_surroundings;
use crate::error::{Component, Error, Fault, Raw};
use crate::kind::Kind;
use crate::placeholder;
use crate::scheme::{self, Scheme};
use crate::secret::{self, Wiped};
use crate::text::{has_doubled, is_listed};
use once_cell::sync::OnceCell;
use secrecy::ExposeSecret;

/// Parses a resource URL as `T`.
pub(crate) fn parse<T: Resource>(text: &str) -> Result<T, Error> {
    // The conversion is inside, so that the URL is moved once less.
    secret::with_clean_stack(|| parse_kind(text, T::KIND).and_then(T::from_checked_url))
}

/// Parses a URL of the expected kind, or of any. The kind is checked before the rest, so that "is a postgres URL, expected
/// mysql" precedes any complaint about details.
#[inline]
fn parse_kind(text: &str, expected: Option<Kind>) -> Result<ResourceUrl, Error> {
    let prefix = scheme_prefix::find(text, expected);
    check_surroundings(text, matches!(prefix, Ok((_, Some(_)))))?;
    let (scheme_span, scheme) = prefix?;
    let kind = scheme::kind_of(scheme);
    match expected {
        Some(expected) if expected != kind => {
            return Err(scheme::wrong_kind(scheme_span.of(text), kind, expected));
        }
        _ => {}
    }
    let explain = |error| explain(text, scheme, error);
    let mut raw = RawUrl::new(text, scheme_span, scheme);
    split(&mut raw, kinds::may_hold_at(kind)).map_err(explain)?;
    let mut decoded = DecodedParts::default();
    decoded.read(&raw).map_err(explain)?;
    if decoded.hosts.iter().any(Host::is_international) {
        return with_international_hosts(&raw, decoded, expected).map_err(explain);
    }
    let url = decoded.into_url(&raw);
    if expected.is_some() {
        kinds::check(&url)?;
    }
    Ok(url)
}

/// The parts of a URL that are decoded when it is parsed. They are read in place: to copy what was just written in small
/// pieces takes longer than to read it.
#[derive(Default)]
struct DecodedParts {
    hosts: Hosts,
    /// `None` if there is no database, or if its name is as it is written.
    database: Option<Wiped>,
    /// Whether there is an option that breaks drivers.
    has_option_not_for_drivers: bool,
    has_login_options: bool,
}

impl DecodedParts {
    /// Checks all parts, and decodes these.
    #[inline]
    fn read(&mut self, raw: &RawUrl<'_>) -> Result<(), Error> {
        check_properties(raw)?;
        check_stand_ins(raw)?;
        check_beyond_hosts(raw)?;
        let hosts = match in_query::may_have_parts(raw) {
            true => self.read_in_query(raw),
            false => self.read_written_hosts(raw),
        };
        hosts.map_err(|error| explain_host(raw, error))?;
        check_sockets(raw, &self.hosts)?;
        DecodedCredentials::check(raw)?;
        let in_path = read_database(raw)?;
        if self.database.is_none() {
            self.database = in_path;
        }
        Ok(())
    }

    /// Reads the hosts and the name of the database, where options of the query may replace those before it.
    fn read_in_query(&mut self, raw: &RawUrl<'_>) -> Result<(), Error> {
        let endpoint = EndpointOptions::of(raw);
        self.has_option_not_for_drivers = endpoint.not_for_drivers.is_some();
        self.has_login_options = endpoint.has_login;
        self.read_hosts(raw, &endpoint)?;
        let database = match raw.database_options() {
            [] => endpoint.database,
            names => {
                let [database] = in_query::values(raw, [names]);
                database
            }
        };
        self.database = database.map(|name| Wiped::from(name.expose_secret()));
        Ok(())
    }

    /// Reads the hosts before the path, or those in options that replace them.
    fn read_hosts(&mut self, raw: &RawUrl<'_>, endpoint: &EndpointOptions) -> Result<(), Error> {
        if !endpoint.replace_hosts() {
            return self.read_written_hosts(raw);
        }
        let list = raw.hosts();
        let lone_port = list.strip_prefix(':').filter(|_| endpoint.names_hosts());
        if lone_port.is_none() && !(list.is_empty() && endpoint.names_hosts()) {
            self.read_written_hosts(raw)?;
        }
        let written = std::mem::take(&mut self.hosts);
        self.hosts = endpoint.apply(raw, written, lone_port)?;
        Ok(())
    }

    /// Reads the hosts before the path.
    #[inline]
    fn read_written_hosts(&mut self, raw: &RawUrl<'_>) -> Result<(), Error> {
        let RawUrl { rules, ref parts, .. } = *raw;
        let at_host = |fault| Err(Error::at(Component::Host, fault));
        if parts.path_is_socket {
            let path = raw.path().unwrap_or_default();
            if has_option_mark(path) {
                return at_host(Fault::OptionsInName);
            }
            self.hosts = Hosts::One(Host::of_socket(path)?);
            return Ok(());
        }
        if parts.hosts().is_empty() {
            return match (raw.socket_scheme(), raw.path()) {
                (None, Some(path)) if rules.is_of_servers() && path.trim_matches('/').contains('/') => {
                    at_host(Fault::UnencodedSocket)
                }
                _ if rules.empty_host || has_odbc_string(raw) => Ok(()),
                (Some(scheme), _) => at_host(Fault::SocketScheme(scheme)),
                _ => at_host(Fault::EmptyHost),
            };
        }
        let is_list = parts.in_hosts.has(ByteClasses::COMMA);
        if is_list && !rules.host_list {
            return at_host(Fault::HostList(rules.kind));
        }
        if is_list {
            self.hosts = Hosts::of_list(read_host_list(raw)?);
            return Ok(());
        }
        let part = split_host(raw, parts.hosts())?;
        Host::read(raw, &part, |host| self.hosts = Hosts::One(host))
    }

    #[inline]
    fn into_url(self, raw: &RawUrl<'_>) -> ResourceUrl {
        ResourceUrl {
            text: Wiped::from(raw.text),
            for_drivers: driver_url::for_drivers(raw, self.has_option_not_for_drivers),
            parts: Parts {
                has_login_options: self.has_login_options,
                ..raw.parts
            },
            rules: raw.rules,
            scheme: raw.scheme,
            credentials: OnceCell::new(),
            hosts: self.hosts,
            decoded_database: self.database,
        }
    }
}

/// Returns the error that explains the one that was found, by the text as a whole.
#[cold]
#[inline(never)]
fn explain(text: &str, scheme: Option<&Scheme>, error: Error) -> Error {
    match (mistakes::after_url(text, &error), scheme) {
        (Some(error), _) => error,
        (None, Some(scheme)) if scheme_prefix::is_url_list(text) => url_list(text, scheme, error),
        (None, _) => error,
    }
}

/// Returns the error for a list of whole URLs, where the kind has another form for several hosts, or none.
#[cold]
fn url_list(text: &str, scheme: &Scheme, error: Error) -> Error {
    let rules = scheme.kind.rules();
    let at_host = |fault| Error::at(Component::Host, fault);
    if rules.scheme_per_host {
        if text.contains(char::is_whitespace) {
            at_host(Fault::of_blanks_in_list(text))
        } else if text.contains(';') {
            at_host(Fault::SemicolonsInHostList)
        } else {
            error
        }
    } else if rules.host_list {
        Error::at(Component::Value, Fault::UrlListOfHosts(scheme.for_drivers))
    } else {
        Error::at(Component::Value, Fault::UrlList(rules.kind))
    }
}

/// Refuses SQL Server's own form, `sqlserver://host:1433;user=sa;password=…`, by its names.
fn check_properties(raw: &RawUrl<'_>) -> Result<(), Error> {
    /// Names that reveal a password with an `@`, which looks like user information.
    const NAMES: &[&str] = &["user", "uid", "password", "pwd", "database", "encrypt"];
    fn has_property(part: &str, is_it: fn(&str) -> bool) -> bool {
        for piece in part.split(';').skip(1) {
            if let Some((name, _)) = piece.split_once('=') {
                if is_it(name) {
                    return true;
                }
            }
        }
        false
    }
    if raw.rules.kind != Kind::Sqlserver {
        return Ok(());
    }
    let has_any = |part| has_property(part, |_| true);
    let before_hosts = raw.part(raw.parts.before_hosts());
    let has_known = || has_property(before_hosts, |name| is_listed(NAMES, name));
    match has_any(raw.hosts()) || has_any(raw.path().unwrap_or_default()) || has_known() {
        true => Err(Error::at(
            Component::Value,
            Fault::PropertyForm(raw.rules.example),
        )),
        false => Ok(()),
    }
}

/// Refuses a host, a database or an option that is a placeholder or a reference. Beyond the hosts, URLs of web services may
/// be templates of the app's own.
fn check_stand_ins(raw: &RawUrl<'_>) -> Result<(), Error> {
    const MAY_BE_ANY: u16 = ByteClasses::SUSPECT
        | ByteClasses::BRACKET
        | ByteClasses::PERCENT
        | ByteClasses::NOT_GRAPHIC
        | ByteClasses::COLON;
    // Other forms have characters that no host has: see `explain_host`.
    if raw.parts.in_hosts.has(ByteClasses::UNDERSCORE) {
        if let Some(error) = stand_in_among_hosts(raw) {
            return Err(error);
        }
    }
    if !raw.rules.datastore {
        return Ok(());
    }
    if raw.parts.in_path.has(MAY_BE_ANY | ByteClasses::UNDERSCORE) {
        check_database_is_given(raw.database().unwrap_or_default())?;
    }
    let in_query = raw.parts.beyond_path;
    // `__NAME__`. The last `%` of `%NAME%` begins no escape: see `check_beyond_hosts`.
    let may_be_any = |query: &str| {
        in_query.has(MAY_BE_ANY & !ByteClasses::PERCENT)
            || in_query.has(ByteClasses::UNDERSCORE) && has_doubled(query, |byte| byte == b'_')
    };
    match raw.query() {
        Some(query) if may_be_any(query) => check_options_are_given(raw),
        _ => Ok(()),
    }
}

/// Refuses a name of a database that is a placeholder, or has a reference.
fn check_database_is_given(name: &str) -> Result<(), Error> {
    let at_database = |fault| Err(Error::at(Component::Database, fault));
    if let Some(fault) = placeholder::in_credential(name) {
        return at_database(fault);
    }
    mistakes::check_no_json_escape(name)?;
    // `shop_${STAGE}`, `%kernel.project_dir%/var/data.db`
    for start in ["${", "{{", "$(", "%kernel."] {
        if secret::holds(name, start) {
            return at_database(Fault::Reference);
        }
    }
    Ok(())
}

/// Refuses an option that is a placeholder or a reference, or is hidden by an escape.
fn check_options_are_given(raw: &RawUrl<'_>) -> Result<(), Error> {
    mistakes::check_no_json_escape(raw.query().unwrap_or_default())?;
    for option in raw.options() {
        let (name, value) = option.split();
        for part in [name, value.unwrap_or_default()] {
            if let Some(fault) = placeholder::in_credential(part) {
                return Err(Error::at(Component::Query, fault));
            }
        }
    }
    Ok(())
}

/// Checks path, query and fragment for characters that must be encoded, and for incomplete escapes.
#[inline]
fn check_beyond_hosts(raw: &RawUrl<'_>) -> Result<(), Error> {
    let RawUrl { rules, ref parts, .. } = *raw;
    if parts
        .beyond_hosts()
        .has(ByteClasses::NOT_GRAPHIC | ByteClasses::PERCENT)
    {
        let path = match rules.database {
            _ if parts.path_is_socket => Component::Host,
            true => Component::Database,
            false => Component::Path,
        };
        check_part(raw.path(), parts.in_path, path)?;
        if let Err(error) = check_part(raw.query(), parts.beyond_path, Component::Query) {
            if rules.datastore {
                check_options_are_given(raw)?;
            }
            return Err(error);
        }
        check_part(raw.fragment(), parts.beyond_path, Component::Fragment)?;
    }
    if rules.datastore && !rules.database && !parts.path_is_socket && raw.has_path() {
        return Err(Error::at(Component::Path, Fault::NoPath { kind: rules.kind }));
    }
    Ok(())
}

fn check_part(part: Option<&str>, classes: ByteClasses, component: Component) -> Result<(), Error> {
    let part = part.unwrap_or_default();
    if classes.has(ByteClasses::NOT_GRAPHIC) {
        check_plain(part, component)?;
    }
    if classes.has(ByteClasses::PERCENT) {
        secret::check_escapes(part).map_err(|fault| Error::at(component, fault))?;
    }
    Ok(())
}

/// Returns whether an option has the host, as in `mssql+pyodbc:///?odbc_connect=…`.
fn has_odbc_string(raw: &RawUrl<'_>) -> bool {
    raw.rules.kind == Kind::Sqlserver && raw.has_option(&|option| option.is_named("odbc_connect", false))
}

fn read_host_list(raw: &RawUrl<'_>) -> Result<Vec<Host>, Error> {
    let mut hosts = Vec::new();
    for item in host_items(raw) {
        if item.is_empty() && !raw.rules.has_host_rules() {
            continue;
        }
        let part = split_host(raw, item)?;
        if part.name.is_empty() && !part.bracketed {
            return Err(Error::at(Component::Host, Fault::EmptyHostInList));
        }
        Host::read(raw, &part, |host| hosts.push(host))?;
    }
    Ok(hosts)
}

fn check_sockets(raw: &RawUrl<'_>, hosts: &[Host]) -> Result<(), Error> {
    match raw.socket_scheme() {
        Some(scheme) if !hosts.iter().all(Host::is_socket) => {
            Err(Error::at(Component::Host, Fault::SocketScheme(scheme)))
        }
        _ => Ok(()),
    }
}

/// Decodes the name of the database if it contains escapes. An unencoded `/` belongs to the name, or to a password.
#[inline]
fn read_database(raw: &RawUrl<'_>) -> Result<Option<Wiped>, Error> {
    let at_database = |fault| Error::at(Component::Database, fault);
    let in_path = raw.parts.in_path;
    if !in_path.has(ByteClasses::NOT_GRAPHIC | ByteClasses::NOT_IN_NAME) {
        return Ok(None);
    }
    let Some(written) = raw.database() else {
        return Ok(None);
    };
    if has_option_mark(written) {
        return Err(at_database(Fault::OptionsInName));
    } else if mistakes::ends_with_quote(written) && !raw.rules.file {
        return Err(Error::at(Component::Value, Fault::ClosingQuote));
    }
    let decoded = match in_path.has(ByteClasses::PERCENT) {
        true => Some(secret::decode_wiped(written).map_err(at_database)?),
        false => None,
    };
    let name = decoded.as_deref().unwrap_or(written);
    let has_edge_slash = || written.starts_with('/') || written.ends_with('/');
    if raw.rules.file || raw.rules.slash_is_database && written == "/" {
        Ok(decoded)
    } else if !raw.rules.slash_is_database && has_edge_slash() {
        Err(at_database(Fault::EdgeSlash))
    } else if name.contains(raw.rules.not_in_database) {
        Err(at_database(Fault::DatabaseCharacter(raw.rules.kind)))
    } else if written.contains('/') {
        Err(at_database(Fault::Unencoded(Raw::Slash)))
    } else {
        Ok(decoded)
    }
}

/// Checks host names beyond ASCII once everything else is known to be well-formed, including by the rules of the kind. A URL
/// that breaks one of those is refused as soon as its kind is expected.
#[cold]
fn with_international_hosts(
    raw: &RawUrl<'_>,
    decoded: DecodedParts,
    expected: Option<Kind>,
) -> Result<ResourceUrl, Error> {
    let url = decoded.into_url(raw);
    match kinds::check(&url) {
        Ok(()) => {
            for host in &*url.hosts {
                if host.is_international() {
                    host.check_idna().map_err(|error| explain_host(raw, error))?;
                }
            }
        }
        Err(error) if expected.is_some() => return Err(error),
        Err(_) => {}
    }
    Ok(url)
}
