//! The process's one tokio runtime.

use std::{process, sync::OnceLock};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::errors::BridgeError;

struct ProcessRuntime {
    process_id: u32,
    tokio: Runtime,
}

/// Never dropped: the interpreter's exit takes its threads down, and none of them waits for Python.
static RUNTIME: OnceLock<ProcessRuntime> = OnceLock::new();

/// Where Rust futures run. Made at first use.
///
/// # Errors
/// In a child forked after the runtime was made: its threads exist in the parent only, so every
/// call would wait for ever.
pub(crate) fn handle() -> Result<&'static Handle, BridgeError> {
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
    Ok(runtime.tokio.handle())
}

fn start() -> Result<ProcessRuntime, BridgeError> {
    let tokio = Builder::new_multi_thread()
        .thread_name("callboard")
        .enable_all()
        .build()
        .map_err(|error| BridgeError::State(format!("cannot start the runtime: {error}")))?;
    Ok(ProcessRuntime {
        process_id: process::id(),
        tokio,
    })
}
