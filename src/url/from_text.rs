//! Typed URLs from text: `FromStr` and `Deserialize` of every type. To add a typed URL, add a row to `from_text!`.
//!
//! serde's own errors quote the value ("invalid type: integer `12345`, expected …"). Therefore the visitor accepts every
//! type itself, and its messages contain nothing of the value.

use super::kinds::{AmqpUrl, HttpUrl, KafkaUrl, MemcacheUrl, MongoUrl, MysqlUrl, PostgresUrl, RedisUrl};
use super::parse::parse;
use super::resource::Resource;
use super::resource_url::ResourceUrl;
use crate::error::{Component, Error, Fault};
#[cfg(feature = "figment")]
use secrecy::ExposeSecret;
use serde::de;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use zeroize::Zeroizing;

/// Deserializes a resource URL from any format.
///
/// If the format is asked for a string and has something else, it may write the error itself and quote the value
/// (serde_json does). If it is asked for a newtype, it passes itself to [`ResourceVisitor`]. By the name of the newtype,
/// `ConfigVars::extract` recognises the type.
fn deserialize<'de, T: Resource, D: serde::Deserializer<'de>>(
    deserializer: D,
    name: &'static str,
    expected: &'static str,
) -> Result<T, D::Error> {
    deserializer.deserialize_newtype_struct(
        name,
        ResourceVisitor {
            expected,
            output: PhantomData,
        },
    )
}

/// A typed URL, as `ConfigVars::extract` must know it.
pub(crate) struct TypedUrl {
    /// The name of the newtype that serde is asked for.
    pub(crate) name: &'static str,
    pub(crate) check: fn(&str) -> Result<(), Error>,
    /// A valid URL.
    pub(crate) example: &'static str,
}

macro_rules! from_text {
    ($($name:ident, $expected:literal, $example:literal;)*) => {
        $(
            impl FromStr for $name {
                type Err = Error;

                fn from_str(text: &str) -> Result<Self, Error> {
                    parse(text)
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    deserialize(deserializer, concat!("config_vars::", stringify!($name)), $expected)
                }
            }
        )*

        /// Every type that a config var can be parsed as.
        pub(crate) const TYPED_URLS: &[TypedUrl] = &[$(TypedUrl {
            name: concat!("config_vars::", stringify!($name)),
            check: |text| parse::<$name>(text).map(drop),
            example: $example,
        }),*];
    };
}

from_text! {
    ResourceUrl, "a resource URL", "https://h";
    AmqpUrl, "an amqp URL", "amqp://h";
    HttpUrl, "an http or https URL", "https://h";
    KafkaUrl, "a kafka URL", "kafka://h";
    MemcacheUrl, "a memcache URL", "memcache://h";
    MongoUrl, "a mongodb URL", "mongodb://h";
    MysqlUrl, "a mysql URL", "mysql://h";
    PostgresUrl, "a postgres URL", "postgres://h";
    RedisUrl, "a redis URL", "redis://h";
}

/// Parses text as `T`, and wipes a `String` that serde passes.
struct ResourceVisitor<T> {
    expected: &'static str,
    output: PhantomData<T>,
}

fn not_text<T, E: de::Error>() -> Result<T, E> {
    Err(E::custom(Error::at(Component::Value, Fault::NotText)))
}

impl<'de, T: Resource> de::Visitor<'de> for ResourceVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        parse(text).map_err(E::custom)
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<T, E> {
        self.visit_str(&Zeroizing::new(text))
    }

    fn visit_bytes<E: de::Error>(self, _: &[u8]) -> Result<T, E> {
        not_text()
    }

    fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<T, E> {
        drop(Zeroizing::new(bytes));
        not_text()
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<T, E> {
        not_text()
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<T, E> {
        not_text()
    }

    fn visit_i128<E: de::Error>(self, _: i128) -> Result<T, E> {
        not_text()
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<T, E> {
        not_text()
    }

    fn visit_u128<E: de::Error>(self, _: u128) -> Result<T, E> {
        not_text()
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<T, E> {
        not_text()
    }

    fn visit_char<E: de::Error>(self, _: char) -> Result<T, E> {
        not_text()
    }

    fn visit_unit<E: de::Error>(self) -> Result<T, E> {
        not_text()
    }

    fn visit_none<E: de::Error>(self) -> Result<T, E> {
        not_text()
    }

    fn visit_some<D: serde::Deserializer<'de>>(self, inner: D) -> Result<T, D::Error> {
        self.visit_newtype_struct(inner)
    }

    fn visit_newtype_struct<D: serde::Deserializer<'de>>(self, inner: D) -> Result<T, D::Error> {
        // Binary formats are not self-describing, and must be asked for a string.
        match inner.is_human_readable() {
            true => inner.deserialize_any(self),
            false => inner.deserialize_str(self),
        }
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, _: A) -> Result<T, A::Error> {
        not_text()
    }

    #[cfg(not(feature = "figment"))]
    fn visit_map<A: de::MapAccess<'de>>(self, _: A) -> Result<T, A::Error> {
        not_text()
    }

    #[cfg(feature = "figment")]
    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        crate::handle::read(map)
            .and_then(|(source, name)| {
                let text = source.url_text(&name);
                text.and_then(|text| parse(text.expose_secret()))
                    .map_err(|error| error.for_known_var(&name))
            })
            .map_err(de::Error::custom)
    }

    fn visit_enum<A: de::EnumAccess<'de>>(self, _: A) -> Result<T, A::Error> {
        not_text()
    }
}
