//! Why a workflow task fails. Each kind is a decision: what to tell the server, why to evict.

use std::fmt::Display;

use crate::protos::{
    enums::v1::{EventType, WorkflowTaskFailedCause},
    failure::v1::{ApplicationFailureInfo, Failure, failure::FailureInfo},
    history::v1::HistoryEvent,
};

use super::{activation::EvictionReason, command::ActivationFailure, history::HistoryError};

/// The task in progress cannot be completed; the run starts anew with the next one.
#[derive(Debug)]
pub(super) enum TaskError {
    /// Workflow code did not do what its history says it did.
    Nondeterminism(String),
    /// History holds something that this version cannot work on.
    Unsupported(String),
    /// The server or the host sent what cannot be.
    Invalid(String),
    /// Workflow code failed the task itself.
    Host(Box<ActivationFailure>),
}

impl TaskError {
    pub(super) fn nondeterminism(detail: impl Display) -> Self {
        Self::Nondeterminism(format!("[TMPRL1100] Nondeterminism error: {detail}"))
    }

    pub(super) fn invalid(detail: impl Display) -> Self {
        Self::Invalid(detail.to_string())
    }

    pub(super) fn unsupported(event: &HistoryEvent) -> Self {
        Self::Unsupported(format!(
            "{} comes from a feature that this version does not support",
            Described(event)
        ))
    }

    pub(super) fn is_nondeterminism(&self) -> bool {
        matches!(self, Self::Nondeterminism(_))
    }

    pub(super) fn eviction_reason(&self) -> EvictionReason {
        match self {
            Self::Nondeterminism(_) => EvictionReason::Nondeterminism,
            Self::Host(_) => EvictionReason::HostFail,
            Self::Unsupported(_) | Self::Invalid(_) => EvictionReason::Fatal,
        }
    }

    pub(super) fn message(&self) -> &str {
        match self {
            Self::Nondeterminism(text) | Self::Unsupported(text) | Self::Invalid(text) => text,
            Self::Host(failure) => &failure.failure.message,
        }
    }

    /// What the server is told.
    pub(super) fn into_report(self) -> (WorkflowTaskFailedCause, Failure) {
        match self {
            Self::Nondeterminism(message) => (
                WorkflowTaskFailedCause::NonDeterministicError,
                application_failure(message),
            ),
            Self::Unsupported(message) | Self::Invalid(message) => (
                WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure,
                application_failure(message),
            ),
            Self::Host(failure) => (failure.cause, failure.failure),
        }
    }
}

impl From<HistoryError> for TaskError {
    fn from(error: HistoryError) -> Self {
        Self::invalid(error)
    }
}

/// A failure that says `message` and nothing else.
pub(super) fn application_failure(message: impl Into<String>) -> Failure {
    typed_failure(message, "")
}

/// A failure that says `message`, of the type `kind`.
pub(super) fn typed_failure(message: impl Into<String>, kind: &str) -> Failure {
    Failure {
        message: message.into(),
        failure_info: Some(FailureInfo::ApplicationFailureInfo(
            ApplicationFailureInfo {
                r#type: kind.to_owned(),
                ..ApplicationFailureInfo::default()
            },
        )),
        ..Failure::default()
    }
}

/// Names an event in an error.
pub(super) struct Described<'a>(pub(super) &'a HistoryEvent);

impl Display for Described<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        describe(f, self.0.event_id, self.0.event_type)
    }
}

fn describe(f: &mut std::fmt::Formatter<'_>, event_id: i64, kind: i32) -> std::fmt::Result {
    match EventType::try_from(kind) {
        Ok(kind) => {
            let name = kind.as_str_name().trim_start_matches("EVENT_TYPE_");
            write!(f, "event {event_id} ({name})")
        }
        Err(_) => write!(f, "event {event_id} (unknown type {kind})"),
    }
}
