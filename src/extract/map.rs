//! A map: the config vars that begin with the name of its field.

use super::fields::read_value;
use super::search::{MapEntries, Search};
use super::stop::{Stop, refuse_others};
use super::value::ValueDeserializer;
use crate::error::{Error, Fault};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

pub(super) struct MapDeserializer<'s, 'v> {
    pub(super) search: &'s Search<'v>,
    pub(super) entries: &'s MapEntries<'v>,
    /// The path of the field.
    pub(super) path: Vec<usize>,
}

impl<'de> Deserializer<'de> for MapDeserializer<'_, '_> {
    type Error = Stop;

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        // The entries up to the last fault were read by earlier passes. They come last, so that all passes together take
        // linear time.
        let last_fault = self.entries.last_fault.get();
        let mut entries = Entries {
            path: [&*self.path, &[0]].concat(),
            start: last_fault.unwrap_or(0),
            passed: 0,
            map: self,
        };
        let value = visitor.visit_map(&mut entries)?;
        // A type may stop before the end. In another order than that of the names, what it leaves says nothing.
        match entries.next_index() {
            Some(_) if last_fault.is_none() => Err(entries.stop(Error::new(Fault::UnknownEntry))),
            _ => Ok(value),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_some(self)
    }

    refuse_others! { Stop::Unsupported, struct identifier }
}

/// The entries without faults.
struct Entries<'s, 'v> {
    map: MapDeserializer<'s, 'v>,
    /// The index of the first entry to read. After the last of all, those before it follow.
    start: usize,
    /// The number of entries that were read.
    passed: usize,
    /// The path of the current entry.
    path: Vec<usize>,
}

impl Entries<'_, '_> {
    /// The index of the current entry.
    fn current(&self) -> usize {
        self.path[self.map.path.len()]
    }

    /// Moves to the next entry without a fault, and returns its index.
    fn next_index(&mut self) -> Option<usize> {
        loop {
            let count = self.map.entries.all.len();
            if self.passed == count {
                return None;
            }
            let index = (self.start + self.passed) % count;
            self.passed += 1;
            self.path[self.map.path.len()] = index;
            if !self.map.search.is_at_fault(&self.path) {
                return Some(index);
            }
        }
    }

    /// Records the fault of the current entry, and ends the pass. The next pass leaves the entry out.
    fn stop(&self, error: Error) -> Stop {
        let entries = self.map.entries;
        entries.last_fault.set(Some(self.current()));
        let var = entries.all[self.current()].1;
        self.map.search.note(&self.path, error.for_known_var(&var.name));
        Stop::Other
    }
}

impl<'de> MapAccess<'de> for Entries<'_, '_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Stop> {
        let Some(index) = self.next_index() else {
            return Ok(None);
        };
        if self.map.entries.firsts[index] != index {
            return Err(self.stop(Error::new(Fault::TwoNames)));
        }
        let key = ValueDeserializer {
            text: &self.map.entries.all[index].0,
            origin: None,
        };
        match seed.deserialize(key) {
            Ok(key) => Ok(Some(key)),
            Err(_) => Err(self.stop(Error::new(Fault::UnknownEntry))),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Stop> {
        let var = self.map.entries.all[self.current()].1;
        let search = self.map.search;
        search.begin(&self.path, &var.name);
        let value = read_value(search.vars, &var.name, &var.value, seed);
        search.end();
        value.map_err(|stop| self.stop(stop.into_error()))
    }
}
