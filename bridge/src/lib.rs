//! PyO3 shells over the actors. Nothing is decided here: it converts, hands over and returns.

use pyo3::prelude::*;

#[pymodule]
mod _callboard {}
