//! TLS that config vars beside a host ask for: `REDIS_TLS_ENABLED`, `MYSQL_SSL_CA`, `PGSSLMODE`.
//!
//! Each becomes an option of the URL that is put together from the parts, so that the rules of URLs combine them. A config var
//! that cannot become one is a fault: it is never ignored, because it may ask for TLS.

use super::names::{has_word, url_stem};
use super::part_group::{PartGroup, at_value, check_part, is_set};
use super::tables::{HOST, SERVER_LISTS, URL_SUFFIXES, row_of};
use super::tls_tables::{
    CHANNEL_BINDING, FILE_SUFFIXES, OPTION_OWNERS, PEM_ROOTS, PHP_ATTRIBUTE, QUERIES, SERVICE_HOST,
    SERVICE_PORT, SSL_FROM_BEGINNING, TLS_COMPANIONS, TLS_DEMANDS, TLS_DENIALS, TLS_FROM_BEGINNING,
    TLS_MODES, TLS_OPTIONS, TLS_PORTS, TLS_ROOTS, TLS_SWITCHES, TLS_WITHIN, TLS_WORDS,
};
use super::values::{is_no, is_private_key, is_yes};
use crate::error::{Error, Fault};
use crate::kind::Kind;
use crate::list::mapped;
use crate::scheme::TlsMeaning;
use crate::secret;
use crate::snapshot::{ConfigVars, Var};
use crate::text::before_ending;
use crate::tls::Tls;
use crate::url::UrlParts;
use secrecy::ExposeSecret;

/// An option of the URL, and the config var that it comes from.
struct TlsPart<'v> {
    option: &'static str,
    value: &'v str,
    var: &'v str,
}

/// The TLS options of a resource in parts.
#[derive(Default)]
pub(super) struct TlsParts<'v> {
    parts: Vec<TlsPart<'v>>,
    /// The config var with PEM text of authorities, which no option can have.
    pem_roots: Option<&'v Var>,
    /// The config var with a port that is for TLS only.
    pub(super) port: Option<&'v Var>,
}

/// The meaning of a config var for TLS, by its name.
pub(super) enum TlsEnding {
    /// The options that may have its value, the most likely first.
    Options(Vec<&'static str>),
    ChannelBinding,
    Port,
    /// It has options as the query of a URL has them, some of TLS: `sslmode=require&connect_timeout=5`.
    Query,
    /// It concerns TLS in an unknown way.
    Unknown,
}

/// Returns the config vars of a group that concern TLS, each with what it means.
pub(super) fn tls_vars<'v>(vars: &'v ConfigVars, group: PartGroup<'_>) -> Vec<(&'v Var, TlsEnding)> {
    let mut found = Vec::new();
    for (var, ending) in group.members(vars) {
        if !is_set(&var.value) || url_stem(&var.name).is_some() {
            continue;
        }
        let is_query = || has_tls_query(group.kind, var, ending) && !is_of_other_group(vars, group, ending);
        let meaning = TlsEnding::of(vars, group, ending);
        let Some(meaning) = meaning.or_else(|| is_query().then_some(TlsEnding::Query)) else {
            continue;
        };
        let is_glued = || !var.name[group.stem.len()..].starts_with('_');
        // `PGBOUNCER_TLS_POLICY` only begins with the same letters.
        let is_other = matches!(meaning, TlsEnding::Unknown) && ending.contains('_') && is_glued();
        if !is_other {
            found.push((var, meaning));
        }
    }
    found
}

impl TlsEnding {
    fn of(vars: &ConfigVars, group: PartGroup<'_>, ending: &str) -> Option<Self> {
        let spelled = ending.to_ascii_uppercase();
        if spelled.starts_with(SERVICE_PORT) {
            return None;
        }
        if TLS_PORTS.contains(&&*spelled) {
            return (!is_of_other_group(vars, group, ending)).then_some(Self::Port);
        }
        let is_channel_binding = matches!(&*spelled, "CHANNELBINDING" | "CHANNEL_BINDING");
        if is_channel_binding && group.kind == Kind::Postgres {
            return Some(Self::ChannelBinding);
        }
        let options = options(group.kind, &spelled);
        if !options.is_empty() {
            return Some(Self::Options(options));
        }
        let owned = options_of_owner(group.kind, &spelled);
        if owned.is_empty() && !concerns_tls(&spelled) || is_of_other_group(vars, group, ending) {
            return None;
        }
        Some(match owned.is_empty() {
            true => Self::Unknown,
            false => Self::Options(owned),
        })
    }
}

/// Returns whether a config var has options as the query of a URL has them, some of TLS.
fn has_tls_query(kind: Kind, var: &Var, ending: &str) -> bool {
    let is_of_tls = |(name, _): (&str, &str)| kind.rules().find_tls_option(name).is_some();
    let text = var.value.secret().map_or("", |text| text.expose_secret());
    let is_query = QUERIES.iter().any(|query| query.eq_ignore_ascii_case(ending));
    is_query && secret::with_clean_stack(|| query_options(text).any(is_of_tls))
}

fn query_options(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let text = text.strip_prefix('?').unwrap_or(text);
    let options = text.split(['&', ';', ',', ' ']);
    options.filter_map(|option| option.split_once('='))
}

/// Returns whether an ending that is no option's name concerns TLS.
fn concerns_tls(ending: &str) -> bool {
    let is_tls = |word: &str| {
        ["SSL", "TLS"]
            .iter()
            .any(|tls| word.starts_with(tls) || word.ends_with(tls))
    };
    let mut words = ending.split('_');
    let is_known = |word: &str| TLS_WORDS.contains(&word) || TLS_COMPANIONS.contains(&word);
    words.clone().any(is_tls) || words.clone().any(|word| TLS_WORDS.contains(&word)) && words.all(is_known)
}

/// Returns the options that may have the value of a config var with this ending, the most likely first.
fn options(kind: Kind, ending: &str) -> Vec<&'static str> {
    let rules = kind.rules();
    let known = |name: &'static str| rules.find_tls_option(name).map(|_| name);
    let ending = ending.strip_prefix(PHP_ATTRIBUTE).unwrap_or(ending);
    let own = rules.find_tls_option(ending);
    let own_name = own.map(|option| option.name);
    let without_suffix = before_ending(ending, FILE_SUFFIXES);
    let is_in = |endings: &[&str]| endings.contains(&ending);
    let mode = row_of(TLS_OPTIONS, kind);
    let is_from_beginning = || SSL_FROM_BEGINNING.contains(&kind) && ending.contains("SSL");
    let candidates = if is_in(TLS_MODES) {
        [mode, own_name, known("ssl")]
    } else if is_in(TLS_WITHIN) {
        [own_name, known("starttls"), None]
    } else if is_in(TLS_SWITCHES) && is_from_beginning() {
        [known("secure"), own_name, None]
    } else if is_in(TLS_SWITCHES) {
        [known("ssl"), own_name, mode]
    } else if is_in(TLS_DEMANDS) {
        [own_name, known("requiretls"), None]
    } else if is_in(TLS_DENIALS) {
        [own_name, known("ssldisabled"), None]
    } else if own.is_some() {
        [own_name, None, None]
    } else if is_in(TLS_ROOTS) || without_suffix.is_some_and(|ending| TLS_ROOTS.contains(&ending)) {
        [known("sslca"), None, None]
    } else {
        let file = without_suffix.and_then(|ending| rules.find_tls_option(ending));
        let file = file.map(|option| option.name);
        [file.filter(|name| is_file(kind, name)), None, None]
    };
    let mut options = Vec::new();
    for candidate in &candidates {
        options.extend(candidate);
    }
    options
}

/// Returns the options for an ending that also says whose option it is.
fn options_of_owner(kind: Kind, ending: &str) -> Vec<&'static str> {
    let mut option = ending;
    while let Some((_, rest)) = option
        .split_once('_')
        .filter(|(owner, _)| OPTION_OWNERS.contains(owner))
    {
        option = rest;
    }
    // `CLIENT_CERT` is no option `CERT` of a client.
    let says_tls = ["SSL", "TLS", "SECURITY"]
        .iter()
        .any(|word| option.contains(word));
    match says_tls && option != ending {
        true => options(kind, option),
        false => Vec::new(),
    }
}

/// Returns whether the name belongs to a resource with a longer name: `REDIS_CACHE_TLS` beside `REDIS_CACHE_HOST`.
fn is_of_other_group(vars: &ConfigVars, group: PartGroup<'_>, ending: &str) -> bool {
    for (at, _) in ending.match_indices('_') {
        let name = group.name_of(&ending[..at]);
        let has = |suffix: &str| vars.find_var(&format!("{name}{suffix}")).is_some();
        if HOST.iter().any(|host| has(&format!("_{host}")))
            || URL_SUFFIXES.iter().any(|suffix| has(suffix))
            || SERVER_LISTS.iter().any(|list| has(list.suffix))
            || has(SERVICE_HOST)
        {
            return true;
        }
    }
    false
}

impl<'v> TlsParts<'v> {
    pub(super) fn read(vars: &'v ConfigVars, group: PartGroup<'_>) -> Result<Self, Error> {
        let mut read = Self::default();
        for (var, ending) in tls_vars(vars, group) {
            vars.note_found(&var.name);
            let added = secret::with_clean_stack(|| read.add(group.kind, var, ending));
            added.map_err(|error| error.for_known_var(&var.name))?;
        }
        read.add_roots(group.kind)?;
        Ok(read)
    }

    /// Adds the option that asks for a check by PEM text of authorities, which no option of the URL can have.
    fn add_roots(&mut self, kind: Kind) -> Result<(), Error> {
        // As a file of authorities, it does not strengthen a mode that is off or opportunistic.
        let may_be_stronger = !matches!(self.level(kind)?, Tls::Off | Tls::Preferred);
        match self.pem_roots.filter(|_| may_be_stronger) {
            Some(var) => {
                let (option, value) = pem_roots(kind);
                self.push(option, value, var)
            }
            None => Ok(()),
        }
    }

    fn add(&mut self, kind: Kind, var: &'v Var, ending: TlsEnding) -> Result<(), Error> {
        let text = var.value.require()?.expose_secret();
        let is_pem = is_private_key(text.trim_start()).is_some();
        match ending {
            TlsEnding::Options(options) if is_pem => {
                // The client's own certificate says nothing about the server's.
                if is_roots(kind, &options) {
                    self.pem_roots = Some(var);
                }
                Ok(())
            }
            TlsEnding::Unknown if is_pem && is_own_pem(&var.name, text) => Ok(()),
            TlsEnding::Unknown => Err(Error::new(Fault::UnknownTlsName)),
            TlsEnding::Options(options) => {
                check_part(text)?;
                for option in options {
                    if level(kind, &[(option, text)])? != Tls::Unknown {
                        return self.push(option, text, var);
                    }
                }
                // An unknown value must not mean "no TLS".
                Err(at_value(Fault::UnknownTls))
            }
            TlsEnding::Query => {
                check_part(text)?;
                for (name, value) in query_options(text) {
                    if let Some(option) = kind.rules().find_tls_option(name) {
                        if level(kind, &[(option.name, value)])? == Tls::Unknown {
                            return Err(at_value(Fault::UnknownTls));
                        }
                        self.push(option.name, value, var)?;
                    }
                }
                Ok(())
            }
            TlsEnding::ChannelBinding => {
                check_part(text)?;
                let (option, words) = CHANNEL_BINDING;
                if !words.contains(&text) {
                    return Err(at_value(Fault::UnknownTls));
                }
                self.push(option, text, var)
            }
            TlsEnding::Port => {
                check_part(text)?;
                let is_other = |other: &&Var| {
                    other
                        .value
                        .secret()
                        .is_none_or(|port| port.expose_secret() != text)
                };
                match self.port.replace(var).filter(is_other) {
                    Some(other) => Err(contradicts(&other.name)),
                    None => Ok(()),
                }
            }
        }
    }

    fn push(&mut self, option: &'static str, value: &'v str, var: &'v Var) -> Result<(), Error> {
        let is_same =
            |other: &str| other == value || is_yes(other) && is_yes(value) || is_no(other) && is_no(value);
        match self.parts.iter().find(|part| part.option == option) {
            Some(other) if is_same(other.value) => Ok(()),
            // In a URL, the last of them would count.
            Some(other) => Err(contradicts(other.var)),
            None => {
                self.parts.push(TlsPart {
                    option,
                    value,
                    var: &var.name,
                });
                Ok(())
            }
        }
    }

    pub(super) fn options(&self) -> Vec<(&'static str, &'v str)> {
        mapped(&self.parts, |part| (part.option, part.value))
    }

    pub(super) fn has(&self, option: &str) -> bool {
        self.parts.iter().any(|part| part.option == option)
    }

    /// Returns the first of the config vars that have options.
    pub(super) fn var(&self) -> Option<&'v str> {
        self.parts.first().map(|part| part.var)
    }

    /// Returns the TLS mode of the options alone.
    pub(super) fn level(&self, kind: Kind) -> Result<Tls, Error> {
        level(kind, &self.options())
    }

    /// Returns whether TLS is asked for by more than certificates, which ask for nothing beside a plain URL.
    pub(super) fn ask_for_tls(&self, kind: Kind) -> Result<bool, Error> {
        let pem = self.pem_roots.map_or("", |var| &*var.name);
        let mut options = Vec::new();
        for part in &self.parts {
            if part.var != pem && !is_file(kind, part.option) {
                options.push((part.option, part.value));
            }
        }
        Ok(level(kind, &options)?.is_required())
    }

    /// Returns whether the options ask for TLS from the beginning of a connection, as the kind's scheme for TLS does.
    pub(super) fn are_for_scheme(&self, kind: Kind, level: Tls) -> bool {
        let means_scheme = |part: &TlsPart<'_>| {
            let is_switched_on = is_yes(part.value) || part.value.eq_ignore_ascii_case("ssl");
            row_of(TLS_FROM_BEGINNING, kind)
                .is_none_or(|names| names.contains(&part.option) && is_switched_on)
        };
        level.is_required() && self.parts.iter().any(means_scheme)
    }

    /// Returns the options that a scheme for TLS does not have already.
    pub(super) fn beside_scheme(&self) -> Vec<(&'static str, &'v str)> {
        let mut options = self.options();
        options.retain(|(name, value)| *name != "ssl" || !is_yes(value));
        options
    }
}

fn contradicts(other: &str) -> Error {
    Error::new(Fault::TwoTlsVars).with_candidates(&[(other, None)])
}

fn level(kind: Kind, options: &[(&'static str, &str)]) -> Result<Tls, Error> {
    let url = UrlParts {
        scheme: kind.example(),
        hosts: "h",
        options,
        ..UrlParts::default()
    };
    Ok(url.parse()?.tls())
}

/// Returns whether the value of an option is the path of a certificate or a key.
fn is_file(kind: Kind, option: &str) -> bool {
    let option = kind.rules().find_tls_option(option);
    option.is_some_and(|option| {
        matches!(
            option.meaning,
            TlsMeaning::Roots(_) | TlsMeaning::Certificate | TlsMeaning::Key
        )
    })
}

fn is_roots(kind: Kind, options: &[&str]) -> bool {
    for name in options {
        if let Some(option) = kind.rules().find_tls_option(name) {
            return matches!(option.meaning, TlsMeaning::Roots(_));
        }
    }
    false
}

fn pem_roots(kind: Kind) -> (&'static str, &'static str) {
    row_of(PEM_ROOTS, kind).unwrap_or(("require_tls", "true"))
}

/// Returns whether PEM text is the client's own key or certificate.
fn is_own_pem(name: &str, text: &str) -> bool {
    is_private_key(text.trim_start()) == Some(true) || has_word(name, &["CLIENT"])
}
