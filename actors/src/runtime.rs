//! The threads that everything here runs on.
//!
//! Invariant: their number is fixed by [`RuntimeOptions`], whatever the number of workers and runs.

use std::{convert::Infallible, io, thread, time::Duration};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use tokio::runtime::Handle;

use crate::{
    kit::{ActorThread, Stage},
    telemetry::Meter,
};

/// How long a stop waits for threads before it leaves them behind.
const STOP_LIMIT: Duration = Duration::from_secs(5);

#[derive(Clone, Debug)]
pub struct RuntimeOptions {
    /// Threads that actors are spread over. The first one drives connections and timers as well.
    pub actor_threads: usize,
    /// Counts what workers do.
    pub meter: Option<Meter>,
}

impl Default for RuntimeOptions {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self {
            actor_threads: (cores / 4).clamp(1, 4),
            meter: None,
        }
    }
}

/// A few threads for actors, one of which drives the connections; many workers may share them.
///
/// What comes over a connection is for an actor, and what an actor sends goes over a connection: on
/// one thread neither has to wake another thread, which costs more than most of what they do.
///
/// Dropping it ends every actor and task on it at once and never waits longer than a few seconds.
pub struct Runtime {
    threads: Threads,
    stage: Stage,
    meter: Option<Meter>,
}

impl Runtime {
    pub fn new(options: RuntimeOptions) -> io::Result<Self> {
        let threads = Threads::start(options.actor_threads.max(1))?;
        Ok(Self {
            stage: Stage::on(threads.all.clone()),
            threads,
            meter: options.meter,
        })
    }

    /// For futures of the connection and of clients.
    pub fn handle(&self) -> &Handle {
        self.threads.all[0].tasks()
    }

    /// None where nothing is counted.
    pub fn meter(&self) -> Option<&Meter> {
        self.meter.as_ref()
    }

    /// Where actors are started.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }
}

/// Threads that end with this.
struct Threads {
    all: Vec<ActorThread>,
    /// Nobody sends; it is disconnected once all have ended.
    ended: Receiver<Infallible>,
}

impl Threads {
    fn start(count: usize) -> io::Result<Self> {
        let (held, ended) = crossbeam_channel::bounded(0);
        let threads =
            (0..count).map(|index| ActorThread::start(format!("callboard-{index}"), held.clone()));
        // If one cannot be started the others end, since nobody has a way onto them.
        let all = threads.collect::<io::Result<_>>()?;
        Ok(Self { all, ended })
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        for thread in &self.all {
            thread.end();
        }
        if let Err(RecvTimeoutError::Timeout) = self.ended.recv_timeout(STOP_LIMIT) {
            tracing::warn!("actor threads did not stop in time and are left behind");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tokio::sync::oneshot;

    use super::*;

    #[test]
    fn runs_tasks_and_drops_fast_while_some_are_pending() {
        let runtime = Runtime::new(RuntimeOptions::default()).expect("threads can be started");
        let (send, receive) = oneshot::channel();
        runtime.handle().spawn(async move {
            let _ = send.send(42);
            std::future::pending::<()>().await;
        });
        assert_eq!(receive.blocking_recv(), Ok(42));
        let before = Instant::now();
        drop(runtime);
        assert!(before.elapsed() < Duration::from_secs(2));
    }
}
