//! YAML text to [`Node`]s.
//!
//! The parser reports events; a scalar becomes a secret with its event. The parser's own buffers are not wiped.

use super::document::{MAX_LEVELS, Node, are_unique};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, StrInput};
use zeroize::Zeroize;

/// Parses the documents of a YAML text. The message has the place of a fault, and nothing of the text.
pub(super) fn parse(text: &str) -> Result<Vec<Node>, String> {
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        line: 1,
    };
    let mut documents = Vec::new();
    loop {
        match reader.next()? {
            Event::StreamEnd => return Ok(documents),
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            event => match reader.node(event, MAX_LEVELS)? {
                // `---` before the first document or after the last.
                Node::Null => {}
                node => documents.push(node),
            },
        }
    }
}

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    line: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Event<'t>, String> {
        let invalid = |error: &ScanError| {
            let (line, column) = (error.marker().line(), error.marker().col() + 1);
            format!("line {line}, column {column}: is not valid YAML")
        };
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                self.line = span.start.line();
                Ok(event)
            }
            Some(Err(error)) => Err(invalid(&error)),
            None => Ok(Event::StreamEnd),
        }
    }

    fn node(&mut self, event: Event<'t>, levels: usize) -> Result<Node, String> {
        if levels == 0 {
            return Err(format!("is nested deeper than {MAX_LEVELS} levels"));
        }
        match event {
            Event::Scalar(text, style, ..) => {
                let node = match (&*text, style) {
                    ("" | "~" | "null" | "Null" | "NULL", ScalarStyle::Plain) => Node::Null,
                    (text, _) => Node::Text(text.into()),
                };
                // It is the parser's own copy, unless the text had no escapes.
                if let std::borrow::Cow::Owned(mut text) = text {
                    text.zeroize();
                }
                Ok(node)
            }
            Event::SequenceStart(..) => {
                let mut elements = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => return Ok(Node::List(elements)),
                        event => elements.push(self.node(event, levels - 1)?),
                    }
                }
            }
            Event::MappingStart(..) => {
                let start = self.line;
                let mut members = Vec::new();
                loop {
                    let name = match self.next()? {
                        Event::MappingEnd => break,
                        Event::Scalar(name, ..) => name.into_owned(),
                        _ => return Err(self.unsupported("a key that is not plain text")),
                    };
                    let value = self.next()?;
                    members.push((name, self.node(value, levels - 1)?));
                }
                if !are_unique(&members) {
                    return Err(format!(
                        "line {start}: is a YAML mapping that has a name twice; keep one of the two"
                    ));
                }
                Ok(Node::Object(members))
            }
            Event::Alias(_) => Err(self.unsupported("an alias (`*name`)")),
            _ => Err(format!("line {}: is not valid YAML", self.line)),
        }
    }

    fn unsupported(&self, what: &str) -> String {
        format!(
            "line {}: has {what}, which is not read here; pass the output of the tool, such as `docker compose config`",
            self.line
        )
    }
}
