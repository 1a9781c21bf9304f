//! Env files: `NAME=value` lines, as `heroku config -s`, docker and `.env` files have them.

use crate::error::{Error, Fault};
use crate::secret;
use crate::vars::{ConfigValue, ConfigVars};
use secrecy::SecretString;
use zeroize::Zeroizing;

impl ConfigVars {
    /// Reads the text of an env file: a `NAME=value` on each line, with or without `export` before it.
    ///
    /// A value may be quoted, in whole or in pieces side by side, as a shell has it. Within `'…'` every character
    /// stands for itself; within `"…"`, `\n`, `\r`, `\t`, `\"`, `\\`, `\$` and `` \` `` are escapes. Quoted values may
    /// span lines, as PEM text does. Without quotes a value ends with the line, or at a blank before a `#`. Nothing
    /// is expanded: a `$` is a `$`. A name is made of letters, digits, `_`, `.` and `-`.
    ///
    /// `heroku config -s` doubles a backslash within `'…'`, which no shell undoes: where a value may hold one, take
    /// `heroku config --json`.
    ///
    /// ```
    /// use config_vars::{ConfigVars, ExposeSecret};
    ///
    /// let vars = ConfigVars::from_env_file(
    ///     "# Written by heroku config -s\n\
    ///      export JAWSDB_URL='mysql://app:p$#w@db.example/shop'\n\
    ///      PORT=8080 # the web's\n",
    /// )?;
    /// assert_eq!(vars.require("JAWSDB_URL")?.expose_secret(), "mysql://app:p$#w@db.example/shop");
    /// assert_eq!(vars.require("PORT")?.expose_secret(), "8080");
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a line is no assignment, or a quote is not closed. The error tells the line's number, and nothing of it.
    pub fn from_env_file(text: &str) -> Result<Self, Error> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let mut reader = Reader { rest: text, line: 1 };
        let mut vars = Vec::new();
        while let Some(var) = secret::with_clean_stack(|| reader.next_var())? {
            vars.push(var);
        }
        Ok(vars.into_iter().collect())
    }
}

struct Reader<'t> {
    rest: &'t str,
    line: usize,
}

impl Reader<'_> {
    fn next_var(&mut self) -> Result<Option<(String, ConfigValue)>, Error> {
        loop {
            self.skip(|character| character.is_whitespace());
            if self.rest.is_empty() {
                return Ok(None);
            }
            if !self.rest.starts_with('#') {
                break;
            }
            self.skip(|character| character != '\n');
        }
        let no_assignment = || Error::new(Fault::NoAssignment(self.line));
        let line = self.rest.lines().next().unwrap_or_default();
        let Some((name, _)) = line.split_once('=') else {
            return Err(no_assignment());
        };
        let start = name.len() + 1;
        let name = name.strip_prefix("export ").unwrap_or(name).trim();
        // A URL or a line of Base64 that lost its name is not to become one, for names are public.
        let rest = line[start..].trim_end();
        if !is_name(name) || rest == "=" || rest.is_empty() && looks_random(name) {
            return Err(no_assignment());
        }
        let name = name.to_owned();
        self.rest = &self.rest[start..];
        Ok(Some((name, self.value()?.into())))
    }

    fn value(&mut self) -> Result<SecretString, Error> {
        let before = self.rest.len();
        self.skip(|character| character == ' ' || character == '\t');
        let follows_blank = self.rest.len() < before;
        // No longer than what it is written in; a buffer that never grows leaves no copy.
        let mut value = Zeroizing::new(String::with_capacity(self.value_end()));
        let mut is_quoted = false;
        loop {
            match self.rest.as_bytes() {
                [quote @ (b'\'' | b'"'), ..] => self.quoted(char::from(*quote), &mut value)?,
                // `'it'\''s'`: how a shell writes a quote between quoted pieces.
                [b'\\', quote @ (b'\'' | b'"'), ..] if is_quoted => {
                    value.push(char::from(*quote));
                    self.rest = &self.rest[2..];
                }
                _ => break,
            }
            is_quoted = true;
        }
        let end = self.rest.find('\n').unwrap_or(self.rest.len());
        let bare = &self.rest[..end];
        let is_comment =
            |at: usize| at == 0 && !is_quoted && follows_blank || bare[..at].ends_with([' ', '\t']);
        let comment = bare
            .match_indices('#')
            .map(|(at, _)| at)
            .find(|at| is_comment(*at));
        value.push_str(bare[..comment.unwrap_or(end)].trim_end());
        self.rest = &self.rest[end..];
        Ok(SecretString::from(value.as_str()))
    }

    /// Where the value ends, quotes, escapes and comment included.
    fn value_end(&self) -> usize {
        let bytes = self.rest.as_bytes();
        let mut at = 0;
        while let Some(quote @ (b'\'' | b'"')) = bytes.get(at) {
            let mut inside = bytes[at + 1..].iter().enumerate();
            let closing = loop {
                match inside.next() {
                    Some((_, b'\\')) if *quote == b'"' => _ = inside.next(),
                    Some((offset, byte)) if byte == quote => break offset,
                    Some(_) => {}
                    None => return bytes.len(),
                }
            };
            at += closing + 2;
        }
        self.rest[at..].find('\n').map_or(bytes.len(), |end| at + end)
    }

    fn quoted(&mut self, quote: char, value: &mut Zeroizing<String>) -> Result<(), Error> {
        let opened = self.line;
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            if character == '\n' {
                self.line += 1;
            }
            if character == quote {
                self.rest = &self.rest[at + 1..];
                return Ok(());
            }
            if character != '\\' || quote == '\'' {
                value.push(character);
                continue;
            }
            match characters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 'r')) => value.push('\r'),
                Some((_, 't')) => value.push('\t'),
                Some((_, escaped @ ('"' | '\\' | '$' | '`' | '!'))) => value.push(escaped),
                Some((_, other)) => {
                    self.line += usize::from(other == '\n');
                    value.push('\\');
                    value.push(other);
                }
                None => break,
            }
        }
        Err(Error::new(Fault::OpenQuote(opened)))
    }

    fn skip(&mut self, is_skipped: impl Fn(char) -> bool) {
        let rest = self.rest.trim_start_matches(is_skipped);
        let skipped = &self.rest[..self.rest.len() - rest.len()];
        self.line += skipped.bytes().filter(|&byte| byte == b'\n').count();
        self.rest = rest;
    }
}

/// Base64 that ends in a single `=` looks like a name without a value; no name is as mixed.
fn looks_random(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.as_bytes().iter().any(is);
    text.len() >= 16
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && !text.contains('_')
}

fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') && text.bytes().all(is_plain)
}
