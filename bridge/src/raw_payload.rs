//! A payload on its way between the wire and Python values, of which no protobuf message was made.

use std::collections::HashMap;

use bytes::Bytes;
use callboard_actors::protos::common::v1::Payload;
use prost::Message;
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::PyBytes,
};

use crate::wire::Wire;

/// A payload as Python holds it. Its data stay a slice of the buffer that they came in.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct RawPayload {
    inner: Payload,
}

impl From<Payload> for RawPayload {
    fn from(inner: Payload) -> Self {
        Self { inner }
    }
}

#[pymethods]
impl RawPayload {
    #[new]
    fn new(serialized: Wire<Payload>) -> Self {
        Self {
            inner: serialized.0,
        }
    }

    /// The bytes of the protobuf message.
    fn serialize<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        crate::wire::to_bytes(py, &self.inner)
    }
}

/// A payload that Python sees as [`RawPayload`]. From Python, a serialized message will do as well.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Carried(pub(crate) Payload);

impl<'py> IntoPyObject<'py> for Carried {
    type Target = RawPayload;
    type Output = Bound<'py, RawPayload>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        Bound::new(py, RawPayload::from(self.0))
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Carried {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(raw) = value.cast::<RawPayload>() {
            return Ok(Self(raw.get().inner.clone()));
        }
        let Ok(serialized) = value.cast::<PyBytes>() else {
            return Err(PyTypeError::new_err(format!(
                "expected a RawPayload or a serialized payload, got {}",
                value.get_type()
            )));
        };
        Payload::decode(Bytes::copy_from_slice(serialized.as_bytes()))
            .map(Self)
            .map_err(|error| PyValueError::new_err(format!("expected a payload: {error}")))
    }
}

/// Wraps each payload of a list.
pub(crate) fn wrap(payloads: Vec<Payload>) -> Vec<Carried> {
    payloads.into_iter().map(Carried).collect()
}

/// Wraps each payload of a map.
pub(crate) fn wrap_values(payloads: HashMap<String, Payload>) -> HashMap<String, Carried> {
    payloads
        .into_iter()
        .map(|(key, payload)| (key, Carried(payload)))
        .collect()
}

/// The payloads of a list that came from Python.
pub(crate) fn unwrap(payloads: Vec<Carried>) -> Vec<Payload> {
    payloads.into_iter().map(|payload| payload.0).collect()
}

/// The payloads of a map that came from Python.
pub(crate) fn unwrap_values(payloads: HashMap<String, Carried>) -> HashMap<String, Payload> {
    payloads
        .into_iter()
        .map(|(key, payload)| (key, payload.0))
        .collect()
}
