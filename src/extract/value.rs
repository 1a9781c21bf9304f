//! One config var's text, as whatever the field is declared to be.

use super::duration::{self, is_duration};
use super::stop::{Stop, expectation};
use super::url_text::url_text;
use crate::error::{Component, Error, Fault};
use crate::secret::{self, holds_url};
use crate::snapshot::ConfigVars;
use crate::text::read_switch;
use crate::url::{TYPED_URLS, TypedUrl, check_edges};
use secrecy::{ExposeSecret, SecretString};
use serde::de::value::{SeqDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, SeqAccess, Visitor};
use std::borrow::Cow;
use std::net::Ipv6Addr;
use std::time::Duration;

/// One config var's text, as whatever the field is declared to be.
#[derive(Clone, Copy)]
pub(super) struct ValueDeserializer<'t> {
    pub(super) text: &'t str,
    /// The config var that it is the whole of. Only a typed URL is made of several: a host in a `String` stays the
    /// host, and the password beside it does not get there.
    pub(super) origin: Option<(&'t ConfigVars, &'t str)>,
}

impl<'t> ValueDeserializer<'t> {
    fn number<N: std::str::FromStr>(self, range: &'static str) -> Result<N, Stop> {
        let fault = || self.fault(Fault::NotANumber(range));
        // `parse` would take a sign that nobody writes.
        match self.text.starts_with('+') {
            true => Err(fault()),
            false => self.text.parse().map_err(|_| fault()),
        }
    }

    /// A number with a fraction. `parse` would read a number that is too large as infinite, which is not what is written.
    fn float<N: std::str::FromStr>(self, is_infinite: fn(&N) -> bool) -> Result<N, Stop> {
        const RANGE: &str = "a number such as `0.5`";
        let number = self.number(RANGE)?;
        match is_infinite(&number) && self.text.contains(|character: char| character.is_ascii_digit()) {
            true => Err(self.fault(Fault::NotANumber(RANGE))),
            false => Ok(number),
        }
    }

    /// The fault of a value that cannot be read. Quotes and blanks around it are the likelier cause.
    fn fault(self, fault: Fault) -> Stop {
        Stop::Field(check_edges(self.text).err().unwrap_or_else(|| Error::new(fault)))
    }

    /// Lets a visitor see a value. If it refuses, the error has what it expects, which it says before it sees anything;
    /// what it says of the value is dropped. What a visitor with fields expects is dropped as well, because a field may be
    /// another value; serde's own words for addresses are kept.
    fn visit<'de, V: Visitor<'de>>(
        self,
        visitor: V,
        visit: impl FnOnce(V) -> Result<V::Value, Stop>,
    ) -> Result<V::Value, Stop> {
        let mut expected = expectation(&visitor);
        if size_of::<V>() > 0 && example(&expected).is_none() {
            expected.clear();
        }
        visit(visitor).map_err(|stop| self.explained(stop, expected))
    }

    /// Adds what the app's type expects to a fault without a reason.
    fn explained(self, stop: Stop, expected: String) -> Stop {
        match stop {
            Stop::Other | Stop::WrongType => match check_edges(self.text) {
                Err(error) => Stop::Field(error),
                Ok(()) if expected.is_empty() => Stop::Other,
                Ok(()) => Stop::Field(Error::new(Fault::Unexpected).with_expected(&with_example(expected))),
            },
            Stop::Field(error) if matches!(error.fault(), Fault::NotOneOf(_)) => self.fault(error.fault()),
            stop => stop,
        }
    }

    /// The items of a list, if the text is one: `a,b`.
    fn list(self) -> Result<List<'t>, Stop> {
        let text = self.text.trim();
        let is_address = |text: &str| {
            let inside = text.strip_prefix('[').and_then(|rest| rest.split(']').next());
            inside.is_some_and(|inside| inside.parse::<Ipv6Addr>().is_ok())
        };
        if text.starts_with('[') && text.ends_with(']') && !is_address(text) {
            return Err(Stop::Field(Error::new(Fault::BracketedList)));
        }
        let is_quoted = |quote: char| {
            let inside = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
            inside.is_some_and(|inside| !inside.contains(quote))
        };
        if is_quoted('"') || is_quoted('\'') {
            return Err(Stop::Field(Error::at(Component::Value, Fault::Quotes)));
        }
        Ok(List {
            items: self.text.split(','),
            number: 0,
            is_after_url: false,
        })
    }
}

/// Adds how to write what is expected, if it is in serde's words.
fn with_example(expected: String) -> String {
    match example(&expected) {
        Some(example) => format!("{expected}; write {example}"),
        None => expected,
    }
}

/// Returns how to write what is expected, for the words of serde for the addresses of the standard library.
fn example(expected: &str) -> Option<&'static str> {
    Some(match expected {
        "socket address" | "IPv4 socket address" => "an IP address and a port, such as `127.0.0.1:8080`",
        "IPv6 socket address" => "an IP address and a port, such as `[::1]:8080`",
        "IP address" | "IPv4 address" => "one such as `127.0.0.1`",
        "IPv6 address" => "one such as `::1`",
        _ => return None,
    })
}

macro_rules! numbers {
    ($($method:ident $visit:ident $range:literal),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
            let number = self.number($range)?;
            self.visit(visitor, |visitor| visitor.$visit(number))
        }
    )*};
}

impl<'de> Deserializer<'de> for ValueDeserializer<'_> {
    type Error = Stop;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.visit(visitor, |visitor| visitor.visit_str(self.text))
    }

    numbers! {
        deserialize_i8 visit_i8 "a whole number from -128 to 127",
        deserialize_i16 visit_i16 "a whole number from -32768 to 32767",
        deserialize_i32 visit_i32 "a whole number of 32 bits",
        deserialize_i64 visit_i64 "a whole number of 64 bits",
        deserialize_i128 visit_i128 "a whole number of 128 bits",
        deserialize_u8 visit_u8 "a whole number from 0 to 255",
        deserialize_u16 visit_u16 "a whole number from 0 to 65535",
        deserialize_u32 visit_u32 "a whole number from 0 on, of 32 bits",
        deserialize_u64 visit_u64 "a whole number from 0 on, of 64 bits",
        deserialize_u128 visit_u128 "a whole number from 0 on, of 128 bits",
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let number = self.float(|number: &f32| number.is_infinite())?;
        self.visit(visitor, |visitor| visitor.visit_f32(number))
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let number = self.float(|number: &f64| number.is_infinite())?;
        self.visit(visitor, |visitor| visitor.visit_f64(number))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match read_switch(self.text) {
            Some(is_on) => visitor.visit_bool(is_on),
            None => Err(self.fault(Fault::NotABool)),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let mut characters = self.text.chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) => visitor.visit_char(character),
            _ => Err(self.fault(Fault::NotAChar)),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.visit(visitor, |visitor| visitor.visit_bytes(self.text.as_bytes()))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let Some(url) = typed_url(name) else {
            return visitor.visit_newtype_struct(self);
        };
        let text = match self.origin {
            Some((vars, name)) => url_text(vars, name).map_err(Stop::Field)?,
            None => Cow::Owned(SecretString::from(self.text)),
        };
        // Checked here as well, for what a visitor says of it comes back as a message alone.
        (url.check)(text.expose_secret()).map_err(Stop::Field)?;
        visitor.visit_newtype_struct(ValueDeserializer {
            text: text.expose_secret(),
            origin: None,
        })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let list = secret::with_clean_stack(|| self.list())?;
        self.visit(visitor, |visitor| list.visit(visitor))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Stop> {
        let (list, count) = secret::with_clean_stack(|| {
            let list = self.list()?;
            let count = list.items.clone().count();
            Ok((list, count))
        })?;
        match count {
            count if count == length => self.visit(visitor, |visitor| list.visit(visitor)),
            _ => Err(Stop::Field(Error::new(Fault::ItemCount(length)))),
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
        let mut alike = variants
            .iter()
            .copied()
            .filter(|variant| variant.eq_ignore_ascii_case(self.text));
        let variant = match (alike.next(), alike.next()) {
            (Some(only), None) => only,
            _ => self.text,
        };
        let variant: StrDeserializer<'_, Stop> = variant.into_deserializer();
        self.visit(visitor, |visitor| visitor.visit_enum(variant))
    }

    fn deserialize_map<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
        Err(Stop::Unsupported)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        if !is_duration(name, fields) {
            return Err(Stop::Unsupported);
        }
        let duration = duration::parse(self.text).ok_or_else(|| self.fault(Fault::NotADuration))?;
        visit_duration(visitor, duration)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! { str string unit_struct identifier ignored_any }
}

/// Passes a duration to serde's visitor, which reads seconds and nanoseconds.
pub(super) fn visit_duration<'de, V: Visitor<'de>>(visitor: V, duration: Duration) -> Result<V::Value, Stop> {
    let parts = [duration.as_secs(), duration.subsec_nanos().into()];
    visitor.visit_seq(SeqDeserializer::new(parts.into_iter()))
}

pub(super) fn typed_url(name: &str) -> Option<&'static TypedUrl> {
    TYPED_URLS.iter().find(|url| url.name == name)
}

/// The items of a list, without the blanks around them.
struct List<'t> {
    items: std::str::Split<'t, char>,
    number: usize,
    /// Whether the item before seems to be a URL.
    is_after_url: bool,
}

impl List<'_> {
    /// Lets a visitor see the items. Items that it leaves are too many.
    fn visit<'de, V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Stop> {
        let value = visitor.visit_seq(&mut self)?;
        match self.items.next() {
            None => Ok(value),
            Some(_) => Err(Stop::Field(Error::new(Fault::ItemCount(self.number)))),
        }
    }

    /// Returns the error of an item that cannot be read. If a URL is next to something else, a comma of the URL is the cause.
    fn fault(&self, text: &str, error: Error) -> Error {
        let is_url = holds_url(text);
        let is_before_other = self.items.clone().next().is_some_and(|next| !holds_url(next));
        match (is_url, self.is_after_url) {
            (true, _) if is_before_other => Error::new(Fault::CutUrl).for_item(self.number),
            (false, true) => Error::new(Fault::CutUrl).for_item(self.number - 1),
            _ => error.for_item(self.number),
        }
    }
}

impl<'de> SeqAccess<'de> for List<'_> {
    type Error = Stop;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Stop> {
        let Some(text) = secret::with_clean_stack(|| self.items.next().map(str::trim)) else {
            return Ok(None);
        };
        self.number += 1;
        let at_fault = |error: Error| Stop::Field(error.for_item(self.number));
        if text.is_empty() {
            return Err(at_fault(Error::new(Fault::EmptyItem)));
        }
        check_edges(text).map_err(at_fault)?;
        let item = ValueDeserializer { text, origin: None };
        let read = seed.deserialize(item);
        let read = read
            .map_err(|stop| Stop::Field(secret::with_clean_stack(|| self.fault(text, stop.into_error()))));
        self.is_after_url = secret::with_clean_stack(|| holds_url(text));
        read.map(Some)
    }
}
