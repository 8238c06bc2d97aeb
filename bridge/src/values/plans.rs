//! The plans of hints, found by the identity of the hint.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use pyo3::{
    PyTraverseError, PyTypeInfo, PyVisit, intern,
    prelude::*,
    types::{PyFloat, PyInt, PyString, PyTuple, PyType},
};

use super::{class_plan::ClassPlan, known::Known, plan::Plan};

const MAXIMUM_RECENT: usize = 256;

/// Equality would not do to tell hints apart: `int | str == str | int`, but the order in which the
/// members of a union are tried makes a difference. A plan holds its hint, so that no other object
/// can have its address meanwhile.
#[derive(Default)]
pub(super) struct RecentPlans {
    plans: HashMap<usize, Arc<HintPlan>>,
    order: VecDeque<usize>,
}

pub(super) struct HintPlan {
    hint: Py<PyAny>,
    pub(super) plan: Plan,
}

impl RecentPlans {
    pub(super) fn get(&self, hint: &Bound<'_, PyAny>) -> Option<Arc<HintPlan>> {
        self.plans.get(&(hint.as_ptr() as usize)).cloned()
    }

    /// Remembers a plan; gives one that is forgotten for it, to be dropped where code may run.
    pub(super) fn remember(&mut self, plan: Arc<HintPlan>) -> Option<Arc<HintPlan>> {
        let address = plan.hint.as_ptr() as usize;
        if let Some(before) = self.plans.insert(address, plan) {
            return Some(before);
        }
        self.order.push_back(address);
        if self.order.len() <= MAXIMUM_RECENT {
            return None;
        }
        let oldest = self.order.pop_front()?;
        self.plans.remove(&oldest)
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.plans.values().try_for_each(|plan| {
            visit.call(&plan.hint)?;
            plan.plan.traverse(visit)
        })
    }
}

/// The plans of classes that are JSON's own.
pub(super) fn of_scalar(known: &Known, hint: &Bound<'_, PyAny>) -> Option<Plan> {
    let py = hint.py();
    if hint.is(PyInt::type_object(py)) {
        Some(Plan::Integer)
    } else if hint.is(PyString::type_object(py)) {
        Some(Plan::Text)
    } else if hint.is(&known.any) {
        Some(Plan::Any)
    } else if hint.is(PyFloat::type_object(py)) {
        Some(Plan::Float)
    } else {
        None
    }
}

/// The plan that a class carries; None for any other hint.
pub(super) fn of_class(known: &Known, hint: &Bound<'_, PyAny>) -> PyResult<Option<Plan>> {
    let py = hint.py();
    let Ok(class) = hint.cast::<PyType>() else {
        return Ok(None);
    };
    let Some(plan) = ClassPlan::of(known, class)? else {
        return Ok(None);
    };
    let transfer = intern!(py, "__temporal_transfer_type_converter");
    if class.getattr_opt(transfer)?.is_some() {
        return Ok(Some(Plan::Converter));
    }
    Ok(Some(Plan::Class(plan.unbind())))
}

/// Looks into a hint.
pub(super) fn make(known: &Known, hint: &Bound<'_, PyAny>) -> PyResult<Arc<HintPlan>> {
    let py = hint.py();
    let description = known
        .plans
        .bind(py)
        .call_method1(intern!(py, "describe_hint"), (hint,))?
        .cast_into::<PyTuple>()?;
    Ok(Arc::new(HintPlan {
        hint: hint.clone().unbind(),
        plan: Plan::from_description(known, &description)?,
    }))
}
