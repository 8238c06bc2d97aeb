//! Whether classes are what they were.

use parking_lot::Mutex;
use pyo3::{ffi, prelude::*, types::PyType};

/// Remembers the state of classes. The interpreter numbers the states that a class goes through, its
/// base classes included, and no number comes twice.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct UnchangedClasses {
    classes: Vec<Py<PyType>>,
    noted: Mutex<Vec<u32>>,
}

#[pymethods]
impl UnchangedClasses {
    #[new]
    fn new(classes: Vec<Py<PyType>>) -> Self {
        Self {
            classes,
            noted: Mutex::default(),
        }
    }

    /// Remembers the classes as they are.
    fn note(&self) {
        let now = self.classes.iter().map(version).collect();
        *self.noted.lock() = now;
    }

    /// True if they are as they were when they were last noted. A class that has no number yet counts
    /// as changed.
    fn holds(&self) -> bool {
        let noted = self.noted.lock();
        noted.len() == self.classes.len()
            && self
                .classes
                .iter()
                .zip(&*noted)
                .all(|(class, noted)| *noted != 0 && version(class) == *noted)
    }
}

fn version(class: &Py<PyType>) -> u32 {
    let class = class.as_ptr().cast::<ffi::PyTypeObject>();
    // SAFETY: `class` is a type that is alive, and whoever calls holds the GIL, without which neither
    // of the two fields changes.
    let (flags, version) = unsafe { ((*class).tp_flags, (*class).tp_version_tag) };
    if flags & ffi::Py_TPFLAGS_VALID_VERSION_TAG == 0 {
        return 0;
    }
    version
}
