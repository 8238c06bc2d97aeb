//! References that are owned, without the cost of a token beside each.

use pyo3::{Py, ffi, prelude::*};

use super::refused::{Outcome, Refused};

/// A stack of owned references, of which some may be null. What is left on it is given back.
#[derive(Default)]
pub(super) struct References {
    pointers: Vec<*mut ffi::PyObject>,
}

impl References {
    pub(super) fn len(&self) -> usize {
        self.pointers.len()
    }

    /// Takes an owned reference.
    #[inline]
    pub(super) fn push(&mut self, owned: Owned) {
        self.pointers.push(owned.into_ptr());
    }

    /// Makes places for references.
    pub(super) fn reserve(&mut self, count: usize) {
        self.pointers
            .resize(self.pointers.len() + count, std::ptr::null_mut());
    }

    /// Puts a reference to a place, and gives back the one that was there.
    pub(super) fn put(&mut self, place: usize, owned: Owned) {
        let before = std::mem::replace(&mut self.pointers[place], owned.into_ptr());
        // SAFETY: references are put here by `Owned::into_ptr`; the interpreter is attached.
        unsafe { ffi::Py_XDECREF(before) };
    }

    pub(super) fn since(&self, base: usize) -> &[*mut ffi::PyObject] {
        &self.pointers[base..]
    }

    /// Forgets references that have gone to another owner.
    #[inline]
    pub(super) fn forget_since(&mut self, base: usize) {
        self.pointers.truncate(base);
    }

    /// Gives references back.
    #[inline]
    pub(super) fn drop_since(&mut self, base: usize) {
        // One by one: giving one back may run code of the user.
        while self.pointers.len() > base {
            let pointer = self.pointers.pop().unwrap_or(std::ptr::null_mut());
            // SAFETY: as in `put`.
            unsafe { ffi::Py_XDECREF(pointer) };
        }
    }
}

impl Drop for References {
    fn drop(&mut self) {
        self.drop_since(0);
    }
}

/// An owned reference. It may only be dropped while the interpreter is attached, which holds in all
/// of this folder: it lives in functions that hold a `Python` token.
#[must_use]
pub(super) struct Owned(std::ptr::NonNull<ffi::PyObject>);

impl Owned {
    /// # Errors
    /// The pointer is null, as it is when an error was set.
    ///
    /// # Safety
    /// It must be an owned reference or null.
    #[inline]
    pub(super) unsafe fn new(pointer: *mut ffi::PyObject) -> Outcome<Self> {
        std::ptr::NonNull::new(pointer).map(Self).ok_or(Refused)
    }

    /// One more reference to what is borrowed.
    ///
    /// # Errors
    /// The pointer is null.
    ///
    /// # Safety
    /// It must be a valid object or null.
    #[inline]
    pub(super) unsafe fn from_borrowed(pointer: *mut ffi::PyObject) -> Outcome<Self> {
        // SAFETY: the caller's.
        unsafe {
            ffi::Py_XINCREF(pointer);
            Self::new(pointer)
        }
    }

    #[inline]
    pub(super) fn as_ptr(&self) -> *mut ffi::PyObject {
        self.0.as_ptr()
    }

    #[inline]
    pub(super) fn into_ptr(self) -> *mut ffi::PyObject {
        let pointer = self.0.as_ptr();
        std::mem::forget(self);
        pointer
    }

    #[inline]
    pub(super) fn into_bound(self, py: Python<'_>) -> Bound<'_, PyAny> {
        // SAFETY: it is an owned reference, and not null.
        unsafe { Bound::from_owned_ptr(py, self.into_ptr()) }
    }
}

impl<T> From<Bound<'_, T>> for Owned {
    #[inline]
    fn from(bound: Bound<'_, T>) -> Self {
        // SAFETY: `into_ptr` gives an owned reference, never null.
        Self(unsafe { std::ptr::NonNull::new_unchecked(bound.into_ptr()) })
    }
}

impl<T> From<Py<T>> for Owned {
    #[inline]
    fn from(object: Py<T>) -> Self {
        // SAFETY: as above.
        Self(unsafe { std::ptr::NonNull::new_unchecked(object.into_ptr()) })
    }
}

impl Drop for Owned {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the reference is owned, and the interpreter is attached.
        unsafe { ffi::Py_DECREF(self.0.as_ptr()) };
    }
}
