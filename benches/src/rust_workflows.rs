//! Workflow and activity code in Rust, for measuring the runtime without an interpreter.
//!
//! The workflow `Sum` takes a number, asks an activity to double it, waits on a timer, and returns
//! the doubled number plus one. Both hosts answer on the caller's thread.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use callboard_actors::{
    host::{ActivityCancel, ActivityHost, ActivityOutcome, ActivityTask, WorkflowHost},
    kit::Sender,
    protos::common::v1::Payload,
    workflow::{
        Activation, ActivationCommands, ActivationCompleted, ActivityResolution, Command, Job,
        RunId, ScheduleActivity,
    },
};
use parking_lot::Mutex;

pub const WORKFLOW_TYPE: &str = "Sum";

/// A payload as the default converter of the Python package writes an `int`.
pub fn number(value: u64) -> Payload {
    Payload {
        metadata: HashMap::from([("encoding".to_owned(), "json/plain".into())]),
        data: value.to_string().into(),
        ..Default::default()
    }
}

/// The number in a payload; an error text names what was there instead.
pub fn number_in(payload: Option<&Payload>) -> Result<u64, String> {
    let data = payload
        .map(|payload| payload.data.as_ref())
        .unwrap_or_default();
    std::str::from_utf8(data)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| format!("expected a number, got {data:?}"))
}

/// Runs `Sum` for any number of runs.
#[derive(Default)]
pub struct SumWorkflows {
    doubled: Mutex<HashMap<RunId, u64>>,
}

impl SumWorkflows {
    fn commands_for(&self, run_id: &RunId, job: Job) -> Option<Command> {
        match job {
            Job::Initialize(start) => {
                let arguments = start.started.input.unwrap_or_default().payloads;
                Some(Command::ScheduleActivity(Box::new(ScheduleActivity {
                    sequence: 1,
                    activity_id: "1".into(),
                    activity_type: "double".into(),
                    arguments,
                    start_to_close_timeout: Some(Duration::from_secs(10)),
                    ..Default::default()
                })))
            }
            Job::ResolveActivity { resolution, .. } => {
                let ActivityResolution::Completed(result) = resolution else {
                    panic!("the activity cannot fail: {resolution:?}");
                };
                let doubled = number_in(result.as_ref()).expect("the activity returns a number");
                self.doubled.lock().insert(run_id.clone(), doubled);
                Some(Command::StartTimer {
                    sequence: 1,
                    duration: Duration::from_secs(1),
                    user_metadata: None,
                })
            }
            Job::FireTimer { .. } => {
                let doubled = self
                    .doubled
                    .lock()
                    .remove(run_id)
                    .expect("set before the timer");
                Some(Command::CompleteWorkflow {
                    result: Some(number(doubled + 1)),
                })
            }
            Job::RemoveFromCache { .. } => {
                self.doubled.lock().remove(run_id);
                None
            }
            other => panic!("the workflow Sum gets no such job: {other:?}"),
        }
    }
}

impl WorkflowHost for SumWorkflows {
    fn activate(&self, activation: Activation, reply: Sender<ActivationCompleted>) {
        let run_id = activation.run_id;
        let commands = activation
            .jobs
            .into_iter()
            .filter_map(|job| self.commands_for(&run_id, job))
            .collect();
        let outcome = Ok(ActivationCommands {
            commands,
            used_internal_flags: Vec::new(),
            ..ActivationCommands::default()
        });
        // The run's actor may be gone at the end of a bench; nobody waits for this answer then.
        let _ = reply.send(ActivationCompleted { run_id, outcome });
    }
}

/// Answers an activity's end to whoever runs it.
pub type CompleteActivity = Arc<dyn Fn(Vec<u8>, ActivityOutcome) + Send + Sync>;

/// Runs the activity `double`.
#[derive(Default)]
pub struct DoubleActivities {
    complete: OnceLock<CompleteActivity>,
}

impl DoubleActivities {
    /// Says where results go; the worker that takes them exists only after this host does.
    pub fn answer_to(&self, complete: CompleteActivity) {
        assert!(
            self.complete.set(complete).is_ok(),
            "one host serves one worker"
        );
    }
}

impl ActivityHost for DoubleActivities {
    fn start(&self, task: Box<ActivityTask>) {
        let value = number_in(task.input.first()).expect("the workflow sends a number");
        let complete = self.complete.get().expect("set before the worker polls");
        complete(
            task.task_token,
            ActivityOutcome::Completed(Some(number(value * 2))),
        );
    }

    fn cancel(&self, _: Vec<u8>, _: ActivityCancel) {
        // An activity that ends before `start` returns is never there to be cancelled.
    }
}
