//! The JSON object. `docs/command.schema.json` is its schema, which does not change within a schema version.

use crate::report::{Findings, message};
use crate::shown::{self, REDACTED};
use config_vars::{Attachment, Error, ExposeSecret, Host, MongoUrl, ResourceUrl, Role, SecretString};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Write;

/// The version of the objects' schema. It changes when a field is removed or changes its meaning.
pub(crate) const SCHEMA: u32 = 1;

pub(crate) fn write(report: &Findings<'_>, hints: &[String], reveal: bool) -> String {
    let mut members: HashMap<&str, (&Attachment<'_>, Role)> = HashMap::new();
    let mut urls: HashMap<&str, Result<&ResourceUrl, &Error>> = HashMap::new();
    for attachment in &report.attachments {
        members.extend(attachment.roles().map(|(name, role)| (name, (attachment, role))));
        urls.extend(attachment.urls());
    }
    let entries: Vec<Value> = report
        .vars
        .iter()
        .map(|(name, value)| {
            let mut entry = match members.get(name) {
                Some((attachment, role)) => var(name, attachment, *role, urls.get(name).copied(), reveal),
                None => entry(
                    name,
                    None,
                    report.vars.role(name).unwrap_or(Role::Other),
                    "ignored",
                ),
            };
            if reveal {
                entry["value"] = value.secret().map(|value| value.expose_secret()).into();
            }
            entry
        })
        .collect();
    let attachments: Vec<Value> = report.attachments.iter().map(attachment).collect();
    let faults = report.faults.iter().map(|error| {
        let mut fault = fault(error);
        fault["var"] = error.var().map(name).into();
        fault
    });
    let notes = report
        .notes
        .iter()
        .map(|note| json!({ "attachment": note.attachment, "message": note.message }));
    let hints = hints
        .iter()
        .map(|hint| json!({ "attachment": null, "message": hint }));
    text(&json!({
        "schema": SCHEMA,
        "attachments": attachments,
        "vars": entries,
        "faults": faults.collect::<Vec<_>>(),
        "notes": notes.chain(hints).collect::<Vec<_>>(),
    }))
}

/// Returns an object as it is printed.
pub(crate) fn text(object: &Value) -> String {
    escaped(&format!("{object:#}")) + "\n"
}

/// Escapes characters that serde_json does not, and that control a terminal or are invisible: DEL, C1 controls, marks of
/// direction, characters of no width. They occur in strings only.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        match shown::is_unsafe(character) && character != '\n' {
            // Nothing that is written to a `String` can fail.
            true => character
                .encode_utf16(&mut [0; 2])
                .iter()
                .for_each(|unit| _ = write!(out, "\\u{unit:04x}")),
            false => out.push(character),
        }
    }
    out
}

/// A name without escapes, because programs look things up by it; redacted if it may be a value.
pub(crate) fn name(name: &str) -> Value {
    match shown::is_value(name) {
        true => REDACTED.into(),
        false => name.into(),
    }
}

fn attachment(attachment: &Attachment<'_>) -> Value {
    let aliases: Vec<Value> = attachment
        .aliases()
        .map(|alias| json!({ "name": name(alias.name()), "certain": alias.is_certain() }))
        .collect();
    json!({
        "name": name(attachment.name()),
        "kind": attachment.kind().map(|kind| kind.to_string()),
        "vars": attachment.var_names().map(name).collect::<Vec<_>>(),
        "aliases": aliases,
        "tls": attachment.tls().as_str(),
    })
}

/// A config var about which only its role is known.
fn entry(var: &str, attachment: Option<&str>, role: Role, status: &str) -> Value {
    json!({
        "name": name(var), "attachment": attachment.map(name), "role": role.as_str(), "status": status, "value": null,
        "kind": null, "scheme": null, "tls": null, "hosts": [], "username": null, "password": null, "database": null, "path": null, "query": [],
        "warnings": [], "error": null,
    })
}

fn var(
    name: &str,
    attachment: &Attachment<'_>,
    role: Role,
    url: Option<Result<&ResourceUrl, &Error>>,
    reveal: bool,
) -> Value {
    let mut entry = entry(name, Some(attachment.name()), role, "ok");
    match url {
        Some(Ok(url)) => describe(&mut entry, url, reveal),
        Some(Err(error)) => {
            entry["status"] = "invalid".into();
            entry["kind"] = attachment.kind().map(|kind| kind.to_string()).into();
            entry["error"] = fault(error);
        }
        None => {
            if let Some(error) = attachment.faults().find(|error| error.var() == Some(name)) {
                entry["status"] = "invalid".into();
                entry["error"] = fault(error);
            }
        }
    }
    entry
}

pub(crate) fn fault(error: &Error) -> Value {
    json!({
        "kind": error.kind().as_str(),
        // Each has a name of one word.
        "component": error.component().map(|component| format!("{component:?}").to_ascii_lowercase()),
        "message": message(error),
    })
}

fn describe(entry: &mut Value, url: &ResourceUrl, reveal: bool) {
    let secret = |text: &str| match (text, reveal) {
        ("", _) => Value::from(""),
        (text, true) => text.into(),
        (_, false) => REDACTED.into(),
    };
    let of_secret = |text: Option<&SecretString>| text.map(|text| secret(text.expose_secret()));
    let is_public = |host: &Host| reveal || !host.is_in_doubt();
    entry["kind"] = url.kind().to_string().into();
    entry["scheme"] = match reveal || url.is_scheme_public() {
        true => url.scheme().into(),
        false => REDACTED.into(),
    };
    entry["tls"] = url.tls().as_str().into();
    entry["hosts"] = url
        .hosts()
        .iter()
        .map(|host| match (is_public(host), host.is_socket(), host.port()) {
            (false, ..) => json!({ "host": REDACTED, "port": null, "port_is_default": null }),
            (_, true, _) => json!({ "socket": host.as_str() }),
            (.., port) => json!({
                "host": host.as_str(),
                "port": port.map(|port| port.number()),
                "port_is_default": port.map(|port| port.is_default()),
            }),
        })
        .collect();
    entry["username"] = of_secret(url.username()).into();
    entry["password"] = of_secret(url.password()).into();
    let of_database = |text: &str| match url.database().is_some() && url.is_database_public() {
        true => text.into(),
        false => secret(text),
    };
    entry["database"] = url.database().map(of_database).into();
    entry["path"] = url.expose_path().map(of_database).into();
    // The name of an option may be a piece of a secret as well as its value.
    entry["query"] = url
        .query_pairs()
        .map(|(name, value)| json!([secret(name.expose_secret()), secret(value.expose_secret())]))
        .collect();
    if let Ok(mongo) = MongoUrl::try_from(url.clone()) {
        entry["warnings"] = mongo.warnings().iter().map(ToString::to_string).collect();
    }
}
