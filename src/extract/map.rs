//! A map: the config vars that begin with the name of its field.

use super::fields::read_value;
use super::search::Search;
use super::stop::Stop;
use super::value::ValueDeserializer;
use crate::error::{Error, Fault};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

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
        visitor.visit_map(Entries { map: self, next: 0 })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
        Err(Stop::Unsupported)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct struct enum identifier ignored_any
    }
}

/// The entries without faults.
struct Entries<'s, 'v> {
    map: MapDeserializer<'s, 'v>,
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
            if self.map.entries[..index].iter().any(|(other, _)| other == key) {
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
