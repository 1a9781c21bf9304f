//! Env files: `NAME=value` lines, as `heroku config -s`, docker and `.env` files have them.

use crate::error::{Error, Fault};
use crate::secret::{self, FixedBuffer};
use crate::snapshot::{ConfigValue, ConfigVars, Var};
use crate::text::{CharacterSet, is_all};
use secrecy::SecretString;

/// Parses the text of an env file; see [`ConfigVars::parse_env_file`].
pub(crate) fn parse(text: &str) -> Result<ConfigVars, Error> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut parser = EnvFileParser { rest: text, line: 1 };
    let mut vars = Vec::new();
    while let Some((name, value)) = secret::with_clean_stack(|| parser.next_var())? {
        vars.push(Var::new(name.into(), value));
    }
    Ok(ConfigVars::last_of_each(vars))
}

#[derive(Clone, Copy)]
struct EnvFileParser<'t> {
    rest: &'t str,
    line: usize,
}

impl<'t> EnvFileParser<'t> {
    fn next_var(&mut self) -> Result<Option<(String, ConfigValue)>, Error> {
        loop {
            self.skip(|character| character.is_whitespace());
            if self.rest.is_empty() {
                return Ok(None);
            }
            if !self.rest.starts_with('#') {
                break;
            }
            self.take_line()?;
        }
        let no_assignment = || Error::new(Fault::NoAssignment(self.line));
        let line = self.rest.lines().next().unwrap_or_default();
        let Some((declared, _)) = line.split_once('=') else {
            return Err(no_assignment());
        };
        let start = declared.len() + 1;
        let exported = declared
            .strip_prefix("export")
            .filter(|rest| rest.starts_with(BLANKS));
        let name = exported.unwrap_or(declared).trim_matches(BLANKS);
        // Names are public, so a URL or a line of Base64 that lost its name must not become one.
        let rest = line[start..].trim_end();
        if !is_name(name) || rest == "=" || rest.is_empty() && looks_random(name) {
            return Err(no_assignment());
        }
        let name = name.to_owned();
        self.rest = &self.rest[start..];
        Ok(Some((name, self.value(exported.is_some())?.into())))
    }

    /// Reads a value twice: once for its length, and once into a buffer of that length, because a buffer that grows
    /// leaves a copy behind.
    fn value(&mut self, is_exported: bool) -> Result<SecretString, Error> {
        let mut length = 0;
        let mut measured = *self;
        measured.pieces(is_exported, &mut |piece| length += piece.len())?;
        let mut value = FixedBuffer::<String>::with_capacity(length);
        self.pieces(is_exported, &mut |piece| value.push_str(piece))?;
        Ok(secret::adopt(value.take()))
    }

    /// Passes the pieces of a value to `push`, in order, and moves to the end of the line.
    fn pieces(&mut self, is_exported: bool, push: &mut dyn FnMut(&str)) -> Result<(), Error> {
        let before = self.rest.len();
        self.skip(|character| BLANKS.contains(&character));
        if !matches!(self.rest.as_bytes(), [b'\'' | b'"', ..]) {
            let follows_blank = self.rest.len() < before;
            return self.unquoted(is_exported, follows_blank, push);
        }
        loop {
            match self.rest.as_bytes() {
                [b'\'', ..] => self.single_quoted(push)?,
                [b'"', ..] => self.double_quoted(push)?,
                // `'it'\''s'`: how a shell writes a quote between quoted pieces.
                [b'\\', ..] => self.escaped(push)?,
                _ => return self.after_quotes(push),
            }
        }
    }

    fn unquoted(
        &mut self,
        is_exported: bool,
        follows_blank: bool,
        push: &mut dyn FnMut(&str),
    ) -> Result<(), Error> {
        let semicolon = Error::new(Fault::UnquotedSemicolon(self.line));
        let second = Error::new(Fault::SecondAssignment(self.line));
        let line = self.take_line()?;
        let mut value = line;
        for (at, _) in line.match_indices('#') {
            let is_comment = match at {
                0 => follows_blank,
                at => line[..at].ends_with(BLANKS),
            };
            if is_comment {
                value = &line[..at];
                break;
            }
        }
        value = value.trim_end_matches(BLANKS);
        if is_exported {
            value = value.strip_suffix(';').unwrap_or(value).trim_end_matches(BLANKS);
            if value.contains(';') {
                return Err(semicolon);
            }
            // A shell assigns each word. Here the second config var would get lost in the value of the first.
            if assigns_in_later_word(value) {
                return Err(second);
            }
        }
        push(value);
        Ok(())
    }

    /// Reads what follows quoted pieces: an unquoted piece without a character that means something to a shell, then
    /// a `;` or a comment, or neither.
    fn after_quotes(&mut self, push: &mut dyn FnMut(&str)) -> Result<(), Error> {
        let follows = Error::new(Fault::AfterQuote(self.line));
        let line = self.take_line()?;
        let end = line.find([' ', '\t', ';']).unwrap_or(line.len());
        let (joined, rest) = line.split_at(end);
        let rest = rest.trim_start_matches(BLANKS);
        let rest = rest.strip_prefix(';').unwrap_or(rest).trim_start_matches(BLANKS);
        let is_plain = !joined.starts_with('#') && !joined.contains(SHELL_CHARACTERS);
        if !is_plain || !(rest.is_empty() || rest.starts_with('#')) {
            return Err(follows);
        }
        push(joined);
        Ok(())
    }

    fn single_quoted(&mut self, push: &mut dyn FnMut(&str)) -> Result<(), Error> {
        let inside = &self.rest[1..];
        let end = inside
            .find('\'')
            .ok_or_else(|| Error::new(Fault::OpenQuote(self.line)))?;
        push(&inside[..end]);
        self.advance(end + 2);
        Ok(())
    }

    fn double_quoted(&mut self, push: &mut dyn FnMut(&str)) -> Result<(), Error> {
        let open = Error::new(Fault::OpenQuote(self.line));
        self.advance(1);
        loop {
            let Some(end) = self.rest.find(['"', '\\']) else {
                return Err(open);
            };
            push(&self.rest[..end]);
            self.advance(end);
            let written = match self.rest.as_bytes() {
                [b'"', ..] => {
                    self.advance(1);
                    return Ok(());
                }
                [_, b'n', ..] => "\n",
                [_, b'r', ..] => "\r",
                [_, b't', ..] => "\t",
                [_, b'\n', ..] => "",
                [_, b'"' | b'\\' | b'$' | b'`' | b'!', ..] => &self.rest[1..2],
                [_] => return Err(open),
                _ => {
                    push("\\");
                    self.advance(1);
                    continue;
                }
            };
            push(written);
            self.advance(2);
        }
    }

    /// A character after a `\`, outside of quotes.
    fn escaped(&mut self, push: &mut dyn FnMut(&str)) -> Result<(), Error> {
        match self.rest[1..].chars().next() {
            None | Some('\n' | '\r') => Err(Error::new(Fault::AfterQuote(self.line))),
            Some(character) => {
                let end = 1 + character.len_utf8();
                push(&self.rest[1..end]);
                self.advance(end);
                Ok(())
            }
        }
    }

    /// Takes the rest of the line, without its line end. A carriage return within it is an error: files of old Macs
    /// have it at the end of each line, and would be read as a single one.
    fn take_line(&mut self) -> Result<&'t str, Error> {
        let end = self.rest.find('\n').unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.contains('\r') {
            return Err(Error::new(Fault::LoneCarriageReturn(self.line)));
        }
        self.advance(end);
        Ok(line)
    }

    fn skip(&mut self, is_skipped: CharacterSet) {
        let rest = self.rest.trim_start_matches(is_skipped);
        self.advance(self.rest.len() - rest.len());
    }

    fn advance(&mut self, bytes: usize) {
        let (passed, rest) = self.rest.split_at(bytes);
        for byte in passed.bytes() {
            self.line += usize::from(byte == b'\n');
        }
        self.rest = rest;
    }
}

const BLANKS: [char; 2] = [' ', '\t'];

/// Characters with a meaning in a shell, of which an unquoted piece next to quotes has none.
const SHELL_CHARACTERS: [char; 12] = ['\'', '"', '\\', '$', '`', '&', '|', '<', '>', '(', ')', '\r'];

/// Base64 that ends in a single `=` looks like a name without a value; no name is as mixed.
fn looks_random(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.as_bytes().iter().any(is);
    text.len() >= 16
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && !text.contains('_')
}

/// Returns whether a word after the first is `NAME=value`.
fn assigns_in_later_word(text: &str) -> bool {
    let mut word = None;
    for (at, byte) in text.as_bytes().iter().enumerate() {
        match (byte, word) {
            (b' ' | b'\t', _) => word = Some(at + 1),
            (b'=', Some(start)) if is_name(&text[start..at]) => return true,
            // Only the first one may be that of an assignment.
            (b'=', _) => word = None,
            _ => {}
        }
    }
    false
}

fn is_name(text: &str) -> bool {
    matches!(text.as_bytes(), [b'a'..=b'z' | b'A'..=b'Z' | b'_', ..])
        && is_all(text, |byte| {
            byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)
        })
}
