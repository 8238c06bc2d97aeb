//! The two doors to user code. Python lanes stand behind them in production, plain Rust in benches.

use std::{sync::Arc, time::Duration};

use prost_types::Timestamp;

use crate::{
    kit::Sender,
    protos::{
        common::v1::{Header, Payload, Payloads, Priority, RetryPolicy},
        failure::v1::Failure,
    },
    telemetry::Series,
    workflow::{Activation, ActivationCompleted},
};

/// Runs workflow code.
///
/// A host gets one activation of a run at a time, and the next one only after it has answered.
/// The last activation of a run holds [`crate::workflow::Job::RemoveFromCache`] and nothing else.
pub trait WorkflowHost: Send + Sync + 'static {
    /// Takes an activation and returns at once; the answer goes to `reply`, exactly once.
    fn activate(&self, activation: Activation, reply: Sender<ActivationCompleted>);

    /// Has runs counted there whose code does not let go of them.
    fn count_abandoned_runs(&self, _counter: Arc<dyn Series>) {}
}

/// Runs activity code.
///
/// Both calls return at once. What an activity does in answer comes back through
/// [`crate::worker::Worker::complete_activity`] and [`crate::worker::Worker::record_heartbeat`].
pub trait ActivityHost: Send + Sync + 'static {
    /// Starts one attempt of an activity.
    fn start(&self, task: Box<ActivityTask>);

    /// Asks a running attempt to stop. At most one call per task token.
    fn cancel(&self, task_token: Vec<u8>, cancel: ActivityCancel);
}

/// One attempt of an activity, as polled.
#[derive(Clone, Debug, PartialEq)]
pub struct ActivityTask {
    pub task_token: Vec<u8>,
    pub workflow_namespace: String,
    pub workflow_type: String,
    pub workflow_id: String,
    pub workflow_run_id: String,
    pub activity_id: String,
    pub activity_type: String,
    /// Set for an activity that no workflow started.
    pub activity_run_id: String,
    pub header: Option<Header>,
    pub input: Vec<Payload>,
    pub heartbeat_details: Vec<Payload>,
    pub scheduled_time: Option<Timestamp>,
    pub current_attempt_scheduled_time: Option<Timestamp>,
    pub started_time: Option<Timestamp>,
    pub attempt: u32,
    pub schedule_to_close_timeout: Option<Duration>,
    pub start_to_close_timeout: Option<Duration>,
    pub heartbeat_timeout: Option<Duration>,
    pub retry_policy: Option<RetryPolicy>,
    pub priority: Option<Priority>,
    pub is_local: bool,
}

/// Why an activity is asked to stop. Several can hold at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ActivityCancel {
    pub not_found: bool,
    pub cancel_requested: bool,
    pub paused: bool,
    pub reset: bool,
    pub timed_out: bool,
    pub worker_shutdown: bool,
}

/// How one attempt of an activity ended.
#[derive(Clone, Debug, PartialEq)]
pub enum ActivityOutcome {
    Completed(Option<Payload>),
    Failed(Box<Failure>),
    /// The failure holds `canceled_failure_info`.
    Cancelled(Box<Failure>),
    /// The result will come from outside, by the task token; the slot is freed.
    CompletesLater,
}

/// A heartbeat that user code recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct HeartbeatRecorded {
    pub task_token: Vec<u8>,
    pub details: Payloads,
}
