//! Local activities among the other state machines: when they start, and when workflow code hears
//! what came of them.

use crate::{
    protos::history::v1::MarkerRecordedEventAttributes,
    workflow::{
        activation::{Activation, Job},
        command::ScheduleLocalActivity,
        exchange::LocalActivityEnded,
        failure::TaskError,
    },
};

use super::{
    Machines,
    local_activity::Cancellation,
    local_activity_marker::{LocalActivityMarker, MARKER_NAME},
    recorded_outcomes::{Place, RecordedOutcome},
};

impl Machines {
    pub(crate) fn schedule_local(
        &mut self,
        schedule: ScheduleLocalActivity,
    ) -> Result<(), TaskError> {
        if !self.settings.runs_local_activities {
            return Err(TaskError::invalid(format!(
                "the workflow scheduled the local activity '{}', but this worker has no activities",
                schedule.activity_type
            )));
        }
        self.activities.take_number(schedule.sequence)?;
        // Promise 26: a local activity after the workflow's end is discarded.
        if !self.commands.has_end() {
            self.local.schedule(schedule, self.facts.time);
        }
        Ok(())
    }

    pub(crate) fn cancel_local(&mut self, sequence: u32) -> Result<(), TaskError> {
        self.activities.check_number(sequence)?;
        if self.commands.has_end() {
            return Ok(());
        }
        let asked = self.local.cancel(sequence, self.moment.replaying);
        let marker = match asked {
            Cancellation::Nothing => None,
            Cancellation::Resolve => self.local.cancelled_marker(sequence, self.recorded.index()),
            Cancellation::ResolveAsRecorded => {
                self.recorded.take_next(sequence, self.commands.issued())
            }
        };
        let job = marker.and_then(|marker| self.resolve_local(marker));
        self.follow_ups.extend(job);
        Ok(())
    }

    /// Takes note of an outcome that the next completed workflow task has recorded.
    pub(super) fn look_ahead_at_marker(
        &mut self,
        place: Place,
        recorded: &MarkerRecordedEventAttributes,
    ) -> Result<(), TaskError> {
        if recorded.marker_name == MARKER_NAME {
            self.recorded.push(RecordedOutcome {
                place,
                marker: LocalActivityMarker::read(place.event_id, recorded)?,
            });
        }
        Ok(())
    }

    /// Outcomes of now. They wait until workflow code is at rest.
    pub(crate) fn local_ended(&mut self, ended: Vec<LocalActivityEnded>) {
        self.arrived.extend(ended);
    }

    /// The outcomes that workflow code may hear along with the events of a task.
    ///
    /// Those of now wait until it has heard the events. If the task before had nothing to say, the
    /// events of both are one sequence in replay; the local activity may be scheduled only there, and
    /// its outcome cannot come before what signals of the second task bring about.
    pub(super) fn outcomes_with_events(&mut self) -> Result<Vec<Job>, TaskError> {
        let is_told = |ended: &LocalActivityEnded| ended.complete_time.is_some();
        if self.jobs.is_empty() || self.arrived.iter().all(is_told) {
            return self.local_outcomes();
        }
        self.recorded_outcomes()
    }

    /// The outcomes that workflow code may hear now, from history or of now.
    pub(super) fn local_outcomes(&mut self) -> Result<Vec<Job>, TaskError> {
        let mut jobs = self.recorded_outcomes()?;
        if !self.moment.replaying {
            for ended in std::mem::take(&mut self.arrived) {
                let marker = self.local.marker_of(ended, self.recorded.index());
                jobs.extend(marker.and_then(|marker| self.resolve_local(marker)));
            }
        }
        Ok(jobs)
    }

    fn recorded_outcomes(&mut self) -> Result<Vec<Job>, TaskError> {
        let mut jobs = Vec::new();
        if self.recorded.is_empty() {
            return Ok(jobs);
        }
        while let Some(due) = self.recorded.take_due(self.commands.issued(), |sequence| {
            self.local.standing(sequence)
        }) {
            let compare = self.flags.compares_ids_and_types(self.moment.is_last);
            self.local.check(due.place.event_id, &due.marker, compare)?;
            jobs.extend(self.resolve_local(due.marker));
        }
        Ok(jobs)
    }

    fn resolve_local(&mut self, marker: LocalActivityMarker) -> Option<Job> {
        if self.commands.has_end() {
            return None;
        }
        let complete_time = marker.complete_time;
        let (issue, job) = self.local.resolve(marker)?;
        self.move_time(complete_time);
        self.commands.issue(issue);
        Some(job)
    }

    /// Outcomes of now, as an activation.
    pub(crate) fn take_local_outcomes(&mut self) -> Result<Option<Activation>, TaskError> {
        let jobs = self.local_outcomes()?;
        Ok(self.activation(jobs))
    }

    /// Outcomes that were held back though nothing else is left to happen, as an activation.
    pub(crate) fn take_held_outcomes(&mut self) -> Result<Option<Activation>, TaskError> {
        if self.recorded.is_empty() {
            return Ok(None);
        }
        let standing = |sequence| self.local.standing(sequence);
        self.recorded.release_held(self.commands.issued(), standing);
        let jobs = self.recorded_outcomes()?;
        Ok(self.activation(jobs))
    }

    /// Those that are to be started now. Outside of replay only; none once the workflow has ended.
    pub(crate) fn dispatch_local(&mut self) -> Vec<ScheduleLocalActivity> {
        if self.moment.replaying || self.commands.has_end() {
            return Vec::new();
        }
        self.local.dispatch()
    }

    pub(crate) fn take_local_cancels(&mut self) -> Vec<u32> {
        self.local.take_cancels()
    }

    /// Local activities whose outcome workflow code waits for.
    pub(crate) fn open_local_activities(&self) -> usize {
        self.local.count()
    }

    /// Local activities that run, or wait for another attempt, in this process.
    pub(crate) fn local_activities_in_flight(&self) -> usize {
        let has_arrived = |sequence| self.arrived.iter().any(|one| one.sequence == sequence);
        self.local
            .running()
            .filter(|one| !has_arrived(*one))
            .count()
    }

    /// The marker's event has come.
    ///
    /// Compatibility, flags: the number is always compared, id and type where flag 1 says so.
    pub(super) fn match_local_marker(
        &mut self,
        sequence: u32,
        event_id: i64,
        recorded: &MarkerRecordedEventAttributes,
    ) -> Result<(), TaskError> {
        let marker = LocalActivityMarker::read(event_id, recorded)?;
        if marker.sequence != sequence {
            return Err(TaskError::nondeterminism(format!(
                "event {event_id} (MARKER_RECORDED) is about local activity {}, but the command \
                 RECORD_MARKER is about local activity {sequence}",
                marker.sequence
            )));
        }
        let compare = self.flags.compares_ids_and_types(self.moment.is_last);
        self.local.check(event_id, &marker, compare)?;
        self.local.recorded(sequence);
        Ok(())
    }
}
