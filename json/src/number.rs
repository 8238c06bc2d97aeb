//! Numbers as they stand in JSON.

use crate::Unreadable;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number<'a> {
    Integer(i64),
    /// An integer of so many digits that it may not fit 64 bits.
    LongInteger(&'a str),
    Float(f64),
}

/// As many decimal digits always fit `i64`.
const MAXIMUM_DIGITS: usize = 18;
/// Floats hold integers of so many digits, and the powers of ten up to [`EXACT_POWERS`], without
/// loss; one division of the two is rounded once, and so it is right.
const EXACT_DIGITS: usize = 15;
const EXACT_POWERS: [f64; 16] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// Reads the number at the beginning of the bytes, and gives its length as well.
#[inline]
pub(crate) fn scan(bytes: &[u8]) -> Result<(Number<'_>, usize), Unreadable> {
    let negative = bytes.first() == Some(&b'-');
    let first = usize::from(negative);
    let (whole, mut at) = digits(bytes, first, 0);
    let whole_digits = at - first;
    // What comes after a leading zero is no part of the number, and so no JSON at all.
    if whole_digits == 0 || (whole_digits > 1 && bytes[first] == b'0') {
        return Err(Unreadable);
    }
    let mut mantissa = whole;
    let mut fraction_digits = 0;
    if bytes.get(at) == Some(&b'.') {
        let (with_fraction, end) = digits(bytes, at + 1, whole);
        fraction_digits = end - at - 1;
        if fraction_digits == 0 {
            return Err(Unreadable);
        }
        mantissa = with_fraction;
        at = end;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at = exponent_end(bytes, at + 1)?;
    } else if fraction_digits == 0 {
        return Ok((integer(&bytes[..at], negative, whole, whole_digits), at));
    } else if whole_digits + fraction_digits <= EXACT_DIGITS {
        #[allow(clippy::cast_precision_loss, reason = "so few digits lose nothing")]
        let value = mantissa as f64 / EXACT_POWERS[fraction_digits];
        return Ok((Number::Float(if negative { -value } else { value }), at));
    }
    let value = text(&bytes[..at]).parse().map_err(|_| Unreadable)?;
    Ok((Number::Float(value), at))
}

/// Goes over digits; gives the number they are, if they are few enough, and where they end.
#[inline]
fn digits(bytes: &[u8], mut at: usize, before: u64) -> (u64, usize) {
    let mut value = before;
    while let Some(digit @ b'0'..=b'9') = bytes.get(at) {
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
        at += 1;
    }
    (value, at)
}

fn exponent_end(bytes: &[u8], mut at: usize) -> Result<usize, Unreadable> {
    if matches!(bytes.get(at), Some(b'+' | b'-')) {
        at += 1;
    }
    let (_, end) = digits(bytes, at, 0);
    if end == at { Err(Unreadable) } else { Ok(end) }
}

#[inline]
fn integer(bytes: &[u8], negative: bool, value: u64, digits: usize) -> Number<'_> {
    if digits > MAXIMUM_DIGITS {
        return Number::LongInteger(text(bytes));
    }
    #[allow(clippy::cast_possible_wrap, reason = "so few digits fit")]
    let value = value as i64;
    Number::Integer(if negative { -value } else { value })
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("a number is ASCII")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Option<Number<'_>> {
        let (number, length) = scan(json.as_bytes()).ok()?;
        (length == json.len()).then_some(number)
    }

    #[test]
    fn numbers() {
        let cases = [
            ("0", Number::Integer(0)),
            ("-0", Number::Integer(0)),
            ("-17", Number::Integer(-17)),
            (
                "999999999999999999",
                Number::Integer(999_999_999_999_999_999),
            ),
            (
                "1000000000000000000",
                Number::LongInteger("1000000000000000000"),
            ),
            (
                "-9223372036854775808",
                Number::LongInteger("-9223372036854775808"),
            ),
            ("0.5", Number::Float(0.5)),
            ("-1.25", Number::Float(-1.25)),
            ("1e3", Number::Float(1000.0)),
            ("1E+3", Number::Float(1000.0)),
            ("1.5e-3", Number::Float(0.0015)),
            ("1e400", Number::Float(f64::INFINITY)),
            ("123456789.123456789", Number::Float(123_456_789.123_456_79)),
        ];
        for (json, expected) in cases {
            assert_eq!(read(json), Some(expected), "{json}");
        }
        assert!(matches!(read("-0.0"), Some(Number::Float(zero)) if zero.is_sign_negative()));
    }

    #[test]
    fn what_is_no_number() {
        for json in [
            "", "-", "01", "-01", "1.", ".5", "1e", "1e+", "+1", "0x1", "1.e1", "Infinity",
        ] {
            assert_eq!(read(json), None, "{json}");
        }
    }

    proptest! {
        #[test]
        fn integers(value: i64) {
            let json = value.to_string();
            match read(&json) {
                Some(Number::Integer(read)) => prop_assert_eq!(read, value),
                Some(Number::LongInteger(text)) => prop_assert_eq!(text, &json),
                other => prop_assert!(false, "{:?}", other),
            }
        }

        #[test]
        fn floats(value in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO) {
            let json = format!("{value:e}");
            let plain = format!("{value:?}");
            for text in [json, plain] {
                let expected: f64 = text.parse().expect("written by Rust");
                match read(&text) {
                    Some(Number::Float(read)) => prop_assert_eq!(read.to_bits(), expected.to_bits()),
                    other => prop_assert!(false, "{:?}", other),
                }
            }
        }

        #[test]
        fn short_decimals_are_rounded_right(whole in 0..10_000_000_u64, fraction in 0..100_000_000_u64) {
            let json = format!("{whole}.{fraction}");
            let expected: f64 = json.parse().expect("a number");
            prop_assert_eq!(read(&json), Some(Number::Float(expected)));
        }
    }
}
