//! [`Stop`]: the error of serde's passes.

use crate::error::{Choices, Error, Fault};
use serde::de::{self, Visitor};
use std::fmt::{self, Write};

/// Why a pass ended. It contains nothing of a value, because serde's messages are dropped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// A field's value is at fault.
    Field(Error),
    /// The struct has no value for a field.
    Missing(&'static str),
    /// The struct has two values for a field.
    Duplicate(&'static str),
    /// The type cannot be read from config vars.
    Unsupported,
    /// The type was given a text, and takes none.
    WrongType,
    /// A message of serde or of the app's type, which is dropped.
    Other,
}

impl Stop {
    /// Returns the error for the field at which a pass ended.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Field(error) => error,
            _ => Error::new(Fault::Unreadable),
        }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the pass has ended")
    }
}

impl std::error::Error for Stop {}

impl de::Error for Stop {
    fn custom<M: fmt::Display>(_: M) -> Self {
        Self::Other
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self::WrongType
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::Duplicate(field)
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::Field(Error::new(Fault::NotOneOf(Choices(expected))))
    }
}

/// Returns what a visitor expects.
///
/// That is text of the program if the visitor has no fields. One with fields may have been made from a value that was read
/// before, such as the first item of a list.
pub(super) fn expectation<'de, V: Visitor<'de>>(visitor: &V) -> String {
    struct Expected<'a, V>(&'a V);

    impl<'de, V: Visitor<'de>> fmt::Display for Expected<'_, V> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.expecting(f)
        }
    }

    let mut text = String::new();
    // `to_string` would panic if the visitor returns an error.
    _ = write!(text, "{}", Expected(visitor));
    text
}

/// Implements the methods of a `Deserializer` for what it cannot be read as: the pass ends with `$stop`. A newtype is read as
/// its content.
macro_rules! refuse_others {
    ($stop:expr, $($other:ident)*) => {
        fn deserialize_newtype_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            visitor: V,
        ) -> Result<V::Value, Stop> {
            visitor.visit_newtype_struct(self)
        }

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
            Err($stop)
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
            unit_struct seq tuple tuple_struct enum ignored_any $($other)*
        }
    };
}
pub(super) use refuse_others;

/// A config var that is not set, which only an `Option` can be read from.
pub(super) struct Unset;

impl<'de> de::Deserializer<'de> for Unset {
    type Error = Stop;

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_none()
    }

    refuse_others! { Stop::Other, map struct identifier }
}
