//! Which sorts of bytes a text holds: what is learned in the one look that finds a part's end.

/// Which sorts of bytes a text holds anywhere. What would look for one that is not there at all need not look.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sorts(u16);

impl Sorts {
    /// Whatever is no letter, digit or punctuation of ASCII.
    pub(super) const NOT_GRAPHIC: u16 = 1;
    /// Punctuation of ASCII that no host name has.
    pub(super) const NOT_IN_NAME: u16 = Self::NOT_IN_HOSTS | Self::COMMA | Self::COLON;
    /// Of that, what stands between names and ports neither.
    pub(super) const NOT_IN_HOSTS: u16 = 1 << 1;
    pub(super) const PERCENT: u16 = 1 << 2;
    pub(super) const COMMA: u16 = 1 << 3;
    pub(super) const COLON: u16 = 1 << 4;
    pub(super) const AT: u16 = 1 << 5;
    pub(super) const BRACKET: u16 = 1 << 6;
    /// A backslash, and what a placeholder or a reference begins with: `${…}`, `<…>`, `***`, `{{…}}`, `((…))`.
    pub(super) const SUSPECT: u16 = 1 << 7;
    pub(super) const SLASH: u16 = 1 << 8;
    pub(super) const QUESTION_MARK: u16 = 1 << 9;
    pub(super) const HASH: u16 = 1 << 10;

    const OF_BYTES: [u16; 256] = {
        let mut sorts = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            sorts[byte] = match byte as u8 {
                byte if !byte.is_ascii_graphic() => Self::NOT_GRAPHIC,
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' => 0,
                b',' => Self::COMMA,
                b':' => Self::COLON,
                punctuation => {
                    Self::NOT_IN_HOSTS
                        | match punctuation {
                            b'%' => Self::PERCENT,
                            b'@' => Self::AT,
                            b'[' | b']' => Self::BRACKET,
                            b'\\' | b'$' | b'<' | b'*' | b'{' | b'(' => Self::SUSPECT,
                            b'/' => Self::SLASH,
                            b'?' => Self::QUESTION_MARK,
                            b'#' => Self::HASH,
                            _ => 0,
                        }
                }
            };
            byte += 1;
        }
        sorts
    };

    pub(super) fn of(text: &str) -> Self {
        let mut sorts = Self::default();
        sorts.read_to(text.as_bytes(), 0, 0);
        sorts
    }

    /// Adds the sorts of bytes from `start` to the first that is one of `ends`, and tells where that is; else the end.
    pub(super) fn read_to(&mut self, bytes: &[u8], start: usize, ends: u16) -> usize {
        let sort = |byte: &u8| Self::OF_BYTES[usize::from(*byte)];
        let mut sorts = self.0;
        let mut at = start;
        // In steps of eight, for as long as none of them is an end.
        while let Some(eight) = bytes[at..].first_chunk::<8>() {
            let of_eight = eight.iter().fold(0, |sorts, byte| sorts | sort(byte));
            if of_eight & ends != 0 {
                break;
            }
            sorts |= of_eight;
            at += 8;
        }
        while let Some(one) = bytes.get(at).map(sort) {
            if one & ends != 0 {
                break;
            }
            sorts |= one;
            at += 1;
        }
        self.0 = sorts;
        at
    }

    /// The sorts of two texts.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn add(&mut self, sorts: u16) {
        self.0 |= sorts;
    }

    /// Whether there is any of these sorts.
    pub(super) fn has(self, sorts: u16) -> bool {
        self.0 & sorts != 0
    }
}
