//! A task queue: pollers wait, tasks go to whoever waits longest.

use std::{collections::VecDeque, time::Duration};

use parking_lot::Mutex;
use tokio::sync::Notify;

/// As long as a real server holds a poll, so that pollers meet the same.
const LONG_POLL: Duration = Duration::from_secs(60);

pub(super) struct TaskQueue<T> {
    ready: Mutex<VecDeque<T>>,
    arrived: Notify,
}

impl<T> Default for TaskQueue<T> {
    fn default() -> Self {
        Self {
            ready: Mutex::new(VecDeque::new()),
            arrived: Notify::new(),
        }
    }
}

impl<T> TaskQueue<T> {
    pub(super) fn push(&self, task: T) {
        self.ready.lock().push_back(task);
        self.arrived.notify_one();
    }

    /// The next task, or nothing when the poll has lasted as long as a poll may.
    pub(super) async fn poll(&self) -> Option<T> {
        tokio::time::timeout(LONG_POLL, self.next()).await.ok()
    }

    async fn next(&self) -> T {
        loop {
            let arrived = self.arrived.notified();
            if let Some(task) = self.take() {
                return task;
            }
            arrived.await;
        }
    }

    fn take(&self) -> Option<T> {
        let mut ready = self.ready.lock();
        let task = ready.pop_front();
        if task.is_some() && !ready.is_empty() {
            // Two arrivals before anybody waits leave one wake-up; pass it on.
            self.arrived.notify_one();
        }
        task
    }
}
