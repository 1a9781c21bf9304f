#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs, unreachable_pub, unnameable_types)]
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![warn(clippy::print_stdout, clippy::print_stderr, clippy::dbg_macro)]
#![doc(test(attr(deny(warnings))))]

mod attachment;
#[cfg(feature = "_drivers")]
pub mod drivers;
mod error;
mod extract;
mod global;
mod kind;
#[cfg(feature = "figment")]
mod provider;
mod secret;
mod source;
#[cfg(feature = "sso")]
pub mod sso;
mod tls;
mod url;
mod vars;

pub use crate::attachment::{Alias, Attachment, Role};
pub use crate::error::{Component, Error, ErrorKind};
pub use crate::global::{global, global_with};
pub use crate::kind::{CustomKind, Kind};
#[cfg(feature = "figment")]
pub use crate::provider::{VarsProvider, from_var};
pub use crate::source::{EnvFile, Or, ProcessEnv, Source};
pub use crate::tls::Tls;
pub use crate::url::{
    AmqpUrl, Host, HttpUrl, KafkaUrl, MemcacheUrl, MongoUrl, MysqlUrl, Port, PostgresUrl, RedisUrl, Resource,
    ResourceUrl, Server, Warning, WarningKind,
};
pub use crate::vars::{ConfigValue, ConfigVars};
pub use secrecy::{ExposeSecret, SecretString};
