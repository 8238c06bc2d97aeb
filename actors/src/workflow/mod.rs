//! One workflow run as a pure state machine: history in, activations out; commands in, answers out.

mod activation;
mod command;
mod exchange;
mod task;

pub use activation::{Activation, ActivityResolution, EvictionReason, Initialize, Job, RunId};
pub use command::{
    ActivationCommands, ActivationCompleted, ActivationFailure, ActivityCancellationType, Command,
    ContinueAsNew, ScheduleActivity, UpdateResponse, VersioningIntent,
};
pub use exchange::{
    QueryFailure, ResponseOutcome, RunConfig, RunEffect, RunInput, RunSettings, RunSnapshot,
    TaskAnswer, TaskCompletion, WaitingFor,
};
pub use task::{HistoryPage, NotATask, WorkflowTask};
