//! Structs whose fields are read as if they were those of the struct that they are in.

use serde::de::{Deserialize, Deserializer, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// The name of the newtype that tells `extract` of such a struct.
pub(super) const FLAT: &str = "config_vars::deserialize_flat";

/// Reads a nested struct without the name of its field in the names of its config vars. For serde's attribute `deserialize_with`,
/// in the place of `flatten`, which hides the names and types of the fields from the one that reads them.
///
/// Any other format than config vars reads the struct as an ordinary nested one.
///
/// ```
/// use config_vars::{ConfigVars, MysqlUrl};
///
/// #[derive(serde::Deserialize)]
/// struct Config {
///     name: String,
///     #[serde(deserialize_with = "config_vars::deserialize_flat")]
///     database: Database,
/// }
///
/// #[derive(serde::Deserialize)]
/// struct Database {
///     jawsdb_url: MysqlUrl,
///     pool_size: u16,
/// }
///
/// let vars = [("NAME", "shop"), ("JAWSDB_URL", "mysql://db.example/shop"), ("POOL_SIZE", "5")];
/// let config: Config = ConfigVars::from_iter(vars).extract()?;
/// assert_eq!((config.name.as_str(), config.database.pool_size), ("shop", 5));
/// assert_eq!(config.database.jawsdb_url.host(), Some("db.example"));
/// # Ok::<(), config_vars::Error>(())
/// ```
///
/// # Errors
///
/// Returns the error of the struct's own `Deserialize`.
pub fn deserialize_flat<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    struct Inner<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Inner<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a struct")
        }

        fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
            T::deserialize(deserializer)
        }
    }

    deserializer.deserialize_newtype_struct(FLAT, Inner(PhantomData))
}
