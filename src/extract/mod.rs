//! Deserializes config vars into the app's own struct, and reports all faults at once.
//!
//! serde stops at the first error. Therefore the struct is deserialized again after each error, with a stand-in for the field
//! at fault, until nothing new is found; a value that contains stand-ins is discarded. serde's own messages are never passed
//! on, because they quote the value: each fault is described in this crate's words.

mod aliases;
mod duration;
mod entry;
mod fields;
mod flat;
mod map;
mod names;
mod probe;
mod search;
mod shape;
mod stand_in;
mod stop;
mod url_text;
mod value;

pub use flat::deserialize_flat;
pub(crate) use stop::Stop;
#[cfg(feature = "figment")]
pub(crate) use url_text::url_text;

use crate::error::{Error, Fault};
use crate::isolate::isolate;
use crate::snapshot::{ConfigValue, ConfigVars};
use fields::{StructDeserializer, read_value};
use names::Level;
use search::Search;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use stop::Unset;
#[cfg(feature = "figment")]
use value::ValueDeserializer;

/// Reads config vars into the app's own struct; see [`ConfigVars::extract`]. All their names begin with the prefix.
pub(crate) fn extract<T: DeserializeOwned>(vars: &ConfigVars, prefix: &str) -> Result<T, Error> {
    let node = shape::of_struct::<T>(prefix)?;
    let top = Level::top(prefix);
    let mut search = Search::new(vars);
    search.find_maps((&top, &node), &top, &node);
    let search = search;
    let pass = |only| {
        let pass = || {
            T::deserialize(StructDeserializer {
                search: &search,
                node: &node,
                level: top.clone(),
                path: Vec::new(),
                only,
            })
        };
        // A type may panic at a config var, at a stand-in, or at what it finds beside one. That must not hide the faults.
        let result = catch_unwind(AssertUnwindSafe(pass));
        result.unwrap_or_else(|panic| {
            if !search.note_panic() {
                resume_unwind(panic);
            }
            forget(panic);
            Err(Stop::Other)
        })
    };
    loop {
        search.is_news.set(false);
        match pass(None) {
            Ok(value) if search.has_no_faults() => return Ok(value),
            Err(_) if search.is_news.get() => {}
            // The pass was complete, with stand-ins: no more to find.
            Ok(_) => return Err(search.into_error::<T>(prefix, &node)),
            // For one of the fields no stand-in is good enough. The others can be looked at one by one; only what
            // is missing beyond it stays unseen.
            Err(_) => break,
        }
    }
    let mut leaves = Vec::new();
    node.add_leaves(&mut Vec::new(), &mut leaves);
    for leaf in &leaves {
        _ = pass(Some(leaf));
    }
    Err(search.into_error::<T>(prefix, &node))
}

/// Reads the value of one config var; see [`ConfigVars::parse`].
pub(crate) fn parse<T: DeserializeOwned>(vars: &ConfigVars, name: &str) -> Result<T, Error> {
    shape::check_value::<T>().map_err(|error| error.for_var(name))?;
    match vars.look_up(name) {
        Some(value) if !value.is_empty() => {
            let value = isolate(|| read_value(vars, name, value, PhantomData));
            let value = value.unwrap_or(Err(Stop::Field(Error::new(Fault::TypePanicked))));
            value.map_err(|stop| stop.into_error().for_known_var(name))
        }
        value => T::deserialize(Unset).map_err(|_| match value.map(ConfigValue::require) {
            Some(Err(error)) => error.for_known_var(name),
            _ => vars.missing(name),
        }),
    }
}

/// Deserializes text as a field of type `T`.
#[cfg(feature = "figment")]
pub(crate) fn parse_text<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    T::deserialize(ValueDeserializer { text, origin: None }).map_err(Stop::into_error)
}
