//! Eager starts: the server may send the first task of a workflow with the answer to its start, for a
//! worker that uses the same connection.

use std::sync::{Arc, Weak};

use dashmap::DashMap;
use rand::seq::SliceRandom;

use crate::protos::{
    deployment::v1::WorkerDeploymentOptions,
    workflowservice::v1::{PollWorkflowTaskQueueResponse, StartWorkflowExecutionRequest},
};

/// A worker that takes first tasks.
pub trait FirstTasks: Send + Sync + 'static {
    /// Holds a slot for a first task, if one is free.
    fn reserve(&self) -> Option<Box<dyn FirstTask>>;

    /// The version of the worker, as the server is told it.
    fn deployment_options(&self) -> Option<WorkerDeploymentOptions>;
}

/// A slot for a first task. Dropped without a task, the slot comes back.
pub trait FirstTask: Send {
    fn start(self: Box<Self>, task: PollWorkflowTaskQueueResponse);
}

/// Namespace and task queue.
type Key = (String, String);

/// The workers of one connection.
#[derive(Clone, Default)]
pub(super) struct EagerStarts {
    inner: Arc<Workers>,
}

#[derive(Default)]
struct Workers {
    by_queue: DashMap<Key, Vec<Arc<dyn FirstTasks>>>,
}

/// As long as this lives, a worker gets first tasks.
pub struct EagerRegistration {
    workers: Weak<Workers>,
    key: Key,
    worker: Arc<dyn FirstTasks>,
}

impl EagerStarts {
    pub(super) fn register(
        &self,
        namespace: &str,
        task_queue: &str,
        worker: Arc<dyn FirstTasks>,
    ) -> EagerRegistration {
        let key = (namespace.to_owned(), task_queue.to_owned());
        let mut workers = self.inner.by_queue.entry(key.clone()).or_default();
        workers.push(worker.clone());
        EagerRegistration {
            workers: Arc::downgrade(&self.inner),
            key,
            worker,
        }
    }

    /// Holds a slot for the first task of a start that wants one, and says so in the request. Where
    /// there is none, the request asks for it no longer.
    pub(super) fn reserve(
        &self,
        request: &mut StartWorkflowExecutionRequest,
    ) -> Option<Box<dyn FirstTask>> {
        let task_queue = request.task_queue.as_ref().map(|queue| queue.name.clone());
        let key = (request.namespace.clone(), task_queue.unwrap_or_default());
        // Not under the map's lock: what a worker does is its own.
        let mut workers = match self.inner.by_queue.get(&key) {
            Some(workers) => workers.clone(),
            None => Vec::new(),
        };
        workers.shuffle(&mut rand::rng());
        let reserved = workers
            .iter()
            .find_map(|worker| Some((worker.reserve()?, worker.deployment_options())));
        request.request_eager_execution = reserved.is_some();
        let (task, options) = reserved?;
        request.eager_worker_deployment_options = options;
        Some(task)
    }
}

impl Drop for EagerRegistration {
    fn drop(&mut self) {
        let Some(workers) = self.workers.upgrade() else {
            return;
        };
        if let Some(mut registered) = workers.by_queue.get_mut(&self.key) {
            registered.retain(|worker| !Arc::ptr_eq(worker, &self.worker));
        }
        workers
            .by_queue
            .remove_if(&self.key, |_, registered| registered.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use parking_lot::Mutex;

    use crate::protos::taskqueue::v1::TaskQueue;

    use super::*;

    #[derive(Default)]
    struct Worker {
        slots: AtomicUsize,
        started: Arc<Mutex<Vec<PollWorkflowTaskQueueResponse>>>,
    }

    struct Task(Arc<Mutex<Vec<PollWorkflowTaskQueueResponse>>>);

    impl FirstTask for Task {
        fn start(self: Box<Self>, task: PollWorkflowTaskQueueResponse) {
            self.0.lock().push(task);
        }
    }

    impl FirstTasks for Worker {
        fn reserve(&self) -> Option<Box<dyn FirstTask>> {
            let taken = self
                .slots
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |free| {
                    free.checked_sub(1)
                });
            taken.ok()?;
            Some(Box::new(Task(self.started.clone())))
        }

        fn deployment_options(&self) -> Option<WorkerDeploymentOptions> {
            Some(WorkerDeploymentOptions {
                build_id: "build".into(),
                ..WorkerDeploymentOptions::default()
            })
        }
    }

    fn start(namespace: &str, queue: &str) -> StartWorkflowExecutionRequest {
        StartWorkflowExecutionRequest {
            namespace: namespace.into(),
            task_queue: Some(TaskQueue {
                name: queue.into(),
                ..TaskQueue::default()
            }),
            request_eager_execution: true,
            ..StartWorkflowExecutionRequest::default()
        }
    }

    #[test]
    fn a_worker_of_the_queue_with_a_free_slot_gets_the_first_task() {
        let starts = EagerStarts::default();
        let (busy, free) = (Arc::new(Worker::default()), Arc::new(Worker::default()));
        free.slots.store(1, Ordering::SeqCst);
        let _busy = starts.register("default", "queue", busy);
        let registration = starts.register("default", "queue", free.clone());
        for (namespace, queue) in [("other", "queue"), ("default", "other")] {
            let mut request = start(namespace, queue);
            assert!(starts.reserve(&mut request).is_none());
            assert!(!request.request_eager_execution);
        }
        let mut request = start("default", "queue");
        let task = starts.reserve(&mut request).expect("one has a slot");
        assert!(request.request_eager_execution);
        let options = request.eager_worker_deployment_options.expect("sent");
        assert_eq!(options.build_id, "build");
        task.start(PollWorkflowTaskQueueResponse::default());
        assert_eq!(free.started.lock().len(), 1);
        assert!(starts.reserve(&mut start("default", "queue")).is_none());
        free.slots.store(1, Ordering::SeqCst);
        drop(registration);
        assert!(starts.reserve(&mut start("default", "queue")).is_none());
    }
}
