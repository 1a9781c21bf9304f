//! Config vars as a layer of a `figment` or of a `config`.
//!
//! Both crates quote a value in their errors, keep it unwiped, and read numbers into it. So they are handed no values of
//! attachments, but handles: see [`handle`].

use crate::attachment;
use crate::error::{Error, Fault};
use crate::extract::{self, Stop};
use crate::handle::{self, HandleSource};
use crate::secret::holds_url;
use crate::shown::ShownName;
use crate::snapshot::{ConfigValue, ConfigVars};
use figment::value::{Dict, Map, Value};
use figment::{Metadata, Profile};
use secrecy::{ExposeSecret, SecretString};
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Config vars as a layer of a configuration: a [`figment::Provider`], and, being [`Serialize`], a source of the crate
/// `config` (feature `figment`).
///
/// By default, the layer has the config vars of the [attachments](ConfigVars::attachments) alone, and for each of them a *handle*
/// in place of the value: a little map that leads to the snapshot, from where the field reads the value. So no error of the
/// other crate can quote it, and it arrives as it was written: `0012345`, `true` and `1e5` are not taken for numbers.
///
/// | config vars | in the layer |
/// |---|---|
/// | of attachments, and others whose name is that of an add-on's URL | handles |
/// | named by [`also`](Self::also), or by [`select`](Self::select) in place of the above | handles |
/// | named by [`plain`](Self::plain) | their values, as figment's own `Env` has them |
/// | all others, such as `PATH` or `DYNO` | left out |
///
/// | field | what arrives from a handle |
/// |---|---|
/// | a typed URL, a [`ResourceUrl`](crate::ResourceUrl), or an `Option` of one | the URL; this crate's error if it is malformed |
/// | any type, with [`deserialize_from_str`] | what [`ConfigVars::extract`] would read; this crate's error if it cannot be read |
/// | any other, such as a bare `SecretString`, `String` or `u16` | an error: "found map, expected …" |
///
/// A field is named as the config var in lower case. A config var that is set but empty is left out, so that another layer or a
/// default can take its place; so is one whose name has other characters than `A-Z`, `a-z`, `0-9`, `-` and `_`, because a `.`
/// would be a path. A text or a number that another layer has for the field is read from that layer.
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
///     port: u16,
/// }
///
/// let read = |jawsdb_url| {
///     let vars = [("JAWSDB_URL", jawsdb_url), ("SENDGRID_API_KEY", "0012345"), ("PORT", "8080")];
///     let vars = ConfigVars::from_iter(vars);
///     let figment = Figment::from(Serialized::default("port", 8000)).merge(vars.provider().plain(["PORT"]));
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
    /// The names that are handed over as handles, in place of those of attachments.
    selected: Option<Vec<String>>,
    also: Vec<String>,
    plain: Vec<String>,
    profile: Profile,
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
            selected: None,
            also: Vec::new(),
            plain: Vec::new(),
            profile: Profile::Default,
        }
    }
}

impl VarsProvider {
    /// Hands over handles of these config vars alone, in place of those of attachments.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("JAWSDB_URL", "mysql://db.example/shop"), ("REDIS_URL", "redis://cache.example")]);
    /// let provider = vars.provider().select(["REDIS_URL"]);
    /// assert_eq!(format!("{provider:?}"), r#"VarsProvider {"REDIS_URL"}"#);
    /// ```
    #[must_use]
    pub fn select(mut self, names: impl IntoIterator<Item: Into<String>>) -> Self {
        self.selected = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Also hands over handles of these config vars, which belong to no attachment: the app's own secrets.
    ///
    /// ```
    /// use config_vars::{ConfigVars, ExposeSecret, SecretString};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Config {
    ///     #[serde(deserialize_with = "config_vars::deserialize_from_str")]
    ///     signing_secret: SecretString,
    /// }
    ///
    /// let vars = ConfigVars::from_iter([("SIGNING_SECRET", "0012345")]);
    /// let figment = figment::Figment::from(vars.provider().also(["SIGNING_SECRET"]));
    /// assert_eq!(figment.extract::<Config>()?.signing_secret.expose_secret(), "0012345");
    /// # Ok::<(), Box<figment::Error>>(())
    /// ```
    #[must_use]
    pub fn also(mut self, names: impl IntoIterator<Item: Into<String>>) -> Self {
        self.also.extend(names.into_iter().map(Into::into));
        self
    }

    /// Hands over the values of these config vars themselves, for fields of types that cannot be given [`deserialize_from_str`].
    ///
    /// A value that is `true`, `false` or a number, as the number is usually written, becomes a bool or a number, as figment's own
    /// `Env` has it; anything else is a text (`0012` too). The other crate may quote such a value in its errors, and does not
    /// wipe it, so name no config var that must not be shown.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("APP_NAME", "shop"), ("PORT", "8080")]);
    /// let figment = figment::Figment::from(vars.provider().plain(["APP_NAME", "PORT"]));
    /// assert_eq!(figment.extract_inner::<String>("app_name")?, "shop");
    /// assert_eq!(figment.extract_inner::<u16>("port")?, 8080);
    /// # Ok::<(), Box<figment::Error>>(())
    /// ```
    #[must_use]
    pub fn plain(mut self, names: impl IntoIterator<Item: Into<String>>) -> Self {
        self.plain.extend(names.into_iter().map(Into::into));
        self
    }

    /// Puts the config vars into figment's global profile, which overrides the selected one, for example a port that `Rocket.toml` has
    /// in its section `[release]`.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// use figment::{Figment, providers::Serialized};
    ///
    /// let vars = ConfigVars::from_iter([("PORT", "8080")]);
    /// let figment = Figment::from(Serialized::default("port", 8000).profile("release")).select("release");
    /// let with = |provider| figment.clone().merge(provider).extract_inner::<u16>("port");
    /// assert_eq!(with(vars.provider().plain(["PORT"]))?, 8000);
    /// assert_eq!(with(vars.provider().plain(["PORT"]).global())?, 8080);
    /// # Ok::<(), Box<figment::Error>>(())
    /// ```
    #[must_use]
    pub fn global(mut self) -> Self {
        self.profile = Profile::Global;
        self
    }

    /// Returns the config vars that are handed over, and whether their values are.
    fn handed_over(&self) -> impl Iterator<Item = (&str, &ConfigValue, bool)> {
        let vars = &self.source.vars;
        let selected: Vec<&str> = match &self.selected {
            Some(names) => names.iter().map(String::as_str).collect(),
            None => vars
                .attachments()
                .flat_map(|attachment| attachment.var_names().collect::<Vec<_>>())
                .collect(),
        };
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_named = |names: &[String], name: &str| names.iter().any(|other| other == name);
        vars.iter().filter_map(move |(name, value)| {
            let is_plain = is_named(&self.plain, name) && value.secret().is_some();
            // The value of such a name may be none that discovery recognizes, and then the error must say so.
            let is_meant = || self.selected.is_none() && is_misshapen(name, value);
            let has_handle = || selected.contains(&name) || is_named(&self.also, name) || is_meant();
            let is_wanted = name.bytes().all(is_word) && !value.is_empty() && (is_plain || has_handle());
            is_wanted.then_some((name, value, is_plain))
        })
    }
}

/// Returns whether a config var has the name of an add-on's URL, and a value that is no URL.
fn is_misshapen(name: &str, value: &ConfigValue) -> bool {
    let is_url = |text: &SecretString| holds_url(text.expose_secret());
    attachment::is_named_as_url(name) && !value.secret().is_some_and(is_url)
}

/// The value of a config var as figment's own `Env` has it.
enum PlainValue<'t> {
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(&'t str),
}

impl<'t> From<&'t str> for PlainValue<'t> {
    fn from(text: &'t str) -> Self {
        // Only in the usual form, so that a text such as `0012` stays a text.
        fn number<N: FromStr + fmt::Debug>(text: &str) -> Option<N> {
            text.parse().ok().filter(|number| format!("{number:?}") == text)
        }
        let float = || number(text).filter(|float: &f64| float.is_finite());
        match text {
            "true" => Self::Bool(true),
            "false" => Self::Bool(false),
            _ => None
                .or_else(|| number(text).map(Self::Unsigned))
                .or_else(|| number(text).map(Self::Signed))
                .or_else(|| float().map(Self::Float))
                .unwrap_or(Self::Text(text)),
        }
    }
}

impl Serialize for PlainValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => value.serialize(serializer),
            Self::Unsigned(value) => value.serialize(serializer),
            Self::Signed(value) => value.serialize(serializer),
            Self::Float(value) => value.serialize(serializer),
            Self::Text(value) => value.serialize(serializer),
        }
    }
}

/// The names of the config vars that are handed over; no values.
impl fmt::Debug for VarsProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VarsProvider ")?;
        let names = self.handed_over().map(|(name, ..)| ShownName::name(name));
        f.debug_set().entries(names).finish()
    }
}

/// A map from names in lower case to handles, or to plain values.
impl Serialize for VarsProvider {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value, is_plain) in self.handed_over() {
            let key = name.to_ascii_lowercase();
            match value.secret().filter(|_| is_plain) {
                Some(text) => map.serialize_entry(&key, &PlainValue::from(text.expose_secret()))?,
                // A value that is not text has a handle as well; reading it reports the fault.
                None => map.serialize_entry(&key, &Map::from([(handle::KEY, self.source.handle(name))]))?,
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
        Ok(self.profile.collect(handles))
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
/// # #[allow(dead_code, reason = "only `Debug` reads it")]
/// struct Config {
///     // An optional field needs `default` beside it.
///     #[serde(default, deserialize_with = "config_vars::deserialize_from_str")]
///     cloudamqp_apikey: Option<SecretString>,
///     #[serde(deserialize_with = "config_vars::deserialize_from_str")]
///     web_concurrency: u16,
/// }
///
/// let vars = ConfigVars::from_iter([("WEB_CONCURRENCY", "two")]);
/// let figment = figment::Figment::from(vars.provider().also(["WEB_CONCURRENCY"]));
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
