//! How the values of a dataclass or typed dict are written and read.

use pyo3::{
    PyTraverseError, PyTypeInfo, PyVisit,
    ffi::PyTypeObject,
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyList, PyString, PyTuple, PyType},
};

use super::{known::Known, plan::Plan};

/// A class carries its own plan, so that both can be collected: where each workflow run imports its
/// modules anew, a table would keep the modules of runs long gone.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(super) struct ClassPlan {
    class: Py<PyType>,
    written: PyOnceLock<Option<Vec<WrittenField>>>,
    read: PyOnceLock<ReadClass>,
}

pub(super) struct WrittenField {
    pub(super) name: Py<PyString>,
    /// The name as a key of JSON, with its colon, and after it nothing.
    pub(super) json: Vec<u8>,
}

pub(super) enum ReadClass {
    Dataclass(ReadDataclass),
    TypedDict(Vec<ReadField>),
}

pub(super) struct ReadDataclass {
    pub(super) fields: Vec<ReadField>,
    /// The names of the fields, if the constructor takes all of them.
    pub(super) names: Option<Py<PyTuple>>,
    /// The fields in the order in which they are written.
    pub(super) order: Vec<usize>,
}

pub(super) struct ReadField {
    pub(super) name: Py<PyString>,
    pub(super) key: String,
    /// Otherwise it is set afterwards.
    pub(super) takes_argument: bool,
    pub(super) plan: Plan,
}

impl ClassPlan {
    /// The plan of a class; None for one that carries none.
    pub(super) fn of<'py>(
        known: &Known,
        class: &Bound<'py, PyType>,
    ) -> PyResult<Option<Bound<'py, Self>>> {
        let py = class.py();
        let attribute = intern!(py, "__temporal_native_plan");
        if let Some(carried) = class.getattr_opt(attribute)?
            && let Ok(plan) = carried.cast_into::<Self>()
            && plan.get().class.is(class)
        {
            return Ok(Some(plan));
        }
        let may_carry = known
            .plans
            .bind(py)
            .call_method1(intern!(py, "may_carry_plan"), (class,))?;
        if !may_carry.is_truthy()? {
            return Ok(None);
        }
        let plan = Bound::new(
            py,
            Self {
                class: class.clone().unbind(),
                written: PyOnceLock::new(),
                read: PyOnceLock::new(),
            },
        )?;
        class.setattr(attribute, &plan)?;
        Ok(Some(plan))
    }

    pub(super) fn class<'py>(&self, py: Python<'py>) -> &Bound<'py, PyType> {
        self.class.bind(py)
    }

    /// The fields of a dataclass in the order of their names; None for what is left to Python.
    pub(super) fn written(
        &self,
        py: Python<'_>,
        known: &Known,
    ) -> PyResult<Option<&[WrittenField]>> {
        let written = self.written.get_or_try_init(py, || {
            let names = known
                .plans
                .bind(py)
                .call_method1(intern!(py, "written_fields"), (&self.class,))?;
            if names.is_none() {
                return Ok(None);
            }
            names
                .cast::<PyList>()?
                .iter()
                .map(|name| WrittenField::new(name.cast_into()?))
                .collect::<PyResult<Vec<_>>>()
                .map(Some)
        });
        Ok(written?.as_deref())
    }

    /// How to read it. An error, such as a name that is not there yet, may be gone the next time.
    pub(super) fn read(&self, py: Python<'_>, known: &Known) -> PyResult<&ReadClass> {
        self.read.get_or_try_init(py, || {
            let plans = known.plans.bind(py);
            let described = plans.call_method1(intern!(py, "read_fields"), (&self.class,))?;
            let (is_dataclass, fields): (bool, Vec<Bound<'_, PyTuple>>) = described.extract()?;
            let fields = fields
                .iter()
                .map(|field| ReadField::new(known, field))
                .collect::<PyResult<Vec<_>>>()?;
            if is_dataclass {
                ReadDataclass::new(py, fields).map(ReadClass::Dataclass)
            } else {
                Ok(ReadClass::TypedDict(fields))
            }
        })
    }
}

#[pymethods]
impl ClassPlan {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // The class has a reference to this; it is the one that breaks the cycle.
        visit.call(&self.class)?;
        // SAFETY: the collector runs while the interpreter is attached, and no Python code is run.
        let read = self.read.get(unsafe { Python::assume_attached() });
        let fields = match read {
            Some(ReadClass::Dataclass(dataclass)) => &dataclass.fields,
            Some(ReadClass::TypedDict(fields)) => fields,
            None => return Ok(()),
        };
        fields
            .iter()
            .try_for_each(|field| field.plan.traverse(&visit))
    }
}

impl WrittenField {
    fn new(name: Bound<'_, PyString>) -> PyResult<Self> {
        let mut json = vec![b'"'];
        let points = name.to_str()?.chars().map(u32::from);
        callboard_json::write_code_points(&mut json, points);
        json.extend_from_slice(b"\":");
        Ok(Self {
            name: name.unbind(),
            json,
        })
    }
}

impl ReadField {
    fn new(known: &Known, description: &Bound<'_, PyTuple>) -> PyResult<Self> {
        let (name, takes_argument, plan): (Bound<'_, PyString>, bool, Bound<'_, PyTuple>) =
            description.extract()?;
        Ok(Self {
            key: name.to_str()?.to_owned(),
            name: name.unbind(),
            takes_argument,
            plan: Plan::from_description(known, &plan)?,
        })
    }
}

impl ReadDataclass {
    fn new(py: Python<'_>, fields: Vec<ReadField>) -> PyResult<Self> {
        let names = if fields.iter().all(|field| field.takes_argument) {
            Some(PyTuple::new(py, fields.iter().map(|field| &field.name))?.unbind())
        } else {
            None
        };
        let mut order: Vec<usize> = (0..fields.len()).collect();
        order.sort_unstable_by_key(|index| &fields[*index].key);
        Ok(Self {
            fields,
            names,
            order,
        })
    }

    /// The place of the field of a key. The one after the last that was found is looked at first.
    #[inline]
    pub(super) fn find(&self, key: &[u8], expected: &mut usize) -> Option<usize> {
        if let Some(index) = self.order.get(*expected)
            && self.fields[*index].key.as_bytes() == key
        {
            *expected += 1;
            return Some(*index);
        }
        let found = |index: &usize| self.fields[*index].key.as_bytes() == key;
        let place = self.order.iter().position(found)?;
        *expected = place + 1;
        Some(self.order[place])
    }
}

/// Whether `type.__call__` and `object.__new__` make the instances of a class.
pub(super) fn is_made_plainly(class: &Bound<'_, PyType>) -> bool {
    let object = PyAny::type_object_raw(class.py());
    let class = class.as_type_ptr();
    // SAFETY: classes are never without these slots while they are in use.
    unsafe {
        let new = |class: *mut PyTypeObject| (*class).tp_new.map(|slot| slot as usize);
        let call = |class: *mut PyTypeObject| (*class).tp_call.map(|slot| slot as usize);
        let metaclass = pyo3::ffi::Py_TYPE(class.cast());
        new(class) == new(object) && call(metaclass) == call(&raw mut pyo3::ffi::PyType_Type)
    }
}
