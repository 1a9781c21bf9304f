//! [`look`]: what the app's type asks for at one place in it.
//!
//! The type is deserialized with a [`Probe`], which leads to that place, records which method the type calls there, and ends
//! the pass.

use super::duration::is_duration;
use super::entry::Entry;
use super::flat::FLAT;
use super::stand_in::{STAND_INS, StandIn};
use super::stop::{Stop, expectation, refuse_others};
use super::value::typed_url;
use crate::isolate::isolate;
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use std::cell::RefCell;

/// The two parts of a map's entry in a path.
pub(super) const MAP_KEY: usize = 0;
pub(super) const MAP_VALUE: usize = 1;

/// Maximum number of options and newtypes around a type.
const MAX_DEPTH: u32 = 64;

/// The first method that a type calls.
pub(super) enum Asked {
    Struct {
        fields: &'static [&'static str],
        is_flat: bool,
    },
    /// Anything but a struct, by `deserialize_flat`.
    FlatValue,
    Map,
    /// A struct with a flattened field.
    Flat,
    Sequence,
    Tuple(usize),
    /// An enum, with its number of variants.
    Enum(usize),
    /// The data of an enum's variant.
    Data,
    /// A text, a number and the like.
    Plain,
    /// Anything, and then not a text: its own words for it.
    NoText(String),
    /// An option or a newtype that contains itself.
    Endless,
}

/// Returns what the type asks for at the end of a path. A part is the index of a field, an item or a variant, or one of the
/// parts of a map's entry.
pub(super) fn look<T: DeserializeOwned>(path: &[usize]) -> Asked {
    // The items of a tuple before the one in question need a value.
    let mut best = Asked::Plain;
    for text in STAND_INS {
        let asked = RefCell::default();
        let probe = Probe {
            path,
            text,
            is_flat: false,
            depth: 0,
            asked: &asked,
        };
        // A type may panic at a text that no config var has.
        isolate(|| _ = T::deserialize(probe));
        match asked.into_inner() {
            None => {}
            // It may take another text.
            Some(Asked::NoText(expected)) => best = Asked::NoText(expected),
            Some(asked) => return asked,
        }
    }
    best
}

/// Leads to one place in the app's type.
#[derive(Clone, Copy)]
struct Probe<'p> {
    path: &'p [usize],
    /// The stand-in for what comes before that place.
    text: &'static str,
    /// Whether the type is read by `deserialize_flat`.
    is_flat: bool,
    /// The number of options and newtypes around the type.
    depth: u32,
    /// The method that the type calls there.
    asked: &'p RefCell<Option<Asked>>,
}

impl<'p> Probe<'p> {
    /// Records what is asked for, if the path ends here; the pass ends in any case.
    fn record<V>(self, asked: Asked) -> Result<V, Stop> {
        if self.path.is_empty() {
            self.asked.borrow_mut().get_or_insert(match asked {
                Asked::Struct { .. } => asked,
                _ if self.is_flat => Asked::FlatValue,
                _ => asked,
            });
        }
        Err(Stop::Other)
    }

    /// Returns the probe for what an option or a newtype contains; `None` if there are so many that they have no end.
    fn inside(self) -> Option<Self> {
        let depth = self.depth + 1;
        (depth <= MAX_DEPTH).then_some(Self { depth, ..self })
    }

    /// Returns the next part of the path, and the probe for what follows.
    fn next(self) -> Option<(usize, Self)> {
        let (first, path) = self.path.split_first()?;
        Some((
            *first,
            Self {
                path,
                is_flat: false,
                depth: 0,
                ..self
            },
        ))
    }
}

macro_rules! plain {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
            self.record(Asked::Plain)
        }
    )*};
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Stop;

    plain! {
        deserialize_bool deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_unit deserialize_identifier deserialize_ignored_any
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, _: V) -> Result<V::Value, Stop> {
        self.record(Asked::Plain)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let expected = expectation(&visitor);
        match visitor.visit_str(self.text) {
            Err(Stop::WrongType) => self.record(Asked::NoText(expected)),
            _ => self.record(Asked::Plain),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.inside() {
            Some(inside) => visitor.visit_some(inside),
            None => self.record(Asked::Endless),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        match (typed_url(name), self.inside()) {
            (Some(_), _) => self.record(Asked::Plain),
            (None, None) => self.record(Asked::Endless),
            (None, Some(inside)) => visitor.visit_newtype_struct(Self {
                is_flat: self.is_flat || name == FLAT,
                ..inside
            }),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        if is_duration(name, fields) {
            return self.record(Asked::Plain);
        }
        match self.next() {
            None => {
                let is_flat = self.is_flat;
                self.record(Asked::Struct { fields, is_flat })
            }
            Some((field, probe)) => visitor.visit_map(Entry {
                key: fields.get(field).copied(),
                value: probe,
            }),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.next() {
            None => {
                _ = visitor.visit_map(FirstKey(self));
                self.record(Asked::Map)
            }
            Some((part, probe)) => visitor.visit_map(MapEntry {
                is_key: part == MAP_KEY,
                probe,
                is_done: false,
            }),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.next() {
            None => self.record(Asked::Sequence),
            Some((before, probe)) => visitor.visit_seq(Items { before, probe }),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Stop> {
        match self.next() {
            None => self.record(Asked::Tuple(length)),
            Some((before, probe)) => visitor.visit_seq(Items { before, probe }),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        match self.next() {
            None => self.record(Asked::Enum(variants.len())),
            Some((index, probe)) => visitor.visit_enum(Variant {
                name: variants.get(index).copied().unwrap_or_default(),
                probe,
            }),
        }
    }
}

/// Finds out whether a map is a struct with a flattened field, which asks for its keys as a struct does.
struct FirstKey<'p>(Probe<'p>);

impl<'de> MapAccess<'de> for FirstKey<'_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Stop> {
        seed.deserialize(Key(self.0)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, _: S) -> Result<S::Value, Stop> {
        Err(Stop::Other)
    }
}

struct Key<'p>(Probe<'p>);

impl<'de> Deserializer<'de> for Key<'_> {
    type Error = Stop;

    fn deserialize_identifier<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
        self.0.record(Asked::Flat)
    }

    refuse_others! { Stop::Other, option map struct }
}

/// A map with a single entry, whose key or value is in question.
struct MapEntry<'p> {
    is_key: bool,
    probe: Probe<'p>,
    is_done: bool,
}

impl<'de> MapAccess<'de> for MapEntry<'_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Stop> {
        if std::mem::replace(&mut self.is_done, true) {
            return Ok(None);
        }
        match self.is_key {
            true => seed.deserialize(self.probe),
            false => seed.deserialize(StandIn {
                text: self.probe.text,
            }),
        }
        .map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Stop> {
        seed.deserialize(self.probe)
    }
}

/// The items of a list: stand-ins, and then the one in question.
struct Items<'p> {
    before: usize,
    probe: Probe<'p>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Stop;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Stop> {
        let Some(before) = self.before.checked_sub(1) else {
            return seed.deserialize(self.probe).map(Some);
        };
        self.before = before;
        let text = self.probe.text;
        seed.deserialize(StandIn { text }).map(Some)
    }
}

/// One variant of an enum.
struct Variant<'p> {
    name: &'static str,
    probe: Probe<'p>,
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Stop;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Stop> {
        let name: StrDeserializer<'_, Stop> = self.name.into_deserializer();
        seed.deserialize(name).map(|variant| (variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Stop;

    fn unit_variant(self) -> Result<(), Stop> {
        self.probe.record(Asked::Plain)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _: S) -> Result<S::Value, Stop> {
        self.probe.record(Asked::Data)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Stop> {
        self.probe.record(Asked::Data)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Stop> {
        self.probe.record(Asked::Data)
    }
}
