//! Resource URLs: [`ResourceUrl`] for any kind, and a thin type for each kind that has rules of its own.
//!
//! [`parse`](mod@parse) is the walk from text to a URL. Each module imports only from modules above it in this list:

mod byte_classes;
mod span;

mod characters;
mod flat_json;
mod mistakes;
mod query;

mod raw_url;
mod surroundings;

mod credentials;
mod host_form;
mod host_part;
mod scheme_prefix;
mod user_info;

mod port;
mod split;

mod host;

mod in_query;
mod tls_reading;

mod resource_url;

#[cfg(feature = "_drivers")]
mod driver_options;
mod driver_url;
mod resource;

mod kinds;

mod parse;

mod from_text;

#[cfg(feature = "_drivers")]
#[allow(unused_imports, reason = "not for every driver")]
pub(crate) use driver_options::{DriverOption, TlsFile};
pub(crate) use driver_url::{Additions, UrlParts};
pub(crate) use from_text::{TYPED_URLS, TypedUrl};
pub use host::Host;
pub(crate) use kinds::check as check_kind_rules;
pub use kinds::{
    AmqpUrl, HttpUrl, KafkaUrl, MemcacheUrl, MongoUrl, MysqlUrl, PostgresUrl, RedisUrl, Server, Warning,
    WarningKind,
};
pub(crate) use mistakes::is_in_other_form;
pub(crate) use parse::parse;
pub use port::Port;
pub use resource::Resource;
pub use resource_url::ResourceUrl;
pub(crate) use surroundings::check_edges;
