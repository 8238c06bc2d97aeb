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

use super::{Shared, exit};

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
    super::start_thread(shared, "temporal_deadlock_witness".into(), move |py| {
        serve(py, &served);
    })
}

fn serve(py: Python<'_>, shared: &Shared) {
    loop {
        let request = wait(py, shared, || shared.witness.receiver.recv());
        match request {
            Ok(Request::Probe(duration)) => {
                probe(py, shared, Instant::now() + duration);
                shared.witness.probing.store(false, Ordering::Release);
            }
            Ok(Request::Warn(warning)) => {
                if let Err(error) = tell(py, shared, &warning) {
                    error.write_unraisable(py, None);
                }
            }
            Ok(Request::Stop) | Err(_) => return,
        }
    }
}

fn probe(py: Python<'_>, shared: &Shared, until: Instant) {
    while Instant::now() < until && !shared.is_stopping() {
        wait(py, shared, || thread::sleep(PAUSE));
    }
}

/// Waits without the interpreter, and notes how long it takes to get it back.
fn wait<T: Send>(py: Python<'_>, shared: &Shared, wait: impl FnOnce() -> T + Send) -> T {
    let waited = py.detach(|| {
        let waited = wait();
        exit::hold();
        for lane in &shared.lanes {
            if let Some(current) = &mut lane.turn.lock().current {
                current.contention_began();
            }
        }
        waited
    });
    for lane in &shared.lanes {
        if let Some(current) = &mut lane.turn.lock().current {
            current.contention_ended();
        }
    }
    waited
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
