//! JSON to the values that Python's `json.loads` gives.

use callboard_json::{Cursor, Number, Text};
use pyo3::{ffi, prelude::*};

use super::{
    collector::CollectorPause,
    known::Known,
    owned::{Owned, References},
    plan::Plan,
    refused::{Outcome, Refused},
    strings::{KeyMemo, make_text},
};

/// What nests deeper is left to Python, which knows how deep its own stack may go.
const MAXIMUM_DEPTH: usize = 200;
/// A shorter text makes too little for the garbage collector to matter.
const PAUSING_TEXT: usize = 1024;

pub(super) struct Reader<'a, 'py> {
    pub(super) py: Python<'py>,
    pub(super) known: &'py Known,
    pub(super) cursor: Cursor<'a>,
    pub(super) stack: References,
    scratch: Vec<u8>,
    keys: &'a mut KeyMemo,
    depth: usize,
}

impl<'a, 'py> Reader<'a, 'py> {
    pub(super) fn new(
        py: Python<'py>,
        known: &'py Known,
        json: &'a [u8],
        keys: &'a mut KeyMemo,
    ) -> Self {
        Self {
            py,
            known,
            cursor: Cursor::new(json),
            stack: References::default(),
            scratch: Vec::new(),
            keys,
            depth: 0,
        }
    }

    /// All of the text as one value.
    pub(super) fn document(&mut self, plan: &Plan) -> Outcome<Owned> {
        let pauses = self.cursor.remaining() >= PAUSING_TEXT && plan.runs_no_user_code();
        let _pause = pauses.then(CollectorPause::begin);
        let value = self.planned(plan)?;
        self.cursor.end()?;
        Ok(value)
    }

    /// The next value, whatever it is.
    #[inline]
    pub(super) fn any(&mut self) -> Outcome<Owned> {
        match self.cursor.peek()? {
            b'"' => self.text(),
            b'{' => self.nested(|reader| reader.object(None)),
            b'[' => self.nested(|reader| reader.array(None)),
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.word(),
        }
    }

    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.depth == MAXIMUM_DEPTH {
            return Err(Refused);
        }
        self.depth += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    #[inline]
    pub(super) fn text(&mut self) -> Outcome<Owned> {
        self.cursor.expect(b'"')?;
        make_text(self.cursor.string(&mut self.scratch)?)
    }

    pub(super) fn word(&mut self) -> Outcome<Owned> {
        let constant = match self.cursor.peek()? {
            b'n' => ("null", Constant::Null),
            b't' => ("true", Constant::Bool(true)),
            b'f' => ("false", Constant::Bool(false)),
            b'N' => ("NaN", Constant::Float(f64::NAN)),
            b'I' => ("Infinity", Constant::Float(f64::INFINITY)),
            b'-' => ("-Infinity", Constant::Float(f64::NEG_INFINITY)),
            _ => return Err(Refused),
        };
        self.cursor.word(constant.0.as_bytes())?;
        match constant.1 {
            Constant::Null => Ok(self.py.None().into()),
            Constant::Bool(value) => Ok(value.into_pyobject(self.py).map_or_else(
                |error| match error {},
                |value| Owned::from(value.to_owned()),
            )),
            Constant::Float(value) => make_float(value),
        }
    }

    #[inline]
    pub(super) fn number(&mut self) -> Outcome<Owned> {
        match self.cursor.number() {
            // SAFETY: it gives an owned reference, or null with an error.
            Ok(Number::Integer(value)) => unsafe { Owned::new(ffi::PyLong_FromLongLong(value)) },
            Ok(Number::Float(value)) => make_float(value),
            Ok(Number::LongInteger(digits)) => make_long(digits),
            Err(_) => self.word(),
        }
    }

    /// A value by the plan for it, or as it is written if there is none.
    #[inline]
    pub(super) fn item(&mut self, plan: Option<&Plan>) -> Outcome<Owned> {
        match plan {
            Some(plan) => self.planned(plan),
            None => self.any(),
        }
    }

    /// A list; each of its items is read by the plan.
    pub(super) fn array(&mut self, item: Option<&Plan>) -> Outcome<Owned> {
        let base = self.stack.len();
        self.items(|reader, _| reader.item(item))?;
        self.list_since(base)
    }

    /// Leaves the items of an array on the stack; the function reads one of them.
    pub(super) fn items(
        &mut self,
        mut read: impl FnMut(&mut Self, usize) -> Outcome<Owned>,
    ) -> Outcome<usize> {
        self.cursor.expect(b'[')?;
        if self.cursor.peek()? == b']' {
            self.cursor.advance();
            return Ok(0);
        }
        for index in 0.. {
            let item = read(self, index)?;
            self.stack.push(item);
            match self.cursor.peek()? {
                b',' => self.cursor.advance(),
                b']' => {
                    self.cursor.advance();
                    return Ok(index + 1);
                }
                _ => break,
            }
        }
        Err(Refused)
    }

    /// A new list of what is on the stack.
    pub(super) fn list_since(&mut self, base: usize) -> Outcome<Owned> {
        let items = self.stack.since(base);
        let count = items.len().cast_signed();
        // SAFETY: a new list has so many empty places, and takes the references over.
        let list = unsafe {
            let list = Owned::new(ffi::PyList_New(count))?;
            for (index, item) in (0..count).zip(items) {
                ffi::PyList_SET_ITEM(list.as_ptr(), index, *item);
            }
            list
        };
        self.stack.forget_since(base);
        Ok(list)
    }

    /// A dict; each of its values is read by the plan.
    pub(super) fn object(&mut self, item: Option<&Plan>) -> Outcome<Owned> {
        let base = self.stack.len();
        self.members(|reader| {
            let key = reader.key()?;
            reader.stack.push(key);
            let value = reader.item(item)?;
            reader.stack.push(value);
            Ok(())
        })?;
        self.dict_since(base)
    }

    /// Goes over an object. The function reads a member, beginning behind the quote of its key.
    pub(super) fn members(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Outcome<()>,
    ) -> Outcome<()> {
        self.cursor.expect(b'{')?;
        if self.cursor.peek()? == b'}' {
            self.cursor.advance();
            return Ok(());
        }
        loop {
            self.cursor.expect(b'"')?;
            read(self)?;
            match self.cursor.peek()? {
                b',' => self.cursor.advance(),
                b'}' => {
                    self.cursor.advance();
                    return Ok(());
                }
                _ => return Err(Refused),
            }
        }
    }

    /// A key and its colon.
    #[inline]
    pub(super) fn key(&mut self) -> Outcome<Owned> {
        let text = self.cursor.string(&mut self.scratch)?;
        let key = self.keys.make_key(text)?;
        self.cursor.expect(b':')?;
        Ok(key)
    }

    /// Gives the text of a key, and goes over its colon.
    #[inline]
    pub(super) fn with_key<T>(&mut self, use_text: impl FnOnce(Text<'_>) -> T) -> Outcome<T> {
        let used = use_text(self.cursor.string(&mut self.scratch)?);
        self.cursor.expect(b':')?;
        Ok(used)
    }

    /// A new dict of the keys and values on the stack. Of equal keys the last counts.
    pub(super) fn dict_since(&mut self, base: usize) -> Outcome<Owned> {
        // SAFETY: keys and values are valid; the dict takes references of its own.
        let dict = unsafe {
            let dict = Owned::new(ffi::PyDict_New())?;
            for pair in self.stack.since(base).chunks_exact(2) {
                if ffi::PyDict_SetItem(dict.as_ptr(), pair[0], pair[1]) != 0 {
                    return Err(Refused);
                }
            }
            dict
        };
        self.stack.drop_since(base);
        Ok(dict)
    }
}

enum Constant {
    Null,
    Bool(bool),
    Float(f64),
}

#[inline]
fn make_float(value: f64) -> Outcome<Owned> {
    // SAFETY: it gives an owned reference, or null with an error.
    unsafe { Owned::new(ffi::PyFloat_FromDouble(value)) }
}

#[cold]
fn make_long(digits: &str) -> Outcome<Owned> {
    let text = std::ffi::CString::new(digits).map_err(|_| Refused)?;
    // SAFETY: the text ends with zero; the result is an owned reference, or null with an error.
    unsafe {
        Owned::new(ffi::PyLong_FromString(
            text.as_ptr(),
            std::ptr::null_mut(),
            10,
        ))
    }
}
