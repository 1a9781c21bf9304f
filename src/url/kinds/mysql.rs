//! MySQL and MariaDB: `mysql://user:password@host:3306/database?options`.

use crate::kind::Kind;
use crate::url::resource::typed_url;
use crate::url::resource_url::ResourceUrl;

/// A MySQL or MariaDB resource URL: one host, and the path as the database name.
///
/// `mysql2://` and `mariadb://` are accepted as well, and passed to drivers as `mysql://`. The form is that of MySQL's
/// [URI-like connection strings](https://dev.mysql.com/doc/refman/8.4/en/connecting-using-uri-or-key-value-pairs.html);
/// the last raw `@` ends the user information, as in every driver. A socket in the option `socket`, `unix_socket` or
/// `socketPath` replaces the host.
///
/// ```
/// use config_vars::{ExposeSecret, MysqlUrl};
///
/// let db: MysqlUrl = "mysql2://app:p%40ss@db.example/shop?reconnect=true".parse()?;
/// assert_eq!(db.database(), Some("shop"));
/// assert_eq!(db.password().map(|password| password.expose_secret()), Some("p@ss"));
/// assert_eq!(db.expose_url(), "mysql://app:p%40ss@db.example/shop");
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone)]
pub struct MysqlUrl(ResourceUrl);

typed_url!(MysqlUrl, Kind::Mysql);
