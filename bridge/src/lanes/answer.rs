//! Answers to activations, those included that no Python code could give.

use callboard_actors::{
    kit::Sender,
    protos::{
        enums::v1::WorkflowTaskFailedCause,
        failure::v1::{ApplicationFailureInfo, Failure, failure::FailureInfo},
    },
    workflow::{ActivationCommands, ActivationCompleted, ActivationFailure, RunId},
};
use pyo3::{prelude::*, types::PyTracebackMethods};

pub(super) type Failed = Box<ActivationFailure>;
pub(super) type Outcome = Result<ActivationCommands, Failed>;

pub(super) fn send(reply: &Sender<ActivationCompleted>, run_id: &RunId, outcome: Outcome) {
    let answered = reply.send(ActivationCompleted {
        run_id: run_id.clone(),
        outcome,
    });
    if answered.is_err() {
        tracing::debug!(%run_id, "nobody waits for this activation's answer any more");
    }
}

/// A failure that Python code built, with the number of its cause, or 0 if it names none.
pub(super) fn failed(failure: Failure, cause: i32) -> Failed {
    let cause = match WorkflowTaskFailedCause::try_from(cause) {
        Ok(WorkflowTaskFailedCause::Unspecified) | Err(_) => {
            WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure
        }
        Ok(cause) => cause,
    };
    Box::new(ActivationFailure { failure, cause })
}

/// An exception that should not have come this far.
pub(super) fn raised(py: Python<'_>, error: &PyErr) -> Failed {
    let kind = error
        .get_type(py)
        .name()
        .map_or_else(|_| "unknown".into(), |name| name.to_string());
    let mut failure = plain(error.value(py).to_string(), &kind);
    failure.stack_trace = error
        .traceback(py)
        .and_then(|traceback| traceback.format().ok())
        .unwrap_or_default();
    tracing::error!(
        kind,
        message = failure.message,
        "workflow activation raised"
    );
    failed(failure, 0)
}

pub(super) fn unknown_run(run_id: &str) -> Failed {
    let message = format!("run {run_id} is not on its lane and the activation does not start it");
    failed(plain(message, "RuntimeError"), 0)
}

pub(super) fn stopped() -> Failed {
    failed(plain("worker is shutting down".into(), "RuntimeError"), 0)
}

pub(super) fn deadlocked(seconds: f64) -> Failed {
    let message = format!(
        "[TMPRL1101] Potential deadlock detected: workflow didn't yield within {seconds} second(s)."
    );
    failed(plain(message, "_DeadlockError"), 0)
}

fn plain(message: String, kind: &str) -> Failure {
    Failure {
        message,
        failure_info: Some(FailureInfo::ApplicationFailureInfo(
            ApplicationFailureInfo {
                r#type: kind.into(),
                ..Default::default()
            },
        )),
        ..Default::default()
    }
}
