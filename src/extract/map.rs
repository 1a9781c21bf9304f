//! A map: the config vars that begin with the name of its field.

use super::fields::read_value;
use super::search::Search;
use super::stop::{Stop, refuse_others};
use super::value::ValueDeserializer;
use crate::error::{Error, Fault};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use std::collections::HashSet;

pub(super) struct MapDeserializer<'s, 'v> {
    pub(super) search: &'s Search<'v>,
    /// The keys, and the names of the config vars.
    pub(super) entries: Vec<(String, &'v str)>,
    /// The path of the field.
    pub(super) path: Vec<usize>,
}

impl<'de> Deserializer<'de> for MapDeserializer<'_, '_> {
    type Error = Stop;

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let mut keys = HashSet::new();
        let keys_of = self.entries.iter().map(|(key, _)| key.as_str());
        let is_repeated = keys_of.map(|key| !keys.insert(key)).collect();
        visitor.visit_map(Entries {
            map: self,
            is_repeated,
            next: 0,
        })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_some(self)
    }

    refuse_others! { Stop::Unsupported, struct identifier }
}

/// The entries without faults.
struct Entries<'s, 'v> {
    map: MapDeserializer<'s, 'v>,
    /// Whether an entry before it has the same key, for each entry.
    is_repeated: Vec<bool>,
    next: usize,
}

impl Entries<'_, '_> {
    /// Records the fault of an entry, and ends the pass. The next pass leaves the entry out.
    fn stop(&self, index: usize, error: Error) -> Stop {
        let name = self.map.entries[index].1;
        self.map.search.note(&self.path(index), error.for_known_var(name));
        Stop::Other
    }

    fn path(&self, index: usize) -> Vec<usize> {
        let mut path = self.map.path.clone();
        path.push(index);
        path
    }
}

impl<'de> MapAccess<'de> for Entries<'_, '_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Stop> {
        while let Some((key, _)) = self.map.entries.get(self.next) {
            let index = self.next;
            self.next += 1;
            if self.map.search.is_at_fault(&self.path(index)) {
                continue;
            }
            if self.is_repeated[index] {
                return Err(self.stop(index, Error::new(Fault::TwoNames)));
            }
            let key = ValueDeserializer {
                text: key,
                origin: None,
            };
            return match seed.deserialize(key) {
                Ok(key) => Ok(Some(key)),
                Err(_) => Err(self.stop(index, Error::new(Fault::UnknownEntry))),
            };
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Stop> {
        let index = self.next - 1;
        read_value(self.map.search, self.map.entries[index].1, seed)
            .map_err(|stop| self.stop(index, stop.into_error()))
    }
}
