//! From text to a [`ResourceUrl`]: the checks that all kinds share, in the order that gives the truest message.

use super::host::decode_part;
use super::split::{self, Parts, Sorts, check_plain};
use super::{Host, ResourceUrl, mongo_options, query};
use crate::error::{Blank, Component, Error, Fault, Raw};
use crate::kind::{self, Kind, Rules, Scheme};
use crate::reads::Mark;
use crate::secret;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

impl ResourceUrl {
    /// Reads a URL of the expected kind, or of any.
    pub(super) fn parse(text: &str, expected: Option<Kind>) -> Result<Self, Error> {
        secret::with_clean_stack(|| Self::parse_text(text, expected))
    }

    fn parse_text(text: &str, expected: Option<Kind>) -> Result<Self, Error> {
        check_surroundings(text)?;
        let example = expected.map_or("https", |kind| kind.example());
        let (scheme_span, start) = split::scheme(text, example)?;
        let scheme = kind::find_scheme(scheme_span.of(text));
        let kind = scheme.map_or(Kind::Other, |scheme| scheme.kind);
        if let Some(expected) = expected {
            check_kind(scheme_span.of(text), kind, expected)?;
        }
        let rules = kind.rules();
        let may_hold_at: fn(&str) -> bool = match kind {
            Kind::Mongo => mongo_options::is_known,
            _ => |_| false,
        };
        let parts = split::split(text, scheme_span, start, rules, may_hold_at, Sorts::of(text))?;
        check_beyond_hosts(text, &parts, rules)?;
        let hosts = read_hosts(text, &parts, scheme, rules).map_err(|error| parts.explain(text, error))?;
        let (username, password) = read_credentials(text, &parts, scheme)?;
        let database = match parts.path {
            Some(path) if rules.file => Some(decode_database(path.of(text))?),
            Some(path) if rules.database => Some(read_database(&path.of(text)[1..], rules)?),
            _ => None,
        };
        Ok(Self {
            text: SecretString::from(text),
            for_drivers: for_drivers(text, &parts, scheme, rules),
            parts,
            rules,
            scheme,
            username,
            password,
            hosts,
            database,
            mark: Mark::default(),
        })
    }
}

/// Refuses blanks around a value, and quotes around the whole of it.
pub(crate) fn check_edges(text: &str) -> Result<(), Error> {
    let is_quoted = |quote: char| text.strip_prefix(quote).is_some_and(|rest| rest.ends_with(quote));
    let first = text.chars().next().and_then(blank);
    let last = text.chars().next_back().and_then(blank);
    let fault = match (first, last) {
        (Some(blank), _) => Fault::Leading(blank),
        (None, Some(blank)) => Fault::Trailing(blank),
        _ if ['"', '\'', '`'].into_iter().any(is_quoted) => Fault::Quotes,
        _ => return Ok(()),
    };
    Err(Error::at(Component::Value, fault))
}

/// Refuses what surrounds a URL by mistake, and what stands in its place until somebody fills it in.
pub(super) fn check_surroundings(text: &str) -> Result<(), Error> {
    check_edges(text)?;
    let fault = match text.chars().next() {
        None => Fault::Empty,
        // No URL starts with a quote, whether or not one ends it.
        Some('"' | '\'' | '`') => Fault::Quotes,
        Some('“' | '”' | '„' | '‘' | '’' | '«' | '»') => Fault::TypographicQuotes,
        Some('$') => Fault::Reference,
        Some('<') => Fault::Placeholder,
        Some(_) => return Ok(()),
    };
    Err(Error::at(Component::Value, fault))
}

fn blank(character: char) -> Option<Blank> {
    Some(match character {
        ' ' => Blank::Space,
        '\t' => Blank::Tab,
        '\n' | '\r' => Blank::LineBreak,
        '\u{FEFF}' => Blank::ByteOrderMark,
        _ if split::is_blank(character) => Blank::Invisible,
        _ => return None,
    })
}

pub(super) fn check_kind(scheme: &str, kind: Kind, expected: Kind) -> Result<(), Error> {
    if kind == expected {
        return Ok(());
    }
    Err(if kind == Kind::Other {
        let fault = match kind::closest_scheme(scheme) {
            Some(close) => Fault::MisspeltScheme(close),
            None => Fault::UnknownScheme(expected.example()),
        };
        Error::at(Component::Scheme, fault)
    } else {
        let found = kind;
        Error::at(Component::Value, Fault::WrongKind { found, expected })
    })
}

/// Checks path, query and fragment: nothing raw that must be encoded, and every escape whole.
fn check_beyond_hosts(text: &str, parts: &Parts, rules: &Rules) -> Result<(), Error> {
    let path = match rules.database {
        true => Component::Database,
        false => Component::Path,
    };
    let beyond = [
        (parts.path, path),
        (parts.query, Component::Query),
        (parts.fragment, Component::Fragment),
    ];
    if parts.sorts.has(Sorts::NOT_GRAPHIC | Sorts::PERCENT) {
        for (part, component) in beyond {
            let Some(part) = part else { continue };
            check_plain(part.of(text), component)?;
            secret::check_escapes(part.of(text)).map_err(|fault| Error::at(component, fault))?;
        }
    }
    let has_path = parts.path.is_some_and(|path| path.of(text) != "/");
    if has_path && rules.datastore && !rules.database {
        return Err(Error::at(Component::Path, Fault::NoPath(rules.kind)));
    }
    Ok(())
}

/// Reads what follows a datastore's first `/`. A second one is an unencoded one of the name, or a password's.
fn read_database(raw: &str, rules: &Rules) -> Result<Zeroizing<String>, Error> {
    let at_database = |fault| Error::at(Component::Database, fault);
    let name = decode_database(raw)?;
    if name.contains(rules.not_in_database) {
        Err(at_database(Fault::DatabaseCharacter(rules.kind)))
    } else if raw.contains('/') {
        Err(at_database(Fault::Unencoded(Raw::Slash)))
    } else {
        Ok(name)
    }
}

fn decode_database(raw: &str) -> Result<Zeroizing<String>, Error> {
    secret::decode(raw).map_err(|fault| Error::at(Component::Database, fault))
}

/// User name and password, from before the `@`, or, for JDBC, from the options that it has them in.
fn read_credentials(
    text: &str,
    parts: &Parts,
    scheme: Option<&Scheme>,
) -> Result<(Option<SecretString>, Option<SecretString>), Error> {
    if let Some(user_info) = parts.user_info {
        let username = decode_part(text, user_info.username, Component::Username)?;
        let password = user_info
            .password
            .map(|part| decode_part(text, part, Component::Password));
        return Ok((Some(username), password.transpose()?));
    }
    if !scheme.is_some_and(Scheme::is_jdbc) {
        return Ok((None, None));
    }
    Ok((
        query_value(text, parts, JDBC_USERNAME),
        query_value(text, parts, JDBC_PASSWORD),
    ))
}

const JDBC_USERNAME: &str = "user";
const JDBC_PASSWORD: &str = "password";

fn query_value(text: &str, parts: &Parts, name: &str) -> Option<SecretString> {
    let query = parts.query?.of(text);
    // The last one counts, as libpq and the JDBC drivers have it.
    query::options(query)
        .filter(|option| option.is_named(name, false))
        .last()?
        .decoded_value()
}

fn read_hosts(text: &str, parts: &Parts, scheme: Option<&Scheme>, rules: &Rules) -> Result<Vec<Host>, Error> {
    let at_host = |fault| Err(Error::at(Component::Host, fault));
    let list = parts.hosts.of(text);
    let in_query = match rules.hosts_in_query {
        true => query_value(text, parts, "host"),
        false => None,
    };
    if let Some(hosts) = in_query {
        if !list.is_empty() {
            return Err(Error::at(Component::Query, Fault::HostTwice));
        }
        let ports = query_value(text, parts, "port");
        return read_hosts_of_query(&hosts, ports.as_ref(), scheme, rules);
    }
    if list.is_empty() {
        return match parts.path {
            _ if rules.empty_host => Ok(Vec::new()),
            Some(path) if rules.sockets && path.of(text)[1..].contains('/') => {
                at_host(Fault::UnencodedSocket)
            }
            _ => at_host(Fault::EmptyHost),
        };
    }
    // libpq takes it in place of the default, or of the written one; other drivers do not.
    if rules.hosts_in_query && query_value(text, parts, "port").is_some() {
        return Err(Error::at(Component::Query, Fault::PortApart));
    }
    let commas = match parts.sorts.has(Sorts::COMMA) {
        true => list.bytes().filter(|&byte| byte == b',').count(),
        false => 0,
    };
    if commas > 0 && !rules.host_list {
        return at_host(Fault::HostList(rules.kind));
    }
    let mut hosts = Vec::with_capacity(commas + 1);
    for part in split::hosts(text, parts, rules) {
        let part = part?;
        if commas > 0 && part.name.is_empty() && !part.bracketed {
            return at_host(Fault::EmptyHostInList);
        }
        let host = Host::new(text, part, scheme, rules, parts)?;
        // `ifttt://TOKEN/`: of an unknown scheme, only what stands behind user information is a host for certain.
        let is_certain = rules.kind != Kind::Other || parts.user_info.is_some();
        hosts.push(if is_certain { host } else { host.hidden() });
    }
    Ok(hosts)
}

/// Reads libpq's options `host` and `port`, each a list; one port stands for all hosts.
fn read_hosts_of_query(
    hosts: &SecretString,
    ports: Option<&SecretString>,
    scheme: Option<&Scheme>,
    rules: &Rules,
) -> Result<Vec<Host>, Error> {
    let hosts = hosts.expose_secret();
    let ports = ports
        .map(ExposeSecret::expose_secret)
        .filter(|ports| !ports.is_empty());
    let count = |list: &str| list.bytes().filter(|&byte| byte == b',').count() + 1;
    let one_for_all = ports.filter(|ports| count(ports) == 1);
    if ports.is_some_and(|ports| count(ports) != 1 && count(ports) != count(hosts)) {
        return Err(Error::at(Component::Port, Fault::PortCount));
    }
    let mut each = ports.unwrap_or_default().split(',');
    let mut read = Vec::with_capacity(count(hosts));
    for host in hosts.split(',') {
        let own = each.next().filter(|port| !port.is_empty());
        read.push(Host::of_option(host, one_for_all.or(own), scheme, rules)?);
    }
    Ok(read)
}

/// What drivers are handed, if it differs from the text.
fn for_drivers(text: &str, parts: &Parts, scheme: Option<&Scheme>, rules: &Rules) -> Option<SecretString> {
    let scheme = scheme?;
    let is_jdbc = scheme.is_jdbc() && parts.user_info.is_none();
    let user_info = &text[parts.authority.start..parts.hosts.start];
    let raw_ats = match rules.first_at_for_drivers {
        // The last one ends the user information.
        true => user_info
            .bytes()
            .filter(|&byte| byte == b'@')
            .count()
            .saturating_sub(1),
        false => 0,
    };
    let jdbc_options: &[&str] = if is_jdbc {
        &[JDBC_USERNAME, JDBC_PASSWORD]
    } else {
        &[]
    };
    let is_for_drivers = |option: &query::RawOption<'_>| {
        let mut dropped = rules.options_not_for_drivers.iter().chain(jdbc_options);
        !dropped.any(|name| option.is_named(name, false))
    };
    let query = parts.query.map(|query| query.of(text)).unwrap_or_default();
    let has_dropped = !rules.options_not_for_drivers.is_empty() || !jdbc_options.is_empty();
    let same_options = !has_dropped || query::options(query).all(|option| is_for_drivers(&option));
    if same_options && raw_ats == 0 && scheme.for_drivers == parts.scheme.of(text) {
        return None;
    }
    // `%40` for `@` takes two more each; a JDBC credential that is encoded anew, three for one.
    let room = scheme.for_drivers.len() + 3 * text.len() + "://:@".len();
    let mut url = Zeroizing::new(String::with_capacity(room));
    url.push_str(scheme.for_drivers);
    url.push_str("://");
    if is_jdbc {
        push_jdbc_credentials(&mut url, text, parts);
    }
    for (index, piece) in user_info.splitn(raw_ats + 1, '@').enumerate() {
        url.push_str(if index == 0 { "" } else { "%40" });
        url.push_str(piece);
    }
    if same_options {
        url.push_str(&text[parts.hosts.start..]);
    } else {
        // Only datastores have such options, and their URLs have no fragment: the query is the end.
        let query_start = parts.query.map_or(text.len(), |query| query.start - 1);
        url.push_str(&text[parts.hosts.start..query_start]);
        for (index, option) in query::options(query).filter(is_for_drivers).enumerate() {
            url.push(if index == 0 { '?' } else { '&' });
            url.push_str(option.name);
            if let Some(value) = option.value {
                url.push('=');
                url.push_str(value);
            }
        }
    }
    Some(SecretString::from(url.as_str()))
}

fn push_jdbc_credentials(url: &mut Zeroizing<String>, text: &str, parts: &Parts) {
    let username = query_value(text, parts, JDBC_USERNAME);
    let password = query_value(text, parts, JDBC_PASSWORD);
    if let Some(username) = &username {
        secret::push_encoded(url, username.expose_secret());
    }
    if let Some(password) = &password {
        url.push(':');
        secret::push_encoded(url, password.expose_secret());
    }
    if username.is_some() || password.is_some() {
        url.push('@');
    }
}
