//! Drives a run with workflow code that is a closure, and history that is a list.

use std::{sync::Arc, time::Duration};

use crate::{
    connection::ServerCapabilities,
    protos::history::v1::HistoryEvent,
    workflow::{
        activation::{Activation, EvictionReason},
        command::{ActivationCommands, ActivationCompleted, Command, ScheduleLocalActivity},
        exchange::{RunConfig, RunEffect, RunInput, RunSettings, TaskAnswer},
        run::Run,
        task::{HistoryPage, WorkflowTask},
    },
};

use super::RUN_ID;

/// Workflow code: an activation in, commands out.
pub type WorkflowCode = Box<dyn FnMut(&Activation) -> Vec<Command>>;

/// What came of one input, up to the next that the driver cannot give itself.
#[derive(Debug, Default)]
pub struct Driven {
    pub activations: Vec<Activation>,
    pub answers: Vec<TaskAnswer>,
    pub tasks_finished: usize,
    pub local_activities: Vec<ScheduleLocalActivity>,
    pub local_cancels: Vec<u32>,
    /// The task whose heartbeat was asked for last, and when it is due.
    pub heartbeat: Option<(i64, Duration)>,
    pub evicted: Option<(EvictionReason, Vec<WorkflowTask>)>,
    pub pages_fetched: usize,
}

/// A run of the history builder's workflow, on a server that has all we know.
pub fn settings() -> RunConfig {
    RunConfig {
        run_id: RUN_ID.into(),
        settings: Arc::new(RunSettings {
            namespace: "namespace".into(),
            task_queue: "queue".into(),
            server_capabilities: ServerCapabilities {
                sdk_metadata: true,
                ..ServerCapabilities::default()
            },
            cached: true,
            runs_local_activities: true,
            sdk_name: "temporal-python".into(),
            sdk_version: "1.35.0".into(),
            ..RunSettings::default()
        }),
    }
}

/// Gives the run an input, and then the answers of workflow code and the pages of `history`, cut
/// as `page_sizes` says (the last size goes on), until it wants something else.
pub fn drive(
    run: &mut Run,
    code: &mut WorkflowCode,
    history: &[HistoryEvent],
    page_sizes: &[usize],
    input: RunInput,
) -> Driven {
    let mut driven = Driven::default();
    let mut inputs = vec![input];
    while let Some(input) = inputs.pop() {
        for effect in run.handle(input) {
            match effect {
                RunEffect::Activate(activation) => {
                    let is_removal = activation.removes();
                    let commands = if is_removal {
                        Vec::new()
                    } else {
                        code(&activation)
                    };
                    inputs.push(RunInput::Activated(ActivationCompleted {
                        run_id: activation.run_id.clone(),
                        outcome: Ok(ActivationCommands {
                            commands,
                            used_internal_flags: Vec::new(),
                            ..ActivationCommands::default()
                        }),
                    }));
                    driven.activations.push(activation);
                }
                RunEffect::FetchHistory {
                    next_page_token, ..
                } => {
                    driven.pages_fetched += 1;
                    let page = HistoryPage::of(history, page_sizes, &next_page_token);
                    inputs.push(RunInput::HistoryFetched(
                        page.expect("a page gave the token"),
                    ));
                }
                RunEffect::Respond(answer) => driven.answers.push(answer),
                RunEffect::StartLocalActivities(start) => {
                    driven.local_activities.extend(start.activities);
                }
                RunEffect::CancelLocalActivities(sequences) => {
                    driven.local_cancels.extend(sequences);
                }
                RunEffect::AwaitLocalActivities {
                    task,
                    heartbeat_after,
                } => driven.heartbeat = Some((task, heartbeat_after)),
                RunEffect::TaskFinished => driven.tasks_finished += 1,
                RunEffect::Evicted {
                    reason,
                    unstarted_tasks,
                } => {
                    let tasks = unstarted_tasks.into_iter().map(|task| *task).collect();
                    driven.evicted = Some((reason, tasks));
                }
            }
        }
    }
    driven
}
