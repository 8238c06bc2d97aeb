//! One poll: where it goes, and what becomes of its answer and of its slot.

use std::{fmt, time::Duration};

use tonic::Status;

use crate::{
    connection::Call,
    kit::{Sender, guarded},
};

use super::{
    poll_balance::QueueKind,
    shutdown::ShutdownSignal,
    slots::{SlotInfo, SlotKind, SlotPermit, SlotRequest},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskKind {
    Workflow,
    Activity,
}

impl fmt::Display for TaskKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Workflow => "workflow",
            Self::Activity => "activity",
        })
    }
}

/// Where polls go, and what their answers mean.
pub(super) trait PollSource: Send + Sync + 'static {
    /// Name of the poller that uses it.
    const NAME: &'static str;
    const KIND: TaskKind;
    type Response: Send + 'static;
    type Task: Send + 'static;

    /// Waits for a task, for so long at most.
    fn poll(&self, queue: QueueKind, patience: Duration) -> Call<Self::Response>;

    /// What a response brought; none when the poll came back empty.
    fn unpack(&self, response: Self::Response) -> Option<Polled<Self::Task>>;

    /// What a supplier is told of a task.
    fn slot_info(task: &Self::Task, queue: QueueKind) -> SlotInfo;
}

/// A task as a poll brings it.
pub(super) struct Polled<T> {
    pub task: T,
    /// How many more wait on the same queue.
    pub backlog: i64,
    /// How many more polls there should be, or fewer.
    pub suggestion: Option<i32>,
}

/// A polled task with the slot it is worked on in.
#[derive(Debug)]
pub(super) struct Assigned<T> {
    pub task: T,
    pub permit: SlotPermit,
}

#[derive(Debug)]
pub(super) enum PollEnd {
    HandedOn {
        backlog: i64,
        suggestion: Option<i32>,
    },
    Empty,
    Failed(Status),
    /// Called off by shutdown.
    Dropped,
    /// It has got no slot.
    CalledOff {
        ask: u64,
    },
}

pub(super) fn request_of<S: PollSource>(queue: QueueKind) -> SlotRequest {
    SlotRequest {
        kind: match S::KIND {
            TaskKind::Workflow => SlotKind::Workflow,
            TaskKind::Activity => SlotKind::Activity,
        },
        is_sticky: queue == QueueKind::Sticky,
    }
}

/// Waits for what a poll brings, and sends it on its way.
pub(super) async fn poll<S: PollSource>(
    source: &S,
    (queue, patience): (QueueKind, Duration),
    tasks: &Sender<Assigned<S::Task>>,
    permit: SlotPermit,
    shutdown: &ShutdownSignal,
) -> PollEnd {
    let answer = tokio::select! {
        // A task that has arrived is never dropped.
        biased;
        answer = guarded(source.poll(queue, patience)) => Some(answer),
        () = shutdown.polls.cancelled() => None,
    };
    hand_on(source, queue, tasks, permit, answer)
}

/// Sends a polled task on its way with its slot. Without a task the slot comes back here.
fn hand_on<S: PollSource>(
    source: &S,
    queue: QueueKind,
    tasks: &Sender<Assigned<S::Task>>,
    mut permit: SlotPermit,
    answer: Option<Result<S::Response, Status>>,
) -> PollEnd {
    let response = match answer {
        None => return PollEnd::Dropped,
        Some(Err(status)) => return PollEnd::Failed(status),
        Some(Ok(response)) => response,
    };
    let Some(Polled {
        task,
        backlog,
        suggestion,
    }) = source.unpack(response)
    else {
        return PollEnd::Empty;
    };
    permit.mark_used(|| S::slot_info(&task, queue));
    if tasks.send(Assigned { task, permit }).is_err() {
        tracing::warn!(kind = %S::KIND, "a polled task was left to time out: its actor is gone");
    }
    PollEnd::HandedOn {
        backlog,
        suggestion,
    }
}
