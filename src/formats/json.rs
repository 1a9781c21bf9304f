//! JSON that contains secrets, read without leaving copies.

use super::raw_json::{Members, unescape};
use crate::error::{Error, Fault};
use crate::list::mapped;
use crate::secret::FixedBuffer;
use crate::snapshot::ConfigValue;
use crate::sorted::NameSet;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

pub(super) fn is_null(value: &RawValue) -> bool {
    value.get() == "null"
}

/// Returns the text of a JSON string without quotes and escapes.
pub(super) fn string(json: &str) -> ConfigValue {
    let mut text = FixedBuffer::<String>::with_capacity(json.len());
    match unescape(json, |piece| text.push_str(piece)) {
        Some(()) => text.as_str().into(),
        None => ConfigValue::NOT_UNICODE,
    }
}

/// Returns the members of an object; `malformed` is the fault of anything else, which is not passed to serde_json, because
/// its errors would quote it.
pub(super) fn members(
    object: &RawValue,
    malformed: Fault,
) -> Result<Vec<(Zeroizing<String>, &RawValue)>, Error> {
    if !object.get().starts_with('{') {
        return Err(Error::new(malformed));
    }
    let Members(members) = serde_json::from_str(object.get()).map_err(|_| Error::new(malformed))?;
    let keys = NameSet::of(mapped(&members, |(key, _)| key.as_str()));
    if keys.len() < members.len() {
        return Err(Error::new(Fault::RepeatedKey));
    }
    Ok(members)
}

/// Returns the value of a key.
pub(super) fn find<'j>(members: &[(Zeroizing<String>, &'j RawValue)], key: &str) -> Option<&'j RawValue> {
    let (_, value) = members.iter().find(|(name, _)| name.as_str() == key)?;
    Some(value)
}

/// Returns the elements of a list; `malformed` is the fault of anything else.
pub(super) fn elements(list: &RawValue, malformed: Fault) -> Result<Vec<&RawValue>, Error> {
    match list.get().starts_with('[') {
        true => serde_json::from_str(list.get()).map_err(|_| Error::new(malformed)),
        false => Err(Error::new(malformed)),
    }
}
