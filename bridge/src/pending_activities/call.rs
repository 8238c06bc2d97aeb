//! What a call of `start_activity` asks for, as a command.

use std::time::Duration;

use callboard_actors::{
    protos::common::v1::{Priority, RetryPolicy},
    workflow::ScheduleActivity,
};
use pyo3::{
    exceptions::PyValueError,
    intern,
    prelude::*,
    types::{PyDelta, PyFunction, PyString, PyTuple},
};

use super::pending::Described;
use crate::{
    commands::{to_cancellation_type, to_metadata, to_versioning_intent},
    raw_payload::Carried,
    values::Values,
    wire::Wire,
};

/// What holds for all activities of a run.
pub(super) struct Known {
    pub(super) task_queue: String,
    pub(super) disable_eager_execution: bool,
    pub(super) unset_argument: Py<PyAny>,
    pub(super) default_priority: Py<PyAny>,
}

/// The parameters in the order in which `start_activity` hands them over.
pub(super) struct Call<'py> {
    name: Bound<'py, PyAny>,
    hint: Option<Bound<'py, PyAny>>,
    arguments: Bound<'py, PyAny>,
    options: Bound<'py, PyTuple>,
}

// Places of the options, behind activity, argument and arguments.
const TASK_QUEUE: usize = 3;
const RESULT_TYPE: usize = 4;
const SCHEDULE_TO_CLOSE: usize = 5;
const SCHEDULE_TO_START: usize = 6;
const START_TO_CLOSE: usize = 7;
const HEARTBEAT: usize = 8;
const RETRY_POLICY: usize = 9;
const CANCELLATION_TYPE: usize = 10;
const ACTIVITY_ID: usize = 11;
const VERSIONING_INTENT: usize = 12;
const SUMMARY: usize = 13;
const PRIORITY: usize = 14;

impl<'py> Call<'py> {
    pub(super) fn read(known: &Known, options: &Bound<'py, PyTuple>) -> PyResult<Self> {
        let arguments = arguments(known, &options.get_item(1)?, options.get_item(2)?)?;
        let (name, hint) = describe(&options.get_item(0)?, options.get_item(RESULT_TYPE)?)?;
        let hint = if hint.is_truthy()? { Some(hint) } else { None };
        Ok(Self {
            name,
            hint,
            arguments,
            options: options.clone(),
        })
    }

    pub(super) fn demand_timeout(&self) -> PyResult<()> {
        let bounds = [START_TO_CLOSE, SCHEDULE_TO_CLOSE];
        for bound in bounds {
            if self.option(bound)?.is_some() {
                return Ok(());
            }
        }
        Err(PyValueError::new_err(
            "Activity must have start_to_close_timeout or schedule_to_close_timeout",
        ))
    }

    pub(super) fn hint(&self) -> Option<Py<PyAny>> {
        self.hint.as_ref().map(|hint| hint.clone().unbind())
    }

    pub(super) fn described(&self) -> Described {
        let given = |place: usize| {
            let value = self.options.get_item(place).ok();
            value.filter(|value| !value.is_none()).map(Bound::unbind)
        };
        Described {
            activity_type: Some(self.name.clone().unbind()),
            activity_id: given(ACTIVITY_ID),
            task_queue: given(TASK_QUEUE),
        }
    }

    pub(super) fn to_command(
        &self,
        known: &Known,
        values: &Values,
        sequence: u32,
    ) -> PyResult<ScheduleActivity> {
        let arguments = values.encode_all(&self.arguments)?;
        let retry_policy = self.retry_policy()?;
        let priority = self.priority(known)?;
        let summary = self.option(SUMMARY)?;
        let summary = summary.map(|summary| values.encode(&summary)).transpose()?;
        let intent = match self.given(VERSIONING_INTENT)? {
            None => 0,
            Some(intent) => intent.getattr(intern!(intent.py(), "value"))?.extract()?,
        };
        let cancellation_type = self.options.get_item(CANCELLATION_TYPE)?.extract()?;
        let activity_id = self.text(ACTIVITY_ID)?;
        let task_queue = self.text(TASK_QUEUE)?;
        Ok(ScheduleActivity {
            sequence,
            activity_id: activity_id.unwrap_or_else(|| sequence.to_string()),
            activity_type: self.name.extract()?,
            task_queue: task_queue.unwrap_or_else(|| known.task_queue.clone()),
            headers: Default::default(),
            arguments,
            schedule_to_close_timeout: self.duration(SCHEDULE_TO_CLOSE)?,
            schedule_to_start_timeout: self.duration(SCHEDULE_TO_START)?,
            start_to_close_timeout: self.duration(START_TO_CLOSE)?,
            heartbeat_timeout: self.duration(HEARTBEAT)?,
            retry_policy,
            cancellation_type: to_cancellation_type(cancellation_type)?,
            do_not_eagerly_execute: known.disable_eager_execution,
            versioning_intent: to_versioning_intent(intent)?,
            priority,
            user_metadata: to_metadata(summary.map(Carried), None),
        })
    }

    /// An option that is not None.
    fn given(&self, place: usize) -> PyResult<Option<Bound<'py, PyAny>>> {
        let value = self.options.get_item(place)?;
        Ok(Some(value).filter(|value| !value.is_none()))
    }

    /// An option that counts as true.
    fn option(&self, place: usize) -> PyResult<Option<Bound<'py, PyAny>>> {
        match self.given(place)? {
            Some(value) if value.is_truthy()? => Ok(Some(value)),
            _ => Ok(None),
        }
    }

    fn text(&self, place: usize) -> PyResult<Option<String>> {
        self.option(place)?.map(|value| value.extract()).transpose()
    }

    fn duration(&self, place: usize) -> PyResult<Option<Duration>> {
        self.option(place)?
            .map(|value| value.cast_into::<PyDelta>()?.extract())
            .transpose()
    }

    fn retry_policy(&self) -> PyResult<Option<RetryPolicy>> {
        let Some(policy) = self.given(RETRY_POLICY)? else {
            return Ok(None);
        };
        let py = policy.py();
        let serialized = py
            .import(intern!(py, "temporalio.worker._workflow_activities"))?
            .call_method1(intern!(py, "serialized_retry_policy"), (policy,))?;
        let policy: Wire<RetryPolicy> = serialized.extract()?;
        Ok(Some(policy.0))
    }

    fn priority(&self, known: &Known) -> PyResult<Option<Priority>> {
        let Some(priority) = self.option(PRIORITY)? else {
            return Ok(None);
        };
        let py = priority.py();
        if priority.is(&known.default_priority) {
            return Ok(Some(Priority::default()));
        }
        let message = priority.call_method0(intern!(py, "_to_proto"))?;
        let serialized = message.call_method0(intern!(py, "SerializeToString"))?;
        let priority: Wire<Priority> = serialized.extract()?;
        Ok(Some(priority.0))
    }
}

/// The arguments, which are given as one or as a list.
fn arguments<'py>(
    known: &Known,
    one: &Bound<'py, PyAny>,
    several: Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = one.py();
    if one.is(&known.unset_argument) {
        return Ok(several);
    }
    if several.is_truthy()? {
        // It says what is wrong with that.
        return py
            .import(intern!(py, "temporalio.common"))?
            .call_method1(intern!(py, "_arg_or_args"), (one, several));
    }
    Ok(PyTuple::new(py, [one])?.into_any())
}

/// Name and result type of an activity given by name or function.
fn describe<'py>(
    activity: &Bound<'py, PyAny>,
    result_type: Bound<'py, PyAny>,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    let py = activity.py();
    if activity.is_exact_instance_of::<PyString>() {
        return Ok((activity.clone(), result_type));
    }
    if activity.is_exact_instance_of::<PyFunction>()
        && let Some(definition) =
            activity.getattr_opt(intern!(py, "__temporal_activity_definition"))?
    {
        let name = definition.getattr(intern!(py, "name"))?;
        if name.is_truthy()? {
            return Ok((name, definition.getattr(intern!(py, "ret_type"))?));
        }
    }
    let described = py
        .import(intern!(py, "temporalio.worker._workflow_calls"))?
        .call_method1(intern!(py, "describe_activity"), (activity, result_type))?;
    Ok((described.get_item(0)?, described.get_item(2)?))
}
