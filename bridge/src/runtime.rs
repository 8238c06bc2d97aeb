//! The process's one runtime: tokio for connections, arbiters for actors.

use std::{
    io::{self, IsTerminal},
    process,
    sync::OnceLock,
};

use callboard_actors::runtime::{Runtime, RuntimeOptions};
use tokio::runtime::Handle;
use tracing::Level;

use crate::errors::BridgeError;

struct ProcessRuntime {
    process_id: u32,
    runtime: Runtime,
}

/// Never dropped: the interpreter's exit takes its threads down, and none of them waits for Python.
static RUNTIME: OnceLock<ProcessRuntime> = OnceLock::new();

/// Where Rust futures run. Made at first use.
///
/// # Errors
/// In a child forked after the runtime was made: its threads exist in the parent only, so every
/// call would wait for ever.
pub(crate) fn handle() -> Result<&'static Handle, BridgeError> {
    Ok(of_this_process()?.handle())
}

/// Where actors and connections run. Made at first use.
///
/// # Errors
/// As [`handle`].
pub(crate) fn of_this_process() -> Result<&'static Runtime, BridgeError> {
    let runtime = match RUNTIME.get() {
        Some(runtime) => runtime,
        None => {
            let made = start()?;
            RUNTIME.get_or_init(|| made)
        }
    };
    if runtime.process_id != process::id() {
        return Err(BridgeError::State(
            "the runtime was started before this process was forked and cannot be used in the \
             child: fork (or use the spawn start method) before the first client or worker is made"
                .into(),
        ));
    }
    Ok(&runtime.runtime)
}

fn start() -> Result<ProcessRuntime, BridgeError> {
    show_warnings();
    let runtime = Runtime::new(RuntimeOptions::default())
        .map_err(|error| BridgeError::State(format!("cannot start the runtime: {error}")))?;
    Ok(ProcessRuntime {
        process_id: process::id(),
        runtime,
    })
}

/// Has warnings and errors of the runtime written to standard error, which needs no GIL.
fn show_warnings() {
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::WARN)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    // Another thread may have been first to start the runtime.
    let _ = subscriber.try_init();
}
