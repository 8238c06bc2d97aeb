//! The end of the process: lanes stop before the interpreter is taken down.
//!
//! CPython ends a thread that wants to attach during finalization from within, which Rust frames on
//! its stack do not survive. So lanes are asked to end by an `atexit` callback, and a thread that
//! wakes up later than that never attaches again.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use pyo3::{intern, prelude::*};

use super::Shared;

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
    py.detach(|| {
        let pools: Vec<_> = POOLS.lock().iter().filter_map(Weak::upgrade).collect();
        let deadline = Instant::now() + GRACE;
        for pool in &pools {
            pool.stop();
        }
        for pool in &pools {
            if !pool.join(deadline) {
                tracing::warn!("workflow code still runs while the process ends");
            }
        }
    });
    PAST.store(true, Ordering::Release);
}
