//! Base64, as in the `data` of a Kubernetes Secret.

use zeroize::Zeroizing;

/// Decodes standard Base64 with its padding. Line breaks are ignored, as Kubernetes does. `None` if it is not Base64.
pub(super) fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 4 * 3 + 3));
    let mut group = Zeroizing::new([0_u8; 4]);
    let (mut length, mut padding) = (0, 0);
    for byte in text.bytes().filter(|byte| !b"\r\n".contains(byte)) {
        let sextet = match byte {
            b'=' if length >= 2 => {
                padding += 1;
                0
            }
            _ if padding > 0 => return None,
            _ => sextet(byte)?,
        };
        group[length] = sextet;
        length += 1;
        if length == 4 {
            let [a, b, c, d] = *group;
            let decoded = Zeroizing::new([a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
            bytes.extend_from_slice(&decoded[..3 - padding]);
            length = 0;
        }
    }
    (length == 0).then_some(bytes)
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn base64_is_decoded_or_refused() {
        let rows: [(&str, Option<&[u8]>); 14] = [
            ("", Some(b"")),
            ("Zg==", Some(b"f")),
            ("Zm8=", Some(b"fo")),
            ("Zm9v", Some(b"foo")),
            ("Zm9v\nYmFy\r\n", Some(b"foobar")),
            ("+/+/", Some(b"\xFB\xFF\xBF")),
            ("AAAA", Some(b"\0\0\0")),
            ("Zg=", None),
            ("Zg", None),
            ("Z===", None),
            ("Zg==Zg==", None),
            ("Zm9v ", None),
            ("-_-_", None),
            ("mysql://u:p@h", None),
        ];
        for (text, expected) in rows {
            assert_eq!(decode(text).as_ref().map(|bytes| &***bytes), expected, "{text}");
        }
    }
}
