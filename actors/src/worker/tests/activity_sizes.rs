//! Results, details and heartbeats of activities that are too large for the namespace.

use std::sync::Arc;

use crate::{
    connection::ServerCapabilities,
    host::{ActivityCancel, ActivityOutcome},
    protos::{
        common::v1::{Payload, Payloads},
        failure::v1::{CanceledFailureInfo, Failure, failure::FailureInfo},
    },
    worker::activity_reports::{application_failure, report},
};

use super::server::{Server, Told, calls};

const LIMIT: usize = 100;

fn payload(size: usize) -> Payload {
    Payload {
        data: vec![b'x'; size].into(),
        ..Payload::default()
    }
}

fn payloads(size: usize) -> Payloads {
    Payloads {
        payloads: vec![payload(size)],
    }
}

/// What the server is told of an attempt that ended so.
async fn told(outcome: ActivityOutcome, cancel: ActivityCancel, unsent: usize) -> Vec<Told> {
    let server = Arc::new(Server {
        capabilities: ServerCapabilities {
            activity_failure_include_heartbeat: true,
            ..ServerCapabilities::default()
        },
        ..Server::default()
    });
    let mut calls = calls(server.clone());
    calls.namespace.blob_limit = Some(LIMIT);
    let unsent = (unsent > 0).then(|| payloads(unsent));
    report(&calls, "token".into(), outcome, cancel, unsent)
        .await
        .expect("the server answers");
    std::mem::take(&mut *server.told.lock())
}

/// The type of the only failure that was told, and how many bytes of details came along.
fn failed(told: &[Told]) -> (String, usize) {
    let [Told::Failed(request)] = told else {
        panic!("{told:?}");
    };
    let failure = request.failure.as_ref().expect("a failure");
    let Some(FailureInfo::ApplicationFailureInfo(info)) = &failure.failure_info else {
        panic!("{failure:?}");
    };
    assert!(!info.non_retryable);
    let details = request.last_heartbeat_details.iter();
    let details = details.flat_map(|details| &details.payloads);
    (
        info.r#type.clone(),
        details.map(|payload| payload.data.len()).sum(),
    )
}

fn cancelled_with(details: usize) -> ActivityOutcome {
    let info = CanceledFailureInfo {
        details: Some(payloads(details)),
        ..CanceledFailureInfo::default()
    };
    ActivityOutcome::Cancelled(Box::new(Failure {
        failure_info: Some(FailureInfo::CanceledFailureInfo(info)),
        ..Failure::default()
    }))
}

#[tokio::test]
async fn a_result_that_is_too_large_fails_the_attempt() {
    let cancel = ActivityCancel::default();
    let small = ActivityOutcome::Completed(Some(payload(LIMIT - 10)));
    let [Told::Completed(_)] = &told(small, cancel, 0).await[..] else {
        panic!("it fits");
    };
    let large = ActivityOutcome::Completed(Some(payload(LIMIT)));
    let told = told(large, cancel, 7).await;
    assert_eq!(failed(&told), ("PayloadsTooLarge".into(), 7));
}

#[tokio::test]
async fn details_of_a_cancellation_that_are_too_large_fail_the_attempt() {
    let cancel = ActivityCancel {
        cancel_requested: true,
        ..ActivityCancel::default()
    };
    let [Told::Cancelled(_)] = &told(cancelled_with(1), cancel, 0).await[..] else {
        panic!("they fit");
    };
    let told = told(cancelled_with(LIMIT), cancel, 0).await;
    assert_eq!(failed(&told), ("PayloadsTooLarge".into(), 0));
}

#[tokio::test]
async fn a_last_heartbeat_that_is_too_large_is_what_the_attempt_fails_of() {
    let shutdown = ActivityCancel {
        worker_shutdown: true,
        ..ActivityCancel::default()
    };
    for (outcome, cancel) in [
        (
            ActivityOutcome::Failed(Box::new(application_failure("Own", "its own"))),
            ActivityCancel::default(),
        ),
        (cancelled_with(1), shutdown),
        (ActivityOutcome::CompletesLater, ActivityCancel::default()),
    ] {
        let told = told(outcome, cancel, LIMIT).await;
        assert_eq!(failed(&told), ("PayloadsTooLarge".into(), 0));
    }
    // What has a result needs no heartbeat any more.
    let done = ActivityOutcome::Completed(Some(payload(1)));
    let [Told::Completed(_)] = &told(done, ActivityCancel::default(), LIMIT).await[..] else {
        panic!("it has a result");
    };
}
