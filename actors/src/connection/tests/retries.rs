//! Tries and their spacing, by table for the policy and against a server for the connection.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use proptest::prelude::*;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::Notify,
};
use tonic::{Code, Status};

use super::server::{METHOD, TestServer};
use crate::{
    connection::{
        CallRequest, Connection, ConnectionConfig, LONG_POLL, RetryClass, RetryPolicy,
        WorkerService,
        call_kind::GET_SYSTEM_INFO,
        retry::{FailedTry, Retries, Verdict},
    },
    protos::workflowservice::v1 as api,
};

const MIDDLE: f64 = 0.5;

fn failed(code: Code) -> FailedTry {
    FailedTry {
        code,
        from_transport: false,
        too_large: false,
    }
}

/// The waits of a call whose tries take no time and always fail alike, at most `limit` of them.
fn waits(class: RetryClass, policy: RetryPolicy, code: Code, limit: usize) -> Vec<u64> {
    let mut retries = Retries::new(class, policy);
    let (mut waits, mut elapsed) = (Vec::new(), Duration::ZERO);
    while waits.len() < limit {
        match retries.after(failed(code), elapsed, MIDDLE) {
            Verdict::GiveUp => break,
            Verdict::RetryAfter(wait) => {
                elapsed += wait;
                waits.push(wait.as_millis() as u64);
            }
        }
    }
    waits
}

#[test]
fn users_calls_follow_their_policy() {
    let plain = RetryPolicy {
        multiplier: 1.5,
        ..RetryPolicy::default()
    };
    let waits = |policy, code| waits(RetryClass::Normal, policy, code, 100);
    let expected = [100, 150, 225, 337, 506, 759, 1139, 1708, 2562];
    assert_eq!(waits(plain, Code::Unavailable), expected);
    let three = RetryPolicy {
        max_retries: 3,
        ..plain
    };
    assert_eq!(waits(three, Code::Unavailable), expected[..2]);
    let short = RetryPolicy {
        max_elapsed: Some(Duration::from_secs(1)),
        ..plain
    };
    assert_eq!(waits(short, Code::Unavailable), expected[..4]);
    let capped = RetryPolicy {
        max_interval: Duration::from_millis(300),
        ..plain
    };
    assert_eq!(
        waits(capped, Code::Unavailable),
        [100, 150, 225, 300, 300, 300, 300, 300, 300]
    );
    assert!(
        waits(
            RetryPolicy {
                max_retries: 1,
                ..plain
            },
            Code::Unavailable
        )
        .is_empty()
    );
}

#[test]
fn throttled_calls_wait_longer_within_the_same_limits() {
    let waits = |policy| waits(RetryClass::Normal, policy, Code::ResourceExhausted, 100);
    assert_eq!(waits(RetryPolicy::default()), [1000, 2000, 4000, 8000]);
    let patient = RetryPolicy {
        max_elapsed: None,
        max_retries: 7,
        ..RetryPolicy::default()
    };
    assert_eq!(waits(patient), [1000, 2000, 4000, 8000, 10000, 10000]);
}

#[test]
fn each_code_has_its_verdict() {
    let retried = |class| -> Vec<Code> {
        let retry = |code: &Code| {
            let mut retries = Retries::new(class, RetryPolicy::default());
            retries.after(failed(*code), Duration::ZERO, MIDDLE) != Verdict::GiveUp
        };
        (1..=16).map(Code::from).filter(retry).collect()
    };
    assert_eq!(retried(RetryClass::Never), []);
    let passing = [
        Code::Unknown,
        Code::ResourceExhausted,
        Code::Aborted,
        Code::OutOfRange,
        Code::Internal,
        Code::Unavailable,
        Code::DataLoss,
    ];
    assert_eq!(retried(RetryClass::Normal), passing);
}

#[test]
fn what_the_transport_cancelled_is_tried_again() {
    let cancelled = FailedTry {
        from_transport: true,
        ..failed(Code::Cancelled)
    };
    let mut retries = Retries::new(RetryClass::Normal, RetryPolicy::default());
    assert_ne!(
        retries.after(cancelled, Duration::ZERO, MIDDLE),
        Verdict::GiveUp
    );
}

#[test]
fn what_is_too_large_stays_so() {
    let cases = [
        (
            Status::resource_exhausted("grpc: received message larger than max (9 vs. 8)"),
            true,
        ),
        (
            Status::resource_exhausted("grpc: message after decompression larger than max (9)"),
            true,
        ),
        // As a development server words it.
        (
            Status::resource_exhausted(
                "grpc: received message after decompression larger than max 4194304",
            ),
            true,
        ),
        (
            Status::out_of_range("Error, decoded message length too large: found 9 bytes"),
            true,
        ),
        (Status::resource_exhausted("slow down"), false),
        (Status::out_of_range("later"), false),
    ];
    for (status, too_large) in cases {
        let failed = FailedTry::from(&status);
        assert_eq!(failed.too_large, too_large, "{status:?}");
        let verdict = Retries::new(RetryClass::Normal, RetryPolicy::default()).after(
            failed,
            Duration::ZERO,
            MIDDLE,
        );
        assert_eq!(verdict == Verdict::GiveUp, too_large, "{status:?}");
    }
}

proptest! {
    #[test]
    fn no_configuration_panics_and_jitter_stays_in_its_range(
        initial in 0u64..100_000, factor in 0.0f64..1.0, multiplier in 0.0f64..100.0,
        draws in prop::collection::vec(0.0f64..1.0, 1..50),
    ) {
        let policy = RetryPolicy {
            initial_interval: Duration::from_millis(initial),
            randomization_factor: factor,
            multiplier,
            max_elapsed: None,
            max_retries: 0,
            ..RetryPolicy::default()
        };
        let mut retries = Retries::new(RetryClass::Normal, policy);
        let longest = policy.max_interval.max(policy.initial_interval).as_secs_f64();
        for draw in draws {
            let Verdict::RetryAfter(wait) = retries.after(failed(Code::Internal), Duration::ZERO, draw) else {
                panic!("there is no limit");
            };
            prop_assert!(wait.as_secs_f64() <= longest * (1.0 + factor) + 1e-6);
        }
    }

    #[test]
    fn odd_factors_do_no_harm(factor in any::<f64>(), multiplier in any::<f64>(), draw in 0.0f64..1.0) {
        let policy = RetryPolicy { randomization_factor: factor, multiplier, ..RetryPolicy::default() };
        let mut retries = Retries::new(RetryClass::Normal, policy);
        for _ in 0..20 {
            retries.after(failed(Code::Internal), Duration::ZERO, draw);
        }
    }
}

async fn failing_server(failures: usize, status: fn() -> Status) -> TestServer {
    let left = AtomicUsize::new(failures);
    TestServer::start(move |call| {
        let answer = if call.method == GET_SYSTEM_INFO {
            Ok(Bytes::new())
        } else if take_one(&left) {
            Err(status())
        } else {
            Ok(Bytes::from_static(b"done"))
        };
        async move { answer }
    })
    .await
}

fn take_one(left: &AtomicUsize) -> bool {
    let taken = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
        left.checked_sub(1)
    });
    taken.is_ok()
}

async fn quick(server: &TestServer) -> Connection {
    let retry = RetryPolicy {
        initial_interval: Duration::from_millis(1),
        ..RetryPolicy::default()
    };
    let config = ConnectionConfig {
        retry,
        ..ConnectionConfig::new(server.target())
    };
    Connection::connect(config).await.unwrap()
}

#[tokio::test]
async fn a_call_is_tried_until_it_succeeds() {
    let server = failing_server(4, || Status::unavailable("not yet")).await;
    let connection = quick(&server).await;
    let request = CallRequest {
        retry: true,
        ..CallRequest::new(METHOD, "same")
    };
    assert_eq!(connection.call(request).await.unwrap(), "done");
    let tries = server.seen(METHOD);
    assert_eq!(tries.len(), 5);
    assert!(tries.iter().all(|each| each.message == "same"));
}

#[tokio::test]
async fn a_call_without_retry_is_tried_once() {
    let server = failing_server(1, || Status::unavailable("not yet")).await;
    let status = quick(&server)
        .await
        .call(CallRequest::new(METHOD, ""))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(server.seen(METHOD).len(), 1);
}

#[tokio::test]
async fn the_last_error_is_the_callers() {
    let server = failing_server(99, || Status::internal("still broken")).await;
    let request = CallRequest {
        retry: true,
        ..CallRequest::new(METHOD, "")
    };
    let status = quick(&server).await.call(request).await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::Internal, "still broken")
    );
    assert_eq!(server.seen(METHOD).len(), 10);
}

/// Passes connections on until told to cut them all.
struct Cable {
    address: SocketAddr,
    cut: Arc<Notify>,
}

impl Cable {
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let cut = Arc::new(Notify::new());
        let told = Arc::clone(&cut);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let told = Arc::clone(&told);
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(server).await.unwrap();
                    tokio::select! {
                        () = told.notified() => {}
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                    }
                });
            }
        });
        Self { address, cut }
    }
}

#[tokio::test]
async fn a_call_outlives_its_connection() {
    let first = AtomicUsize::new(1);
    let arrived = Arc::new(Notify::new());
    let tell = Arc::clone(&arrived);
    let server = TestServer::start(move |call| {
        let hang = call.method != GET_SYSTEM_INFO && take_one(&first);
        let tell = Arc::clone(&tell);
        async move {
            if hang {
                tell.notify_one();
                std::future::pending::<()>().await;
            }
            Ok(Bytes::new())
        }
    })
    .await;
    let cable = Cable::to(server.address).await;
    let config = ConnectionConfig::new(format!("http://{}", cable.address));
    let connection = Connection::connect(config).await.unwrap();
    let request = CallRequest {
        retry: true,
        ..CallRequest::new(METHOD, "")
    };
    let cutting = async {
        arrived.notified().await;
        cable.cut.notify_waiters();
    };
    let (answer, ()) = tokio::join!(connection.call(request), cutting);
    assert_eq!(answer.unwrap(), "");
    assert_eq!(server.seen(METHOD).len(), 2);
}

#[tokio::test]
async fn a_workers_polls_are_tried_once_and_its_reports_again() {
    let server = failing_server(2, || Status::unavailable("not yet")).await;
    let connection = quick(&server).await;
    let poll = api::PollWorkflowTaskQueueRequest::default();
    let status = WorkerService::poll_workflow_task(&connection, poll, LONG_POLL)
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    let report = api::RespondQueryTaskCompletedRequest::default();
    // "done" is no such answer, which shows that the second try got through.
    let status = WorkerService::respond_query(&connection, report)
        .await
        .unwrap_err();
    assert!(status.message().contains("cannot decode"), "{status:?}");
    let method = "/temporal.api.workflowservice.v1.WorkflowService/RespondQueryTaskCompleted";
    assert_eq!(server.seen(method).len(), 2);
}
