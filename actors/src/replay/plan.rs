//! Which workflow tasks a history is replayed as.
//!
//! | the history | the task that repeats it whole |
//! |---|---|
//! | has ended, or its last task has seen everything | no task: history alone, to its end |
//! | ends with a task's started event | that task, live |
//! | holds more than its last task has seen | the task that would come next, live |

use bytes::Bytes;
use prost::Message as _;
use prost_types::Any;

use crate::{
    protos::{
        enums::v1::EventType,
        history::v1::{
            HistoryEvent, WorkflowExecutionUpdateAcceptedEventAttributes, history_event::Attributes,
        },
        protocol::v1::{Message, message::SequencingId},
    },
    workflow::{LocalOutcomes, RunId, WorkflowTask, comes_from_a_command},
};

/// In how many workflow tasks a history is replayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Course {
    /// As one task with the whole history, the way a worker meets a run that it does not know.
    #[default]
    Whole,
    /// Each task that history holds, as if it were happening now.
    EveryTask {
        /// Forget the run after each task, so that the next one replays from the start.
        evicting: bool,
    },
}

/// These events are no history of a workflow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryRefused {
    #[error("the history has no events")]
    Empty,
    #[error("a history must begin with WORKFLOW_EXECUTION_STARTED, this one begins with {0}")]
    NoStart(String),
    #[error("the WORKFLOW_EXECUTION_STARTED event of the history names no run")]
    NoRunId,
}

/// One workflow task, less its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PlannedTask {
    /// The last event if the task's started event is not there. 0 for a task that only repeats.
    pub(super) started_event_id: i64,
    pub(super) previous_started_event_id: i64,
    /// The first event that the task itself brings; all before are for a run that is not cached.
    first: usize,
    /// As many events are there when the task is.
    end: usize,
}

/// A history as the workflow tasks to replay it with.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) run_id: RunId,
    workflow_id: String,
    workflow_type: String,
    events: Vec<HistoryEvent>,
    pub(super) tasks: Vec<PlannedTask>,
    pub(super) course: Course,
}

impl Plan {
    pub(super) fn new(
        workflow_id: String,
        events: Vec<HistoryEvent>,
        course: Course,
    ) -> Result<Self, HistoryRefused> {
        let first = events.first().ok_or(HistoryRefused::Empty)?;
        let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) = &first.attributes
        else {
            let kind = first.event_type().as_str_name();
            let kind = kind.trim_start_matches("EVENT_TYPE_").to_owned();
            return Err(HistoryRefused::NoStart(kind));
        };
        let ids = [
            &started.original_execution_run_id,
            &started.first_execution_run_id,
        ];
        let run_id = ids.into_iter().find(|id| !id.is_empty());
        let run_id = run_id.ok_or(HistoryRefused::NoRunId)?.as_str().into();
        let workflow_type = started.workflow_type.clone().unwrap_or_default().name;
        let completed = completed_tasks(&events);
        let is_open = is_open(&events, completed.last());
        let tasks = match course {
            Course::Whole => vec![whole(&events, &completed, is_open)],
            Course::EveryTask { .. } => every_task(&events, &completed, is_open),
        };
        Ok(Self {
            run_id,
            workflow_id,
            workflow_type,
            events,
            tasks,
            course,
        })
    }

    /// The events that a run in the cache gets with the task; all of them for one that is not.
    pub(super) fn new_events(&self, task: &PlannedTask, is_cached: bool) -> &[HistoryEvent] {
        let first = if is_cached { task.first } else { 0 };
        self.events.get(first..task.end).unwrap_or_default()
    }

    /// All events, moved out of the plan. None where a task may ask for events again: there is one
    /// task only, and an engine that has a history's first event never goes back to it.
    pub(super) fn take_events(&mut self) -> Option<Vec<HistoryEvent>> {
        let asks_once = self.course == Course::Whole
            && self.events.first().is_some_and(|first| first.event_id == 1);
        asks_once.then(|| std::mem::take(&mut self.events))
    }

    /// The task as a server would send it, less its history.
    pub(super) fn task(&self, task: &PlannedTask) -> Box<WorkflowTask> {
        Box::new(WorkflowTask {
            task_token: Bytes::copy_from_slice(self.run_id.as_bytes()),
            workflow_id: self.workflow_id.clone(),
            run_id: self.run_id.clone(),
            workflow_type: self.workflow_type.clone(),
            attempt: 1,
            previous_started_event_id: task.previous_started_event_id,
            started_event_id: task.started_event_id,
            history: Vec::new(),
            next_page_token: Bytes::new(),
            query: None,
            queries: Default::default(),
            messages: if task.started_event_id > 0 {
                update_requests(&self.events[task.end..])
            } else {
                Vec::new()
            },
            scheduled_time: None,
            started_time: None,
            backlog_count_hint: 0,
        })
    }

    /// What the history tells of local activities that ended in the task.
    pub(super) fn local_outcomes(&self, task: &PlannedTask) -> LocalOutcomes {
        LocalOutcomes::of_task(&self.events[task.end..])
    }
}

/// Indexes of the started and the completed event of a task.
#[derive(Clone, Copy, Debug)]
struct Completed {
    started: usize,
    completed: usize,
}

fn completed_tasks(events: &[HistoryEvent]) -> Vec<Completed> {
    let mut tasks = Vec::new();
    let mut begun = None;
    for (index, event) in events.iter().enumerate() {
        match event.event_type() {
            EventType::WorkflowTaskStarted => begun = Some(index),
            EventType::WorkflowTaskCompleted => {
                tasks.extend(begun.take().map(|started| Completed {
                    started,
                    completed: index,
                }));
            }
            EventType::WorkflowTaskFailed | EventType::WorkflowTaskTimedOut => begun = None,
            _ => {}
        }
    }
    tasks
}

/// True if the workflow has not ended and something has happened that no task has seen.
fn is_open(events: &[HistoryEvent], last: Option<&Completed>) -> bool {
    let seen = last.map_or(0, |task| task.completed + 1);
    let has_ended = events
        .last()
        .is_some_and(|event| ends_workflow(event.event_type()));
    !has_ended
        && events[seen..]
            .iter()
            .any(|event| !comes_from_a_command(event.event_type()))
}

fn whole(events: &[HistoryEvent], completed: &[Completed], is_open: bool) -> PlannedTask {
    let id_of = |index: usize| events[index].event_id;
    PlannedTask {
        started_event_id: if is_open { id_of(events.len() - 1) } else { 0 },
        previous_started_event_id: completed.last().map_or(0, |task| id_of(task.started)),
        first: 0,
        end: events.len(),
    }
}

fn every_task(events: &[HistoryEvent], completed: &[Completed], is_open: bool) -> Vec<PlannedTask> {
    let ends = completed.iter().map(|task| task.started + 1);
    let mut previous = 0;
    ends.chain(is_open.then_some(events.len()))
        .map(|end| {
            let task = PlannedTask {
                started_event_id: events[end - 1].event_id,
                previous_started_event_id: match previous {
                    0 => 0,
                    _ => events[previous - 1].event_id,
                },
                first: previous,
                end,
            };
            previous = end;
            task
        })
        .collect()
}

/// The update requests that came with a task: those that its completion accepted.
fn update_requests(after: &[HistoryEvent]) -> Vec<Message> {
    let mut caused = after.iter();
    if caused.next().map(HistoryEvent::event_type) != Some(EventType::WorkflowTaskCompleted) {
        return Vec::new();
    }
    caused
        .take_while(|event| comes_from_a_command(event.event_type()))
        .filter_map(|event| match &event.attributes {
            Some(Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(accepted)) => {
                request_of(accepted)
            }
            _ => None,
        })
        .collect()
}

/// None if the request stands in an event of its own: then servers send no message.
fn request_of(accepted: &WorkflowExecutionUpdateAcceptedEventAttributes) -> Option<Message> {
    let request = accepted.accepted_request.as_ref()?;
    Some(Message {
        id: accepted.accepted_request_message_id.clone(),
        protocol_instance_id: accepted.protocol_instance_id.clone(),
        sequencing_id: Some(SequencingId::EventId(
            accepted.accepted_request_sequencing_event_id,
        )),
        body: Some(Any {
            type_url: "type.googleapis.com/temporal.api.update.v1.Request".into(),
            value: request.encode_to_vec(),
        }),
    })
}

fn ends_workflow(kind: EventType) -> bool {
    matches!(
        kind,
        EventType::WorkflowExecutionCompleted
            | EventType::WorkflowExecutionFailed
            | EventType::WorkflowExecutionTimedOut
            | EventType::WorkflowExecutionCanceled
            | EventType::WorkflowExecutionTerminated
            | EventType::WorkflowExecutionContinuedAsNew
    )
}
