//! Scenarios of whole runs: each is played warm, cold with pages cut anywhere, and replayed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod eviction;
mod failure_shapes;
mod flags;
mod history;
mod local_activities;
mod mismatches;
mod nondeterminism;
pub(crate) mod obedient;
mod official;
mod other_workflows;
mod patches;
mod promises;
mod properties;
mod queries;
mod recorded;
mod scenarios;
mod updates;
mod upserts;

use bytes::Bytes;

use crate::protos::{failure::v1::Failure, history::v1::HistoryEvent, query::v1::WorkflowQuery};

use super::{
    Command, ResponseOutcome, Run, RunConfig, RunInput, TaskAnswer, TaskCompletion, WorkflowTask,
    activation::Job,
    testing::{Driven, HistoryBuilder, WorkflowCode, drive, settings},
};
use obedient::obedient;

/// What happens before a workflow task, and the updates that come with it.
struct Step {
    before: Box<dyn Fn(&mut HistoryBuilder)>,
    updates: Vec<(String, String)>,
}

fn step(before: impl Fn(&mut HistoryBuilder) + 'static) -> Step {
    Step {
        before: Box::new(before),
        updates: Vec::new(),
    }
}

fn signals(names: &'static [&'static str]) -> Step {
    step(move |history| {
        for name in names {
            history.signal(name);
        }
    })
}

fn update(id: &str, name: &str) -> Step {
    Step {
        before: Box::new(|_| {}),
        updates: vec![(id.to_owned(), name.to_owned())],
    }
}

/// How the worker that plays a scenario gets its tasks.
#[derive(Clone, Debug)]
enum Play {
    /// One cached run, sticky tasks.
    Warm,
    /// A new run for each task, the whole history in pages of these sizes.
    Cold(Vec<usize>),
    /// A new run for each task, which gets it from a sticky queue and must fetch what it lacks.
    Missed(Vec<usize>),
}

#[derive(Debug, Default, PartialEq)]
struct Played {
    completions: Vec<TaskCompletion>,
    /// What workflow code logged, asked by a query after the last task.
    log: String,
    events: Vec<HistoryEvent>,
}

fn play(steps: &[Step], how: &Play) -> Played {
    play_asking(steps, how, false)
}

/// Plays the steps, and asks a query after each task if `asks`.
fn play_asking(steps: &[Step], how: &Play, asks: bool) -> Played {
    let mut history = HistoryBuilder::new("Obedient");
    let mut player = Player {
        how: how.clone(),
        run: Run::new(settings()),
        code: obedient(),
    };
    let mut played = Played::default();
    for step in steps {
        let events_before = history.events.len();
        (step.before)(&mut history);
        let is_speculative = history.events.len() == events_before && !step.updates.is_empty();
        history.start_task();
        let completion = player.take_task(&mut history, step);
        let only_rejects = completion.commands.is_empty()
            && completion
                .messages
                .iter()
                .all(|message| message.id.ends_with("/reject"));
        if is_speculative && only_rejects {
            history.events.truncate(events_before);
            player.accepted(&history, history.previous_started_event_id);
        } else {
            history.complete(&completion);
            player.accepted(&history, 0);
        }
        played.completions.push(completion);
        if asks {
            player.ask(&history);
            player.accepted(&history, 0);
        }
    }
    played.log = player.ask(&history);
    played.events = history.events;
    played
}

struct Player {
    how: Play,
    run: Run,
    code: WorkflowCode,
}

impl Player {
    fn take_task(&mut self, history: &mut HistoryBuilder, step: &Step) -> TaskCompletion {
        if !matches!(self.how, Play::Warm) {
            self.run = Run::new(settings());
            self.code = obedient();
        }
        let mut task = match &self.how {
            Play::Warm | Play::Missed(_) => history.sticky_task(),
            Play::Cold(_) => history.task(),
        };
        for (id, name) in &step.updates {
            task.messages.push(history.update_request(id, name));
        }
        if let Play::Cold(sizes) = &self.how {
            cut(&mut task, sizes[0]);
        }
        let driven = self.give(history, RunInput::TaskReceived(Box::new(task)));
        let mut answers = driven.answers;
        assert_eq!(answers.len(), 1, "{answers:?}");
        match answers.remove(0) {
            TaskAnswer::Complete(completion) => *completion,
            other => panic!("the task was not completed: {other:?}"),
        }
    }

    fn accepted(&mut self, history: &HistoryBuilder, reset_history_event_id: i64) {
        let accepted = ResponseOutcome::Accepted {
            new_task: None,
            reset_history_event_id,
        };
        let driven = self.give(history, RunInput::Responded(accepted));
        assert_eq!(driven.tasks_finished, 1);
    }

    fn ask(&mut self, history: &HistoryBuilder) -> String {
        if self.run.snapshot().waiting_for == super::WaitingFor::Nothing {
            self.run = Run::new(settings());
            self.code = obedient();
        }
        let mut task = history.task();
        task.started_event_id = 0;
        task.query = Some(WorkflowQuery::default());
        let driven = self.give(history, RunInput::TaskReceived(Box::new(task)));
        assert!(
            driven
                .activations
                .last()
                .is_some_and(|last| last.is_replaying)
        );
        match driven.answers.into_iter().next() {
            Some(TaskAnswer::Query {
                result: Ok(Some(log)),
                ..
            }) => String::from_utf8(log.data.to_vec()).unwrap(),
            other => panic!("the query was not answered: {other:?}"),
        }
    }

    fn give(&mut self, history: &HistoryBuilder, input: RunInput) -> Driven {
        let sizes = match &self.how {
            Play::Warm => vec![usize::MAX],
            Play::Cold(sizes) | Play::Missed(sizes) => sizes.clone(),
        };
        drive(
            &mut self.run,
            &mut self.code,
            &history.events,
            &sizes,
            input,
        )
    }
}

/// Leaves the first `size` events in the task; the rest is behind its page token.
fn cut(task: &mut WorkflowTask, size: usize) {
    if size < task.history.len() {
        task.history.truncate(size);
        task.next_page_token = Bytes::from(format!("{size}:1"));
    }
}

/// Plays the steps in every way, and returns what all of them agree on.
fn check(steps: &[Step]) -> Played {
    let warm = play(steps, &Play::Warm);
    for how in [
        Play::Cold(vec![usize::MAX]),
        Play::Cold(vec![1]),
        Play::Cold(vec![3, 0, 2]),
        Play::Missed(vec![usize::MAX]),
        Play::Missed(vec![2]),
    ] {
        let played = play(steps, &how);
        assert_eq!(played.log, warm.log, "{how:?}");
        assert_eq!(played, warm, "{how:?}");
    }
    warm
}

/// The types of the commands of a task.
fn kinds(completion: &TaskCompletion) -> Vec<&'static str> {
    completion
        .commands
        .iter()
        .map(|command| {
            command
                .command_type()
                .as_str_name()
                .trim_start_matches("COMMAND_TYPE_")
        })
        .collect()
}

/// The log without times.
fn happened(log: &str) -> Vec<&str> {
    log.lines()
        .map(|line| line.splitn(3, ' ').nth(2).unwrap())
        .collect()
}

fn run_with(change: impl FnOnce(&mut super::RunSettings)) -> RunConfig {
    let mut config = settings();
    change(std::sync::Arc::get_mut(&mut config.settings).unwrap());
    config
}
