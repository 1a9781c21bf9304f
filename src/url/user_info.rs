//! Checks of user names and passwords as they are written.

use super::byte_classes::ByteClasses;
use super::characters::check_plain;
use super::raw_url::{RawUrl, UserInfo};
use super::span::Span;
use crate::error::{Component, Error, Fault, Raw};
use crate::placeholder;

impl UserInfo {
    /// Refuses placeholders, and characters that must be encoded. `classes` are those of a text that includes this one.
    #[inline]
    pub(super) fn check(self, raw: &RawUrl<'_>, classes: ByteClasses) -> Result<(), Error> {
        let text = raw.text;
        let suspect = ByteClasses::NOT_GRAPHIC | ByteClasses::BRACKET | ByteClasses::SUSPECT;
        let suspect = match raw.rules.strict_user_info {
            true => suspect | ByteClasses::AT,
            false => suspect,
        };
        // `vault:…`, `%NAME%`, `__NAME__`.
        let may_be_reference = |part: Span| matches!(part.bytes(text).first(), Some(b'%' | b'_'));
        // After an `@`, or in the user information of another host, the colon may be a second one.
        let has_suspect = classes.has(suspect | ByteClasses::SECOND_COLON | ByteClasses::AT)
            || may_be_reference(self.username)
            || matches!(self.password, Some(password) if may_be_reference(password));
        if !has_suspect {
            return Ok(());
        }
        self.check_each(&|part, component| {
            let is_reference = may_be_reference(part);
            let part = part.of(text);
            match is_reference || ByteClasses::of(part).has(suspect | ByteClasses::COLON) {
                true => check_user_info(part, component, raw),
                false => Ok(()),
            }
        })
    }
}

fn check_user_info(part: &str, component: Component, raw: &RawUrl<'_>) -> Result<(), Error> {
    if let Some(fault) = placeholder::in_credential(part) {
        return Err(Error::at(component, fault));
    }
    check_plain(part, component)?;
    for byte in part.bytes() {
        let character = match byte {
            b'[' => Raw::OpenBracket,
            b']' => Raw::CloseBracket,
            b'@' if raw.rules.strict_user_info => Raw::At,
            b':' if raw.rules.strict_user_info => Raw::Colon,
            b'\\' if raw.reads_backslash_as_slash() => Raw::Backslash,
            _ => continue,
        };
        return Err(Error::at(component, Fault::Unencoded(character)));
    }
    Ok(())
}
