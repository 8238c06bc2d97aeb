//! An activation as Python sees it.

mod initialize;
mod jobs;
mod resolutions;

use callboard_actors::workflow;
use prost_types::Timestamp;
use pyo3::{prelude::*, types::PyList};

use crate::{
    payload_groups::{self, Owner},
    raw_payload::Carried,
};
use callboard_actors::protos::deployment::v1::WorkerDeploymentVersion;

pub(crate) use jobs::{
    CancelJob, EvictJob, InitializeJob, PatchJob, QueryJob, SeedJob, SignalJob, TimerJob, UpdateJob,
};
pub(crate) use resolutions::{
    ActivityJob, ChildWorkflowJob, ChildWorkflowStartJob, ExternalCancelJob, ExternalSignalJob,
};

/// A batch of jobs for one run. The jobs can be taken once.
#[pyclass(module = "temporalio.bridge._callboard")]
pub(crate) struct Activation {
    inner: workflow::Activation,
}

impl From<workflow::Activation> for Activation {
    fn from(inner: workflow::Activation) -> Self {
        Self { inner }
    }
}

impl Activation {
    /// The activation itself; nothing of it is left here.
    pub(crate) fn take(&mut self) -> workflow::Activation {
        let run_id = self.inner.run_id.clone();
        let jobs = std::mem::take(&mut self.inner.jobs);
        workflow::Activation {
            run_id,
            jobs,
            ..self.inner.clone()
        }
    }
}

#[pymethods]
impl Activation {
    #[new]
    #[pyo3(signature = (*, run_id, jobs, timestamp_ns = 0, is_replaying = false, history_length = 0,
        history_size_bytes = 0, continue_as_new_suggested = false,
        target_worker_deployment_version_changed = false, available_internal_flags = vec![],
        deployment_version = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        run_id: String,
        jobs: Vec<Bound<'_, PyAny>>,
        timestamp_ns: i64,
        is_replaying: bool,
        history_length: u32,
        history_size_bytes: u64,
        continue_as_new_suggested: bool,
        target_worker_deployment_version_changed: bool,
        available_internal_flags: Vec<u32>,
        deployment_version: Option<(String, String)>,
    ) -> PyResult<Self> {
        let jobs = jobs
            .iter()
            .map(jobs::from_python)
            .collect::<PyResult<_>>()?;
        Ok(Self {
            inner: workflow::Activation {
                run_id: run_id.into(),
                timestamp: Some(to_timestamp(timestamp_ns)),
                is_replaying,
                history_length,
                history_size_bytes,
                continue_as_new_suggested,
                target_worker_deployment_version_changed,
                available_internal_flags,
                deployment_version_for_current_task: deployment_version.map(
                    |(deployment_name, build_id)| WorkerDeploymentVersion {
                        deployment_name,
                        build_id,
                    },
                ),
                jobs,
            },
        })
    }

    #[getter]
    fn run_id(&self) -> &str {
        &self.inner.run_id
    }

    /// Workflow time in nanoseconds since the epoch.
    #[getter]
    fn timestamp_ns(&self) -> i64 {
        to_nanoseconds(self.inner.timestamp.as_ref())
    }

    #[getter]
    fn is_replaying(&self) -> bool {
        self.inner.is_replaying
    }

    #[getter]
    fn history_length(&self) -> u32 {
        self.inner.history_length
    }

    #[getter]
    fn history_size_bytes(&self) -> u64 {
        self.inner.history_size_bytes
    }

    #[getter]
    fn continue_as_new_suggested(&self) -> bool {
        self.inner.continue_as_new_suggested
    }

    #[getter]
    fn target_worker_deployment_version_changed(&self) -> bool {
        self.inner.target_worker_deployment_version_changed
    }

    #[getter]
    fn available_internal_flags(&self) -> Vec<u32> {
        self.inner.available_internal_flags.clone()
    }

    /// Deployment name and build id, where the task has one.
    #[getter]
    fn deployment_version(&self) -> Option<(String, String)> {
        let version = self.inner.deployment_version_for_current_task.as_ref()?;
        Some((version.deployment_name.clone(), version.build_id.clone()))
    }

    /// The workflow's type and id, if the activation starts a run.
    #[getter]
    fn initialize(&self) -> Option<InitializeJob> {
        self.inner.jobs.iter().find_map(|job| match job {
            workflow::Job::Initialize(initialize) => Some((**initialize).clone().into()),
            _ => None,
        })
    }

    /// The jobs in the four sets in which they are applied, each in order. They leave the activation.
    fn take_batches<'py>(&mut self, py: Python<'py>) -> PyResult<[Bound<'py, PyList>; 4]> {
        let taken = std::mem::take(&mut self.inner.jobs);
        let batches = [(); 4].map(|()| PyList::empty(py));
        for job in taken {
            let batch = usize::from(jobs::batch_of(&job));
            batches[batch].append(jobs::to_python(py, job)?)?;
        }
        Ok(batches)
    }

    /// Whether there is nothing but updates.
    #[getter]
    fn only_updates(&self) -> bool {
        let mut jobs = self.inner.jobs.iter();
        jobs.all(|job| matches!(job, workflow::Job::DoUpdate { .. }))
    }

    /// The payloads that a codec has to see, in a fixed order, each group with kind and sequence
    /// number of what it comes from.
    fn payload_groups(&mut self, with_headers: bool) -> Vec<(Owner, Vec<Carried>)> {
        let mut groups = Vec::new();
        for job in &mut self.inner.jobs {
            payload_groups::visit_job(job, with_headers, &mut |owner, group| {
                groups.push((owner, group.wrapped()));
            });
        }
        groups
    }

    /// Puts decoded payloads in the place of those that `payload_groups` listed.
    fn replace_payloads(&mut self, groups: Vec<Vec<Carried>>, with_headers: bool) -> PyResult<()> {
        let jobs = &mut self.inner.jobs;
        payload_groups::replace(groups, |visit| {
            for job in jobs.iter_mut() {
                payload_groups::visit_job(job, with_headers, visit);
            }
        })
    }
}

pub(crate) fn to_timestamp(nanoseconds: i64) -> Timestamp {
    Timestamp {
        seconds: nanoseconds.div_euclid(1_000_000_000),
        nanos: nanoseconds.rem_euclid(1_000_000_000) as i32,
    }
}

pub(crate) fn to_nanoseconds(timestamp: Option<&Timestamp>) -> i64 {
    timestamp.map_or(0, |timestamp| {
        timestamp
            .seconds
            .saturating_mul(1_000_000_000)
            .saturating_add(i64::from(timestamp.nanos))
    })
}
