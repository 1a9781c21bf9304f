//! Lines that fit the terminal.

use std::fmt::Write;

/// Returns the width to fit into, in columns: `COLUMNS`, or else that of the terminal; `None` for a file or a pipe.
pub(crate) fn width() -> Option<usize> {
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| width.0.into());
    columns.or_else(terminal).filter(|width| *width > 0)
}

/// Writes `text` after `label`, broken between words, with the following lines indented.
pub(crate) fn wrapped(out: &mut String, label: &str, indent: usize, text: &str, width: Option<usize>) {
    /// Minimum width of the text; in a narrower terminal, the terminal breaks lines.
    const MIN_WIDTH: usize = 20;
    let width = width.map_or(usize::MAX, |width| width.saturating_sub(indent).max(MIN_WIDTH));
    out.push_str(label);
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            // Nothing that is written to a `String` can fail.
            _ = write!(out, "\n{:indent$}", "");
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
}

/// Returns `1 attachment`, `2 attachments`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::{count, wrapped};

    #[test]
    fn lines_break_between_words_and_are_indented() {
        let wrap = |text, width| {
            let mut out = String::new();
            wrapped(&mut out, "note  ", 6, text, width);
            out
        };
        let text = "aaaa bbbb cccc dddd eeee ffff gggg";
        assert_eq!(wrap(text, None), format!("note  {text}\n"));
        assert_eq!(
            wrap(text, Some(30)),
            "note  aaaa bbbb cccc dddd eeee\n      ffff gggg\n"
        );
        // Never narrower than 20, and no word is broken.
        assert_eq!(
            wrap("aaaa aaaaaaaaaaaaaaaaaaaaaaaaaaaa b", Some(1)),
            "note  aaaa\n      aaaaaaaaaaaaaaaaaaaaaaaaaaaa\n      b\n"
        );
        assert_eq!(wrap("", Some(30)), "note  \n");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(
            [0, 1, 2].map(|number| count(number, "other config var")),
            ["0 other config vars", "1 other config var", "2 other config vars"]
        );
    }
}
