//! For tests and benches: builds realistic histories, and drives a run without actors.

mod activities;
mod driver;
mod history_builder;
mod markers;
mod obedience;
mod other_workflows;

pub use driver::{Driven, WorkflowCode, drive, settings};
pub use history_builder::{HistoryBuilder, RUN_ID, json_payload};
pub use other_workflows::OpenChild;
