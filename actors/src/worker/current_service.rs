//! The service that a worker calls. Its owner may put another in its place while the worker runs.

use std::sync::Arc;

use parking_lot::RwLock;

use crate::connection::WorkerService;

/// Clones share the place.
#[derive(Clone)]
pub(super) struct CurrentService {
    place: Arc<RwLock<Arc<dyn WorkerService>>>,
}

impl CurrentService {
    pub(super) fn new(service: Arc<dyn WorkerService>) -> Self {
        Self {
            place: Arc::new(RwLock::new(service)),
        }
    }

    /// The service for the next call.
    pub(super) fn get(&self) -> Arc<dyn WorkerService> {
        self.place.read().clone()
    }

    pub(super) fn replace(&self, service: Arc<dyn WorkerService>) {
        *self.place.write() = service;
    }
}
