//! Values become payloads and back here, on every path.

mod general;

use callboard_actors::protos::common::v1::Payload;
use pyo3::{
    PyTraverseError, PyVisit,
    exceptions::PyValueError,
    prelude::*,
    types::{PyBytes, PyList, PySequence},
};

use crate::raw_payload::{Carried, RawPayload};

const ENCODING: &str = "encoding";
const NULL: &[u8] = b"binary/null";
const PLAIN: &[u8] = b"binary/plain";

/// Does what a payload converter does, with the same results and the same errors. With `native`,
/// which is for the default converter alone, simple values never reach Python's converter.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct Values {
    converter: Py<PyAny>,
    native: bool,
}

impl Values {
    /// The payload of one value.
    #[allow(
        dead_code,
        reason = "the paths of runs and activities come to it one by one"
    )]
    pub(crate) fn encode(&self, value: &Bound<'_, PyAny>) -> PyResult<Payload> {
        if let Some(payload) = self.encode_natively(value) {
            return Ok(payload);
        }
        general::to_payload(self.converter.bind(value.py()), value)
    }

    /// The payloads of several values, one each where the converter is not a user's.
    pub(crate) fn encode_all(&self, values: &Bound<'_, PyAny>) -> PyResult<Vec<Payload>> {
        let count = values.len()?;
        if self.native || count == 0 {
            return values
                .try_iter()?
                .map(|value| self.encode(&value?))
                .collect();
        }
        let payloads = general::to_payloads(self.converter.bind(values.py()), values)?;
        if count == 1 && payloads.len() != 1 {
            return Err(PyValueError::new_err(format!(
                "Expected 1 payload for a value, the converter made {}",
                payloads.len()
            )));
        }
        Ok(payloads)
    }

    /// The value of one payload. A hint that is None or absent expects nothing.
    #[allow(
        dead_code,
        reason = "the paths of runs and activities come to it one by one"
    )]
    pub(crate) fn decode<'py>(
        &self,
        py: Python<'py>,
        payload: &Payload,
        hint: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let hint = hint.filter(|hint| !hint.is_none());
        if let Some(value) = self.decode_natively(py, payload, hint) {
            return Ok(value);
        }
        general::from_payload(self.converter.bind(py), payload, hint)
    }

    fn encode_natively(&self, value: &Bound<'_, PyAny>) -> Option<Payload> {
        if !self.native {
            return None;
        }
        if value.is_none() {
            return Some(plain_payload(NULL, bytes::Bytes::new()));
        }
        let data = value.cast_exact::<PyBytes>().ok()?;
        Some(plain_payload(
            PLAIN,
            bytes::Bytes::copy_from_slice(data.as_bytes()),
        ))
    }

    fn decode_natively<'py>(
        &self,
        py: Python<'py>,
        payload: &Payload,
        hint: Option<&Bound<'py, PyAny>>,
    ) -> Option<Bound<'py, PyAny>> {
        if !self.native || hint.is_some() {
            return None;
        }
        match payload.metadata.get(ENCODING)?.as_ref() {
            NULL if payload.data.is_empty() => Some(py.None().into_bound(py)),
            PLAIN => Some(PyBytes::new(py, &payload.data).into_any()),
            _ => None,
        }
    }
}

#[pymethods]
impl Values {
    #[new]
    #[pyo3(signature = (converter, *, native))]
    fn new(converter: Py<PyAny>, native: bool) -> Self {
        Self { converter, native }
    }

    #[getter]
    fn converter(&self, py: Python<'_>) -> Py<PyAny> {
        self.converter.clone_ref(py)
    }

    #[getter]
    fn native(&self) -> bool {
        self.native
    }

    /// One payload a value, except where a converter of the user's says otherwise.
    fn to_payloads<'py>(&self, values: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
        let py = values.py();
        if !self.native {
            let payloads = general::to_payloads(self.converter.bind(py), values)?;
            return PyList::new(py, payloads.into_iter().map(Carried));
        }
        let payloads = PyList::empty(py);
        for value in values.try_iter()? {
            payloads.append(Carried(self.encode(&value?)?))?;
        }
        Ok(payloads)
    }

    /// One value a payload. Payloads beyond the last hint have none.
    #[pyo3(name = "from_payloads", signature = (payloads, hints = None))]
    fn read_payloads<'py>(
        &self,
        py: Python<'py>,
        payloads: Vec<Carried>,
        hints: Option<&Bound<'py, PySequence>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let values = PyList::empty(py);
        for (index, Carried(payload)) in payloads.iter().enumerate() {
            let hint = match hints {
                Some(hints) if index < hints.len()? => Some(hints.get_item(index)?),
                _ => None,
            };
            let hint = hint.filter(|hint| !hint.is_none());
            let Some(value) = self.decode_natively(py, payload, hint.as_ref()) else {
                // Errors name the place of the payload, so the converter gets all of them.
                return general::from_payloads(self.converter.bind(py), payloads, hints);
            };
            values.append(value)?;
        }
        Ok(values.into_any())
    }

    /// The payload of one value.
    fn to_payload(&self, value: &Bound<'_, PyAny>) -> PyResult<RawPayload> {
        Ok(self.encode(value)?.into())
    }

    /// The value of one payload.
    #[pyo3(name = "from_payload", signature = (payload, hint = None))]
    fn read_payload<'py>(
        &self,
        py: Python<'py>,
        payload: Carried,
        hint: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.decode(py, &payload.0, hint)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.converter)
    }
}

fn plain_payload(encoding: &'static [u8], data: bytes::Bytes) -> Payload {
    Payload {
        metadata: [(ENCODING.to_owned(), bytes::Bytes::from_static(encoding))].into(),
        data,
        ..Payload::default()
    }
}
