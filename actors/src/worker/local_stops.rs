//! How local activities are asked to stop: by their workflow, by the eviction of their run, by the
//! worker's shutdown.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use crate::{
    host::ActivityCancel,
    kit::Handle,
    workflow::{RunId, RunInput},
};

use super::{
    activity_executor::{BeginGrace, GraceElapsed},
    local_activities::{Life, LocalActivityExecutor, tell},
    local_attempt::{AttemptId, LocalActivity, LocalKey, Phase, cancelled_between_attempts},
};

/// A run wants some of its local activities to stop.
#[derive(Debug)]
pub(super) struct StopLocalActivities {
    pub run_id: RunId,
    pub sequences: Vec<u32>,
}

/// A run leaves: all of its local activities are to stop.
#[derive(Debug)]
pub(super) struct ForgetLocalActivities(pub RunId);

/// What was asked to stop at the shutdown has had its time.
#[derive(Clone, Copy, Debug)]
pub(super) struct AbandonLocalActivities;

/// No run will want anything any more.
#[derive(Clone, Copy, Debug)]
pub(super) struct DrainLocalActivities;

/// No local activity runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LocalActivitiesDrained;

/// How long user code may take to stop, once the grace period is over.
pub(super) const STOP_LIMIT: Duration = Duration::from_secs(5);

const NOTHING: ActivityCancel = ActivityCancel {
    not_found: false,
    cancel_requested: false,
    paused: false,
    reset: false,
    timed_out: false,
    worker_shutdown: false,
};

const CANCELLED: ActivityCancel = ActivityCancel {
    cancel_requested: true,
    ..NOTHING
};

pub(super) const TIMED_OUT: ActivityCancel = ActivityCancel {
    timed_out: true,
    ..NOTHING
};

const SHUTDOWN: ActivityCancel = ActivityCancel {
    worker_shutdown: true,
    ..NOTHING
};

impl LocalActivityExecutor {
    pub(super) fn ask_to_stop(&self, attempt: AttemptId, why: ActivityCancel) {
        let host = &self.config.host;
        let asked = catch_unwind(AssertUnwindSafe(|| host.cancel(attempt.task_token(), why)));
        if asked.is_err() {
            tracing::error!("user code's side panicked when asked to cancel a local activity");
        }
    }

    fn cancel(&mut self, key: &LocalKey) {
        let Some(activity) = self.activities.get_mut(key) else {
            return;
        };
        let Phase::Running { attempt, .. } = activity.phase else {
            if let Some(activity) = self.remove(key) {
                let ended = cancelled_between_attempts(key.sequence);
                tell(&activity, RunInput::LocalActivitiesEnded(vec![ended]));
            }
            return;
        };
        if !std::mem::replace(&mut activity.cancel_requested, true) {
            self.ask_to_stop(attempt, CANCELLED);
        }
    }

    /// What user code still works on goes on without its run.
    fn keep_remains(&mut self, mut key: LocalKey) {
        let Some(mut activity) = self.remove(&key) else {
            return;
        };
        let phase = activity.phase;
        if let Phase::Running { attempt, .. } = phase {
            activity.reply = None;
            activity.deadline = None;
            key.remains = Some(attempt);
            self.activities.insert(key.clone(), activity);
            self.enter(&key, phase);
        }
    }

    fn keys(&self, filter: impl Fn(&LocalKey, &LocalActivity) -> bool) -> Vec<LocalKey> {
        let mut keys: Vec<LocalKey> = self
            .activities
            .iter()
            .filter(|(key, activity)| filter(key, activity))
            .map(|(key, _)| key.clone())
            .collect();
        keys.sort();
        keys
    }
}

impl Handle<StopLocalActivities> for LocalActivityExecutor {
    fn handle(&mut self, stop: StopLocalActivities) {
        for sequence in stop.sequences {
            self.cancel(&LocalKey::new(&stop.run_id, sequence));
        }
        self.settle();
    }
}

/// Promise 9: a local activity that still runs at the eviction of its run always gets its cancel.
impl Handle<ForgetLocalActivities> for LocalActivityExecutor {
    fn handle(&mut self, ForgetLocalActivities(run_id): ForgetLocalActivities) {
        for key in self.keys(|key, _| key.run_id == run_id && key.remains.is_none()) {
            self.cancel(&key);
            self.keep_remains(key);
        }
        self.settle();
    }
}

impl Handle<BeginGrace> for LocalActivityExecutor {
    fn handle(&mut self, BeginGrace: BeginGrace) {
        let elapsed = self.config.grace_elapsed.clone();
        let grace = self.config.grace;
        self.shutdown_alarm = Some(self.config.clock.after(grace, elapsed, GraceElapsed));
    }
}

/// Promise 9: a local activity that still runs at the shutdown gets its cancel. Its run completes
/// its task without it, so that another worker runs it again.
impl Handle<GraceElapsed> for LocalActivityExecutor {
    fn handle(&mut self, GraceElapsed: GraceElapsed) {
        self.life = Life::Stopping;
        for key in self.keys(|_, _| true) {
            match self.activities.get(&key).map(|activity| activity.phase) {
                Some(Phase::Running { attempt, .. }) => self.ask_to_stop(attempt, SHUTDOWN),
                _ => self.give_back(&key),
            }
        }
        let abandon = self.config.abandon.clone();
        let clock = &self.config.clock;
        self.shutdown_alarm = Some(clock.after(STOP_LIMIT, abandon, AbandonLocalActivities));
        self.settle();
    }
}

impl Handle<AbandonLocalActivities> for LocalActivityExecutor {
    fn handle(&mut self, AbandonLocalActivities: AbandonLocalActivities) {
        self.life = Life::Abandoning;
        let left = self.keys(|_, _| true);
        if !left.is_empty() {
            tracing::warn!(
                count = left.len(),
                "local activities did not stop, and are abandoned"
            );
        }
        for key in left {
            self.give_back(&key);
        }
        self.settle();
    }
}

impl Handle<DrainLocalActivities> for LocalActivityExecutor {
    fn handle(&mut self, DrainLocalActivities: DrainLocalActivities) {
        self.draining = true;
        self.settle();
    }
}
