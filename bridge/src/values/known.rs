//! The Python classes and functions that conversion knows by identity.

use pyo3::{
    PyTypeInfo, ffi, intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyDateTime, PyType, PyTzInfo},
};

pub(super) struct Known {
    pub(super) datetime: Py<PyType>,
    pub(super) uuid: Py<PyType>,
    pub(super) uuid_safety: Py<PyAny>,
    pub(super) deque: Py<PyType>,
    pub(super) ordered_dict: Py<PyType>,
    pub(super) enum_class: Py<PyType>,
    pub(super) deepcopy: Py<PyAny>,
    pub(super) any: Py<PyAny>,
    timezone: Py<PyType>,
    /// `temporalio.converter._native_plans`
    pub(super) plans: Py<PyAny>,
    pub(super) parse_time: Py<PyAny>,
}

impl Known {
    /// All of it, found when it is first needed.
    pub(super) fn get(py: Python<'_>) -> PyResult<&Self> {
        static KNOWN: PyOnceLock<Known> = PyOnceLock::new();
        KNOWN.get_or_try_init(py, || Self::find(py))
    }

    fn find(py: Python<'_>) -> PyResult<Self> {
        let uuid = py.import("uuid")?;
        let collections = py.import("collections")?;
        let class = |module: &str, name: &str| -> PyResult<Py<PyType>> {
            Ok(py
                .import(module)?
                .getattr(name)?
                .cast_into::<PyType>()?
                .unbind())
        };
        Ok(Self {
            datetime: PyDateTime::type_object(py).unbind(),
            uuid: class("uuid", "UUID")?,
            uuid_safety: uuid.getattr("SafeUUID")?.getattr("unknown")?.unbind(),
            deque: collections
                .getattr("deque")?
                .cast_into::<PyType>()?
                .unbind(),
            ordered_dict: class("collections", "OrderedDict")?,
            enum_class: class("enum", "Enum")?,
            deepcopy: py.import("copy")?.getattr("deepcopy")?.unbind(),
            any: py.import("typing")?.getattr("Any")?.unbind(),
            timezone: class("datetime", "timezone")?,
            plans: py
                .import("temporalio.converter._native_plans")?
                .into_any()
                .unbind(),
            parse_time: py
                .import("temporalio.converter._datetimes")?
                .getattr("parse_iso_datetime")?
                .unbind(),
        })
    }

    /// Whether a copy of a time cannot differ from it, because its zone is one of the library's.
    pub(super) fn has_plain_zone(&self, time: &Bound<'_, PyAny>) -> PyResult<bool> {
        let zone = time.getattr(intern!(time.py(), "tzinfo"))?;
        let class = zone.get_type();
        debug_assert!(zone.is_none() || zone.is_instance_of::<PyTzInfo>());
        Ok(zone.is_none() || class.is(&self.timezone) || is_zone_info(&class)?)
    }
}

/// Whether this is `zoneinfo.ZoneInfo`. It cannot be where nobody has imported that module, which
/// takes its time.
fn is_zone_info(class: &Bound<'_, PyType>) -> PyResult<bool> {
    let py = class.py();
    let name = intern!(py, "zoneinfo");
    // SAFETY: the call takes a borrowed name, and gives a new reference or null; without an
    // exception set, null says that the module is not there.
    let module =
        unsafe { Bound::from_owned_ptr_or_opt(py, ffi::PyImport_GetModule(name.as_ptr())) };
    let Some(module) = module else {
        return match PyErr::take(py) {
            Some(error) => Err(error),
            None => Ok(false),
        };
    };
    Ok(class.is(module.getattr(intern!(py, "ZoneInfo"))?))
}
