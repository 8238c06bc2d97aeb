//! One thing whose contents can change: what it holds when it is pristine, and how to exchange it.

use pyo3::{
    PyTraverseError, PyVisit,
    exceptions::{PyAttributeError, PyTypeError, PyValueError},
    ffi, intern,
    prelude::*,
    types::{PyDict, PyList, PySet, PyType},
};

use super::{bodies, entries::Entries, function::Fields};

pub(super) enum Node {
    /// Names of a module, a function or an instance.
    Bindings { dict: Py<PyDict>, pristine: Entries },
    Class {
        class: Py<PyAny>,
        pristine: ClassState,
    },
    Dict {
        dict: Py<PyDict>,
        pristine: Entries,
        /// What contents are restored from, by copies.
        original: Py<PyDict>,
    },
    List {
        list: Py<PyList>,
        pristine: Vec<Py<PyAny>>,
    },
    Set {
        set: Py<PySet>,
        pristine: Vec<Py<PyAny>>,
        original: Py<PySet>,
    },
    Cell {
        cell: Py<PyAny>,
        pristine: Option<Py<PyAny>>,
    },
    Function {
        function: Py<PyAny>,
        pristine: Box<Fields>,
    },
    Instance {
        instance: Py<PyAny>,
        pristine: InstanceState,
    },
    /// A place in an object that a descriptor of its class reads and writes.
    Slot {
        object: Py<PyAny>,
        descriptor: Py<PyAny>,
        pristine: Option<Py<PyAny>>,
    },
}

/// What a run has made of a node.
pub(super) enum Saved {
    Bindings(Entries),
    Class(ClassState),
    /// A dict or set. It has the run's contents while these are out, and pristine ones else.
    Body(Py<PyAny>),
    List(Vec<Py<PyAny>>),
    Cell(Option<Py<PyAny>>),
    Function(Box<Fields>),
    Instance(InstanceState),
    Slot(Option<Py<PyAny>>),
}

pub(super) struct ClassState {
    entries: Entries,
    /// Bases, name and qualified name.
    attributes: [Py<PyAny>; 3],
}

pub(super) struct InstanceState {
    class: Py<PyAny>,
    dict: Py<PyDict>,
}

const CLASS_ATTRIBUTES: [&str; 3] = ["__bases__", "__name__", "__qualname__"];

impl Node {
    pub(super) fn new(kind: &str, object: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(match kind {
            "bindings" => {
                let dict = object.cast::<PyDict>()?;
                let pristine = Entries::of(dict);
                let dict = dict.clone().unbind();
                Self::Bindings { dict, pristine }
            }
            "class" => Self::Class {
                class: object.cast::<PyType>()?.clone().into_any().unbind(),
                pristine: ClassState::of(object)?,
            },
            "dict" => {
                // That of a `defaultdict` begins with that of a dict.
                let dict = object.cast::<PyDict>()?;
                bodies::check_dict(object)?;
                let original = dict.copy()?;
                bodies::check_dict(original.as_any())?;
                Self::Dict {
                    pristine: Entries::of(dict),
                    dict: dict.clone().unbind(),
                    original: original.unbind(),
                }
            }
            "list" => {
                let list = object.cast_exact::<PyList>()?;
                Self::List {
                    pristine: list.iter().map(Bound::unbind).collect(),
                    list: list.clone().unbind(),
                }
            }
            "set" => Self::set(object.cast_exact::<PySet>()?)?,
            "cell" => Self::Cell {
                cell: object.clone().unbind(),
                pristine: cell_contents(object)?,
            },
            "function" => Self::Function {
                pristine: Box::new(Fields::of(object)?),
                function: object.clone().unbind(),
            },
            "instance" => Self::Instance {
                instance: object.clone().unbind(),
                pristine: InstanceState::of(object)?,
            },
            "slot" => {
                let (object, descriptor) =
                    object.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
                Self::Slot {
                    pristine: read_slot(&object, &descriptor)?,
                    object: object.unbind(),
                    descriptor: descriptor.unbind(),
                }
            }
            other => {
                return Err(PyTypeError::new_err(format!(
                    "unknown kind {other:?} of node"
                )));
            }
        })
    }

    fn set(set: &Bound<'_, PySet>) -> PyResult<Self> {
        let items = |set: &Bound<'_, PySet>| -> Vec<_> { set.iter().map(Bound::unbind).collect() };
        let pristine = items(set);
        let original = copy_set(set)?;
        // What is restored is a copy of the copy.
        let restored = items(&copy_set(&original)?);
        let same = pristine.iter().zip(&restored).all(|(a, b)| a.is(b));
        if !same {
            return Err(PyValueError::new_err("a copy of a set has another order"));
        }
        Ok(Self::Set {
            set: set.clone().unbind(),
            pristine,
            original: original.unbind(),
        })
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Bindings { .. } => "bindings",
            Self::Class { .. } => "class",
            Self::Dict { .. } => "dict",
            Self::List { .. } => "list",
            Self::Set { .. } => "set",
            Self::Cell { .. } => "cell",
            Self::Function { .. } => "function",
            Self::Instance { .. } => "instance",
            Self::Slot { .. } => "slot",
        }
    }

    pub(super) fn put_in(&self, py: Python<'_>, saved: &Saved) -> PyResult<()> {
        match (self, saved) {
            (Self::Bindings { dict, .. }, Saved::Bindings(entries)) => {
                entries.put_into(dict.bind(py))
            }
            (Self::Class { class, .. }, Saved::Class(state)) => state.put_into(class.bind(py)),
            (Self::Dict { dict, .. }, Saved::Body(body)) => {
                bodies::swap_dicts(dict.bind(py).as_any(), body.bind(py))
            }
            (Self::List { list, .. }, Saved::List(items)) => fill_list(list.bind(py), items),
            (Self::Set { set, .. }, Saved::Body(body)) => {
                bodies::swap_sets(set.bind(py).as_any(), body.bind(py));
                Ok(())
            }
            (Self::Cell { cell, .. }, Saved::Cell(contents)) => {
                set_cell(cell.bind(py), contents.as_ref())
            }
            (Self::Function { function, .. }, Saved::Function(fields)) => {
                fields.put_into(function.bind(py))
            }
            (Self::Instance { instance, .. }, Saved::Instance(state)) => {
                state.put_into(instance.bind(py))
            }
            (
                Self::Slot {
                    object, descriptor, ..
                },
                Saved::Slot(value),
            ) => write_slot(object.bind(py), descriptor.bind(py), value.as_ref()),
            _ => Err(PyValueError::new_err(
                "an overlay does not belong to the state that it is put into",
            )),
        }
    }

    /// Takes out what the node holds if that is not pristine. `before` is what was put in last.
    pub(super) fn take_out(
        &self,
        py: Python<'_>,
        before: Option<Saved>,
    ) -> PyResult<Option<Saved>> {
        if let Some(Saved::Body(body)) = before {
            // The body has pristine contents, and goes on with those of the run.
            let saved = Saved::Body(body);
            self.put_in(py, &saved)?;
            return Ok(Some(saved));
        }
        if self.is_pristine(py) {
            return Ok(None);
        }
        let saved = match self {
            Self::Bindings { dict, pristine } => {
                let dict = dict.bind(py);
                let saved = Entries::of(dict);
                pristine.put_into(dict)?;
                Saved::Bindings(saved)
            }
            Self::Class { class, pristine } => {
                let class = class.bind(py);
                let saved = ClassState::of(class)?;
                pristine.put_into(class)?;
                Saved::Class(saved)
            }
            Self::Dict { dict, original, .. } => {
                let body = original.bind(py).copy()?.into_any();
                bodies::swap_dicts(dict.bind(py).as_any(), &body)?;
                Saved::Body(body.unbind())
            }
            Self::List { list, pristine } => {
                let list = list.bind(py);
                let saved = list.iter().map(Bound::unbind).collect();
                fill_list(list, pristine)?;
                Saved::List(saved)
            }
            Self::Set { set, original, .. } => {
                let body = copy_set(original.bind(py))?.into_any();
                bodies::swap_sets(set.bind(py).as_any(), &body);
                Saved::Body(body.unbind())
            }
            Self::Cell { cell, pristine } => {
                let cell = cell.bind(py);
                let saved = cell_contents(cell)?;
                set_cell(cell, pristine.as_ref())?;
                Saved::Cell(saved)
            }
            Self::Function { function, pristine } => {
                let function = function.bind(py);
                let saved = Fields::of(function)?;
                pristine.put_into(function)?;
                Saved::Function(Box::new(saved))
            }
            Self::Instance { instance, pristine } => {
                let instance = instance.bind(py);
                let saved = InstanceState::of(instance)?;
                pristine.put_into(instance)?;
                Saved::Instance(saved)
            }
            Self::Slot {
                object,
                descriptor,
                pristine,
            } => {
                let (object, descriptor) = (object.bind(py), descriptor.bind(py));
                let saved = read_slot(object, descriptor)?;
                write_slot(object, descriptor, pristine.as_ref())?;
                Saved::Slot(saved)
            }
        };
        Ok(Some(saved))
    }

    pub(super) fn is_pristine(&self, py: Python<'_>) -> bool {
        match self {
            Self::Bindings { dict, pristine } => pristine.are_in(dict.bind(py)),
            Self::Dict { dict, pristine, .. } => pristine.are_in(dict.bind(py)),
            Self::Class { class, pristine } => pristine.is_in(class.bind(py)),
            Self::List { list, pristine } => {
                let list = list.bind(py);
                list.len() == pristine.len()
                    && list.iter().zip(pristine).all(|(now, known)| now.is(known))
            }
            Self::Set { set, pristine, .. } => {
                let set = set.bind(py);
                set.len() == pristine.len()
                    && set.iter().zip(pristine).all(|(now, known)| now.is(known))
            }
            Self::Cell { cell, pristine } => {
                let now = cell_contents(cell.bind(py)).ok().flatten();
                now.as_ref().map(Py::as_ptr) == pristine.as_ref().map(Py::as_ptr)
            }
            Self::Function { function, pristine } => pristine.are_in(function.bind(py)),
            Self::Instance { instance, pristine } => pristine.is_in(instance.bind(py)),
            Self::Slot {
                object,
                descriptor,
                pristine,
            } => read_slot(object.bind(py), descriptor.bind(py))
                .is_ok_and(|now| now.as_ref().map(Py::as_ptr) == pristine.as_ref().map(Py::as_ptr)),
        }
    }

    /// Whether all that has come to a node is entries of these names, which hold for all runs.
    pub(super) fn has_only_gained(&self, py: Python<'_>, names: &[String]) -> bool {
        match self {
            Self::Class { class, pristine } => {
                let class = class.bind(py);
                pristine.attributes_are_in(class)
                    && pristine.entries.are_at_the_start(&class_dict(class), names)
            }
            _ => false,
        }
    }

    /// Takes what a class holds now as pristine.
    pub(super) fn adopt(&mut self, py: Python<'_>) -> PyResult<()> {
        if let Self::Class { class, pristine } = self {
            *pristine = ClassState::of(class.bind(py))?;
        }
        Ok(())
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self {
            Self::Bindings { dict, pristine } => {
                visit.call(dict)?;
                pristine.traverse(visit)
            }
            Self::Class { class, pristine } => {
                visit.call(class)?;
                pristine.traverse(visit)
            }
            Self::Dict {
                dict,
                pristine,
                original,
            } => {
                visit.call(dict)?;
                visit.call(original)?;
                pristine.traverse(visit)
            }
            Self::List { list, pristine } => {
                visit.call(list)?;
                pristine.iter().try_for_each(|item| visit.call(item))
            }
            Self::Set {
                set,
                pristine,
                original,
            } => {
                visit.call(set)?;
                visit.call(original)?;
                pristine.iter().try_for_each(|item| visit.call(item))
            }
            Self::Cell { cell, pristine } => {
                visit.call(cell)?;
                pristine.iter().try_for_each(|item| visit.call(item))
            }
            Self::Function { function, pristine } => {
                visit.call(function)?;
                pristine.traverse(visit)
            }
            Self::Instance { instance, pristine } => {
                visit.call(instance)?;
                pristine.traverse(visit)
            }
            Self::Slot {
                object,
                descriptor,
                pristine,
            } => {
                visit.call(object)?;
                visit.call(descriptor)?;
                pristine.iter().try_for_each(|item| visit.call(item))
            }
        }
    }
}

impl Saved {
    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self {
            Self::Bindings(entries) => entries.traverse(visit),
            Self::Class(state) => state.traverse(visit),
            Self::Body(body) => visit.call(body),
            Self::List(items) => items.iter().try_for_each(|item| visit.call(item)),
            Self::Cell(contents) | Self::Slot(contents) => {
                contents.iter().try_for_each(|item| visit.call(item))
            }
            Self::Function(fields) => fields.traverse(visit),
            Self::Instance(state) => state.traverse(visit),
        }
    }
}

impl ClassState {
    fn of(class: &Bound<'_, PyAny>) -> PyResult<Self> {
        let [bases, name, qualified] = CLASS_ATTRIBUTES.map(|name| type_attribute(class, name));
        Ok(Self {
            entries: Entries::of(&class_dict(class)),
            attributes: [bases?, name?, qualified?],
        })
    }

    fn is_in(&self, class: &Bound<'_, PyAny>) -> bool {
        self.attributes_are_in(class) && self.entries.are_in(&class_dict(class))
    }

    fn attributes_are_in(&self, class: &Bound<'_, PyAny>) -> bool {
        let [bases, name, qualified] = &self.attributes;
        // SAFETY: a class that was made by a class statement or a call, so it has the layout of
        // these; its fields are only compared.
        unsafe {
            let class = class.as_ptr().cast::<ffi::PyHeapTypeObject>();
            (*class).ht_type.tp_bases == bases.as_ptr()
                && (*class).ht_name == name.as_ptr()
                && (*class).ht_qualname == qualified.as_ptr()
        }
    }

    fn put_into(&self, class: &Bound<'_, PyAny>) -> PyResult<()> {
        for (name, wanted) in CLASS_ATTRIBUTES.into_iter().zip(&self.attributes) {
            if !type_attribute(class, name)?.is(wanted) {
                let kind = class.py().get_type::<PyType>();
                kind.call_method1("__setattr__", (class, name, wanted))?;
            }
        }
        self.entries.put_into_class(class, &class_dict(class))
    }

    fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.attributes.iter().try_for_each(|one| visit.call(one))?;
        self.entries.traverse(visit)
    }
}

impl InstanceState {
    fn of(instance: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self {
            class: instance.get_type().into_any().unbind(),
            dict: instance_dict(instance)?.unbind(),
        })
    }

    fn is_in(&self, instance: &Bound<'_, PyAny>) -> bool {
        instance.get_type().is(&self.class)
            && instance_dict(instance).is_ok_and(|dict| dict.is(&self.dict))
    }

    fn put_into(&self, instance: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = instance.py();
        if !instance.get_type().is(&self.class) {
            let object = py.get_type::<PyAny>();
            object.call_method1("__setattr__", (instance, "__class__", &self.class))?;
        }
        // SAFETY: the object has a dict, which was read before, and this is one.
        let failed = unsafe {
            ffi::PyObject_GenericSetDict(
                instance.as_ptr(),
                self.dict.as_ptr(),
                std::ptr::null_mut(),
            )
        };
        if failed != 0 {
            return Err(PyErr::fetch(py));
        }
        Ok(())
    }

    fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.class)?;
        visit.call(&self.dict)
    }
}

/// The dict of an instance, past whatever its class has under that name.
pub(super) fn instance_dict<'py>(instance: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    // SAFETY: an object that is alive; it raises if the object has no dict.
    let dict = unsafe {
        let dict = ffi::PyObject_GenericGetDict(instance.as_ptr(), std::ptr::null_mut());
        Bound::from_owned_ptr_or_err(instance.py(), dict)
    };
    Ok(dict?.cast_into::<PyDict>()?)
}

fn class_dict<'py>(class: &Bound<'py, PyAny>) -> Bound<'py, PyDict> {
    // SAFETY: the caller has a class that Python code has made. Its dict is in this field as long as
    // the class is alive.
    unsafe {
        let dict = (*class.as_ptr().cast::<ffi::PyTypeObject>()).tp_dict;
        Bound::from_borrowed_ptr(class.py(), dict).cast_into_unchecked()
    }
}

/// An attribute of a class as `type` has it, whatever a metaclass says of it.
fn type_attribute(class: &Bound<'_, PyAny>, name: &str) -> PyResult<Py<PyAny>> {
    let kind = class.py().get_type::<PyType>();
    Ok(kind
        .call_method1("__getattribute__", (class, name))?
        .unbind())
}

fn fill_list(list: &Bound<'_, PyList>, items: &[Py<PyAny>]) -> PyResult<()> {
    let wanted = PyList::new(list.py(), items)?;
    list.set_slice(0, list.len(), wanted.as_any())
}

fn copy_set<'py>(set: &Bound<'py, PySet>) -> PyResult<Bound<'py, PySet>> {
    Ok(set.call_method0("copy")?.cast_into::<PySet>()?)
}

fn cell_contents(cell: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    // SAFETY: raises unless it is a cell; an empty one gives null without an error.
    let contents = unsafe { ffi::PyCell_Get(cell.as_ptr()) };
    // SAFETY: null or an owned reference.
    match unsafe { Bound::from_owned_ptr_or_opt(cell.py(), contents) } {
        Some(contents) => Ok(Some(contents.unbind())),
        None => PyErr::take(cell.py()).map_or(Ok(None), Err),
    }
}

fn set_cell(cell: &Bound<'_, PyAny>, contents: Option<&Py<PyAny>>) -> PyResult<()> {
    let contents = contents.map_or(std::ptr::null_mut(), Py::as_ptr);
    // SAFETY: raises unless it is a cell; takes a reference of its own, and null empties it.
    if unsafe { ffi::PyCell_Set(cell.as_ptr(), contents) } != 0 {
        return Err(PyErr::fetch(cell.py()));
    }
    Ok(())
}

fn read_slot(
    object: &Bound<'_, PyAny>,
    descriptor: &Bound<'_, PyAny>,
) -> PyResult<Option<Py<PyAny>>> {
    match descriptor.call_method1(intern!(object.py(), "__get__"), (object,)) {
        Ok(value) => Ok(Some(value.unbind())),
        // Nothing is there.
        Err(error) if error.is_instance_of::<PyAttributeError>(object.py()) => Ok(None),
        Err(error) => Err(error),
    }
}

fn write_slot(
    object: &Bound<'_, PyAny>,
    descriptor: &Bound<'_, PyAny>,
    value: Option<&Py<PyAny>>,
) -> PyResult<()> {
    let py = object.py();
    match value {
        Some(value) => descriptor.call_method1(intern!(py, "__set__"), (object, value))?,
        None => descriptor.call_method1(intern!(py, "__delete__"), (object,))?,
    };
    Ok(())
}
