//! The aliases of a field, found by trying them.

use super::stand_in::{STAND_INS, StandIn};
use super::stop::{Stop, only_structs};
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, Visitor};

/// Returns the names of one field: its own, and the aliases, which serde lists side by side. Two names belong to one field
/// if serde does not accept both.
pub(super) fn aliases<T: DeserializeOwned>(
    fields: &'static [&'static str],
    field: usize,
) -> Vec<&'static str> {
    let Some(own) = fields.get(field).copied() else {
        return Vec::new();
    };
    let is_alias = |other: &&&'static str| {
        STAND_INS.iter().any(|text| {
            let probe = Probe {
                names: [own, other],
                next: 0,
                text,
            };
            matches!(T::deserialize(probe), Err(Stop::Duplicate(_)))
        })
    };
    let before = fields[..field].iter().rev().take_while(is_alias);
    let after = fields[field + 1..].iter().take_while(is_alias);
    std::iter::once(own)
        .chain(before.copied())
        .chain(after.copied())
        .collect()
}

/// A struct with two names, each with a stand-in for a value.
struct Probe {
    names: [&'static str; 2],
    next: usize,
    text: &'static str,
}

impl<'de> Deserializer<'de> for Probe {
    type Error = Stop;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        visitor.visit_map(self)
    }

    only_structs!('de);
}

impl<'de> MapAccess<'de> for Probe {
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
