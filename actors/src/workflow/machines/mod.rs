//! The state machines of one run, and what routes events and commands to them.

mod activity;
mod activity_command;
mod child_command;
mod child_facts;
mod child_workflow;
mod events;
mod external_cancel;
mod external_signal;
mod issuing;
mod local_activity;
mod local_activity_marker;
mod local_work;
mod numbers;
mod other_workflows;
mod patches;
mod recorded_outcomes;
mod sequence;
#[cfg(test)]
mod tests;
mod timer;
mod update;
mod upserts;
mod workflow;

use std::{mem, sync::Arc, time::Duration};

use prost_types::Timestamp;

use crate::protos::{
    common::v1::{Payload, Payloads},
    deployment::v1::WorkerDeploymentVersion,
    failure::v1::Failure,
};

use super::{
    activation::{Activation, Job, RunId},
    command::VersioningIntent,
    commands::CommandQueue,
    exchange::{LocalActivityEnded, RunConfig, RunSettings},
    failure::TaskError,
    flags::Flags,
    history::Applied,
};

pub(crate) use events::comes_from_a_command;
use events::length_up_to;
pub(crate) use local_activity::{
    TIMED_OUT as LOCAL_ACTIVITY_TIMED_OUT, cancelled as local_activity_cancelled,
};
pub(crate) use local_activity_marker::recorded_outcome;
pub(super) use update::{read_request, sequencing_event_id};

use activity::Activities;
use child_workflow::Children;
use external_cancel::ExternalCancels;
use external_signal::ExternalSignals;
use local_activity::LocalActivities;
use patches::Patches;
use recorded_outcomes::RecordedOutcomes;
use timer::Timers;
use update::{UpdateRequest, Updates};
use workflow::Workflow;

/// What a workflow task's started event says, shown with each activation of the task.
#[derive(Debug, Default)]
struct TaskFacts {
    /// Workflow time: it never goes back.
    time: Option<Timestamp>,
    history_length: u32,
    history_size_bytes: u64,
    continue_as_new_suggested: bool,
    target_worker_deployment_version_changed: bool,
    deployment_version: Option<WorkerDeploymentVersion>,
}

/// How the sequence that is being applied stands to the present.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moment {
    /// The sequence's started event.
    pub(super) end: i64,
    pub(super) is_last: bool,
    /// Workflow code has done this before.
    pub(super) replaying: bool,
}

/// All that a run knows of its workflow.
#[derive(Debug)]
pub(super) struct Machines {
    run_id: RunId,
    pub(super) workflow_id: String,
    settings: Arc<RunSettings>,
    pub(super) flags: Flags,
    pub(super) commands: CommandQueue,
    workflow: Workflow,
    timers: Timers,
    activities: Activities,
    local: LocalActivities,
    recorded: RecordedOutcomes,
    /// Outcomes of local activities that workflow code has not heard.
    arrived: Vec<LocalActivityEnded>,
    patches: Patches,
    children: Children,
    external_signals: ExternalSignals,
    external_cancels: ExternalCancels,
    updates: Updates,
    /// Update requests that wait for their place among the events, in that order.
    waiting_updates: Vec<UpdateRequest>,
    facts: TaskFacts,
    moment: Moment,
    /// For the next activation.
    jobs: Vec<Job>,
    /// What commands brought about at once, for another activation of the same task.
    follow_ups: Vec<Job>,
    applied: Applied,
    /// The last event before the task that was started last was scheduled.
    before_scheduled: Applied,
}

impl Machines {
    pub(super) fn new(config: &RunConfig) -> Self {
        Self {
            run_id: config.run_id.clone(),
            workflow_id: String::new(),
            settings: config.settings.clone(),
            flags: Flags::default(),
            commands: CommandQueue::default(),
            workflow: Workflow::default(),
            timers: Timers::default(),
            activities: Activities::default(),
            local: LocalActivities::default(),
            recorded: RecordedOutcomes::default(),
            arrived: Vec::new(),
            patches: Patches::default(),
            children: Children::default(),
            external_signals: ExternalSignals::default(),
            external_cancels: ExternalCancels::default(),
            updates: Updates::default(),
            waiting_updates: Vec::new(),
            facts: TaskFacts::default(),
            moment: Moment::default(),
            jobs: Vec::new(),
            follow_ups: Vec::new(),
            applied: Applied::default(),
            before_scheduled: Applied::default(),
        }
    }

    pub(super) fn applied(&self) -> Applied {
        self.applied
    }

    pub(super) fn is_replaying(&self) -> bool {
        self.moment.replaying
    }

    pub(super) fn workflow_type(&self) -> &str {
        self.workflow.workflow_type()
    }

    pub(super) fn task_timeout(&self) -> Duration {
        self.workflow.task_timeout()
    }

    pub(super) fn open_timers(&self) -> usize {
        self.timers.count()
    }

    pub(super) fn open_activities(&self) -> usize {
        self.activities.count()
    }

    pub(super) fn open_child_workflows(&self) -> usize {
        self.children.count()
    }

    pub(super) fn open_external_requests(&self) -> usize {
        self.external_signals.count() + self.external_cancels.count()
    }

    pub(super) fn open_updates(&self) -> usize {
        self.updates.count()
    }

    /// The jobs that events have brought, as an activation.
    pub(super) fn take_activation(&mut self) -> Option<Activation> {
        let jobs = mem::take(&mut self.jobs);
        self.activation(jobs)
    }

    /// The jobs that the last commands have brought, as an activation.
    pub(super) fn take_follow_up(&mut self) -> Result<Option<Activation>, TaskError> {
        let mut jobs = mem::take(&mut self.follow_ups);
        jobs.extend(self.local_outcomes()?);
        Ok(self.activation(jobs))
    }

    fn activation(&mut self, mut jobs: Vec<Job>) -> Option<Activation> {
        if jobs.is_empty() {
            return None;
        }
        jobs.sort_by_key(rank);
        self.recorded.note_activation();
        Some(self.activation_of(jobs, self.moment.replaying))
    }

    /// An activation with just these jobs, in this order.
    pub(super) fn activation_of(&self, jobs: Vec<Job>, is_replaying: bool) -> Activation {
        Activation {
            run_id: self.run_id.clone(),
            timestamp: self.facts.time,
            is_replaying,
            history_length: self.facts.history_length,
            history_size_bytes: self.facts.history_size_bytes,
            continue_as_new_suggested: self.facts.continue_as_new_suggested,
            target_worker_deployment_version_changed: self
                .facts
                .target_worker_deployment_version_changed,
            available_internal_flags: self.flags.available_lang(),
            deployment_version_for_current_task: self.facts.deployment_version.clone(),
            jobs,
        }
    }

    /// The server has thrown the last task away, and its scheduled and started events with it.
    pub(super) fn rewind(&mut self, last_started_event_id: i64) {
        if self.before_scheduled.event_id >= last_started_event_id {
            self.applied = self.before_scheduled;
            self.facts.history_length = length_up_to(self.applied.event_id);
        }
    }
}

/// The order of jobs in an activation; equal ranks keep history's order.
fn rank(job: &Job) -> u8 {
    match job {
        Job::Initialize(_) => 0,
        Job::NotifyHasPatch { .. } => 1,
        Job::UpdateRandomSeed { .. } => 2,
        Job::SignalWorkflow { .. } | Job::DoUpdate { .. } => 3,
        Job::FireTimer { .. }
        | Job::ResolveActivity {
            is_local: false, ..
        }
        | Job::ResolveChildWorkflowStart { .. }
        | Job::ResolveChildWorkflow { .. }
        | Job::ResolveSignalExternalWorkflow { .. }
        | Job::ResolveCancelExternalWorkflow { .. }
        | Job::CancelWorkflow { .. } => 4,
        Job::ResolveActivity { is_local: true, .. } => 5,
        Job::QueryWorkflow { .. } => 6,
        Job::RemoveFromCache { .. } => 7,
    }
}

/// Whether what a command starts stays on this worker's version.
fn inherits_build_id(intent: VersioningIntent, task_queue: &str, own_task_queue: &str) -> bool {
    match intent {
        VersioningIntent::Compatible => true,
        VersioningIntent::Default => false,
        VersioningIntent::Unspecified => task_queue.is_empty() || task_queue == own_task_queue,
    }
}

fn payloads(payloads: Vec<Payload>) -> Option<Payloads> {
    (!payloads.is_empty()).then_some(Payloads { payloads })
}

/// Durations past what the wire can say become the longest one it can.
fn wire_duration(duration: Duration) -> prost_types::Duration {
    prost_types::Duration::try_from(duration).unwrap_or(prost_types::Duration {
        seconds: i64::MAX,
        nanos: 999_999_999,
    })
}

/// A failure as the end of a workflow: what `nondeterminism_fails_workflow_types` asks for.
pub(super) fn failing_command(failure: Failure) -> crate::protos::command::v1::Command {
    let issue = workflow::fail(failure);
    crate::protos::command::v1::Command {
        command_type: issue.kind.into(),
        attributes: Some(issue.attributes),
        ..Default::default()
    }
}
