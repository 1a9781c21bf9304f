//! [`DecodedCredentials`]: the decoded user name and password of a URL, or of one host of a list.

use super::byte_classes::ByteClasses;
use super::raw_url::{RawUrl, UserInfo};
use super::span::Span;
use crate::error::{Component, Error};
use crate::secret;
use secrecy::{ExposeSecret, SecretString};

#[derive(Clone, Default)]
pub(super) struct DecodedCredentials {
    pub(super) username: Option<SecretString>,
    pub(super) password: Option<SecretString>,
}

impl DecodedCredentials {
    /// Checks the escapes, so that decoding them later does not fail.
    #[inline]
    pub(super) fn check(raw: &RawUrl<'_>) -> Result<(), Error> {
        match raw.parts.user_info() {
            Some(user_info) if raw.parts.in_user_info.has(ByteClasses::PERCENT) => {
                user_info.check_each(&|part, component| {
                    secret::check_escapes(raw.part(part)).map_err(|fault| Error::at(component, fault))
                })
            }
            _ => Ok(()),
        }
    }

    /// Copies user information without escapes.
    pub(super) fn copied(text: &str, user_info: UserInfo) -> Self {
        Self {
            username: Some(SecretString::from(user_info.username.of(text))),
            password: user_info
                .password
                .map(|password| SecretString::from(password.of(text))),
        }
    }

    /// Decodes user information. `classes` are those of a text that includes it.
    pub(super) fn of_user_info(text: &str, user_info: UserInfo, classes: ByteClasses) -> Result<Self, Error> {
        if !classes.has(ByteClasses::PERCENT) {
            return Ok(Self::copied(text, user_info));
        }
        let read = |part: Span, component| {
            secret::decode_secret(part.of(text)).map_err(|fault| Error::at(component, fault))
        };
        Ok(Self {
            username: Some(read(user_info.username, Component::Username)?),
            password: match user_info.password {
                Some(password) => Some(read(password, Component::Password)?),
                None => None,
            },
        })
    }

    /// Returns whether both are the same.
    pub(super) fn are(&self, other: &Self) -> bool {
        let same = |left: &Option<SecretString>, right: &Option<SecretString>| match (left, right) {
            (Some(left), Some(right)) => secret::same(left.expose_secret(), right.expose_secret()),
            (None, None) => true,
            _ => false,
        };
        same(&self.username, &other.username) && same(&self.password, &other.password)
    }
}
