//! [`Shape`]: the structure of the app's type, learned from it before any value is looked at.
//!
//! serde has no reflection. Therefore the type is deserialized several times with a [`Probe`], which leads to one place in it,
//! records what the type asks for there, and ends.

use super::duration::is_duration;
use super::flat::FLAT;
use super::names::Level;
use super::stand_in::{STAND_INS, StandIn};
use super::stop::{Stop, expectation};
use super::value::typed_url;
use crate::error::{Error, Fault};
use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use std::cell::RefCell;

/// Maximum number of structs within each other. A type that contains itself has no end.
const MOST_LEVELS: usize = 8;

/// The config vars that a field is read from.
pub(super) enum Shape {
    /// One config var.
    Plain,
    /// All config vars whose names begin with the field's.
    Map,
    /// The config vars of the fields of a struct.
    Struct(Node),
}

/// A struct.
pub(super) struct Node {
    /// The names of the fields, and their aliases.
    pub(super) fields: &'static [&'static str],
    pub(super) shapes: Vec<Shape>,
    /// Whether its config vars have the names of its fields alone, as if they were fields of the struct that it is in.
    pub(super) is_flat: bool,
}

impl Node {
    /// Returns the struct to which a path of fields leads.
    pub(super) fn at(&self, path: &[usize]) -> Option<&Self> {
        match path {
            [] => Some(self),
            [first, rest @ ..] => match self.shapes.get(*first)? {
                Shape::Struct(node) => node.at(rest),
                _ => None,
            },
        }
    }

    /// Adds the paths of all fields that are no structs.
    pub(super) fn add_leaves(&self, path: &mut Vec<usize>, leaves: &mut Vec<Vec<usize>>) {
        for (index, shape) in self.shapes.iter().enumerate() {
            path.push(index);
            match shape {
                Shape::Struct(node) => node.add_leaves(path, leaves),
                _ => leaves.push(path.clone()),
            }
            path.pop();
        }
    }
}

/// Returns the structure of the app's own struct, or an error with everything in it that config vars cannot fill.
pub(super) fn of_struct<T: DeserializeOwned>(prefix: &str) -> Result<Node, Error> {
    let mut walk = Walk::default();
    match look::<T>(&[]) {
        Asked::Struct { fields, is_flat } => {
            let node = walk.node::<T>(fields, is_flat, &Level::top(prefix), &mut Vec::new());
            match walk.refused.is_empty() {
                true => Ok(node),
                false => Err(Error::all(walk.refused)),
            }
        }
        Asked::Flat => Err(Error::new(Fault::Flattened)),
        _ => Err(Error::new(Fault::NotAStruct)),
    }
}

/// Returns an error if a type cannot be read from one value.
pub(super) fn check_value<T: DeserializeOwned>() -> Result<(), Error> {
    match look::<T>(&[]) {
        Asked::Struct { .. } | Asked::Map | Asked::Flat => Err(Error::new(Fault::NotOneValue)),
        asked => Walk::default().check::<T>(asked, &mut Vec::new()),
    }
}

#[derive(Default)]
struct Walk {
    refused: Vec<Error>,
    is_too_deep: bool,
}

impl Walk {
    fn node<T: DeserializeOwned>(
        &mut self,
        fields: &'static [&'static str],
        is_flat: bool,
        level: &Level,
        path: &mut Vec<usize>,
    ) -> Node {
        let mut shape = |(index, field): (usize, &&'static str)| {
            path.push(index);
            let shape = self.shape::<T>(field, level, path);
            path.pop();
            shape
        };
        Node {
            fields,
            is_flat,
            shapes: fields.iter().enumerate().map(&mut shape).collect(),
        }
    }

    fn shape<T: DeserializeOwned>(&mut self, field: &str, level: &Level, path: &mut Vec<usize>) -> Shape {
        if self.is_too_deep {
            return Shape::Plain;
        }
        let result = match look::<T>(path) {
            Asked::Struct { .. } if path.len() >= MOST_LEVELS => {
                self.is_too_deep = true;
                Err(Error::new(Fault::TooManyLevels(MOST_LEVELS)))
            }
            Asked::Struct { fields, is_flat } => {
                let level = level.of_struct(field, is_flat);
                return Shape::Struct(self.node::<T>(fields, is_flat, &level, path));
            }
            Asked::Map => self.check_map::<T>(path).map(|()| Shape::Map),
            asked => self.check::<T>(asked, path).map(|()| Shape::Plain),
        };
        result.unwrap_or_else(|error| {
            self.refused.push(error.for_known_var(&level.upper(field)));
            Shape::Plain
        })
    }

    fn check_map<T: DeserializeOwned>(&self, path: &mut Vec<usize>) -> Result<(), Error> {
        for part in [MAP_KEY, MAP_VALUE] {
            path.push(part);
            let result = match look::<T>(path) {
                Asked::Struct { .. } | Asked::Map | Asked::Flat => Err(Error::new(Fault::MapOfStructs)),
                asked => self.check::<T>(asked, path),
            };
            path.pop();
            result?;
        }
        Ok(())
    }

    /// Checks a type that is read from one text.
    fn check<T: DeserializeOwned>(&self, asked: Asked, path: &mut Vec<usize>) -> Result<(), Error> {
        let (parts, is_list) = match asked {
            Asked::Plain => return Ok(()),
            Asked::NoText(expected) => return Err(Error::new(Fault::NoText).with_expected(&expected)),
            Asked::Data => return Err(Error::new(Fault::EnumWithData)),
            Asked::Flat => return Err(Error::new(Fault::Flattened)),
            Asked::FlatValue => return Err(Error::new(Fault::FlatValue)),
            Asked::Struct { .. } | Asked::Map => return Err(Error::new(Fault::ListOfStructs)),
            Asked::Sequence => (1, true),
            Asked::Tuple(length) => (length, true),
            Asked::Enum(variants) => (variants, false),
        };
        for part in 0..parts {
            path.push(part);
            let result = match look::<T>(path) {
                Asked::Sequence | Asked::Tuple(_) if is_list => Err(Error::new(Fault::ListOfStructs)),
                asked => self.check::<T>(asked, path),
            };
            path.pop();
            result?;
        }
        Ok(())
    }
}

/// The two parts of a map's entry in a path.
const MAP_KEY: usize = 0;
const MAP_VALUE: usize = 1;

/// The first method that a type calls.
enum Asked {
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
}

/// Returns what the type asks for at the end of a path. A part is the index of a field, an item or a variant, or one of the
/// parts of a map's entry.
fn look<T: DeserializeOwned>(path: &[usize]) -> Asked {
    // The items of a tuple before the one in question need a value.
    let mut asked = STAND_INS.iter().filter_map(|text| {
        let asked = RefCell::default();
        _ = T::deserialize(Probe {
            path,
            text,
            is_flat: false,
            asked: &asked,
        });
        asked.into_inner()
    });
    asked.next().unwrap_or(Asked::Plain)
}

/// Leads to one place in the app's type.
#[derive(Clone, Copy)]
struct Probe<'p> {
    path: &'p [usize],
    /// The stand-in for what comes before that place.
    text: &'static str,
    /// Whether the type is read by `deserialize_flat`.
    is_flat: bool,
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

    /// Returns the next part of the path, and the probe for what follows.
    fn next(self) -> Option<(usize, Self)> {
        let (first, path) = self.path.split_first()?;
        Some((
            *first,
            Self {
                path,
                is_flat: false,
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
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        match typed_url(name) {
            Some(_) => self.record(Asked::Plain),
            None => visitor.visit_newtype_struct(Self {
                is_flat: self.is_flat || name == FLAT,
                ..self
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
                probe,
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

/// A struct with a single field.
struct Entry<'p> {
    key: Option<&'static str>,
    probe: Probe<'p>,
}

impl<'de> MapAccess<'de> for Entry<'_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Stop> {
        let key = self.key.take().map(BorrowedStrDeserializer::new);
        key.map(|key| seed.deserialize(key)).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Stop> {
        seed.deserialize(self.probe)
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

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
        Err(Stop::Other)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum ignored_any
    }
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

/// Returns the names of one field: its own, and the aliases, which serde lists side by side. Two names belong to one field
/// if serde does not accept both.
pub(super) fn aliases<T: DeserializeOwned>(node: &Node, path: &[usize]) -> Vec<&'static str> {
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
            matches!(T::deserialize(pair), Err(Stop::Duplicate(_)))
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
            Some((field, outer)) => visitor.visit_map(Outer {
                key: fields.get(*field).copied(),
                pair: Pair { outer, ..self },
            }),
        }
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
        Err(Stop::Other)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
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

/// The single field of a struct that leads to a [`Pair`].
struct Outer<'p> {
    key: Option<&'static str>,
    pair: Pair<'p>,
}

impl<'de> MapAccess<'de> for Outer<'_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Stop> {
        let key = self.key.take().map(BorrowedStrDeserializer::new);
        key.map(|key| seed.deserialize(key)).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Stop> {
        seed.deserialize(self.pair)
    }
}
