//! Handles, which a layered configuration contains instead of the values of config vars.
//!
//! A handle is a map with one entry, whose value names a source and a config var. It is a map and not a text, so that a
//! field that cannot read handles is an error: a `String` would accept a text as the secret itself. The source's id is
//! random, so that a handle cannot be forged, for example in the body of a request.

use crate::error::{Component, Error, Fault};
use crate::lock::lock;
use crate::snapshot::ConfigVars;
use secrecy::{ExposeSecret, SecretString};
use serde::de::MapAccess;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, Weak};

/// The key of a handle's entry. It is a single word because `config` reads keys as paths.
pub(crate) const KEY: &str = "config_var_handle";

/// The sources that handles refer to. The list does not keep them alive.
static SOURCES: Mutex<Vec<Weak<HandleSource>>> = Mutex::new(Vec::new());

/// The source that handles refer to.
pub(crate) struct HandleSource {
    id: String,
    pub(crate) vars: ConfigVars,
    /// Reads a config var. This function is from a higher floor, which knows how several vars form one resource.
    read: fn(&ConfigVars, &str) -> Result<SecretString, Error>,
}

impl HandleSource {
    /// Registers the source. Handles can be read as long as it is kept.
    pub(crate) fn new(
        vars: ConfigVars,
        read: fn(&ConfigVars, &str) -> Result<SecretString, Error>,
    ) -> Arc<Self> {
        // The keyed hash is the standard library's only source of randomness: 64 bits per key.
        let random = || RandomState::new().hash_one(());
        let id = format!("{:016x}{:016x}", random(), random());
        let source = Arc::new(Self { id, vars, read });
        let mut sources = lock(&SOURCES);
        // Remove dead entries, so that the list does not grow without bound.
        sources.retain(|other| other.strong_count() > 0);
        sources.push(Arc::downgrade(&source));
        source
    }

    /// Returns the text that a typed URL is parsed from.
    pub(crate) fn url_text(&self, name: &str) -> Result<SecretString, Error> {
        (self.read)(&self.vars, name)
    }

    /// Returns the value of the entry under [`KEY`].
    pub(crate) fn handle(&self, name: &str) -> String {
        format!("{} {name}", self.id)
    }
}

/// Returns the source and the name of the config var that a handle refers to. The error for another map contains nothing of
/// it, and no message of the format.
pub(crate) fn read<'de, A: MapAccess<'de>>(mut map: A) -> Result<(Arc<HandleSource>, String), Error> {
    let not_text = || Error::at(Component::Value, Fault::NotText);
    match map.next_key::<SecretString>() {
        Ok(Some(key)) if key.expose_secret() == KEY => {}
        _ => return Err(not_text()),
    }
    let handle = map.next_value::<SecretString>().map_err(|_| not_text())?;
    let (id, name) = handle.expose_secret().split_once(' ').ok_or_else(not_text)?;
    let source = lock(&SOURCES)
        .iter()
        .filter_map(Weak::upgrade)
        .find(|source| source.id == id);
    // The error does not contain the name, because without a source it may be any text.
    let source = source.ok_or_else(|| Error::at(Component::Value, Fault::HandleWithoutSource))?;
    Ok((source, name.to_owned()))
}
