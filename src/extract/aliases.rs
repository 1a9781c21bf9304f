//! [`aliases`]: the names of one field.

use super::entry::Entry;
use super::shape::StructShape;
use super::stand_in::{STAND_INS, StandIn};
use super::stop::{Stop, refuse_others};
use crate::isolate::isolate;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, Visitor};

/// Returns the names of one field: its own, and the aliases, which serde lists side by side. Two names belong to one field
/// if serde does not accept both.
pub(super) fn aliases<T: DeserializeOwned>(node: &StructShape, path: &[usize]) -> Vec<&'static str> {
    let Some((own, outer)) = path.split_last() else {
        return Vec::new();
    };
    let Some(fields) = node.at(outer).map(|node| node.fields) else {
        return Vec::new();
    };
    let Some(name) = fields.get(*own).copied() else {
        return Vec::new();
    };
    let is_alias = |other: &&&'static str| {
        STAND_INS.iter().any(|text| {
            let pair = Pair {
                outer,
                names: [name, other],
                next: 0,
                text,
            };
            matches!(isolate(|| T::deserialize(pair)), Some(Err(Stop::Duplicate(_))))
        })
    };
    let before = fields[..*own].iter().rev().take_while(is_alias);
    let after = fields[own + 1..].iter().take_while(is_alias);
    std::iter::once(name)
        .chain(before.copied())
        .chain(after.copied())
        .collect()
}

/// A struct with two names, each with a stand-in for a value, within others.
#[derive(Clone, Copy)]
struct Pair<'p> {
    outer: &'p [usize],
    names: [&'static str; 2],
    next: usize,
    text: &'static str,
}

impl<'de> Deserializer<'de> for Pair<'_> {
    type Error = Stop;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        match self.outer.split_first() {
            None => visitor.visit_map(self),
            Some((field, outer)) => visitor.visit_map(Entry {
                key: fields.get(*field).copied(),
                value: Pair { outer, ..self },
            }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_some(self)
    }

    refuse_others! { Stop::Other, map identifier }
}

impl<'de> MapAccess<'de> for Pair<'_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Stop> {
        let Some(name) = self.names.get(self.next) else {
            return Ok(None);
        };
        self.next += 1;
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Stop> {
        seed.deserialize(StandIn { text: self.text })
            .map_err(|_| Stop::Other)
    }
}
