//! The actors of a worker, one file each.

mod config;

pub use config::{TaskTypes, WorkerConfig};
