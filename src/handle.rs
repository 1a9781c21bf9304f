//! Handles: what a layered configuration holds in place of the values of config vars.
//!
//! A handle is a map of one entry, whose value names a source and a config var. It is a map, and no text, so that a
//! field that cannot read handles is an error: a `String` would take a text for the secret itself. The source's id is
//! random, so that nobody can make a handle up, in a request's body for example.

use crate::error::{Component, Error, Fault};
use crate::snapshot::ConfigVars;
use secrecy::{ExposeSecret, SecretString};
use serde::de::MapAccess;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// The key of a handle's one entry. One word, for `config` reads keys as paths.
pub(crate) const KEY: &str = "config_var_handle";

/// The sources that handles can be read from. It keeps none of them alive.
static SOURCES: Mutex<Vec<Weak<HandleSource>>> = Mutex::new(Vec::new());

/// What handles lead to.
pub(crate) struct HandleSource {
    id: String,
    pub(crate) vars: ConfigVars,
    /// Reads a config var. A function of a higher floor, where it is known how several vars make one resource.
    read: fn(&ConfigVars, &str) -> Result<SecretString, Error>,
}

impl HandleSource {
    /// Handles can be read for as long as it is kept.
    pub(crate) fn new(
        vars: ConfigVars,
        read: fn(&ConfigVars, &str) -> Result<SecretString, Error>,
    ) -> Arc<Self> {
        // The standard library's keyed hash is its one source of randomness: 64 bits a key.
        let random = || RandomState::new().hash_one(());
        let id = format!("{:016x}{:016x}", random(), random());
        let source = Arc::new(Self { id, vars, read });
        let mut sources = sources();
        // So there are never more than twice as many entries as sources that are kept.
        sources.retain(|other| other.strong_count() > 0);
        sources.push(Arc::downgrade(&source));
        source
    }

    /// The text that a typed URL is read from.
    pub(crate) fn url_text(&self, name: &str) -> Result<SecretString, Error> {
        (self.read)(&self.vars, name)
    }

    /// The value of the entry under [`KEY`].
    pub(crate) fn handle(&self, name: &str) -> String {
        format!("{} {name}", self.id)
    }
}

/// A list of `Weak`s is whole at every moment, so a panic elsewhere is no reason to give it up.
fn sources() -> MutexGuard<'static, Vec<Weak<HandleSource>>> {
    SOURCES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The name and the value of the config var that a handle stands for. Of a map that is no handle, nothing is told, and
/// no message of the format is passed on.
pub(crate) fn read<'de, A: MapAccess<'de>>(mut map: A) -> Result<(Arc<HandleSource>, String), Error> {
    let not_text = || Error::at(Component::Value, Fault::NotText);
    match map.next_key::<SecretString>() {
        Ok(Some(key)) if key.expose_secret() == KEY => {}
        _ => return Err(not_text()),
    }
    let handle = map.next_value::<SecretString>().map_err(|_| not_text())?;
    let (id, name) = handle.expose_secret().split_once(' ').ok_or_else(not_text)?;
    let source = sources()
        .iter()
        .filter_map(Weak::upgrade)
        .find(|source| source.id == id);
    // The name is not told: without its source, nothing says that it is one.
    let source = source.ok_or_else(|| Error::at(Component::Value, Fault::HandleWithoutSource))?;
    Ok((source, name.to_owned()))
}
