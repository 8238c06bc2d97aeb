//! The commands that a run has issued since it was last answered for.

mod children;
mod local_activities;
mod markers;
pub(crate) mod readable;
mod upserts;

use std::{collections::HashMap, time::Duration};

use callboard_actors::{
    protos::{
        common::v1::{Memo, Priority, RetryPolicy},
        enums::v1::VersioningBehavior,
        failure::v1::Failure,
    },
    workflow::{
        ActivationCommands, ActivityCancellationType, Command, ContinueAsNew, ScheduleActivity,
        UpdateResponse, VersioningIntent,
    },
};
use callboard_protos::temporal::api::sdk::v1::UserMetadata;
use pyo3::{
    PyTraverseError, PyVisit,
    exceptions::{PyRuntimeError, PyValueError},
    prelude::*,
    types::PyDict,
};

use crate::{
    lanes,
    payload_groups::{self, Owner},
    raw_payload::{self, Carried},
    wire::Wire,
};

#[pyclass(module = "temporalio.bridge._callboard")]
pub(crate) struct Commands {
    issued: Vec<Command>,
    used_flags: Vec<u32>,
    /// Called with what was attempted and whether the run is being evicted; it raises.
    refuse: Option<Py<PyAny>>,
    /// In a query or a validator, nothing may be issued.
    #[pyo3(get, set)]
    read_only: bool,
    /// While a run is torn down, nothing may be issued.
    #[pyo3(get, set)]
    evicting: bool,
    /// Stays for the life of the run, and goes with each answer.
    versioning_behavior: VersioningBehavior,
}

impl Commands {
    pub(crate) fn push(&mut self, command: Command) {
        self.issued.push(command);
    }

    pub(crate) fn is_evicting(&self) -> bool {
        self.evicting
    }

    /// Raises if the run may not act now.
    pub(crate) fn admit(&self, py: Python<'_>, action: &str) -> PyResult<()> {
        if self.evicting || self.read_only {
            return self.refuse(py, action);
        }
        Ok(())
    }

    /// Callbacks are how cancelled tasks end, so teardown may schedule them.
    pub(crate) fn admit_callback(&self, py: Python<'_>) -> PyResult<()> {
        if self.read_only {
            return self.refuse(py, "schedule task");
        }
        Ok(())
    }

    fn refuse(&self, py: Python<'_>, action: &str) -> PyResult<()> {
        if self.evicting {
            lanes::hold_if_written_off(py);
        }
        if let Some(refuse) = &self.refuse {
            refuse.call1(py, (action, self.evicting))?;
        }
        Err(PyRuntimeError::new_err(format!("cannot {action} now")))
    }

    pub(crate) fn issue(&mut self, py: Python<'_>, command: Command) -> PyResult<()> {
        self.admit(py, "add command")?;
        self.issued.push(command);
        Ok(())
    }

    /// Hands the commands over and starts anew.
    pub(crate) fn take(&mut self) -> ActivationCommands {
        ActivationCommands {
            commands: std::mem::take(&mut self.issued),
            used_internal_flags: std::mem::take(&mut self.used_flags),
            versioning_behavior: self.versioning_behavior,
        }
    }
}

#[pymethods]
impl Commands {
    #[new]
    fn new(refuse: Py<PyAny>) -> Self {
        Self {
            issued: Vec::new(),
            used_flags: Vec::new(),
            refuse: Some(refuse),
            read_only: false,
            evicting: false,
            versioning_behavior: VersioningBehavior::Unspecified,
        }
    }

    #[getter]
    fn versioning_behavior(&self) -> i32 {
        self.versioning_behavior as i32
    }

    #[setter]
    fn set_versioning_behavior(&mut self, number: i32) -> PyResult<()> {
        self.versioning_behavior = VersioningBehavior::try_from(number).map_err(|_| {
            PyValueError::new_err(format!(
                "versioning behavior must be 0, 1 or 2, got {number}"
            ))
        })?;
        Ok(())
    }

    /// Records that a language flag's behaviour was used.
    fn use_flag(&mut self, flag: u32) {
        if !self.used_flags.contains(&flag) {
            self.used_flags.push(flag);
        }
    }

    fn __len__(&self) -> usize {
        self.issued.len()
    }

    /// Whether the run ends with what was issued.
    fn has_terminal(&self) -> bool {
        self.issued.iter().any(|command| {
            matches!(
                command,
                Command::CompleteWorkflow { .. }
                    | Command::FailWorkflow { .. }
                    | Command::CancelWorkflow
                    | Command::ContinueAsNew(_)
            )
        })
    }

    #[pyo3(signature = (*, sequence, activity_id, activity_type, task_queue, headers, arguments,
        schedule_to_close_timeout, schedule_to_start_timeout, start_to_close_timeout,
        heartbeat_timeout, retry_policy, cancellation_type, do_not_eagerly_execute,
        versioning_intent, priority, summary))]
    #[allow(clippy::too_many_arguments)]
    fn schedule_activity(
        &mut self,
        py: Python<'_>,
        sequence: u32,
        activity_id: String,
        activity_type: String,
        task_queue: String,
        headers: HashMap<String, Carried>,
        arguments: Vec<Carried>,
        schedule_to_close_timeout: Option<Duration>,
        schedule_to_start_timeout: Option<Duration>,
        start_to_close_timeout: Option<Duration>,
        heartbeat_timeout: Option<Duration>,
        retry_policy: Option<Wire<RetryPolicy>>,
        cancellation_type: i32,
        do_not_eagerly_execute: bool,
        versioning_intent: i32,
        priority: Option<Wire<Priority>>,
        summary: Option<Carried>,
    ) -> PyResult<()> {
        let activity = ScheduleActivity {
            sequence,
            activity_id,
            activity_type,
            task_queue,
            headers: raw_payload::unwrap_values(headers),
            arguments: raw_payload::unwrap(arguments),
            schedule_to_close_timeout,
            schedule_to_start_timeout,
            start_to_close_timeout,
            heartbeat_timeout,
            retry_policy: retry_policy.map(|policy| policy.0),
            cancellation_type: to_cancellation_type(cancellation_type)?,
            do_not_eagerly_execute,
            versioning_intent: to_versioning_intent(versioning_intent)?,
            priority: priority.map(|priority| priority.0),
            user_metadata: to_metadata(summary, None),
        };
        self.issue(py, Command::ScheduleActivity(Box::new(activity)))
    }

    fn complete_workflow(&mut self, py: Python<'_>, result: Carried) -> PyResult<()> {
        let result = Some(result.0);
        self.issue(py, Command::CompleteWorkflow { result })
    }

    fn fail_workflow(&mut self, py: Python<'_>, failure: Wire<Failure>) -> PyResult<()> {
        let failure = Box::new(failure.0);
        self.issue(py, Command::FailWorkflow { failure })
    }

    fn cancel_workflow(&mut self, py: Python<'_>) -> PyResult<()> {
        self.issue(py, Command::CancelWorkflow)
    }

    #[pyo3(signature = (*, workflow_type, task_queue, arguments, run_timeout, task_timeout,
        backoff_start_interval, memo, headers, search_attributes, retry_policy, versioning_intent,
        initial_versioning_behavior))]
    #[allow(clippy::too_many_arguments)]
    fn continue_as_new(
        &mut self,
        py: Python<'_>,
        workflow_type: String,
        task_queue: String,
        arguments: Vec<Carried>,
        run_timeout: Option<Duration>,
        task_timeout: Option<Duration>,
        backoff_start_interval: Option<Duration>,
        memo: Option<HashMap<String, Carried>>,
        headers: HashMap<String, Carried>,
        search_attributes: Option<HashMap<String, Carried>>,
        retry_policy: Option<Wire<RetryPolicy>>,
        versioning_intent: i32,
        initial_versioning_behavior: i32,
    ) -> PyResult<()> {
        let next = ContinueAsNew {
            workflow_type,
            task_queue,
            arguments: raw_payload::unwrap(arguments),
            workflow_run_timeout: run_timeout,
            workflow_task_timeout: task_timeout,
            backoff_start_interval,
            memo: memo.map(|memo| Memo {
                fields: raw_payload::unwrap_values(memo),
            }),
            headers: raw_payload::unwrap_values(headers),
            search_attributes: search_attributes.map(children::to_search_attributes),
            retry_policy: retry_policy.map(|policy| policy.0),
            versioning_intent: to_versioning_intent(versioning_intent)?,
            initial_versioning_behavior,
        };
        self.issue(py, Command::ContinueAsNew(Box::new(next)))
    }

    fn answer_query(&mut self, py: Python<'_>, query_id: String, result: Carried) -> PyResult<()> {
        let result = Ok(Some(result.0));
        self.issue(py, Command::RespondToQuery { query_id, result })
    }

    fn fail_query(
        &mut self,
        py: Python<'_>,
        query_id: String,
        failure: Wire<Failure>,
    ) -> PyResult<()> {
        let result = Err(Box::new(failure.0));
        self.issue(py, Command::RespondToQuery { query_id, result })
    }

    fn accept_update(&mut self, py: Python<'_>, protocol_instance_id: String) -> PyResult<()> {
        self.respond(py, protocol_instance_id, UpdateResponse::Accepted)
    }

    fn reject_update(
        &mut self,
        py: Python<'_>,
        protocol_instance_id: String,
        failure: Wire<Failure>,
    ) -> PyResult<()> {
        let response = UpdateResponse::Rejected(Box::new(failure.0));
        self.respond(py, protocol_instance_id, response)
    }

    fn complete_update(
        &mut self,
        py: Python<'_>,
        protocol_instance_id: String,
        result: Carried,
    ) -> PyResult<()> {
        let response = UpdateResponse::Completed(Some(result.0));
        self.respond(py, protocol_instance_id, response)
    }

    fn fail_update(
        &mut self,
        py: Python<'_>,
        protocol_instance_id: String,
        failure: Wire<Failure>,
    ) -> PyResult<()> {
        let response = UpdateResponse::Failed(Box::new(failure.0));
        self.respond(py, protocol_instance_id, response)
    }

    /// The payloads that a codec has to see, in a fixed order, each group with kind and sequence
    /// number of what it goes to.
    fn payload_groups(&mut self, with_headers: bool) -> Vec<(Owner, Vec<Carried>)> {
        let mut groups = Vec::new();
        for command in &mut self.issued {
            payload_groups::visit_command(command, with_headers, &mut |owner, group| {
                groups.push((owner, group.wrapped()));
            });
        }
        groups
    }

    /// Puts encoded payloads in the place of those that `payload_groups` listed.
    fn replace_payloads(&mut self, groups: Vec<Vec<Carried>>, with_headers: bool) -> PyResult<()> {
        let issued = &mut self.issued;
        payload_groups::replace(groups, |visit| {
            for command in issued.iter_mut() {
                payload_groups::visit_command(command, with_headers, visit);
            }
        })
    }

    /// The commands as dictionaries, and forgets them. For tests and for a person who looks.
    fn take_readable<'py>(&mut self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let taken = self.take();
        taken
            .commands
            .into_iter()
            .map(|command| readable::command(py, command))
            .collect()
    }

    /// The flags used since the commands were last taken.
    fn flags(&self) -> Vec<u32> {
        self.used_flags.clone()
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.refuse)
    }

    fn __clear__(&mut self) {
        self.refuse = None;
    }
}

impl Commands {
    pub(crate) fn request_cancel_of_activity(
        &mut self,
        py: Python<'_>,
        sequence: u32,
        is_local: bool,
    ) -> PyResult<()> {
        let request = if is_local {
            Command::RequestCancelLocalActivity { sequence }
        } else {
            Command::RequestCancelActivity { sequence }
        };
        self.issue(py, request)
    }

    fn respond(
        &mut self,
        py: Python<'_>,
        protocol_instance_id: String,
        response: UpdateResponse,
    ) -> PyResult<()> {
        self.issue(
            py,
            Command::RespondToUpdate {
                protocol_instance_id,
                response,
            },
        )
    }
}

/// What people read beside a command, if there is any.
pub(crate) fn to_metadata(
    summary: Option<Carried>,
    details: Option<Carried>,
) -> Option<UserMetadata> {
    (summary.is_some() || details.is_some()).then(|| UserMetadata {
        summary: summary.map(|summary| summary.0),
        details: details.map(|details| details.0),
    })
}

pub(crate) fn to_cancellation_type(number: i32) -> PyResult<ActivityCancellationType> {
    match number {
        0 => Ok(ActivityCancellationType::TryCancel),
        1 => Ok(ActivityCancellationType::WaitCancellationCompleted),
        2 => Ok(ActivityCancellationType::Abandon),
        _ => Err(PyValueError::new_err(format!(
            "activity cancellation type must be 0, 1 or 2, got {number}"
        ))),
    }
}

pub(crate) fn to_versioning_intent(number: i32) -> PyResult<VersioningIntent> {
    match number {
        0 => Ok(VersioningIntent::Unspecified),
        1 => Ok(VersioningIntent::Compatible),
        2 => Ok(VersioningIntent::Default),
        _ => Err(PyValueError::new_err(format!(
            "versioning intent must be 0, 1 or 2, got {number}"
        ))),
    }
}
