//! One workflow run as a pure state machine: history in, activations out; commands in, answers out.

mod activation;
mod command;

pub use activation::{Activation, ActivityResolution, EvictionReason, Initialize, Job, RunId};
pub use command::{
    ActivationCommands, ActivationCompleted, ActivationFailure, ActivityCancellationType, Command,
    ContinueAsNew, ScheduleActivity, UpdateResponse, VersioningIntent,
};
