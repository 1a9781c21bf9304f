//! A map: the config vars that begin with the name of its field.

use super::fields::read_value;
use super::search::Search;
use super::stop::{Stop, refuse_others};
use super::value::ValueDeserializer;
use crate::error::{Error, Fault};
use crate::snapshot::Var;
use crate::sorted::first_equals;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

pub(super) struct MapDeserializer<'s, 'v> {
    pub(super) search: &'s Search<'v>,
    /// The keys, and the config vars.
    pub(super) entries: Vec<(String, &'v Var)>,
    /// The path of the field.
    pub(super) path: Vec<usize>,
}

impl<'de> Deserializer<'de> for MapDeserializer<'_, '_> {
    type Error = Stop;

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let key = |index: usize| &self.entries[index].0;
        let firsts = first_equals(self.entries.len(), &|one, other| key(one).cmp(key(other)));
        visitor.visit_map(Entries {
            path: [&*self.path, &[0]].concat(),
            map: self,
            firsts,
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
    /// The index of the first entry with the same key, for each entry.
    firsts: Vec<usize>,
    /// The path of the current entry.
    path: Vec<usize>,
    next: usize,
}

impl Entries<'_, '_> {
    /// Records the fault of the current entry, and ends the pass. The next pass leaves the entry out.
    fn stop(&self, error: Error) -> Stop {
        let var = self.map.entries[self.next - 1].1;
        self.map.search.note(&self.path, error.for_known_var(&var.name));
        Stop::Other
    }
}

impl<'de> MapAccess<'de> for Entries<'_, '_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Stop> {
        while let Some((key, _)) = self.map.entries.get(self.next) {
            let index = self.next;
            self.next += 1;
            self.path[self.map.path.len()] = index;
            if self.map.search.is_at_fault(&self.path) {
                continue;
            }
            if self.firsts[index] != index {
                return Err(self.stop(Error::new(Fault::TwoNames)));
            }
            let key = ValueDeserializer {
                text: key,
                origin: None,
            };
            return match seed.deserialize(key) {
                Ok(key) => Ok(Some(key)),
                Err(_) => Err(self.stop(Error::new(Fault::UnknownEntry))),
            };
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Stop> {
        let var = self.map.entries[self.next - 1].1;
        read_value(self.map.search.vars, &var.name, &var.value, seed)
            .map_err(|stop| self.stop(stop.into_error()))
    }
}
