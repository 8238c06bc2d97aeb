//! JSON to what a type hint asks for, in one go. What does not fit is refused: the Python converter
//! then finds out what is wrong with it.

use callboard_json::Number;
use pyo3::{ffi, intern, prelude::*};

use super::{
    class_plan::{ClassPlan, ReadClass, ReadDataclass, ReadField, is_made_plainly},
    owned::Owned,
    plan::{Container, Key, Mixin, Plan},
    reader::Reader,
    refused::{Outcome, Refused, refuse},
};

impl<'py> Reader<'_, 'py> {
    /// The next value, as a plan asks for it.
    pub(super) fn planned(&mut self, plan: &Plan) -> Outcome<Owned> {
        match plan {
            Plan::Any => self.any(),
            Plan::Text => self.text(),
            Plan::Integer => self.converted_number(&raw mut ffi::PyLong_Type, ffi::PyNumber_Long),
            Plan::Float => self.converted_number(&raw mut ffi::PyFloat_Type, ffi::PyNumber_Float),
            Plan::Bool => match self.cursor.peek()? {
                b't' | b'f' => self.word(),
                _ => Err(Refused),
            },
            Plan::Nothing => match self.cursor.peek()? {
                b'n' => self.word(),
                _ => Err(Refused),
            },
            Plan::Optional(inner) => match self.cursor.peek()? {
                b'n' => self.word(),
                _ => self.planned(inner),
            },
            Plan::Union(members) => {
                let first = self.cursor.peek()?;
                let member = members.iter().find(|(kinds, _)| kinds.have(first));
                self.planned(&member.ok_or(Refused)?.1)
            }
            Plan::Class(class) => self.nested(|reader| reader.class(class.get())),
            Plan::Iterable(container, item) => {
                let list = self.nested(|reader| reader.array(item.as_deref()))?;
                self.contained(*container, list)
            }
            Plan::FixedTuple(items) => self.nested(|reader| reader.fixed_tuple(items)),
            Plan::Mapping(Key::Text, item) => self.nested(|reader| reader.object(item.as_deref())),
            Plan::Mapping(Key::Integer, item) => {
                self.nested(|reader| reader.integer_keys(item.as_deref()))
            }
            Plan::Enum(mixin, members) => self.member(*mixin, members.as_ptr()),
            Plan::Literal(listed) => self.listed(listed.as_ptr()),
            Plan::Time => {
                let text = self.text()?.into_bound(self.py);
                self.call(self.known.parse_time.bind(self.py), (text,))
            }
            Plan::Uuid => self.uuid(),
            Plan::Bytes => {
                let list = self.nested(|reader| reader.array(None))?;
                // SAFETY: it takes any object, and gives an owned reference or null.
                unsafe { Owned::new(ffi::PyBytes_FromObject(list.as_ptr())) }
            }
            Plan::Reader(reader) => {
                let value = self.any()?.into_bound(self.py);
                self.call(
                    reader.bind(self.py),
                    (value, pyo3::types::PyTuple::empty(self.py)),
                )
            }
            Plan::Converter => Err(Refused),
        }
    }

    fn call<A: pyo3::call::PyCallArgs<'py>>(
        &self,
        function: &Bound<'py, PyAny>,
        arguments: A,
    ) -> Outcome<Owned> {
        let result = function.call1(arguments).map_err(refuse(self.py))?;
        Ok(result.into())
    }

    /// A number or boolean as one class; the function converts other numbers.
    #[inline]
    fn converted_number(
        &mut self,
        class: *mut ffi::PyTypeObject,
        convert: unsafe extern "C" fn(*mut ffi::PyObject) -> *mut ffi::PyObject,
    ) -> Outcome<Owned> {
        let number = match self.cursor.peek()? {
            b'"' | b'[' | b'{' | b'n' => return Err(Refused),
            b'-' | b'0'..=b'9' => self.number()?,
            _ => self.word()?,
        };
        // SAFETY: it is a valid object; the function gives an owned reference or null.
        unsafe {
            if ffi::Py_TYPE(number.as_ptr()) == class {
                return Ok(number);
            }
            Owned::new(convert(number.as_ptr()))
        }
    }

    fn contained(&self, container: Container, list: Owned) -> Outcome<Owned> {
        // SAFETY: the list is valid; each call gives an owned reference or null.
        unsafe {
            match container {
                Container::List => Ok(list),
                Container::Tuple => Owned::new(ffi::PyList_AsTuple(list.as_ptr())),
                Container::Set => Owned::new(ffi::PySet_New(list.as_ptr())),
                Container::FrozenSet => Owned::new(ffi::PyFrozenSet_New(list.as_ptr())),
                Container::Deque => {
                    let deque = self.known.deque.bind(self.py);
                    self.call(deque, (list.into_bound(self.py),))
                }
            }
        }
    }

    fn fixed_tuple(&mut self, items: &[Plan]) -> Outcome<Owned> {
        let base = self.stack.len();
        self.items(|reader, index| reader.planned(items.get(index).ok_or(Refused)?))?;
        let list = self.list_since(base)?;
        self.contained(Container::Tuple, list)
    }

    fn integer_keys(&mut self, item: Option<&Plan>) -> Outcome<Owned> {
        let base = self.stack.len();
        self.members(|reader| {
            let number = reader.with_key(|text| {
                let mut cursor = callboard_json::Cursor::new(text.bytes);
                let Ok(Number::Integer(number)) = cursor.number() else {
                    return Err(Refused);
                };
                // What `int` takes beyond that, such as spaces, is for Python.
                (cursor.remaining() == 0).then_some(number).ok_or(Refused)
            })??;
            // SAFETY: it gives an owned reference, or null with an error.
            reader
                .stack
                .push(unsafe { Owned::new(ffi::PyLong_FromLongLong(number))? });
            let value = reader.item(item)?;
            reader.stack.push(value);
            Ok(())
        })?;
        self.dict_since(base)
    }

    fn member(&mut self, mixin: Mixin, members: *mut ffi::PyObject) -> Outcome<Owned> {
        let value = match (mixin, self.cursor.peek()?) {
            (Mixin::Text, b'"') => self.text()?,
            (Mixin::Integer, b't' | b'f') => self.word()?,
            (Mixin::Integer, b'-' | b'0'..=b'9') => self.number()?,
            _ => return Err(Refused),
        };
        // SAFETY: it is a dict, and lends the member; a value that is no key gives null.
        unsafe {
            if mixin == Mixin::Integer && ffi::PyLong_Check(value.as_ptr()) == 0 {
                return Err(Refused);
            }
            Owned::from_borrowed(ffi::PyDict_GetItemWithError(members, value.as_ptr()))
        }
    }

    fn listed(&mut self, listed: *mut ffi::PyObject) -> Outcome<Owned> {
        let value = self.any()?;
        // SAFETY: it is a tuple.
        match unsafe { ffi::PySequence_Contains(listed, value.as_ptr()) } {
            1 => Ok(value),
            _ => Err(Refused),
        }
    }

    fn uuid(&mut self) -> Outcome<Owned> {
        self.cursor.expect(b'"')?;
        let mut scratch = Vec::new();
        let text = self.cursor.string(&mut scratch)?;
        let number = canonical_uuid(text.bytes).ok_or(Refused)?;
        let class = self.known.uuid.bind(self.py);
        let uuid = new_instance(class)?;
        let Ok(number) = number.into_pyobject(self.py);
        // What its constructor does in the end. Its own `__setattr__` refuses.
        set_attribute(&uuid, intern!(self.py, "int").as_ptr(), number.as_ptr())?;
        let safety = self.known.uuid_safety.as_ptr();
        set_attribute(&uuid, intern!(self.py, "is_safe").as_ptr(), safety)?;
        Ok(uuid)
    }

    fn class(&mut self, class: &ClassPlan) -> Outcome<Owned> {
        match class.read(self.py, self.known).map_err(refuse(self.py))? {
            ReadClass::Dataclass(dataclass) => self.dataclass(class, dataclass),
            ReadClass::TypedDict(fields) => self.typed_dict(fields),
        }
    }

    /// Unknown keys stay as they are.
    fn typed_dict(&mut self, fields: &[ReadField]) -> Outcome<Owned> {
        let base = self.stack.len();
        self.members(|reader| {
            let field = reader.with_key(|text| {
                fields
                    .iter()
                    .find(|field| field.key.as_bytes() == text.bytes)
                    .ok_or_else(|| text.bytes.to_vec())
            })?;
            let value = match field {
                Ok(field) => {
                    let name = field.name.clone_ref(reader.py);
                    reader.stack.push(name.into());
                    reader.planned(&field.plan)?
                }
                Err(key) => {
                    let key = String::from_utf8(key).map_err(|_| Refused)?;
                    let key = pyo3::types::PyString::new(reader.py, &key);
                    reader.stack.push(key.into());
                    reader.any()?
                }
            };
            reader.stack.push(value);
            Ok(())
        })?;
        self.dict_since(base)
    }

    /// Unknown keys are left out.
    fn dataclass(&mut self, class: &ClassPlan, dataclass: &ReadDataclass) -> Outcome<Owned> {
        let base = self.stack.len();
        // One place more, for the instance.
        self.stack.reserve(dataclass.fields.len() + 1);
        let mut expected = 0;
        self.members(|reader| {
            let place = reader.with_key(|text| dataclass.find(text.bytes, &mut expected))?;
            match place {
                Some(index) => {
                    let value = reader.planned(&dataclass.fields[index].plan)?;
                    reader.stack.put(base + 1 + index, value);
                }
                None => drop(reader.any()?),
            }
            Ok(())
        })?;
        let instance = self.instance(class.class(self.py), dataclass, base)?;
        let restored = dataclass.fields.iter().zip(&self.stack.since(base)[1..]);
        for (field, value) in restored {
            if !field.takes_argument && !value.is_null() {
                // The class may be frozen.
                set_attribute(&instance, field.name.as_ptr(), *value)?;
            }
        }
        self.stack.drop_since(base);
        Ok(instance)
    }

    /// Calls the constructor with the fields that are on the stack, behind a free place.
    fn instance(
        &mut self,
        class: &Bound<'py, pyo3::types::PyType>,
        dataclass: &ReadDataclass,
        base: usize,
    ) -> Outcome<Owned> {
        let given = &self.stack.since(base)[1..];
        let complete = given.iter().all(|value| !value.is_null());
        if let (Some(names), true) = (&dataclass.names, complete) {
            return construct(class, self.stack.since(base), names.as_ptr());
        }
        let mut arguments = vec![std::ptr::null_mut()];
        let mut names = Vec::new();
        for (field, value) in dataclass.fields.iter().zip(given) {
            if field.takes_argument && !value.is_null() {
                arguments.push(*value);
                names.push(&field.name);
            }
        }
        let names = pyo3::types::PyTuple::new(self.py, names).map_err(refuse(self.py))?;
        construct(class, &arguments, names.as_ptr())
    }
}

/// Calls a class with keyword arguments. The first place is free for the instance.
fn construct(
    class: &Bound<'_, pyo3::types::PyType>,
    places: &[*mut ffi::PyObject],
    names: *mut ffi::PyObject,
) -> Outcome<Owned> {
    let py = class.py();
    // What `type.__call__` does, but without a dict of the arguments.
    if is_made_plainly(class) {
        let constructor = class.getattr(intern!(py, "__init__")).map_err(refuse(py))?;
        // SAFETY: the first argument is the instance, the others are the values of the names.
        return unsafe {
            if ffi::PyFunction_Check(constructor.as_ptr()) == 0 {
                return call_class(class, places, names);
            }
            let instance = new_instance(class)?;
            let mut arguments = places.to_vec();
            arguments[0] = instance.as_ptr();
            let result = Owned::new(ffi::PyObject_Vectorcall(
                constructor.as_ptr(),
                arguments.as_ptr(),
                1,
                names,
            ))?;
            if result.as_ptr() == ffi::Py_None() {
                Ok(instance)
            } else {
                Err(Refused)
            }
        };
    }
    call_class(class, places, names)
}

fn call_class(
    class: &Bound<'_, pyo3::types::PyType>,
    places: &[*mut ffi::PyObject],
    names: *mut ffi::PyObject,
) -> Outcome<Owned> {
    // SAFETY: there is a value for each name.
    unsafe {
        let arguments = places[1..].as_ptr();
        Owned::new(ffi::PyObject_Vectorcall(
            class.as_ptr(),
            arguments,
            0,
            names,
        ))
    }
}

/// An instance whose constructor was not called yet, of a class that has `object.__new__`.
fn new_instance(class: &Bound<'_, pyo3::types::PyType>) -> Outcome<Owned> {
    let nothing = pyo3::types::PyTuple::empty(class.py());
    // SAFETY: every class has the slot, and gives an owned reference or null.
    unsafe {
        let new = (*class.as_type_ptr()).tp_new.ok_or(Refused)?;
        Owned::new(new(
            class.as_type_ptr(),
            nothing.as_ptr(),
            std::ptr::null_mut(),
        ))
    }
}

/// What `object.__setattr__` does.
fn set_attribute(
    instance: &Owned,
    name: *mut ffi::PyObject,
    value: *mut ffi::PyObject,
) -> Outcome<()> {
    // SAFETY: all three are valid objects.
    match unsafe { ffi::PyObject_GenericSetAttr(instance.as_ptr(), name, value) } {
        0 => Ok(()),
        _ => Err(Refused),
    }
}

/// The number of a UUID in the form in which it is written.
fn canonical_uuid(text: &[u8]) -> Option<u128> {
    const HYPHENS: [usize; 4] = [8, 13, 18, 23];
    if text.len() != 36 {
        return None;
    }
    text.iter()
        .enumerate()
        .try_fold(0, |number: u128, (index, byte)| {
            if HYPHENS.contains(&index) {
                return (*byte == b'-').then_some(number);
            }
            let digit = char::from(*byte).to_digit(16)?;
            Some(number << 4 | u128::from(digit))
        })
}
