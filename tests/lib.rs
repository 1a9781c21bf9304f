//! The integration tests of `config-vars`, and the programs in its documentation that need further crates.

#[cfg(all(doctest, feature = "figment"))]
#[doc = include_str!("../src/docs/comparison.md")]
mod comparison {}
#[cfg(all(doctest, feature = "_drivers"))]
#[doc = include_str!("../src/docs/frameworks.md")]
mod frameworks {}
// The example that follows a roll uses a driver, and watches a folder.
#[cfg(all(doctest, feature = "mysql_async", feature = "notify"))]
#[doc = include_str!("../README.md")]
mod readme {}
