//! JSON as Python's `json` module reads and writes it, up to the point where Python begins: tokens,
//! numbers and the text of strings. What nests is left to who makes the values.

mod cursor;
mod escape;
mod float;
mod number;

pub use cursor::{Cursor, Text, Unreadable};
pub use escape::{write_code_points, write_latin1};
pub use float::write_float;
pub use number::Number;

/// Writes an integer.
#[inline]
pub fn write_integer(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}
