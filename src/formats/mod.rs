//! Formats of config vars: from text to names and values, without I/O.

pub(crate) mod env_file;
#[cfg(feature = "heroku")]
pub(crate) mod heroku;
#[cfg(any(feature = "cloudfoundry", feature = "heroku"))]
mod json;
pub(crate) mod limit;
#[cfg(any(feature = "cloudfoundry", feature = "heroku"))]
mod raw_json;
#[cfg(unix)]
pub(crate) mod remembered;
pub(crate) mod service;
#[cfg(feature = "cloudfoundry")]
pub(crate) mod vcap;
