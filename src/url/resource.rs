//! The trait [`Resource`], and what all typed URLs have in common.

use super::resource_url::ResourceUrl;
use crate::error::Error;
use crate::kind::Kind;

/// A type that a resource URL can be parsed as: [`ResourceUrl`], or the typed URL of one kind.
///
/// [`ConfigVars::url`](crate::ConfigVars::url) and [`only`](crate::ConfigVars::only) are generic over it. A
/// framework may implement it for its own types.
///
/// ```
/// use config_vars::{ConfigVars, Error, Kind, Resource, ResourceUrl};
///
/// struct Broker(ResourceUrl);
///
/// impl Resource for Broker {
///     const KIND: Option<Kind> = Some(Kind::Amqp);
///     fn from_resource_url(url: ResourceUrl) -> Result<Self, Error> {
///         url.into_kind(Kind::Amqp).map(Self)
///     }
/// }
///
/// let vars = ConfigVars::from_iter([("CLOUDAMQP_URL", "amqps://app:pw@rabbit.example/app")]);
/// let broker: Broker = vars.only()?;
/// assert!(broker.0.is_tls());
/// # Ok::<(), Error>(())
/// ```
pub trait Resource: Sized {
    /// The kind that this type accepts; `None` if it accepts any.
    const KIND: Option<Kind>;

    /// Converts a resource URL, by the rules of this type.
    ///
    /// # Errors
    ///
    /// Returns an error if the URL is of another kind, or breaks a rule of this one.
    fn from_resource_url(url: ResourceUrl) -> Result<Self, Error>;

    /// Converts a URL of this kind, whose rules were checked when it was parsed. To check them again would move the URL.
    #[doc(hidden)]
    fn from_checked_url(url: ResourceUrl) -> Result<Self, Error> {
        Self::from_resource_url(url)
    }
}

impl Resource for ResourceUrl {
    const KIND: Option<Kind> = None;

    fn from_resource_url(url: ResourceUrl) -> Result<Self, Error> {
        Ok(url)
    }
}

/// Implements the conversions of a typed URL. It is a [`ResourceUrl`] that was checked by the rules of its kind, and
/// dereferences to it.
macro_rules! typed_url {
    ($name:ident, $kind:expr) => {
        impl $crate::url::Resource for $name {
            const KIND: Option<$crate::kind::Kind> = Some($kind);

            fn from_resource_url(url: $crate::url::ResourceUrl) -> Result<Self, $crate::error::Error> {
                url.check_kind($kind)?;
                $crate::url::check_kind_rules(&url)?;
                Ok(Self(url))
            }

            #[inline]
            fn from_checked_url(url: $crate::url::ResourceUrl) -> Result<Self, $crate::error::Error> {
                Ok(Self(url))
            }
        }

        impl TryFrom<$crate::url::ResourceUrl> for $name {
            type Error = $crate::error::Error;

            fn try_from(url: $crate::url::ResourceUrl) -> Result<Self, Self::Error> {
                $crate::url::Resource::from_resource_url(url)
            }
        }

        impl From<$name> for $crate::url::ResourceUrl {
            fn from(url: $name) -> Self {
                url.0
            }
        }

        impl $crate::input::Input for $name {
            fn add_to(&self, digest: &mut $crate::input::Digest) {
                self.0.add_to(digest);
            }
        }

        impl std::ops::Deref for $name {
            type Target = $crate::url::ResourceUrl;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt_as(stringify!($name), f)
            }
        }
    };
}
pub(crate) use typed_url;
