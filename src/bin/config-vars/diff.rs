//! How two sets of config vars differ: which attachments, which config vars, and in what. No value is shown.

use crate::json::{self, SCHEMA};
use crate::layout::{count, wrapped};
use crate::report::{Findings, hosts, shown};
use crate::table::{BAD, GOOD, NAME, ODD};
use config_vars::{
    Attachment, ConfigValue, Error, ExposeSecret, Host, Kind, ResourceUrl, Role, SecretString,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// One side of the comparison.
pub(crate) struct Side<'v> {
    /// How messages call it.
    pub(crate) name: String,
    pub(crate) report: Findings<'v>,
}

/// The difference of two sides.
pub(crate) struct Diff<'d, 'v> {
    sides: [&'d Side<'v>; 2],
    attachments: Vec<AttachmentDiff<'d>>,
    /// Config vars that belong to no attachment, on either side.
    vars: Vec<(&'d str, FoundIn)>,
    /// The number of attachments that do not differ.
    same: usize,
}

/// Where something is.
#[derive(Clone, Copy, PartialEq)]
enum FoundIn {
    First,
    Second,
    Both,
}

struct AttachmentDiff<'d> {
    name: &'d str,
    place: FoundIn,
    parts: BTreeSet<DifferingPart>,
    /// Its config vars that differ, or are on one side only.
    vars: Vec<(&'d str, FoundIn)>,
    /// The public parts on each side.
    public: [Public; 2],
}

#[derive(Default)]
struct Public {
    kind: Option<Kind>,
    tls: Option<&'static str>,
    hosts: Vec<String>,
}

/// A part of an attachment that differs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum DifferingPart {
    Kind,
    Hosts,
    Database,
    Tls,
    Username,
    Password,
    Path,
    Options,
    Token,
    Certificate,
    PrivateKey,
    /// One of the two has a fault.
    Validity,
}

impl DifferingPart {
    /// Returns the word for people, and the one for programs.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Kind => ("kind", "kind"),
            Self::Hosts => ("hosts", "hosts"),
            Self::Database => ("database", "database"),
            Self::Tls => ("TLS", "tls"),
            Self::Username => ("user name", "username"),
            Self::Password => ("password", "password"),
            Self::Path => ("path", "path"),
            Self::Options => ("options", "options"),
            Self::Token => ("token", "token"),
            Self::Certificate => ("certificate", "certificate"),
            Self::PrivateKey => ("private key", "private-key"),
            Self::Validity => ("whether it is valid", "validity"),
        }
    }
}

impl FoundIn {
    fn of(first: bool, second: bool) -> Self {
        match (first, second) {
            (true, false) => Self::First,
            (false, true) => Self::Second,
            _ => Self::Both,
        }
    }

    fn sign(self) -> (char, anstyle::Style) {
        match self {
            Self::First => ('-', BAD),
            Self::Second => ('+', GOOD),
            Self::Both => ('~', ODD),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::First => "only-in-a",
            Self::Second => "only-in-b",
            Self::Both => "differs",
        }
    }
}

impl<'d, 'v> Diff<'d, 'v> {
    pub(crate) fn new(first: &'d Side<'v>, second: &'d Side<'v>) -> Self {
        let sides = [first, second];
        let [old, new] = sides.map(|side| by_name(&side.report.attachments));
        let values = sides.map(|side| side.report.vars.iter().collect::<BTreeMap<_, _>>());
        let mut attachments = Vec::new();
        let mut same = 0;
        let mut compared = BTreeSet::new();
        for name in old.keys().chain(new.keys()).copied().collect::<BTreeSet<_>>() {
            let pair = [old.get(name).copied(), new.get(name).copied()];
            let names = pair
                .iter()
                .flatten()
                .flat_map(|attachment| attachment.var_names());
            let names: BTreeSet<&str> = names.collect();
            let vars = differing(names.iter().copied(), &values);
            compared.extend(names);
            if vars.is_empty() && pair.iter().all(Option::is_some) {
                same += 1;
                continue;
            }
            attachments.push(AttachmentDiff {
                name,
                place: FoundIn::of(pair[0].is_some(), pair[1].is_some()),
                parts: match pair {
                    [Some(old), Some(new)] => parts(old, new, &vars),
                    _ => BTreeSet::new(),
                },
                vars,
                public: pair.map(|attachment| attachment.map(Public::new).unwrap_or_default()),
            });
        }
        let others: BTreeSet<&str> = values.iter().flat_map(|values| values.keys().copied()).collect();
        let others = others.difference(&compared).copied();
        Self {
            sides,
            attachments,
            vars: differing(others, &values),
            same,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.attachments.is_empty() && self.vars.is_empty()
    }

    fn faults(&self) -> impl Iterator<Item = (&'d str, &'d Error)> {
        self.sides
            .into_iter()
            .flat_map(|side| side.report.faults.iter().map(|fault| (&*side.name, fault)))
    }

    pub(crate) fn has_faults(&self) -> bool {
        self.faults().next().is_some()
    }

    pub(crate) fn text(&self, quiet: bool, width: Option<usize>) -> String {
        let mut out = String::new();
        let [first, second] = self.sides;
        if !quiet || !self.is_empty() {
            let ((_, bad), (_, good)) = (FoundIn::First.sign(), FoundIn::Second.sign());
            out += &format!(
                "{bad}--- {}{bad:#}\n{good}+++ {}{good:#}\n",
                first.name, second.name
            );
        }
        for attachment in &self.attachments {
            attachment.write(&mut out, width);
        }
        if !self.vars.is_empty() {
            out += "other config vars:\n";
        }
        for (name, place) in &self.vars {
            let (sign, style) = place.sign();
            out += &format!("{style}{sign}{style:#} {}\n", shown(name));
        }
        if !quiet {
            wrapped(&mut out, "", 2, &self.summary(), width);
        }
        for (side, fault) in self.faults() {
            wrapped(
                &mut out,
                &format!("{BAD}fault{BAD:#} "),
                6,
                &format!("{side}: {fault}"),
                width,
            );
        }
        out
    }

    fn summary(&self) -> String {
        if self.is_empty() {
            return "no difference".to_owned();
        }
        let [first, second] = self.sides;
        let number = |place| self.attachments.iter().filter(|diff| diff.place == place).count();
        let mut counts = Vec::new();
        let mut add = |number, noun, one: &str, several: &str| {
            if number > 0 {
                let what = if number == 1 { one } else { several };
                counts.push(format!("{} {what}", count(number, noun)));
            }
        };
        add(number(FoundIn::Both), "attachment", "differs", "differ");
        for (place, side) in [(FoundIn::First, first), (FoundIn::Second, second)] {
            let only = format!("only in {}", side.name);
            add(number(place), "attachment", &only, &only);
        }
        add(self.same, "attachment", "is the same", "are the same");
        add(self.vars.len(), "other config var", "differs", "differ");
        counts.join("; ")
    }

    pub(crate) fn json(&self) -> String {
        let var =
            |(name, place): &(&str, FoundIn)| json!({ "name": json::name(name), "change": place.word() });
        let attachments = self.attachments.iter().map(|diff| {
            let public = |public: &Public| json!({ "kind": public.kind.map(|kind| kind.to_string()), "tls": public.tls, "hosts": public.hosts });
            let side = |index: usize, other: FoundIn| match diff.place == other {
                true => Value::Null,
                false => public(&diff.public[index]),
            };
            json!({
                "name": json::name(diff.name),
                "change": diff.place.word(),
                "differs": diff.parts.iter().map(|part| part.words().1).collect::<Vec<_>>(),
                "vars": diff.vars.iter().map(var).collect::<Vec<_>>(),
                "a": side(0, FoundIn::Second),
                "b": side(1, FoundIn::First),
            })
        });
        let faults = self.sides.into_iter().enumerate().flat_map(|(index, side)| {
            side.report.faults.iter().map(move |error| {
                let mut fault = json::fault(error);
                fault["in"] = ["a", "b"][index].into();
                fault["var"] = error.var().map(json::name).into();
                fault
            })
        });
        json::text(&json!({
            "schema": SCHEMA,
            "a": self.sides[0].name,
            "b": self.sides[1].name,
            "attachments": attachments.collect::<Vec<_>>(),
            "vars": self.vars.iter().map(var).collect::<Vec<_>>(),
            "faults": faults.collect::<Vec<_>>(),
        }))
    }
}

impl AttachmentDiff<'_> {
    fn write(&self, out: &mut String, width: Option<usize>) {
        const INDENT: usize = 4;
        let (sign, style) = self.place.sign();
        *out += &format!("{style}{sign}{style:#} {NAME}{}{NAME:#}\n", shown(self.name));
        let mut line = |text: String| wrapped(out, "    ", INDENT, &text, width);
        let [first, second] = &self.public;
        match self.place {
            FoundIn::Both => {
                let mut secret = Vec::new();
                for part in &self.parts {
                    let change = match part {
                        DifferingPart::Kind => Some(
                            [first, second]
                                .map(|side| side.kind.map_or("none".to_owned(), |kind| kind.to_string())),
                        ),
                        DifferingPart::Tls => {
                            Some([first, second].map(|side| side.tls.unwrap_or("none").to_owned()))
                        }
                        DifferingPart::Hosts => {
                            Some([first, second].map(|side| match side.hosts.is_empty() {
                                true => "none".to_owned(),
                                false => side.hosts.join(", "),
                            }))
                        }
                        _ => None,
                    };
                    match change {
                        // Hosts that are not shown, or those of another URL of the attachment.
                        Some([first, second]) if first != second => {
                            line(format!("{}: {first} -> {second}", part.words().0))
                        }
                        _ => secret.push(part.words().0),
                    }
                }
                if !secret.is_empty() {
                    line(format!("differs: {}", secret.join(", ")));
                }
            }
            place => {
                let side = if place == FoundIn::First { first } else { second };
                let kind = side.kind.map(|kind| kind.to_string());
                let words: Vec<String> = kind.into_iter().chain(side.hosts.iter().cloned()).collect();
                if !words.is_empty() {
                    line(words.join(" "));
                }
            }
        }
        let vars = self.vars.iter().map(|(name, place)| match place {
            _ if *place == self.place => shown(name),
            place => format!("{}{}", place.sign().0, shown(name)),
        });
        line(format!("config vars: {}", vars.collect::<Vec<_>>().join(", ")));
    }
}

impl Public {
    fn new(attachment: &Attachment<'_>) -> Self {
        let url = attachment.url().and_then(Result::ok);
        Self {
            kind: attachment.kind(),
            tls: url.map(|_| attachment.tls().as_str()),
            hosts: url.map(hosts).unwrap_or_default(),
        }
    }
}

fn by_name<'a, 'v>(attachments: &'a [Attachment<'v>]) -> BTreeMap<&'a str, &'a Attachment<'v>> {
    attachments
        .iter()
        .map(|attachment| (attachment.name(), attachment))
        .collect()
}

/// Returns the names whose values differ, and where each is.
fn differing<'n>(
    names: impl Iterator<Item = &'n str>,
    [first, second]: &[BTreeMap<&str, &ConfigValue>; 2],
) -> Vec<(&'n str, FoundIn)> {
    names
        .filter_map(|name| match (first.get(name), second.get(name)) {
            (Some(old), Some(new)) if is_same(old.secret(), new.secret()) => None,
            (old, new) => Some((name, FoundIn::of(old.is_some(), new.is_some()))),
        })
        .collect()
}

fn is_same(old: Option<&SecretString>, new: Option<&SecretString>) -> bool {
    old.map(ExposeSecret::expose_secret) == new.map(ExposeSecret::expose_secret)
}

fn parts(
    old: &Attachment<'_>,
    new: &Attachment<'_>,
    differing: &[(&str, FoundIn)],
) -> BTreeSet<DifferingPart> {
    let mut parts = BTreeSet::new();
    if old.kind() != new.kind() {
        parts.insert(DifferingPart::Kind);
    }
    let [old_urls, new_urls] = [old, new].map(|attachment| attachment.urls().collect::<BTreeMap<_, _>>());
    for (name, url) in &new_urls {
        match (old_urls.get(name), url) {
            (Some(Ok(old)), Ok(new)) => parts.extend(parts_of_url(old, new)),
            (Some(Ok(_)), Err(_)) | (Some(Err(_)), Ok(_)) => _ = parts.insert(DifferingPart::Validity),
            _ => {}
        }
    }
    let roles: BTreeMap<_, _> = old.roles().chain(new.roles()).collect();
    let is_url = |name| old_urls.contains_key(name) || new_urls.contains_key(name);
    let others = differing
        .iter()
        .filter(|(name, place)| *place == FoundIn::Both && !is_url(*name));
    parts.extend(others.filter_map(|(name, _)| part_of_role(*roles.get(name)?)));
    parts
}

fn part_of_role(role: Role) -> Option<DifferingPart> {
    match role {
        Role::Servers | Role::Host | Role::Port => Some(DifferingPart::Hosts),
        Role::Username => Some(DifferingPart::Username),
        Role::Password => Some(DifferingPart::Password),
        Role::Database => Some(DifferingPart::Database),
        Role::Token => Some(DifferingPart::Token),
        Role::Certificate => Some(DifferingPart::Certificate),
        Role::PrivateKey => Some(DifferingPart::PrivateKey),
        _ => None,
    }
}

fn parts_of_url(old: &ResourceUrl, new: &ResourceUrl) -> Vec<DifferingPart> {
    // Each kind has its own default port, which says nothing about the host.
    let is_same_kind = old.kind() == new.kind();
    let port = |host: &Host| host.port().filter(|port| is_same_kind || !port.is_default());
    let place = |host: &Host| (host.as_str().to_owned(), port(host).map(|port| port.number()));
    let have_same_hosts = old.hosts().iter().map(place).eq(new.hosts().iter().map(place));
    let is_same_part = |part: fn(&Host) -> Option<&SecretString>| {
        let mut pairs = old.hosts().iter().zip(new.hosts());
        old.hosts().len() == new.hosts().len() && pairs.all(|(old, new)| is_same(part(old), part(new)))
    };
    let is_datastore = old.database().is_some() || new.database().is_some();
    [
        (DifferingPart::Hosts, have_same_hosts),
        (DifferingPart::Database, old.database() == new.database()),
        (DifferingPart::Tls, old.tls() == new.tls()),
        (
            DifferingPart::Username,
            is_same(old.username(), new.username()) && is_same_part(Host::username),
        ),
        (
            DifferingPart::Password,
            is_same(old.password(), new.password()) && is_same_part(Host::password),
        ),
        (
            DifferingPart::Path,
            is_datastore || old.expose_path() == new.expose_path(),
        ),
        (
            DifferingPart::Options,
            old.expose_query() == new.expose_query() && old.expose_fragment() == new.expose_fragment(),
        ),
    ]
    .into_iter()
    .filter(|(_, is_same)| !is_same)
    .map(|(part, _)| part)
    .collect()
}
