//! Reading config vars from a file or standard input, in whatever of the known forms they are.

use config_vars::{ConfigVars, SecretString};
use std::collections::HashMap;
use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::Path;
use zeroize::Zeroizing;

/// More than any app's config vars, and little enough to be read by mistake.
const MOST: u64 = 16 << 20;

/// Reads what is piped in (`heroku config --json | config-vars`), if anything is.
pub(crate) fn read_piped() -> Result<Option<ConfigVars>, String> {
    if std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let text = read_text(std::io::stdin().lock()).map_err(|error| format!("standard input: {error}"))?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    parse(&text)
        .map(Some)
        .map_err(|cause| format!("standard input: {cause}"))
}

/// Reads a file, or standard input for `-`. The message names the file, the cause, and nothing of what was read.
pub(crate) fn read(path: &Path) -> Result<ConfigVars, String> {
    let is_stdin = path == Path::new("-");
    let name = if is_stdin {
        "standard input".into()
    } else {
        path.display().to_string()
    };
    let wrong = |cause: &dyn std::fmt::Display| format!("{name}: {cause}");
    let text = match is_stdin {
        true => read_text(std::io::stdin().lock()),
        false => File::open(path).and_then(read_text),
    };
    let text = text.map_err(|error| wrong(&error))?;
    parse(&text).map_err(|cause| wrong(&cause))
}

fn read_text(input: impl Read) -> std::io::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::new());
    input.take(MOST + 1).read_to_end(&mut bytes)?;
    let invalid = |cause| std::io::Error::new(std::io::ErrorKind::InvalidData, cause);
    if bytes.len() as u64 > MOST {
        return Err(invalid("holds more than 16 MiB, which config vars never do"));
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(invalid("is not UTF-8 text")),
    }
}

/// Tells the forms apart by their first character: JSON begins with a brace.
fn parse(text: &str) -> Result<ConfigVars, String> {
    if text.trim_start().starts_with('{') {
        let vars: HashMap<String, SecretString> = serde_json::from_str(text).map_err(|error| {
            // serde_json's own message quotes what it found.
            format!(
                "line {}, column {}: is no JSON object of names and texts",
                error.line(),
                error.column()
            )
        })?;
        return Ok(vars.into_iter().collect());
    }
    ConfigVars::from_env_file(text).map_err(|error| error.to_string())
}
