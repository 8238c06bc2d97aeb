//! The one gate for errors and panics on their way to Python.
//!
//! Rust code of the bridge returns [`BridgeError`]; each variant becomes one Python exception. A
//! panic becomes `RuntimeError` and takes nothing down with it.

use std::any::Any;

use callboard_actors::connection::{ConnectError, InvalidHeader};
use pyo3::{
    exceptions::{PyRuntimeError, PyValueError},
    prelude::*,
    types::PyBytes,
};
use tonic::Status;

pyo3::create_exception!(
    temporalio.bridge._callboard,
    RpcFailure,
    pyo3::exceptions::PyException,
    "A call that failed for good. ``args`` is ``(code, message, grpc_status_bytes)``."
);

pyo3::create_exception!(
    temporalio.bridge._callboard,
    WorkerFailure,
    pyo3::exceptions::PyException,
    "The worker stopped because of an error it could not go on with."
);

/// What can go wrong below Python. The variants are what Python code tells apart.
#[derive(Debug)]
pub(crate) enum BridgeError {
    /// `RpcFailure`.
    Rpc(Status),
    /// `RuntimeError`, or `ValueError` for a target that is none.
    Connect(ConnectError),
    /// `WorkerFailure`.
    Worker(String),
    /// `ValueError`: an argument that the caller must mend.
    Value(String),
    /// `RuntimeError`: this object cannot be used like that, here or now.
    State(String),
    /// Passed on as it is.
    Python(PyErr),
    /// `RuntimeError`: a fault of ours.
    Panic(String),
}

impl BridgeError {
    /// What a caught panic said.
    pub(crate) fn from_panic(payload: &(dyn Any + Send)) -> Self {
        let said = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        Self::Panic(said.to_owned())
    }
}

impl From<Status> for BridgeError {
    fn from(status: Status) -> Self {
        Self::Rpc(status)
    }
}

impl From<InvalidHeader> for BridgeError {
    fn from(error: InvalidHeader) -> Self {
        Self::Value(error.to_string())
    }
}

impl From<ConnectError> for BridgeError {
    fn from(error: ConnectError) -> Self {
        Self::Connect(error)
    }
}

impl From<PyErr> for BridgeError {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

impl From<BridgeError> for PyErr {
    fn from(error: BridgeError) -> Self {
        match error {
            BridgeError::Rpc(status) => rpc_failure(&status),
            BridgeError::Connect(error) => connect_failure(&error),
            BridgeError::Worker(message) => WorkerFailure::new_err(message),
            BridgeError::Value(message) => PyValueError::new_err(message),
            BridgeError::State(message) => PyRuntimeError::new_err(message),
            BridgeError::Python(error) => error,
            BridgeError::Panic(said) => {
                PyRuntimeError::new_err(format!("internal error, please report it: {said}"))
            }
        }
    }
}

fn rpc_failure(status: &Status) -> PyErr {
    let (code, message) = (status.code() as i32, status.message().to_owned());
    // `grpc-status-details-bin`, which is a serialized `google.rpc.Status`.
    let details = status.details().to_vec();
    Python::attach(|py| RpcFailure::new_err((code, message, PyBytes::new(py, &details).unbind())))
}

fn connect_failure(error: &ConnectError) -> PyErr {
    match error {
        ConnectError::InvalidTarget(_) => PyValueError::new_err(error.to_string()),
        ConnectError::InvalidTls(_)
        | ConnectError::InvalidHeaders(_)
        | ConnectError::Unreachable(_)
        | ConnectError::NoSystemInfo(_) => {
            PyRuntimeError::new_err(format!("Failed client connect: {error}"))
        }
    }
}
