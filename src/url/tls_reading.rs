//! The TLS mode that a URL requests, by its scheme and all of its options.

use super::flat_json::{self, JsonValue};
use super::query::RawOption;
use super::raw_url::RawUrl;
use super::split::INSECURE;
use crate::kind::Kind;
use crate::scheme::{Demand, Rules, TlsMeaning, TlsOption, Words};
use crate::sorted::first_equals;
use crate::text::{contains_one_of, has_any_character, is_listed};
use crate::tls::Tls;
use percent_encoding::percent_decode_str;
use secrecy::ExposeSecret;

/// The TLS mode of a URL, and the reason why a driver must not be configured by it, if there is one.
pub(super) struct TlsReading {
    pub(super) level: Tls,
    #[cfg_attr(
        not(feature = "_drivers"),
        allow(dead_code, reason = "the hand-overs report it")
    )]
    pub(super) doubt: Option<TlsDoubt>,
}

/// The reason why the TLS mode of a URL is not clear.
#[derive(Clone, Copy)]
#[cfg_attr(
    not(feature = "_drivers"),
    allow(dead_code, reason = "the hand-overs report it")
)]
pub(super) enum TlsDoubt {
    /// The option at this position has an unknown value.
    Value(usize),
    /// The option at this position concerns TLS, and has an unknown name.
    Name(usize),
    /// The option at this position contains a TLS option, which is not separated from it by a `&`.
    Hidden(usize),
    /// The option at this position asks for TLS versions that cannot be enforced.
    Version(usize),
    /// Two options contradict each other.
    Conflict(&'static str, &'static str),
    /// Two spellings of one option contradict each other.
    Twice(&'static str),
    /// An option contradicts the scheme.
    Scheme(&'static str),
}

/// The meaning of one option.
enum Said {
    Demand(Demand),
    /// A file of authorities, and the level that naming one asks for.
    Roots(Tls),
    /// A file of the client's own.
    File,
    /// TLS versions that the drivers cannot enforce.
    Version(Demand),
    Unknown,
}

const YES: &[&str] = &["1", "t", "true", "y", "yes", "on", "enable", "enabled"];
const NO: &[&str] = &[
    "0", "-1", "f", "false", "n", "no", "none", "off", "disable", "disabled",
];

impl TlsReading {
    /// Reads the scheme and the options. The caller cleans the stack.
    pub(super) fn of(url: &RawUrl<'_>) -> Self {
        let rules = url.rules;
        let is_jdbc = url.is_jdbc();
        let mut sum = Sum::of_scheme(url);
        let mut given = Vec::new();
        for (index, option) in url.options().enumerate() {
            let position = index + 1;
            if !rules.free_query && hides_tls(rules, option) {
                sum.doubt = sum.doubt.or(Some(TlsDoubt::Hidden(position)));
            }
            match find_row(rules, option) {
                Some(row) => given.push((position, row, option)),
                None if !rules.free_query && speaks_of_tls(option) => {
                    sum.doubt = sum.doubt.or(Some(TlsDoubt::Name(position)));
                }
                None => {}
            }
        }
        // As in drivers, the last of several options with the same name counts.
        given.reverse();
        let last_of_name = first_equals(given.len(), &|one, other| {
            given[one].2.name().cmp(given[other].2.name())
        });
        for place in (0..given.len()).rev() {
            let (position, row, option) = given[place];
            if last_of_name[place] == place {
                sum.add(said(row, option, is_jdbc), position, row, option);
            }
        }
        sum.reading()
    }
}

/// The combination of scheme and options. The option that demands the minimum or the maximum is beside it; `None` means the
/// scheme.
struct Sum<'u> {
    least: (Tls, Option<&'static str>),
    most: (Tls, Option<&'static str>),
    level: Tls,
    roots: Tls,
    beside_tls: Tls,
    /// The files so far: what each is, its option's name, and its value as it is written.
    files: Vec<(&'static TlsOption, &'u str)>,
    doubt: Option<TlsDoubt>,
}

impl<'u> Sum<'u> {
    fn of_scheme(url: &RawUrl<'_>) -> Self {
        let level = match url.scheme {
            Some(scheme) => scheme.tls,
            None => Tls::Unspecified,
        };
        let is_insecure = url.rules.kind == Kind::Redis && url.fragment() == Some(INSECURE);
        Self {
            least: match url.rules.scheme_tls_is_default {
                true => (Tls::Unspecified, None),
                false => (level.min(Tls::Unverified), None),
            },
            most: match is_insecure {
                true => (Tls::Unverified, None),
                false => (Tls::Verified, None),
            },
            level,
            roots: Tls::Unspecified,
            beside_tls: Tls::Unspecified,
            files: Vec::new(),
            doubt: None,
        }
    }

    fn add(&mut self, said: Said, position: usize, row: &'static TlsOption, option: RawOption<'u>) {
        match said {
            Said::Demand(demand) => self.add_demand(demand, row.name),
            Said::Version(demand) => {
                self.add_demand(demand, row.name);
                self.doubt = self.doubt.or(Some(TlsDoubt::Version(position)));
            }
            Said::Roots(level) => {
                self.roots = self.roots.max(level);
                self.add_file(row, option);
            }
            Said::File => self.add_file(row, option),
            Said::Unknown => self.doubt = self.doubt.or(Some(TlsDoubt::Value(position))),
        }
    }

    fn add_demand(&mut self, demand: Demand, name: &'static str) {
        self.level = self.level.max(demand.level);
        self.beside_tls = self.beside_tls.max(demand.beside_tls);
        if demand.least > self.least.0 {
            self.least = (demand.least, Some(name));
        }
        if demand.most < self.most.0 {
            self.most = (demand.most, Some(name));
        }
    }

    /// Two options may name the same file, but not two different files.
    fn add_file(&mut self, row: &'static TlsOption, option: RawOption<'u>) {
        let value = option.value().unwrap_or_default();
        let is_same_sort = |other: &TlsOption| {
            std::mem::discriminant(&other.meaning) == std::mem::discriminant(&row.meaning)
        };
        match self.files.iter().find(|(other, _)| is_same_sort(other)) {
            Some((other, other_value)) if *other_value != value => {
                self.doubt = self.doubt.or(Some(contradiction(other.name, row.name)));
            }
            Some(_) => {}
            None => self.files.push((row, value)),
        }
    }

    fn reading(self) -> TlsReading {
        let is_contradicted = self.least.0 > self.most.0;
        // A file does not strengthen a mode that is deliberately opportunistic, or off.
        let asked = match self.level {
            Tls::Off | Tls::Preferred => self.level,
            level => level.max(self.roots),
        };
        let asked = match asked.is_required() {
            true => asked.max(self.beside_tls),
            false => asked,
        };
        match self.doubt {
            Some(doubt @ (TlsDoubt::Name(_) | TlsDoubt::Hidden(_) | TlsDoubt::Value(_))) => TlsReading {
                level: Tls::Unknown,
                doubt: Some(doubt),
            },
            // The strictest.
            _ if is_contradicted => TlsReading {
                level: asked.max(self.least.0),
                doubt: Some(match (self.least.1, self.most.1) {
                    (Some(one), Some(other)) => contradiction(one, other),
                    (Some(name), None) | (None, Some(name)) => TlsDoubt::Scheme(name),
                    (None, None) => TlsDoubt::Scheme("#insecure"),
                }),
            },
            doubt => TlsReading {
                level: asked.max(self.least.0).min(self.most.0),
                doubt,
            },
        }
    }
}

fn contradiction(one: &'static str, other: &'static str) -> TlsDoubt {
    match one == other {
        true => TlsDoubt::Twice(one),
        false => TlsDoubt::Conflict(one, other),
    }
}

/// Returns the row of an option, if it is a TLS option.
pub(super) fn find_row(rules: &Rules, option: RawOption<'_>) -> Option<&'static TlsOption> {
    rules.tls_option(&|row| row.is_spelled(percent_decode_str(option.name())))
}

/// Returns whether the name of an unknown option seems to concern TLS.
fn speaks_of_tls(option: RawOption<'_>) -> bool {
    const SIGNS: &[&str] = &["ssl", "tls", "verify", "encrypt", "insecure", "certificate"];
    let name = option.decode_name();
    let name = name.expose_secret().as_bytes();
    for sign in SIGNS {
        for piece in name.windows(sign.len()) {
            if piece.eq_ignore_ascii_case(sign.as_bytes()) {
                return true;
            }
        }
    }
    false
}

/// Returns whether an option contains a TLS option, as `a=1?sslmode=require` does: what a script makes that adds `?sslmode=require`
/// to any URL. Drivers read it as a part of the value.
fn hides_tls(rules: &Rules, option: RawOption<'_>) -> bool {
    const SEPARATORS: &[char] = &['?', ';', '&'];
    if !has_any_character(option.text(), "?;%") {
        return false;
    }
    let text = option.decode_text();
    for piece in text.expose_secret().split(SEPARATORS).skip(1) {
        let (name, _) = piece.split_once('=').unwrap_or_default();
        if rules.find_tls_option(name.trim()).is_some() {
            return true;
        }
    }
    false
}

fn said(row: &TlsOption, option: RawOption<'_>, is_jdbc: bool) -> Said {
    let value = option.decode_value();
    let value = value.expose_secret();
    match &row.meaning {
        TlsMeaning::Words(words) => words.said(value),
        TlsMeaning::WordsOrJson(_) if value.starts_with('{') => said_in_json(value),
        TlsMeaning::WordsOrJson(words) => words.said(value),
        TlsMeaning::Jdbc { jdbc, .. } if is_jdbc => jdbc.said(value),
        TlsMeaning::Jdbc { other, .. } => other.said(value),
        TlsMeaning::Versions if are_offered(value) => Said::Demand(Demand::NOTHING),
        TlsMeaning::Versions => Said::Version(Demand::NOTHING),
        // The only value that is not a file: the system's authorities, for which libpq always verifies the name.
        TlsMeaning::Roots(_) if value == "system" => Said::Demand(Demand::at_least(Tls::Verified)),
        TlsMeaning::Roots(level) => Said::Roots(*level),
        TlsMeaning::Certificate | TlsMeaning::Key => Said::File,
        TlsMeaning::Detail => Said::Demand(Demand::NOTHING),
    }
}

impl Words {
    fn said(&self, value: &str) -> Said {
        for (word, demand) in self.words {
            if word.eq_ignore_ascii_case(value) {
                return Said::Demand(*demand);
            }
        }
        let by_flag = match (is_listed(YES, value), is_listed(NO, value)) {
            (true, _) => self.yes,
            (_, true) => self.no,
            _ => None,
        };
        match by_flag {
            Some(demand) => Said::Demand(demand),
            None => Said::Unknown,
        }
    }
}

/// Returns whether the drivers offer only the requested TLS versions. They offer 1.2 and 1.3.
fn are_offered(versions: &str) -> bool {
    contains_one_of(versions, &["1.2", "1_2", "12"])
}

/// Interprets an object as Node's MySQL client does. It always means TLS.
fn said_in_json(text: &str) -> Said {
    let Some(members) = flat_json::read(text) else {
        return Said::Unknown;
    };
    let (mut level, mut is_version_met) = (Tls::Verified, true);
    for (name, value) in members {
        match (name, value) {
            ("rejectUnauthorized" | "verifyIdentity", JsonValue::Bool(true)) => {}
            ("rejectUnauthorized", JsonValue::Bool(false)) => level = level.min(Tls::Unverified),
            ("verifyIdentity", JsonValue::Bool(false)) => level = level.min(Tls::VerifiedCa),
            ("minVersion", JsonValue::Text(version)) => {
                is_version_met = matches!(version, "TLSv1" | "TLSv1.1" | "TLSv1.2");
            }
            _ => return Said::Unknown,
        }
    }
    match is_version_met {
        true => Said::Demand(Demand::exactly(level)),
        false => Said::Version(Demand::exactly(level)),
    }
}
