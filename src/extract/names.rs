//! [`Level`]: the names of the config vars that the fields of one struct are read from.

use super::shape::{FieldShape, StructShape};
use std::borrow::Cow;

/// The beginning of the names of a struct's config vars: as the fields are written, and in upper case.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Level {
    exact: String,
    upper: String,
}

impl Level {
    /// Returns the level of the app's own struct.
    pub(super) fn top(prefix: &str) -> Self {
        Self {
            exact: prefix.to_owned(),
            upper: prefix.to_owned(),
        }
    }

    /// Returns the level of the struct that has the field with this path.
    pub(super) fn of(prefix: &str, node: &StructShape, path: &[usize]) -> Self {
        let mut level = Self::top(prefix);
        for length in 0..path.len().saturating_sub(1) {
            let field = node
                .at(&path[..length])
                .and_then(|node| node.fields.get(path[length]));
            let is_flat = node.at(&path[..=length]).is_some_and(|inner| inner.is_flat);
            level = level.of_struct(field.copied().unwrap_or_default(), is_flat);
        }
        level
    }

    /// Returns the level of the struct or the map in a field.
    pub(super) fn within(&self, field: &str) -> Self {
        Self {
            exact: format!("{}{field}_", self.exact),
            upper: format!("{}{}_", self.upper, upper_case(field)),
        }
    }

    /// Returns the level of the struct in a field.
    pub(super) fn of_struct(&self, field: &str, is_flat: bool) -> Self {
        match is_flat {
            true => self.clone(),
            false => self.within(field),
        }
    }

    /// Returns the name of a field as it is written.
    pub(super) fn exact<'f>(&self, field: &'f str) -> Cow<'f, str> {
        match self.exact.is_empty() {
            true => Cow::Borrowed(field),
            false => Cow::Owned(format!("{}{field}", self.exact)),
        }
    }

    /// Returns the name of a field in upper case.
    pub(super) fn upper(&self, field: &str) -> String {
        format!("{}{}", self.upper, upper_case(field))
    }

    /// Returns the beginning of the names in upper case.
    pub(super) fn prefix(&self) -> &str {
        &self.upper
    }

    /// Returns whether a config var that begins with the name of a map is read by another field of the struct at this level: a
    /// plain one, or a map with a longer name.
    pub(super) fn has_other(&self, node: &StructShape, map: &Self, name: &str) -> bool {
        node.any_field(&|field, shape| match shape {
            FieldShape::Plain => name == self.upper(field) || name == self.exact(field),
            FieldShape::Map => {
                let other = self.within(field);
                other.upper.len() > map.upper.len() && other.rest(name).is_some()
            }
            FieldShape::Struct(inner) => self.of_struct(field, inner.is_flat).has_other(inner, map, name),
        })
    }

    /// Returns what follows the beginning in a name; `None` if the name begins otherwise, or ends there.
    pub(super) fn rest<'n>(&self, name: &'n str) -> Option<&'n str> {
        match name
            .strip_prefix(&*self.upper)
            .or(name.strip_prefix(&*self.exact))
        {
            Some("") | None => None,
            rest => rest,
        }
    }
}

fn upper_case(field: &str) -> String {
    let mut upper = String::with_capacity(field.len());
    for character in field.chars() {
        upper.push(match character {
            '-' => '_',
            character => character.to_ascii_uppercase(),
        });
    }
    upper
}
