//! Dicts and sets exchange their contents as they are.
//!
//! Filling a dict or a set anew would call hash functions of workflow code, and could give another
//! order or layout, which an iterator that is under way would notice.

use pyo3::{exceptions::PyValueError, ffi, prelude::*};

/// Checks that a dict is of the plain kind whose contents can be exchanged.
#[allow(deprecated)]
pub(super) fn check_dict(dict: &Bound<'_, PyAny>) -> PyResult<()> {
    // SAFETY: the caller has an exact dict, so the object has this layout.
    let plain = unsafe {
        (*dict.as_ptr().cast::<ffi::PyDictObject>())
            .ma_values
            .is_null()
    };
    if plain {
        Ok(())
    } else {
        Err(PyValueError::new_err(
            "a dict shares its keys with instances of a class",
        ))
    }
}

/// Exchanges the contents of two exact dicts, holes and all.
pub(super) fn swap_dicts(first: &Bound<'_, PyAny>, second: &Bound<'_, PyAny>) -> PyResult<()> {
    check_dict(first)?;
    check_dict(second)?;
    // SAFETY: both are exact dicts, alive, different, and own their keys, which hold all entries.
    // Both are in the hands of the garbage collector, as they may hold anything now.
    unsafe {
        let a = first.as_ptr().cast::<ffi::PyDictObject>();
        let b = second.as_ptr().cast::<ffi::PyDictObject>();
        std::ptr::swap(&raw mut (*a).ma_used, &raw mut (*b).ma_used);
        std::ptr::swap(&raw mut (*a).ma_keys, &raw mut (*b).ma_keys);
    }
    track(first);
    track(second);
    Ok(())
}

/// Exchanges the contents of two exact sets with their layout.
pub(super) fn swap_sets(first: &Bound<'_, PyAny>, second: &Bound<'_, PyAny>) {
    // SAFETY: both are exact sets, alive and different. A small set's table is in the object itself,
    // so a pointer to it must stay with its object.
    unsafe {
        let a = first.as_ptr().cast::<ffi::PySetObject>();
        let b = second.as_ptr().cast::<ffi::PySetObject>();
        let small_a = (*a).table == (&raw mut (*a).smalltable).cast();
        let small_b = (*b).table == (&raw mut (*b).smalltable).cast();
        std::ptr::swap(&raw mut (*a).fill, &raw mut (*b).fill);
        std::ptr::swap(&raw mut (*a).used, &raw mut (*b).used);
        std::ptr::swap(&raw mut (*a).mask, &raw mut (*b).mask);
        std::ptr::swap(&raw mut (*a).finger, &raw mut (*b).finger);
        std::ptr::swap(&raw mut (*a).table, &raw mut (*b).table);
        std::ptr::swap(&raw mut (*a).smalltable, &raw mut (*b).smalltable);
        if small_a {
            (*b).table = (&raw mut (*b).smalltable).cast();
        }
        if small_b {
            (*a).table = (&raw mut (*a).smalltable).cast();
        }
    }
}

fn track(object: &Bound<'_, PyAny>) {
    // SAFETY: the object is of a collected type, complete, and only added if it is not there.
    unsafe {
        if ffi::PyObject_GC_IsTracked(object.as_ptr()) == 0 {
            ffi::PyObject_GC_Track(object.as_ptr().cast());
        }
    }
}
