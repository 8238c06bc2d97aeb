//! How a mailbox wakes its asyncio loop from any thread.

use std::{
    sync::{Arc, OnceLock},
    thread,
};

use crossbeam_channel::Sender;
use pyo3::prelude::*;

/// Calls `loop.call_soon_threadsafe` for one loop.
type SoonCall = Arc<OnceLock<Py<PyAny>>>;

pub(crate) enum Waker {
    /// A byte through a pipe, which costs a third of a socket pair; the loop watches its other end.
    #[cfg(unix)]
    Pipe {
        inbound: mio::unix::pipe::Receiver,
        outbound: mio::unix::pipe::Sender,
    },
    /// For loops that cannot watch a descriptor.
    Thread(SoonCall),
}

impl Waker {
    /// A waker and the descriptor to watch; `None` where loops watch sockets only.
    #[cfg(unix)]
    pub(crate) fn pipe() -> std::io::Result<Option<(Self, std::os::fd::RawFd)>> {
        use std::os::fd::AsRawFd;

        // Both ends never block.
        let (outbound, inbound) = mio::unix::pipe::new()?;
        let descriptor = inbound.as_raw_fd();
        Ok(Some((Self::Pipe { inbound, outbound }, descriptor)))
    }

    #[cfg(not(unix))]
    pub(crate) fn pipe() -> std::io::Result<Option<(Self, i32)>> {
        Ok(None)
    }

    /// A waker that works once the returned cell holds what to call.
    pub(crate) fn thread() -> (Self, SoonCall) {
        let soon_call = SoonCall::default();
        (Self::Thread(Arc::clone(&soon_call)), soon_call)
    }

    pub(crate) fn wake(&self) {
        match self {
            #[cfg(unix)]
            Self::Pipe { outbound, .. } => {
                // A full buffer means that the loop has unread wake-ups, and a broken pipe that
                // the loop is gone; in both cases there is nothing more to do.
                let _ = std::io::Write::write(&mut &*outbound, &[1]);
            }
            Self::Thread(soon_call) => waking_thread(Arc::clone(soon_call)),
        }
    }

    /// Takes in the wake-ups that led here.
    pub(crate) fn consume(&self) {
        #[cfg(unix)]
        if let Self::Pipe { inbound, .. } = self {
            let mut bytes = [0; 64];
            // Fails with `WouldBlock` when nothing is left.
            while matches!(std::io::Read::read(&mut &*inbound, &mut bytes), Ok(64)) {}
        }
    }
}

/// Hands a wake-up to the thread that may wait for the GIL, because nothing waits for it.
fn waking_thread(soon_call: SoonCall) {
    static WAKE_UPS: OnceLock<Option<Sender<SoonCall>>> = OnceLock::new();
    let wake_ups = WAKE_UPS.get_or_init(|| {
        let (sender, receiver) = crossbeam_channel::unbounded::<SoonCall>();
        let spawned = thread::Builder::new()
            .name("callboard-waker".into())
            .spawn(move || {
                while let Ok(soon_call) = receiver.recv() {
                    // `None` once the interpreter is shutting down.
                    let attached = Python::try_attach(|py| call(py, &soon_call));
                    if attached.is_none() {
                        return;
                    }
                }
            });
        match spawned {
            Ok(_) => Some(sender),
            Err(error) => {
                tracing::error!(%error, "cannot start the thread that wakes asyncio loops");
                None
            }
        }
    });
    if let Some(wake_ups) = wake_ups {
        // Fails once the interpreter is shutting down, when no loop is left to wake.
        let _ = wake_ups.send(soon_call);
    }
}

fn call(py: Python<'_>, soon_call: &SoonCall) {
    if let Some(callable) = soon_call.get() {
        // A closed loop refuses with `RuntimeError`, and needs no waking.
        let _ = callable.call0(py);
    }
}
