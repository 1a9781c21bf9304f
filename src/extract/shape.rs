//! [`FieldShape`]: the structure of the app's type, learned from it before any value is looked at.
//!
//! serde has no reflection. Therefore [`look`] deserializes the type several times, once for each place in it.

use super::names::Level;
use super::probe::{Asked, MAP_KEY, MAP_VALUE, look};
use crate::error::{Error, Fault};
use serde::de::DeserializeOwned;

/// Maximum number of structs within each other. A type that contains itself has no end.
const MOST_LEVELS: usize = 8;

/// The config vars that a field is read from.
pub(super) enum FieldShape {
    /// One config var.
    Plain,
    /// All config vars whose names begin with the field's.
    Map,
    /// The config vars of the fields of a struct.
    Struct(StructShape),
}

/// A struct.
pub(super) struct StructShape {
    /// The names of the fields, and their aliases.
    pub(super) fields: &'static [&'static str],
    pub(super) shapes: Vec<FieldShape>,
    /// Whether its config vars have the names of its fields alone, as if they were fields of the struct that it is in.
    pub(super) is_flat: bool,
}

impl StructShape {
    /// Returns the struct to which a path of fields leads.
    pub(super) fn at(&self, path: &[usize]) -> Option<&Self> {
        match path {
            [] => Some(self),
            [first, rest @ ..] => match self.shapes.get(*first)? {
                FieldShape::Struct(node) => node.at(rest),
                _ => None,
            },
        }
    }

    /// Returns whether a test holds for the name and the shape of any field.
    pub(super) fn any_field(&self, test: &dyn Fn(&str, &FieldShape) -> bool) -> bool {
        for (field, shape) in self.fields.iter().zip(&self.shapes) {
            if test(field, shape) {
                return true;
            }
        }
        false
    }

    /// Adds the paths of all fields that are no structs.
    pub(super) fn add_leaves(&self, path: &mut Vec<usize>, leaves: &mut Vec<Vec<usize>>) {
        for (index, shape) in self.shapes.iter().enumerate() {
            path.push(index);
            match shape {
                FieldShape::Struct(node) => node.add_leaves(path, leaves),
                _ => leaves.push(path.clone()),
            }
            path.pop();
        }
    }
}

/// Returns the structure of the app's own struct, or an error with everything in it that config vars cannot fill.
pub(super) fn of_struct<T: DeserializeOwned>(prefix: &str) -> Result<StructShape, Error> {
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
    ) -> StructShape {
        let mut shape = |(index, field): (usize, &&'static str)| {
            path.push(index);
            let shape = self.shape::<T>(field, level, path);
            path.pop();
            shape
        };
        StructShape {
            fields,
            is_flat,
            shapes: fields.iter().enumerate().map(&mut shape).collect(),
        }
    }

    fn shape<T: DeserializeOwned>(
        &mut self,
        field: &str,
        level: &Level,
        path: &mut Vec<usize>,
    ) -> FieldShape {
        if self.is_too_deep {
            return FieldShape::Plain;
        }
        let result = match look::<T>(path) {
            Asked::Struct { .. } if path.len() >= MOST_LEVELS => {
                self.is_too_deep = true;
                Err(Error::new(Fault::TooManyLevels(MOST_LEVELS)))
            }
            Asked::Struct { fields, is_flat } => {
                let level = level.of_struct(field, is_flat);
                return FieldShape::Struct(self.node::<T>(fields, is_flat, &level, path));
            }
            Asked::Map => self.check_map::<T>(path).map(|()| FieldShape::Map),
            asked => self.check::<T>(asked, path).map(|()| FieldShape::Plain),
        };
        result.unwrap_or_else(|error| {
            self.refused.push(error.for_known_var(&level.upper(field)));
            FieldShape::Plain
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
            Asked::Endless => return Err(Error::new(Fault::TooManyLevels(MOST_LEVELS))),
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
