//! The way to the server.
//!
//! [`Connection`] carries encoded calls for the Python client and, as [`WorkerService`], typed ones
//! for the worker. One channel serves both; [`retry`] says when a failed call is tried again.

mod answer_lengths;
mod call_kind;
mod channel;
mod claims;
mod client;
mod config;
mod eager_starts;
mod framing;
mod gathered_writes;
mod gzip;
mod measured_call;
mod metadata;
mod namespaces;
mod proxy;
mod retry;
mod service;
#[cfg(test)]
mod tests;
mod unary;
mod verifier;
mod worker_service;
mod workflow_calls;

pub use call_kind::LONG_POLL;
pub use claims::{Claim, HeldClaim, Overlap};
pub use client::{CallRequest, Connection};
pub use config::{ApiKey, ConnectionConfig, HttpConnectProxy, KeepAlive, TlsConfig};
pub use eager_starts::{EagerRegistration, FirstTask, FirstTasks};
pub use metadata::{HeaderValue, Headers, InvalidHeader, encode as encode_headers};
pub use retry::{RetryClass, RetryPolicy};
pub use service::{Call, ServerCapabilities, WorkerService};
pub use workflow_calls::{CallOptions, NoCloseEvent, RunName};

/// Why there is no connection. Each variant is a decision for who asked: mend the configuration,
/// or try again later.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    #[error("invalid target URL: {0}")]
    InvalidTarget(String),
    #[error("invalid TLS config: {0}")]
    InvalidTls(String),
    #[error("Invalid headers: {0}")]
    InvalidHeaders(#[from] InvalidHeader),
    #[error("Server connection error: {0}")]
    Unreachable(String),
    #[error("`get_system_info` call error after connection: {0}")]
    NoSystemInfo(String),
}
