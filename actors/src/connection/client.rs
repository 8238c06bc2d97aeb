//! The connection: every call to the server goes through [`Connection::call`].

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::uri::PathAndQuery;
use prost::Message;
use tokio::time::Instant;
use tonic::{
    Code, Status,
    metadata::{AsciiMetadataValue, MetadataMap},
    transport::Channel,
};

use super::{
    ConnectError, InvalidHeader,
    answer_lengths::AnswerLengths,
    call_kind::{self, CallKind},
    channel,
    claims::Claims,
    config::ConnectionConfig,
    eager_starts::{EagerStarts, FirstTask},
    framing::Framed,
    measured_call::Measured,
    metadata::{Headers, LiveHeaders},
    namespaces::Namespaces,
    retry::{FailedTry, Retries, RetryClass, RetryPolicy, Verdict},
    service::ServerCapabilities,
    unary::{self, Compression},
    workflow_calls::CallOptions,
};
use crate::{protos::workflowservice::v1 as api, telemetry::RequestMetrics};

const NAMESPACE_HEADER: &str = "temporal-namespace";

/// A connection to one server. Clones share it; it closes when the last clone is gone.
#[derive(Clone)]
pub struct Connection {
    inner: Arc<Inner>,
}

struct Inner {
    channel: Channel,
    headers: LiveHeaders,
    retry: RetryPolicy,
    gzip: bool,
    answer_lengths: AnswerLengths,
    capabilities: ServerCapabilities,
    namespaces: Namespaces,
    claims: Claims,
    eager_starts: EagerStarts,
    metrics: Option<RequestMetrics>,
}

/// A unary call with an encoded request.
#[derive(Clone, Debug)]
pub struct CallRequest {
    /// `/package.Service/Method`
    pub method: String,
    pub message: Bytes,
    /// Also sent as the header by which the server routes the call.
    pub namespace: Option<String>,
    /// Win over the headers of the connection.
    pub headers: MetadataMap,
    pub retry: bool,
    /// Of each try; `None` takes the default of the call's kind.
    pub timeout: Option<Duration>,
}

impl CallRequest {
    pub fn new(method: impl Into<String>, message: impl Into<Bytes>) -> Self {
        Self {
            method: method.into(),
            message: message.into(),
            namespace: None,
            headers: MetadataMap::new(),
            retry: false,
            timeout: None,
        }
    }
}

impl Connection {
    /// Reaches the server and asks what it can do.
    ///
    /// # Errors
    /// When the configuration cannot be used, the host cannot be reached, or the server answers
    /// `GetSystemInfo` with anything but its capabilities or `Unimplemented`.
    pub async fn connect(config: ConnectionConfig) -> Result<Self, ConnectError> {
        let headers = LiveHeaders::new(
            &config.client_name,
            &config.client_version,
            &config.headers,
            config.api_key.as_ref().map(|key| key.0.as_str()),
        )?;
        let mut inner = Inner {
            channel: channel::open(&config).await?,
            headers,
            retry: config.retry,
            gzip: config.gzip,
            answer_lengths: AnswerLengths::default(),
            capabilities: ServerCapabilities::default(),
            namespaces: Namespaces::default(),
            claims: Claims::default(),
            eager_starts: EagerStarts::default(),
            metrics: config.meter.clone().map(RequestMetrics::new),
        };
        inner.capabilities = inner.ask_capabilities().await?;
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// What the server said at connect.
    pub fn capabilities(&self) -> ServerCapabilities {
        self.inner.capabilities
    }

    /// Replaces the user's headers for calls (and tries) from now on.
    pub fn set_headers(&self, headers: &Headers) -> Result<(), InvalidHeader> {
        self.inner.headers.set_user(headers)
    }

    /// Replaces the API key for calls (and tries) from now on.
    pub fn set_api_key(&self, api_key: Option<&str>) -> Result<(), InvalidHeader> {
        self.inner.headers.set_api_key(api_key)
    }

    /// Makes a user's call; the answer comes encoded.
    pub async fn call(&self, mut request: CallRequest) -> Result<Bytes, Status> {
        if request.method != call_kind::START_WORKFLOW {
            return self.call_as_it_is(request).await;
        }
        let mut start = api::StartWorkflowExecutionRequest::decode(request.message.clone())
            .map_err(|error| {
                Status::invalid_argument(format!("expected a start request: {error}"))
            })?;
        if !start.request_eager_execution {
            return self.call_as_it_is(request).await;
        }
        let first_task = self.reserve_first_task(&mut start);
        request.message = start.encode_to_vec().into();
        let answer = self.call_as_it_is(request).await?;
        if let Some(first_task) = first_task {
            let answer = api::StartWorkflowExecutionResponse::decode(answer.clone())
                .map_err(|error| undecodable(call_kind::START_WORKFLOW, &error))?;
            if let Some(task) = answer.eager_workflow_task {
                first_task.start(task);
            }
        }
        Ok(answer)
    }

    /// Holds a slot for the first task of a workflow, if the server can send it and a worker of this
    /// connection can take it. The request says then that it is wanted, and else that it is not.
    pub(super) fn reserve_first_task(
        &self,
        start: &mut api::StartWorkflowExecutionRequest,
    ) -> Option<Box<dyn FirstTask>> {
        if !self.inner.capabilities.eager_workflow_start {
            start.request_eager_execution = false;
            return None;
        }
        self.inner.eager_starts.reserve(start)
    }

    pub(super) fn claims(&self) -> &Claims {
        &self.inner.claims
    }

    pub(super) fn eager_starts(&self) -> &EagerStarts {
        &self.inner.eager_starts
    }

    async fn call_as_it_is(&self, request: CallRequest) -> Result<Bytes, Status> {
        let kind = call_kind::of_user_call(&request.method, &request.message);
        let mut headers = request.headers;
        add_namespace(&mut headers, request.namespace.as_deref());
        let prepared = PreparedCall {
            path: PathAndQuery::try_from(request.method.as_str()).map_err(|_| {
                Status::invalid_argument(format!("invalid method path {:?}", request.method))
            })?,
            message: Framed::of_encoded(&request.message),
            headers,
            timeout: request.timeout.unwrap_or_else(|| kind.timeout()),
            is_long: kind.is_long(),
        };
        let class = match request.retry {
            true => RetryClass::Normal,
            false => RetryClass::Never,
        };
        self.inner
            .call_with_retries(prepared, class, self.inner.retry)
            .await
    }

    /// Makes a user's call with a typed request, tried again as the user has configured.
    pub(super) async fn call_for_user<Q, A>(
        &self,
        method: &'static str,
        namespace: &str,
        request: &Q,
        kind: CallKind,
        options: &CallOptions,
    ) -> Result<A, Status>
    where
        Q: Message,
        A: Message + Default,
    {
        let mut headers = options.headers.clone();
        add_namespace(&mut headers, Some(namespace));
        let prepared = PreparedCall {
            path: PathAndQuery::from_static(method),
            message: Framed::new(request),
            headers,
            timeout: options.timeout.unwrap_or_else(|| kind.timeout()),
            is_long: kind.is_long(),
        };
        let (class, policy) = (RetryClass::Normal, self.inner.retry);
        let answer = self
            .inner
            .call_with_retries(prepared, class, policy)
            .await?;
        A::decode(answer).map_err(|error| undecodable(method, &error))
    }

    /// What the server says of a namespace, asked once per connection.
    pub(super) async fn describe_namespace(
        &self,
        request: api::DescribeNamespaceRequest,
    ) -> Result<api::DescribeNamespaceResponse, Status> {
        let namespace = request.namespace.clone();
        let ask = self.call_typed(
            call_kind::DESCRIBE_NAMESPACE,
            namespace.clone(),
            request,
            CallKind::Plain,
        );
        self.inner.namespaces.describe(&namespace, ask).await
    }

    /// Makes a worker's call. Polls and notices are tried once, all others as users' calls are by default.
    pub(super) async fn call_typed<Q, A>(
        &self,
        method: &'static str,
        namespace: String,
        request: Q,
        kind: CallKind,
    ) -> Result<A, Status>
    where
        Q: Message,
        A: Message + Default,
    {
        let mut headers = MetadataMap::new();
        add_namespace(&mut headers, Some(&namespace));
        let prepared = PreparedCall {
            path: PathAndQuery::from_static(method),
            message: Framed::new(&request),
            headers,
            timeout: kind.timeout(),
            is_long: kind.is_long(),
        };
        drop(request);
        let class = match kind {
            CallKind::Plain | CallKind::HistoryPoll => RetryClass::Normal,
            CallKind::Once | CallKind::TaskPoll(_) => RetryClass::Never,
        };
        let policy = RetryPolicy::default();
        let answer = self
            .inner
            .call_with_retries(prepared, class, policy)
            .await?;
        A::decode(answer).map_err(|error| undecodable(method, &error))
    }
}

/// A call ready to be sent, as often as it takes.
pub(super) struct PreparedCall {
    pub(super) path: PathAndQuery,
    message: Framed,
    headers: MetadataMap,
    timeout: Duration,
    pub(super) is_long: bool,
}

impl PreparedCall {
    pub(super) fn message(&self) -> &[u8] {
        self.message.message()
    }

    pub(super) fn namespace(&self) -> Option<&str> {
        self.headers.get(NAMESPACE_HEADER)?.to_str().ok()
    }
}

impl Inner {
    async fn ask_capabilities(&self) -> Result<ServerCapabilities, ConnectError> {
        let call = PreparedCall {
            path: PathAndQuery::from_static(call_kind::GET_SYSTEM_INFO),
            message: Framed::new(&api::GetSystemInfoRequest {}),
            headers: MetadataMap::new(),
            timeout: CallKind::Plain.timeout(),
            is_long: false,
        };
        let answer = match self.call_once(&call).await {
            Ok(answer) => answer,
            Err(status)
                if status.code() == Code::Unimplemented && !unary::is_http_answer(&status) =>
            {
                return Ok(ServerCapabilities::default());
            }
            Err(status) => return Err(ConnectError::NoSystemInfo(format!("{status:?}"))),
        };
        let answer = api::GetSystemInfoResponse::decode(answer)
            .map_err(|error| undecodable(call_kind::GET_SYSTEM_INFO, &error))
            .map_err(|status| ConnectError::NoSystemInfo(format!("{status:?}")))?;
        Ok(answer.capabilities.map(Into::into).unwrap_or_default())
    }

    async fn call_with_retries(
        &self,
        call: PreparedCall,
        class: RetryClass,
        policy: RetryPolicy,
    ) -> Result<Bytes, Status> {
        let began = Instant::now();
        let mut retries = Retries::new(class, policy);
        loop {
            let status = match self.call_once(&call).await {
                Ok(answer) => return Ok(answer),
                Err(status) => status,
            };
            match retries.after(FailedTry::from(&status), began.elapsed(), rand::random()) {
                Verdict::GiveUp => return Err(status),
                Verdict::RetryAfter(wait) => {
                    tracing::debug!(
                        method = %call.path,
                        code = ?status.code(),
                        wait_ms = wait.as_millis() as u64,
                        "call failed, trying again"
                    );
                    tokio::time::sleep(wait).await;
                }
            }
        }
    }

    async fn call_once(&self, call: &PreparedCall) -> Result<Bytes, Status> {
        let metrics = self.metrics.as_ref();
        let measured = metrics.map(|metrics| Measured::begins(metrics, call));
        // The larger part of a call's state. Without a box it is copied with each move of the call.
        let answer = Box::pin(self.send(call)).await;
        if let Some(measured) = measured {
            measured.ended(answer.as_ref().err());
        }
        answer
    }

    async fn send(&self, call: &PreparedCall) -> Result<Bytes, Status> {
        let headers = self.headers.complete(&call.headers).into_headers();
        let compression = match self.gzip {
            false => Compression::Off,
            true => Compression::Gzip {
                of_answer: self.answer_lengths.expects_long(&call.path),
            },
        };
        let (channel, path) = (self.channel.clone(), call.path.clone());
        let message = call.message.clone();
        let answer =
            unary::call(channel, path, headers, message, call.timeout, compression).await?;
        self.answer_lengths.note(&call.path, answer.len());
        Ok(answer)
    }
}

/// A namespace that no header can carry is left to the server to refuse.
fn add_namespace(headers: &mut MetadataMap, namespace: Option<&str>) {
    let Some(namespace) = namespace.filter(|namespace| !namespace.is_empty()) else {
        return;
    };
    if let Ok(value) = AsciiMetadataValue::try_from(namespace)
        && !headers.contains_key(NAMESPACE_HEADER)
    {
        headers.insert(NAMESPACE_HEADER, value);
    }
}

fn undecodable(method: &str, error: &prost::DecodeError) -> Status {
    Status::internal(format!("cannot decode the answer to {method}: {error}"))
}

impl From<api::get_system_info_response::Capabilities> for ServerCapabilities {
    fn from(told: api::get_system_info_response::Capabilities) -> Self {
        Self {
            sdk_metadata: told.sdk_metadata,
            internal_error_differentiation: told.internal_error_differentiation,
            activity_failure_include_heartbeat: told.activity_failure_include_heartbeat,
            encoded_failure_attributes: told.encoded_failure_attributes,
            eager_workflow_start: told.eager_workflow_start,
            build_id_based_versioning: told.build_id_based_versioning,
            upsert_memo: told.upsert_memo,
            count_group_by_execution_status: told.count_group_by_execution_status,
        }
    }
}
