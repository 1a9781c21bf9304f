//! [`ByteClasses`]: which classes of bytes a text contains, learned in the same pass that finds the end of a part.

/// A set of byte classes, collected while scanning for a delimiter. It says which of the later searches can be skipped.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ByteClasses(u16);

impl ByteClasses {
    /// Anything except letters, digits and punctuation of ASCII.
    pub(super) const NOT_GRAPHIC: u16 = 1;
    /// ASCII punctuation that host names do not contain.
    pub(super) const NOT_IN_NAME: u16 = Self::NOT_IN_HOSTS | Self::COMMA | Self::COLON;
    /// The subset of `NOT_IN_NAME` without `,` and `:`, which separate names and ports.
    pub(super) const NOT_IN_HOSTS: u16 = 1 << 1;
    pub(super) const PERCENT: u16 = 1 << 2;
    pub(super) const COMMA: u16 = 1 << 3;
    pub(super) const COLON: u16 = 1 << 4;
    pub(super) const AT: u16 = 1 << 5;
    pub(super) const BRACKET: u16 = 1 << 6;
    /// A backslash, and the first bytes of placeholders and references: `${…}`, `<…>`, `***`, `{{…}}`, `((…))`.
    pub(super) const SUSPECT: u16 = 1 << 7;
    pub(super) const SLASH: u16 = 1 << 8;
    pub(super) const QUESTION_MARK: u16 = 1 << 9;
    pub(super) const HASH: u16 = 1 << 10;
    pub(super) const UNDERSCORE: u16 = 1 << 11;
    /// No class of a byte: there is more than one colon. Only in an authority.
    pub(super) const SECOND_COLON: u16 = 1 << 12;

    const OF_BYTES: [u16; 256] = {
        let mut classes = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            classes[byte] = match byte as u8 {
                byte if !byte.is_ascii_graphic() => Self::NOT_GRAPHIC,
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' => 0,
                b'_' => Self::UNDERSCORE,
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
        classes
    };

    pub(super) fn of(text: &str) -> Self {
        Self::of_bytes(text.as_bytes())
    }

    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        let class = |byte: &u8| Self::OF_BYTES[usize::from(*byte)];
        Self(bytes.iter().fold(0, |classes, byte| classes | class(byte)))
    }

    /// Adds the classes of the bytes from `start` to the first byte of the classes `ends`, and returns its position, or the
    /// end of the text.
    pub(super) fn scan_to(&mut self, bytes: &[u8], start: usize, ends: u16) -> usize {
        let mut classes = self.0;
        let mut at = start;
        while let Some(byte) = bytes.get(at) {
            let class = Self::OF_BYTES[usize::from(*byte)];
            if class & ends != 0 {
                break;
            }
            classes |= class;
            at += 1;
        }
        self.0 = classes;
        at
    }

    /// Returns the classes of two texts.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn add(&mut self, classes: u16) {
        self.0 |= classes;
    }

    /// Returns whether the text contains a byte of any of these classes.
    pub(super) fn has(self, classes: u16) -> bool {
        self.0 & classes != 0
    }
}
