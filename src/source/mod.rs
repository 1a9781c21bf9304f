//! Sources of config vars: [`Source`], the process environment, files, directories, an API, closures, and combinations of them.

mod async_source;
mod at_rest;
mod bindings;
mod dir;
mod feed;
mod file;
mod file_vars;
#[cfg(feature = "heroku")]
mod heroku;
#[cfg(feature = "heroku")]
mod http;
#[cfg(feature = "heroku")]
mod http_response;
mod interface;
mod layers;
mod open;
mod place;
mod process_env;
#[cfg(unix)]
mod remembered;
#[cfg(feature = "cloudfoundry")]
mod vcap;

pub use async_source::{AsyncSource, Driven};
#[cfg(feature = "notify")]
pub(crate) use at_rest::identity;
pub use bindings::ServiceBindings;
pub use dir::EnvDir;
pub use feed::{Feed, FeedSource};
pub use file::EnvFile;
pub use file_vars::FileVars;
#[cfg(feature = "heroku")]
pub use heroku::Heroku;
pub(crate) use interface::NotePush;
pub use interface::{Or, Source, SourceEvents};
pub use process_env::ProcessEnv;
#[cfg(unix)]
pub use remembered::Remembered;
#[cfg(feature = "cloudfoundry")]
pub use vcap::VcapServices;
