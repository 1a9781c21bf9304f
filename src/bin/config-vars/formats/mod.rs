//! Formats of config vars: text to names and values. The content decides which format a text is in.

mod base64;
mod docker;
mod document;
mod json;
mod kubernetes;
#[path = "../../../formats/raw_json.rs"]
mod raw_json;
mod terraform;
mod yaml;

use crate::shown::{self, ShownName};
use config_vars::{ConfigValue, ConfigVars};
use document::Node;
use std::collections::HashSet;

/// The formats, for messages and for `--help`.
pub(crate) const FORMATS: &str = "`heroku config --json` and `heroku config -s`, .env files, Kubernetes Secrets and ConfigMaps as \
     JSON or YAML, `docker inspect`, `docker compose config`, `terraform output -json`, Cloud Foundry's `VCAP_SERVICES`, and \
     folders with one file per config var";

/// The config vars of a text.
pub(crate) struct Parsed {
    pub(crate) vars: ConfigVars,
    /// Notes about outputs that were left out.
    pub(crate) notes: Vec<String>,
}

impl From<ConfigVars> for Parsed {
    fn from(vars: ConfigVars) -> Self {
        Self {
            vars,
            notes: Vec::new(),
        }
    }
}

/// Parses a text of any format. `select` names one of several services, containers or Secrets. A message names what the text
/// seems to be, and contains nothing of it but names of services, containers, Secrets and config vars.
pub(crate) fn parse(text: &str, select: Option<&str>) -> Result<Parsed, String> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let content = text.trim();
    if content.is_empty() {
        return Err("is empty".to_owned());
    }
    if let Some(what) = other_text(content) {
        return Err(not_a_format(what));
    }
    if content.starts_with(['{', '[', '"']) {
        return of_json(text, &json::parse(text)?, select);
    }
    if looks_like_yaml(content) {
        return of_yaml(yaml::parse(text)?, select);
    }
    if !content.lines().any(is_assignment) {
        return Err(not_a_format("text without a `NAME=value` line"));
    }
    refuse_selection(select)?;
    let vars = ConfigVars::parse_env_file(text).map_err(|error| error.to_string())?;
    Ok(vars.into())
}

fn not_a_format(what: &str) -> String {
    format!("is {what}; config-vars reads {FORMATS}")
}

/// Names a text of a well-known form that is not read. The first row that matches counts.
fn other_text(content: &str) -> Option<&'static str> {
    let line = content.lines().next().unwrap_or_default().trim_end();
    let is_section = line.starts_with('[')
        && line.ends_with(']')
        && !line.contains(['"', '{', ','])
        && content.lines().any(is_assignment);
    // Letters and a `://`, before anything else.
    let is_url = line.split_once("://").is_some_and(|(scheme, _)| {
        scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'+')
    });
    let rows = [
        (content.contains('\0'), "binary data"),
        (
            line.starts_with("=== "),
            "the table of `heroku config`, which is made for people; add `--json`",
        ),
        (
            line.starts_with("-----BEGIN "),
            "PEM text without the name of a config var",
        ),
        (
            line.starts_with("declare -x "),
            "the output of `export -p`; pass that of `env`",
        ),
        (line.starts_with('<'), "an HTML or XML document"),
        (line.starts_with("#!"), "a script"),
        (is_section, "an INI or TOML file"),
        (is_url, "a URL without the name of a config var"),
    ];
    rows.into_iter().find(|(is, _)| *is).map(|(_, what)| what)
}

/// Returns whether the first line that counts is one of YAML, and none of an env file.
fn looks_like_yaml(content: &str) -> bool {
    let mut lines = content.lines().map(str::trim_end);
    let Some(line) = lines.find(|line| !line.trim_start().is_empty() && !line.trim_start().starts_with('#'))
    else {
        return false;
    };
    let is_key = |key: &str| {
        let key = key.trim_matches(['"', '\'']);
        !key.is_empty()
            && key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_.-/".contains(&byte))
    };
    let has_key = match line.split_once(':') {
        Some((key, rest)) => is_key(key) && (rest.is_empty() || rest.starts_with([' ', '\t'])),
        None => false,
    };
    line == "---"
        || line.starts_with("--- ")
        || line.starts_with("%YAML")
        || line.starts_with("- ")
        || has_key
}

/// Returns whether the line begins as `NAME=` or `export NAME=`.
fn is_assignment(line: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let name = line.split_once('=').map_or("", |(name, _)| name.trim());
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

fn of_json(text: &str, document: &Node, select: Option<&str>) -> Result<Parsed, String> {
    if let Some(parsed) = of_node(document, select)? {
        return Ok(parsed);
    }
    refuse_selection(select)?;
    if are_services(document) {
        let vars = ConfigVars::parse_vcap_services(text).map_err(|error| error.to_string())?;
        return Ok(vars.into());
    }
    if let Some(parsed) = app_environment(text, document) {
        return parsed;
    }
    if let Some(parsed) = terraform::outputs(document) {
        return parsed;
    }
    match document {
        Node::Object(members) if are_texts(members) => names_and_texts(members),
        Node::Object(members) => Err(not_a_format(match members {
            members if members.iter().any(|(_, value)| value.text().is_some()) => {
                "a JSON object of names, not all of which have a text"
            }
            _ => "a JSON object of another form",
        })),
        Node::List(elements) if elements.is_empty() => Err("is an empty JSON list".to_owned()),
        Node::List(_) => Err(not_a_format("a JSON list of another form")),
        _ => Err(not_a_format("a JSON text or number")),
    }
}

fn of_yaml(documents: Vec<Node>, select: Option<&str>) -> Result<Parsed, String> {
    let document = match documents.len() {
        1 => documents.into_iter().next().unwrap_or(Node::Null),
        // Several documents are read as the list that `kubectl get` would write.
        _ => Node::List(documents),
    };
    match of_node(&document, select)? {
        Some(parsed) => Ok(parsed),
        None => Err(not_a_format("a YAML document of another form")),
    }
}

/// Reads the formats that are the same in JSON and YAML; `None` for others.
fn of_node(document: &Node, select: Option<&str>) -> Result<Option<Parsed>, String> {
    for read in [kubernetes::objects, docker::containers, docker::services] {
        if let Some(candidates) = read(document)? {
            return choose(candidates, select).map(Some);
        }
    }
    Ok(None)
}

/// Sets of config vars, of which one is meant.
struct Candidates {
    /// The noun for messages, in the plural.
    what: &'static str,
    sets: Vec<NamedSet>,
}

struct NamedSet {
    name: String,
    /// The name with what tells it from others of that name.
    full_name: String,
    vars: Result<Parsed, String>,
}

fn choose(candidates: Candidates, select: Option<&str>) -> Result<Parsed, String> {
    let Candidates { what, mut sets } = candidates;
    let is_selected =
        |set: &&NamedSet| select.is_none_or(|select| set.name == select || set.full_name == select);
    let names_of = |chosen: &[&NamedSet]| {
        let name = |set: &&NamedSet| {
            let is_unique = sets.iter().filter(|other| other.name == set.name).count() == 1;
            let name = if is_unique { &set.name } else { &set.full_name };
            ShownName::name(name).to_string()
        };
        chosen.iter().map(name).collect::<Vec<_>>().join(", ")
    };
    let selected: Vec<_> = sets.iter().filter(is_selected).collect();
    match (selected.len(), select) {
        (1, _) => {}
        (0, Some(_)) if !sets.is_empty() => {
            let names = names_of(&sets.iter().collect::<Vec<_>>());
            return Err(format!("has none of that name among its {what}: {names}"));
        }
        (0, _) => return Err(format!("has no {what}")),
        (count, _) => {
            let of_that_name = if select.is_some() { " of that name" } else { "" };
            let names = names_of(&selected);
            return Err(format!(
                "has {count} {what}{of_that_name}: {names}; choose one with `--select NAME`"
            ));
        }
    }
    match sets.iter().position(|set| is_selected(&set)) {
        Some(position) => sets.swap_remove(position).vars,
        None => Err(format!("has no {what}")),
    }
}

fn refuse_selection(select: Option<&str>) -> Result<(), String> {
    match select {
        None => Ok(()),
        Some(_) => Err("has nothing to choose from; leave out `--select`".to_owned()),
    }
}

/// Returns whether an object has texts alone. Heroku's API, which `heroku config --json` passes on, has null for a config var that
/// is not set.
fn are_texts(members: &[(String, Node)]) -> bool {
    let is_text = |(_, value): &(String, Node)| value.text().is_some();
    let is_allowed = |member: &(String, Node)| is_text(member) || member.1.is_null();
    members.iter().all(is_allowed) && (members.is_empty() || members.iter().any(is_text))
}

/// The output of `heroku config --json`.
fn names_and_texts(members: &[(String, Node)]) -> Result<Parsed, String> {
    let pairs = members
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.text()?.clone().into())));
    collect(pairs).map(Parsed::from)
}

/// Returns whether an object is the value of `VCAP_SERVICES`: lists of services, by their labels.
fn are_services(document: &Node) -> bool {
    let is_service = |service: &Node| service.get("credentials").is_some();
    let members = document.members().unwrap_or_default();
    let are_lists = |(_, services): &(String, Node)| {
        services
            .elements()
            .is_some_and(|list| list.iter().all(is_service))
    };
    !members.is_empty() && members.iter().all(are_lists)
}

/// Reads an object that has `VCAP_SERVICES`: the environment of an app by Cloud Foundry's API (`/v3/apps/GUID/env`), or a
/// part of it. The services stay text, as they are in the environment.
fn app_environment(text: &str, document: &Node) -> Option<Result<Parsed, String>> {
    let (system, text) = match document.get("system_env_json") {
        Some(system) => (system, json::raw_member(text, "system_env_json")?),
        None => (document, text),
    };
    system.get("VCAP_SERVICES")?.members()?;
    let services = json::raw_member(text, "VCAP_SERVICES")?;
    let others = document.get("environment_variables").and_then(Node::members);
    let others = others.unwrap_or_default().iter();
    let pairs = others.filter_map(|(name, value)| Some((name.clone(), value.scalar()?.clone().into())));
    let services = ("VCAP_SERVICES".to_owned(), services.into());
    Some(collect(pairs.chain([services])).map(Parsed::from))
}

/// Makes config vars of pairs. A name that may be a value is refused, because names are shown.
fn collect(pairs: impl Iterator<Item = (String, ConfigValue)>) -> Result<ConfigVars, String> {
    let mut names = HashSet::new();
    let mut checked = Vec::new();
    for (name, value) in pairs {
        if name.is_empty() || name.contains([':', '/', '@', '=', '?', '#', '\0']) {
            return Err("has a name that no config var can have".to_owned());
        }
        if !names.insert(name.clone()) {
            return Err(match shown::is_like_name(&name) {
                true => format!("gives {name} twice; keep one of the two"),
                false => "gives a name twice; keep one of the two".to_owned(),
            });
        }
        checked.push((name, value));
    }
    Ok(checked.into_iter().collect())
}
