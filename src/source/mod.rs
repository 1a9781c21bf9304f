//! Sources of config vars: [`Source`], the process environment, files, directories, closures, and combinations of them.

mod at_rest;
mod bindings;
mod dir;
mod file;
mod file_vars;
mod interface;
mod layers;
mod open;
mod place;
mod process_env;
#[cfg(feature = "cloudfoundry")]
mod vcap;

pub use bindings::ServiceBindings;
pub use dir::EnvDir;
pub use file::EnvFile;
pub use file_vars::FileVars;
pub use interface::{Or, Source};
pub use process_env::ProcessEnv;
#[cfg(feature = "cloudfoundry")]
pub use vcap::VcapServices;
