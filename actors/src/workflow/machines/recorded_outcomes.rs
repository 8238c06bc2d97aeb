//! Outcomes of local activities that history has and workflow code has not heard, in history order.
//!
//! Compatibility, local activities: replay stops at the first one whose activity is not scheduled
//! yet, and holds one back that came later when the run was live. Two things tell what came later.
//! One is the activation index: 0 when a workflow task is applied, plus 1 for each activation that
//! is not only queries. The other is the marker's place: as many commands were issued before the
//! outcome as stand before the marker. The index alone is not enough, because markers of before
//! 1.34 have none, and because heartbeats, which set it back to 0, leave no sequence of their own.

use std::collections::VecDeque;

use super::{local_activity::Standing, local_activity_marker::LocalActivityMarker};

/// Where a marker stands in history.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) event_id: i64,
    /// Command events of the same workflow task that stand before it.
    pub(super) commands_before: usize,
}

/// An outcome that history has.
#[derive(Debug)]
pub(super) struct RecordedOutcome {
    pub(super) place: Place,
    pub(super) marker: LocalActivityMarker,
}

/// The outcomes that the next completed workflow task has recorded.
#[derive(Debug, Default)]
pub(super) struct RecordedOutcomes {
    queue: VecDeque<RecordedOutcome>,
    index: u32,
    /// Commands that history has and workflow code will not issue, as far as is known.
    missing: usize,
}

impl RecordedOutcomes {
    /// A workflow task with events is applied.
    pub(super) fn begin_task(&mut self) {
        *self = Self::default();
    }

    pub(super) fn push(&mut self, outcome: RecordedOutcome) {
        self.queue.push_back(outcome);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Counts an activation that is not only queries.
    pub(super) fn note_activation(&mut self) {
        self.index = self.index.saturating_add(1);
    }

    /// The index as it is written with an outcome of now.
    pub(super) fn index(&self) -> u32 {
        self.index
    }

    /// Takes the next outcome that workflow code may hear now, when it has issued `issued` commands.
    pub(super) fn take_due(
        &mut self,
        issued: usize,
        standing: impl Fn(u32) -> Standing,
    ) -> Option<RecordedOutcome> {
        while let Some(front) = self.queue.front() {
            match standing(front.marker.sequence) {
                Standing::Unknown => return None,
                // A cancellation has resolved it meanwhile.
                Standing::Resolved => {
                    self.queue.pop_front();
                }
                Standing::Open if self.holds(front, issued) => return None,
                Standing::Open => {
                    // A heartbeat may have set the index back since.
                    self.index = front.marker.activation_index.unwrap_or(self.index);
                    return self.queue.pop_front();
                }
            }
        }
        None
    }

    fn holds(&self, outcome: &RecordedOutcome, issued: usize) -> bool {
        outcome.place.commands_before > issued + self.missing
            || outcome
                .marker
                .activation_index
                .is_some_and(|index| index > self.index)
    }

    /// Nothing else can happen: lets the first outcome go that is only held back, so that replay
    /// never stalls.
    pub(super) fn release_held(&mut self, issued: usize, standing: impl Fn(u32) -> Standing) {
        let Some(front) = self.queue.front() else {
            return;
        };
        if standing(front.marker.sequence) == Standing::Unknown {
            return;
        }
        let missing = front.place.commands_before.saturating_sub(issued);
        self.missing = self.missing.max(missing);
        self.index = self.index.max(front.marker.activation_index.unwrap_or(0));
    }

    /// Takes the outcome of this activity, if history has it as the next command.
    pub(super) fn take_next(
        &mut self,
        sequence: u32,
        issued: usize,
    ) -> Option<LocalActivityMarker> {
        let position = self.queue.iter().position(|one| {
            one.marker.sequence == sequence
                && one.place.commands_before == issued + self.missing
                && !self.holds(one, issued)
        })?;
        self.queue.remove(position).map(|one| one.marker)
    }
}
