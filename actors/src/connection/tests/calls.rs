use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use bytes::Bytes;
use prost::Message;
use tonic::{Code, Status, metadata::MetadataMap};

use super::server::{HISTORY, METHOD, TestServer};
use crate::{
    connection::{
        ApiKey, CallRequest, ConnectError, Connection, ConnectionConfig, HeaderValue, Headers,
        WorkerService, call_kind::GET_SYSTEM_INFO, encode_headers,
    },
    protos::workflowservice::v1 as api,
};

fn text(pairs: &[(&str, &str)]) -> Headers {
    let value = |text: &str| HeaderValue::Text(text.to_owned());
    pairs
        .iter()
        .map(|(key, text)| ((*key).to_owned(), value(text)))
        .collect()
}

fn encoded(pairs: &[(&str, &str)]) -> MetadataMap {
    encode_headers(&text(pairs)).expect("the test's headers are good")
}

async fn echo() -> TestServer {
    TestServer::start(|call| async move {
        match call.method.as_str() {
            GET_SYSTEM_INFO => Ok(Bytes::new()),
            _ => Ok(call.message),
        }
    })
    .await
}

#[tokio::test]
async fn bytes_go_and_come_as_they_are() {
    let server = echo().await;
    let connection = Connection::connect(ConnectionConfig::new(server.target()))
        .await
        .unwrap();
    // Longer than what gRPC libraries allow unless told otherwise.
    let long: Bytes = (0..5_000_000_u32)
        .map(|number| (number % 251) as u8)
        .collect();
    for message in [Bytes::new(), Bytes::from_static(b"abc"), long] {
        let answer = connection
            .call(CallRequest::new(METHOD, message.clone()))
            .await
            .unwrap();
        assert!(answer == message);
    }
    let calls = server.seen(METHOD);
    assert!(
        calls
            .iter()
            .all(|call| call.header("seen-encoding") == Some("gzip"))
    );
}

#[tokio::test]
async fn compression_can_be_turned_off() {
    let server = echo().await;
    let config = ConnectionConfig {
        gzip: false,
        ..ConnectionConfig::new(server.target())
    };
    let connection = Connection::connect(config).await.unwrap();
    connection
        .call(CallRequest::new(METHOD, "abc"))
        .await
        .unwrap();
    assert_eq!(server.seen(METHOD)[0].header("seen-encoding"), None);
    assert_eq!(server.seen(METHOD)[0].header("grpc-accept-encoding"), None);
}

#[tokio::test]
async fn tasks_come_compressed_where_they_have_been_long() {
    const POLL: &str = "/temporal.api.workflowservice.v1.WorkflowService/PollWorkflowTaskQueue";
    // Asked in so many words for an answer of that length.
    let server = TestServer::start(|call| async move {
        let length = std::str::from_utf8(&call.message).map_or(Ok(0), str::parse);
        Ok(vec![7; length.unwrap_or_default()].into())
    })
    .await;
    let connection = Connection::connect(ConnectionConfig::new(server.target()))
        .await
        .unwrap();
    let poll = async |length: usize| {
        let call = CallRequest::new(POLL, length.to_string());
        assert_eq!(connection.call(call).await.unwrap(), vec![7; length]);
        let seen = server.seen(POLL).pop().unwrap();
        assert_eq!(seen.header("grpc-accept-encoding"), Some("gzip"));
        seen.header("seen-encoding").map(str::to_owned)
    };
    assert_eq!(poll(500).await, None);
    assert_eq!(poll(1_000_000).await, None);
    assert_eq!(poll(1_000_000).await.as_deref(), Some("gzip"));
    assert_eq!(poll(500).await.as_deref(), Some("gzip"));
    for _ in 0..100 {
        poll(500).await;
    }
    assert_eq!(poll(500).await, None);
}

/// Compatibility, formats: the client name is `temporal-python`.
#[tokio::test]
async fn headers_identify_authorize_and_route() {
    let server = echo().await;
    let config = ConnectionConfig {
        client_version: "1.2.3".into(),
        headers: text(&[("common", "1"), ("both", "connection")]),
        api_key: Some(ApiKey("first".into())),
        ..ConnectionConfig::new(server.target())
    };
    let connection = Connection::connect(config).await.unwrap();
    let call = async |namespace: Option<&str>, headers: &[(&str, &str)]| {
        let mut request = CallRequest::new(METHOD, "");
        request.namespace = namespace.map(str::to_owned);
        request.headers = encoded(headers);
        connection.call(request).await.unwrap();
        server.seen(METHOD).pop().unwrap()
    };

    let seen = call(Some("ns"), &[("both", "call")]).await;
    assert_eq!(seen.header("client-name"), Some("temporal-python"));
    assert_eq!(seen.header("client-version"), Some("1.2.3"));
    assert_eq!(seen.header("temporal-namespace"), Some("ns"));
    assert_eq!(seen.header("authorization"), Some("Bearer first"));
    assert_eq!(
        (seen.header("common"), seen.header("both")),
        (Some("1"), Some("call"))
    );

    connection.set_api_key(Some("second")).unwrap();
    connection.set_headers(&text(&[("new", "2")])).unwrap();
    let seen = call(None, &[]).await;
    assert_eq!(seen.header("authorization"), Some("Bearer second"));
    assert_eq!(
        (seen.header("common"), seen.header("new")),
        (None, Some("2"))
    );
    assert_eq!(seen.header("temporal-namespace"), None);

    // The user's own authorization wins, the call's over the connection's.
    connection
        .set_headers(&text(&[("authorization", "mine")]))
        .unwrap();
    assert_eq!(call(None, &[]).await.header("authorization"), Some("mine"));
    let seen = call(None, &[("authorization", "this once")]).await;
    assert_eq!(seen.header("authorization"), Some("this once"));

    connection.set_headers(&Headers::new()).unwrap();
    connection.set_api_key(None).unwrap();
    assert_eq!(call(None, &[]).await.header("authorization"), None);
}

#[tokio::test]
async fn binary_headers_arrive() {
    let server = echo().await;
    let config = ConnectionConfig {
        headers: [("some-bin".to_owned(), HeaderValue::Binary(vec![0, 1, 255]))].into(),
        ..ConnectionConfig::new(server.target())
    };
    let connection = Connection::connect(config).await.unwrap();
    connection.call(CallRequest::new(METHOD, "")).await.unwrap();
    let seen = server.seen(METHOD).pop().unwrap();
    let value = seen
        .headers
        .get_bin("some-bin")
        .unwrap()
        .to_bytes()
        .unwrap();
    assert_eq!(value.as_ref(), [0, 1, 255]);
}

#[tokio::test]
async fn each_kind_of_call_has_its_timeout() {
    let server = echo().await;
    let connection = Connection::connect(ConnectionConfig::new(server.target()))
        .await
        .unwrap();
    let waiting = api::GetWorkflowExecutionHistoryRequest {
        wait_new_event: true,
        ..Default::default()
    };
    let limit = async |request: CallRequest| {
        let method = request.method.clone();
        connection.call(request).await.unwrap();
        let seen = server.seen(&method).pop().unwrap();
        let header = seen.header("grpc-timeout").unwrap().to_owned();
        let (number, unit) = header.split_at(header.len() - 1);
        let number: f64 = number.parse().unwrap();
        let per_second = [("n", 1e9), ("u", 1e6), ("m", 1e3), ("S", 1.0)];
        number / per_second.iter().find(|(name, _)| *name == unit).unwrap().1
    };
    assert_eq!(limit(CallRequest::new(METHOD, "")).await, 30.0);
    assert_eq!(limit(CallRequest::new(HISTORY, "")).await, 30.0);
    assert_eq!(
        limit(CallRequest::new(HISTORY, waiting.encode_to_vec())).await,
        70.0
    );
    let mut request = CallRequest::new(HISTORY, waiting.encode_to_vec());
    request.timeout = Some(Duration::from_millis(4500));
    assert_eq!(limit(request).await, 4.5);

    let poll = api::PollWorkflowTaskQueueRequest::default();
    WorkerService::poll_workflow_task(&connection, poll, Duration::from_secs(11))
        .await
        .unwrap();
    let poll = "/temporal.api.workflowservice.v1.WorkflowService/PollWorkflowTaskQueue";
    assert_eq!(
        server.seen(poll)[0].header("grpc-timeout"),
        Some("11000000u")
    );
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_cancelled() {
    let server = TestServer::start(|call| async move {
        if call.method != GET_SYSTEM_INFO {
            std::future::pending::<()>().await;
        }
        Ok(Bytes::new())
    })
    .await;
    let connection = Connection::connect(ConnectionConfig::new(server.target()))
        .await
        .unwrap();
    let mut request = CallRequest::new(METHOD, "");
    request.timeout = Some(Duration::from_millis(50));
    request.retry = true;
    let status = connection.call(request).await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::Cancelled, "Timeout expired")
    );
    assert_eq!(server.seen(METHOD).len(), 1);
}

#[tokio::test]
async fn a_worker_sends_typed_requests_with_their_namespace() {
    let server = echo().await;
    let connection = Connection::connect(ConnectionConfig::new(server.target()))
        .await
        .unwrap();
    let request = api::RespondQueryTaskCompletedRequest {
        namespace: "ns".into(),
        task_token: vec![1, 2].into(),
        ..Default::default()
    };
    WorkerService::respond_query(&connection, request.clone())
        .await
        .unwrap();
    let method = "/temporal.api.workflowservice.v1.WorkflowService/RespondQueryTaskCompleted";
    let seen = server.seen(method).pop().unwrap();
    assert_eq!(seen.header("temporal-namespace"), Some("ns"));
    let arrived = api::RespondQueryTaskCompletedRequest::decode(seen.message).unwrap();
    assert_eq!(arrived, request);
}

#[tokio::test]
async fn details_of_an_error_are_kept() {
    let server = TestServer::start(|call| async move {
        match call.method.as_str() {
            GET_SYSTEM_INFO => Ok(Bytes::new()),
            _ => Err(Status::with_details(
                Code::NotFound,
                "gone",
                Bytes::from_static(b"\x08\x05"),
            )),
        }
    })
    .await;
    let connection = Connection::connect(ConnectionConfig::new(server.target()))
        .await
        .unwrap();
    let status = connection
        .call(CallRequest::new(METHOD, ""))
        .await
        .unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::NotFound, "gone"));
    assert_eq!(status.details(), b"\x08\x05");
}

#[tokio::test]
async fn capabilities_are_asked_for_once() {
    let server = TestServer::start(|_| async {
        let capabilities = api::get_system_info_response::Capabilities {
            sdk_metadata: true,
            ..Default::default()
        };
        let answer = api::GetSystemInfoResponse {
            capabilities: Some(capabilities),
            ..Default::default()
        };
        Ok(answer.encode_to_vec().into())
    })
    .await;
    let connection = Connection::connect(ConnectionConfig::new(server.target()))
        .await
        .unwrap();
    connection.call(CallRequest::new(METHOD, "")).await.unwrap();
    assert!(connection.capabilities().sdk_metadata);
    assert!(!connection.capabilities().upsert_memo);
    assert_eq!(server.seen(GET_SYSTEM_INFO).len(), 1);
}

#[tokio::test]
async fn a_namespace_is_described_once_and_errors_are_not_kept() {
    let refusals = AtomicUsize::new(1);
    let server = TestServer::start(move |call| {
        let refuse = call.method == METHOD && refusals.swap(0, Ordering::SeqCst) > 0;
        async move {
            if refuse {
                return Err(Status::not_found("not yet"));
            }
            Ok(Bytes::new())
        }
    })
    .await;
    let connection = Connection::connect(ConnectionConfig::new(server.target()))
        .await
        .unwrap();
    let describe = |namespace: &str| {
        let request = api::DescribeNamespaceRequest {
            namespace: namespace.into(),
            ..Default::default()
        };
        WorkerService::describe_namespace(&connection, request)
    };
    assert_eq!(describe("one").await.unwrap_err().code(), Code::NotFound);
    let (first, second) = tokio::join!(describe("one"), describe("one"));
    assert_eq!(first.unwrap(), second.unwrap());
    describe("two").await.unwrap();
    assert_eq!(server.seen(METHOD).len(), 3);
}

#[tokio::test]
async fn an_old_server_may_not_describe_namespaces() {
    let server = TestServer::start(|_| async { Err(Status::unimplemented("what?")) }).await;
    let connection = Connection::connect(ConnectionConfig::new(server.target()))
        .await
        .unwrap();
    for _ in 0..2 {
        let request = api::DescribeNamespaceRequest::default();
        let described = WorkerService::describe_namespace(&connection, request)
            .await
            .unwrap();
        assert_eq!(described, api::DescribeNamespaceResponse::default());
    }
    assert_eq!(server.seen(METHOD).len(), 1);
}

#[tokio::test]
async fn an_old_server_may_not_know_its_capabilities() {
    let server = TestServer::start(|_| async { Err(Status::unimplemented("what?")) }).await;
    let connection = Connection::connect(ConnectionConfig::new(server.target()))
        .await
        .unwrap();
    assert_eq!(connection.capabilities(), Default::default());
}

#[tokio::test]
async fn any_other_answer_fails_the_connect() {
    let server = TestServer::start(|_| async { Err(Status::permission_denied("no")) }).await;
    let refused = Connection::connect(ConnectionConfig::new(server.target())).await;
    let Err(ConnectError::NoSystemInfo(said)) = refused else {
        panic!("expected a refusal of GetSystemInfo");
    };
    assert!(said.contains("PermissionDenied"), "{said}");
}

#[tokio::test]
async fn targets_and_headers_that_cannot_work_are_told_apart() {
    let connect = async |config| Connection::connect(config).await.err().unwrap();
    for target in ["not a url", "ftp://host:1", "http://"] {
        let error = connect(ConnectionConfig::new(target)).await;
        assert!(
            matches!(error, ConnectError::InvalidTarget(_)),
            "{target}: {error:?}"
        );
    }
    let mut config = ConnectionConfig::new("http://127.0.0.1:1");
    assert!(matches!(
        connect(config.clone()).await,
        ConnectError::Unreachable(_)
    ));
    config.headers = text(&[("a b", "c")]);
    assert!(matches!(
        connect(config).await,
        ConnectError::InvalidHeaders(_)
    ));
}

#[test]
fn headers_are_checked_and_never_shown() {
    use crate::connection::InvalidHeader::{BinaryKey, TextKey, TextUnderBinaryKey, TextValue};
    let binary = |key: &str| Headers::from([(key.to_owned(), HeaderValue::Binary(vec![1]))]);
    let cases = [
        (text(&[("a b", "SECRET")]), TextKey("a b".into())),
        (
            text(&[("a-bin", "SECRET")]),
            TextUnderBinaryKey("a-bin".into()),
        ),
        (text(&[("a", "SECRET\n")]), TextValue("a".into())),
        (binary("a"), BinaryKey("a".into())),
    ];
    for (headers, expected) in cases {
        let error = encode_headers(&headers).unwrap_err();
        assert_eq!(error, expected);
        assert!(!format!("{error} {headers:?}").contains("SECRET"));
    }
    assert!(
        encode_headers(&text(&[("UPPER", "x")]))
            .unwrap()
            .contains_key("upper")
    );
}
