//! Cuts a run's history into workflow task sequences.
//!
//! A sequence is what one workflow task adds to what workflow code has seen: the events up to the
//! task's started event. Events come in pages of any size; a sequence is handed out only when it
//! and the one after it are known whole, so the cut of the pages makes no difference.
//!
//! | a started event followed by | ends a sequence |
//! |---|---|
//! | failed, timed out, or the run's abrupt end | no |
//! | completed, then at once scheduled, with no command since the last end | no, it merges into the next |
//! | such a merge, and then an accepted update | the last one before the update's request |
//! | anything else, or nothing | yes |

use std::{collections::VecDeque, mem};

use bytes::Bytes;

use crate::protos::{
    enums::v1::EventType,
    history::v1::{HistoryEvent, history_event::Attributes},
};

use super::{machines::comes_from_a_command, task::HistoryPage};

/// The history cannot be what the server meant to send.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum HistoryError {
    #[error("history has a gap: expected event {expected}, got event {got}")]
    Gap { expected: i64, got: i64 },
    #[error("history ends with event {last}, before event {started} that started the task")]
    Incomplete { last: i64, started: i64 },
    #[error("history has changed: event {event_id} is not the one that this run has seen")]
    Changed { event_id: i64 },
}

/// What a window of history is filled with at the start of a task.
pub(super) struct TaskHistory {
    pub(super) events: Vec<HistoryEvent>,
    pub(super) next_page_token: Bytes,
    /// The task's own started event; 0 for a query-only task.
    pub(super) started_event_id: i64,
    pub(super) previous_started_event_id: i64,
    /// The smallest event id after which an update request of this task stands.
    pub(super) update_sequencing_id: Option<i64>,
}

/// The last event that a run has applied, to know its history again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Applied {
    pub(super) event_id: i64,
    /// Changes when a cluster failover rewrites history.
    pub(super) version: i64,
}

/// What comes next in a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Apply the events up to this started event.
    Sequence { end: i64, is_last: bool },
    /// Events that no workflow task has seen, at the end of the history.
    Tail,
    /// All of it is applied.
    Over,
    /// Nothing can be said before this page is here. An empty token: from the first event.
    Page(Bytes),
}

/// The part of a run's history that is fetched and not yet applied.
#[derive(Debug, Default)]
pub(super) struct HistoryWindow {
    events: VecDeque<HistoryEvent>,
    applied: Applied,
    /// Id of the event that must come next from the server.
    expected: i64,
    /// Token of the next page; none after the last.
    more: Option<Bytes>,
    /// What the task itself brought, when all before it had to be fetched first.
    held_back: Option<HistoryPage>,
    from_start: bool,
    /// No event after this one belongs to the task; `i64::MAX` when there is no such limit.
    limit: i64,
    /// For a query: a task that was started after this one is still in progress somewhere.
    answered_up_to: Option<i64>,
    update_sequencing_id: Option<i64>,
    scanned: usize,
    scanner: Scanner,
    finished: bool,
    /// Started events that end sequences, not yet handed out.
    ends: VecDeque<i64>,
}

impl HistoryWindow {
    /// Fills the window for a task of a run that has applied its history up to `applied`.
    pub(super) fn begin(
        &mut self,
        applied: Applied,
        task: TaskHistory,
    ) -> Result<(), HistoryError> {
        *self = Self {
            applied,
            expected: applied.event_id + 1,
            limit: if task.started_event_id > 0 {
                task.started_event_id
            } else {
                i64::MAX
            },
            answered_up_to: (task.started_event_id == 0 && task.previous_started_event_id > 0)
                .then_some(task.previous_started_event_id),
            update_sequencing_id: task.update_sequencing_id,
            ..Self::default()
        };
        let known = task.started_event_id.max(task.previous_started_event_id);
        let brings_nothing = task.events.is_empty() && task.next_page_token.is_empty();
        if brings_nothing && (applied.event_id < known || applied.event_id == 0) {
            self.fetch_from_start(HistoryPage::default());
            return Ok(());
        }
        self.accept_page(HistoryPage {
            events: task.events,
            next_page_token: task.next_page_token,
        })
    }

    /// Takes a page that [`Next::Page`] asked for.
    pub(super) fn accept_page(&mut self, page: HistoryPage) -> Result<(), HistoryError> {
        let first = page.events.first().map_or(0, |event| event.event_id);
        if first > self.expected && !self.from_start {
            self.fetch_from_start(page);
            return Ok(());
        }
        self.more = (!page.next_page_token.is_empty()).then_some(page.next_page_token);
        self.accept(page.events)?;
        self.release_held_back()
    }

    fn fetch_from_start(&mut self, held_back: HistoryPage) {
        self.from_start = true;
        self.more = Some(Bytes::new());
        if !held_back.events.is_empty() {
            self.held_back = Some(held_back);
        }
    }

    fn release_held_back(&mut self) -> Result<(), HistoryError> {
        let reached = self.more.is_none()
            || self
                .held_back
                .as_ref()
                .is_some_and(|held| held.events[0].event_id <= self.expected);
        if reached && let Some(held) = self.held_back.take() {
            self.more = (!held.next_page_token.is_empty()).then_some(held.next_page_token);
            self.accept(held.events)?;
        }
        Ok(())
    }

    fn accept(&mut self, events: Vec<HistoryEvent>) -> Result<(), HistoryError> {
        if self.events.is_empty() && self.continues_with(&events) {
            self.expected += events.len() as i64;
            self.events = events.into();
        } else {
            self.accept_one_by_one(events)?;
        }
        if self.expected > self.limit {
            self.more = None;
            self.held_back = None;
        }
        Ok(())
    }

    fn accept_one_by_one(&mut self, events: Vec<HistoryEvent>) -> Result<(), HistoryError> {
        for event in events {
            if event.event_id > self.limit {
                break;
            }
            if event.event_id < self.expected {
                self.check_overlap(&event)?;
            } else if event.event_id == self.expected {
                self.expected += 1;
                self.events.push_back(event);
            } else {
                return Err(HistoryError::Gap {
                    expected: self.expected,
                    got: event.event_id,
                });
            }
        }
        Ok(())
    }

    /// True for the usual page, which can be taken as it is.
    fn continues_with(&self, events: &[HistoryEvent]) -> bool {
        let last = self.expected.saturating_add(events.len() as i64 - 1);
        last <= self.limit
            && (self.expected..)
                .zip(events)
                .all(|(expected, event)| event.event_id == expected)
    }

    fn check_overlap(&self, event: &HistoryEvent) -> Result<(), HistoryError> {
        if event.event_id == self.applied.event_id && event.version != self.applied.version {
            return Err(HistoryError::Changed {
                event_id: event.event_id,
            });
        }
        Ok(())
    }

    /// Says what comes next, and takes it if it is a sequence.
    pub(super) fn next(&mut self) -> Result<Next, HistoryError> {
        while let Some(event) = self.events.get(self.scanned) {
            self.scanner.see(event, &mut self.ends);
            self.scanned += 1;
        }
        if let Some(token) = &self.more {
            if self.ends.len() < 2 {
                return Ok(Next::Page(token.clone()));
            }
        } else if !self.finished {
            self.finish()?;
        }
        match self.ends.pop_front() {
            Some(end) => Ok(Next::Sequence {
                end,
                is_last: self.more.is_none() && self.ends.is_empty(),
            }),
            None if self.events.is_empty() => Ok(Next::Over),
            None => Ok(Next::Tail),
        }
    }

    fn finish(&mut self) -> Result<(), HistoryError> {
        self.finished = true;
        if let Scan::Started(started) = self.scanner.state
            && self
                .answered_up_to
                .is_some_and(|answered| started > answered)
        {
            self.leave_out_from(started);
        }
        self.scanner
            .finish(self.update_sequencing_id, &mut self.ends);
        let last = self.expected - 1;
        if self.limit != i64::MAX && last < self.limit {
            return Err(HistoryError::Incomplete {
                last,
                started: self.limit,
            });
        }
        self.end_at_limit();
        Ok(())
    }

    /// The task ends a sequence also where its started event is still to be written, as in a replay
    /// of a history that goes on after its last task.
    fn end_at_limit(&mut self) {
        let reaches_limit = self
            .events
            .back()
            .is_some_and(|event| event.event_id == self.limit);
        if reaches_limit && self.ends.back() != Some(&self.limit) {
            self.ends.push_back(self.limit);
        }
    }

    /// A query sees nothing of a task in progress, and leaves its events to the task itself.
    fn leave_out_from(&mut self, started: i64) {
        self.scanner.state = Scan::Between;
        let kept = self
            .events
            .partition_point(|event| event.event_id < started);
        self.events.truncate(kept);
        self.scanned = self.scanned.min(kept);
        self.expected = started;
    }

    /// Takes the next event, if it is not past `end`.
    pub(super) fn pop_up_to(&mut self, end: i64) -> Option<HistoryEvent> {
        if self.events.front()?.event_id > end {
            return None;
        }
        self.scanned = self.scanned.saturating_sub(1);
        self.events.pop_front()
    }

    /// The events that are known and not taken, up to the end of the sequence after the one that
    /// was handed out last.
    pub(super) fn ahead(&mut self) -> impl Iterator<Item = &mut HistoryEvent> {
        let end = self.ends.front().copied().unwrap_or(i64::MAX);
        self.events
            .iter_mut()
            .take_while(move |event| event.event_id <= end)
    }
}

/// Finds the started events that end sequences, one event at a time.
#[derive(Debug, Default)]
struct Scanner {
    state: Scan,
    /// Started events of completed tasks that had nothing to say, since the last end.
    merged: Vec<i64>,
    /// A command's event has come since the last end.
    has_commands: bool,
}

#[derive(Clone, Copy, Debug, Default)]
enum Scan {
    #[default]
    Between,
    Started(i64),
    Completed(i64),
    /// Completed after a merge: an accepted update may follow.
    Answered(i64),
}

impl Scanner {
    fn see(&mut self, event: &HistoryEvent, ends: &mut VecDeque<i64>) {
        let kind = event.event_type();
        self.state = match self.state {
            Scan::Between if kind == EventType::WorkflowTaskStarted => {
                Scan::Started(event.event_id)
            }
            Scan::Between => Scan::Between,
            Scan::Started(started) => Self::after_started(started, event.event_id, kind),
            Scan::Completed(started) if kind == EventType::WorkflowTaskScheduled => {
                if self.has_commands {
                    self.end(started, None, ends);
                } else {
                    self.merged.push(started);
                }
                Scan::Between
            }
            Scan::Completed(started) if self.merged.is_empty() => {
                self.end(started, None, ends);
                Scan::Between
            }
            Scan::Completed(started) | Scan::Answered(started) => {
                self.after_answer(started, event, ends)
            }
        };
        self.has_commands |= comes_from_a_command(kind);
    }

    fn after_started(started: i64, event_id: i64, kind: EventType) -> Scan {
        match kind {
            EventType::WorkflowTaskFailed
            | EventType::WorkflowTaskTimedOut
            | EventType::WorkflowExecutionTimedOut
            | EventType::WorkflowExecutionTerminated
            | EventType::WorkflowExecutionCanceled => Scan::Between,
            EventType::WorkflowTaskCompleted => Scan::Completed(started),
            EventType::WorkflowTaskStarted => Scan::Started(event_id),
            _ => Scan::Started(started),
        }
    }

    fn after_answer(
        &mut self,
        started: i64,
        event: &HistoryEvent,
        ends: &mut VecDeque<i64>,
    ) -> Scan {
        match &event.attributes {
            Some(Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(accepted)) => {
                let sequencing_id = accepted.accepted_request_sequencing_event_id;
                self.end(started, Some(sequencing_id), ends);
                Scan::Between
            }
            Some(Attributes::WorkflowTaskScheduledEventAttributes(_)) => {
                self.end(started, None, ends);
                Scan::Between
            }
            _ => Scan::Answered(started),
        }
    }

    /// Ends a sequence at `started`, and one before it if an update's request lies between.
    fn end(&mut self, started: i64, sequencing_id: Option<i64>, ends: &mut VecDeque<i64>) {
        let merged = mem::take(&mut self.merged);
        self.has_commands = false;
        if let Some(sequencing_id) = sequencing_id
            && let Some(before) = merged.iter().rev().find(|id| **id < sequencing_id)
        {
            ends.push_back(*before);
        }
        ends.push_back(started);
    }

    fn finish(&mut self, update_sequencing_id: Option<i64>, ends: &mut VecDeque<i64>) {
        match mem::take(&mut self.state) {
            Scan::Between => {}
            Scan::Started(started) => self.end(started, update_sequencing_id, ends),
            Scan::Completed(started) | Scan::Answered(started) => self.end(started, None, ends),
        }
    }
}
