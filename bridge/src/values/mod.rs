//! Values become payloads and back here, on every path.

mod class_plan;
mod collector;
mod general;
mod known;
mod native;
mod owned;
mod plan;
mod plans;
mod reader;
mod refused;
mod sorted_items;
mod strings;
mod typed;
mod unchanged;
mod writer;

use callboard_actors::protos::common::v1::Payload;
use pyo3::{
    PyTraverseError, PyVisit,
    exceptions::{PyException, PyValueError},
    prelude::*,
    types::{PyList, PySequence},
};

pub(crate) use self::unchanged::UnchangedClasses;
use self::{known::Known, native::Native};
use crate::raw_payload::{Carried, RawPayload};

/// Does what a payload converter does, with the same results and the same errors. With `native`,
/// which is for the default converter alone, simple values never reach Python's converter.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct Values {
    converter: Py<PyAny>,
    native: Option<Native>,
}

impl Values {
    /// The payload of one value.
    pub(crate) fn encode(&self, value: &Bound<'_, PyAny>) -> PyResult<Payload> {
        if let Some(native) = &self.native
            && let Some(payload) = native.encode(value)?
        {
            return Ok(payload);
        }
        general::to_payload(self.converter.bind(value.py()), value)
    }

    /// The payloads of several values, one each where the converter is not a user's.
    pub(crate) fn encode_all(&self, values: &Bound<'_, PyAny>) -> PyResult<Vec<Payload>> {
        let count = values.len()?;
        if self.native.is_some() || count == 0 {
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
    pub(crate) fn decode<'py>(
        &self,
        py: Python<'py>,
        payload: &Payload,
        hint: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let hint = hint.filter(|hint| !hint.is_none());
        if let Some(native) = &self.native
            && let Some(value) = native.decode(py, payload, hint)?
        {
            return Ok(value);
        }
        general::from_payload(self.converter.bind(py), payload, hint)
    }

    /// The values of payloads; payloads beyond the last hint have none.
    fn decode_each<'py>(
        &self,
        py: Python<'py>,
        payloads: &[Carried],
        hints: Option<&Bound<'py, PySequence>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let known = hints.map_or(Ok(0), PySequenceMethods::len)?;
        let values = PyList::empty(py);
        for (index, payload) in payloads.iter().enumerate() {
            let hint = match hints {
                Some(hints) if index < known => Some(hints.get_item(index)?),
                _ => None,
            };
            values.append(self.decode(py, &payload.0, hint.as_ref())?)?;
        }
        Ok(values.into_any())
    }
}

#[pymethods]
impl Values {
    #[new]
    #[pyo3(signature = (converter, *, native))]
    fn new(py: Python<'_>, converter: Py<PyAny>, native: bool) -> PyResult<Self> {
        if native {
            // Here, and not when a workflow first needs it: imports in workflows may be watched.
            Known::get(py)?;
        }
        Ok(Self {
            converter,
            native: native.then(Native::default),
        })
    }

    #[getter]
    fn converter(&self, py: Python<'_>) -> Py<PyAny> {
        self.converter.clone_ref(py)
    }

    #[getter]
    fn native(&self) -> bool {
        self.native.is_some()
    }

    /// One payload a value, except where a converter of the user's says otherwise.
    fn to_payloads<'py>(&self, values: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
        let py = values.py();
        if self.native.is_none() {
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
        if self.native.is_some() {
            match self.decode_each(py, &payloads, hints) {
                // Errors name the place of the payload, which only the converter of all knows.
                Err(error) if error.is_instance_of::<PyException>(py) => drop(error),
                done => return done,
            }
        }
        general::from_payloads(self.converter.bind(py), payloads, hints)
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
        visit.call(&self.converter)?;
        self.native
            .as_ref()
            .map_or(Ok(()), |native| native.traverse(&visit))
    }
}
