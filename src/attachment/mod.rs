//! Discovery: which config vars are resources, and which belong together.
//!
//! The platform's naming rule: an add-on is attached to an app under a name, and the names of its config vars begin
//! with that name and a `_` ([Dev Center](https://devcenter.heroku.com/articles/managing-add-ons#using-the-command-line-interface-creating-an-add-on)).
//! A config var that is not a resource must neither be reported as one nor as a fault: a value with the scheme of a datastore or
//! of SMTP is always a resource; any other URL is one only if its name says so. The tables decide, and the code reads them.
//!
//! Each module imports only from modules above it in this list:

mod forest;
mod tables;
mod tls_tables;

mod names;
mod values;

mod role;

mod option_role;

pub(crate) mod name_words;

mod part_group;

mod part_tls;

mod parts;
mod shape;

mod beside;

mod recognise;

mod alias;
mod credential;

mod found;

mod addon;

mod grouping;

mod lookup;

pub(crate) mod related;

pub(crate) mod split_login;

pub use addon::Attachment;
pub(crate) use addon::names_in;
pub use alias::Alias;
pub(crate) use grouping::attachments;
#[cfg(feature = "figment")]
pub(crate) use lookup::is_named_as_url;
pub(crate) use lookup::{looked_for, only, role, url, with_known_kinds};
pub(crate) use option_role::option_role;
pub use role::Role;
pub(crate) use shape::{is_assembled, is_in_parts, tls_names};
