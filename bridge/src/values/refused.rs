//! When the extension leaves a value or a payload to the Python converter.

use callboard_json::Unreadable;
use pyo3::{exceptions::PyException, prelude::*};

/// Not to be done here, or failed here: the Python converter's result or error counts. Python's
/// error indicator may be set.
#[derive(Debug)]
pub(super) struct Refused;

pub(super) type Outcome<T> = Result<T, Refused>;

impl From<Unreadable> for Refused {
    fn from(_: Unreadable) -> Self {
        Self
    }
}

/// Keeps an error in Python's indicator.
pub(super) fn refuse(py: Python<'_>) -> impl FnOnce(PyErr) -> Refused {
    move |error| {
        error.restore(py);
        Refused
    }
}

/// None for what was refused.
///
/// # Errors
/// What the Python converter must not be asked after, such as a keyboard interrupt.
pub(super) fn settle<T>(py: Python<'_>, outcome: Outcome<T>) -> PyResult<Option<T>> {
    match outcome {
        Ok(done) => Ok(Some(done)),
        Err(Refused) => match PyErr::take(py) {
            Some(error) if !error.is_instance_of::<PyException>(py) => Err(error),
            _ => Ok(None),
        },
    }
}
