//! The text of Python strings, read from and written to JSON.

use callboard_json::Text;
use pyo3::{ffi, prelude::*};

use super::{
    owned::Owned,
    refused::{Outcome, Refused},
};

/// Writes the text of a string, escaped.
///
/// # Safety
/// It must be a `str`, or of a subclass.
#[inline]
pub(super) unsafe fn write_text(out: &mut Vec<u8>, text: *mut ffi::PyObject) -> Outcome<()> {
    // SAFETY: the caller's.
    match unsafe { CodePoints::of(text) }? {
        CodePoints::One(text) => callboard_json::write_latin1(out, text),
        CodePoints::Two(text) => {
            callboard_json::write_code_points(out, text.iter().copied().map(u32::from));
        }
        CodePoints::Four(text) => callboard_json::write_code_points(out, text.iter().copied()),
    }
    Ok(())
}

/// The code points of a string in as many bytes each as its largest one needs.
pub(super) enum CodePoints<'a> {
    One(&'a [u8]),
    Two(&'a [u16]),
    Four(&'a [u32]),
}

impl CodePoints<'_> {
    /// # Safety
    /// It must be a `str`, or of a subclass, and outlive the result.
    #[inline]
    pub(super) unsafe fn of(text: *mut ffi::PyObject) -> Outcome<Self> {
        // SAFETY: a string that is ready has as many code points of its kind as its length says,
        // and never changes.
        unsafe {
            if ffi::PyUnicode_READY(text) != 0 {
                return Err(Refused);
            }
            let data = ffi::PyUnicode_DATA(text);
            let length = ffi::PyUnicode_GET_LENGTH(text).cast_unsigned();
            Ok(match ffi::PyUnicode_KIND(text) {
                1 => Self::One(std::slice::from_raw_parts(data.cast(), length)),
                2 => Self::Two(std::slice::from_raw_parts(data.cast(), length)),
                _ => Self::Four(std::slice::from_raw_parts(data.cast(), length)),
            })
        }
    }

    /// Whether it comes before another in Python's order, which is that of code points.
    #[inline]
    pub(super) fn compare(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::One(this), Self::One(other)) => this.cmp(other),
            _ => self.each().cmp(other.each()),
        }
    }

    fn each(&self) -> Box<dyn Iterator<Item = u32> + '_> {
        match self {
            Self::One(text) => Box::new(text.iter().copied().map(u32::from)),
            Self::Two(text) => Box::new(text.iter().copied().map(u32::from)),
            Self::Four(text) => Box::new(text.iter().copied()),
        }
    }
}

/// A Python string of a text.
#[inline]
pub(super) fn make_text(text: Text<'_>) -> Outcome<Owned> {
    let length = text.bytes.len().cast_signed();
    // SAFETY: a new string of so many ASCII characters has room for as many bytes.
    unsafe {
        if !text.is_ascii || length < 2 {
            // The interpreter has the strings of one character ready.
            return Owned::new(ffi::PyUnicode_DecodeUTF8(
                text.bytes.as_ptr().cast(),
                length,
                std::ptr::null(),
            ));
        }
        let made = Owned::new(ffi::PyUnicode_New(length, 127))?;
        let data = ffi::PyUnicode_DATA(made.as_ptr()).cast();
        std::ptr::copy_nonoverlapping(text.bytes.as_ptr(), data, text.bytes.len());
        Ok(made)
    }
}

const MEMOIZED_KEYS: usize = 512;
const MAXIMUM_KEY: usize = 48;

/// Keys come again and again. A string that is already there costs no memory and has its hash.
#[derive(Default)]
pub(super) struct KeyMemo {
    /// Made with the first key.
    slots: Vec<Option<Py<PyAny>>>,
}

impl KeyMemo {
    #[inline]
    pub(super) fn make_key(&mut self, text: Text<'_>) -> Outcome<Owned> {
        if !text.is_ascii || text.bytes.len() > MAXIMUM_KEY {
            return make_text(text);
        }
        if self.slots.is_empty() {
            self.slots.resize_with(MEMOIZED_KEYS, || None);
        }
        let slot = &mut self.slots[slot_of(text.bytes)];
        if let Some(key) = slot {
            // SAFETY: only strings made from ASCII are in the table.
            unsafe {
                if matches!(CodePoints::of(key.as_ptr())?, CodePoints::One(same) if same == text.bytes)
                {
                    return Owned::from_borrowed(key.as_ptr());
                }
            }
        }
        let made = make_text(text)?;
        // SAFETY: it is a string, and one more reference to it is taken; the interpreter is attached.
        unsafe {
            let py = Python::assume_attached();
            *slot = Some(Bound::from_borrowed_ptr(py, made.as_ptr()).unbind());
        }
        Ok(made)
    }
}

fn slot_of(text: &[u8]) -> usize {
    let mut hash = text.len() as u64;
    for chunk in text.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = (hash.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    (hash >> 48) as usize % MEMOIZED_KEYS
}
