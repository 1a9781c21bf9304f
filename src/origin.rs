//! [`Origin`]: the name of the source that supplied a config var.

use std::ops::Deref;
use std::sync::Arc;

/// The name of a source, shared by the config vars that it supplied. It is one pointer, because each config var has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin(Arc<Box<str>>);

impl From<&str> for Origin {
    fn from(name: &str) -> Self {
        Self(Arc::new(name.into()))
    }
}

impl Deref for Origin {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}
