//! Placeholders: references that were not expanded, and placeholders that were not replaced by a value.

use crate::error::Fault;
use crate::secret;
use crate::text::{CharacterSet, is_all};

/// A syntax of placeholders or references.
struct Syntax {
    start: &'static str,
    /// Text that must follow somewhere after `start`.
    middle: &'static str,
    end: &'static str,
    content: Content,
    fault: Fault,
}

/// The text that must be between start and end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Anything,
    /// Letters, digits, `-`, `_` and spaces, with at least one letter; not JSON or a list.
    Words,
    /// The name of a variable in upper case, because passwords may begin with a `$` as well.
    Variable,
}

const fn reference(start: &'static str, end: &'static str) -> Syntax {
    Syntax {
        start,
        middle: "",
        end,
        content: Content::Anything,
        fault: Fault::Reference,
    }
}

/// References of templates, shells and platforms.
const REFERENCES: &[Syntax] = &[
    reference("${", "}"),
    reference("$(", ")"),
    reference("{{", "}}"),
    // Octopus Deploy, Azure DevOps.
    reference("#{", "}"),
    reference("#{", "}#"),
    // Concourse and Cloud Foundry.
    reference("((", "))"),
    Syntax {
        content: Content::Variable,
        ..reference("$", "")
    },
    // PowerShell; Caddy; Prisma; Symfony; Python's configparser and supervisord.
    reference("$env:", ""),
    reference("{$", "}"),
    reference("{env.", "}"),
    reference("env(", ")"),
    reference("%env(", ")%"),
    reference("%(", ")s"),
    Syntax {
        content: Content::Variable,
        ..reference("%%", "%%")
    },
    // Windows.
    Syntax {
        content: Content::Variable,
        ..reference("%", "%")
    },
    Syntax {
        content: Content::Variable,
        ..reference("__", "__")
    },
    // Azure's app settings and container apps.
    reference("@Microsoft.KeyVault(", ")"),
    reference("@Microsoft.AppConfiguration(", ")"),
    reference("secretref:", ""),
    reference("keyvaultref:", ""),
    // 1Password, vals, Bank-Vaults, Berglas and their like.
    reference("op://", ""),
    with_middle("ref+", "://"),
    reference("vault://", ""),
    reference("vault:", ""),
    reference("bao:", ""),
    reference("berglas://", ""),
    reference("sm://", ""),
    reference("gsm://", ""),
    reference("gcpsm://", ""),
    reference("awssm://", ""),
    reference("awsssm://", ""),
    reference("ssm://", ""),
    reference("secretsmanager://", ""),
    reference("akv://", ""),
    reference("azurekeyvault://", ""),
    reference("infisical://", ""),
    reference("doppler://", ""),
    reference("bws://", ""),
    // Names of secrets in the clouds' own stores.
    with_middle("projects/", "/secrets/"),
    with_middle("arn:aws", ":secretsmanager:"),
    with_middle("arn:aws", ":ssm:"),
    // Encrypted in place: dotenvx, SOPS, Jasypt, Spring, Ansible.
    reference("encrypted:", ""),
    reference("ENC[", "]"),
    reference("ENC(", ")"),
    reference("{cipher}", ""),
    reference("$ANSIBLE_VAULT;", ""),
    reference("!vault ", ""),
];

const fn with_middle(start: &'static str, middle: &'static str) -> Syntax {
    Syntax {
        middle,
        ..reference(start, "")
    }
}

const fn placeholder(start: &'static str, end: &'static str, content: Content) -> Syntax {
    Syntax {
        content,
        fault: Fault::Placeholder,
        ..reference(start, end)
    }
}

const PLACEHOLDERS: &[Syntax] = &[
    placeholder("<", ">", Content::Anything),
    placeholder("[", "]", Content::Words),
    placeholder("[[", "]]", Content::Words),
    placeholder("{", "}", Content::Words),
];

/// Placeholders of plain values, which may also be a list or a template.
const PLAIN_PLACEHOLDERS: &[Syntax] = &[placeholder("<", ">", Content::Words)];

/// Returns the fault of a credential, of a part of a URL, or of a URL, if the whole text is a placeholder.
pub(crate) fn in_credential(text: &str) -> Option<Fault> {
    if is_word(text) {
        return None;
    } else if text.contains('…') {
        return Some(Fault::Shortened);
    }
    match find(text, &[REFERENCES, PLACEHOLDERS]) {
        None if is_masked(text) => Some(Fault::Placeholder),
        fault => fault,
    }
}

/// Returns the fault of a plain value, if the whole text is a placeholder. Brackets and braces may be intended there.
pub(crate) fn in_plain_value(text: &str) -> Option<Fault> {
    if is_word(text) {
        return None;
    }
    secret::with_clean_stack(|| find(text, &[REFERENCES, PLAIN_PLACEHOLDERS]))
}

/// Returns whether a value was copied from a page that hides it, with at least three marks.
fn is_masked(text: &str) -> bool {
    const MIN_LENGTH: usize = "•••".len();
    let is_bullet: CharacterSet = |mark| matches!(mark, '•' | '●');
    text.len() > 2 && is_all(text, |byte| byte == b'*')
        || text.len() >= MIN_LENGTH && text.trim_start_matches(is_bullet).is_empty()
}

fn find(text: &str, tables: &[&[Syntax]]) -> Option<Fault> {
    for table in tables {
        for form in *table {
            if form.is_whole(text) {
                return Some(form.fault);
            }
        }
    }
    None
}

/// Returns whether a text has only characters of words, as most values do and no placeholder or reference.
fn is_word(text: &str) -> bool {
    let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !text.starts_with('_') && is_all(text, is_of_word)
}

/// Returns the fault of a host or a port, if a part of it is a placeholder: hosts do not contain the characters of these
/// forms.
pub(crate) fn within(text: &str) -> Option<Fault> {
    for forms in &[REFERENCES, PLACEHOLDERS] {
        for form in *forms {
            let begins_with_word = form.start.as_bytes()[0].is_ascii_alphabetic();
            if !begins_with_word && form.is_within(text) {
                return Some(form.fault);
            }
        }
    }
    secret::holds(text, "***").then_some(Fault::Placeholder)
}

impl Syntax {
    fn is_whole(&self, text: &str) -> bool {
        let Some((start, rest)) = text.split_at_checked(self.start.len()) else {
            return false;
        };
        // The first byte alone tells most forms apart.
        start.as_bytes()[0].eq_ignore_ascii_case(&self.start.as_bytes()[0])
            && start.eq_ignore_ascii_case(self.start)
            && rest
                .strip_suffix(self.end)
                .is_some_and(|inner| self.content.is(inner) && inner.contains(self.middle))
    }

    /// Takes linear time, because each end is searched for only once.
    fn is_within(&self, text: &str) -> bool {
        let Some(last_end) = text.rfind(self.end) else {
            return false;
        };
        let (mut at, mut end) = (0, 0);
        while let Some(before) = text[at..].find(self.start) {
            at += before + self.start.len();
            if at > last_end {
                break;
            }
            if end < at {
                end = text[at..].find(self.end).map_or(last_end, |length| at + length);
            }
            let is_found = match self.end {
                // A host does not contain a `$`.
                "" => matches!(text.as_bytes()[at..], [b'a'..=b'z' | b'A'..=b'Z' | b'_', ..]),
                _ => self.content.is(&text[at..end]),
            };
            if is_found {
                return true;
            }
        }
        false
    }
}

impl Content {
    fn is(self, inner: &str) -> bool {
        match self {
            Self::Anything => !inner.is_empty(),
            Self::Words => {
                let mut has_letter = false;
                for character in inner.chars() {
                    // It stops at the next start, so that the time stays linear.
                    if !character.is_alphanumeric() && !matches!(character, '-' | '_' | ' ') {
                        return false;
                    }
                    has_letter |= character.is_alphabetic();
                }
                has_letter
            }
            Self::Variable => {
                let is_allowed =
                    |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
                inner.len() > 1
                    && is_all(inner, is_allowed)
                    && matches!(inner.as_bytes(), [b'A'..=b'Z', ..])
                    // `$A7K2` may be a password.
                    && (inner.contains('_') || is_all(inner, |byte| byte.is_ascii_uppercase()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_is_a_word() {
        for form in REFERENCES.iter().chain(PLACEHOLDERS).chain(PLAIN_PLACEHOLDERS) {
            let text = [form.start, form.middle, form.end].concat();
            assert!(!is_word(&text), "{text}");
        }
    }

    #[test]
    fn stand_ins_are_told_from_values() {
        let references = [
            "${X}",
            "${db.password}",
            "${{ secrets.DB }}",
            "${X:-fallback}",
            "$(DB_PASS)",
            "$DB_PASS",
            "$PGPASSWORD",
            "$env:DB_PASS",
            "{{ .Values.password }}",
            "{{db_password}}",
            "{{resolve:secretsmanager:MySecret}}",
            "%DB_PASSWORD%",
            "__DB_PASSWORD__",
            "#{DbPassword}",
            "#{DbPassword}#",
            "((db-password))",
            "((vault:secret/db.password))",
            "{$DB_PASSWORD}",
            "{env.DB_PASSWORD}",
            "env(DB_PASSWORD)",
            "env(\"DATABASE_URL\")",
            "%env(DB_PASSWORD)%",
            "%env(resolve:DATABASE_URL)%",
            "%(ENV_DB_PASSWORD)s",
            "%%DB_PASSWORD%%",
            "bao:secret/data/db#password",
            "@Microsoft.KeyVault(SecretUri=https://vault.example/secrets/db/123)",
            "@microsoft.keyvault(VaultName=v;SecretName=s)",
            "secretref:db-password",
            "op://prod/database/url",
            "ref+vault://secret/db#/url",
            "ref+awssecrets://prod/db",
            "vault:secret/data/db#password",
            "projects/shop/secrets/db/versions/latest",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db",
            "arn:aws-us-gov:ssm:us-gov-west-1:123456789012:parameter/db",
            "encrypted:BD7Gk0",
            "ENC[AES256_GCM,data:abc,iv:def,type:str]",
            "ENC(abc)",
            "{cipher}abc",
        ];
        for text in references {
            assert_eq!(in_credential(text), Some(Fault::Reference), "{text}");
            assert_eq!(in_plain_value(text), Some(Fault::Reference), "{text}");
        }
        for text in [
            "<password>",
            "<your password>",
            "[YOUR-PASSWORD]",
            "{password}",
            "[[password]]",
            "***",
            "••••••••",
            "●●●",
            "********",
        ] {
            assert_eq!(in_credential(text), Some(Fault::Placeholder), "{text}");
        }
        assert_eq!(in_plain_value("<your-key>"), Some(Fault::Placeholder));
        let values = [
            "",
            "$",
            "$ecret",
            "$X",
            "$X7K2Q",
            "$5_A",
            "$Db_pass",
            "$5",
            "pa$$word",
            "a${X}",
            "%",
            "%41%",
            "%zz%",
            "[",
            "[]",
            "[12]",
            "{}",
            "[::1]",
            "{\"a\":1}",
            "[1,2]",
            "[\"a\"]",
            "<",
            "<>",
            "((",
            "(())",
            "__",
            "____",
            "_a_",
            "*",
            "**",
            "a***",
            "operation",
            "op:x",
            "vaulted",
            "projects/x",
            "arn:aws:s3:::bucket",
            "ENC[",
            "encrypted",
            "#{",
            "#a}",
            "@Microsoft",
            "hunter2",
            "{",
            "x{y}z",
            "!vaulted",
            "env",
            "env()",
            "environ(x)",
            "{$}",
            "%%",
            "%%a%%",
            "••",
            "•a•",
            "[[]]",
        ];
        for text in values {
            assert_eq!(in_credential(text), None, "{text}");
            assert_eq!(in_plain_value(text), None, "{text}");
        }
        for text in ["[a]", "{level}", "[a.example]", "***"] {
            assert_eq!(in_plain_value(text), None, "{text}");
        }
    }

    #[test]
    fn stand_ins_are_found_within_hosts() {
        for text in [
            "${DB_HOST}",
            "db.${DOMAIN}",
            "$db_host",
            "$_HOST",
            "{{ host }}:5432",
            "%DB_HOST%",
            "#{Host}",
            "((host))",
        ] {
            assert_eq!(within(text), Some(Fault::Reference), "{text}");
        }
        for text in [
            "<cluster>.example",
            "<host>:<port>",
            "[host]",
            "[YOUR-HOST]:5432",
            "{host}",
            "***",
            "****:5432",
        ] {
            assert_eq!(within(text), Some(Fault::Placeholder), "{text}");
        }
        for text in [
            "[::1]",
            "[::g]",
            "[db.example]",
            "[fe80::1%25eth0]",
            "db.example",
            "%2Ftmp%2Fa.sock",
            "$",
            "a]",
            "[::1",
            "tcp(x)",
            "vault:x",
        ] {
            assert_eq!(within(text), None, "{text}");
        }
    }
}
