//! The entries of a dict that gives names to objects, in their order.

use pyo3::{PyTraverseError, PyVisit, ffi, prelude::*, types::PyDict};

pub(super) struct Entries(Vec<(Py<PyAny>, Py<PyAny>)>);

impl Entries {
    pub(super) fn of(dict: &Bound<'_, PyDict>) -> Self {
        let items = dict
            .iter()
            .map(|(key, value)| (key.unbind(), value.unbind()));
        Self(items.collect())
    }

    /// Whether `dict` has these very objects in this order, and no others.
    pub(super) fn are_in(&self, dict: &Bound<'_, PyDict>) -> bool {
        dict.len() == self.0.len() && self.come_first_in(dict)
    }

    /// Whether `dict` has these very objects in this order, and after them only some of `names`.
    pub(super) fn are_at_the_start(&self, dict: &Bound<'_, PyDict>, names: &[String]) -> bool {
        self.come_first_in(dict)
            && dict.keys().iter().skip(self.0.len()).all(|key| {
                let key = key.extract::<String>();
                key.is_ok_and(|key| names.contains(&key))
            })
    }

    fn come_first_in(&self, dict: &Bound<'_, PyDict>) -> bool {
        let (mut position, mut key, mut value) = (0, std::ptr::null_mut(), std::ptr::null_mut());
        self.0.iter().all(|(known_key, known_value)| {
            // SAFETY: the dict is alive, and nothing changes it: no Python code runs meanwhile. The
            // references are borrowed and only compared.
            let found =
                unsafe { ffi::PyDict_Next(dict.as_ptr(), &mut position, &mut key, &mut value) };
            found != 0 && key == known_key.as_ptr() && value == known_value.as_ptr()
        })
    }

    /// Gives `dict` these entries in this order.
    pub(super) fn put_into(&self, dict: &Bound<'_, PyDict>) -> PyResult<()> {
        let py = dict.py();
        self.change(dict, |key, value| match value {
            Some(value) => dict.set_item(key, value),
            None => dict.del_item(key),
        })?;
        self.put_in_order(py, dict)
    }

    /// Gives a class these entries, with all that depends on them, such as its operators.
    pub(super) fn put_into_class(
        &self,
        class: &Bound<'_, PyAny>,
        dict: &Bound<'_, PyDict>,
    ) -> PyResult<()> {
        self.change(dict, |key, value| set_on_class(class, key, value))?;
        self.put_in_order(class.py(), dict)?;
        // SAFETY: a class object, alive. What is cached of its attributes is given up.
        unsafe { ffi::PyType_Modified(class.as_ptr().cast()) };
        Ok(())
    }

    fn change<'py>(
        &self,
        dict: &Bound<'py, PyDict>,
        set: impl Fn(&Bound<'py, PyAny>, Option<&Bound<'py, PyAny>>) -> PyResult<()>,
    ) -> PyResult<()> {
        let py = dict.py();
        let wanted = PyDict::new(py);
        for (key, value) in &self.0 {
            wanted.set_item(key, value)?;
        }
        let current: Vec<_> = dict.iter().collect();
        for (key, _) in &current {
            if !wanted.contains(key)? {
                set(key, None)?;
            }
        }
        for (key, value) in &self.0 {
            let (key, value) = (key.bind(py), value.bind(py));
            let same = dict.get_item(key)?.is_some_and(|now| now.is(value));
            if !same {
                set(key, Some(value))?;
            }
        }
        Ok(())
    }

    fn put_in_order(&self, py: Python<'_>, dict: &Bound<'_, PyDict>) -> PyResult<()> {
        if self.are_in(dict) {
            return Ok(());
        }
        dict.clear();
        for (key, value) in &self.0 {
            dict.set_item(key.bind(py), value.bind(py))?;
        }
        Ok(())
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        for (key, value) in &self.0 {
            visit.call(key)?;
            visit.call(value)?;
        }
        Ok(())
    }
}

/// Sets or deletes an attribute as `type` does, whatever a metaclass says of it.
fn set_on_class(
    class: &Bound<'_, PyAny>,
    key: &Bound<'_, PyAny>,
    value: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let value = value.map_or(std::ptr::null_mut(), Bound::as_ptr);
    // SAFETY: `type` has this slot, the objects are alive, and a value of null deletes.
    let failed = unsafe {
        let set = ffi::PyType_GetSlot(&raw mut ffi::PyType_Type, ffi::Py_tp_setattro);
        let set: ffi::setattrofunc = std::mem::transmute(set);
        set(class.as_ptr(), key.as_ptr(), value)
    };
    if failed != 0 {
        return Err(PyErr::fetch(class.py()));
    }
    Ok(())
}
