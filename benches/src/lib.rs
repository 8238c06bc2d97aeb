//! What the benches and the fault tests share: a Temporal service in memory, and workflow code in
//! Rust for it.

pub mod rust_workflows;
pub mod stub;
