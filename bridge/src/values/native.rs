//! The default converter's work, done here where it is simple.

use std::{ops::Deref, sync::Arc};

use bytes::Bytes;
use callboard_actors::protos::common::v1::Payload;
use parking_lot::Mutex;
use pyo3::{PyTraverseError, PyVisit, ffi, intern, prelude::*, types::PyBytes};

use super::{
    known::Known,
    plan::Plan,
    plans::{self, HintPlan, RecentPlans},
    reader::Reader,
    refused::{Outcome, Refused, refuse, settle},
    strings::KeyMemo,
    writer::Writer,
};

const ENCODING: &str = "encoding";
const NULL: &[u8] = b"binary/null";
const PLAIN: &[u8] = b"binary/plain";
const JSON: &[u8] = b"json/plain";

/// A text of at most so many bytes is copied to where it just fits.
const SMALL_TEXT: usize = 1024;

#[derive(Default)]
pub(super) struct Native {
    recent: Mutex<RecentPlans>,
    /// Lent to one reader at a time.
    keys: Mutex<Option<KeyMemo>>,
}

enum Found {
    Own(Plan),
    Shared(Arc<HintPlan>),
}

impl Deref for Found {
    type Target = Plan;

    fn deref(&self) -> &Plan {
        match self {
            Self::Own(plan) => plan,
            Self::Shared(shared) => &shared.plan,
        }
    }
}

impl Native {
    /// The payload of a value; None if the Python converter must make it.
    pub(super) fn encode(&self, value: &Bound<'_, PyAny>) -> PyResult<Option<Payload>> {
        if value.is_none() {
            return Ok(Some(payload(NULL, Bytes::new())));
        }
        if let Ok(data) = value.cast_exact::<PyBytes>() {
            let data = Bytes::copy_from_slice(data.as_bytes());
            return Ok(Some(payload(PLAIN, data)));
        }
        let py = value.py();
        let json = settle(py, self.write(value))?;
        Ok(json.map(|json| payload(JSON, json)))
    }

    fn write(&self, value: &Bound<'_, PyAny>) -> Outcome<Bytes> {
        let py = value.py();
        let known = Known::get(py).map_err(refuse(py))?;
        refuse_special(value)?;
        let mut writer = Writer::new(py, known);
        // SAFETY: the value is borrowed.
        unsafe { writer.value(value.as_ptr())? };
        let json = std::mem::take(&mut writer.out);
        Ok(if json.len() <= SMALL_TEXT {
            Bytes::copy_from_slice(&json)
        } else {
            json.into()
        })
    }

    /// The value of a payload; None if the Python converter must make it.
    pub(super) fn decode<'py>(
        &self,
        py: Python<'py>,
        payload: &Payload,
        hint: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        settle(py, self.read(py, payload, hint))
    }

    fn read<'py>(
        &self,
        py: Python<'py>,
        payload: &Payload,
        hint: Option<&Bound<'py, PyAny>>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let known = Known::get(py).map_err(refuse(py))?;
        let plan = match hint {
            Some(hint) => self.plan(known, hint).map_err(refuse(py))?,
            None => Found::Own(Plan::Any),
        };
        if matches!(*plan, Plan::Converter) {
            return Err(Refused);
        }
        match payload.metadata.get(ENCODING).ok_or(Refused)?.as_ref() {
            JSON => self.read_json(py, known, &payload.data, &plan),
            NULL if payload.data.is_empty() => Ok(py.None().into_bound(py)),
            PLAIN => Ok(PyBytes::new(py, &payload.data).into_any()),
            _ => Err(Refused),
        }
    }

    fn read_json<'py>(
        &self,
        py: Python<'py>,
        known: &'py Known,
        json: &[u8],
        plan: &Plan,
    ) -> Outcome<Bound<'py, PyAny>> {
        // Code of the user may run meanwhile and come back here: that finds no memo.
        let mut keys = self.keys.lock().take().unwrap_or_default();
        let value = Reader::new(py, known, json, &mut keys).document(plan);
        *self.keys.lock() = Some(keys);
        Ok(value?.into_bound(py))
    }

    fn plan(&self, known: &Known, hint: &Bound<'_, PyAny>) -> PyResult<Found> {
        if let Some(plan) = plans::of_scalar(known, hint) {
            return Ok(Found::Own(plan));
        }
        if let Some(shared) = self.recent.lock().get(hint) {
            return Ok(Found::Shared(shared));
        }
        if let Some(plan) = plans::of_class(known, hint)? {
            return Ok(Found::Own(plan));
        }
        let shared = plans::make(known, hint)?;
        // What is forgotten is dropped without the lock.
        let forgotten = self.recent.lock().remember(Arc::clone(&shared));
        drop(forgotten);
        Ok(Found::Shared(shared))
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        // A lock that is held means that the plans are in use, and so not garbage.
        self.recent
            .try_lock()
            .map_or(Ok(()), |recent| recent.traverse(visit))
    }
}

/// Refuses values of classes with transfer types, and those that the converter warns of.
fn refuse_special(value: &Bound<'_, PyAny>) -> Outcome<()> {
    let py = value.py();
    let class = value.get_type_ptr();
    let plain = [
        &raw mut ffi::PyLong_Type,
        &raw mut ffi::PyUnicode_Type,
        &raw mut ffi::PyDict_Type,
        &raw mut ffi::PyList_Type,
        &raw mut ffi::PyBool_Type,
        &raw mut ffi::PyFloat_Type,
        &raw mut ffi::PyTuple_Type,
    ];
    if plain.contains(&class) {
        return Ok(());
    }
    let transfer = intern!(py, "__temporal_transfer_type_converter");
    let transfer = value.get_type().getattr_opt(transfer).map_err(refuse(py))?;
    let model = value
        .getattr_opt(intern!(py, "parse_obj"))
        .map_err(refuse(py))?;
    if transfer.is_some() || model.is_some() {
        return Err(Refused);
    }
    Ok(())
}

fn payload(encoding: &'static [u8], data: Bytes) -> Payload {
    Payload {
        metadata: [(ENCODING.to_owned(), Bytes::from_static(encoding))].into(),
        data,
        ..Payload::default()
    }
}
