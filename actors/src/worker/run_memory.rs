//! What of a run outlives a panic of its actor.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;

use crate::{
    kit::Sender,
    workflow::{Activation, EvictionReason, RunId},
};

use super::run_cache::{AssignedWorkflowTask, RunReport, Stay};

/// What must be known after a panic. It is also what tells the cache when everything else failed.
pub(super) struct RunMemory {
    pub(super) stay: Stay,
    cache: Sender<RunReport>,
    pub(super) facts: Mutex<Facts>,
}

/// Kept up to date by the run's shell.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// An activation is with workflow code.
    pub(super) host_is_busy: bool,
    /// Workflow code holds something for this run.
    pub(super) host_knows_run: bool,
    /// An answer is under way; a new task may come back with it.
    pub(super) is_responding: bool,
    /// The newest task that is not answered, with its attempt; none for queries.
    pub(super) open_task: Option<(Bytes, u32)>,
    /// Local activities were started for it.
    pub(super) has_local_activities: bool,
    pub(super) has_left: bool,
}

impl RunMemory {
    pub(super) fn new(stay: Stay, cache: Sender<RunReport>) -> Arc<Self> {
        Arc::new(Self {
            stay,
            cache,
            facts: Mutex::default(),
        })
    }

    pub(super) fn run_id(&self) -> &RunId {
        &self.stay.run_id
    }

    pub(super) fn left(&self, reason: EvictionReason, unstarted: Vec<AssignedWorkflowTask>) {
        self.facts.lock().has_left = true;
        // Without a cache the worker has ended, and with it every run.
        let _ = self.cache.send(RunReport::Left {
            stay: self.stay.clone(),
            reason,
            unstarted,
        });
    }
}

// An actor that ended without leaving must not keep its place in the cache.
impl Drop for RunMemory {
    fn drop(&mut self) {
        if !self.facts.lock().has_left {
            self.left(EvictionReason::Fatal, Vec::new());
        }
    }
}

/// The activation by which workflow code is told to forget a run that broke.
pub(super) fn removal(run_id: &RunId) -> Activation {
    Activation::removal(run_id, EvictionReason::Fatal, "the run's actor panicked")
}
