//! Writing the text of strings. What is written is ASCII, as by Python's `ensure_ascii`.

/// For each byte of ASCII what follows its backslash; zero for those that stand for themselves.
static ESCAPES: [u8; 128] = escapes();

const fn escapes() -> [u8; 128] {
    let mut table = [0; 128];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = b'u';
        byte += 1;
    }
    table[0x7f] = b'u';
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table[0x08] = b'b';
    table[0x0c] = b'f';
    table[b'\n' as usize] = b'n';
    table[b'\r' as usize] = b'r';
    table[b'\t' as usize] = b't';
    table
}

/// Writes a text of which each byte is a code point, without quotes.
#[inline]
pub fn write_latin1(out: &mut Vec<u8>, text: &[u8]) {
    let mut rest = text;
    while let Some((chunk, behind)) = rest.split_first_chunk::<16>() {
        // All at once, so that it becomes vector instructions.
        let special = chunk
            .iter()
            .fold(false, |special, byte| special | is_special(*byte));
        if special {
            write_each(out, chunk);
        } else {
            out.extend_from_slice(chunk);
        }
        rest = behind;
    }
    if rest
        .iter()
        .fold(false, |special, byte| special | is_special(*byte))
    {
        write_each(out, rest);
    } else {
        out.extend_from_slice(rest);
    }
}

#[inline]
fn is_special(byte: u8) -> bool {
    !(b' '..=b'~').contains(&byte) | (byte == b'"') | (byte == b'\\')
}

#[cold]
fn write_each(out: &mut Vec<u8>, text: &[u8]) {
    for byte in text {
        write_code_point(out, u32::from(*byte));
    }
}

/// Writes a text given by its code points, without quotes. Halves of surrogate pairs are allowed.
pub fn write_code_points(out: &mut Vec<u8>, text: impl Iterator<Item = u32>) {
    for point in text {
        write_code_point(out, point);
    }
}

#[inline]
fn write_code_point(out: &mut Vec<u8>, point: u32) {
    match ESCAPES.get(point as usize) {
        #[allow(clippy::cast_possible_truncation, reason = "it is ASCII")]
        Some(0) => out.push(point as u8),
        Some(b'u') => write_code_unit(out, point),
        Some(escape) => out.extend_from_slice(&[b'\\', *escape]),
        None if point < 0x1_0000 => write_code_unit(out, point),
        None => {
            let above = point - 0x1_0000;
            write_code_unit(out, 0xd800 + (above >> 10));
            write_code_unit(out, 0xdc00 + (above & 0x3ff));
        }
    }
}

fn write_code_unit(out: &mut Vec<u8>, unit: u32) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |shift: u32| DIGITS[(unit >> shift & 0xf) as usize];
    out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_are_those_of_python() {
        let mut out = Vec::new();
        write_latin1(
            &mut out,
            b"\"\\/\x08\x0c\n\r\t\x00\x1f\x7f and sixteen more bytes ~",
        );
        assert_eq!(
            out,
            br#"\"\\/\b\f\n\r\t\u0000\u001f\u007f and sixteen more bytes ~"#
        );
        out.clear();
        write_code_points(
            &mut out,
            [0xe9, 0x20ac, 0x1_f600, 0xd800, 0xdfff].into_iter(),
        );
        assert_eq!(out, br"\u00e9\u20ac\ud83d\ude00\ud800\udfff");
    }

    proptest! {
        #[test]
        fn both_ways_write_the_same(text: Vec<u8>) {
            let (mut fast, mut slow) = (Vec::new(), Vec::new());
            write_latin1(&mut fast, &text);
            write_code_points(&mut slow, text.iter().copied().map(u32::from));
            prop_assert_eq!(fast, slow);
        }
    }
}
