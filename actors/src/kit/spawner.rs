//! Work that waits for something runs as a task; its result comes back as a message.

use std::{future::Future, panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt;
use tokio::{runtime::Handle, task::AbortHandle};
use tonic::Status;

use crate::connection::Call;

/// Starts tasks on the runtime that drives the connection.
#[derive(Clone, Debug)]
pub struct Spawner {
    handle: Handle,
}

/// A task that ends when this is dropped.
#[derive(Debug)]
pub struct Task(AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Spawner {
    pub fn new(handle: Handle) -> Self {
        Self { handle }
    }

    /// The runtime of the caller. Panics outside of one.
    pub fn current() -> Self {
        Self::new(Handle::current())
    }

    /// Runs to its end, or until the runtime stops.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(work);
    }

    /// Runs to its end, or until the returned handle is dropped.
    pub fn spawn_owned(&self, work: impl Future<Output = ()> + Send + 'static) -> Task {
        Task(self.handle.spawn(work).abort_handle())
    }
}

/// The call's result; a panic inside it is an internal error, so that its caller always hears back.
pub(crate) async fn guarded<T>(call: Call<T>) -> Result<T, Status> {
    AssertUnwindSafe(call)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Status::internal("the call panicked")))
}

/// As [`guarded`], and over after `limit`.
pub(crate) async fn bounded<T>(call: Call<T>, limit: Duration) -> Result<T, Status> {
    tokio::time::timeout(limit, guarded(call))
        .await
        .unwrap_or_else(|_| Err(Status::deadline_exceeded("no answer in time")))
}
