//! The app's struct as serde deserializes it: its fields, each from a config var or from a stand-in, and the structs in it.

use super::map::MapDeserializer;
use super::names::Level;
use super::search::Search;
use super::shape::{FieldShape, StructShape};
use super::stop::{Stop, refuse_others};
use super::value::ValueDeserializer;
use crate::error::{Component, Error, Fault};
use crate::placeholder;
use crate::snapshot::{ConfigValue, ConfigVars};
use secrecy::ExposeSecret;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

/// The app's struct, or one within it.
pub(super) struct StructDeserializer<'s, 'v> {
    pub(super) search: &'s Search<'v>,
    pub(super) node: &'s StructShape,
    pub(super) level: Level,
    /// The path of this struct.
    pub(super) path: Vec<usize>,
    /// The path of the only field to read; `None` for all.
    pub(super) only: Option<&'s [usize]>,
}

impl<'de> Deserializer<'de> for StructDeserializer<'_, '_> {
    type Error = Stop;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let Self {
            search,
            node,
            level,
            mut path,
            only,
        } = self;
        let result = visitor.visit_map(Fields {
            search,
            node,
            level: &level,
            path: path.clone(),
            only,
            next: 0,
        });
        let field = match &result {
            Err(Stop::Missing(field) | Stop::Duplicate(field)) if only.is_none() => *field,
            _ => return result,
        };
        let index = fields.iter().position(|other| *other == field);
        path.push(index.unwrap_or(fields.len()));
        let shape = index.and_then(|index| node.shapes.get(index));
        match (&result, shape) {
            (Err(Stop::Duplicate(_)), _) => {
                let error = Error::new(Fault::TwoNames);
                search.note(&path, error.for_known_var(&search.var_name(&level, field)));
            }
            (_, Some(FieldShape::Struct(_))) if !search.is_at_fault(&path) => search.require(&path),
            (_, Some(FieldShape::Map)) => {
                let name = level.within(field).prefix().to_owned();
                search.note(&path, Error::new(Fault::NoEntries).for_known_var(&name));
            }
            _ => search.note(&path, search.missing(&level, field)),
        }
        result
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.search.has_any(&self.level, self.node) || self.search.has_fault_within(&self.path) {
            true => visitor.visit_some(self),
            false => visitor.visit_none(),
        }
    }

    refuse_others! { Stop::Unsupported, map identifier }
}

/// The fields that have a value or a stand-in.
struct Fields<'s, 'v> {
    search: &'s Search<'v>,
    node: &'s StructShape,
    level: &'s Level,
    path: Vec<usize>,
    only: Option<&'s [usize]>,
    /// The index of the next field.
    next: usize,
}

impl Fields<'_, '_> {
    fn path_of(&self, index: usize) -> Vec<usize> {
        let mut path = self.path.clone();
        path.push(index);
        path
    }

    fn has_value(&self, index: usize) -> bool {
        let Self { search, level, .. } = self;
        let (field, path) = (self.node.fields[index], self.path_of(index));
        match &self.node.shapes[index] {
            FieldShape::Struct(node) => {
                !search.is_at_fault(&path)
                    && (search.is_required(&path)
                        || search.has_any(&level.of_struct(field, node.is_flat), node))
            }
            _ if search.is_at_fault(&path) => search.stand_in(&path).is_some(),
            FieldShape::Map => !search.entries(level, field).all.is_empty(),
            FieldShape::Plain => search.is_set(&search.var_name(level, field)),
        }
    }
}

impl<'de> MapAccess<'de> for Fields<'_, '_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Stop> {
        while let Some(field) = self.node.fields.get(self.next).copied() {
            let index = self.next;
            self.next += 1;
            let is_wanted = self
                .only
                .is_none_or(|only| only.get(self.path.len()) == Some(&index));
            if is_wanted && self.has_value(index) {
                return seed.deserialize(BorrowedStrDeserializer::new(field)).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Stop> {
        let Self {
            search, node, level, ..
        } = *self;
        let index = self.next - 1;
        let (field, path) = (node.fields[index], self.path_of(index));
        if let Some(stand_in) = search.stand_in(&path) {
            // An error here, even of a nested struct, is not a fault of this struct.
            search.begin(&path, "");
            let value = seed.deserialize(stand_in);
            search.end();
            return value.map_err(|_| {
                search.next_stand_in(&path);
                Stop::Other
            });
        }
        let result = match &node.shapes[index] {
            FieldShape::Plain => {
                let name = search.var_name(level, field);
                let value = search.vars.look_up(&name).ok_or(Stop::Other)?;
                search.begin(&path, &name);
                let value = read_value(search.vars, &name, value, seed);
                search.end();
                return value.map_err(|stop| {
                    search.note(&path, stop.into_error().for_known_var(&name));
                    Stop::Other
                });
            }
            FieldShape::Map => seed.deserialize(MapDeserializer {
                search,
                entries: search.entries(level, field),
                path: path.clone(),
            }),
            FieldShape::Struct(inner) => seed.deserialize(StructDeserializer {
                search,
                node: inner,
                level: level.of_struct(field, inner.is_flat),
                path: path.clone(),
                only: self.only,
            }),
        };
        result.map_err(|_| {
            // Missing fields of a nested struct are recorded by now. Without any fault in it, its type rejects it as a whole.
            if !search.is_news.get() && !search.has_fault_within(&path) {
                let name = match &node.shapes[index] {
                    FieldShape::Struct(inner) if inner.is_flat => level.upper(field),
                    _ => level.within(field).prefix().to_owned(),
                };
                search.note(&path, Error::new(Fault::Rejected).for_known_var(&name));
            }
            Stop::Other
        })
    }
}

/// Reads the value of a config var.
pub(super) fn read_value<'de, S: DeserializeSeed<'de>>(
    vars: &ConfigVars,
    name: &str,
    value: &ConfigValue,
    seed: S,
) -> Result<S::Value, Stop> {
    let text = value.require().map_err(Stop::Field)?.expose_secret();
    if let Some(fault) = placeholder::in_plain_value(text) {
        return Err(Stop::Field(Error::at(Component::Value, fault)));
    }
    seed.deserialize(ValueDeserializer {
        text,
        origin: Some((vars, name)),
    })
}
