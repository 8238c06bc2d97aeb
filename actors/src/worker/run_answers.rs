//! Answers of a run on their way to the server, and what the server's replies mean for the run.

use std::sync::Arc;

use tonic::{Code, Status};

use crate::{
    kit::Sender,
    protos::{
        common::v1::Payloads,
        enums::v1::{QueryResultType, WorkflowTaskFailedCause},
        failure::v1::{ApplicationFailureInfo, Failure, failure::FailureInfo},
        workflowservice::v1 as api,
    },
    workflow::{
        ActivationFailure, HistoryPage, NotATask, QueryFailure, ResponseOutcome, RunInput,
        TaskAnswer, TaskCompletion, WorkflowTask,
    },
};

use super::{
    calls::{Calls, is_not_found, is_too_large},
    completion::Pages,
    eager::{EagerActivities, Reserved, reserve_none},
};

/// Sends the answer; what comes of it goes to `to`.
pub(super) fn respond(
    calls: &Calls,
    eager: Option<&Arc<EagerActivities>>,
    answer: TaskAnswer,
    to: Sender<RunInput>,
) {
    match answer {
        TaskAnswer::Complete(mut completion) => {
            let is_last = calls.shutdown.has_begun();
            let commands = &mut completion.commands;
            let reserved = match eager.filter(|_| !is_last) {
                None => reserve_none(commands),
                Some(eager) if eager.has_to_ask(commands) => {
                    return ask_and_complete(calls, eager.clone(), completion, to);
                }
                Some(eager) => eager.reserve(commands),
            };
            complete(calls, *completion, is_last, reserved, to);
        }
        TaskAnswer::Fail {
            task_token,
            cause,
            failure,
        } => {
            let request = calls
                .requests
                .fail_workflow_task(task_token, cause, *failure);
            let call = calls.service.get().fail_workflow_task(request);
            calls.send(call, to, |result| RunInput::Responded(outcome(result)));
        }
        TaskAnswer::Query { task_token, result } => {
            let mut request = calls.requests.respond_query(task_token);
            fill_query(&mut request, result);
            let call = calls.service.get().respond_query(request);
            calls.send(call, to, |result| RunInput::Responded(outcome(result)));
        }
    }
}

fn complete(
    calls: &Calls,
    completion: TaskCompletion,
    is_last: bool,
    reserved: Reserved,
    to: Sender<RunInput>,
) {
    let request = calls.requests.complete_workflow_task(completion, is_last);
    match Pages::of(request, &calls.namespace) {
        Ok(pages) => calls.send(pages.send(calls.service.get()), to, |result| {
            RunInput::Responded(completion_outcome(result, reserved))
        }),
        Err(failed) => {
            let refused = RunInput::Responded(ResponseOutcome::Unsendable(failed));
            // A run that has ended needs no answer.
            let _ = to.send(refused);
        }
    }
}

/// Asks a supplier for the slots of eager activities first.
fn ask_and_complete(
    calls: &Calls,
    eager: Arc<EagerActivities>,
    mut completion: Box<TaskCompletion>,
    to: Sender<RunInput>,
) {
    let calls = calls.clone();
    calls.spawner.clone().spawn(async move {
        let reserved = eager.reserve_by_asking(&mut completion.commands).await;
        complete(
            &calls,
            *completion,
            calls.shutdown.has_begun(),
            reserved,
            to,
        );
    });
}

fn fill_query(
    request: &mut api::RespondQueryTaskCompletedRequest,
    result: Result<Option<crate::protos::common::v1::Payload>, QueryFailure>,
) {
    match result {
        Ok(payload) => {
            request.completed_type = QueryResultType::Answered.into();
            request.query_result = payload.map(|payload| Payloads {
                payloads: vec![payload],
            });
        }
        Err(QueryFailure { cause, failure }) => {
            request.completed_type = QueryResultType::Failed.into();
            request.error_message.clone_from(&failure.message);
            request.failure = Some(*failure);
            request.cause = cause.into();
        }
    }
}

/// What a page of history, or its absence, is to the run.
pub(super) fn history_input(
    result: Result<api::GetWorkflowExecutionHistoryResponse, Status>,
) -> RunInput {
    match result {
        Ok(response) => RunInput::HistoryFetched(HistoryPage {
            events: response
                .history
                .map(|history| history.events)
                .unwrap_or_default(),
            next_page_token: response.next_page_token,
        }),
        Err(status) => RunInput::HistoryFetchFailed {
            message: status.to_string(),
        },
    }
}

fn completion_outcome(
    result: Result<api::RespondWorkflowTaskCompletedResponse, Status>,
    reserved: Reserved,
) -> ResponseOutcome {
    match result {
        Ok(response) => {
            reserved.start(response.activity_tasks);
            ResponseOutcome::Accepted {
                new_task: response.workflow_task.and_then(new_task),
                reset_history_event_id: response.reset_history_event_id,
            }
        }
        Err(status) => error_outcome(&status),
    }
}

fn new_task(response: api::PollWorkflowTaskQueueResponse) -> Option<Box<WorkflowTask>> {
    match WorkflowTask::try_from(response) {
        Ok(task) => Some(Box::new(task)),
        Err(NotATask::Empty) => None,
        Err(error @ NotATask::Malformed(_)) => {
            tracing::error!(%error, "a workflow task is left to time out");
            None
        }
    }
}

fn outcome<T>(result: Result<T, Status>) -> ResponseOutcome {
    match result {
        Ok(_) => ResponseOutcome::Accepted {
            new_task: None,
            reset_history_event_id: 0,
        },
        Err(status) => error_outcome(&status),
    }
}

/// How a task fails whose completion cannot be sent. Payloads that are too large today may fit
/// tomorrow; that a request is too long does not pass by itself.
pub(super) fn unsendable(cause: WorkflowTaskFailedCause, message: &str) -> Box<ActivationFailure> {
    let (kind, non_retryable) = match cause {
        WorkflowTaskFailedCause::PayloadsTooLarge => ("PayloadsTooLarge", false),
        WorkflowTaskFailedCause::RequestTooLarge => ("RequestTooLarge", true),
        _ => ("GrpcMessageTooLarge", true),
    };
    let info = ApplicationFailureInfo {
        r#type: kind.into(),
        non_retryable,
        ..ApplicationFailureInfo::default()
    };
    Box::new(ActivationFailure {
        failure: Failure {
            message: message.into(),
            failure_info: Some(FailureInfo::ApplicationFailureInfo(info)),
            ..Failure::default()
        },
        cause,
    })
}

fn error_outcome(status: &Status) -> ResponseOutcome {
    if is_not_found(status) {
        tracing::warn!(%status, "the server does not know a workflow task any more");
        return ResponseOutcome::NotFound;
    }
    if status.code() == Code::InvalidArgument && status.message().starts_with("UnhandledCommand") {
        return ResponseOutcome::UnhandledCommand;
    }
    if is_too_large(status) {
        tracing::warn!(%status, "the answer to a workflow task is too large for the server");
        return ResponseOutcome::Unsendable(unsendable(
            WorkflowTaskFailedCause::GrpcMessageTooLarge,
            "GRPC Message too large",
        ));
    }
    tracing::warn!(%status, "a workflow task could not be answered");
    ResponseOutcome::Failed {
        message: status.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_decisions() {
        let table = [
            (Status::not_found("gone"), "NotFound"),
            (
                Status::invalid_argument("UnhandledCommand"),
                "UnhandledCommand",
            ),
            (
                Status::resource_exhausted("grpc: received message larger than max (5 vs. 4)"),
                "Unsendable",
            ),
            (Status::resource_exhausted("too many requests"), "Failed"),
            (Status::unavailable("down"), "Failed"),
        ];
        for (status, expected) in table {
            let outcome = format!("{:?}", error_outcome(&status));
            assert!(outcome.starts_with(expected), "{status}: {outcome}");
        }
    }
}
