//! What is to be made of a JSON text where a type is expected. A plan is made once a hint.

use pyo3::{
    PyTraverseError, PyVisit,
    exceptions::PyValueError,
    prelude::*,
    types::{PyDict, PyString, PyTuple, PyType},
};

use super::{class_plan::ClassPlan, known::Known};

pub(super) enum Plan {
    /// Whatever is there.
    Any,
    Bool,
    Integer,
    Float,
    Text,
    Nothing,
    Bytes,
    Time,
    Uuid,
    /// One of these values.
    Literal(Py<PyTuple>),
    Optional(Box<Plan>),
    /// Each with the kinds of tokens that it may take: of all others, it is sure to fail.
    Union(Vec<(Kinds, Plan)>),
    Iterable(Container, Option<Box<Plan>>),
    /// At most one item for each plan.
    FixedTuple(Vec<Plan>),
    Mapping(Key, Option<Box<Plan>>),
    Class(Py<ClassPlan>),
    /// The members of an enum by their values.
    Enum(Mixin, Py<PyDict>),
    /// The reader of the Python converter for this hint, given what JSON has.
    Reader(Py<PyAny>),
    /// The whole payload is for the Python converter.
    Converter,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mixin {
    Integer,
    Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    List,
    Tuple,
    Set,
    FrozenSet,
    Deque,
}

/// How keys, which JSON has as strings, are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Text,
    Integer,
}

/// A set of the kinds of tokens with which a value begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Kinds {
    const NULL: u8 = 1;
    const BOOL: u8 = 2;
    const NUMBER: u8 = 4;
    const TEXT: u8 = 8;
    const ARRAY: u8 = 16;
    const OBJECT: u8 = 32;
    const ALL: u8 = 63;

    /// Whether a value that begins with this byte is of one of the kinds.
    pub(super) fn have(self, first: u8) -> bool {
        let kind = match first {
            b'n' => Self::NULL,
            b't' | b'f' => Self::BOOL,
            b'"' => Self::TEXT,
            b'[' => Self::ARRAY,
            b'{' => Self::OBJECT,
            _ => Self::NUMBER,
        };
        self.0 & kind != 0
    }
}

impl Plan {
    /// Reads a plan as `_native_plans.py` describes it: the name of its kind, and what it needs.
    pub(super) fn from_description(
        known: &Known,
        description: &Bound<'_, PyTuple>,
    ) -> PyResult<Self> {
        let name = description.get_item(0)?.cast_into::<PyString>()?;
        let inner = |index| -> PyResult<Self> {
            Self::from_description(known, description.get_item(index)?.cast::<PyTuple>()?)
        };
        Ok(match name.to_str()? {
            "any" => Self::Any,
            "bool" => Self::Bool,
            "int" => Self::Integer,
            "float" => Self::Float,
            "str" => Self::Text,
            "none" => Self::Nothing,
            "bytes" => Self::Bytes,
            "datetime" => Self::Time,
            "uuid" => Self::Uuid,
            "literal" => Self::Literal(description.get_item(1)?.cast_into()?.unbind()),
            "optional" => Self::Optional(Box::new(inner(1)?)),
            "union" => {
                let members = (1..description.len()).map(inner);
                let members = members.map(|plan| plan.map(|plan| (plan.kinds(), plan)));
                Self::Union(members.collect::<PyResult<_>>()?)
            }
            "fixed" => {
                Self::FixedTuple((1..description.len()).map(inner).collect::<PyResult<_>>()?)
            }
            "int_keys" => Self::Mapping(Key::Integer, inner_of(inner(1)?)),
            "str_keys" => Self::Mapping(Key::Text, inner_of(inner(1)?)),
            "class" => {
                let class = description.get_item(1)?.cast_into::<PyType>()?;
                let plan = ClassPlan::of(known, &class)?.ok_or_else(|| {
                    PyValueError::new_err(format!("expected a class that carries a plan: {class}"))
                })?;
                Self::Class(plan.unbind())
            }
            "int_enum" => Self::Enum(
                Mixin::Integer,
                description.get_item(1)?.cast_into()?.unbind(),
            ),
            "str_enum" => Self::Enum(Mixin::Text, description.get_item(1)?.cast_into()?.unbind()),
            "reader" => Self::Reader(description.get_item(1)?.unbind()),
            "converter" => Self::Converter,
            container => Self::Iterable(Container::from_name(container)?, inner_of(inner(1)?)),
        })
    }

    /// The kinds of tokens that it may take.
    fn kinds(&self) -> Kinds {
        Kinds(match self {
            Self::Any | Self::Literal(_) | Self::Reader(_) | Self::Converter => Kinds::ALL,
            Self::Bool => Kinds::BOOL,
            Self::Integer | Self::Float | Self::Enum(Mixin::Integer, _) => {
                Kinds::BOOL | Kinds::NUMBER
            }
            Self::Text | Self::Time | Self::Uuid | Self::Enum(Mixin::Text, _) => Kinds::TEXT,
            Self::Nothing => Kinds::NULL,
            Self::Bytes => Kinds::ARRAY,
            Self::Optional(inner) => inner.kinds().0 | Kinds::NULL,
            Self::Union(members) => members.iter().fold(0, |all, (kinds, _)| all | kinds.0),
            // Strings and dicts can be iterated over as well.
            Self::Iterable(..) | Self::FixedTuple(_) => Kinds::ARRAY | Kinds::TEXT | Kinds::OBJECT,
            Self::Mapping(..) | Self::Class(_) => Kinds::OBJECT,
        })
    }

    /// Whether all that it does is done by the interpreter itself.
    pub(super) fn runs_no_user_code(&self) -> bool {
        match self {
            Self::Any | Self::Bool | Self::Integer | Self::Float | Self::Text | Self::Nothing => {
                true
            }
            Self::Optional(inner) => inner.runs_no_user_code(),
            Self::Iterable(Container::List | Container::Tuple, inner) | Self::Mapping(_, inner) => {
                inner.as_ref().is_none_or(|inner| inner.runs_no_user_code())
            }
            _ => false,
        }
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self {
            Self::Literal(values) => visit.call(values),
            Self::Optional(inner) => inner.traverse(visit),
            Self::Union(members) => members
                .iter()
                .try_for_each(|(_, plan)| plan.traverse(visit)),
            Self::Iterable(_, inner) | Self::Mapping(_, inner) => {
                inner.iter().try_for_each(|plan| plan.traverse(visit))
            }
            Self::FixedTuple(items) => items.iter().try_for_each(|plan| plan.traverse(visit)),
            Self::Class(plan) => visit.call(plan),
            Self::Enum(_, members) => visit.call(members),
            Self::Reader(reader) => visit.call(reader),
            _ => Ok(()),
        }
    }
}

/// Nothing has to be done for items that may be anything.
fn inner_of(plan: Plan) -> Option<Box<Plan>> {
    (!matches!(plan, Plan::Any)).then(|| Box::new(plan))
}

impl Container {
    fn from_name(name: &str) -> PyResult<Self> {
        Ok(match name {
            "list" => Self::List,
            "tuple" => Self::Tuple,
            "set" => Self::Set,
            "frozenset" => Self::FrozenSet,
            "deque" => Self::Deque,
            _ => {
                return Err(PyValueError::new_err(format!(
                    "unknown kind of plan: {name}"
                )));
            }
        })
    }
}
