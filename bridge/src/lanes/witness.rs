//! A thread that has time to wait for the interpreter.
//!
//! It finds out whether others keep the interpreter from workflow code, and tells Python of turns that
//! take long. It is no lane and sleeps unless a turn takes long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use callboard_actors::workflow::RunId;
use pyo3::{intern, prelude::*};

use super::{Shared, exit, lane};

/// Between two looks. CPython hands the interpreter on after 5 ms.
const PAUSE: Duration = Duration::from_millis(10);

enum Request {
    /// Wait for the interpreter again and again, for this long.
    Probe(Duration),
    Warn(Warning),
    Stop,
}

/// A turn that has lasted for half the limit.
pub(super) struct Warning {
    pub(super) run_id: RunId,
    pub(super) thread: u64,
    pub(super) held: Duration,
    pub(super) limit: Duration,
}

pub(crate) struct Witness {
    sender: crossbeam_channel::Sender<Request>,
    receiver: crossbeam_channel::Receiver<Request>,
    probing: AtomicBool,
}

impl Default for Witness {
    fn default() -> Self {
        let (sender, receiver) = crossbeam_channel::unbounded();
        Self {
            sender,
            receiver,
            probing: AtomicBool::new(false),
        }
    }
}

impl Witness {
    /// Measures for a while how long the interpreter lets itself be waited for.
    pub(super) fn probe(&self, duration: Duration) {
        if !self.probing.swap(true, Ordering::AcqRel) {
            self.send(Request::Probe(duration));
        }
    }

    pub(super) fn warn(&self, warning: Warning) {
        self.send(Request::Warn(warning));
    }

    pub(super) fn stop(&self) {
        self.send(Request::Stop);
    }

    fn send(&self, request: Request) {
        self.sender
            .send(request)
            .expect("the witness itself holds a receiver");
    }
}

pub(super) fn spawn(shared: &Arc<Shared>) -> std::io::Result<()> {
    let served = shared.clone();
    super::start_thread(shared, "temporal_deadlock_witness".into(), move || {
        serve(&served);
    })
}

/// Not attached to the interpreter between requests: also the first time, the wait for it counts.
fn serve(shared: &Shared) {
    while let Ok(request) = shared.witness.receiver.recv() {
        if matches!(request, Request::Stop) {
            return;
        }
        exit::hold();
        contention_began(shared);
        Python::try_attach(|py| {
            contention_ended(shared);
            attend(py, shared, &request);
        });
    }
}

fn attend(py: Python<'_>, shared: &Shared, request: &Request) {
    match request {
        Request::Probe(duration) => {
            probe(py, shared, Instant::now() + *duration);
            shared.witness.probing.store(false, Ordering::Release);
        }
        Request::Warn(warning) => {
            if let Err(error) = tell(py, shared, warning) {
                error.write_unraisable(py, None);
            }
            // Logging has made this thread known to Python.
            lane::withdraw(py);
        }
        Request::Stop => {}
    }
}

fn probe(py: Python<'_>, shared: &Shared, until: Instant) {
    while Instant::now() < until && !shared.is_stopping() {
        py.detach(|| {
            thread::sleep(PAUSE);
            exit::hold();
            contention_began(shared);
        });
        contention_ended(shared);
    }
}

fn contention_began(shared: &Shared) {
    for lane in &shared.lanes {
        if let Some(current) = &mut lane.turn.lock().current {
            current.contention_began();
        }
    }
}

fn contention_ended(shared: &Shared) {
    for lane in &shared.lanes {
        if let Some(current) = &mut lane.turn.lock().current {
            current.contention_ended();
        }
    }
}

fn tell(py: Python<'_>, shared: &Shared, warning: &Warning) -> PyResult<()> {
    shared.handler.bind(py).call_method1(
        intern!(py, "warn_of_slow_code"),
        (
            &*warning.run_id,
            warning.thread,
            warning.held.as_secs_f64(),
            warning.limit.as_secs_f64(),
        ),
    )?;
    Ok(())
}
