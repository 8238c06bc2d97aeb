//! Shows metrics over HTTP, on a thread of its own: neither actors nor Python can hold it up.

use std::{
    convert::Infallible,
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread,
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{runtime::Builder, task::JoinSet};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::prometheus::Prometheus;

/// Why metrics cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum ScrapeError {
    #[error("Invalid Prometheus address: {0}")]
    Address(#[from] std::net::AddrParseError),
    #[error("Failed starting Prometheus exporter: {0}")]
    Listen(#[from] io::Error),
}

/// Answers `GET /metrics` until it is dropped.
pub struct ScrapeServer {
    address: SocketAddr,
    _end: DropGuard,
}

impl ScrapeServer {
    /// Listens on an address, such as `127.0.0.1:9000`.
    ///
    /// # Errors
    /// The address is none, or cannot be had.
    pub fn start(address: &str, metrics: Arc<Prometheus>) -> Result<Self, ScrapeError> {
        let listener = TcpListener::bind(address.parse::<SocketAddr>()?)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _within = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let end = CancellationToken::new();
        let ended = end.clone();
        thread::Builder::new()
            .name("temporal_metrics".into())
            .spawn(move || {
                let serve = ended.run_until_cancelled(serve(listener, metrics));
                runtime.block_on(serve);
            })?;
        Ok(Self {
            address,
            _end: end.drop_guard(),
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn serve(listener: tokio::net::TcpListener, metrics: Arc<Prometheus>) {
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let stream = match stream {
            Ok((stream, _)) => TokioIo::new(stream),
            Err(error) => {
                tracing::warn!(%error, "a scrape of metrics could not be accepted");
                // Out of descriptors, for one: to try at once again would only spin.
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                continue;
            }
        };
        let metrics = metrics.clone();
        let answer = service_fn(move |request| {
            let answered = answer(&request, &metrics);
            async move { Ok::<_, Infallible>(answered) }
        });
        connections.spawn(async move {
            if let Err(error) = http1::Builder::new().serve_connection(stream, answer).await {
                tracing::debug!(%error, "a scrape of metrics was broken off");
            }
        });
    }
}

fn answer(request: &Request<Incoming>, metrics: &Prometheus) -> Response<Full<Bytes>> {
    let mut response = Response::default();
    if request.method() == Method::GET && request.uri().path() == "/metrics" {
        *response.body_mut() = Full::from(metrics.text());
        let format = http::HeaderValue::from_static(prometheus::TEXT_FORMAT);
        response.headers_mut().insert(CONTENT_TYPE, format);
    } else {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpStream,
    };

    use super::{
        super::{About, Exporter, Kind, Labels, PrometheusOptions, Value},
        *,
    };

    fn ask(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).expect("it listens");
        let request = format!("{request} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }

    #[test]
    fn it_shows_metrics_and_nothing_else_until_it_is_dropped() {
        let metrics = Arc::new(Prometheus::new(PrometheusOptions::default()));
        let server = ScrapeServer::start("127.0.0.1:0", metrics.clone()).expect("there are ports");
        let counter = metrics.instrument(About::new(Kind::Counter, "c"));
        counter.series(&Labels::none()).record(Value::Whole(7));
        let answer = ask(server.address(), "GET /metrics");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("text/plain; version=0.0.4"), "{answer}");
        assert!(answer.ends_with("c 7\n"), "{answer}");
        for request in ["GET /", "POST /metrics", "GET /metricsx"] {
            let answer = ask(server.address(), request);
            assert!(answer.starts_with("HTTP/1.1 404"), "{request}: {answer}");
        }
        let again = ScrapeServer::start(&server.address().to_string(), metrics.clone());
        let message = again.err().expect("the port is taken").to_string();
        assert!(
            message.starts_with("Failed starting Prometheus exporter: "),
            "{message}"
        );
        let invalid = ScrapeServer::start("nowhere", metrics);
        let message = invalid.err().expect("no address").to_string();
        assert_eq!(
            message,
            "Invalid Prometheus address: invalid socket address syntax"
        );
        let address = server.address();
        drop(server);
        let given_up = (0..500).any(|_| {
            thread::sleep(std::time::Duration::from_millis(10));
            TcpStream::connect(address).is_err()
        });
        assert!(given_up, "it still listens");
    }
}
