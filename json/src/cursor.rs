//! Reading: one token after the other, from a slice that is never copied without need.

use crate::number::{self, Number};

/// These bytes are no JSON, or JSON of a kind that is left to Python (such as lone surrogates).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// The text of a string, which is always valid UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'t> {
    pub bytes: &'t [u8],
    pub is_ascii: bool,
}

/// A place in a JSON text.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The first byte of the next token.
    ///
    /// # Errors
    /// The text has ended.
    #[inline]
    pub fn peek(&mut self) -> Result<u8, Unreadable> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(byte) => return Ok(*byte),
                None => return Err(Unreadable),
            }
        }
    }

    /// Goes over a byte that [`Cursor::peek`] has shown.
    #[inline]
    pub fn advance(&mut self) {
        self.at += 1;
    }

    /// Goes over a byte that must be next, after white space.
    ///
    /// # Errors
    /// It is not.
    #[inline]
    pub fn expect(&mut self, byte: u8) -> Result<(), Unreadable> {
        if self.peek()? != byte {
            return Err(Unreadable);
        }
        self.at += 1;
        Ok(())
    }

    /// Goes over a word that must be next, without white space.
    ///
    /// # Errors
    /// It is not.
    #[inline]
    pub fn word(&mut self, word: &[u8]) -> Result<(), Unreadable> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(Unreadable);
        }
        self.at += word.len();
        Ok(())
    }

    /// How many bytes are left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// # Errors
    /// There is more than white space.
    pub fn end(&mut self) -> Result<(), Unreadable> {
        self.peek().map_or(Ok(()), |_| Err(Unreadable))
    }

    /// Reads a number; the cursor stands on its first byte.
    ///
    /// # Errors
    /// There is none.
    #[inline]
    pub fn number(&mut self) -> Result<Number<'a>, Unreadable> {
        let (number, length) = number::scan(&self.bytes[self.at..])?;
        self.at += length;
        Ok(number)
    }

    /// Reads a string; the cursor stands behind its first quote. A text with escapes is put
    /// together in `scratch`.
    ///
    /// # Errors
    /// It does not end, or has in it what JSON does not allow, or half a surrogate pair.
    #[inline]
    pub fn string<'t>(&mut self, scratch: &'t mut Vec<u8>) -> Result<Text<'t>, Unreadable>
    where
        'a: 't,
    {
        let rest = &self.bytes[self.at..];
        let mut is_ascii = true;
        let length = plain_length(rest, &mut is_ascii);
        match rest.get(length) {
            Some(b'"') => {
                self.at += length + 1;
                validated(&rest[..length], is_ascii)
            }
            Some(b'\\') => self.escaped_string(length, is_ascii, scratch),
            _ => Err(Unreadable),
        }
    }

    /// The rest of a string, from its first escape on.
    #[cold]
    fn escaped_string<'t>(
        &mut self,
        plain: usize,
        mut is_ascii: bool,
        scratch: &'t mut Vec<u8>,
    ) -> Result<Text<'t>, Unreadable> {
        scratch.clear();
        scratch.extend_from_slice(&self.bytes[self.at..self.at + plain]);
        self.at += plain;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return validated(scratch, is_ascii);
                }
                Some(b'\\') => {
                    self.at += 1;
                    let character = self.escape()?;
                    is_ascii &= character.is_ascii();
                    let mut buffer = [0; 4];
                    scratch.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
                }
                _ => {
                    let rest = &self.bytes[self.at..];
                    let length = plain_length(rest, &mut is_ascii);
                    if length == 0 {
                        return Err(Unreadable);
                    }
                    scratch.extend_from_slice(&rest[..length]);
                    self.at += length;
                }
            }
        }
    }

    /// What an escape stands for; the cursor stands behind its backslash.
    fn escape(&mut self) -> Result<char, Unreadable> {
        let kind = self.bytes.get(self.at).ok_or(Unreadable)?;
        self.at += 1;
        Ok(match kind {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.code_point(),
            _ => return Err(Unreadable),
        })
    }

    fn code_point(&mut self) -> Result<char, Unreadable> {
        let first = self.code_unit()?;
        if !(0xd800..0xdc00).contains(&first) {
            // The second half of a pair alone is no character either.
            return char::from_u32(first).ok_or(Unreadable);
        }
        self.word(b"\\u")?;
        let second = self.code_unit()?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(Unreadable);
        }
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(Unreadable)
    }

    fn code_unit(&mut self) -> Result<u32, Unreadable> {
        let digits = self.bytes.get(self.at..self.at + 4).ok_or(Unreadable)?;
        self.at += 4;
        digits.iter().try_fold(0, |unit, digit| {
            let digit = char::from(*digit).to_digit(16).ok_or(Unreadable)?;
            Ok(unit << 4 | digit)
        })
    }
}

fn validated(bytes: &[u8], is_ascii: bool) -> Result<Text<'_>, Unreadable> {
    if !is_ascii && std::str::from_utf8(bytes).is_err() {
        return Err(Unreadable);
    }
    Ok(Text { bytes, is_ascii })
}

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);

/// Marks the bytes that are zero. Above a marked byte, marks may be wrong.
#[inline]
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGH
}

/// How many bytes there are before a quote, a backslash, a control character or the end.
#[inline]
fn plain_length(bytes: &[u8], is_ascii: &mut bool) -> usize {
    let mut length = 0;
    let mut high = 0;
    while let Some(chunk) = bytes.get(length..length + 8) {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        let word = u64::from_le_bytes(word);
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        let ends = zeros(word ^ (ONES * u64::from(b'"')))
            | zeros(word ^ (ONES * u64::from(b'\\')))
            | control;
        if ends != 0 {
            let found = ends.trailing_zeros();
            // Only what comes before the end belongs to the string.
            high |= word & HIGH & ((1_u64 << (found & !7)) - 1);
            *is_ascii &= high == 0;
            return length + (found / 8) as usize;
        }
        high |= word & HIGH;
        length += 8;
    }
    *is_ascii &= high == 0;
    while let Some(byte) = bytes.get(length) {
        if matches!(byte, b'"' | b'\\' | 0..0x20) {
            break;
        }
        *is_ascii &= byte.is_ascii();
        length += 1;
    }
    length
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &[u8]) -> Result<String, Unreadable> {
        let mut scratch = Vec::new();
        let mut cursor = Cursor::new(json);
        cursor.expect(b'"')?;
        let text = cursor.string(&mut scratch)?;
        let read = String::from_utf8(text.bytes.to_vec()).expect("texts are valid");
        assert_eq!(text.is_ascii, read.is_ascii());
        cursor.end()?;
        Ok(read)
    }

    #[test]
    fn strings() {
        let cases: [(&str, &str); 8] = [
            (r#""""#, ""),
            (r#""plain""#, "plain"),
            (r#""longer than eight bytes""#, "longer than eight bytes"),
            (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r#""\u00e9é""#, "éé"),
            (r#""\ud83d\ude00 and on""#, "😀 and on"),
            (
                r#""é beyond eight bytes, and é""#,
                "é beyond eight bytes, and é",
            ),
            ("\"\u{7f}\"", "\u{7f}"),
        ];
        for (json, expected) in cases {
            assert_eq!(read(json.as_bytes()), Ok(expected.to_owned()), "{json}");
        }
    }

    #[test]
    fn strings_that_are_left_to_python() {
        let cases: [&[u8]; 12] = [
            b"\"",
            b"\"a",
            b"\"\n\"",
            b"\"1234567\n\"",
            br#""\x""#,
            br#""\u12""#,
            br#""\u12g4""#,
            br#""\ud83d""#,
            br#""\ud83d\u0041""#,
            br#""\ude00""#,
            b"\"\xff\"",
            br#""a" b"#,
        ];
        for json in cases {
            assert_eq!(read(json), Err(Unreadable), "{json:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(text in any::<String>()) {
            let mut json = vec![b'"'];
            let points: Vec<u32> = text.chars().map(u32::from).collect();
            crate::write_code_points(&mut json, points.into_iter());
            json.push(b'"');
            prop_assert!(json.is_ascii());
            prop_assert_eq!(read(&json), Ok(text));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>()) {
            let mut scratch = Vec::new();
            let _ = Cursor::new(&bytes).string(&mut scratch);
            let _ = Cursor::new(&bytes).number();
        }
    }
}
