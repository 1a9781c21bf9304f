//! [`Entry`]: a struct with a single field.

use super::stop::Stop;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess};

/// A struct with a single field, which leads to a place within it.
pub(super) struct Entry<D> {
    pub(super) key: Option<&'static str>,
    pub(super) value: D,
}

impl<'de, D: Deserializer<'de, Error = Stop> + Copy> MapAccess<'de> for Entry<D> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Stop> {
        let key = self.key.take().map(BorrowedStrDeserializer::new);
        key.map(|key| seed.deserialize(key)).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Stop> {
        seed.deserialize(self.value)
    }
}
