//! What the server is told about the end of an activity.

use bytes::Bytes;
use futures::FutureExt;

use crate::{
    connection::Call,
    host::{ActivityCancel, ActivityOutcome},
    protos::{
        common::v1::Payloads,
        failure::v1::{ApplicationFailureInfo, Failure, failure::FailureInfo},
    },
};

use super::{calls::Calls, payload_limits};

/// The call that reports an end. Heartbeat details that have not reached the server go first, or
/// along with a failure where the server takes them.
pub(super) fn report(
    calls: &Calls,
    task_token: Bytes,
    outcome: ActivityOutcome,
    cancel: ActivityCancel,
    unsent: Option<Payloads>,
) -> Call<()> {
    let requests = &calls.requests;
    let too_large = |field, payloads: Option<&Payloads>| {
        payload_limits::failure_for(field, payloads?, &calls.namespace)
    };
    let lost = too_large("last heartbeat details", unsent.as_ref());
    let unsent = unsent.filter(|_| lost.is_none());
    match outcome {
        ActivityOutcome::Completed(result) => {
            let result = result.map(|payload| Payloads {
                payloads: vec![payload],
            });
            if let Some(failure) = too_large("result", result.as_ref()) {
                return fail(calls, task_token, failure, unsent);
            }
            let request = requests.complete_activity(task_token, result);
            let service = calls.service.get();
            async move { service.complete_activity(request).await.map(drop) }.boxed()
        }
        ActivityOutcome::Failed(failure) => {
            fail(calls, task_token, lost.unwrap_or(*failure), unsent)
        }
        // The server has not asked for it: the attempt must be retried elsewhere.
        ActivityOutcome::Cancelled(_) if is_only_shutdown(cancel) => {
            let failure = application_failure(
                "WorkerShutdown",
                "the worker shut down before the activity had ended",
            );
            fail(calls, task_token, lost.unwrap_or(failure), unsent)
        }
        ActivityOutcome::Cancelled(failure) => {
            let details = match failure.failure_info {
                Some(FailureInfo::CanceledFailureInfo(info)) => info.details,
                _ => None,
            };
            if let Some(failure) = too_large("details", details.as_ref()) {
                return fail(calls, task_token, failure, unsent);
            }
            let request = requests.cancel_activity(task_token.clone(), details);
            let service = calls.service.get();
            let last = async move { service.cancel_activity(request).await.map(drop) };
            after_heartbeat(calls, task_token, unsent, last.boxed())
        }
        ActivityOutcome::CompletesLater => match lost {
            Some(failure) => fail(calls, task_token, failure, None),
            None => after_heartbeat(
                calls,
                task_token,
                unsent,
                std::future::ready(Ok(())).boxed(),
            ),
        },
    }
}

/// A failure that the server retries.
pub(super) fn application_failure(r#type: &str, message: &str) -> Failure {
    Failure {
        message: message.to_owned(),
        failure_info: Some(FailureInfo::ApplicationFailureInfo(
            ApplicationFailureInfo {
                r#type: r#type.to_owned(),
                ..Default::default()
            },
        )),
        ..Default::default()
    }
}

fn is_only_shutdown(cancel: ActivityCancel) -> bool {
    cancel
        == ActivityCancel {
            worker_shutdown: true,
            ..ActivityCancel::default()
        }
}

fn fail(calls: &Calls, task_token: Bytes, failure: Failure, unsent: Option<Payloads>) -> Call<()> {
    let takes_details = calls
        .service
        .get()
        .capabilities()
        .activity_failure_include_heartbeat;
    let (along, before) = if takes_details {
        (unsent, None)
    } else {
        (None, unsent)
    };
    let request = calls
        .requests
        .fail_activity(task_token.clone(), failure, along);
    let service = calls.service.get();
    let last = async move { service.fail_activity(request).await.map(drop) };
    after_heartbeat(calls, task_token, before, last.boxed())
}

fn after_heartbeat(
    calls: &Calls,
    task_token: Bytes,
    unsent: Option<Payloads>,
    last: Call<()>,
) -> Call<()> {
    let Some(details) = unsent else {
        return last;
    };
    let request = calls.requests.heartbeat(task_token, details);
    let service = calls.service.get();
    async move {
        if let Err(status) = service.heartbeat_activity(request).await {
            tracing::warn!(%status, "the last heartbeat of an activity was refused");
        }
        last.await
    }
    .boxed()
}
