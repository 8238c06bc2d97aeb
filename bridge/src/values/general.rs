//! The way of every converter: protobuf messages, made for it and taken from it.

use bytes::Bytes;
use callboard_actors::protos::common::v1::Payload;
use prost::Message;
use pyo3::{
    exceptions::PyValueError,
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyBytes, PyList, PySequence, PyType},
};

use crate::{raw_payload::Carried, wire};

pub(super) fn to_payloads(
    converter: &Bound<'_, PyAny>,
    values: &Bound<'_, PyAny>,
) -> PyResult<Vec<Payload>> {
    let messages = converter.call_method1(intern!(converter.py(), "to_payloads"), (values,))?;
    messages
        .try_iter()?
        .map(|message| from_message(&message?))
        .collect()
}

pub(super) fn to_payload(
    converter: &Bound<'_, PyAny>,
    value: &Bound<'_, PyAny>,
) -> PyResult<Payload> {
    let values = PyList::new(value.py(), [value])?;
    let messages = converter.call_method1(intern!(value.py(), "to_payloads"), (values,))?;
    from_message(&messages.get_item(0)?)
}

pub(super) fn from_payloads<'py>(
    converter: &Bound<'py, PyAny>,
    payloads: Vec<Carried>,
    hints: Option<&Bound<'py, PySequence>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = converter.py();
    let messages = payloads
        .iter()
        .map(|payload| to_message(py, &payload.0))
        .collect::<PyResult<Vec<_>>>()?;
    converter.call_method1(intern!(py, "from_payloads"), (messages, hints))
}

pub(super) fn from_payload<'py>(
    converter: &Bound<'py, PyAny>,
    payload: &Payload,
    hint: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = converter.py();
    let messages = PyList::new(py, [to_message(py, payload)?])?;
    let hints = hint.map(|hint| PyList::new(py, [hint])).transpose()?;
    converter
        .call_method1(intern!(py, "from_payloads"), (messages, hints))?
        .get_item(0)
}

fn from_message(message: &Bound<'_, PyAny>) -> PyResult<Payload> {
    let serialized = message.call_method0(intern!(message.py(), "SerializeToString"))?;
    Payload::decode(Bytes::copy_from_slice(
        serialized.cast::<PyBytes>()?.as_bytes(),
    ))
    .map_err(|error| PyValueError::new_err(format!("expected a payload: {error}")))
}

fn to_message<'py>(py: Python<'py>, payload: &Payload) -> PyResult<Bound<'py, PyAny>> {
    // Imported when first needed: the protobuf modules take long.
    static MESSAGE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    MESSAGE
        .import(py, "temporalio.api.common.v1", "Payload")?
        .call_method1(intern!(py, "FromString"), (wire::to_bytes(py, payload)?,))
}
