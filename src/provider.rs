//! Config vars as a layer of a `figment` or of a `config`.
//!
//! Both crates quote a value in their errors, keep it unwiped, and read numbers into it. So they are handed no values,
//! but handles: see [`handle`].

use crate::error::{Error, Fault};
use crate::extract::{self, Stop};
use crate::handle::{self, HandleSource};
use crate::shown::ShownName;
use crate::snapshot::ConfigVars;
use figment::value::{Dict, Map, Value};
use figment::{Metadata, Profile};
use secrecy::ExposeSecret;
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Config vars as a layer of a configuration: a [`figment::Provider`], and, being [`Serialize`], a source of the crate
/// `config` (feature `figment`).
///
/// Neither crate is handed a value. It is handed a *handle*, a little map that leads to the snapshot, and the field
/// reads the value from there. So no error of theirs can quote it, and it arrives as it was written: `0012345`, `true`
/// and `1e5` are not taken for numbers.
///
/// | field | what arrives |
/// |---|---|
/// | a typed URL, a [`ResourceUrl`](crate::ResourceUrl), or an `Option` of one | the URL; this crate's error if it is malformed |
/// | any type, with [`deserialize_from_str`] | what [`ConfigVars::extract`] would read; this crate's error if it cannot be read |
/// | any other, such as a bare `SecretString`, `String` or `u16` | an error: "found map, expected …" |
/// | of a config var that is named [`plain`](Self::plain) | its text, as any other text of the configuration |
///
/// A field is named as the config var in lower case. A config var that is set but empty is as good as none, and is
/// left out, so that another layer or a default can take its place; so is one whose name has other characters than
/// `A-Z`, `a-z`, `0-9`, `-` and `_`, for a `.` would be a path. A text or a number that another layer has for the field
/// is read from that layer, as ever.
///
/// ```
/// use config_vars::{ConfigVars, ExposeSecret, MysqlUrl, SecretString};
/// use figment::{Figment, providers::Serialized};
///
/// #[derive(Debug, serde::Deserialize)]
/// struct Config {
///     jawsdb_url: MysqlUrl,
///     #[serde(deserialize_with = "config_vars::deserialize_from_str")]
///     sendgrid_api_key: SecretString,
///     #[serde(deserialize_with = "config_vars::deserialize_from_str")]
///     port: u16,
/// }
///
/// let read = |jawsdb_url| {
///     let vars = ConfigVars::from_iter([("JAWSDB_URL", jawsdb_url), ("SENDGRID_API_KEY", "0012345")]);
///     let figment = Figment::from(Serialized::default("port", 8080)).merge(vars.provider());
///     figment.extract::<Config>()
/// };
///
/// let config = read("mysql://app:p%23w@db.example/shop")?;
/// assert_eq!(config.jawsdb_url.host(), Some("db.example"));
/// assert_eq!(config.sendgrid_api_key.expose_secret(), "0012345");
/// assert_eq!(config.port, 8080);
///
/// assert_eq!(
///     read("mysql://app:p#w@db.example/shop").unwrap_err().to_string(),
///     "JAWSDB_URL: the password holds an unencoded `#`; write `%23` for key \"JAWSDB_URL\" in config vars",
/// );
/// # Ok::<(), Box<figment::Error>>(())
/// ```
///
/// # How long the values are kept
///
/// A figment keeps the snapshot, and so do its clones and its errors; with the last of them it is wiped. A
/// `config::Config` keeps nothing: there the provider must be kept until the configuration has been read.
///
/// ```ignore (config is no dependency of this crate)
/// use config_vars::{ConfigVars, MysqlUrl};
///
/// #[derive(Debug, serde::Deserialize)]
/// struct Settings {
///     jawsdb_url: MysqlUrl,
/// }
///
/// let vars = ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:pw@db.example/shop")]);
/// let provider = vars.provider();
/// let settings = config::Config::builder()
///     .add_source(config::Config::try_from(&provider)?)
///     .build()?;
/// let settings: Settings = settings.try_deserialize()?;
/// assert_eq!(settings.jawsdb_url.host(), Some("db.example"));
/// drop(provider);
/// # Ok::<(), config::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct VarsProvider {
    source: Arc<HandleSource>,
    /// The names that are handed over; `None` for all.
    only: Option<Vec<String>>,
    plain: Vec<String>,
}

impl ConfigVars {
    /// These config vars as a layer of a `figment` or a `config` (feature `figment`).
    ///
    /// ```
    /// # use config_vars::{ConfigVars, RedisUrl};
    /// let vars = ConfigVars::from_iter([("REDIS_URL", "redis://:pw@cache.example")]);
    /// let figment = figment::Figment::from(vars.provider());
    /// let cache: RedisUrl = figment.extract_inner("redis_url")?;
    /// assert_eq!(cache.host(), Some("cache.example"));
    /// # Ok::<(), Box<figment::Error>>(())
    /// ```
    #[must_use]
    pub fn provider(&self) -> VarsProvider {
        VarsProvider {
            source: HandleSource::new(self.clone(), |vars, name| {
                extract::url_text(vars, name).map(|text| text.into_owned())
            }),
            only: None,
            plain: Vec::new(),
        }
    }
}

impl VarsProvider {
    /// Hands over these config vars alone, so that `PATH`, `USER` and the like do not take the place of fields that
    /// other layers have under such names.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// use figment::{Figment, providers::Serialized};
    ///
    /// let vars = ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:pw@db.example/shop"), ("USER", "dyno")]);
    /// let figment = Figment::from(Serialized::default("user", "shop"));
    /// let figment = figment.merge(vars.provider().select(["JAWSDB_URL"]));
    /// assert_eq!(figment.extract_inner::<String>("user")?, "shop");
    /// # Ok::<(), Box<figment::Error>>(())
    /// ```
    #[must_use]
    pub fn select(mut self, names: impl IntoIterator<Item: Into<String>>) -> Self {
        self.only = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Hands over the text of these config vars itself, for fields of types that cannot be given [`deserialize_from_str`].
    ///
    /// Name none that holds a secret: the other crate may quote such a text in its errors, and does not wipe it. It is
    /// never read as a number here: of a figment, `extract_lossy` does that.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("APP_NAME", "shop"), ("PORT", "8080")]);
    /// let figment = figment::Figment::from(vars.provider().plain(["APP_NAME", "PORT"]));
    /// assert_eq!(figment.extract_inner::<String>("app_name")?, "shop");
    /// assert_eq!(figment.extract_inner_lossy::<u16>("port")?, 8080);
    /// # Ok::<(), Box<figment::Error>>(())
    /// ```
    #[must_use]
    pub fn plain(mut self, names: impl IntoIterator<Item: Into<String>>) -> Self {
        self.plain.extend(names.into_iter().map(Into::into));
        self
    }

    fn hands_over(&self, name: &str) -> bool {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_wanted = |names: &Vec<String>| names.iter().any(|other| other == name);
        name.bytes().all(is_word) && self.only.as_ref().is_none_or(is_wanted)
    }
}

/// The names of the config vars that are handed over; no values.
impl fmt::Debug for VarsProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.source.vars.iter().map(|(name, _)| name);
        f.write_str("VarsProvider ")?;
        f.debug_set()
            .entries(names.filter(|name| self.hands_over(name)).map(ShownName::name))
            .finish()
    }
}

/// A map from names in lower case to handles, or, where named plain, to texts.
impl Serialize for VarsProvider {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.source.vars.iter() {
            let text = value.secret().map(|text| text.expose_secret());
            if !self.hands_over(name) || text.is_some_and(str::is_empty) {
                continue;
            }
            let key = name.to_ascii_lowercase();
            match text {
                Some(text) if self.plain.iter().any(|plain| plain == name) => {
                    map.serialize_entry(&key, text)?;
                }
                // A value that is not text has a handle as well; reading it reports the fault.
                _ => map.serialize_entry(&key, &Map::from([(handle::KEY, self.source.handle(name))]))?,
            }
        }
        map.end()
    }
}

impl figment::Provider for VarsProvider {
    fn metadata(&self) -> Metadata {
        let kept = Arc::clone(&self.source);
        Metadata::named("config vars").interpolater(move |_, keys| {
            // A figment keeps its metadata, and so the snapshot that its handles lead to.
            let _ = &kept;
            keys.join(".").to_ascii_uppercase()
        })
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let handles = Value::serialize(self)?.into_dict().unwrap_or_default();
        Ok(Profile::Default.collect(handles))
    }
}

/// Reads a field of any plain type, or of a secret one, from the handle that a [`VarsProvider`] hands over, by the
/// rules of [`ConfigVars::extract`], or from what another layer has for it (feature `figment`). For serde's attribute
/// `deserialize_with`.
///
/// ```
/// use config_vars::{ConfigVars, SecretString};
///
/// #[derive(Debug, serde::Deserialize)]
/// # #[allow(dead_code)]
/// struct Config {
///     // An optional field needs `default` beside it.
///     #[serde(default, deserialize_with = "config_vars::deserialize_from_str")]
///     cloudamqp_apikey: Option<SecretString>,
///     #[serde(deserialize_with = "config_vars::deserialize_from_str")]
///     web_concurrency: u16,
/// }
///
/// let vars = ConfigVars::from_iter([("WEB_CONCURRENCY", "two")]);
/// let figment = figment::Figment::from(vars.provider());
/// assert_eq!(
///     figment.extract::<Config>().unwrap_err().to_string(),
///     "WEB_CONCURRENCY: is not a number that fits; write a whole number from 0 to 65535 \
///      for key \"WEB_CONCURRENCY\" in config vars",
/// );
/// ```
///
/// # Errors
///
/// If the value cannot be read as `T`, in words that hold nothing of it.
pub fn deserialize_from_str<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(VarVisitor(PhantomData))
}

struct VarVisitor<T>(PhantomData<T>);

macro_rules! scalars {
    ($($method:ident $scalar:ty),* $(,)?) => {$(
        fn $method<E: de::Error>(self, value: $scalar) -> Result<T, E> {
            T::deserialize(value.into_deserializer()).map_err(|stop: Stop| E::custom(stop.into_error()))
        }
    )*};
}

impl<'de, T: DeserializeOwned> Visitor<'de> for VarVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a config var")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        handle::read(map)
            .and_then(|(source, name)| extract::parse(&source.vars, &name))
            .map_err(de::Error::custom)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        extract::parse_text(text).map_err(E::custom)
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<T, E> {
        self.visit_str(&Zeroizing::new(text))
    }

    scalars! {
        visit_bool bool, visit_char char, visit_f64 f64,
        visit_i64 i64, visit_i128 i128, visit_u64 u64, visit_u128 u128,
    }

    fn visit_unit<E: de::Error>(self) -> Result<T, E> {
        T::deserialize(().into_deserializer()).map_err(|stop: Stop| E::custom(stop.into_error()))
    }

    fn visit_none<E: de::Error>(self) -> Result<T, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<T, D::Error> {
        deserialize_from_str(inner)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        // The other crate's message would quote the item.
        T::deserialize(de::value::SeqAccessDeserializer::new(seq))
            .map_err(|_| de::Error::custom(Error::new(Fault::Unreadable)))
    }
}
