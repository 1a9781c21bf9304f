//! Errors: the faults of config vars, and their messages.
//!
//! Invariant: nothing in this module can contain text of a config var's or a form field's value. An [`Error`] consists of
//! rows of fixed tables, of *names* of config vars and sources, of text of the program, and of no `String`, `char` or
//! offset that comes from a value.

mod app_error;
#[cfg(feature = "_drivers")]
mod driver_fault;
mod error_kind;
mod fault;
mod faults_macro;
mod report;
mod serialize;
#[cfg(feature = "sso")]
mod sign_on;

pub use app_error::AppError;
#[cfg(feature = "_drivers")]
pub(crate) use driver_fault::DriverFault;
pub use error_kind::{Component, ErrorKind};
#[cfg(feature = "notify")]
pub(crate) use fault::Obstacle;
pub(crate) use fault::{Blank, Choices, Fault, Raw, Wanted};
pub(crate) use report::Elsewhere;
pub use report::Error;
pub(crate) use serialize::OneLine;
#[cfg(feature = "sso")]
pub(crate) use sign_on::SignOn;
