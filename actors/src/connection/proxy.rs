//! Reaching the target through an HTTP proxy's `CONNECT`.

use std::{
    io::{Error, ErrorKind, Result},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::config::HttpConnectProxy;

/// A proxy that accepts but does not answer would otherwise hold a connect for ever.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// No proxy needs more for its answer's head.
const LONGEST_HEAD: usize = 8 * 1024;

/// What carries the bytes to the proxy.
pub(super) trait Carrier: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Carrier for T {}

/// Opens a tunnel to the target. What comes back is as good as a connection to the target itself.
pub(super) async fn connect(
    proxy: HttpConnectProxy,
    target: Uri,
) -> Result<TokioIo<Box<dyn Carrier>>> {
    let mut carrier = reach(&proxy.target_host).await?;
    let request = request(&proxy, &authority(&target)?);
    timeout(ANSWER_LIMIT, async {
        carrier.write_all(request.as_bytes()).await?;
        check_answer(&read_head(&mut carrier).await?)
    })
    .await
    .map_err(|_| Error::new(ErrorKind::TimedOut, "the HTTP CONNECT proxy did not answer"))??;
    Ok(TokioIo::new(carrier))
}

async fn reach(host: &str) -> Result<Box<dyn Carrier>> {
    match host.strip_prefix("unix:") {
        #[cfg(unix)]
        Some(path) => Ok(Box::new(tokio::net::UnixStream::connect(path).await?)),
        #[cfg(not(unix))]
        Some(_) => Err(Error::new(
            ErrorKind::Unsupported,
            "this system has no unix sockets for an HTTP CONNECT proxy",
        )),
        None => {
            let stream = TcpStream::connect(host).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream))
        }
    }
}

/// `host:port`, with the port that the scheme implies.
fn authority(target: &Uri) -> Result<String> {
    let host = target
        .host()
        .ok_or_else(|| Error::new(ErrorKind::InvalidInput, "the target has no host"))?;
    let implied = if target.scheme_str() == Some("https") {
        443
    } else {
        80
    };
    Ok(format!("{host}:{}", target.port_u16().unwrap_or(implied)))
}

fn request(proxy: &HttpConnectProxy, authority: &str) -> String {
    let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
    if let Some((user, password)) = &proxy.basic_auth {
        let credentials = BASE64_STANDARD.encode(format!("{user}:{password}"));
        request += &format!("Proxy-Authorization: Basic {credentials}\r\n");
    }
    request + "\r\n"
}

/// Reads up to the empty line and not a byte further: what follows is the target's.
async fn read_head(carrier: &mut Box<dyn Carrier>) -> Result<Vec<u8>> {
    let mut head = Vec::with_capacity(128);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == LONGEST_HEAD {
            return Err(Error::new(
                ErrorKind::InvalidData,
                "the HTTP CONNECT proxy's answer has no end",
            ));
        }
        head.push(carrier.read_u8().await?);
    }
    Ok(head)
}

fn check_answer(head: &[u8]) -> Result<()> {
    let text = String::from_utf8_lossy(head);
    let status_line = text.lines().next().unwrap_or_default();
    let mut words = status_line.split_whitespace();
    let is_http = words
        .next()
        .is_some_and(|version| version.starts_with("HTTP/1."));
    match words.next() {
        Some(status) if is_http && status.starts_with('2') => Ok(()),
        _ => Err(Error::new(
            ErrorKind::ConnectionRefused,
            format!("the HTTP CONNECT proxy answered {status_line:?}, expected status 200"),
        )),
    }
}
