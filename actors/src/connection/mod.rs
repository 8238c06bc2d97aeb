//! The way to the server.

mod service;

pub use service::{Call, ServerCapabilities, WorkerService};
