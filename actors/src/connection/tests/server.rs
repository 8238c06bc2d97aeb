//! A gRPC server that does what a test says.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Request, Response, Status,
    body::Body,
    codec::CompressionEncoding,
    metadata::MetadataMap,
    server::{Grpc, NamedService, UnaryService},
    transport::{Server, ServerTlsConfig},
};

use super::codec::BytesCodec;

pub(super) const METHOD: &str =
    "/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace";
pub(super) const HISTORY: &str =
    "/temporal.api.workflowservice.v1.WorkflowService/GetWorkflowExecutionHistory";

/// One call as it arrived.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) message: Bytes,
    pub(super) headers: MetadataMap,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let value = self.headers.get(name)?;
        Some(value.to_str().expect("tests send ASCII headers"))
    }
}

type Answer = BoxFuture<'static, Result<Bytes, Status>>;
type Behaviour = dyn Fn(Seen) -> Answer + Send + Sync;

#[derive(Clone)]
struct Scripted {
    behaviour: Arc<Behaviour>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl NamedService for Scripted {
    const NAME: &'static str = "temporal.api.workflowservice.v1.WorkflowService";
}

struct Method {
    path: String,
    server: Scripted,
}

impl UnaryService<Bytes> for Method {
    type Response = Bytes;
    type Future = BoxFuture<'static, Result<Response<Bytes>, Status>>;

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let (headers, _, message) = request.into_parts();
        let seen = Seen {
            method: self.path.clone(),
            message,
            headers,
        };
        self.server.seen.lock().push(seen.clone());
        let answer = (self.server.behaviour)(seen);
        Box::pin(async move { answer.await.map(Response::new) })
    }
}

impl tower::Service<http::Request<Body>> for Scripted {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        // The body's decoding takes the header away, and tests want to see it.
        let mut request = request;
        if let Some(encoding) = request.headers().get("grpc-encoding").cloned() {
            request.headers_mut().insert("seen-encoding", encoding);
        }
        let method = Method {
            path: request.uri().path().to_owned(),
            server: self.clone(),
        };
        Box::pin(async move {
            let mut grpc = Grpc::new(BytesCodec)
                .accept_compressed(CompressionEncoding::Gzip)
                .send_compressed(CompressionEncoding::Gzip)
                .max_decoding_message_size(usize::MAX);
            Ok(grpc.unary(method, request).await)
        })
    }
}

/// Stopped when dropped.
pub(super) struct TestServer {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl TestServer {
    pub(super) async fn start<F, A>(behaviour: F) -> Self
    where
        F: Fn(Seen) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Bytes, Status>> + Send + 'static,
    {
        Self::start_with(behaviour, None).await
    }

    /// Answers everything with nothing, and speaks TLS only.
    pub(super) async fn start_tls(tls: ServerTlsConfig) -> Self {
        Self::start_with(|_| async { Ok(Bytes::new()) }, Some(tls)).await
    }

    async fn start_with<F, A>(behaviour: F, tls: Option<ServerTlsConfig>) -> Self
    where
        F: Fn(Seen) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Bytes, Status>> + Send + 'static,
    {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let service = Scripted {
            behaviour: Arc::new(move |call| Box::pin(behaviour(call))),
            seen: Arc::clone(&seen),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let mut server = Server::builder();
        if let Some(tls) = tls {
            server = server
                .tls_config(tls)
                .expect("the test's certificates are good");
        }
        let serving = server
            .add_service(service)
            .serve_with_incoming(TcpListenerStream::new(listener));
        let task = tokio::spawn(async move { serving.await.expect("the server runs") });
        Self {
            address,
            seen,
            task,
        }
    }

    pub(super) fn target(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The calls so far to one method.
    pub(super) fn seen(&self, method: &str) -> Vec<Seen> {
        let all = self.seen.lock();
        all.iter()
            .filter(|call| call.method == method)
            .cloned()
            .collect()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
