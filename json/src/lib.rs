//! JSON as Python's `json` module reads and writes it, up to the point where Python begins: tokens,
//! numbers and the text of strings. What nests is left to who makes the values.

mod cursor;
mod escape;
mod float;
mod number;

pub use cursor::{Cursor, Text, Unreadable};
pub use escape::{write_ascii, write_code_points};
pub use float::write_float;
pub use number::Number;
