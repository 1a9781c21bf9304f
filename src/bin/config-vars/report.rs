//! The findings about a set of config vars, and how their pieces are shown.

use crate::shown::{ShownName, is_unsafe};
use config_vars::{Attachment, ConfigVars, Error, ResourceUrl, Tls};
use std::collections::HashSet;
use std::fmt;

pub(crate) struct Findings<'v> {
    pub(crate) vars: &'v ConfigVars,
    pub(crate) attachments: Vec<Attachment<'v>>,
    /// Faults of the attachments, then unmet requirements.
    pub(crate) faults: Vec<Error>,
    pub(crate) notes: Vec<Note>,
    /// The number of config vars that belong to no attachment.
    pub(crate) others: usize,
    members: HashSet<&'v str>,
}

/// Something that is no fault and worth knowing.
pub(crate) struct Note {
    /// The attachment's name, as it is shown.
    pub(crate) attachment: String,
    pub(crate) message: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.attachment, self.message)
    }
}

impl<'v> Findings<'v> {
    pub(crate) fn new(vars: &'v ConfigVars, unmet: Vec<Error>) -> Self {
        let attachments: Vec<Attachment<'v>> = vars.attachments().collect();
        let mut faults: Vec<Error> = attachments
            .iter()
            .flat_map(|attachment| attachment.faults().cloned())
            .collect();
        for fault in unmet {
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
        let members: HashSet<&str> = attachments.iter().flat_map(Attachment::var_names).collect();
        Self {
            vars,
            notes: attachments.iter().flat_map(notes).collect(),
            attachments,
            faults,
            others: vars.iter().filter(|(name, _)| !members.contains(name)).count(),
            members,
        }
    }

    /// Returns whether the config var belongs to no attachment.
    pub(crate) fn is_other(&self, name: &str) -> bool {
        !self.members.contains(name)
    }
}

fn notes(attachment: &Attachment<'_>) -> Vec<Note> {
    let note = |message| Note {
        attachment: shown(attachment.name()),
        message,
    };
    let disagreeing = attachment.aliases().filter(|alias| !alias.is_certain());
    let mut notes: Vec<Note> = disagreeing.map(|alias| note(alias.to_string())).collect();
    if attachment.tls() == Tls::Unverified {
        notes.push(note(
            "TLS is asked for, and the server's certificate is not verified".to_owned(),
        ));
    }
    notes
}

pub(crate) fn shown(name: &str) -> String {
    ShownName::name(name).to_string()
}

/// Returns the hosts as `Debug` shows them: with their ports, and redacted where they may not be hosts.
pub(crate) fn hosts(url: &ResourceUrl) -> Vec<String> {
    url.hosts().iter().map(|host| format!("{host:?}")).collect()
}

/// Returns the message of an error without the names of the source and the config var before it.
pub(crate) fn message(error: &Error) -> String {
    let mut text = error.to_string();
    let origin = error.origin().map(|origin| ShownName::origin(origin).to_string());
    let var = error.var().map(shown);
    for name in [origin, var].into_iter().flatten() {
        if let Some(rest) = text.strip_prefix(&format!("{name}: ")) {
            text = rest.to_owned();
        }
    }
    text
}

/// Returns a value as an env file has it: quoted where it has to be, and on one line.
pub(crate) fn quoted(value: &str) -> String {
    let is_plain = |character: char| {
        character.is_alphanumeric() && !is_unsafe(character) || "_-.:/@%+=,?&~!^{}[]".contains(character)
    };
    // Env files have no value that is a single `=`, because Base64 may end so.
    if value != "=" && value.chars().all(is_plain) {
        return value.to_owned();
    }
    if !value.contains(['\'', '\\']) && !value.contains(is_unsafe) {
        return format!("'{value}'");
    }
    let mut out = String::from('"');
    for character in value.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' | '\\' | '$' | '`' => out.extend(['\\', character]),
            character if is_unsafe(character) => out.extend(character.escape_unicode()),
            character => out.push(character),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::quoted;
    use config_vars::{ConfigVars, ExposeSecret};

    #[test]
    fn quoted_values_are_those_of_the_env_file() {
        for value in [
            "",
            "plain",
            "redis://:p%40w@h/0?a=b&c",
            "p w",
            "p#w",
            "$HOME",
            "it's",
            "a\\b",
            "a'b\"c",
            "'",
            "\"",
            "`x`",
            "-----BEGIN X-----\nMIIC\n-----END X-----\n",
            "a\tb\r\n",
            " blanks ",
            ";",
            "é",
            "a;b",
            "!",
            "\\$",
            "#",
            "=",
        ] {
            let text = format!("A={}\n", quoted(value));
            let vars = ConfigVars::parse_env_file(&text).unwrap();
            assert_eq!(
                vars.get("A").map(|read| read.expose_secret()),
                Some(value),
                "{text}"
            );
            assert_eq!(text.lines().count(), 1, "{text}");
        }
        assert_eq!(quoted("\u{1b}[2J"), "\"\\u{1b}[2J\"");
        assert_eq!(quoted("\u{202e}"), "\"\\u{202e}\"");
    }
}
