//! The file in which config vars are remembered: lengths and texts, with a checksum.
//!
//! ```text
//! config-vars remembered 1
//! <the source> <seconds since the Unix epoch> <number of config vars>
//! <length of the name> <value> <origin> <attachment> <add-on>, `-` for none
//! <those texts, one after the other>
//! end <checksum>
//! ```

use crate::list::mapped;
use crate::secret::{self, Pieces, Wiped, put_together};
use crate::snapshot::{Bound, ConfigValue, ConfigVars, Var};
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const FIRST_LINE: &str = "config-vars remembered 1";

/// Writes config vars that were read from `source` at that time.
pub(crate) fn write(vars: &ConfigVars, source: &str, read_at: SystemTime) -> Wiped {
    let since_epoch = read_at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let head = format!(
        "{FIRST_LINE}\n{source} {} {}\n",
        since_epoch.as_secs(),
        vars.as_slice().len()
    );
    let body = put_together(&|text| {
        text.push(&head);
        for var in vars.as_slice() {
            push(text, var);
        }
    });
    let end = format!("end {:016x}\n", checksum(&body));
    put_together(&|text| {
        text.push(&body);
        text.push(&end);
    })
}

fn push(text: &mut Pieces, var: &Var) {
    let bound = var.value.bound();
    let texts = [
        Some(&*var.name),
        var.value.secret().map(|value| value.expose_secret()),
        var.origin.as_deref(),
        bound.map(|bound| &*bound.attachment),
        bound.map(|bound| &*bound.addon),
    ];
    let length = |text: &Option<&str>| text.map_or_else(|| "-".to_owned(), |text| text.len().to_string());
    let lengths = mapped(&texts, length);
    text.push(&lengths.join(" "));
    text.push("\n");
    for piece in &texts {
        text.push(piece.unwrap_or_default());
    }
    text.push("\n");
}

/// Reads config vars that were read from `source`, and when. `None` if the text is anything else, or not whole.
pub(crate) fn parse(text: &str, source: &str) -> Option<(ConfigVars, SystemTime)> {
    secret::with_clean_stack(|| {
        let end = text.len().checked_sub("end 0123456789abcdef\n".len())?;
        let (body, end) = text.split_at_checked(end)?;
        if end != format!("end {:016x}\n", checksum(body)) {
            return None;
        }
        let rest = body.strip_prefix(FIRST_LINE)?.strip_prefix('\n')?;
        let rest = rest.strip_prefix(source)?.strip_prefix(' ')?;
        let (numbers, mut rest) = rest.split_once('\n')?;
        let (seconds, count) = numbers.split_once(' ')?;
        let read_at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds.parse().ok()?))?;
        let count: usize = count.parse().ok()?;
        let mut vars = Vec::new();
        for _ in 0..count {
            vars.push(var(&mut rest)?);
        }
        let vars = ConfigVars::unique(vars).ok()?;
        rest.is_empty().then_some((vars, read_at))
    })
}

fn var(rest: &mut &str) -> Option<Var> {
    let (line, after) = rest.split_once('\n')?;
    *rest = after;
    let mut lengths = line.split(' ');
    let mut text = || -> Option<Option<&str>> {
        let length = match lengths.next()? {
            "-" => return Some(None),
            length => length.parse().ok()?,
        };
        let (text, after) = rest.split_at_checked(length)?;
        *rest = after;
        Some(Some(text))
    };
    let (name, value, origin) = (text()??, text()?, text()?);
    let (attachment, addon) = (text()?, text()?);
    *rest = rest.strip_prefix('\n')?;
    let bound = match (attachment, addon) {
        (Some(attachment), Some(addon)) => Some(Arc::new(Bound {
            attachment: attachment.into(),
            addon: addon.into(),
        })),
        _ => None,
    };
    let mut value: ConfigValue = value.map_or(ConfigValue::NOT_UNICODE, Into::into);
    value.set_bound(bound);
    Some(Var {
        name: name.into(),
        value,
        origin: origin.map(Into::into),
    })
}

/// Detects damage, not forgery: who can write the file can write any checksum (FNV-1a).
fn checksum(text: &str) -> u64 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, mix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars() -> ConfigVars {
        let pairs = [
            ("EMPTY", ConfigValue::from("")),
            ("LINES", "a\nb\r\n\0end 0\n".into()),
            ("NOT_TEXT", ConfigValue::NOT_UNICODE),
            ("URL", "mysql://app:pä w@db.example/shop".into()),
        ];
        ConfigVars::from_iter(pairs).named_by("a source\nof two lines")
    }

    fn at() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }

    #[test]
    fn config_vars_are_read_as_they_were_written() {
        for vars in [vars(), ConfigVars::default()] {
            let (read, time) = parse(&write(&vars, "a::Source", at()), "a::Source").unwrap();
            assert_eq!(time, at());
            let all = |vars: &ConfigVars| {
                let of = |var: &Var| {
                    let value = var.value.secret().map(|text| text.expose_secret().to_owned());
                    (var.name.clone(), value, var.origin.clone())
                };
                vars.as_slice().iter().map(of).collect::<Vec<_>>()
            };
            assert_eq!(all(&read), all(&vars));
        }
    }

    #[test]
    fn what_is_not_whole_or_from_another_source_is_not_read() {
        let text = write(&vars(), "a::Source", at());
        for source in ["a::Source2", "a::Sourc", "", "a"] {
            assert!(parse(&text, source).is_none());
        }
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            assert!(parse(&text[..end], "a::Source").is_none(), "{end}");
            let altered = [&text[..end], "x", &text[end..]].concat();
            assert!(parse(&altered, "a::Source").is_none(), "{end}");
        }
        // With a checksum that fits, too.
        for body in [
            "",
            "config-vars remembered 2\na::Source 1 0\n",
            "config-vars remembered 1\na::Source 1 1\n",
            "config-vars remembered 1\na::Source 1 0\nmore",
            "config-vars remembered 1\na::Source 99999999999999999999 0\n",
            "config-vars remembered 1\na::Source 18446744073709551615 0\n",
            "config-vars remembered 1\na::Source 1 18446744073709551615\n",
            "config-vars remembered 1\na::Source 1 1\n1 18446744073709551615 - - -\nA\n",
            "config-vars remembered 1\na::Source 1 1\n1 1 - - -\nAä\n",
            "config-vars remembered 1\na::Source 1 1\n- 1 - - -\nA\n",
            "config-vars remembered 1\na::Source 1 1\n1 1\nAB\n",
            "config-vars remembered 1\na::Source 1 2\n1 1 - - -\nAB\n1 1 - - -\nAB\n",
        ] {
            let text = format!("{body}end {:016x}\n", checksum(body));
            assert!(parse(&text, "a::Source").is_none(), "{body}");
        }
    }
}
