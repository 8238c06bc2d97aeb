//! One workflow run as a pure state machine: history in, activations out; commands in, answers out.

mod activation;
mod answers;
mod backlog;
mod command;
mod commands;
mod current;
mod exchange;
mod failure;
mod flags;
mod history;
mod local_outcomes;
mod local_wait;
mod machines;
mod random_seed;
mod run;
mod task;
pub mod testing;
#[cfg(test)]
pub(crate) mod tests;

pub use activation::{
    Activation, ActivityResolution, ChildWorkflowResolution, ChildWorkflowStart, EvictionReason,
    Initialize, Job, LocalActivityBackoff, RunId,
};
pub use command::{
    ActivationCommands, ActivationCompleted, ActivationFailure, ActivityCancellationType,
    ChildWorkflowCancellationType, Command, ContinueAsNew, ScheduleActivity, ScheduleLocalActivity,
    SignalExternalWorkflow, SignalTarget, StartChildWorkflow, UpdateResponse, VersioningIntent,
};
pub use exchange::{
    LocalActivityEnded, QueryFailure, ResponseOutcome, RunConfig, RunEffect, RunInput, RunSettings,
    RunSnapshot, StartLocalActivities, TaskAnswer, TaskCompletion, WaitingFor,
};
pub(crate) use local_outcomes::LocalOutcomes;
pub(crate) use machines::{
    LOCAL_ACTIVITY_TIMED_OUT, comes_from_a_command, local_activity_cancelled,
};
pub use run::Run;
pub use task::{HistoryPage, NotATask, WorkflowTask};
