//! The end of the process: lanes stop before the interpreter is taken down.
//!
//! CPython ends a thread that wants to attach during finalization from within, which Rust frames on
//! its stack do not survive. So lanes are asked to end by an `atexit` callback, and a thread that
//! wakes up later than that never attaches again. Code that will not end has its thread parked by an
//! exception whose making never returns. What remains is code that sleeps within C, without the
//! interpreter, and wakes up just while the interpreter goes down.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use pyo3::{ffi, intern, prelude::*};

use super::{Shared, lane};

/// How long all pools together may take to end.
const GRACE: Duration = Duration::from_secs(2);

static POOLS: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());
static PAST: AtomicBool = AtomicBool::new(false);

pub(super) fn register(shared: &Arc<Shared>) {
    let mut pools = POOLS.lock();
    pools.retain(|pool| pool.strong_count() > 0);
    pools.push(Arc::downgrade(shared));
}

/// Never returns once the interpreter is being taken down.
pub(super) fn hold() {
    while PAST.load(Ordering::Acquire) {
        thread::park();
    }
}

/// Has lanes end when the interpreter does. Called once, with the extension's module.
pub(crate) fn install(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let stop = pyo3::wrap_pyfunction!(stop_at_exit, module)?;
    py.import(intern!(py, "atexit"))?
        .call_method1(intern!(py, "register"), (stop,))?;
    Ok(())
}

#[pyfunction]
fn stop_at_exit(py: Python<'_>) {
    let pools: Vec<_> = POOLS.lock().iter().filter_map(Weak::upgrade).collect();
    let ended = py.detach(|| {
        for pool in &pools {
            pool.stop();
        }
        join(&pools, GRACE)
    });
    if !ended {
        tracing::warn!("workflow code still runs while the process ends");
        for pool in &pools {
            if let Err(error) = stop_stuck_code(py, pool) {
                error.write_unraisable(py, None);
            }
        }
        py.detach(|| join(&pools, GRACE / 2));
    }
    PAST.store(true, Ordering::Release);
}

fn join(pools: &[Arc<Shared>], limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    pools.iter().all(|pool| pool.join(deadline))
}

/// Has the threads that still run workflow code park where they are, at the next bytecode.
fn stop_stuck_code(py: Python<'_>, pool: &Shared) -> PyResult<()> {
    let ending = pool.handler.bind(py).getattr(intern!(py, "ending"))?;
    for thread in pool.attached_threads() {
        // SAFETY: attached, and the argument is a live exception type; an unknown thread is ignored.
        unsafe {
            ffi::PyThreadState_SetAsyncExc(thread as std::ffi::c_long, ending.as_ptr());
        }
    }
    Ok(())
}

/// Never comes back: the calling lane's thread stays where it is until the process has ended.
#[pyfunction]
pub(crate) fn park_thread(py: Python<'_>) {
    lane::park(py)
}
