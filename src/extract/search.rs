//! [`Search`]: the faults that the passes have found so far.

use super::aliases::aliases;
use super::stand_in::{STAND_INS, StandIn};
use crate::error::{Error, Fault};
use crate::snapshot::{ConfigValue, ConfigVars};
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};

/// The faults that the passes have found.
#[derive(Default)]
pub(super) struct Search {
    pub(super) found: RefCell<Vec<FieldFault>>,
    /// Whether the current pass has found a fault that the next pass can continue from.
    pub(super) is_news: Cell<bool>,
    /// The names of the struct's fields and their aliases.
    pub(super) fields: Cell<&'static [&'static str]>,
}

/// A field at fault.
pub(super) struct FieldFault {
    field: usize,
    error: Error,
    /// The index of the stand-in that is tried for it.
    stand_in: usize,
}

impl Search {
    /// Records a fault, unless it was found before.
    pub(super) fn note(&self, field: usize, error: Error) {
        let mut found = self.found.borrow_mut();
        if found.iter().all(|known| known.field != field) {
            found.push(FieldFault {
                field,
                error,
                stand_in: 0,
            });
            self.is_news.set(true);
        }
    }

    pub(super) fn is_at_fault(&self, field: usize) -> bool {
        self.found.borrow().iter().any(|known| known.field == field)
    }

    pub(super) fn stand_in(&self, field: usize) -> Option<StandIn> {
        let found = self.found.borrow();
        let known = found.iter().find(|known| known.field == field)?;
        Some(StandIn {
            text: STAND_INS.get(known.stand_in)?,
        })
    }

    /// Records that a stand-in was rejected, so that the next pass tries another.
    pub(super) fn next_stand_in(&self, field: usize) {
        let mut found = self.found.borrow_mut();
        if let Some(known) = found.iter_mut().find(|known| known.field == field) {
            // If none is left, the field is treated as missing, which reveals what is missing before it.
            known.stand_in += 1;
            self.is_news.set(true);
        }
    }

    pub(super) fn into_error<T: DeserializeOwned>(self, vars: &ConfigVars) -> Error {
        let mut found = self.found.into_inner();
        found.sort_by_key(|known| known.field);
        if found.is_empty() {
            return Error::new(Fault::NotAStruct);
        }
        let fields = self.fields.get();
        let with_aliases = |known: FieldFault| match known.error.fault() {
            Fault::NotFound | Fault::Missing => {
                missing(vars, &aliases::<T>(fields, known.field), known.error)
            }
            _ => known.error,
        };
        Error::all(found.into_iter().map(with_aliases).collect())
    }
}

/// The error for a field that is missing under all of its names.
fn missing(vars: &ConfigVars, names: &[&'static str], error: Error) -> Error {
    let [_, _, ..] = names else { return error };
    let mut looked_for: Vec<Cow<'_, str>> = Vec::new();
    for name in names {
        for name in [var_name(vars, name), Cow::Borrowed(*name)] {
            if !looked_for.contains(&name) {
                looked_for.push(name);
            }
        }
    }
    if let Some(name) = looked_for
        .iter()
        .find(|name| vars.look_up(name).is_some_and(ConfigValue::is_empty))
    {
        return Error::new(Fault::Empty).for_known_var(name);
    }
    error
        .with_fault(Fault::NotFound)
        .with_candidates(looked_for.iter().map(|name| (&**name, None)))
}

/// Returns the config var that a field is read from: the one with the field's name if that is set, or else the name in upper
/// case.
pub(super) fn var_name<'f>(vars: &ConfigVars, field: &'f str) -> Cow<'f, str> {
    match vars.look_up(field) {
        Some(_) => Cow::Borrowed(field),
        None => Cow::Owned(field.to_ascii_uppercase().replace('-', "_")),
    }
}
