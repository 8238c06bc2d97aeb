//! What a connection is told at its start.

use std::{fmt, time::Duration};

use super::{metadata::Headers, retry::RetryPolicy};
use crate::telemetry::Meter;

/// Everything that shapes a connection. The target is a URL with the scheme `http` or `https`.
#[derive(Clone, Debug)]
pub struct ConnectionConfig {
    pub target: String,
    pub client_name: String,
    pub client_version: String,
    pub headers: Headers,
    pub api_key: Option<ApiKey>,
    /// Needed with an `https` target.
    pub tls: Option<TlsConfig>,
    /// For calls made with [`super::RetryClass::Normal`].
    pub retry: RetryPolicy,
    pub keep_alive: Option<KeepAlive>,
    pub gzip: bool,
    /// Limits each attempt to reach the host; `None` leaves it to the system.
    pub connect_timeout: Option<Duration>,
    pub proxy: Option<HttpConnectProxy>,
    /// Counts the calls.
    pub meter: Option<Meter>,
}

impl ConnectionConfig {
    pub fn new(target: impl Into<String>) -> Self {
        Self {
            target: target.into(),
            client_name: "temporal-python".into(),
            client_version: String::new(),
            headers: Headers::new(),
            api_key: None,
            tls: None,
            retry: RetryPolicy::default(),
            keep_alive: Some(KeepAlive::default()),
            gzip: true,
            connect_timeout: None,
            proxy: None,
            meter: None,
        }
    }
}

/// How the server is made sure of, and how the client makes itself known.
#[derive(Clone, Default)]
pub struct TlsConfig {
    /// PEM; `None` trusts the system's roots.
    pub server_root_ca_cert: Option<Vec<u8>>,
    /// Replaces the target's host as server name and as HTTP/2 authority.
    pub domain: Option<String>,
    /// The name that the server's certificate must carry, where it is neither the target's nor
    /// `domain`. Needs `server_root_ca_cert`.
    pub verification_server_name: Option<String>,
    /// Certificate chain and private key, both PEM.
    pub client_identity: Option<(Vec<u8>, Vec<u8>)>,
}

impl fmt::Debug for TlsConfig {
    /// Keys must not reach a log.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TlsConfig")
            .field("domain", &self.domain)
            .field("verification_server_name", &self.verification_server_name)
            .field("own_root", &self.server_root_ca_cert.is_some())
            .field("client_identity", &self.client_identity.is_some())
            .finish()
    }
}

/// A proxy that is asked to `CONNECT` to the target.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpConnectProxy {
    /// `host:port`, or `unix:` and the path of a socket.
    pub target_host: String,
    /// User name and password.
    pub basic_auth: Option<(String, String)>,
}

impl fmt::Debug for HttpConnectProxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HttpConnectProxy")
            .field("target_host", &self.target_host)
            .field("basic_auth", &self.basic_auth.is_some())
            .finish()
    }
}

/// A key that no log may show.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(pub String);

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("<hidden>")
    }
}

/// HTTP/2 pings, sent while idle too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepAlive {
    pub interval: Duration,
    /// The connection is given up when an answer takes longer.
    pub timeout: Duration,
}

impl Default for KeepAlive {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(15),
        }
    }
}
