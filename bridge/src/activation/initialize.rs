//! The start of a run as Python sees it.

use std::{collections::HashMap, time::Duration};

use callboard_actors::{
    protos::{
        common::v1::{Payloads, Priority, RetryPolicy},
        failure::v1::Failure,
        history::v1::WorkflowExecutionStartedEventAttributes,
    },
    workflow::Initialize,
};
use pyo3::{
    intern,
    prelude::*,
    types::{PyDict, PyString},
};

use super::{to_nanoseconds, to_timestamp};
use crate::{
    raw_payload::{self, Carried},
    wire::Wire,
};

#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct InitializeJob {
    inner: Initialize,
}

impl InitializeJob {
    pub(super) fn wrapping(inner: Initialize) -> Self {
        Self { inner }
    }

    pub(super) fn inner(&self) -> &Initialize {
        &self.inner
    }
}

#[pymethods]
impl InitializeJob {
    /// `started` is the run's first event, a serialized `WorkflowExecutionStartedEventAttributes`.
    #[new]
    fn new(
        workflow_id: String,
        randomness_seed: u64,
        start_time_ns: i64,
        started: Wire<WorkflowExecutionStartedEventAttributes>,
    ) -> Self {
        Self {
            inner: Initialize {
                workflow_id,
                randomness_seed,
                start_time: Some(to_timestamp(start_time_ns)),
                started: started.0,
            },
        }
    }

    #[getter]
    fn workflow_id(&self) -> &str {
        &self.inner.workflow_id
    }

    #[getter]
    fn workflow_type(&self) -> &str {
        let workflow_type = self.inner.started.workflow_type.as_ref();
        workflow_type.map_or("", |workflow_type| &workflow_type.name)
    }

    #[getter]
    fn randomness_seed(&self) -> u64 {
        self.inner.randomness_seed
    }

    /// Time of the first history event, in nanoseconds since the epoch.
    #[getter]
    fn start_time_ns(&self) -> i64 {
        to_nanoseconds(self.inner.start_time.as_ref())
    }

    #[getter]
    fn arguments(&self) -> Vec<Carried> {
        to_list(self.inner.started.input.as_ref())
    }

    #[getter]
    fn headers(&self) -> HashMap<String, Carried> {
        let header = self.inner.started.header.as_ref();
        header.map_or_else(HashMap::new, |header| {
            raw_payload::wrap_values(header.fields.clone())
        })
    }

    /// Namespace, workflow id and run id of the parent.
    #[getter]
    fn parent(&self) -> Option<(String, String, String)> {
        let started = &self.inner.started;
        let parent = started.parent_workflow_execution.as_ref()?;
        Some((
            started.parent_workflow_namespace.clone(),
            parent.workflow_id.clone(),
            parent.run_id.clone(),
        ))
    }

    /// Workflow id and run id of the root.
    #[getter]
    fn root(&self) -> Option<(String, String)> {
        let root = self.inner.started.root_workflow_execution.as_ref()?;
        Some((root.workflow_id.clone(), root.run_id.clone()))
    }

    #[getter]
    fn memo(&self) -> HashMap<String, Carried> {
        let memo = self.inner.started.memo.as_ref();
        memo.map_or_else(HashMap::new, |memo| {
            raw_payload::wrap_values(memo.fields.clone())
        })
    }

    #[getter]
    fn search_attributes(&self) -> HashMap<String, Carried> {
        let attributes = self.inner.started.search_attributes.as_ref();
        attributes.map_or_else(HashMap::new, |attributes| {
            raw_payload::wrap_values(attributes.indexed_fields.clone())
        })
    }

    #[getter]
    fn retry_policy(&self) -> Option<Wire<RetryPolicy>> {
        self.inner.started.retry_policy.clone().map(Wire)
    }

    #[getter]
    fn priority(&self) -> Option<Wire<Priority>> {
        self.inner.started.priority.clone().map(Wire)
    }

    /// The fields of a run's info by name, and whether those are left to be set that few runs have:
    /// headers, memo, search attributes, parent, root, retry policy, priority.
    ///
    /// Made in one piece, since this is done for each run.
    fn info_fields<'py>(
        &self,
        py: Python<'py>,
        run_id: &Bound<'py, PyString>,
        namespace: &Bound<'py, PyString>,
        task_queue: &Bound<'py, PyString>,
    ) -> PyResult<(Bound<'py, PyDict>, bool)> {
        let started = &self.inner.started;
        let original_run_id = match &*started.original_execution_run_id {
            "" => run_id.clone(),
            given => PyString::new(py, given),
        };
        let fields = PyDict::new(py);
        macro_rules! set {
            ($($name:ident: $value:expr),* $(,)?) => {
                $(fields.set_item(intern!(py, stringify!($name)), $value)?;)*
            };
        }
        set! {
            attempt: started.attempt,
            continued_run_id: unless_empty(&started.continued_execution_run_id),
            cron_schedule: unless_empty(&started.cron_schedule),
            execution_timeout: to_duration(started.workflow_execution_timeout.as_ref()),
            first_execution_run_id: &*started.first_execution_run_id,
            headers: PyDict::new(py),
            namespace: namespace,
            original_execution_run_id: original_run_id,
            parent: py.None(),
            root: py.None(),
            raw_memo: PyDict::new(py),
            retry_policy: py.None(),
            run_id: run_id,
            run_timeout: to_duration(started.workflow_run_timeout.as_ref()),
            search_attributes: PyDict::new(py),
            task_queue: task_queue,
            task_timeout: to_duration(started.workflow_task_timeout.as_ref()).unwrap_or_default(),
            workflow_id: &*self.inner.workflow_id,
            workflow_type: self.workflow_type(),
        }
        Ok((fields, self.has_more_info()))
    }

    #[getter]
    fn last_completion_result(&self) -> Vec<Carried> {
        to_list(self.inner.started.last_completion_result.as_ref())
    }

    #[getter]
    fn last_failure(&self) -> Option<Wire<Failure>> {
        self.inner.started.continued_failure.clone().map(Wire)
    }
}

impl InitializeJob {
    fn has_more_info(&self) -> bool {
        let started = &self.inner.started;
        let is_given = |fields: Option<&HashMap<_, _>>| fields.is_some_and(|all| !all.is_empty());
        is_given(started.header.as_ref().map(|header| &header.fields))
            || is_given(started.memo.as_ref().map(|memo| &memo.fields))
            || is_given(
                started
                    .search_attributes
                    .as_ref()
                    .map(|attributes| &attributes.indexed_fields),
            )
            || started.parent_workflow_execution.is_some()
            || started.root_workflow_execution.is_some()
            || started.retry_policy.is_some()
            || started
                .priority
                .as_ref()
                .is_some_and(|priority| *priority != Priority::default())
    }
}

fn unless_empty(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn to_list(payloads: Option<&Payloads>) -> Vec<Carried> {
    payloads.map_or_else(Vec::new, |payloads| {
        raw_payload::wrap(payloads.payloads.clone())
    })
}

/// A duration that is negative or out of range counts as none.
fn to_duration(duration: Option<&prost_types::Duration>) -> Option<Duration> {
    duration.and_then(|duration| Duration::try_from(*duration).ok())
}
