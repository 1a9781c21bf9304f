//! The assertion [`assert_no_leak!`](crate::assert_no_leak), and the types that it expands to.

use std::error::Error;
use std::fmt::{Debug, Display};

/// Asserts that the output of a value contains no part of a secret.
///
/// It examines the `Debug` output, plain and pretty, the `Display` output if there is one, and for an error, the output of
/// all its sources.
///
/// A part is any four consecutive bytes. Choose a secret that has no part in common with the names of fields and types, for
/// example `Zq7Xw9Kv`.
///
/// ```
/// use config_vars::{ConfigVars, MysqlUrl, assert_no_leak};
///
/// let vars = ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:Zq7#Xw9Kv@db.example/shop")]);
/// let error = vars.url::<MysqlUrl>("JAWSDB_URL").unwrap_err();
/// assert_no_leak!(vars, "Zq7#Xw9Kv");
/// assert_no_leak!(error, "Zq7#Xw9Kv");
/// ```
///
/// ```should_panic
/// use config_vars::assert_no_leak;
///
/// #[derive(Debug)]
/// # #[allow(dead_code, reason = "only `Debug` reads it")]
/// struct Settings {
///     url: String,
/// }
/// assert_no_leak!(Settings { url: "mysql://app:Zq7Xw9Kv@db.example/shop".to_owned() }, "Zq7Xw9Kv");
/// ```
#[macro_export]
macro_rules! assert_no_leak {
    ($value:expr, $secret:expr $(,)?) => {{
        #[allow(unused_imports)]
        use $crate::test_util::leak::{ByDebug as _, ByDisplay as _, ByError as _};
        let shown = (&&&$crate::test_util::leak::Shown(&$value)).shown();
        if let Some(output) = $crate::test_util::leak::find_leak(&shown, $secret) {
            ::std::panic!(
                "the {output} output of `{}` contains a part of the secret",
                ::std::stringify!($value)
            );
        }
    }};
}

#[derive(Debug)]
#[allow(clippy::exhaustive_structs)] // The macro makes it.
pub struct Shown<'v, T: ?Sized>(pub &'v T);

pub type Texts = Vec<(&'static str, String)>;

// The macro uses the first of these traits that applies: method lookup finds `&&Shown` before `&Shown`.

pub trait ByError {
    fn shown(&self) -> Texts;
}

impl<T: Error + ?Sized> ByError for &&Shown<'_, T> {
    fn shown(&self) -> Texts {
        let mut texts = self.displayed();
        let mut source = self.0.source();
        while let Some(error) = source {
            texts.push(("source's Display", error.to_string()));
            texts.push(("source's Debug", format!("{error:?}")));
            source = error.source();
        }
        texts
    }
}

pub trait ByDisplay {
    fn shown(&self) -> Texts;
}

impl<T: Debug + Display + ?Sized> ByDisplay for &Shown<'_, T> {
    fn shown(&self) -> Texts {
        self.displayed()
    }
}

pub trait ByDebug {
    fn shown(&self) -> Texts;
}

impl<T: Debug + ?Sized> ByDebug for Shown<'_, T> {
    fn shown(&self) -> Texts {
        self.debugged()
    }
}

impl<T: Debug + ?Sized> Shown<'_, T> {
    fn debugged(&self) -> Texts {
        let value = self.0;
        vec![
            ("Debug", format!("{value:?}")),
            ("pretty Debug", format!("{value:#?}")),
        ]
    }

    fn displayed(&self) -> Texts
    where
        T: Display,
    {
        let mut texts = self.debugged();
        texts.push(("Display", self.0.to_string()));
        texts
    }
}

/// Returns which output contains a part of the secret.
pub fn find_leak(shown: &[(&'static str, String)], secret: &str) -> Option<&'static str> {
    const PART: usize = 4;
    let secret = secret.as_bytes();
    let mut parts = secret.windows(PART.min(secret.len()).max(1));
    let contains = |text: &str, part: &[u8]| text.as_bytes().windows(part.len()).any(|window| window == part);
    parts.find_map(|part| {
        let leaking = shown.iter().find(|(_, text)| contains(text, part));
        leaking.map(|(output, _)| *output)
    })
}
