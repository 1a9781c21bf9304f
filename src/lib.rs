#![doc = include_str!("docs/guide.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Every driver turns `_drivers` on, so it would only repeat the labels.
#![cfg_attr(docsrs, doc(auto_cfg(hide(feature = "_drivers"))))]
#![forbid(unsafe_code)]
#![warn(missing_docs, unreachable_pub, unnameable_types)]
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]
#![warn(clippy::print_stdout, clippy::print_stderr, clippy::dbg_macro)]
#![doc(test(attr(deny(warnings))))]

// Pages of the documentation, without code. rustdoc sets `doc` when it tests their examples, too. `tests/lib.rs` tests
// the examples that need further crates, and those of the README.
#[cfg(all(doc, not(doctest)))]
#[doc = include_str!("docs/comparison.md")]
pub mod comparison {}
#[cfg(doc)]
#[doc = include_str!("docs/design.md")]
pub mod design {}
#[cfg(all(doc, not(doctest)))]
#[doc = include_str!("docs/frameworks.md")]
pub mod frameworks {}
#[cfg(doc)]
#[doc = include_str!("docs/security.md")]
pub mod security {}
#[cfg(doc)]
#[doc = include_str!("docs/typed.md")]
pub mod typed {}

mod attachment;
mod clock;
#[cfg(feature = "_drivers")]
pub mod drivers;
mod environment;
mod error;
mod extract;
mod formats;
mod global;
#[cfg(feature = "figment")]
mod handle;
mod input;
mod isolate;
mod kind;
mod list;
mod live;
mod lock;
mod origin;
mod placeholder;
#[cfg(feature = "figment")]
mod provider;
mod runtime;
mod scheme;
mod secret;
mod shown;
mod snapshot;
mod sorted;
mod source;
#[cfg(feature = "sso")]
pub mod sso;
#[cfg(feature = "test-util")]
pub mod test_util;
mod text;
mod tls;
mod url;
mod vars;
mod watch;

pub use crate::attachment::{Alias, Attachment, Role};
pub use crate::error::{AppError, Component, Error, ErrorKind};
pub use crate::extract::deserialize_flat;
pub use crate::global::global;
pub use crate::input::{Digest, Input};
pub use crate::kind::Kind;
pub use crate::live::{
    Aspect, AttachmentChange, Change, Changes, Guard, Live, LiveBuilder, RetryError, Stale, StaleKind,
    Status, Subscription, WeakLive,
};
#[cfg(feature = "figment")]
pub use crate::provider::{VarsProvider, deserialize_from_str};
pub use crate::scheme::CustomKind;
pub use crate::snapshot::{ConfigValue, ConfigVars};
#[cfg(feature = "heroku")]
pub use crate::source::Heroku;
#[cfg(unix)]
pub use crate::source::Remembered;
#[cfg(feature = "cloudfoundry")]
pub use crate::source::VcapServices;
pub use crate::source::{
    AsyncSource, Driven, EnvDir, EnvFile, Feed, FeedSource, FileVars, Or, ProcessEnv, ServiceBindings,
    Source, SourceEvents,
};
pub use crate::tls::Tls;
pub use crate::url::{
    AmqpUrl, Host, HttpUrl, KafkaUrl, MemcacheUrl, MongoUrl, MysqlUrl, Port, PostgresUrl, RedisUrl, Resource,
    ResourceUrl, Server, Warning, WarningKind,
};
pub use crate::vars::PrefixedVars;
#[cfg(feature = "notify")]
pub use crate::watch::OnChange;
#[cfg(all(unix, feature = "signal"))]
pub use crate::watch::OnHangup;
pub use crate::watch::{Every, Trigger, Watch};
pub use secrecy::{ExposeSecret, SecretString};
