//! The runtime below Callboard's Python API.
//!
//! Workflow runs, pollers, the run cache and activities are actors. Nothing here knows Python:
//! workflow code is reached through [`host::WorkflowHost`], activity code through
//! [`host::ActivityHost`], and the server through [`connection::WorkerService`].

pub mod connection;
pub mod host;
pub mod kit;
pub mod replay;
pub mod runtime;
pub mod telemetry;
#[cfg(test)]
mod testing;
pub mod worker;
pub mod workflow;

/// The published wire types, for those who build on this crate.
pub use callboard_protos::temporal::api as protos;
