//! Reads the answer of an HTTP server, which is nothing but secrets, into memory that is wiped.

use crate::error::Fault;
use crate::formats::limit::Limit;
use crate::secret::FixedBuffer;
use crate::text::is_all;
use std::io::{self, Read};
use zeroize::{Zeroize, Zeroizing};

/// Maximum length of a line of the head, and of the line before a chunk.
const MAX_LINE: usize = 8 * 1024;
/// Maximum number of header fields, and of fields after a chunked body.
const MAX_FIELDS: usize = 128;
/// Maximum number of interim responses (1xx) before the final one.
const MAX_INTERIM: usize = 8;
/// Size of the buffers that are filled from the network.
const BLOCK: usize = 16 * 1024;

pub(super) struct Response {
    pub(super) status: u16,
    /// Names in lower case.
    fields: Vec<(String, Zeroizing<String>)>,
    pub(super) body: Zeroizing<Vec<u8>>,
}

impl Response {
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        field(&self.fields, name)
    }
}

/// Returns the fault of a connection that failed.
pub(super) fn io_fault(error: io::Error) -> Fault {
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(rustls::Error::InvalidCertificate(_)) => return Fault::BadCertificate,
        Some(_) => return Fault::NoTls,
        None => {}
    }
    match error.kind() {
        // A socket's timeout is `WouldBlock` on Unix.
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Fault::NoAnswer,
        io::ErrorKind::UnexpectedEof => Fault::AnswerCut,
        kind => Fault::NotReached(kind),
    }
}

/// Reads the answer to one request, and no more than `limit` of its body.
pub(super) fn read_response(stream: impl Read, limit: Limit) -> Result<Response, Fault> {
    let mut incoming = Incoming::new(stream);
    let (status, fields) = incoming.head()?;
    let body = match status {
        204 | 304 => Zeroizing::default(),
        _ => incoming.body(&fields, limit)?,
    };
    Ok(Response { status, fields, body })
}

fn field<'f>(fields: &'f [(String, Zeroizing<String>)], name: &str) -> Option<&'f str> {
    let field = fields.iter().find(|(given, _)| given == name);
    field.map(|(_, value)| value.as_str())
}

type Head = (u16, Vec<(String, Zeroizing<String>)>);

/// The bytes that come in, in a buffer that is wiped.
struct Incoming<R> {
    stream: R,
    buffer: Zeroizing<Vec<u8>>,
    start: usize,
    end: usize,
}

impl<R: Read> Incoming<R> {
    fn new(stream: R) -> Self {
        Self {
            stream,
            buffer: Zeroizing::new(vec![0; BLOCK]),
            start: 0,
            end: 0,
        }
    }

    /// Returns the bytes that are there, at least one. `None` at the end of the stream.
    fn some(&mut self) -> Result<Option<&[u8]>, Fault> {
        while self.start == self.end {
            match self.stream.read(&mut self.buffer) {
                Ok(0) => return Ok(None),
                Ok(count) => (self.start, self.end) = (0, count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(io_fault(error)),
            }
        }
        Ok(Some(&self.buffer[self.start..self.end]))
    }

    /// Takes at most `count` bytes, and appends them to `body`.
    fn take(&mut self, count: usize, body: &mut Body) -> Result<usize, Fault> {
        let some = self.some()?.ok_or(Fault::AnswerCut)?;
        let taken = &some[..count.min(some.len())];
        body.push(taken)?;
        let count = taken.len();
        self.start += count;
        Ok(count)
    }

    /// Takes a line, without its end.
    fn line(&mut self) -> Result<Zeroizing<String>, Fault> {
        let mut line = FixedBuffer::<Vec<u8>>::with_capacity(MAX_LINE);
        loop {
            let some = self.some()?.ok_or(Fault::AnswerCut)?;
            let end = some.iter().position(|byte| *byte == b'\n');
            let piece = &some[..end.unwrap_or(some.len())];
            if line.len() + piece.len() > MAX_LINE {
                return Err(Fault::BadAnswer);
            }
            line.extend_from_slice(piece);
            self.start += piece.len() + usize::from(end.is_some());
            if end.is_some() {
                break;
            }
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        match String::from_utf8(line.take()) {
            Ok(line) => Ok(Zeroizing::new(line)),
            Err(error) => {
                error.into_bytes().zeroize();
                Err(Fault::BadAnswer)
            }
        }
    }

    fn head(&mut self) -> Result<Head, Fault> {
        for _ in 0..=MAX_INTERIM {
            let status = status(&self.line()?).ok_or(Fault::BadAnswer)?;
            let fields = self.fields()?;
            if status >= 200 {
                return Ok((status, fields));
            }
        }
        Err(Fault::BadAnswer)
    }

    fn fields(&mut self) -> Result<Vec<(String, Zeroizing<String>)>, Fault> {
        let mut fields = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                return Ok(fields);
            }
            let (name, value) = line.split_once(':').ok_or(Fault::BadAnswer)?;
            let is_name = !name.is_empty() && is_all(name, |byte| byte.is_ascii_graphic());
            // A value may be sent back, in a field of the next request.
            let is_value = !value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t');
            if !is_name || !is_value || fields.len() == MAX_FIELDS {
                return Err(Fault::BadAnswer);
            }
            fields.push((name.to_ascii_lowercase(), Zeroizing::new(value.trim().to_owned())));
        }
    }

    fn body(
        &mut self,
        fields: &[(String, Zeroizing<String>)],
        limit: Limit,
    ) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let is = |name, expected: &str| {
            field(fields, name).is_none_or(|value| value.eq_ignore_ascii_case(expected))
        };
        if !is("content-encoding", "identity") {
            return Err(Fault::CompressedAnswer);
        }
        let mut body = Body::new(limit);
        if field(fields, "transfer-encoding").is_some() {
            if !is("transfer-encoding", "chunked") {
                return Err(Fault::BadAnswer);
            }
            self.chunks(&mut body)?;
        } else if let Some(length) = field(fields, "content-length") {
            let is_repeated = fields
                .iter()
                .any(|(name, value)| name == "content-length" && **value != *length);
            // `parse` would take a sign.
            let is_number = length.bytes().all(|byte| byte.is_ascii_digit());
            let length: u64 = length.parse().map_err(|_| Fault::BadAnswer)?;
            if is_repeated || !is_number {
                return Err(Fault::BadAnswer);
            }
            body.check(length)?;
            self.exactly(length, &mut body)?;
        } else {
            while self.some()?.is_some() {
                self.take(BLOCK, &mut body)?;
            }
        }
        Ok(body.joined())
    }

    fn exactly(&mut self, length: u64, body: &mut Body) -> Result<(), Fault> {
        let mut left = usize::try_from(length).map_err(|_| Fault::BadAnswer)?;
        while left > 0 {
            left -= self.take(left, body)?;
        }
        Ok(())
    }

    fn chunks(&mut self, body: &mut Body) -> Result<(), Fault> {
        loop {
            let line = self.line()?;
            let size = line.split(';').next().unwrap_or_default().trim();
            // `from_str_radix` would take a sign.
            let is_hex = is_all(size, |byte| byte.is_ascii_hexdigit());
            let size = u64::from_str_radix(size, 16).ok().filter(|_| is_hex);
            match size.ok_or(Fault::BadAnswer)? {
                0 => return self.fields().map(drop),
                size => {
                    body.check(size)?;
                    self.exactly(size, body)?;
                }
            }
            if !self.line()?.is_empty() {
                return Err(Fault::BadAnswer);
            }
        }
    }
}

/// Returns the status of `HTTP/1.1 200 OK`.
fn status(line: &str) -> Option<u16> {
    let rest = line.strip_prefix("HTTP/1.")?;
    let (_, rest) = rest.split_at_checked(1)?;
    let status = rest.strip_prefix(' ')?.get(..3)?;
    status.parse().ok().filter(|status| *status >= 100)
}

/// A body of unknown length, in blocks that do not grow.
struct Body {
    blocks: Vec<FixedBuffer<Vec<u8>>>,
    length: usize,
    limit: Limit,
}

impl Body {
    fn new(limit: Limit) -> Self {
        Self {
            blocks: Vec::new(),
            length: 0,
            limit,
        }
    }

    fn check(&self, length: u64) -> Result<(), Fault> {
        let Limit(mebibytes) = self.limit;
        let checked = self.limit.check(length);
        checked.map_err(|_| Fault::AnswerTooLarge(mebibytes))
    }

    fn push(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        self.length += bytes.len();
        self.check(u64::try_from(self.length).unwrap_or(u64::MAX))?;
        while !bytes.is_empty() {
            if self.blocks.last().is_none_or(|block| block.len() == BLOCK) {
                self.blocks.push(FixedBuffer::with_capacity(BLOCK));
            }
            if let Some(block) = self.blocks.last_mut() {
                let (now, later) = bytes.split_at(bytes.len().min(BLOCK - block.len()));
                block.extend_from_slice(now);
                bytes = later;
            }
        }
        Ok(())
    }

    fn joined(self) -> Zeroizing<Vec<u8>> {
        let mut all = FixedBuffer::<Vec<u8>>::with_capacity(self.length);
        for block in &self.blocks {
            all.extend_from_slice(block);
        }
        Zeroizing::new(all.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::limit::ENV_FILE;

    /// Gives its bytes in pieces of a length, and then ends, or fails as a TLS stream does that was cut.
    struct Chunks<'b> {
        bytes: &'b [u8],
        length: usize,
        is_cut: bool,
    }

    impl io::Read for Chunks<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.bytes.is_empty() && self.is_cut {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let count = self.length.min(self.bytes.len()).min(buffer.len());
            let (now, later) = self.bytes.split_at(count);
            buffer[..count].copy_from_slice(now);
            self.bytes = later;
            Ok(count)
        }
    }

    type Answer<Body> = Result<(u16, Body), Fault>;

    fn read(text: &str, length: usize, is_cut: bool) -> Answer<Vec<u8>> {
        let bytes = text.as_bytes();
        let pieces = Chunks {
            bytes,
            length,
            is_cut,
        };
        read_response(pieces, ENV_FILE).map(|response| (response.status, response.body.to_vec()))
    }

    #[test]
    fn answers_are_read_in_pieces_of_any_length() {
        let rows: &[(&str, Answer<&str>)] = &[
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", Ok((200, "{}"))),
            (
                "HTTP/1.0 200\r\nCONTENT-LENGTH:2\r\n\r\n{}beyond",
                Ok((200, "{}")),
            ),
            ("HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", Ok((200, "{}"))),
            (
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
                Ok((304, "")),
            ),
            (
                "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                Ok((200, "")),
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\nT: x\r\n\r\n",
                Ok((200, "{}")),
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
                Ok((200, "{}")),
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
                Err(Fault::BadAnswer),
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
                Err(Fault::BadAnswer),
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}",
                Err(Fault::BadAnswer),
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n{}",
                Err(Fault::AnswerTooLarge(4)),
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6400000\r\n{}",
                Err(Fault::AnswerTooLarge(4)),
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n",
                Err(Fault::BadAnswer),
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
                Err(Fault::BadAnswer),
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                Err(Fault::BadAnswer),
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
                Err(Fault::CompressedAnswer),
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2 \r\n{}\r\n0\r\n\r\n",
                Ok((200, "{}")),
            ),
            (
                "HTTP/1.1 200 OK\r\nX: a\tb\r\nContent-Length: 2\r\n\r\n{}",
                Ok((200, "{}")),
            ),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
                Ok((200, "{}")),
            ),
            (
                "HTTP/1.1 099 Odd\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
                Err(Fault::BadAnswer),
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n{}",
                Err(Fault::BadAnswer),
            ),
            ("HTTP/1.1 +20 OK\r\n\r\n", Err(Fault::BadAnswer)),
            ("HTTP/1.1 200 OK\r\n: x\r\n\r\n", Err(Fault::BadAnswer)),
            ("HTTP/1.1 2x0 OK\r\n\r\n", Err(Fault::BadAnswer)),
            ("HTTP/2 200\r\n\r\n", Err(Fault::BadAnswer)),
            ("HTTP/1.1 200 OK\r\n folded: x\r\n\r\n", Err(Fault::BadAnswer)),
            ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", Err(Fault::BadAnswer)),
            ("HTTP/1.1 200 OK\r\nETag: x\ry\r\n\r\n", Err(Fault::BadAnswer)),
            ("SSH-2.0-OpenSSH_9.6\r\n", Err(Fault::BadAnswer)),
            ("", Err(Fault::AnswerCut)),
        ];
        for (text, expected) in rows {
            let expected = expected.map(|(status, body)| (status, body.as_bytes().to_vec()));
            for length in [1, 2, 3, 7, 1 << 20] {
                assert_eq!(read(text, length, true), expected, "{text} in pieces of {length}");
            }
        }
        let until_the_end = "HTTP/1.1 200 OK\r\n\r\n{}";
        assert_eq!(read(until_the_end, 1, false), Ok((200, b"{}".to_vec())));
        assert_eq!(read(until_the_end, 1, true), Err(Fault::AnswerCut));
        let not_utf8: &[u8] = b"HTTP/1.1 200 OK\r\nX: \xFF\r\n\r\n";
        assert_eq!(read_response(not_utf8, ENV_FILE).err(), Some(Fault::BadAnswer));
    }

    #[test]
    fn body_takes_one_block_for_its_length_however_it_comes_in() {
        let mut body = Body::new(ENV_FILE);
        for _ in 0..BLOCK {
            body.push(b"x").unwrap();
        }
        assert_eq!(body.blocks.len(), 1);
    }

    #[test]
    fn read_that_a_signal_interrupts_is_repeated() {
        struct Interrupted<'b>(&'b [u8], bool);
        impl io::Read for Interrupted<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.1 = !self.1;
                match self.1 {
                    true => Err(io::ErrorKind::Interrupted.into()),
                    false => self.0.read(buffer),
                }
            }
        }
        let answer = Interrupted(b"HTTP/1.1 200 OK\r\n\r\n{}", false);
        assert_eq!(*read_response(answer, ENV_FILE).unwrap().body, b"{}");
    }

    #[test]
    fn answer_that_is_cut_anywhere_is_an_error() {
        for text in [
            "HTTP/1.1 200 OK\r\nETag: \"x\"\r\nContent-Length: 10\r\n\r\n{\"A\":\"pw\"}",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"A\":\r\n5\r\n\"pw\"}\r\n0\r\n\r\n",
        ] {
            assert!(read(text, 4, true).is_ok());
            for end in 0..text.len() {
                for is_cut in [true, false] {
                    assert_eq!(
                        read(&text[..end], 4, is_cut),
                        Err(Fault::AnswerCut),
                        "{end} of {text}"
                    );
                }
            }
        }
    }

    #[test]
    fn answers_without_bound_are_refused() {
        let chunk = format!("400\r\n{}\r\n", "x".repeat(1024));
        for (start, repeated) in [
            ("HTTP/1.1 200 OK\r\nX: ", "x"),
            ("HTTP/1.1 200 OK\r\n", "X: y\r\n"),
            ("", "HTTP/1.1 100 Continue\r\n\r\n"),
            ("HTTP/1.1 200 OK\r\n\r\n", "x"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", &*chunk),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
                "X: y\r\n",
            ),
        ] {
            let text = start.to_owned() + &repeated.repeat(5 * 1024 * 1024 / repeated.len());
            let fault = read(&text, BLOCK, false).unwrap_err();
            assert!(
                matches!(fault, Fault::BadAnswer | Fault::AnswerTooLarge(4)),
                "{start}: {fault}"
            );
        }
    }
}
