//! What a history tells of local activities that ended in one task, for those who play the history as
//! if it were happening now.

use std::collections::VecDeque;

use crate::protos::{enums::v1::EventType, history::v1::HistoryEvent};

use super::{
    exchange::{LocalActivityEnded, RunInput},
    machines::recorded_outcome,
};

/// Outcomes in the order of their markers, with the activation index.
#[derive(Debug, Default)]
pub(crate) struct LocalOutcomes(VecDeque<(LocalActivityEnded, Option<u32>)>);

impl LocalOutcomes {
    /// From the events that follow a task's started event.
    pub(crate) fn of_task(after_started: &[HistoryEvent]) -> Self {
        let outcomes = after_started
            .iter()
            .take_while(|event| event.event_type() != EventType::WorkflowTaskStarted)
            .filter_map(recorded_outcome);
        Self(outcomes.collect())
    }

    /// The next outcome, with those that have its index: they were heard together.
    pub(crate) fn next(&mut self) -> Option<RunInput> {
        let (first, index) = self.0.pop_front()?;
        let mut ended = vec![first];
        while index.is_some() && self.next_index() == index {
            ended.extend(self.0.pop_front().map(|(next, _)| next));
        }
        Some(RunInput::LocalActivitiesEnded(ended))
    }

    /// As [`Self::next`], if a run that is cached has heard it before anything else of the task: the
    /// local activity may have ended before the task began.
    pub(crate) fn next_before_task(&mut self) -> Option<RunInput> {
        self.next_index()
            .is_some_and(|index| index == 0)
            .then(|| self.next())?
    }

    fn next_index(&self) -> Option<u32> {
        self.0.front()?.1
    }
}
