//! The threads that everything here runs on.
//!
//! Invariant: their number is fixed by [`RuntimeOptions`], whatever the number of workers and runs.

use std::{io, sync::mpsc::channel, thread, time::Duration};

use actix::{Arbiter, ArbiterHandle, System};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use tokio::runtime::{Builder, Handle};

use crate::kit::{Spawner, Stage};

/// How long a stop waits for threads before it leaves them behind.
const STOP_LIMIT: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuntimeOptions {
    /// Threads that drive connections and timers.
    pub connection_threads: usize,
    /// Threads that actors are spread over.
    pub actor_threads: usize,
}

impl Default for RuntimeOptions {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self {
            connection_threads: cores.clamp(1, 4),
            actor_threads: cores.clamp(1, 4),
        }
    }
}

/// A tokio runtime for the connection and a few arbiters for actors; many workers may share one.
///
/// Dropping it ends every actor and task on it at once and never waits longer than a few seconds.
pub struct Runtime {
    tokio: Option<tokio::runtime::Runtime>,
    system: System,
    ended: Receiver<()>,
    stage: Stage,
}

impl Runtime {
    pub fn new(options: RuntimeOptions) -> io::Result<Self> {
        let tokio = Builder::new_multi_thread()
            .worker_threads(options.connection_threads.max(1))
            .thread_name("callboard-io")
            .enable_all()
            .build()?;
        let (system, arbiters, ended) = start_arbiters(options.actor_threads.max(1))?;
        let stage = Stage::on_arbiters(arbiters, Spawner::new(tokio.handle().clone()));
        Ok(Self {
            tokio: Some(tokio),
            system,
            ended,
            stage,
        })
    }

    /// For futures of the connection and of clients.
    pub fn handle(&self) -> &Handle {
        self.tokio
            .as_ref()
            .expect("the runtime is taken only when dropped")
            .handle()
    }

    /// Where actors are started.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.system.stop();
        if let Err(RecvTimeoutError::Timeout) = self.ended.recv_timeout(STOP_LIMIT) {
            tracing::warn!("actor threads did not stop in time and are left behind");
        }
        if let Some(tokio) = self.tokio.take() {
            // Waiting is forbidden where this may be dropped, within a task for example.
            tokio.shutdown_background();
        }
    }
}

type Started = (System, Vec<ArbiterHandle>);

/// The system needs a thread of its own; it ends when the system is stopped.
fn start_arbiters(count: usize) -> io::Result<(System, Vec<ArbiterHandle>, Receiver<()>)> {
    let (report, started) = channel::<io::Result<Started>>();
    let (end, ended) = crossbeam_channel::bounded(1);
    thread::Builder::new()
        .name("callboard-system".into())
        .spawn(move || {
            run_system(count, &report);
            // Nobody may be waiting any more.
            let _ = end.send(());
        })?;
    let (system, arbiters) = started
        .recv()
        .map_err(|_| io::Error::other("the actor system's thread ended at its start"))??;
    Ok((system, arbiters, ended))
}

fn run_system(count: usize, report: &std::sync::mpsc::Sender<io::Result<Started>>) {
    let runner = System::new();
    let arbiters: io::Result<Vec<Arbiter>> = (0..count).map(|_| Arbiter::try_new()).collect();
    let arbiters = match arbiters {
        Ok(arbiters) => arbiters,
        Err(error) => {
            System::current().stop();
            let _ = report.send(Err(error));
            return;
        }
    };
    let handles = arbiters.iter().map(Arbiter::handle).collect();
    if report.send(Ok((System::current(), handles))).is_err() {
        return;
    }
    if let Err(error) = runner.run() {
        tracing::error!(%error, "the actor system ended with an error");
    }
    for arbiter in arbiters {
        arbiter.stop();
        if arbiter.join().is_err() {
            tracing::error!("an actor thread panicked");
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
