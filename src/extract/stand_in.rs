//! Stand-ins for fields at fault, so that the fields after them can be looked at.

use super::duration::is_duration;
use super::stop::Stop;
use super::value::{ValueDeserializer, typed_url, visit_duration};
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, SeqAccess, Visitor};
use std::time::Duration;

macro_rules! stand_in_numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
            // 1 rather than 0, for some numbers must not be zero.
            visitor.visit_u8(1)
        }
    )*};
}

/// Some value of the declared type, so that the fields after it can be looked at. For types that are read from text,
/// one text after the other is tried.
pub(super) struct StandIn {
    pub(super) text: &'static str,
}

pub(super) const STAND_INS: &[&str] = &[
    "1",
    "a",
    "/",
    "127.0.0.1",
    "127.0.0.1:1",
    "https://h",
    "2000-01-01",
    // Last, because types may rely on it that a config var is not empty.
    "",
];

impl<'de> Deserializer<'de> for StandIn {
    type Error = Stop;

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_seq(StandIns {
            left: length,
            text: self.text,
        })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_str(self.text)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_map(de::value::MapDeserializer::<_, Stop>::new(std::iter::empty::<(
            &str,
            &str,
        )>()))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        match typed_url(name) {
            Some(url) => visitor.visit_newtype_struct(ValueDeserializer {
                text: url.example,
                origin: None,
            }),
            None => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_bool(false)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_char(' ')
    }

    stand_in_numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    }

    serde::forward_to_deserialize_any! {
        str string bytes byte_buf identifier ignored_any
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        match is_duration(name, fields) {
            true => visit_duration(visitor, Duration::from_secs(1)),
            false => Err(Stop::Unsupported),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_none()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_seq(de::value::SeqDeserializer::<_, Stop>::new(
            std::iter::empty::<&str>(),
        ))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let variant: StrDeserializer<'_, Stop> =
            variants.first().copied().unwrap_or_default().into_deserializer();
        visitor.visit_enum(variant)
    }
}

/// As many stand-ins as a tuple has fields.
struct StandIns {
    left: usize,
    text: &'static str,
}

impl<'de> SeqAccess<'de> for StandIns {
    type Error = Stop;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Stop> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(StandIn { text: self.text }).map(Some)
    }
}
