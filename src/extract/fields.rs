//! The app's struct as serde deserializes it: its fields, each from a config var or from a stand-in.

use super::search::{Search, var_name};
use super::stop::{Stop, only_structs};
use super::value::ValueDeserializer;
use crate::error::{Component, Error, Fault};
use crate::placeholder;
use crate::snapshot::ConfigVars;
use secrecy::ExposeSecret;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use std::cell::Cell;

/// The app's struct.
pub(super) struct StructDeserializer<'v> {
    pub(super) vars: &'v ConfigVars,
    pub(super) search: &'v Search,
    /// The only field to read; `None` for all.
    pub(super) only: Option<usize>,
}

impl<'de> Deserializer<'de> for StructDeserializer<'_> {
    type Error = Stop;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let Self { vars, search, only } = self;
        search.fields.set(fields);
        let result = visitor.visit_map(Fields {
            vars,
            search,
            only,
            fields,
            next: 0,
        });
        let field = match &result {
            Err(Stop::Missing(field) | Stop::Duplicate(field)) if only.is_none() => *field,
            _ => return result,
        };
        let name = var_name(vars, field);
        let error = match vars.look_up(&name) {
            _ if matches!(result, Err(Stop::Duplicate(_))) => Error::new(Fault::TwoNames),
            Some(value) if value.is_empty() => Error::new(Fault::Empty),
            _ if name == field || vars.is_left_out(&name) => vars.missing(&name),
            _ if vars.is_left_out(field) => vars.missing(field),
            _ => Error::new(Fault::NotFound).with_candidates([(&*name, None), (field, None)]),
        };
        let index = fields
            .iter()
            .position(|other| *other == field)
            .unwrap_or(fields.len());
        search.note(index, error.for_known_var(&name));
        result
    }

    only_structs!('de);
}

/// The fields that have a value or a stand-in.
struct Fields<'v> {
    vars: &'v ConfigVars,
    search: &'v Search,
    only: Option<usize>,
    fields: &'static [&'static str],
    /// The index of the next field.
    next: usize,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Stop> {
        while let Some(field) = self.fields.get(self.next) {
            let index = self.next;
            self.next += 1;
            let is_set = || {
                self.vars
                    .look_up(&var_name(self.vars, field))
                    .is_some_and(|value| !value.is_empty())
            };
            let has_value = match self.search.is_at_fault(index) {
                true => self.search.stand_in(index).is_some(),
                false => is_set(),
            };
            if has_value && self.only.is_none_or(|only| only == index) {
                return seed.deserialize(BorrowedStrDeserializer::new(field)).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Stop> {
        let index = self.next - 1;
        if let Some(stand_in) = self.search.stand_in(index) {
            // An error here, even of a nested struct, is not a fault of this struct.
            return seed.deserialize(stand_in).map_err(|_| {
                self.search.next_stand_in(index);
                Stop::Other
            });
        }
        let name = var_name(self.vars, self.fields[index]);
        let read = || {
            let value = self.vars.look_up(&name).ok_or(Stop::Other)?;
            let text = value.require().map_err(Stop::Field)?;
            if let Some(fault) = placeholder::in_plain_value(text.expose_secret()) {
                return Err(Stop::Field(Error::at(Component::Value, fault)));
            }
            let is_marked = Cell::new(false);
            let read = seed.deserialize(ValueDeserializer {
                text: text.expose_secret(),
                origin: Some((self.vars, &name)),
                is_marked: Some(&is_marked),
            });
            if !is_marked.get() {
                self.vars.recorder().note_value(&name);
            }
            read
        };
        read().map_err(|stop| {
            self.search.note(index, stop.into_error().for_known_var(&name));
            Stop::Other
        })
    }
}
