//! From text to a [`ResourceUrl`]: the checks that all kinds share, in the order that gives the truest message.
//!
//! Of what it calls, most has this one caller, in another codegen unit: `#[inline]` is there for that, and makes a tenth.

use super::host::{Credentials, Hosts};
use super::in_query::{self, Endpoint};
use super::sorts::Sorts;
use super::split::{self, Parts, Span, check_plain};
use super::{Host, ResourceUrl, mongo_options, query};
use crate::error::{Blank, Component, Error, Fault, Raw};
use crate::kind::Kind;
use crate::placeholder;
use crate::reads::Mark;
use crate::scheme::{self, Rules, Scheme};
use crate::secret::{self, Pieces, Wiped};
use secrecy::{ExposeSecret, SecretString};

impl ResourceUrl {
    /// Reads a URL of the expected kind, or of any.
    pub(super) fn parse(text: &str, expected: Option<Kind>, mark: Mark) -> Result<Self, Error> {
        secret::with_clean_stack(|| Self::parse_text(text, expected, mark))
    }

    #[inline]
    fn parse_text(text: &str, expected: Option<Kind>, mark: Mark) -> Result<Self, Error> {
        check_surroundings(text)?;
        let (scheme_span, scheme) = split::scheme(text, expected)?;
        let kind = scheme.map_or(Kind::Other, |scheme| scheme.kind);
        if let Some(expected) = expected.filter(|&expected| expected != kind) {
            return Err(wrong_kind(scheme_span.of(text), kind, expected));
        }
        let is_list = |scheme| split::is_url_list(text, scheme);
        Self::parse_kind(text, scheme_span, scheme, kind, mark).map_err(|error| match scheme {
            Some(scheme) if is_list(scheme) => url_list(text, scheme, error),
            _ => error,
        })
    }

    #[inline]
    fn parse_kind(
        text: &str,
        scheme_span: Span,
        scheme: Option<&'static Scheme>,
        kind: Kind,
        mark: Mark,
    ) -> Result<Self, Error> {
        let rules = kind.rules();
        let may_hold_at: fn(&str) -> bool = match kind {
            Kind::Mongo => mongo_options::is_known,
            _ => |_| false,
        };
        let mut parts = split::split(text, scheme_span, rules, may_hold_at)?;
        parts.path_is_socket = is_socket_in_path(text, &parts, scheme, rules);
        check_properties(text, &parts, rules)?;
        check_stand_ins(text, &parts, rules)?;
        check_beyond_hosts(text, &parts, rules)?;
        let hosts =
            read_hosts(text, &parts, scheme, rules).map_err(|error| parts.explain(text, rules, error))?;
        if let Some(scheme) = scheme {
            check_sockets(&hosts, scheme)?;
        }
        let (username, password) = read_credentials(text, &parts, scheme, rules, &hosts)?;
        let in_query = match scheme.is_some_and(|scheme| scheme.path_is_socket) {
            true => {
                in_query::value(text, &parts, SOCKET_DATABASE).map(|name| Wiped::from(name.expose_secret()))
            }
            false => in_query::database(text, &parts, rules),
        };
        let in_path = read_database(text, &parts, rules)?;
        let decoded_database = in_query.or(in_path);
        let url = Self {
            text: Wiped::from(text),
            for_drivers: for_drivers(text, &parts, scheme, rules),
            parts,
            rules,
            scheme,
            username,
            password,
            hosts,
            decoded_database,
            mark: Mark::default(),
        };
        url.check_international_hosts()?;
        Ok(url.with_mark(mark))
    }

    /// Checks host names beyond ASCII once all else is known to be well-formed, by the rules of the kind as well. A URL that
    /// breaks one of those is refused as soon as its kind is asked for.
    fn check_international_hosts(&self) -> Result<(), Error> {
        let mut hosts = self
            .hosts
            .iter()
            .filter(|host| host.is_international())
            .peekable();
        if hosts.peek().is_none() || self.check_typed().is_err() {
            return Ok(());
        }
        let check = |host: &Host| host.check_idna();
        hosts
            .try_for_each(check)
            .map_err(|error| self.parts.explain(&self.text, self.rules, error))
    }
}

/// Refuses blanks around a value, and quotes around the whole of it.
#[inline]
pub(crate) fn check_edges(text: &str) -> Result<(), Error> {
    let first = text.chars().next();
    let last = text.chars().next_back();
    let is_quote = |edge: &char| matches!(edge, '"' | '\'' | '`');
    let fault = match (first.and_then(blank), last.and_then(blank)) {
        (Some(blank), _) => Fault::Leading(blank),
        (None, Some(blank)) => Fault::Trailing(blank),
        _ if text.len() > 1 && first == last && first.as_ref().is_some_and(is_quote) => Fault::Quotes,
        _ => return Ok(()),
    };
    Err(Error::at(Component::Value, fault))
}

/// Refuses what surrounds a URL by mistake, and what stands in its place until somebody fills it in.
#[inline]
pub(super) fn check_surroundings(text: &str) -> Result<(), Error> {
    check_edges(text)?;
    let fault = match text.chars().next() {
        None => Fault::Empty,
        // No URL starts with a quote, whether or not one ends it.
        Some('"' | '\'' | '`') => Fault::Quotes,
        Some('“' | '”' | '„' | '‘' | '’' | '«' | '»') => Fault::TypographicQuotes,
        Some('$') => Fault::Reference,
        Some('<') => Fault::Placeholder,
        Some(_) => match placeholder::in_credential(text) {
            Some(fault @ (Fault::Reference | Fault::Placeholder)) if !has_known_scheme(text) => fault,
            _ => return Ok(()),
        },
    };
    Err(Error::at(Component::Value, fault))
}

/// A kind of the app's own may have the scheme of a reference, such as `vault`.
fn has_known_scheme(text: &str) -> bool {
    text.split_once("://")
        .is_some_and(|(scheme, _)| scheme::find_scheme(scheme).is_some())
}

fn blank(character: char) -> Option<Blank> {
    Some(match character {
        '!'..='~' => return None,
        ' ' => Blank::Space,
        '\t' => Blank::Tab,
        '\n' | '\r' => Blank::LineBreak,
        '\u{FEFF}' => Blank::ByteOrderMark,
        _ if split::is_blank(character) => Blank::Invisible,
        _ => return None,
    })
}

/// The error for a URL of another kind than the expected one.
#[cold]
pub(super) fn wrong_kind(scheme: &str, kind: Kind, expected: Kind) -> Error {
    if kind == Kind::Other {
        let fault = match scheme::closest_scheme(scheme) {
            Some(close) => Fault::MisspeltScheme(close),
            None => Fault::UnknownScheme(expected.example()),
        };
        Error::at(Component::Scheme, fault)
    } else {
        let found = kind;
        Error::at(Component::Value, Fault::WrongKind { found, expected })
    }
}

/// The error for a list of whole URLs, where the kind has another form for several hosts, or none.
#[cold]
fn url_list(text: &str, scheme: &Scheme, error: Error) -> Error {
    let rules = scheme.kind.rules();
    let at_host = |fault| Error::at(Component::Host, fault);
    match rules {
        Rules {
            scheme_per_host: true,
            ..
        } if text.contains(char::is_whitespace) => at_host(Fault::of_blanks_in_list(text)),
        Rules {
            scheme_per_host: true,
            ..
        } if text.contains(';') => at_host(Fault::SemicolonsInHostList),
        Rules {
            scheme_per_host: true,
            ..
        } => error,
        Rules { host_list: true, .. } => {
            Error::at(Component::Value, Fault::UrlListOfHosts(scheme.for_drivers))
        }
        _ => Error::at(Component::Value, Fault::UrlList(rules.kind)),
    }
}

/// Returns whether the path stands for the host, as in `redis+unix:///run/redis.sock`.
fn is_socket_in_path(text: &str, parts: &Parts, scheme: Option<&Scheme>, rules: &Rules) -> bool {
    let has_path = || parts.path().is_some_and(|path| path.of(text) != "/");
    (rules.is_socket_in_path() || scheme.is_some_and(|scheme| scheme.path_is_socket))
        && parts.hosts().is_empty()
        && has_path()
}

fn check_sockets(hosts: &[Host], scheme: &Scheme) -> Result<(), Error> {
    match scheme.path_is_socket && !hosts.iter().all(Host::is_socket) {
        true => Err(Error::at(Component::Host, Fault::SocketScheme(scheme.spelling))),
        false => Ok(()),
    }
}

/// Refuses a database or the value of an option that is a placeholder or a reference. URLs of web services may be
/// templates of the app's own.
fn check_stand_ins(text: &str, parts: &Parts, rules: &Rules) -> Result<(), Error> {
    let may_be_any = Sorts::SUSPECT | Sorts::BRACKET | Sorts::PERCENT | Sorts::NOT_GRAPHIC | Sorts::COLON;
    if !rules.datastore {
        return Ok(());
    }
    let check = |part: &str, component| match placeholder::in_credential(part) {
        Some(fault) => Err(Error::at(component, fault)),
        None => Ok(()),
    };
    if let Some(name) = written_database(text, parts, rules).filter(|_| parts.in_path.has(may_be_any)) {
        check(name, Component::Database)?;
        // `shop_${STAGE}`
        if ["${", "{{", "$("].iter().any(|start| name.contains(start)) {
            return Err(Error::at(Component::Database, Fault::Reference));
        }
    }
    match parts.query().filter(|_| parts.beyond_path.has(may_be_any)) {
        Some(query) => query::options(query.of(text))
            .try_for_each(|option| check(option.value().unwrap_or_default(), Component::Query)),
        None => Ok(()),
    }
}

/// Refuses SQL Server's own form, `sqlserver://host:1433;user=sa;password=…`, by its name.
fn check_properties(text: &str, parts: &Parts, rules: &Rules) -> Result<(), Error> {
    /// Names that show a password with an `@` for what it is, before which it would be user information.
    const NAMES: [&str; 6] = ["user", "uid", "password", "pwd", "database", "encrypt"];
    let names = |part: Span| {
        let pieces = part.of(text).split(';').skip(1);
        pieces.filter_map(|piece| Some(piece.split_once('=')?.0))
    };
    let is_known = |name: &str| NAMES.iter().any(|known| known.eq_ignore_ascii_case(name));
    let has_properties = |part| names(part).next().is_some() || names(parts.before_hosts()).any(is_known);
    let mut places = [Some(parts.hosts()), parts.path()].into_iter().flatten();
    match rules.kind == Kind::Sqlserver && places.any(has_properties) {
        true => Err(Error::at(Component::Value, Fault::PropertyForm(rules.example))),
        false => Ok(()),
    }
}

/// Checks path, query and fragment: nothing raw that must be encoded, and every escape whole.
#[inline]
fn check_beyond_hosts(text: &str, parts: &Parts, rules: &Rules) -> Result<(), Error> {
    if parts.beyond_hosts().has(Sorts::NOT_GRAPHIC | Sorts::PERCENT) {
        let path = match rules.database {
            _ if parts.path_is_socket => Component::Host,
            true => Component::Database,
            false => Component::Path,
        };
        check_part(text, parts.path(), parts.in_path, path)?;
        check_part(text, parts.query(), parts.beyond_path, Component::Query)?;
        check_part(text, parts.fragment(), parts.beyond_path, Component::Fragment)?;
    }
    let has_path = || parts.path().is_some_and(|path| path.of(text) != "/");
    if rules.datastore && !rules.database && !parts.path_is_socket && has_path() {
        return Err(Error::at(Component::Path, Fault::NoPath(rules.kind)));
    }
    Ok(())
}

fn check_part(text: &str, part: Option<Span>, sorts: Sorts, component: Component) -> Result<(), Error> {
    let part = part.map_or("", |part| part.of(text));
    if sorts.has(Sorts::NOT_GRAPHIC) {
        check_plain(part, component)?;
    }
    if sorts.has(Sorts::PERCENT) {
        secret::check_escapes(part).map_err(|fault| Error::at(component, fault))?;
    }
    Ok(())
}

/// The name of the database, as it is written. The path of a file keeps its first `/`.
pub(super) fn written_database<'t>(text: &'t str, parts: &Parts, rules: &Rules) -> Option<&'t str> {
    let path = parts.path().filter(|_| !parts.path_is_socket)?.of(text);
    match rules {
        Rules { file: true, .. } => Some(path),
        Rules { database: true, .. } => Some(&path[1..]),
        _ => None,
    }
}

/// Delimiters of options. Unencoded in the name of a database, they show that options are glued to it.
pub(crate) const OPTION_MARKS: [char; 3] = [';', '&', '='];

/// Decodes the name of the database, if it has escapes. A second `/` is an unencoded one of the name, or a password's.
#[inline]
fn read_database(text: &str, parts: &Parts, rules: &Rules) -> Result<Option<Wiped>, Error> {
    let at_database = |fault| Error::at(Component::Database, fault);
    let Some(written) = written_database(text, parts, rules) else {
        return Ok(None);
    };
    if !parts.in_path.has(Sorts::NOT_GRAPHIC | Sorts::NOT_IN_NAME) {
        return Ok(None);
    }
    if written.contains(OPTION_MARKS) {
        return Err(at_database(Fault::OptionsInName));
    }
    let decoded = match parts.in_path.has(Sorts::PERCENT) {
        true => Some(secret::decode_wiped(written).map_err(at_database)?),
        false => None,
    };
    let name = decoded.as_deref().unwrap_or(written);
    if rules.file {
        Ok(decoded)
    } else if name.contains(rules.not_in_database) {
        Err(at_database(Fault::DatabaseCharacter(rules.kind)))
    } else if written.contains('/') {
        Err(at_database(Fault::Unencoded(Raw::Slash)))
    } else {
        Ok(decoded)
    }
}

/// User name and password, from before the `@`, and from the options that some kinds, and JDBC, have them in. Where a
/// part stands in both places, the option counts, as it does for libpq.
#[inline]
fn read_credentials(
    text: &str,
    parts: &Parts,
    scheme: Option<&Scheme>,
    rules: &Rules,
    hosts: &Hosts,
) -> Result<(Option<SecretString>, Option<SecretString>), Error> {
    let in_query = |names| in_query::value(text, parts, names);
    let (username, password) = match parts.user_info() {
        Some(user_info) => {
            let Credentials { username, password } = Credentials::read(text, user_info, parts.in_user_info)?;
            (Some(username), password)
        }
        None if scheme.is_some_and(Scheme::is_jdbc) => {
            (in_query(&[JDBC_USERNAME]), in_query(&[JDBC_PASSWORD]))
        }
        None if scheme.is_some_and(|scheme| scheme.path_is_socket) => {
            (in_query(SOCKET_USERNAME), in_query(SOCKET_PASSWORD))
        }
        None => match hosts.common_credentials().filter(|_| parts.has_scheme_in_hosts()) {
            Some(common) => (Some(common.username.clone()), common.password.clone()),
            None => (None, None),
        },
    };
    Ok((
        in_query(rules.part_options.username).or(username),
        in_query(rules.part_options.password).or(password),
    ))
}

// Options of a socket's URL, in the spellings of the redis crate, redis-py and Celery.
const SOCKET_USERNAME: &[&str] = &["user", "username"];
const SOCKET_PASSWORD: &[&str] = &["pass", "password"];
const SOCKET_DATABASE: &[&str] = &["db", "virtual_host"];

const JDBC_USERNAME: &str = "user";
const JDBC_PASSWORD: &str = "password";

#[inline]
fn read_hosts(text: &str, parts: &Parts, scheme: Option<&Scheme>, rules: &Rules) -> Result<Hosts, Error> {
    let Some(endpoint) = Endpoint::read(text, parts, rules) else {
        return read_written_hosts(text, parts, scheme, rules);
    };
    let list = parts.hosts().of(text);
    let lone_port = list.strip_prefix(':').filter(|_| endpoint.names_hosts());
    let written = match list.is_empty() && endpoint.names_hosts() || lone_port.is_some() {
        true => Hosts::List(Vec::new()),
        false => read_written_hosts(text, parts, scheme, rules)?,
    };
    endpoint.apply(written, lone_port, scheme, rules)
}

/// The hosts before the path.
#[inline]
fn read_written_hosts(
    text: &str,
    parts: &Parts,
    scheme: Option<&Scheme>,
    rules: &Rules,
) -> Result<Hosts, Error> {
    let at_host = |fault| Err(Error::at(Component::Host, fault));
    let list = parts.hosts().of(text);
    if let Some(path) = parts.path().filter(|_| parts.path_is_socket) {
        if path.of(text).contains(OPTION_MARKS) {
            return at_host(Fault::OptionsInName);
        }
        return Host::of_socket(path.of(text)).map(Hosts::One);
    }
    if list.is_empty() {
        return match parts.path() {
            _ if rules.empty_host || has_odbc_string(text, parts, rules) => Ok(Hosts::List(Vec::new())),
            _ if scheme.is_some_and(|scheme| scheme.path_is_socket) => {
                at_host(Fault::SocketScheme(scheme.map_or("", |scheme| scheme.spelling)))
            }
            Some(path) if rules.sockets && path.of(text)[1..].contains('/') => {
                at_host(Fault::UnencodedSocket)
            }
            _ => at_host(Fault::EmptyHost),
        };
    }
    let is_list = parts.in_hosts.has(Sorts::COMMA);
    if is_list && !rules.host_list {
        return at_host(Fault::HostList(rules.kind));
    }
    if !is_list {
        let part = split::host(text, parts.hosts(), parts, rules)?;
        return Ok(Hosts::One(Host::new(text, &part, scheme, rules, parts)?));
    }
    read_list(text, parts, scheme, rules).map(Hosts::List)
}

/// Returns whether an option has the host, as in `mssql+pyodbc:///?odbc_connect=…`.
fn has_odbc_string(text: &str, parts: &Parts, rules: &Rules) -> bool {
    rules.kind == Kind::Sqlserver && in_query::value(text, parts, &["odbc_connect"]).is_some()
}

fn read_list(text: &str, parts: &Parts, scheme: Option<&Scheme>, rules: &Rules) -> Result<Vec<Host>, Error> {
    let items = || split::host_items(text, parts).filter(|item| rules.has_host_rules() || !item.is_empty());
    let mut hosts = Vec::with_capacity(items().count());
    for item in items() {
        let part = split::host(text, item, parts, rules)?;
        if part.name.is_empty() && !part.bracketed {
            return Err(Error::at(Component::Host, Fault::EmptyHostInList));
        }
        hosts.push(Host::new(text, &part, scheme, rules, parts)?);
    }
    Ok(hosts)
}

/// What drivers are handed, if it differs from the text.
#[inline]
fn for_drivers(text: &str, parts: &Parts, scheme: Option<&Scheme>, rules: &Rules) -> Option<Wiped> {
    let scheme = scheme?;
    let is_jdbc = scheme.is_jdbc() && parts.user_info().is_none();
    let jdbc_options: &[&str] = match is_jdbc {
        true => &[JDBC_USERNAME, JDBC_PASSWORD],
        false => &[],
    };
    let is_for_drivers = |option: &query::RawOption<'_>| {
        let is_one_of = |names: &[&str]| names.iter().any(|name| option.is_named(name, false));
        !is_one_of(rules.options_not_for_drivers) && !is_one_of(jdbc_options)
    };
    let options = || query::options(parts.query().map_or("", |query| query.of(text)));
    let same_options = parts.query().is_none() || options().all(|option| is_for_drivers(&option));
    let has_raw_at = rules.first_at_for_drivers && parts.in_user_info.has(Sorts::AT);
    if same_options && !has_raw_at && scheme.for_drivers == parts.scheme().of(text) {
        return None;
    }
    let mut url = secret::put_together(|url| {
        url.push(scheme.for_drivers);
        url.push(parts.beyond_scheme().of(text));
        if is_jdbc {
            push_jdbc_credentials(url, text, parts);
        }
        push_user_info(url, parts.before_hosts().of(text), has_raw_at);
        if same_options {
            url.push(&text[parts.hosts().start..]);
            return;
        }
        // Only datastores have such options, and their URLs have no fragment: the query is the end.
        let query_start = parts.query().map_or(text.len(), |query| query.start - 1);
        url.push(&text[parts.hosts().start..query_start]);
        for (index, option) in options().filter(is_for_drivers).enumerate() {
            url.push(if index == 0 { "?" } else { "&" });
            url.push(option.name());
            if let Some(value) = option.value() {
                url.push("=");
                url.push(value);
            }
        }
    });
    Some(Wiped::from(std::mem::take(&mut *url)))
}

/// With its `@`, the last; others are encoded where drivers would end it at the first.
fn push_user_info(url: &mut Pieces, user_info: &str, has_raw_at: bool) {
    match user_info.strip_suffix('@').filter(|_| has_raw_at) {
        Some(before) => {
            for (index, piece) in before.split('@').enumerate() {
                url.push(if index == 0 { "" } else { "%40" });
                url.push(piece);
            }
            url.push("@");
        }
        None => url.push(user_info),
    }
}

fn push_jdbc_credentials(url: &mut Pieces, text: &str, parts: &Parts) {
    let username = in_query::value(text, parts, &[JDBC_USERNAME]);
    let password = in_query::value(text, parts, &[JDBC_PASSWORD]);
    if let Some(username) = &username {
        url.push_encoded(username.expose_secret());
    }
    if let Some(password) = &password {
        url.push(":");
        url.push_encoded(password.expose_secret());
    }
    if username.is_some() || password.is_some() {
        url.push("@");
    }
}
