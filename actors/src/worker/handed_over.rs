//! A task between the run cache and a run.

use std::sync::Arc;

use parking_lot::Mutex;

use super::run_cache::AssignedWorkflowTask;

/// A task on its way to a run. A run of its own accord may leave before it gets there: what it has
/// not taken then is taken back.
#[derive(Clone, Debug)]
pub(super) struct HandedOver(Arc<Mutex<Option<AssignedWorkflowTask>>>);

impl HandedOver {
    pub(super) fn new(assigned: AssignedWorkflowTask) -> Self {
        Self(Arc::new(Mutex::new(Some(assigned))))
    }

    /// None if the other side was first.
    pub(super) fn take(&self) -> Option<AssignedWorkflowTask> {
        self.0.lock().take()
    }

    pub(super) fn is_taken(&self) -> bool {
        self.0.lock().is_none()
    }
}
