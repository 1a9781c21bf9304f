//! Deserializes config vars into the app's own struct, and reports all faults at once.
//!
//! serde stops at the first error. Therefore the struct is deserialized again after each error, with a stand-in for the field
//! at fault, until nothing new is found; a value that contains stand-ins is discarded. serde's own messages are never passed
//! on, because they quote the value: each fault is described in this crate's words.

mod aliases;
mod fields;
mod search;
mod stand_in;
mod stop;
mod url_text;
mod value;

pub(crate) use stop::Stop;
#[cfg(feature = "figment")]
pub(crate) use url_text::url_text;

use crate::error::{Error, Fault};
use crate::snapshot::ConfigVars;
use fields::StructDeserializer;
use search::Search;
#[cfg(feature = "figment")]
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
#[cfg(feature = "figment")]
use value::ValueDeserializer;

/// Reads config vars into the app's own struct; see [`ConfigVars::extract`].
pub(crate) fn extract<T: DeserializeOwned>(vars: &ConfigVars) -> Result<T, Error> {
    let search = Search::default();
    loop {
        search.is_news.set(false);
        match T::deserialize(StructDeserializer {
            vars,
            search: &search,
            only: None,
        }) {
            Ok(value) if search.found.borrow().is_empty() => return Ok(value),
            Err(Stop::Unsupported) => return Err(Error::new(Fault::NotAStruct)),
            Err(_) if search.is_news.get() => {}
            // The pass was complete, with stand-ins: no more to find.
            Ok(_) => return Err(search.into_error::<T>(vars)),
            // For one of the fields no stand-in is good enough. The others can be looked at one by one; only what
            // is missing beyond it stays unseen.
            Err(_) => break,
        }
    }
    for only in 0..search.fields.get().len() {
        _ = T::deserialize(StructDeserializer {
            vars,
            search: &search,
            only: Some(only),
        });
    }
    Err(search.into_error::<T>(vars))
}

/// Reads one config var as a field of type `T`.
#[cfg(feature = "figment")]
pub(crate) fn read_var<T: DeserializeOwned>(vars: &ConfigVars, name: &str) -> Result<T, Error> {
    let text = vars.required(name)?.expose_secret();
    T::deserialize(ValueDeserializer {
        text,
        origin: Some((vars, name)),
        is_marked: None,
    })
    .map_err(Stop::into_error)
}

/// Deserializes text as a field of type `T`.
#[cfg(feature = "figment")]
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    T::deserialize(ValueDeserializer {
        text,
        origin: None,
        is_marked: None,
    })
    .map_err(Stop::into_error)
}
