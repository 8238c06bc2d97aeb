//! The shell of a connection.

use std::{collections::HashMap, sync::Arc, time::Duration};

use callboard_actors::connection::{
    ApiKey, CallRequest, Connection as Inner, ConnectionConfig, HeaderValue, Headers,
    HttpConnectProxy, KeepAlive, RetryPolicy, TlsConfig, WorkerService, encode_headers,
};
use pyo3::{prelude::*, types::PyBytes};

use crate::{
    errors::BridgeError,
    loop_mailbox,
    runtime::{Runtime, SharedRuntime},
};

/// A connection to one server.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct Connection {
    inner: Inner,
    runtime: Arc<SharedRuntime>,
}

impl Connection {
    /// For calls that outlive the borrow.
    pub(crate) fn share(&self) -> Inner {
        self.inner.clone()
    }

    /// Where it runs, and its workers.
    pub(crate) fn runtime(&self) -> &Arc<SharedRuntime> {
        &self.runtime
    }

    /// For the worker, which shares the connection.
    pub(crate) fn worker_service(&self) -> Arc<dyn WorkerService> {
        Arc::new(self.inner.clone())
    }
}

#[pymethods]
impl Connection {
    #[staticmethod]
    #[pyo3(signature = (*, runtime, target, client_name, client_version, metadata, api_key, tls, retry, keep_alive, http_connect_proxy, gzip, connect_timeout))]
    #[expect(
        clippy::too_many_arguments,
        reason = "keywords, as in the interface file"
    )]
    fn connect<'py>(
        py: Python<'py>,
        runtime: &Runtime,
        target: String,
        client_name: String,
        client_version: String,
        metadata: HashMap<String, HeaderArgument>,
        api_key: Option<String>,
        tls: Option<TlsArgument>,
        retry: Option<RetryArgument>,
        keep_alive: Option<(f64, f64)>,
        http_connect_proxy: Option<ProxyArgument>,
        gzip: bool,
        connect_timeout: Option<f64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let runtime = runtime.share();
        let config = ConnectionConfig {
            target,
            client_name,
            client_version,
            headers: headers(metadata),
            api_key: api_key.map(ApiKey),
            tls: tls.map(tls_config).transpose()?,
            retry: retry.map(retry_policy).transpose()?.unwrap_or_default(),
            keep_alive: keep_alive.map(keep_alive_config).transpose()?,
            gzip,
            connect_timeout: optional_seconds("connect_timeout", connect_timeout)?,
            proxy: http_connect_proxy.map(|(target_host, basic_auth)| HttpConnectProxy {
                target_host,
                basic_auth,
            }),
            meter: runtime.get()?.meter().cloned(),
        };
        let used = Arc::clone(&runtime);
        loop_mailbox::future(py, &used, async move {
            let inner = Inner::connect(config).await?;
            Ok(Self { inner, runtime })
        })
    }

    #[pyo3(signature = (method, request, *, namespace, retry, metadata, timeout))]
    #[expect(
        clippy::too_many_arguments,
        reason = "keywords, as in the interface file"
    )]
    fn call<'py>(
        &self,
        py: Python<'py>,
        method: String,
        request: &Bound<'py, PyBytes>,
        namespace: Option<String>,
        retry: bool,
        metadata: HashMap<String, HeaderArgument>,
        timeout: Option<f64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let request = CallRequest {
            method,
            message: request.as_bytes().to_vec().into(),
            namespace,
            headers: encode_headers(&headers(metadata)).map_err(BridgeError::from)?,
            retry,
            timeout: optional_seconds("timeout", timeout)?,
        };
        let connection = self.inner.clone();
        loop_mailbox::future(py, &self.runtime, async move {
            let answer = connection.call(request).await?;
            Ok(Answer(answer))
        })
    }

    fn set_metadata(&self, metadata: HashMap<String, HeaderArgument>) -> PyResult<()> {
        self.inner
            .set_headers(&headers(metadata))
            .map_err(|error| BridgeError::from(error).into())
    }

    #[pyo3(signature = (api_key))]
    fn set_api_key(&self, api_key: Option<&str>) -> PyResult<()> {
        self.inner
            .set_api_key(api_key)
            .map_err(|error| BridgeError::from(error).into())
    }
}

/// Becomes `bytes`.
struct Answer(bytes::Bytes);

impl<'py> IntoPyObject<'py> for Answer {
    type Target = PyBytes;
    type Output = Bound<'py, PyBytes>;
    type Error = std::convert::Infallible;

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
        Ok(PyBytes::new(py, &self.0))
    }
}

#[derive(FromPyObject)]
pub(crate) enum HeaderArgument {
    Text(String),
    Binary(Vec<u8>),
}

pub(crate) fn headers(metadata: HashMap<String, HeaderArgument>) -> Headers {
    let value = |given| match given {
        HeaderArgument::Text(text) => HeaderValue::Text(text),
        HeaderArgument::Binary(bytes) => HeaderValue::Binary(bytes),
    };
    metadata
        .into_iter()
        .map(|(key, given)| (key, value(given)))
        .collect()
}

/// Host, user name and password.
type ProxyArgument = (String, Option<(String, String)>);

/// Root certificate, domain, client certificate, client key, name to verify.
type TlsArgument = (
    Option<Vec<u8>>,
    Option<String>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Option<String>,
);

fn tls_config(
    (root, domain, certificate, key, verification_server_name): TlsArgument,
) -> PyResult<TlsConfig> {
    let client_identity = match (certificate, key) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        _ => {
            return Err(BridgeError::Value(
                "client_cert and client_private_key must be given together".into(),
            )
            .into());
        }
    };
    Ok(TlsConfig {
        server_root_ca_cert: root,
        domain,
        verification_server_name,
        client_identity,
    })
}

/// Initial interval, randomization factor, multiplier, maximum interval, maximum elapsed, retries.
type RetryArgument = (f64, f64, f64, f64, Option<f64>, usize);

fn retry_policy(
    (initial, randomization_factor, multiplier, max_interval, max_elapsed, max_retries): RetryArgument,
) -> PyResult<RetryPolicy> {
    Ok(RetryPolicy {
        initial_interval: seconds("initial_interval", initial)?,
        randomization_factor,
        multiplier,
        max_interval: seconds("max_interval", max_interval)?,
        max_elapsed: optional_seconds("max_elapsed_time", max_elapsed)?,
        max_retries,
    })
}

fn keep_alive_config((interval, timeout): (f64, f64)) -> PyResult<KeepAlive> {
    Ok(KeepAlive {
        interval: seconds("keep-alive interval", interval)?,
        timeout: seconds("keep-alive timeout", timeout)?,
    })
}

pub(crate) fn optional_seconds(name: &str, given: Option<f64>) -> PyResult<Option<Duration>> {
    given.map(|given| seconds(name, given)).transpose()
}

pub(crate) fn seconds(name: &str, given: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(given).map_err(|_| {
        BridgeError::Value(format!("{name} must not be negative, got {given} seconds")).into()
    })
}
