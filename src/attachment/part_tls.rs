//! TLS that config vars beside a host ask for: `REDIS_TLS_ENABLED`, `MYSQL_SSL_CA`, `PGSSLMODE`.
//!
//! Each becomes an option of the URL that is put together from the parts, so that the rules of URLs combine them. A config var
//! that cannot become one is a fault: it is never ignored, because it may ask for TLS.

use super::names::{has_word, url_stem};
use super::part_group::{PartGroup, at_value, check_part, is_set};
use super::tables::{HOST, SERVER_LISTS, URL_SUFFIXES, row_of};
use super::tls_tables::{
    CHANNEL_BINDING, FILE_SUFFIXES, OPTION_OWNERS, PEM_ROOTS, PHP_ATTRIBUTE, QUERIES, SAME_PREFIXES,
    SERVICE_HOST, SERVICE_PORT, SHARED_TLS, SSL_FROM_BEGINNING, TLS_COMPANIONS, TLS_DEMANDS, TLS_DENIALS,
    TLS_FROM_BEGINNING, TLS_MODES, TLS_OPTIONS, TLS_PORTS, TLS_ROOTS, TLS_SWITCHES, TLS_WITHIN, TLS_WORDS,
};
use super::values::{is_no, is_private_key, is_yes};
use crate::error::{Error, Fault};
use crate::kind::Kind;
use crate::list::filter_mapped;
use crate::scheme::TlsMeaning;
use crate::secret;
use crate::snapshot::{ConfigVars, Var};
use crate::text::{before_ending, begins_with_one_of, contains_one_of, is_listed};
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
pub(super) fn tls_vars<'v>(group: PartGroup<'v>) -> Vec<(&'v Var, TlsEnding)> {
    let mut found = Vec::new();
    for (var, ending) in group.members() {
        if !is_set(&var.value) || url_stem(&var.name).is_some() {
            continue;
        }
        let meaning = match TlsEnding::of(group, ending) {
            Some(meaning) => meaning,
            None if has_tls_query(group.kind, var, ending) && !is_of_other_group(group, ending) => {
                TlsEnding::Query
            }
            None => continue,
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

/// Returns whether there are config vars for the TLS of all resources of a kind.
pub(super) fn has_shared_tls(vars: &ConfigVars) -> bool {
    for (_, names) in SHARED_TLS {
        match names.first() {
            Some((name, _)) if vars.find_var(name).is_some() => return true,
            _ => {}
        }
    }
    false
}

/// Returns the config vars with other prefixes that concern the TLS of a group, each with what it means.
pub(super) fn shared_tls_vars<'v>(group: PartGroup<'v>) -> Vec<(&'v Var, TlsEnding)> {
    let mut found = Vec::new();
    let names = row_of(SHARED_TLS, group.kind).unwrap_or_default();
    for (name, option) in names {
        match group.vars.find_var(name) {
            Some(var) if is_set(&var.value) => found.push((var, TlsEnding::Options(vec![*option]))),
            None if found.is_empty() => break,
            _ => {}
        }
    }
    for (prefix, stem) in SAME_PREFIXES {
        if *prefix != group.stem {
            continue;
        }
        let same = PartGroup { stem, ..group };
        let all = tls_vars(same);
        if all.is_empty() || same.has(HOST) || has_one_of(group.vars, stem, URL_SUFFIXES) {
            continue;
        }
        for (var, ending) in all {
            if let TlsEnding::Options(_) = ending {
                found.push((var, ending));
            }
        }
    }
    found
}

/// Returns whether there is a config var with this stem and one of the suffixes.
fn has_one_of(vars: &ConfigVars, stem: &str, suffixes: &[&str]) -> bool {
    for suffix in suffixes {
        if vars.find_var(&[stem, suffix].concat()).is_some() {
            return true;
        }
    }
    false
}

impl TlsEnding {
    fn of(group: PartGroup<'_>, ending: &str) -> Option<Self> {
        let spelled = ending.to_ascii_uppercase();
        if spelled.starts_with(SERVICE_PORT) {
            return None;
        }
        if TLS_PORTS.contains(&&*spelled) {
            return (!is_of_other_group(group, ending)).then_some(Self::Port);
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
        if owned.is_empty() && !concerns_tls(&spelled) || is_of_other_group(group, ending) {
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
    let Some(text) = var.value.secret() else {
        return false;
    };
    is_listed(QUERIES, ending)
        && secret::with_clean_stack(|| !tls_of_query(kind, text.expose_secret()).is_empty())
}

/// Returns the TLS options of a query, with their values. Those of JSON, and of a query in quotes, have unknown values, so that
/// they are refused.
fn tls_of_query(kind: Kind, text: &str) -> Vec<(&'static str, &str)> {
    let mut found = Vec::new();
    const SEPARATORS: &[char] = &['&', ';', ',', ' '];
    const AROUND_NAME: &[char] = &['?', '{', '"', '\''];
    for option in text.split(SEPARATORS) {
        if let Some((name, value)) = option.split_once(['=', ':']) {
            let name = name.trim_matches(AROUND_NAME);
            if let Some(option) = kind.rules().find_tls_option(name) {
                found.push((option.name, value));
            }
        }
    }
    found
}

/// Returns whether an ending that is no option's name concerns TLS.
fn concerns_tls(ending: &str) -> bool {
    let (mut has_tls_word, mut has_other_word) = (false, false);
    for word in ending.split('_') {
        if begins_with_one_of(word, &["SSL", "TLS"]) || word.ends_with("SSL") || word.ends_with("TLS") {
            return true;
        }
        if TLS_WORDS.contains(&word) {
            has_tls_word = true;
        } else if !TLS_COMPANIONS.contains(&word) {
            has_other_word = true;
        }
    }
    has_tls_word && !has_other_word
}

/// Returns the options that may have the value of a config var with this ending, the most likely first.
fn options(kind: Kind, ending: &str) -> Vec<&'static str> {
    let rules = kind.rules();
    let known = |name: &str| Some(rules.find_tls_option(name)?.name);
    let ending = ending.strip_prefix(PHP_ATTRIBUTE).unwrap_or(ending);
    let own = known(ending);
    // `SSL_CA_FILE` and `SSL_CA` are one option.
    let file = before_ending(ending, FILE_SUFFIXES);
    let is_in = |endings: &[&str]| endings.contains(&ending);
    let mode = row_of(TLS_OPTIONS, kind);
    let is_from_beginning = || SSL_FROM_BEGINNING.contains(&kind) && ending.contains("SSL");
    let candidates = if is_in(TLS_MODES) {
        [mode, own, known("ssl")]
    } else if is_in(TLS_WITHIN) {
        [own, known("starttls"), None]
    } else if is_in(TLS_SWITCHES) && is_from_beginning() {
        [known("secure"), own, None]
    } else if is_in(TLS_SWITCHES) {
        [known("ssl"), own, mode]
    } else if is_in(TLS_DEMANDS) {
        [own, known("requiretls"), None]
    } else if is_in(TLS_DENIALS) {
        [own, known("ssldisabled"), None]
    } else if own.is_some() {
        [own, None, None]
    } else if is_in(TLS_ROOTS) || file.is_some_and(|file| TLS_ROOTS.contains(&file)) {
        [known("sslca"), None, None]
    } else {
        match file {
            Some(file) if is_file(kind, file) => [known(file), None, None],
            _ => [None, None, None],
        }
    };
    filter_mapped(&candidates, |candidate| *candidate)
}

/// Returns the options for an ending that also says whose option it is.
fn options_of_owner(kind: Kind, ending: &str) -> Vec<&'static str> {
    let mut option = ending;
    while let Some((owner, rest)) = option.split_once('_') {
        if !OPTION_OWNERS.contains(&owner) {
            break;
        }
        option = rest;
    }
    // `CLIENT_CERT` is no option `CERT` of a client.
    match contains_one_of(option, &["SSL", "TLS", "SECURITY"]) {
        true => options(kind, option),
        false => Vec::new(),
    }
}

/// Returns whether the name belongs to a resource with a longer name: `REDIS_CACHE_TLS` beside `REDIS_CACHE_HOST`.
fn is_of_other_group(group: PartGroup<'_>, ending: &str) -> bool {
    for (at, _) in ending.match_indices('_') {
        let name = group.name_of(&ending[..at]);
        if has_one_of(group.vars, &format!("{name}_"), HOST)
            || has_one_of(group.vars, &name, URL_SUFFIXES)
            || has_one_of(group.vars, &name, &[SERVICE_HOST])
        {
            return true;
        }
        for list in SERVER_LISTS {
            if has_one_of(group.vars, &name, &[list.suffix]) {
                return true;
            }
        }
    }
    false
}

impl<'v> TlsParts<'v> {
    pub(super) fn read(group: PartGroup<'v>) -> Result<Self, Error> {
        let mut read = Self::default();
        for (var, ending) in &tls_vars(group) {
            group.vars.note_found(&var.name);
            let added = secret::with_clean_stack(|| read.add(group.kind, var, ending));
            added.map_err(|error| error.for_known_var(&var.name))?;
        }
        read.add_roots(group.kind)?;
        Ok(read)
    }

    /// Adds what config vars with other prefixes say, unless it contradicts those with the group's own. They are not noted: what
    /// several resources share does not make these one.
    pub(super) fn add_shared(&mut self, group: PartGroup<'v>) -> Result<(), Error> {
        let is_own = !self.parts.is_empty();
        for (var, ending) in shared_tls_vars(group) {
            let mut shared = Self::default();
            let added = secret::with_clean_stack(|| shared.add(group.kind, var, &ending));
            added.map_err(|error| error.for_known_var(&var.name))?;
            shared.add_roots(group.kind)?;
            for part in shared.parts {
                let level = level(group.kind, &[(part.option, part.value)])?;
                if !self.has(part.option) && (!is_own || level.is_required()) {
                    self.parts.push(part);
                }
            }
        }
        Ok(())
    }

    /// Adds the option that asks for a check by PEM text of authorities, which no option of the URL can have.
    fn add_roots(&mut self, kind: Kind) -> Result<(), Error> {
        // As a file of authorities, it does not strengthen a mode that is off or opportunistic.
        let may_be_stronger = !matches!(self.level(kind)?, Tls::Off | Tls::Preferred);
        match self.pem_roots {
            Some(var) if may_be_stronger => {
                let (option, value) = row_of(PEM_ROOTS, kind).unwrap_or(("require_tls", "true"));
                self.push(option, value, var)
            }
            _ => Ok(()),
        }
    }

    fn add(&mut self, kind: Kind, var: &'v Var, ending: &TlsEnding) -> Result<(), Error> {
        let text = var.value.require()?.expose_secret();
        let is_pem = is_private_key(text.trim_start()).is_some();
        match ending {
            TlsEnding::Options(options) if is_pem => {
                // The client's own certificate says nothing about the server's.
                if is_roots(kind, options) {
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
                for &(option, value) in &tls_of_query(kind, text) {
                    if level(kind, &[(option, value)])? == Tls::Unknown {
                        return Err(at_value(Fault::UnknownTls));
                    }
                    self.push(option, value, var)?;
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
                match self.port.replace(var) {
                    Some(other) if other.value.secret().map(ExposeSecret::expose_secret) != Some(text) => {
                        Err(contradicts(&other.name))
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    fn push(&mut self, option: &'static str, value: &'v str, var: &'v Var) -> Result<(), Error> {
        let is_same =
            |other: &str| other == value || is_yes(other) && is_yes(value) || is_no(other) && is_no(value);
        match self.part(option) {
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
        self.options_except(&|_| false)
    }

    fn options_except(&self, is_left_out: &dyn Fn(&TlsPart<'v>) -> bool) -> Vec<(&'static str, &'v str)> {
        let mut options = Vec::new();
        for part in &self.parts {
            if !is_left_out(part) {
                options.push((part.option, part.value));
            }
        }
        options
    }

    fn part(&self, option: &str) -> Option<&TlsPart<'v>> {
        self.parts.iter().find(|part| part.option == option)
    }

    pub(super) fn has(&self, option: &str) -> bool {
        self.part(option).is_some()
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
        let options = self.options_except(&|part| {
            let is_pem = matches!(self.pem_roots, Some(pem) if *pem.name == *part.var);
            is_pem || is_file(kind, part.option)
        });
        Ok(level(kind, &options)?.is_required())
    }

    /// Returns whether the options ask for TLS from the beginning of a connection, as the kind's scheme for TLS does.
    pub(super) fn are_for_scheme(&self, kind: Kind, level: Tls) -> bool {
        let Some(from_beginning) = row_of(TLS_FROM_BEGINNING, kind) else {
            return level.is_required() && !self.parts.is_empty();
        };
        for part in &self.parts {
            let is_switched_on = is_yes(part.value) || is_listed(&["ssl", "force_tls"], part.value);
            if from_beginning.contains(&part.option) && is_switched_on {
                return level.is_required();
            }
        }
        false
    }

    /// Returns the options that a scheme for TLS does not have already.
    pub(super) fn beside_scheme(&self) -> Vec<(&'static str, &'v str)> {
        self.options_except(&|part| part.option == "ssl" && is_yes(part.value))
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
    let Some(option) = kind.rules().find_tls_option(option) else {
        return false;
    };
    matches!(
        option.meaning,
        TlsMeaning::Roots(_) | TlsMeaning::Certificate | TlsMeaning::Key
    )
}

fn is_roots(kind: Kind, options: &[&str]) -> bool {
    for name in options {
        if let Some(option) = kind.rules().find_tls_option(name) {
            return matches!(option.meaning, TlsMeaning::Roots(_));
        }
    }
    false
}

/// Returns whether PEM text is the client's own key or certificate.
fn is_own_pem(name: &str, text: &str) -> bool {
    is_private_key(text.trim_start()) == Some(true) || has_word(name, &["CLIENT"])
}
