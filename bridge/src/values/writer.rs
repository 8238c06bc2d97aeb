//! Python values to JSON: byte for byte what the `json` module writes, with sorted keys and no white
//! space, under the encoder of the default converter.

use pyo3::{PyTypeInfo, ffi, intern, prelude::*, types::PyType};

use super::{
    class_plan::ClassPlan,
    known::Known,
    owned::Owned,
    refused::{Outcome, Refused, refuse},
    sorted_items::SortedItems,
    strings::write_text,
};

/// What nests deeper is left to Python, which knows how deep its own stack may go. A value that
/// contains itself ends here too.
const MAXIMUM_DEPTH: usize = 200;

pub(super) struct Writer<'py> {
    py: Python<'py>,
    known: &'py Known,
    pub(super) out: Vec<u8>,
    items: SortedItems,
    depth: usize,
    /// Whether this is within a dataclass, of which `dataclasses.asdict` makes a copy first.
    copied: bool,
}

impl<'py> Writer<'py> {
    pub(super) fn new(py: Python<'py>, known: &'py Known) -> Self {
        Self {
            py,
            known,
            out: Vec::with_capacity(128),
            items: SortedItems::default(),
            depth: 0,
            copied: false,
        }
    }

    /// # Safety
    /// The value must stay alive meanwhile.
    #[inline]
    pub(super) unsafe fn value(&mut self, value: *mut ffi::PyObject) -> Outcome<()> {
        // SAFETY: types are compared by identity first, so each call gets what it is for.
        unsafe {
            let class = ffi::Py_TYPE(value);
            if class == &raw mut ffi::PyUnicode_Type {
                self.text(value)
            } else if class == &raw mut ffi::PyLong_Type {
                self.integer(value)
            } else if class == &raw mut ffi::PyFloat_Type {
                callboard_json::write_float(&mut self.out, ffi::PyFloat_AS_DOUBLE(value));
                Ok(())
            } else if class == &raw mut ffi::PyDict_Type {
                self.nested(|writer| writer.dict(value))
            } else if class == &raw mut ffi::PyList_Type {
                self.nested(|writer| writer.list(value))
            } else if value == ffi::Py_None() {
                self.word(b"null")
            } else if value == ffi::Py_True() {
                self.word(b"true")
            } else if value == ffi::Py_False() {
                self.word(b"false")
            } else if class == &raw mut ffi::PyTuple_Type {
                self.nested(|writer| writer.tuple(value))
            } else {
                self.nested(|writer| writer.other(value, class))
            }
        }
    }

    fn nested(&mut self, write: impl FnOnce(&mut Self) -> Outcome<()>) -> Outcome<()> {
        if self.depth == MAXIMUM_DEPTH {
            return Err(Refused);
        }
        self.depth += 1;
        write(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn word(&mut self, word: &[u8]) -> Outcome<()> {
        self.out.extend_from_slice(word);
        Ok(())
    }

    #[inline]
    unsafe fn text(&mut self, text: *mut ffi::PyObject) -> Outcome<()> {
        self.out.push(b'"');
        // SAFETY: the caller's.
        unsafe { write_text(&mut self.out, text)? };
        self.out.push(b'"');
        Ok(())
    }

    #[inline]
    unsafe fn integer(&mut self, integer: *mut ffi::PyObject) -> Outcome<()> {
        let mut overflow = 0;
        // SAFETY: it is an `int`, or of a subclass.
        let value = unsafe { ffi::PyLong_AsLongLongAndOverflow(integer, &raw mut overflow) };
        if overflow == 0 {
            callboard_json::write_integer(&mut self.out, value);
            return Ok(());
        }
        // SAFETY: the slot of `int` takes each `int`.
        unsafe {
            let repr = ffi::PyLong_Type.tp_repr.ok_or(Refused)?;
            let digits = Owned::new(repr(integer))?;
            write_text(&mut self.out, digits.as_ptr())
        }
    }

    unsafe fn list(&mut self, list: *mut ffi::PyObject) -> Outcome<()> {
        self.out.push(b'[');
        let mut index = 0;
        // SAFETY: the size is asked for each time, because code of the user may change the list.
        unsafe {
            while index < ffi::PyList_GET_SIZE(list) {
                let item = Owned::from_borrowed(ffi::PyList_GET_ITEM(list, index))?;
                self.item(index == 0, item.as_ptr())?;
                index += 1;
            }
        }
        self.word(b"]")
    }

    unsafe fn tuple(&mut self, tuple: *mut ffi::PyObject) -> Outcome<()> {
        self.out.push(b'[');
        // SAFETY: a tuple keeps its items.
        unsafe {
            for index in 0..ffi::PyTuple_GET_SIZE(tuple) {
                self.item(index == 0, ffi::PyTuple_GET_ITEM(tuple, index))?;
            }
        }
        self.word(b"]")
    }

    #[inline]
    unsafe fn item(&mut self, first: bool, item: *mut ffi::PyObject) -> Outcome<()> {
        if !first {
            self.out.push(b',');
        }
        // SAFETY: the caller's.
        unsafe { self.value(item) }
    }

    unsafe fn dict(&mut self, dict: *mut ffi::PyObject) -> Outcome<()> {
        let base = self.items.len();
        // SAFETY: the caller's. Items on the stack are owned by it.
        unsafe {
            if !self.items.push_sorted(dict)? {
                return self.dict_of_other_keys(dict);
            }
            self.out.push(b'{');
            for index in base..self.items.len() {
                if index > base {
                    self.out.push(b',');
                }
                let (key, value) = self.items.get(index);
                self.text(key)?;
                self.out.push(b':');
                self.value(value)?;
            }
        }
        self.items.drop_since(base);
        self.word(b"}")
    }

    /// A dict with a key that is no plain `str`: sorted by Python, and its keys made strings.
    #[cold]
    unsafe fn dict_of_other_keys(&mut self, dict: *mut ffi::PyObject) -> Outcome<()> {
        self.out.push(b'{');
        // SAFETY: the list and its tuples of two were made for us alone.
        unsafe {
            let items = Owned::new(ffi::PyDict_Items(dict))?;
            if ffi::PyList_Sort(items.as_ptr()) != 0 {
                return Err(Refused);
            }
            for index in 0..ffi::PyList_GET_SIZE(items.as_ptr()) {
                if index > 0 {
                    self.out.push(b',');
                }
                let item = ffi::PyList_GET_ITEM(items.as_ptr(), index);
                self.other_key(ffi::PyTuple_GET_ITEM(item, 0))?;
                self.out.push(b':');
                self.value(ffi::PyTuple_GET_ITEM(item, 1))?;
            }
        }
        self.word(b"}")
    }

    unsafe fn other_key(&mut self, key: *mut ffi::PyObject) -> Outcome<()> {
        // SAFETY: flags and classes of the key are what is asked first.
        unsafe {
            let plain = [
                &raw mut ffi::PyUnicode_Type,
                &raw mut ffi::PyLong_Type,
                &raw mut ffi::PyFloat_Type,
                &raw mut ffi::PyBool_Type,
                ffi::Py_TYPE(ffi::Py_None()),
            ]
            .contains(&ffi::Py_TYPE(key));
            if self.copied && !plain {
                return Err(Refused);
            }
            if ffi::PyUnicode_Check(key) != 0 {
                return self.text(key);
            }
            self.out.push(b'"');
            if key == ffi::Py_None() || ffi::PyBool_Check(key) != 0 {
                self.value(key)?;
            } else if ffi::PyLong_Check(key) != 0 {
                self.integer(key)?;
            } else if ffi::PyFloat_Check(key) != 0 {
                callboard_json::write_float(&mut self.out, ffi::PyFloat_AS_DOUBLE(key));
            } else {
                return Err(Refused);
            }
            self.word(b"\"")
        }
    }

    /// All that is not exactly of a class that JSON has.
    #[cold]
    unsafe fn other(
        &mut self,
        value: *mut ffi::PyObject,
        class: *mut ffi::PyTypeObject,
    ) -> Outcome<()> {
        // SAFETY: the class decides what is done with the value.
        unsafe {
            let flags = ffi::PyType_GetFlags(class);
            let built_in = ffi::Py_TPFLAGS_UNICODE_SUBCLASS
                | ffi::Py_TPFLAGS_LONG_SUBCLASS
                | ffi::Py_TPFLAGS_TUPLE_SUBCLASS
                | ffi::Py_TPFLAGS_LIST_SUBCLASS
                | ffi::Py_TPFLAGS_DICT_SUBCLASS;
            let is_float = ffi::PyType_IsSubtype(class, &raw mut ffi::PyFloat_Type) != 0;
            if flags & built_in != 0 || is_float {
                return self.subclass(value, class, flags);
            }
            if class == self.known.datetime.as_ptr().cast() {
                return self.time(value);
            }
            if class == self.known.uuid.as_ptr().cast() {
                return self.uuid(value);
            }
            if class == &raw mut ffi::PyBytes_Type || class == &raw mut ffi::PyByteArray_Type {
                return self.copy(ffi::PySequence_List(value));
            }
            let iterable = [
                &raw mut ffi::PySet_Type,
                &raw mut ffi::PyFrozenSet_Type,
                self.known.deque.as_ptr().cast(),
            ];
            if iterable.contains(&class) {
                return self.iterable(value);
            }
            let class = PyType::from_borrowed_type_ptr(self.py, class);
            let plan = ClassPlan::of(self.known, &class).map_err(refuse(self.py))?;
            self.dataclass(value, plan.ok_or(Refused)?.get())
        }
    }

    /// Values of subclasses of what JSON has, enums among them.
    unsafe fn subclass(
        &mut self,
        value: *mut ffi::PyObject,
        class: *mut ffi::PyTypeObject,
        flags: std::ffi::c_ulong,
    ) -> Outcome<()> {
        // SAFETY: the flags say what the value is; a slot that is inherited reads it as it is.
        unsafe {
            if self.copied && !self.is_enum_member(class)? {
                return Err(Refused);
            }
            if flags & ffi::Py_TPFLAGS_UNICODE_SUBCLASS != 0 {
                self.text(value)
            } else if flags & ffi::Py_TPFLAGS_LONG_SUBCLASS != 0 {
                self.integer(value)
            } else if flags & ffi::Py_TPFLAGS_LIST_SUBCLASS != 0
                && iterates_as(class, &raw mut ffi::PyList_Type)
            {
                self.list(value)
            } else if flags & ffi::Py_TPFLAGS_TUPLE_SUBCLASS != 0
                && iterates_as(class, &raw mut ffi::PyTuple_Type)
            {
                self.tuple(value)
            } else if flags & ffi::Py_TPFLAGS_DICT_SUBCLASS != 0 && self.has_own_items(class)? {
                self.dict(value)
            } else if ffi::PyFloat_Check(value) != 0 {
                callboard_json::write_float(&mut self.out, ffi::PyFloat_AS_DOUBLE(value));
                Ok(())
            } else {
                Err(Refused)
            }
        }
    }

    /// Copying gives an enum's member itself; what it makes of others is for Python to say.
    unsafe fn is_enum_member(&self, class: *mut ffi::PyTypeObject) -> Outcome<bool> {
        // SAFETY: it is a class.
        let class = unsafe { PyType::from_borrowed_type_ptr(self.py, class) };
        let is_enum = class
            .is_subclass(self.known.enum_class.bind(self.py))
            .map_err(refuse(self.py))?;
        let fields = class
            .getattr_opt(intern!(self.py, "__dataclass_fields__"))
            .map_err(refuse(self.py))?;
        Ok(is_enum && fields.is_none())
    }

    /// Whether a subclass of `dict` has the items that its memory holds.
    unsafe fn has_own_items(&self, class: *mut ffi::PyTypeObject) -> Outcome<bool> {
        // SAFETY: it is a class.
        let class = unsafe { PyType::from_borrowed_type_ptr(self.py, class) };
        let name = intern!(self.py, "items");
        let own = class.getattr(name).map_err(refuse(self.py))?;
        let plain = pyo3::types::PyDict::type_object(self.py)
            .getattr(name)
            .map_err(refuse(self.py))?;
        Ok(own.is(&plain) || class.is(&self.known.ordered_dict))
    }

    unsafe fn time(&mut self, value: *mut ffi::PyObject) -> Outcome<()> {
        // SAFETY: the caller's.
        let time = unsafe { Bound::from_borrowed_ptr(self.py, value) };
        if self.copied && !self.known.has_plain_zone(&time).map_err(refuse(self.py))? {
            return Err(Refused);
        }
        let text = time
            .call_method0(intern!(self.py, "isoformat"))
            .map_err(refuse(self.py))?;
        // SAFETY: the text is owned here.
        unsafe { self.value(text.as_ptr()) }
    }

    unsafe fn uuid(&mut self, value: *mut ffi::PyObject) -> Outcome<()> {
        // SAFETY: the caller's.
        let uuid = unsafe { Bound::from_borrowed_ptr(self.py, value) };
        let number: u128 = uuid
            .getattr(intern!(self.py, "int"))
            .and_then(|number| number.extract())
            .map_err(refuse(self.py))?;
        let digits = format!("{number:032x}");
        self.out.push(b'"');
        for (index, part) in [0..8, 8..12, 12..16, 16..20, 20..32]
            .into_iter()
            .enumerate()
        {
            if index > 0 {
                self.out.push(b'-');
            }
            self.out.extend_from_slice(&digits.as_bytes()[part]);
        }
        self.word(b"\"")
    }

    unsafe fn iterable(&mut self, value: *mut ffi::PyObject) -> Outcome<()> {
        // SAFETY: the caller's.
        unsafe {
            if !self.copied {
                return self.copy(ffi::PySequence_List(value));
            }
            // A copy of a set may have another order, and its items are not made dicts.
            let value = Bound::from_borrowed_ptr(self.py, value);
            let copied = self.known.deepcopy.bind(self.py).call1((value,));
            let copied = copied.map_err(refuse(self.py))?;
            self.copied = false;
            self.copy(ffi::PySequence_List(copied.as_ptr()))?;
        }
        self.copied = true;
        Ok(())
    }

    /// Writes a list that was made for it, or refuses if there is none.
    unsafe fn copy(&mut self, list: *mut ffi::PyObject) -> Outcome<()> {
        // SAFETY: the caller's.
        unsafe {
            let list = Owned::new(list)?;
            self.value(list.as_ptr())
        }
    }

    unsafe fn dataclass(&mut self, value: *mut ffi::PyObject, plan: &ClassPlan) -> Outcome<()> {
        let outer = std::mem::replace(&mut self.copied, true);
        let fields = plan.written(self.py, self.known).map_err(refuse(self.py))?;
        self.out.push(b'{');
        for (index, field) in fields.ok_or(Refused)?.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(&field.json);
            // SAFETY: the value stays alive, and the item is owned here.
            unsafe {
                let item = Owned::new(ffi::PyObject_GetAttr(value, field.name.as_ptr()))?;
                self.value(item.as_ptr())?;
            }
        }
        self.copied = outer;
        self.word(b"}")
    }
}

/// Whether a class has the iterator of another.
unsafe fn iterates_as(class: *mut ffi::PyTypeObject, other: *mut ffi::PyTypeObject) -> bool {
    // SAFETY: both are classes.
    let (own, other) = unsafe { ((*class).tp_iter, (*other).tp_iter) };
    own.map(|slot| slot as usize) == other.map(|slot| slot as usize)
}
