//! The HTTP/2 channel: TCP, TLS, keep-alive.

use std::{sync::Arc, time::Duration};

use http::{Uri, uri::PathAndQuery};
use hyper_util::{client::legacy::connect::HttpConnector, rt::TokioIo};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tower::ServiceExt;

use super::{
    ConnectError,
    config::{ConnectionConfig, TlsConfig},
    gathered_writes::GatheredWrites,
    proxy,
    verifier::OtherNameVerifier,
};

/// A peer that accepts but never answers a TLS handshake would otherwise hold a connect for ever.
const TLS_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);

/// Opens the channel, which later reconnects by itself.
pub(super) async fn open(config: &ConnectionConfig) -> Result<Channel, ConnectError> {
    let endpoint = endpoint(config)?;
    let opened = match &config.proxy {
        Some(proxy) => {
            let proxy = proxy.clone();
            let connector = tower::service_fn(move |target| proxy::connect(proxy.clone(), target))
                .map_response(gathered);
            limited(endpoint, config)
                .connect_with_connector(connector)
                .await
        }
        None => {
            let connector = direct(config).map_response(gathered);
            endpoint.connect_with_connector(connector).await
        }
    };
    opened.map_err(|error| ConnectError::Unreachable(format!("{error:?}")))
}

/// Has a new carrier write once a turn. TLS is on top of it.
fn gathered<C>(carrier: TokioIo<C>) -> TokioIo<GatheredWrites<C>> {
    TokioIo::new(GatheredWrites::new(carrier.into_inner()))
}

/// Limits the whole way through a proxy, and on a direct way what reaches the host.
fn limited(endpoint: Endpoint, config: &ConnectionConfig) -> Endpoint {
    match connect_timeout(config) {
        Some(timeout) => endpoint.connect_timeout(timeout),
        None => endpoint,
    }
}

fn connect_timeout(config: &ConnectionConfig) -> Option<Duration> {
    config.connect_timeout.filter(|timeout| !timeout.is_zero())
}

fn direct(config: &ConnectionConfig) -> HttpConnector {
    let mut connector = HttpConnector::new();
    // The target's scheme may be `https` as well.
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(connect_timeout(config));
    connector
}

fn endpoint(config: &ConnectionConfig) -> Result<Endpoint, ConnectError> {
    let target = parse_target(&config.target)?;
    let mut endpoint = Endpoint::from(target.clone());
    if let Some(keep_alive) = config.keep_alive {
        endpoint = endpoint
            .keep_alive_while_idle(true)
            .http2_keep_alive_interval(keep_alive.interval)
            .keep_alive_timeout(keep_alive.timeout);
    }
    match &config.tls {
        Some(tls) => secured(endpoint, &target, tls, connect_timeout(config)),
        None => Ok(endpoint),
    }
}

fn parse_target(target: &str) -> Result<Uri, ConnectError> {
    let invalid = |reason: String| ConnectError::InvalidTarget(reason);
    let parsed: Uri = target
        .parse()
        .map_err(|error| invalid(format!("{error}")))?;
    if !matches!(parsed.scheme_str(), Some("http" | "https")) {
        return Err(invalid("expected the scheme http or https".into()));
    }
    if parsed.host().is_none_or(str::is_empty) {
        return Err(invalid("expected host:port".into()));
    }
    Ok(parsed)
}

fn secured(
    mut endpoint: Endpoint,
    target: &Uri,
    tls: &TlsConfig,
    connect_timeout: Option<Duration>,
) -> Result<Endpoint, ConnectError> {
    let handshake_timeout = connect_timeout.unwrap_or(TLS_HANDSHAKE_TIMEOUT);
    let mut settings = ClientTlsConfig::new().timeout(handshake_timeout);
    settings = match (&tls.server_root_ca_cert, &tls.verification_server_name) {
        // The roots go into the verifier instead.
        (_, Some(_)) => settings,
        (Some(root), None) => settings.ca_certificate(Certificate::from_pem(root)),
        (None, None) => settings.with_native_roots(),
    };
    if let Some(domain) = &tls.domain {
        settings = settings.domain_name(domain);
        endpoint = endpoint.origin(origin(target, domain)?);
    }
    if let Some((certificate, key)) = &tls.client_identity {
        settings = settings.identity(Identity::from_pem(certificate, key));
    }
    let secured = match &tls.verification_server_name {
        Some(name) => {
            let verifier = OtherNameVerifier::new(name, tls.server_root_ca_cert.as_deref())?;
            endpoint.tls_config_with_verifier(settings, Arc::new(verifier))
        }
        None => endpoint.tls_config(settings),
    };
    secured.map_err(|error| ConnectError::InvalidTls(format!("{error:?}")))
}

/// The target with another authority, for the `:authority` header.
fn origin(target: &Uri, domain: &str) -> Result<Uri, ConnectError> {
    let path = target
        .path_and_query()
        .cloned()
        .unwrap_or_else(|| PathAndQuery::from_static("/"));
    Uri::builder()
        .scheme(target.scheme_str().unwrap_or("https"))
        .authority(domain)
        .path_and_query(path)
        .build()
        .map_err(|error| ConnectError::InvalidTls(format!("invalid domain {domain:?}: {error}")))
}
