//! Kubernetes Secrets and ConfigMaps, as `kubectl get -o json` or `-o yaml` write them, and as manifests.

use super::document::Node;
use super::{Candidates, NamedSet, Parsed, base64, collect};
use crate::shown;
use config_vars::{ConfigValue, ExposeSecret};
use std::ffi::OsString;

pub(super) fn objects(document: &Node) -> Result<Option<Candidates>, String> {
    let items: Vec<&Node> = match document {
        Node::List(items) => items.iter().collect(),
        node if kind(node).is_some_and(|kind| kind.ends_with("List")) => {
            let items = node.get("items").and_then(Node::elements).unwrap_or_default();
            items.iter().collect()
        }
        node => vec![node],
    };
    // `kubectl get` that found nothing writes an empty list.
    let is_list = items.is_empty() && is_object(document);
    if !is_list && (items.is_empty() || !items.iter().all(|item| is_object(item))) {
        return Ok(None);
    }
    let sets: Vec<_> = items
        .iter()
        .filter(|item| matches!(kind(item), Some("Secret" | "ConfigMap")))
        .map(|item| NamedSet {
            name: name(item).to_owned(),
            full_name: full_name(item),
            vars: vars(item),
        })
        .collect();
    if sets.is_empty() && !is_list {
        return Err(super::not_a_format(
            "a Kubernetes object that is neither a Secret nor a ConfigMap",
        ));
    }
    Ok(Some(Candidates {
        what: "Secrets and ConfigMaps",
        sets,
    }))
}

fn kind(object: &Node) -> Option<&str> {
    object.get("kind")?.text().map(ExposeSecret::expose_secret)
}

fn is_object(node: &Node) -> bool {
    node.get("apiVersion").is_some() && kind(node).is_some()
}

fn name(object: &Node) -> &str {
    metadata(object, "name").unwrap_or_default()
}

/// Returns the name as `kubectl` takes it, after the namespace, if there is one: `shop/secret/database`.
fn full_name(object: &Node) -> String {
    let kind = kind(object).unwrap_or_default().to_ascii_lowercase();
    let parts = [metadata(object, "namespace"), Some(&kind), Some(name(object))];
    parts.into_iter().flatten().collect::<Vec<_>>().join("/")
}

fn metadata<'n>(object: &'n Node, key: &str) -> Option<&'n str> {
    let text = object.at(&["metadata", key])?.text()?;
    Some(text.expose_secret())
}

fn vars(object: &Node) -> Result<Parsed, String> {
    let is_secret = kind(object) == Some("Secret");
    let members = |key: &str| match object.get(key) {
        None | Some(Node::Null) => Ok([].as_slice()),
        Some(node) => node
            .members()
            .ok_or(format!("has a `{key}` that is not an object")),
    };
    let not_text = |key: &str| format!("has a value under `{key}` that is not a text; put it in quotes");
    // A Secret's plain texts replace what is encoded, as the API server does it.
    let plain = members(if is_secret { "stringData" } else { "data" })?;
    let is_replaced = |name: &str| is_secret && plain.iter().any(|(plain, _)| plain == name);
    let mut pairs = Vec::new();
    for (name, value) in plain {
        let text = value
            .text()
            .ok_or_else(|| not_text(if is_secret { "stringData" } else { "data" }))?;
        pairs.push((name.clone(), ConfigValue::from(text.clone())));
    }
    let encoded = if is_secret { "data" } else { "binaryData" };
    for (name, value) in members(encoded)?.iter().filter(|(name, _)| !is_replaced(name)) {
        let bytes = match value {
            // `kubectl create secret` writes an empty value as null.
            Node::Null => Some(Vec::new().into()),
            value => {
                let text = value.text().ok_or_else(|| not_text(encoded))?;
                base64::decode(text.expose_secret())
            }
        };
        let bytes = bytes.ok_or_else(|| {
            let which = match shown::is_like_name(name) {
                true => name,
                false => "a value",
            };
            let plain = if is_secret { "stringData" } else { "data" };
            format!("has {which} under `{encoded}`, which is not Base64; plain text goes under `{plain}`")
        })?;
        let value = match std::str::from_utf8(&bytes) {
            Ok(text) => text.into(),
            Err(_) => not_unicode(),
        };
        pairs.push((name.clone(), value));
    }
    collect(pairs.into_iter()).map(Parsed::from)
}

/// Returns the value of a config var that is not text, without its bytes.
fn not_unicode() -> ConfigValue {
    #[cfg(unix)]
    let value: OsString = std::os::unix::ffi::OsStringExt::from_vec(vec![0xFF]);
    #[cfg(windows)]
    let value: OsString = std::os::windows::ffi::OsStringExt::from_wide(&[0xD800]);
    #[cfg(not(any(unix, windows)))]
    let value = OsString::new();
    value.into()
}
