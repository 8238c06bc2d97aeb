//! The threads that everything here runs on.
//!
//! Invariant: their number is fixed by [`RuntimeOptions`], whatever the number of workers and runs.

use std::{io, sync::mpsc::channel, thread, time::Duration};

use actix::{Arbiter, ArbiterHandle, System};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use tokio::runtime::{Builder, Handle};

use crate::{
    kit::{Spawner, Stage},
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

/// A few arbiters for actors, one of which drives the connections; many workers may share them.
///
/// What comes over a connection is for an actor, and what an actor sends goes over a connection: on
/// one thread neither has to wake another thread, which costs more than most of what they do.
///
/// Dropping it ends every actor and task on it at once and never waits longer than a few seconds.
pub struct Runtime {
    connections: Handle,
    system: System,
    ended: Receiver<()>,
    stage: Stage,
    meter: Option<Meter>,
}

impl Runtime {
    pub fn new(options: RuntimeOptions) -> io::Result<Self> {
        let (started, ended) = start_arbiters(options.actor_threads.max(1))?;
        let Started {
            connections,
            system,
            arbiters,
        } = started;
        let stage = Stage::on_arbiters(arbiters, Spawner::new(connections.clone()));
        Ok(Self {
            connections,
            system,
            ended,
            stage,
            meter: options.meter,
        })
    }

    /// For futures of the connection and of clients.
    pub fn handle(&self) -> &Handle {
        &self.connections
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

impl Drop for Runtime {
    fn drop(&mut self) {
        self.system.stop();
        if let Err(RecvTimeoutError::Timeout) = self.ended.recv_timeout(STOP_LIMIT) {
            tracing::warn!("actor threads did not stop in time and are left behind");
        }
    }
}

struct Started {
    connections: Handle,
    system: System,
    arbiters: Vec<ArbiterHandle>,
}

/// The system needs a thread of its own; it ends when the system is stopped.
fn start_arbiters(count: usize) -> io::Result<(Started, Receiver<()>)> {
    let (report, started) = channel::<io::Result<Started>>();
    let (end, ended) = crossbeam_channel::bounded(1);
    thread::Builder::new()
        .name("callboard-system".into())
        .spawn(move || {
            run_system(count, &report);
            // Nobody may be waiting any more.
            let _ = end.send(());
        })?;
    let started = started
        .recv()
        .map_err(|_| io::Error::other("the actor system's thread ended at its start"))??;
    Ok((started, ended))
}

fn run_system(count: usize, report: &std::sync::mpsc::Sender<io::Result<Started>>) {
    let runner = System::new();
    let (connections, arbiters) = match arbiters(count) {
        Ok(started) => started,
        Err(error) => {
            System::current().stop();
            let _ = report.send(Err(error));
            return;
        }
    };
    let started = Started {
        connections,
        system: System::current(),
        arbiters: arbiters.iter().map(Arbiter::handle).collect(),
    };
    if report.send(Ok(started)).is_err() {
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

/// The arbiters, and where tasks on the thread of the first one are spawned.
fn arbiters(count: usize) -> io::Result<(Handle, Vec<Arbiter>)> {
    let (made, runtime) = channel();
    let first = Arbiter::try_with_tokio_rt(move || {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        // The receiver waits below.
        let _ = made.send(runtime.handle().clone());
        Ok(runtime)
    })?;
    let connections = runtime
        .recv()
        .map_err(|_| io::Error::other("the first actor thread ended at its start"))?;
    let others = (1..count).map(|_| Arbiter::try_new());
    let arbiters = std::iter::once(Ok(first)).chain(others);
    Ok((connections, arbiters.collect::<io::Result<_>>()?))
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
