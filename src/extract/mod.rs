//! Declared configuration: config vars into the app's own struct, with all faults at once.
//!
//! serde stops at the first error. So the struct is read again after each one, with a stand-in for the field that was
//! at fault, until nothing new is found; the value that comes of stand-ins is thrown away. serde's own messages are
//! never passed on, for they quote the value: each fault is told in this crate's words.

mod stand_in;
mod value;

use crate::error::{Choices, Component, Error, Fault};
use crate::placeholder;
use crate::url::ResourceUrl;
use crate::vars::{ConfigValue, ConfigVars};
use secrecy::{ExposeSecret, SecretString};
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, Visitor};
use stand_in::{STAND_INS, StandIn};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;
use value::Value;

impl ConfigVars {
    /// Reads config vars into the app's own struct.
    ///
    /// A field is looked for under its name in capitals (`jawsdb_url`: `JAWSDB_URL`), or as it is written, if such a
    /// config var is set. Fields may be typed URLs, [`SecretString`], `String`, numbers, `bool` (`true`, `false`,
    /// `yes`, `no`, `on`, `off`, `1`, `0`), unit enums (in any case, if one variant is alike), and lists of these, as `a,b`,
    /// without empty items. A tuple takes exactly its items. `Option` and `#[serde(default)]` make a field optional. A string stays the string that it is: `0012345`, `true` and `1e5`
    /// arrive unchanged. A config var that is set but empty is as good as none, and the error says so.
    ///
    /// **For a secret, declare a [`SecretString`].** A `String` is shown by a derived `Debug`, is not wiped, and is made anew
    /// at each attempt, also at one that fails for another field.
    ///
    /// ```
    /// use config_vars::{ConfigVars, HttpUrl, MongoUrl, MysqlUrl, SecretString};
    ///
    /// #[derive(serde::Deserialize)]
    /// # #[expect(dead_code, reason = "here, nobody reads the fields")]
    /// struct Config {
    ///     jawsdb_url: MysqlUrl,
    ///     mongodb_uri: Option<MongoUrl>,
    ///     new_relic_url: HttpUrl,
    ///     cloudamqp_apikey: SecretString,
    ///     #[serde(default)]
    ///     web_concurrency: u16,
    /// }
    ///
    /// let vars = ConfigVars::from_iter([
    ///     ("JAWSDB_URL", "mysql://app:p#w@db.example/shop"),
    ///     ("NEW_RELIC_URL", "http://newrelic.com/accounts/[apitoken]"),
    ///     ("CLOUDAMQP_APIKEY", ""),
    ///     ("WEB_CONCURRENCY", "two"),
    /// ]);
    /// assert_eq!(
    ///     vars.extract::<Config>().err().unwrap().to_string(),
    ///     "3 config vars have faults:\n  \
    ///      JAWSDB_URL: the password holds an unencoded `#`; write `%23`\n  \
    ///      CLOUDAMQP_APIKEY: is set but empty; give it a value, or unset it\n  \
    ///      WEB_CONCURRENCY: is not a number that fits; write a whole number from 0 to 65535",
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// All faults in one error, in the order of the fields. To find them all, serde is run again with a stand-in for each
    /// field at fault, so a type's `Deserialize` may see values that no config var has. Where a type takes none of the
    /// stand-ins, what is missing after that field is not seen until it is mended.
    ///
    /// The faults are: what is not set, set but empty, malformed, of the wrong
    /// kind, or not of the declared type. [`Error::faults`] has each by itself.
    pub fn extract<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let search = Search::default();
        loop {
            search.is_news.set(false);
            match T::deserialize(StructDeserializer {
                vars: self,
                search: &search,
                only: None,
            }) {
                Ok(value) if search.found.borrow().is_empty() => return Ok(value),
                Err(Stop::Unsupported) => return Err(Error::new(Fault::NotAStruct)),
                Err(_) if search.is_news.get() => {}
                // The pass was complete, with stand-ins: no more to find.
                Ok(_) => return Err(search.into_error::<T>(self)),
                // For one of the fields no stand-in is good enough. The others can be looked at one by one; only what
                // is missing beyond it stays unseen.
                Err(_) => break,
            }
        }
        for only in 0..search.fields.get().len() {
            _ = T::deserialize(StructDeserializer {
                vars: self,
                search: &search,
                only: Some(only),
            });
        }
        Err(search.into_error::<T>(self))
    }
}

/// What the passes have found.
#[derive(Default)]
struct Search {
    found: RefCell<Vec<Found>>,
    /// Whether the pass at hand has found something that the next one can go on from.
    is_news: Cell<bool>,
    /// The names of the struct's fields and their aliases.
    fields: Cell<&'static [&'static str]>,
}

/// A field at fault.
struct Found {
    field: usize,
    error: Error,
    /// Which of the stand-ins is tried for it.
    stand_in: usize,
}

impl Search {
    /// Notes a fault. One that stays in spite of its stand-in is no news.
    fn note(&self, field: usize, error: Error) {
        let mut found = self.found.borrow_mut();
        if found.iter().all(|known| known.field != field) {
            found.push(Found {
                field,
                error,
                stand_in: 0,
            });
            self.is_news.set(true);
        }
    }

    fn is_at_fault(&self, field: usize) -> bool {
        self.found.borrow().iter().any(|known| known.field == field)
    }

    fn stand_in(&self, field: usize) -> Option<StandIn> {
        let found = self.found.borrow();
        let known = found.iter().find(|known| known.field == field)?;
        Some(StandIn {
            text: STAND_INS.get(known.stand_in)?,
        })
    }

    /// Notes that a stand-in was no good, so that the next pass tries another.
    fn next_stand_in(&self, field: usize) {
        let mut found = self.found.borrow_mut();
        if let Some(known) = found.iter_mut().find(|known| known.field == field) {
            // With none left the field is not handed over at all, which shows what is missing before it.
            known.stand_in += 1;
            self.is_news.set(true);
        }
    }

    fn into_error<T: DeserializeOwned>(self, vars: &ConfigVars) -> Error {
        let mut found = self.found.into_inner();
        found.sort_by_key(|known| known.field);
        if found.is_empty() {
            return Error::new(Fault::NotAStruct);
        }
        let fields = self.fields.get();
        let with_aliases = |known: Found| match known.error.fault() {
            Fault::NotFound | Fault::Missing => {
                missing(vars, &aliases::<T>(fields, known.field), known.error)
            }
            _ => known.error,
        };
        Error::all(found.into_iter().map(with_aliases).collect())
    }
}

/// The error for a field that is missing under all of its names.
fn missing(vars: &ConfigVars, names: &[&'static str], error: Error) -> Error {
    let [_, _, ..] = names else { return error };
    let mut looked_for: Vec<Cow<'_, str>> = Vec::new();
    for name in names {
        for name in [var_name(vars, name), Cow::Borrowed(*name)] {
            if !looked_for.contains(&name) {
                looked_for.push(name);
            }
        }
    }
    if let Some(name) = looked_for
        .iter()
        .find(|name| vars.look_up(name).is_some_and(is_empty))
    {
        return Error::new(Fault::Empty).for_known_var(name);
    }
    error
        .with_fault(Fault::NotFound)
        .with_candidates(looked_for.iter().map(|name| (&**name, None)))
}

/// The names of one field: its own, and the aliases, which serde lists side by side. Two names are of one field if serde
/// does not take both.
fn aliases<T: DeserializeOwned>(fields: &'static [&'static str], field: usize) -> Vec<&'static str> {
    let Some(own) = fields.get(field).copied() else {
        return Vec::new();
    };
    let is_alias = |other: &&&'static str| {
        STAND_INS.iter().any(|text| {
            let probe = Probe {
                names: [own, other],
                next: 0,
                text,
            };
            matches!(T::deserialize(probe), Err(Stop::Duplicate(_)))
        })
    };
    let before = fields[..field].iter().rev().take_while(is_alias);
    let after = fields[field + 1..].iter().take_while(is_alias);
    std::iter::once(own)
        .chain(before.copied())
        .chain(after.copied())
        .collect()
}

/// A struct with two names, each with a stand-in for a value.
struct Probe {
    names: [&'static str; 2],
    next: usize,
    text: &'static str,
}

impl<'de> Deserializer<'de> for Probe {
    type Error = Stop;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        visitor.visit_map(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
        Err(Stop::Unsupported)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq
        tuple tuple_struct map enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Probe {
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

/// Why a pass ended. It holds nothing of a value, whatever serde puts into its messages.
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
    /// A message of serde's or of the app's own type, dropped.
    Other,
}

impl Stop {
    /// The fault of a field at which a pass ended.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Field(error) => error,
            Self::Unsupported => Error::new(Fault::NotPlain),
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

/// The app's struct, as serde asks for it.
struct StructDeserializer<'v> {
    vars: &'v ConfigVars,
    search: &'v Search,
    /// The one field to look at; `None` for all.
    only: Option<usize>,
}

impl<'de> Deserializer<'de> for StructDeserializer<'_> {
    type Error = Stop;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let Self { vars, search, only } = self;
        search.fields.set(fields);
        let result = visitor.visit_map(Fields {
            vars,
            search,
            only,
            fields,
            next: 0,
        });
        let field = match &result {
            Err(Stop::Missing(field) | Stop::Duplicate(field)) if only.is_none() => *field,
            _ => return result,
        };
        let name = var_name(vars, field);
        let error = match vars.look_up(&name) {
            _ if matches!(result, Err(Stop::Duplicate(_))) => Error::new(Fault::TwoNames),
            Some(value) if is_empty(value) => Error::new(Fault::Empty),
            _ if name == field || vars.is_left_out(&name) => vars.missing(&name),
            _ if vars.is_left_out(field) => vars.missing(field),
            _ => Error::new(Fault::NotFound).with_candidates([(&*name, None), (field, None)]),
        };
        let index = fields
            .iter()
            .position(|other| *other == field)
            .unwrap_or(fields.len());
        search.note(index, error.for_known_var(&name));
        result
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
        Err(Stop::Unsupported)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq
        tuple tuple_struct map enum identifier ignored_any
    }
}

/// The config var that a field is read from: under its own name if that is set, else in capitals.
fn var_name<'f>(vars: &ConfigVars, field: &'f str) -> Cow<'f, str> {
    match vars.look_up(field) {
        Some(_) => Cow::Borrowed(field),
        None => Cow::Owned(field.to_ascii_uppercase().replace('-', "_")),
    }
}

fn is_empty(value: &ConfigValue) -> bool {
    value.secret().is_some_and(|text| text.expose_secret().is_empty())
}

/// The fields that have a value, real or stand-in.
struct Fields<'v> {
    vars: &'v ConfigVars,
    search: &'v Search,
    only: Option<usize>,
    fields: &'static [&'static str],
    /// The field after the one at hand.
    next: usize,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Stop> {
        while let Some(field) = self.fields.get(self.next) {
            let index = self.next;
            self.next += 1;
            let is_set = || {
                self.vars
                    .look_up(&var_name(self.vars, field))
                    .is_some_and(|value| !is_empty(value))
            };
            let has_value = match self.search.is_at_fault(index) {
                true => self.search.stand_in(index).is_some(),
                false => is_set(),
            };
            if has_value && self.only.is_none_or(|only| only == index) {
                return seed.deserialize(BorrowedStrDeserializer::new(field)).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Stop> {
        let index = self.next - 1;
        if let Some(stand_in) = self.search.stand_in(index) {
            // Whatever ends the stand-in, a field of a struct within included, is no fault of this struct.
            return seed.deserialize(stand_in).map_err(|_| {
                self.search.next_stand_in(index);
                Stop::Other
            });
        }
        let name = var_name(self.vars, self.fields[index]);
        let read = || {
            let value = self.vars.look_up(&name).ok_or(Stop::Other)?;
            let text = value.require().map_err(Stop::Field)?;
            if let Some(fault) = placeholder::in_plain_value(text.expose_secret()) {
                return Err(Stop::Field(Error::at(Component::Value, fault)));
            }
            let is_marked = Cell::new(false);
            let read = seed.deserialize(Value {
                text: text.expose_secret(),
                origin: Some((self.vars, &name)),
                is_marked: Some(&is_marked),
            });
            if !is_marked.get() {
                self.vars.recorder().note_value(&name);
            }
            read
        };
        read().map_err(|stop| {
            self.search.note(index, stop.into_error().for_known_var(&name));
            Stop::Other
        })
    }
}

impl ConfigVars {
    /// The text that a typed URL is read from. Of a resource in several vars, the URL that they amount to.
    pub(crate) fn url_text(&self, name: &str) -> Result<Cow<'_, SecretString>, Error> {
        let missing = || self.missing(name);
        let text = self.look_up(name).ok_or_else(missing)?;
        let text = text.require().map_err(|error| error.for_known_var(name))?;
        if !self.is_assembled(name, text.expose_secret()) {
            return Ok(Cow::Borrowed(text));
        }
        let url: ResourceUrl = self.url(name)?;
        Ok(Cow::Owned(SecretString::from(url.expose_original())))
    }
}

/// Reads one config var as a field of type `T`.
#[cfg(feature = "figment")]
pub(crate) fn read_var<T: DeserializeOwned>(vars: &ConfigVars, name: &str) -> Result<T, Error> {
    let text = vars.require(name)?.expose_secret();
    T::deserialize(Value {
        text,
        origin: Some((vars, name)),
        is_marked: None,
    })
    .map_err(Stop::into_error)
}

/// Reads text as a field of type `T`.
#[cfg(feature = "figment")]
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    T::deserialize(Value {
        text,
        origin: None,
        is_marked: None,
    })
    .map_err(Stop::into_error)
}
