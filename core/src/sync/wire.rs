//! Bytes: a writer and a bounded reader that frames, verdicts and messages share.
//!
//! Invariant: the reader never allocates more than the input it was given, and never panics. Numbers are LEB128 with
//! the shortest form only, so that one value has one encoding.
//!
//! What may grow later stands in **sections** (kind, length, bytes): a reader passes over kinds it doesn't know.

/// The bytes are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The input ends too early.
    #[error("cut short")]
    Cut,
    /// Something follows the end.
    #[error("trailing bytes")]
    Trailing,
    /// A stated length or count is above its limit.
    #[error("over the limit")]
    TooLarge,
    /// Of a later version: well-formed for somebody else, to be kept and passed on as it is.
    #[error("of a later version")]
    Version,
    /// It names something briefly that is not here: ask for it in full.
    #[error("names what is not known here")]
    Unresolved,
    /// A value that nothing encodes to.
    #[error("malformed: {0}")]
    Malformed(&'static str),
}

/// Appends values to a buffer.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty writer.
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes written.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// Bytes written so far.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// One byte.
    pub fn byte(&mut self, byte: u8) -> &mut Self {
        self.bytes.push(byte);
        self
    }

    /// Bytes of a length that the reader knows.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// An unsigned number.
    pub fn number(&mut self, mut number: u64) -> &mut Self {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.byte(number as u8)
    }

    /// A signed number, small magnitudes short.
    pub fn signed(&mut self, number: i64) -> &mut Self {
        self.number(((number << 1) ^ (number >> 63)) as u64)
    }

    /// Bytes with their length.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.number(bytes.len() as u64).raw(bytes)
    }

    /// A text with its length in bytes.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    /// A section: kind, length, bytes.
    pub fn section(&mut self, kind: u64, bytes: &[u8]) -> &mut Self {
        self.number(kind).bytes(bytes)
    }
}

/// Takes values from the front of a slice.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Bytes not read yet.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// # Errors
    /// [`WireError::Trailing`] when something is left.
    pub fn finish(self) -> Result<(), WireError> {
        if self.rest.is_empty() { Ok(()) } else { Err(WireError::Trailing) }
    }

    /// `count` bytes.
    ///
    /// # Errors
    /// [`WireError::Cut`] when fewer are left.
    pub fn raw(&mut self, count: usize) -> Result<&'a [u8], WireError> {
        let (head, rest) = self.rest.split_at_checked(count).ok_or(WireError::Cut)?;
        self.rest = rest;
        Ok(head)
    }

    /// An array of bytes.
    ///
    /// # Errors
    /// [`WireError::Cut`] when fewer are left.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(WireError::Cut)?;
        self.rest = rest;
        Ok(*head)
    }

    /// One byte.
    ///
    /// # Errors
    /// [`WireError::Cut`] at the end.
    pub fn byte(&mut self) -> Result<u8, WireError> {
        Ok(self.array::<1>()?[0])
    }

    /// An unsigned number.
    ///
    /// # Errors
    /// [`WireError::Cut`], or [`WireError::Malformed`] when it is too long or not in its shortest form.
    pub fn number(&mut self) -> Result<u64, WireError> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                let shortest = bits != 0 || shift == 0;
                return if shortest { Ok(number) } else { Err(WireError::Malformed("number")) };
            }
        }
        Err(WireError::Malformed("number"))
    }

    /// An unsigned number not above `limit`.
    ///
    /// # Errors
    /// As [`Reader::number`], and [`WireError::TooLarge`].
    pub fn at_most(&mut self, limit: usize) -> Result<usize, WireError> {
        let number = self.number()?;
        usize::try_from(number).ok().filter(|&number| number <= limit).ok_or(WireError::TooLarge)
    }

    /// A signed number.
    ///
    /// # Errors
    /// As [`Reader::number`].
    pub fn signed(&mut self) -> Result<i64, WireError> {
        let number = self.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// Bytes with their length, at most `limit`.
    ///
    /// # Errors
    /// As [`Reader::at_most`] and [`Reader::raw`].
    pub fn bytes(&mut self, limit: usize) -> Result<&'a [u8], WireError> {
        let count = self.at_most(limit)?;
        self.raw(count)
    }

    /// A text of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Reader::bytes`], and [`WireError::Malformed`] when it is not UTF-8.
    pub fn text(&mut self, limit: usize) -> Result<&'a str, WireError> {
        std::str::from_utf8(self.bytes(limit)?).map_err(|_| WireError::Malformed("text"))
    }

    /// The next section, or nothing at the end.
    ///
    /// # Errors
    /// As [`Reader::bytes`].
    pub fn section(&mut self) -> Result<Option<(u64, &'a [u8])>, WireError> {
        if self.is_empty() {
            return Ok(None);
        }
        let kind = self.number()?;
        Ok(Some((kind, self.bytes(usize::MAX)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(unsigned in any::<u64>(), signed in any::<i64>()) {
            let mut writer = Writer::new();
            writer.number(unsigned).signed(signed);
            let bytes = writer.finish();
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.number(), Ok(unsigned));
            prop_assert_eq!(reader.signed(), Ok(signed));
            prop_assert_eq!(reader.finish(), Ok(()));
        }

        #[test]
        fn one_number_has_one_encoding(bytes in proptest::collection::vec(any::<u8>(), 1..12)) {
            let mut reader = Reader::new(&bytes);
            if let Ok(number) = reader.number() {
                let mut writer = Writer::new();
                writer.number(number);
                prop_assert_eq!(&writer.finish()[..], &bytes[..bytes.len() - reader.remaining()]);
            }
        }
    }

    #[test]
    fn a_stated_length_beyond_the_input_is_cut_not_allocated() {
        let bytes = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(Reader::new(&bytes).bytes(usize::MAX), Err(WireError::Cut));
        assert_eq!(Reader::new(&bytes).bytes(10), Err(WireError::TooLarge));
        assert_eq!(Reader::new(&[0x80, 0x00]).number(), Err(WireError::Malformed("number")));
    }
}
