//! Tools for the tests of an app (feature `test-util`).
//!
//! [`ScriptedSource`] is a source that rolls, breaks, hangs and fails on command. [`TestClock`] is a clock that a test
//! advances. [`assert_no_leak!`](crate::assert_no_leak) asserts that the output of a value contains no part of a secret.
//!
//! ```
//! use config_vars::test_util::ScriptedSource;
//! use config_vars::{Live, MysqlUrl};
//!
//! #[derive(serde::Deserialize)]
//! struct Config {
//!     jawsdb_url: MysqlUrl,
//! }
//!
//! let source = ScriptedSource::new([("JAWSDB_URL", "mysql://app:0ld-Pw@db.example/shop")]);
//! let live: Live<Config> = Live::new(source.clone())?;
//!
//! source.set("JAWSDB_URL", "mysql://app:half-a-"); // half-written
//! live.reload()?;
//! assert_eq!(live.load().jawsdb_url.host(), Some("db.example")); // the last good value
//! assert!(!live.status().is_fresh());
//!
//! source.set("JAWSDB_URL", "mysql://app:n3w-Pw@db.example/shop");
//! assert!(live.reload()?.attachment("JAWSDB").is_some());
//! config_vars::assert_no_leak!(live.status(), "half-a-");
//! # Ok::<(), config_vars::Error>(())
//! ```

#[doc(hidden)]
pub mod leak;
mod scripted_source;

pub use crate::clock::TestClock;
pub use scripted_source::ScriptedSource;
