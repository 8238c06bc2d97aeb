//! PyO3 shells over the actors. Nothing is decided here: it converts, hands over and returns.

mod connection;
mod errors;
mod loop_mailbox;
mod runtime;
mod waker;

use pyo3::prelude::*;

/// One line per class and exception that Python sees; `_callboard.pyi` describes them.
#[pymodule]
mod _callboard {
    #[pymodule_export]
    use crate::connection::Connection;
    #[pymodule_export]
    use crate::errors::{RpcFailure, WorkerFailure};
}
