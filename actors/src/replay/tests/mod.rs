//! Recorded histories, and workflow code in Rust that does what they tell it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod bad_histories;
mod plans;
mod replays;

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use parking_lot::Mutex;
use prost::Message as _;

use crate::{
    host::WorkflowHost,
    kit::Sender,
    protos::history::v1::{History, HistoryEvent},
    workflow::{
        Activation, ActivationCommands, ActivationCompleted, Job, RunId, testing::HistoryBuilder,
        tests::obedient::Obedient,
    },
};

use super::{Course, ReplayConfig, ReplayReport, ReplayRequest, Replayer};

/// The histories that the Rust workflow code has, as the official SDK recorded them.
fn recorded() -> [(&'static str, Vec<HistoryEvent>); 3] {
    let decode = |bytes: &[u8]| History::decode(bytes).unwrap().events;
    [
        (
            "activities",
            decode(include_bytes!(
                "../../../../tests/histories/activities.binpb"
            )),
        ),
        (
            "timers",
            decode(include_bytes!("../../../../tests/histories/timers.binpb")),
        ),
        (
            "updates",
            decode(include_bytes!("../../../../tests/histories/updates.binpb")),
        ),
    ]
}

/// A workflow that has started a timer and finished once it fired.
fn finished() -> HistoryBuilder {
    let mut history = HistoryBuilder::new("Obedient");
    history.signal("timer");
    history.run_task();
    history.start_timer("1");
    history.fire_timer("1");
    history.signal("finish");
    history.run_task();
    history
}

fn request(events: &[HistoryEvent]) -> ReplayRequest {
    ReplayRequest {
        workflow_id: "workflow".into(),
        history: History {
            events: events.to_vec(),
        },
        ..ReplayRequest::default()
    }
}

fn config(max_concurrent_replays: usize) -> ReplayConfig {
    ReplayConfig {
        namespace: "namespace".into(),
        task_queue: "queue".into(),
        build_id: "build".into(),
        client_name: "temporal-python".into(),
        client_version: "1.35.0".into(),
        max_concurrent_replays,
    }
}

/// Runs the workflow code of the scenarios. A run may come again only after it was removed.
#[derive(Default)]
struct Host {
    runs: Mutex<HashMap<RunId, Obedient>>,
    /// The most runs that were here at one time.
    most_runs: Mutex<usize>,
    /// Answers are kept until the test lets them go.
    holds_back: bool,
    held_back: Mutex<VecDeque<(ActivationCompleted, Sender<ActivationCompleted>)>>,
    /// Number of the activation that it panics at.
    panics_at: Option<usize>,
    activations: AtomicUsize,
}

impl WorkflowHost for Host {
    fn activate(&self, activation: Activation, reply: Sender<ActivationCompleted>) {
        let number = self.activations.fetch_add(1, Ordering::Relaxed) + 1;
        assert!(self.panics_at != Some(number), "the test wants it");
        let commands = self.answer(&activation);
        let completed = ActivationCompleted {
            run_id: activation.run_id,
            outcome: Ok(ActivationCommands {
                commands,
                ..ActivationCommands::default()
            }),
        };
        if self.holds_back {
            self.held_back.lock().push_back((completed, reply));
        } else {
            reply.send(completed).unwrap();
        }
    }
}

impl Host {
    fn answer(&self, activation: &Activation) -> Vec<crate::workflow::Command> {
        let mut runs = self.runs.lock();
        match activation.jobs[0] {
            Job::Initialize(_) => {
                let known = runs.insert(activation.run_id.clone(), Obedient::default());
                assert!(known.is_none(), "the run is here already");
            }
            Job::RemoveFromCache { .. } => {
                runs.remove(&activation.run_id);
                return Vec::new();
            }
            _ => {}
        }
        let mut most = self.most_runs.lock();
        *most = runs.len().max(*most);
        let run = runs.get_mut(&activation.run_id);
        run.expect("a run is started first").answer(activation)
    }

    fn release(&self) -> bool {
        let held_back = self.held_back.lock().pop_front();
        if let Some((completed, reply)) = held_back {
            reply.send(completed).unwrap();
            return true;
        }
        false
    }

    fn is_empty(&self) -> bool {
        self.runs.lock().is_empty()
    }
}

/// Replays a history by itself and expects that nothing of it stays.
async fn replay(world: &crate::testing::World, request: ReplayRequest) -> ReplayReport {
    let host = Arc::new(Host::default());
    let replayer = Replayer::on_stage(&world.stage, &config(1), host.clone());
    let report = replayer.replay(request).await;
    assert!(host.is_empty(), "the run was not removed");
    report
}
