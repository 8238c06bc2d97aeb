//! The fields of a function.

use std::mem::{offset_of, size_of};

use pyo3::{PyTraverseError, PyVisit, exceptions::PyTypeError, ffi, prelude::*, types::PyDict};

type Function = ffi::PyFunctionObject;

const FIRST: usize = offset_of!(Function, func_globals);
const WORD: usize = size_of::<*mut ffi::PyObject>();
/// All between these two is references to objects, in each version of Python.
const COUNT: usize = (offset_of!(Function, vectorcall) - FIRST) / WORD;

const fn place(offset: usize) -> usize {
    (offset - FIRST) / WORD
}

const WEAK_REFERENCES: usize = place(offset_of!(Function, func_weakreflist));
const CODE: usize = place(offset_of!(Function, func_code));
const KEYWORD_DEFAULTS: usize = place(offset_of!(Function, func_kwdefaults));

/// What may lead on to objects that can change. Fields that some versions lack come by position:
/// they follow the annotations.
const NAMED: [(&str, usize); 7] = [
    ("__code__", CODE),
    ("__globals__", place(offset_of!(Function, func_globals))),
    ("__defaults__", place(offset_of!(Function, func_defaults))),
    ("__kwdefaults__", KEYWORD_DEFAULTS),
    ("__closure__", place(offset_of!(Function, func_closure))),
    ("__dict__", place(offset_of!(Function, func_dict))),
    (
        "__annotations__",
        place(offset_of!(Function, func_annotations)),
    ),
];

pub(super) struct Fields([Option<Py<PyAny>>; COUNT]);

impl Fields {
    pub(super) fn of(function: &Bound<'_, PyAny>) -> PyResult<Self> {
        let fields = fields(function)?;
        Ok(Self(std::array::from_fn(|index| {
            if index == WEAK_REFERENCES {
                return None;
            }
            // SAFETY: a field holds a reference to an object or is null.
            unsafe { Bound::from_borrowed_ptr_or_opt(function.py(), *fields.add(index)) }
                .map(Bound::unbind)
        })))
    }

    pub(super) fn are_in(&self, function: &Bound<'_, PyAny>) -> bool {
        let Ok(fields) = fields(function) else {
            return false;
        };
        self.0.iter().enumerate().all(|(index, known)| {
            let known = known.as_ref().map_or(std::ptr::null_mut(), Py::as_ptr);
            // SAFETY: within the fields of the function; only compared.
            index == WEAK_REFERENCES || unsafe { *fields.add(index) } == known
        })
    }

    pub(super) fn put_into(&self, function: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = function.py();
        let fields = fields(function)?;
        if let Some(code) = &self.0[CODE] {
            // Python's own way, as interpreters follow changes of code.
            function.setattr("__code__", code)?;
        }
        for (index, wanted) in self.0.iter().enumerate() {
            if index == WEAK_REFERENCES || index == CODE {
                continue;
            }
            let wanted = wanted.as_ref().map(|object| object.clone_ref(py));
            let wanted = wanted.map_or(std::ptr::null_mut(), Py::into_ptr);
            // SAFETY: the field owns a reference or is null; the new one is owned as well, and the
            // old one is given up once the field is consistent.
            unsafe {
                let old = std::ptr::replace(fields.add(index), wanted);
                drop(Bound::from_owned_ptr_or_opt(py, old));
            }
        }
        let defaults = self.0[KEYWORD_DEFAULTS].as_ref();
        let defaults = defaults.map_or_else(|| py.None().as_ptr(), Py::as_ptr);
        // SAFETY: a function and a dict or None. It has what is cached of the function given up.
        if unsafe { ffi::PyFunction_SetKwDefaults(function.as_ptr(), defaults) } != 0 {
            return Err(PyErr::fetch(py));
        }
        Ok(())
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.0.iter().flatten().try_for_each(|one| visit.call(one))
    }
}

/// The objects that a function holds, by name.
pub(super) fn parts<'py>(function: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let py = function.py();
    let fields = Fields::of(function)?;
    let found = PyDict::new(py);
    for (name, index) in NAMED {
        if let Some(object) = &fields.0[index] {
            found.set_item(name, object)?;
        }
    }
    let last = NAMED[NAMED.len() - 1].1;
    for index in last + 1..COUNT {
        if let Some(object) = &fields.0[index] {
            found.set_item(format!("<field {index}>"), object)?;
        }
    }
    Ok(found)
}

fn fields(function: &Bound<'_, PyAny>) -> PyResult<*mut *mut ffi::PyObject> {
    // SAFETY: asks an object that is alive for its type; the fields are read only if it is exactly a
    // function, which has this layout.
    unsafe {
        if ffi::PyFunction_Check(function.as_ptr()) == 0 {
            return Err(PyTypeError::new_err("a function is expected"));
        }
        Ok(function.as_ptr().byte_add(FIRST).cast())
    }
}
