//! The connection against servers in this process.

// Clippy tells a test from the code it tests by the function's attribute, so helpers need this.
#![allow(clippy::unwrap_used)]

mod calls;
mod codec;
mod retries;
mod server;
mod tls;
mod tunnels;
