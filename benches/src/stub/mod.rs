//! A Temporal service in memory, for one namespace: it keeps a history per run and answers polls
//! from it. Timers fire at once; nothing times out. It is fast and predictable where a real server
//! is neither, and no substitute for one: the behaviour of the worker is tested against the dev server.

mod grpc;
mod queue;
mod run;
mod service;
mod state;

pub use grpc::serve;
pub use state::{RunEnd, Stub};
