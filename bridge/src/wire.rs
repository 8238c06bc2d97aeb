//! Protobuf messages cross the bridge in their serialized form.

use bytes::Bytes;
use prost::Message;
use pyo3::{exceptions::PyValueError, prelude::*, types::PyBytes};

/// A message that Python sees as `bytes`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Wire<M>(pub(crate) M);

impl<'py, M: Message> IntoPyObject<'py> for Wire<M> {
    type Target = PyBytes;
    type Output = Bound<'py, PyBytes>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        to_bytes(py, &self.0)
    }
}

/// The serialized form of a message.
pub(crate) fn to_bytes<'py>(
    py: Python<'py>,
    message: &impl Message,
) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, message.encoded_len(), |mut buffer| {
        message
            .encode(&mut buffer)
            .map_err(|error| PyValueError::new_err(error.to_string()))
    })
}

impl<'a, 'py, M: Message + Default> FromPyObject<'a, 'py> for Wire<M> {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let encoded = value.cast::<PyBytes>()?;
        // One copy out of Python's memory; payload data are slices of it.
        M::decode(Bytes::copy_from_slice(encoded.as_bytes()))
            .map(Self)
            .map_err(|error| {
                PyValueError::new_err(format!(
                    "expected a serialized {}: {error}",
                    std::any::type_name::<M>()
                ))
            })
    }
}

/// Wraps each message of a list.
pub(crate) fn wrap<M>(messages: Vec<M>) -> Vec<Wire<M>> {
    messages.into_iter().map(Wire).collect()
}

/// Wraps each value of a map.
pub(crate) fn wrap_values<M>(
    messages: std::collections::HashMap<String, M>,
) -> std::collections::HashMap<String, Wire<M>> {
    messages
        .into_iter()
        .map(|(key, message)| (key, Wire(message)))
        .collect()
}
