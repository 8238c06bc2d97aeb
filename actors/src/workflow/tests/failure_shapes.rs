//! The failures that workflow code gets of other workflows, part by part as the official SDK makes
//! them: recorded by replaying histories like these on it.

use super::*;
use crate::{
    protos::{
        common::v1::{WorkflowExecution, WorkflowType},
        enums::v1::{
            CancelExternalWorkflowExecutionFailedCause as CancelCause, RetryState,
            SignalExternalWorkflowExecutionFailedCause as SignalCause, TimeoutType,
        },
        failure::v1::{
            ApplicationFailureInfo, CanceledFailureInfo, ChildWorkflowExecutionFailureInfo,
            TerminatedFailureInfo, TimeoutFailureInfo, failure::FailureInfo,
        },
    },
    workflow::{ChildWorkflowResolution, ChildWorkflowStart},
};

/// Replays the history and returns the failures that workflow code is told of.
fn failures(history: &mut HistoryBuilder) -> Vec<Failure> {
    history.start_task();
    let mut run = Run::new(settings());
    let input = RunInput::TaskReceived(Box::new(history.task()));
    let driven = drive(&mut run, &mut obedient(), &history.events, &[100], input);
    let jobs = driven.activations.iter().flat_map(|one| &one.jobs);
    jobs.filter_map(|job| match job {
        Job::ResolveChildWorkflowStart {
            resolution: ChildWorkflowStart::Cancelled(failure),
            ..
        }
        | Job::ResolveChildWorkflow {
            resolution:
                ChildWorkflowResolution::Failed(failure) | ChildWorkflowResolution::Cancelled(failure),
            ..
        }
        | Job::ResolveSignalExternalWorkflow {
            failure: Some(failure),
            ..
        }
        | Job::ResolveCancelExternalWorkflow {
            failure: Some(failure),
            ..
        } => Some((**failure).clone()),
        _ => None,
    })
    .collect()
}

/// The failure of the child of the histories here.
fn of_child(message: &str, retry_state: RetryState, cause: Failure) -> Failure {
    Failure {
        message: message.into(),
        cause: Some(Box::new(cause)),
        failure_info: Some(FailureInfo::ChildWorkflowExecutionFailureInfo(
            ChildWorkflowExecutionFailureInfo {
                namespace: "namespace".into(),
                workflow_execution: Some(WorkflowExecution {
                    workflow_id: "child-1".into(),
                    run_id: "run of child-1".into(),
                }),
                workflow_type: Some(WorkflowType {
                    name: "Child".into(),
                }),
                initiated_event_id: 6,
                started_event_id: 7,
                retry_state: retry_state.into(),
            },
        )),
        ..Failure::default()
    }
}

fn saying(message: &str, info: FailureInfo) -> Failure {
    Failure {
        message: message.into(),
        failure_info: Some(info),
        ..Failure::default()
    }
}

fn cancelled() -> FailureInfo {
    FailureInfo::CanceledFailureInfo(CanceledFailureInfo::default())
}

fn check_end(end: impl FnOnce(&mut HistoryBuilder) -> i64, expected: Failure) {
    let mut history = HistoryBuilder::new("Obedient");
    history.signal("child");
    history.run_task();
    history.initiate_child("child-1", "Child");
    history.start_child("child-1");
    history.run_task();
    end(&mut history);
    assert_eq!(failures(&mut history), [expected]);
}

#[test]
fn a_child_that_fails() {
    let cause = Failure {
        message: "broken".into(),
        ..Failure::default()
    };
    check_end(
        |history| history.fail_child("child-1", "broken"),
        of_child(
            "Child Workflow execution failed",
            RetryState::MaximumAttemptsReached,
            cause,
        ),
    );
}

#[test]
fn a_child_that_times_out() {
    let info = FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo {
        timeout_type: TimeoutType::StartToClose.into(),
        last_heartbeat_details: None,
    });
    check_end(
        |history| history.time_child_out("child-1"),
        of_child(
            "Child Workflow execution timed out",
            RetryState::Timeout,
            saying("Timed out", info),
        ),
    );
}

#[test]
fn a_child_that_is_terminated() {
    let info = FailureInfo::TerminatedFailureInfo(TerminatedFailureInfo::default());
    check_end(
        |history| history.terminate_child("child-1"),
        of_child(
            "Child Workflow execution terminated",
            RetryState::NonRetryableFailure,
            saying("Terminated", info),
        ),
    );
}

#[test]
fn a_child_that_is_cancelled() {
    check_end(
        |history| history.cancel_child("child-1"),
        of_child(
            "Child Workflow execution cancelled",
            RetryState::NonRetryableFailure,
            saying("", cancelled()),
        ),
    );
}

#[test]
fn a_child_that_is_cancelled_before_it_is_sent() {
    let mut history = HistoryBuilder::new("Obedient");
    history.signal("child and cancel");
    let mut expected = of_child(
        "Child Workflow Execution cancelled before scheduled: enough",
        RetryState::NonRetryableFailure,
        saying("", cancelled()),
    );
    if let Some(FailureInfo::ChildWorkflowExecutionFailureInfo(info)) = &mut expected.failure_info {
        info.workflow_execution.as_mut().unwrap().run_id.clear();
        info.initiated_event_id = 0;
        info.started_event_id = 0;
    }
    assert_eq!(failures(&mut history), [expected]);
}

#[test]
fn a_signal_that_is_taken_back() {
    let mut history = HistoryBuilder::new("Obedient");
    history.signal("signal other and take it back");
    let expected = saying("Signal was cancelled before being sent", cancelled());
    assert_eq!(failures(&mut history), [expected]);
}

fn typed(message: &str, kind: &str) -> Failure {
    let info = ApplicationFailureInfo {
        r#type: kind.into(),
        ..ApplicationFailureInfo::default()
    };
    saying(message, FailureInfo::ApplicationFailureInfo(info))
}

#[test]
fn signals_that_reach_nobody() {
    let not_found = "Unable to signal external workflow because it was not found";
    for (cause, message, kind) in [
        (
            SignalCause::ExternalWorkflowExecutionNotFound,
            not_found,
            "ExternalWorkflowExecutionNotFound",
        ),
        (
            SignalCause::NamespaceNotFound,
            not_found,
            "NamespaceNotFound",
        ),
        (
            SignalCause::SignalCountLimitExceeded,
            "Unable to signal external workflow because The per-workflow signal limit was exceeded",
            "SignalCountLimitExceeded",
        ),
        (
            SignalCause::Unspecified,
            "Unable to signal external workflow because unknown",
            "Unspecified",
        ),
    ] {
        let mut history = HistoryBuilder::new("Obedient");
        history.signal("signal other");
        history.run_task();
        let initiated_event_id = history.initiate_signal("other", "poke");
        history.fail_signal(initiated_event_id, cause);
        assert_eq!(failures(&mut history), [typed(message, kind)]);
    }
}

#[test]
fn cancels_that_reach_nobody() {
    let not_found = "Unable to cancel external workflow because not found";
    for (cause, message, kind) in [
        (
            CancelCause::ExternalWorkflowExecutionNotFound,
            not_found,
            "ExternalWorkflowExecutionNotFound",
        ),
        (
            CancelCause::NamespaceNotFound,
            not_found,
            "NamespaceNotFound",
        ),
        (
            CancelCause::Unspecified,
            "Unable to cancel external workflow because unknown",
            "Unspecified",
        ),
    ] {
        let mut history = HistoryBuilder::new("Obedient");
        history.signal("cancel other");
        history.run_task();
        let initiated_event_id = history.initiate_cancel("other", "enough");
        history.fail_cancel(initiated_event_id, cause);
        assert_eq!(failures(&mut history), [typed(message, kind)]);
    }
}
