//! Local activities, as whole scenarios: played live, then replayed from each of their prefixes.

mod cancels;
mod errands;
mod heartbeats;
mod mismatches;
mod official;
mod properties;

mod straight;
mod threads;

use std::{collections::BTreeMap, time::Duration};

use prost_types::Timestamp;

use super::*;
use crate::{
    protos::{
        enums::v1::EventType,
        failure::v1::{ApplicationFailureInfo, CanceledFailureInfo, failure::FailureInfo},
        history::v1::history_event::Attributes,
    },
    workflow::{
        LocalActivityEnded, ScheduleLocalActivity, WaitingFor, exchange::RunSnapshot,
        testing::json_payload,
    },
};
use errands::{Log, errands};

/// A run whose local activities are the test's to end, and the server that it works for.
struct Play {
    config: RunConfig,
    history: HistoryBuilder,
    run: Run,
    code: WorkflowCode,
    log: Log,
    /// Asked for, and not ended.
    running: BTreeMap<u32, ScheduleLocalActivity>,
    cancelled: Vec<u32>,
    heartbeat: Option<(i64, Duration)>,
    completions: Vec<TaskCompletion>,
    /// Numbers of events and of lines in the log, after each completed task.
    marks: Vec<(usize, usize)>,
    has_ended: bool,
    /// Tasks that heartbeats ask for come late.
    is_late: bool,
}

impl Play {
    fn new() -> Self {
        Self::with(settings())
    }

    fn with(config: RunConfig) -> Self {
        let (code, log) = errands();
        Self {
            run: Run::new(config.clone()),
            config,
            history: HistoryBuilder::new("Errands"),
            code,
            log,
            running: BTreeMap::new(),
            cancelled: Vec::new(),
            heartbeat: None,
            completions: Vec::new(),
            marks: Vec::new(),
            has_ended: false,
            is_late: false,
        }
    }

    fn snapshot(&self) -> RunSnapshot {
        self.run.snapshot()
    }

    fn log(&self) -> Vec<String> {
        self.log.borrow().clone()
    }

    /// Begins a task with these signals.
    fn task(&mut self, signals: &[&str]) {
        for signal in signals {
            self.history.signal(signal);
        }
        self.begin_task();
    }

    fn schedule_task(&mut self) {
        self.history.add(
            EventType::WorkflowTaskScheduled,
            Attributes::WorkflowTaskScheduledEventAttributes(Default::default()),
        );
    }

    /// Begins a task, also one that was scheduled before.
    fn begin_task(&mut self) {
        if !self.is_scheduled() {
            self.schedule_task();
        }
        self.history.started_event_id = self.history.add(
            EventType::WorkflowTaskStarted,
            Attributes::WorkflowTaskStartedEventAttributes(Default::default()),
        );
        let task = Box::new(self.history.sticky_task());
        self.give(RunInput::TaskReceived(task));
    }

    /// The task that a heartbeat asked for has not begun.
    fn is_scheduled(&self) -> bool {
        self.history.events[self.history.previous_started_event_id as usize..]
            .iter()
            .any(|event| event.event_type() == EventType::WorkflowTaskScheduled)
    }

    fn give(&mut self, input: RunInput) -> Driven {
        let events = self.history.events.clone();
        let driven = drive(&mut self.run, &mut self.code, &events, &[usize::MAX], input);
        for schedule in &driven.local_activities {
            self.running.insert(schedule.sequence, schedule.clone());
        }
        self.cancelled.extend(&driven.local_cancels);
        self.heartbeat = driven.heartbeat.or(self.heartbeat);
        self.has_ended |= driven.evicted.is_some();
        for answer in &driven.answers {
            match answer {
                TaskAnswer::Complete(completion) => self.complete(completion),
                TaskAnswer::Query { .. } => self.accept(None),
                TaskAnswer::Fail { failure, .. } => panic!("the task failed: {failure:?}"),
            }
        }
        driven
    }

    /// What the server does with a completed task.
    fn complete(&mut self, completion: &TaskCompletion) {
        self.history.complete(completion);
        self.completions.push(completion.clone());
        self.marks
            .push((self.history.events.len(), self.log.borrow().len()));
        let is_late = completion.force_new_task && self.is_late;
        if is_late {
            self.schedule_task();
        }
        let new_task = (completion.force_new_task && !is_late).then(|| {
            self.history.start_task();
            Box::new(self.history.sticky_task())
        });
        self.accept(new_task);
    }

    fn accept(&mut self, new_task: Option<Box<WorkflowTask>>) {
        self.give(RunInput::Responded(ResponseOutcome::Accepted {
            new_task,
            reset_history_event_id: 0,
        }));
    }

    fn end(&mut self, ended: LocalActivityEnded) -> Driven {
        self.running.remove(&ended.sequence);
        self.give(RunInput::LocalActivitiesEnded(vec![ended]))
    }

    /// A local activity ends with orders for the workflow.
    fn says(&mut self, sequence: u32, orders: &str) -> Driven {
        self.end(LocalActivityEnded {
            outcome: Ok(Some(json_payload(orders))),
            ..ended(sequence)
        })
    }

    fn beat(&mut self) {
        let (task, _) = self.heartbeat.expect("the run waits");
        self.give(RunInput::HeartbeatDue { task });
    }

    /// Replays the history up to each completed task, cold and with the pages cut, and finds the
    /// workflow code as it was live.
    fn check(&self) {
        for (events, lines) in &self.marks {
            for sizes in [vec![usize::MAX], vec![1], vec![3, 2]] {
                let live = &self.log.borrow()[..*lines];
                assert_eq!(self.replayed(*events, &sizes), live, "up to {events}");
            }
        }
    }

    fn replayed(&self, events: usize, sizes: &[usize]) -> Vec<String> {
        let (code, log) = errands();
        replay(&self.config, &self.history.events[..events], code, sizes);
        log.take()
    }

    /// The commands of all tasks.
    fn commands(&self) -> Vec<Vec<&'static str>> {
        self.completions.iter().map(kinds).collect()
    }

    /// The markers in history.
    fn markers(&self) -> Vec<serde_json::Value> {
        self.history
            .events
            .iter()
            .filter_map(|event| match &event.attributes {
                Some(Attributes::MarkerRecordedEventAttributes(marker)) => {
                    let data = &marker.details["data"].payloads[0].data;
                    Some(serde_json::from_slice(data).expect("the run wrote it"))
                }
                _ => None,
            })
            .collect()
    }
}

/// Has a new run answer a query about a whole history.
fn replay(config: &RunConfig, events: &[HistoryEvent], mut code: WorkflowCode, sizes: &[usize]) {
    let mut history = HistoryBuilder::new("Errands");
    history.events = events.to_vec();
    let mut task = history.task();
    task.started_event_id = 0;
    task.previous_started_event_id = events
        .iter()
        .rfind(|event| event.event_type() == EventType::WorkflowTaskCompleted)
        .map_or(0, |event| event.event_id - 1);
    task.query = Some(WorkflowQuery::default());
    cut(&mut task, sizes[0]);
    let mut run = Run::new(config.clone());
    let input = RunInput::TaskReceived(Box::new(task));
    let driven = drive(&mut run, &mut code, events, sizes, input);
    assert!(
        matches!(
            driven.answers.as_slice(),
            [TaskAnswer::Query { result: Ok(_), .. }]
        ),
        "{:?}",
        driven.answers
    );
    assert!(driven.local_activities.is_empty(), "a query starts nothing");
}

fn ended(sequence: u32) -> LocalActivityEnded {
    LocalActivityEnded {
        sequence,
        attempt: 1,
        outcome: Ok(None),
        backoff: None,
        run_time: Duration::from_millis(1),
        complete_time: None,
        original_schedule_time: Some(Timestamp {
            seconds: 1_700_000_000,
            nanos: 5,
        }),
    }
}

fn failed(message: &str) -> Box<Failure> {
    Box::new(Failure {
        message: message.into(),
        failure_info: Some(FailureInfo::ApplicationFailureInfo(
            ApplicationFailureInfo::default(),
        )),
        ..Failure::default()
    })
}

fn cancelled_failure(message: &str) -> Box<Failure> {
    Box::new(Failure {
        message: message.into(),
        failure_info: Some(FailureInfo::CanceledFailureInfo(
            CanceledFailureInfo::default(),
        )),
        ..Failure::default()
    })
}
