//! [`Input`]: values that a reload compares, to tell whether what was made from them must be made again.

use secrecy::{ExposeSecret, SecretString};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::hash::{BuildHasher, DefaultHasher, Hasher, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::{NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use crate::error::Error;
use crate::secret;

/// A value that [`Live::select`](crate::Live::select) compares, to tell whether it has changed.
///
/// Values are compared by a digest of everything they consist of, with a key that this process drew at random. The time
/// depends on the lengths alone, not on the content, so it reveals nothing of a secret. Two different values have the same
/// digest with a probability of 2⁻⁶⁴.
///
/// It is implemented for the URLs of this crate, [`SecretString`], text, numbers, addresses, paths, and for `Option`,
/// `Result`, `Arc`, tuples and collections of these that have an order: a `BTreeMap`, not a `HashMap`. For a type of your own,
/// add its fields to the digest (for an enum without data, `*self as u8`):
///
/// ```
/// use config_vars::{Digest, Input, MysqlUrl};
///
/// struct PoolConfig {
///     url: MysqlUrl,
///     size: u32,
/// }
///
/// impl Input for PoolConfig {
///     fn add_to(&self, digest: &mut Digest) {
///         self.url.add_to(digest);
///         self.size.add_to(digest);
///     }
/// }
/// # let url = "mysql://app:pw@db.example/shop".parse().unwrap();
/// # PoolConfig { url, size: 4 }.add_to(&mut Digest::default());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compared by `Live::select`",
    note = "select the fields that the client is made from, or implement `config_vars::Input` for the type"
)]
pub trait Input {
    /// Adds everything that distinguishes this value from others to the digest.
    fn add_to(&self, digest: &mut Digest);
}

/// The digest of an [`Input`].
pub struct Digest {
    inputs: DefaultHasher,
    credentials: DefaultHasher,
    pieces: Vec<u64>,
}

/// The identity of an input.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Fingerprints {
    /// Digest of everything. It decides whether the input has changed, and so whether a refused credential has been
    /// replaced: a guess by names could miss a change, and the app would never log in again.
    pub(crate) inputs: u64,
    /// Digest of everything that may be part of a credential, which numbers are not. It decides whether a replaced value
    /// is kept as the previous one.
    pub(crate) credentials: u64,
    /// The digest of each text, to find the config vars that it came from.
    pub(crate) pieces: Arc<[u64]>,
}

static KEYS: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// Returns the digest of a piece of text.
fn digest_of(text: &str) -> u64 {
    secret::with_clean_stack(|| {
        let mut hasher = KEYS.build_hasher();
        hasher.write(text.as_bytes());
        hasher.finish()
    })
}

impl Fingerprints {
    pub(crate) fn of(input: &(impl Input + ?Sized)) -> Self {
        secret::with_clean_stack(|| {
            let mut digest = Digest::default();
            input.add_to(&mut digest);
            digest.finish()
        })
    }

    /// Returns whether the secret is one of the texts of the input.
    pub(crate) fn contain(&self, secret: &SecretString) -> bool {
        self.pieces.contains(&digest_of(secret.expose_secret()))
    }
}

/// The digest of nothing.
impl Default for Digest {
    fn default() -> Self {
        Self {
            inputs: KEYS.build_hasher(),
            credentials: KEYS.build_hasher(),
            pieces: Vec::new(),
        }
    }
}

impl Digest {
    pub(crate) fn finish(self) -> Fingerprints {
        Fingerprints {
            inputs: self.inputs.finish(),
            credentials: self.credentials.finish(),
            pieces: self.pieces.into(),
        }
    }

    /// Adds text that may be part of a credential.
    pub(crate) fn add_text(&mut self, text: &str) {
        self.add_bytes(text.as_bytes());
        self.pieces.push(digest_of(text));
    }

    fn add_bytes(&mut self, bytes: &[u8]) {
        let add = |hasher: &mut DefaultHasher| {
            // The length separates adjacent texts, so that `ab`, `c` and `a`, `bc` have different digests.
            hasher.write_usize(bytes.len());
            hasher.write(bytes);
        };
        add(&mut self.inputs);
        add(&mut self.credentials);
    }

    /// Adds a config var. Its value counts as part of a credential if `may_let_in`.
    pub(crate) fn add_var(&mut self, name: &str, value: Option<&str>, may_let_in: bool) {
        let add = |hasher: &mut DefaultHasher| {
            for part in &[Some(name), value] {
                hasher.write_usize(part.map_or(usize::MAX, str::len));
                hasher.write(part.unwrap_or_default().as_bytes());
            }
        };
        add(&mut self.inputs);
        if may_let_in {
            add(&mut self.credentials);
        }
    }

    /// Adds what is not part of a credential: a number, or which of several forms a value has.
    fn add_number(&mut self, number: u128) {
        self.inputs.write_u128(number);
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Digest").finish_non_exhaustive()
    }
}

macro_rules! text_inputs {
    ($($type:ty),* $(,)?) => {$(
        impl Input for $type {
            fn add_to(&self, digest: &mut Digest) {
                digest.add_text(self);
            }
        }
    )*};
}
text_inputs!(str, String, Cow<'_, str>);

impl Input for SecretString {
    fn add_to(&self, digest: &mut Digest) {
        digest.add_text(self.expose_secret());
    }
}

macro_rules! path_inputs {
    ($($type:ty),* $(,)?) => {$(
        impl Input for $type {
            fn add_to(&self, digest: &mut Digest) {
                let text: &OsStr = self.as_ref();
                digest.add_bytes(text.as_encoded_bytes());
            }
        }
    )*};
}
path_inputs!(OsStr, OsString, Path, PathBuf);

macro_rules! number_inputs {
    ($($($type:ty),+: |$number:ident| $bits:expr;)*) => {$($(
        impl Input for $type {
            #[allow(clippy::cast_sign_loss, clippy::cast_lossless, reason = "different values have different bits, which is all that counts")]
            fn add_to(&self, digest: &mut Digest) {
                let $number = *self;
                digest.add_number($bits);
            }
        }
    )+)*};
}
number_inputs! {
    bool, char, u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize: |number| number as u128;
    f32, f64: |number| number.to_bits().into();
    NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize: |number| number.get() as u128;
    NonZeroU128: |number| number.get();
    Duration: |duration| duration.as_nanos();
}

impl Input for () {
    fn add_to(&self, digest: &mut Digest) {
        digest.add_number(0);
    }
}

impl Input for Ipv4Addr {
    fn add_to(&self, digest: &mut Digest) {
        digest.add_bytes(&self.octets());
    }
}

impl Input for Ipv6Addr {
    fn add_to(&self, digest: &mut Digest) {
        digest.add_bytes(&self.octets());
    }
}

impl Input for IpAddr {
    fn add_to(&self, digest: &mut Digest) {
        match self {
            Self::V4(address) => address.add_to(digest),
            Self::V6(address) => address.add_to(digest),
        }
    }
}

impl Input for SocketAddr {
    fn add_to(&self, digest: &mut Digest) {
        self.ip().add_to(digest);
        self.port().add_to(digest);
        if let Self::V6(address) = self {
            (address.flowinfo(), address.scope_id()).add_to(digest);
        }
    }
}

macro_rules! pointer_inputs {
    ($($type:ty),* $(,)?) => {$(
        impl<T: Input + ?Sized> Input for $type {
            fn add_to(&self, digest: &mut Digest) {
                (**self).add_to(digest);
            }
        }
    )*};
}
pointer_inputs!(&T, Arc<T>, Box<T>);

impl<T: Input> Input for Option<T> {
    fn add_to(&self, digest: &mut Digest) {
        digest.add_number(self.is_some().into());
        if let Some(value) = self {
            value.add_to(digest);
        }
    }
}

/// Errors are equal if they say the same.
impl<T: Input> Input for Result<T, Error> {
    fn add_to(&self, digest: &mut Digest) {
        digest.add_number(self.is_ok().into());
        match self {
            Ok(value) => value.add_to(digest),
            Err(error) => digest.add_bytes(error.to_string().as_bytes()),
        }
    }
}

impl<T: Input> Input for [T] {
    fn add_to(&self, digest: &mut Digest) {
        digest.add_number(self.len() as u128);
        self.iter().for_each(|item| item.add_to(digest));
    }
}

impl<T: Input, const N: usize> Input for [T; N] {
    fn add_to(&self, digest: &mut Digest) {
        self.as_slice().add_to(digest);
    }
}

impl<T: Input> Input for Vec<T> {
    fn add_to(&self, digest: &mut Digest) {
        self.as_slice().add_to(digest);
    }
}

impl<T: Input> Input for BTreeSet<T> {
    fn add_to(&self, digest: &mut Digest) {
        digest.add_number(self.len() as u128);
        self.iter().for_each(|item| item.add_to(digest));
    }
}

impl<K: Input, V: Input> Input for BTreeMap<K, V> {
    fn add_to(&self, digest: &mut Digest) {
        digest.add_number(self.len() as u128);
        self.iter().for_each(|pair| pair.add_to(digest));
    }
}

macro_rules! tuple_inputs {
    ($($(($name:ident $index:tt))+;)*) => {$(
        impl<$($name: Input),+> Input for ($($name,)+) {
            fn add_to(&self, digest: &mut Digest) {
                $(self.$index.add_to(digest);)+
            }
        }
    )*};
}
tuple_inputs! {
    (A 0);
    (A 0) (B 1);
    (A 0) (B 1) (C 2);
    (A 0) (B 1) (C 2) (D 3);
    (A 0) (B 1) (C 2) (D 3) (E 4);
    (A 0) (B 1) (C 2) (D 3) (E 4) (F 5);
    (A 0) (B 1) (C 2) (D 3) (E 4) (F 5) (G 6);
    (A 0) (B 1) (C 2) (D 3) (E 4) (F 5) (G 6) (H 7);
}
