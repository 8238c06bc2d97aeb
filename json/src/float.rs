//! Floats, written as Python's `repr` writes them.

/// In this range Rust and Python write a float in the same way, without exponent.
const PLAIN: std::ops::Range<f64> = 1e-4..1e16;

/// Writes a float: the shortest digits that are read as the same float, and `NaN` and `Infinity`
/// as Python's `json` has them.
#[inline]
pub fn write_float(out: &mut Vec<u8>, value: f64) {
    if !value.is_finite() {
        out.extend_from_slice(match value {
            f64::INFINITY => b"Infinity",
            f64::NEG_INFINITY => b"-Infinity",
            _ => b"NaN",
        });
        return;
    }
    let mut buffer = zmij::Buffer::new();
    let shortest = buffer.format_finite(value).as_bytes();
    if value == 0.0 || PLAIN.contains(&value.abs()) {
        out.extend_from_slice(shortest);
    } else {
        write_scientific(out, shortest);
    }
}

/// Lays the digits of a float that is very large or very small out with an exponent of at least
/// two digits.
#[cold]
fn write_scientific(out: &mut Vec<u8>, shortest: &[u8]) {
    let (mantissa, exponent) = match shortest.iter().position(|byte| *byte == b'e') {
        Some(at) => (&shortest[..at], exponent_of(&shortest[at + 1..])),
        None => (shortest, 0),
    };
    let (sign, mantissa) = match mantissa {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, mantissa),
    };
    let point = mantissa
        .iter()
        .position(|byte| *byte == b'.')
        .unwrap_or(mantissa.len());
    let all: Vec<u8> = mantissa
        .iter()
        .copied()
        .filter(|byte| *byte != b'.')
        .collect();
    let leading = all.iter().take_while(|digit| **digit == b'0').count();
    let trailing = all.iter().rev().take_while(|digit| **digit == b'0').count();
    let digits = &all[leading..all.len() - trailing];
    #[allow(clippy::cast_possible_wrap, reason = "there are some twenty digits")]
    let exponent = exponent + point as i64 - leading as i64 - 1;
    if sign {
        out.push(b'-');
    }
    out.push(digits[0]);
    if digits.len() > 1 {
        out.push(b'.');
        out.extend_from_slice(&digits[1..]);
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    out.extend_from_slice(format!("e{sign}{:02}", exponent.abs()).as_bytes());
}

fn exponent_of(text: &[u8]) -> i64 {
    let text = std::str::from_utf8(text).expect("a written number is ASCII");
    text.parse()
        .expect("a written number has a number for exponent")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(value: f64) -> String {
        let mut out = Vec::new();
        write_float(&mut out, value);
        String::from_utf8(out).expect("ASCII")
    }

    #[test]
    fn the_layout_is_that_of_python() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (0.1, "0.1"),
            (100.0, "100.0"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (0.000_012_5, "1.25e-05"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (1.25e17, "1.25e+17"),
            (-1e22, "-1e+22"),
            (1e-7, "1e-07"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ];
        for (value, expected) in cases {
            assert_eq!(written(value), expected);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL) {
            let read: f64 = written(value).parse().expect("a number");
            prop_assert_eq!(read.to_bits(), value.to_bits());
        }
    }
}
