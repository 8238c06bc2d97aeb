//! The items of dicts in the order of their keys.

use pyo3::ffi;

use super::{refused::Outcome, strings::CodePoints};

/// A stack of the items of dicts, one within the other. What is on it is owned.
#[derive(Default)]
pub(super) struct SortedItems {
    items: Vec<(*mut ffi::PyObject, *mut ffi::PyObject)>,
}

impl SortedItems {
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// A key and its value, which stay where they are until they are dropped.
    #[inline]
    pub(super) fn get(&self, index: usize) -> (*mut ffi::PyObject, *mut ffi::PyObject) {
        self.items[index]
    }

    /// Takes the items of a dict; or none, and gives false, if a key is not exactly a `str`.
    ///
    /// # Safety
    /// It must be a dict.
    pub(super) unsafe fn push_sorted(&mut self, dict: *mut ffi::PyObject) -> Outcome<bool> {
        let base = self.items.len();
        let mut position = 0;
        let (mut key, mut value) = (std::ptr::null_mut(), std::ptr::null_mut());
        let mut sorted = true;
        // SAFETY: nothing in this loop can change the dict, and what it lends is made ours.
        unsafe {
            while ffi::PyDict_Next(dict, &raw mut position, &raw mut key, &raw mut value) != 0 {
                if ffi::PyUnicode_CheckExact(key) == 0 {
                    self.drop_since(base);
                    return Ok(false);
                }
                ffi::Py_INCREF(key);
                ffi::Py_INCREF(value);
                self.items.push((key, value));
                if let [.., (before, _), _] = self.items[base..] {
                    sorted = sorted && compare(before, key)?.is_lt();
                }
            }
            if !sorted {
                for (key, _) in &self.items[base..] {
                    CodePoints::of(*key)?;
                }
                self.items[base..].sort_unstable_by(|(this, _), (other, _)| {
                    compare(*this, *other).unwrap_or(std::cmp::Ordering::Equal)
                });
            }
        }
        Ok(true)
    }

    /// Gives items back.
    pub(super) fn drop_since(&mut self, base: usize) {
        while self.items.len() > base {
            let Some((key, value)) = self.items.pop() else {
                return;
            };
            // SAFETY: both were made ours, and the interpreter is attached.
            unsafe {
                ffi::Py_DECREF(key);
                ffi::Py_DECREF(value);
            }
        }
    }
}

impl Drop for SortedItems {
    fn drop(&mut self) {
        self.drop_since(0);
    }
}

#[inline]
unsafe fn compare(
    this: *mut ffi::PyObject,
    other: *mut ffi::PyObject,
) -> Outcome<std::cmp::Ordering> {
    // SAFETY: both are strings, and owned by the stack.
    unsafe { Ok(CodePoints::of(this)?.compare(&CodePoints::of(other)?)) }
}
