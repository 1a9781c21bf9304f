//! What all typed URLs share: the trait [`Resource`], the conversions, and `Deserialize` from text.
//!
//! serde's own errors quote what they were given ("invalid type: integer `12345`, expected …"). So the visitor
//! answers every type itself, in words that hold nothing of the value.

use super::ResourceUrl;
use crate::error::{Component, Error, Fault};
use crate::kind::Kind;
use crate::reads::Mark;
#[cfg(feature = "figment")]
use secrecy::ExposeSecret;
use serde::de;
use std::fmt;
use std::marker::PhantomData;
use zeroize::Zeroizing;

/// A type that a resource URL can be read as: [`ResourceUrl`] itself, or the typed URL of one kind.
///
/// [`ConfigVars::url`](crate::ConfigVars::url) and [`only`](crate::ConfigVars::only) are generic over it. A
/// framework may implement it for types of its own.
///
/// ```
/// use config_vars::{ConfigVars, Error, Kind, Resource, ResourceUrl};
///
/// struct Broker(ResourceUrl);
///
/// impl Resource for Broker {
///     const KIND: Option<Kind> = Some(Kind::Amqp);
///     fn from_resource_url(url: ResourceUrl) -> Result<Self, Error> {
///         url.into_kind(Kind::Amqp).map(Self)
///     }
/// }
///
/// let vars = ConfigVars::from_iter([("CLOUDAMQP_URL", "amqps://app:pw@rabbit.example/app")]);
/// let broker: Broker = vars.only()?;
/// assert!(broker.0.is_tls());
/// # Ok::<(), Error>(())
/// ```
pub trait Resource: Sized {
    /// The kind that this type reads; `None` if it reads any.
    const KIND: Option<Kind>;

    /// Takes over a resource URL, by the rules of this type.
    ///
    /// # Errors
    ///
    /// If the URL is of another kind, or breaks a rule of this one.
    fn from_resource_url(url: ResourceUrl) -> Result<Self, Error>;
}

impl Resource for ResourceUrl {
    const KIND: Option<Kind> = None;

    fn from_resource_url(url: ResourceUrl) -> Result<Self, Error> {
        Ok(url)
    }
}

/// Reads a resource URL as `T`. The kind is checked before the rest is read, so that "is a postgres URL,
/// expected mysql" comes before any complaint about the details.
pub(crate) fn parse<T: Resource>(text: &str) -> Result<T, Error> {
    parse_marked(text, Mark::default())
}

/// As [`parse`], with a mark for the URL to carry.
pub(crate) fn parse_marked<T: Resource>(text: &str, mark: Mark) -> Result<T, Error> {
    T::from_resource_url(ResourceUrl::parse(text, T::KIND, mark)?)
}

/// The parts that all typed URLs share. Each is a [`ResourceUrl`] that was checked by the rules of its kind, and
/// dereferences to it.
macro_rules! typed_url {
    ($name:ident, $kind:expr, $expected:literal, $check:expr) => {
        impl $crate::url::Resource for $name {
            const KIND: Option<$crate::kind::Kind> = Some($kind);

            #[inline]
            fn from_resource_url(mut url: $crate::url::ResourceUrl) -> Result<Self, $crate::error::Error> {
                // The check's own looking is not to be noted.
                let mark = std::mem::take(&mut url.mark);
                url.check_kind($kind)?;
                ($check)(&url)?;
                url.mark = mark;
                Ok(Self(url))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::error::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::url::parse(text)
            }
        }

        impl TryFrom<$crate::url::ResourceUrl> for $name {
            type Error = $crate::error::Error;

            fn try_from(url: $crate::url::ResourceUrl) -> Result<Self, Self::Error> {
                $crate::url::Resource::from_resource_url(url)
            }
        }

        impl From<$name> for $crate::url::ResourceUrl {
            fn from(url: $name) -> Self {
                url.0
            }
        }

        impl std::ops::Deref for $name {
            type Target = $crate::url::ResourceUrl;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt_as(stringify!($name), f)
            }
        }

        $crate::url::typed::deserialize_resource!($name, $expected);
    };
}
pub(crate) use typed_url;

/// Reads a resource URL from whatever the format has.
///
/// Asked for a string, a format that finds something else may write the error itself, and quote what it found
/// (serde_json does). Asked for a newtype, it hands itself over, and [`ResourceVisitor`] asks on. The name of the
/// newtype tells `ConfigVars::extract` which kind is wanted.
pub(crate) fn deserialize<'de, T: Resource, D: serde::Deserializer<'de>>(
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

/// A type that `Deserialize` was written for by [`deserialize_resource`], as `ConfigVars::extract` must know it.
pub(crate) struct TypedUrl {
    pub(crate) name: &'static str,
    pub(crate) check: fn(&str) -> Result<(), Error>,
    /// A URL that it accepts.
    pub(crate) example: &'static str,
}

impl TypedUrl {
    pub(crate) const fn new<T: Resource + NamedForSerde>(example: &'static str) -> Self {
        Self {
            name: T::NAME,
            check: |text| parse::<T>(text).map(drop),
            example,
        }
    }
}

pub(crate) trait NamedForSerde {
    const NAME: &'static str;
}

/// Reads text as `T`. A `String` that serde hands over is wiped.
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
        parse_marked(text, Mark::take()).map_err(E::custom)
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
        // Binary formats do not say what they hold, and must be asked for it.
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
        super::handle::read(map)
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

macro_rules! deserialize_resource {
    ($name:ident, $expected:literal) => {
        impl $crate::url::typed::NamedForSerde for $name {
            const NAME: &'static str = concat!("config_vars::", stringify!($name));
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::url::typed::deserialize(
                    deserializer,
                    <Self as $crate::url::typed::NamedForSerde>::NAME,
                    $expected,
                )
            }
        }
    };
}
pub(crate) use deserialize_resource;
