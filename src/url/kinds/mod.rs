//! The catalogue of typed URLs: one file for each kind that has rules of its own.
//!
//! To add one, add a file here, a row to `from_text!`, and its rules to [`check`], if it has any.

mod amqp;
mod http;
mod kafka;
mod memcache;
mod mongo;
mod mysql;
mod postgres;
mod redis;

pub use amqp::AmqpUrl;
pub use http::HttpUrl;
pub use kafka::KafkaUrl;
pub use memcache::{MemcacheUrl, Server};
pub use mongo::{MongoUrl, Warning, WarningKind};
pub use mysql::MysqlUrl;
pub use postgres::PostgresUrl;
pub use redis::RedisUrl;

use super::resource_url::ResourceUrl;
use crate::error::Error;
use crate::kind::Kind;

/// Checks the rules that the typed URL of its kind has in addition to the table's.
pub(crate) fn check(url: &ResourceUrl) -> Result<(), Error> {
    match url.kind() {
        Kind::Mongo => mongo::check(url),
        Kind::Redis => redis::check_index(url),
        _ => Ok(()),
    }
}

/// Returns a function that says in which options' values this kind allows an unencoded `@`.
pub(super) fn may_hold_at(kind: Kind) -> fn(&str) -> bool {
    match kind {
        Kind::Mongo => mongo::is_known,
        _ => |_| false,
    }
}
