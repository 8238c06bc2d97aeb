//! Scenarios that ran on the official package 1.35.0, against a server that hands out prepared
//! tasks: from the same tasks we make the same activations and the same commands, warm and cold.
//!
//! The scenarios are random: signals, timers, patches, updates that are accepted, rejected or left
//! open, queries, flags of the language, failed and timed-out tasks, resets, tasks with nothing to
//! say, and a last task or a query for a run that is not cached. Left out is where we are of another mind: a cold run with a new
//! update after tasks with nothing to say gets these tasks as they were, not merged into the new one.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use prost::Message as _;
use serde::Deserialize;

use super::{obedient::respond, patches::PatchMemory, *};
use crate::{
    protos::workflowservice::v1::PollWorkflowTaskQueueResponse,
    workflow::{Activation, UpdateResponse, WaitingFor},
};

/// The first event of each of these histories happened one second after this.
const EPOCH: i64 = 1_700_000_000;

#[derive(Deserialize)]
struct Scenario {
    /// The tasks of a cached run, as polled.
    warm_tasks: Vec<String>,
    warm: Vec<String>,
    warm_commands: Vec<Vec<String>>,
    /// What the server said to each completion: not 0 if it threw the task away.
    resets: Vec<i64>,
    /// A task with the whole history, for a run that is not cached.
    cold_task: String,
    cold: Vec<String>,
    cold_commands: Vec<String>,
    /// Whether the server keeps flags.
    sdk_metadata: bool,
}

/// Starts timer after timer; its updates answer at once ("u"), after the next timer ("w"), or are
/// rejected ("r"). Its signals "p0" and "p1" ask for patches of these names.
#[derive(Default)]
struct TimerLoop {
    /// Does not start timers.
    is_idle: bool,
    timers: u32,
    patches: PatchMemory,
    waiting: Vec<String>,
}

impl TimerLoop {
    fn work(&mut self, activation: &Activation) -> Vec<Command> {
        let mut commands = Vec::new();
        self.patches.learn(activation);
        for job in &activation.jobs {
            match job {
                Job::SignalWorkflow { name, .. } if name.starts_with('p') => {
                    let replaying = activation.is_replaying;
                    self.patches.ask(name, false, replaying, &mut commands);
                }
                Job::DoUpdate {
                    protocol_instance_id,
                    name,
                    ..
                } => self.answer_update(protocol_instance_id, name, &mut commands),
                Job::QueryWorkflow { query_id, .. } => commands.push(Command::RespondToQuery {
                    query_id: query_id.clone(),
                    result: Ok(None),
                }),
                _ => {}
            }
        }
        for job in &activation.jobs {
            if let Job::Initialize(start) = job {
                let kind = start.started.workflow_type.as_ref();
                self.is_idle = kind.is_some_and(|kind| kind.name == "Idle");
            }
            if matches!(job, Job::Initialize(_) | Job::FireTimer { .. }) && !self.is_idle {
                self.timers += 1;
                commands.push(Command::StartTimer {
                    sequence: self.timers,
                    duration: Duration::from_secs(1),
                    user_metadata: None,
                });
            }
            if matches!(job, Job::FireTimer { .. }) {
                for update in self.waiting.drain(..) {
                    commands.push(respond(&update, UpdateResponse::Completed(None)));
                }
            }
        }
        commands
    }

    fn answer_update(&mut self, id: &str, name: &str, commands: &mut Vec<Command>) {
        let response = match name {
            "r" => UpdateResponse::Rejected(Box::default()),
            _ => UpdateResponse::Accepted,
        };
        commands.push(respond(id, response));
        match name {
            "u" => commands.push(respond(id, UpdateResponse::Completed(None))),
            "w" => self.waiting.push(id.to_owned()),
            _ => {}
        }
    }
}

fn timer_loop() -> WorkflowCode {
    let mut state = TimerLoop::default();
    Box::new(move |activation| state.work(activation))
}

fn show(activation: &Activation) -> String {
    let jobs: Vec<String> = activation.jobs.iter().map(show_job).collect();
    format!(
        "replay={:5} len={} t={} flags={:?} [{}]",
        if activation.is_replaying {
            "True"
        } else {
            "False"
        },
        activation.history_length,
        activation.timestamp.map_or(0, |time| time.seconds) - EPOCH,
        activation.available_internal_flags,
        jobs.join(", "),
    )
}

fn show_job(job: &Job) -> String {
    let shown = match job {
        Job::Initialize(_) => "init".into(),
        Job::NotifyHasPatch { patch_id } => format!("patch {patch_id}"),
        Job::UpdateRandomSeed { seed } => format!("seed {seed}"),
        Job::SignalWorkflow { name, .. } => format!("sig {name}"),
        Job::DoUpdate {
            id, run_validator, ..
        } => {
            let validates = if *run_validator { "True" } else { "False" };
            format!("upd {id} val={validates}")
        }
        Job::FireTimer { sequence } => format!("fire {sequence}"),
        Job::QueryWorkflow { query_id, .. } => format!("query {query_id}"),
        other => format!("{other:?}"),
    };
    format!("'{shown}'")
}

fn decode(task: &str) -> WorkflowTask {
    let bytes = STANDARD.decode(task).unwrap();
    let polled = PollWorkflowTaskQueueResponse::decode(&*bytes).unwrap();
    WorkflowTask::try_from(polled).unwrap()
}

struct Worker {
    run: Run,
    code: WorkflowCode,
    activations: Vec<String>,
}

impl Worker {
    fn new(run_id: &str, sdk_metadata: bool) -> Self {
        let mut config = run_with(|settings| {
            settings.server_capabilities.sdk_metadata = sdk_metadata;
        });
        config.run_id = run_id.into();
        Self {
            run: Run::new(config),
            code: timer_loop(),
            activations: Vec::new(),
        }
    }

    fn take(&mut self, task: WorkflowTask, reset: i64) -> Vec<String> {
        let input = RunInput::TaskReceived(Box::new(task));
        let driven = drive(&mut self.run, &mut self.code, &[], &[1], input);
        self.activations.extend(driven.activations.iter().map(show));
        let shown = match driven.answers.into_iter().next() {
            Some(TaskAnswer::Complete(completion)) => {
                let messages = completion.messages.iter().map(|sent| sent.id.clone());
                let kinds = kinds(&completion).into_iter().map(str::to_owned);
                kinds.chain(messages).collect()
            }
            Some(TaskAnswer::Query { result: Ok(_), .. }) => vec!["query".into()],
            Some(TaskAnswer::Fail { failure, .. }) => vec![failure.message],
            other => vec![format!("{other:?}")],
        };
        let accepted = ResponseOutcome::Accepted {
            new_task: None,
            reset_history_event_id: reset,
        };
        if self.run.snapshot().waiting_for == WaitingFor::Response {
            let input = RunInput::Responded(accepted);
            drive(&mut self.run, &mut self.code, &[], &[1], input);
        }
        shown
    }
}

/// What differs between the official package and us.
fn differences(scenario: &Scenario) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |what: &str, theirs: &[String], ours: &[String]| {
        if theirs != ours {
            found.push(format!(
                "{what}\n  theirs:\n    {}\n  ours:\n    {}",
                theirs.join("\n    "),
                ours.join("\n    ")
            ));
        }
    };
    let tasks: Vec<WorkflowTask> = scenario
        .warm_tasks
        .iter()
        .map(|task| decode(task))
        .collect();
    let mut warm = Worker::new(&tasks[0].run_id, scenario.sdk_metadata);
    for (index, task) in tasks.into_iter().enumerate() {
        let commands = warm.take(task, scenario.resets[index]);
        let what = format!("commands of warm task {index}");
        compare(&what, &scenario.warm_commands[index], &commands);
    }
    compare("warm activations", &scenario.warm, &warm.activations);
    let task = decode(&scenario.cold_task);
    let mut cold = Worker::new(&task.run_id, scenario.sdk_metadata);
    let commands = cold.take(task, 0);
    compare("cold commands", &scenario.cold_commands, &commands);
    compare("cold activations", &scenario.cold, &cold.activations);
    found
}

/// Compatibility, activations: the order of jobs; replay or live; what is in one activation.
/// Compatibility, flags: which hold for an activation. Compatibility, queries: the old-style one has
/// the id `legacy_query`. Promises 17 and 19.
#[test]
fn the_official_package_gives_the_same_activations() {
    let recorded = include_bytes!("../../../../tests/histories/activations.json");
    let scenarios: Vec<Scenario> = serde_json::from_slice(recorded).unwrap();
    assert!(!scenarios.is_empty());
    for (index, scenario) in scenarios.iter().enumerate() {
        let found = differences(scenario);
        assert!(found.is_empty(), "scenario {index}:\n{}", found.join("\n"));
    }
}
