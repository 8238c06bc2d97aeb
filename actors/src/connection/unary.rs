//! A gRPC call as every call here is: one message there, one message back.
//!
//! tonic's own client is for streams: it looks for a second message on either way, sends an empty
//! frame to say that there is none, and makes a decompressor of 140 kB for each answer. This one
//! uses tonic's channel.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, Version,
    header::{CONTENT_TYPE, TE},
    uri::PathAndQuery,
};
use http_body::{Body as HttpBody, Frame};
use http_body_util::BodyExt;
use tonic::{Code, Status, body::Body, transport::Channel};
use tower::Service;

use super::framing::{Framed, Gathered};

/// Below this, compressing a message costs more than it saves.
const COMPRESSED_FROM: usize = 1024;

const ENCODING: &str = "grpc-encoding";
const ACCEPT_ENCODING: &str = "grpc-accept-encoding";
const TIMEOUT: &str = "grpc-timeout";

/// Whether messages are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    Off,
    /// Compresses long requests, and lets the server compress its answer if it should.
    Gzip {
        of_answer: bool,
    },
}

/// Makes a call; the answer comes without its prefix.
pub(super) async fn call(
    mut channel: Channel,
    path: PathAndQuery,
    mut headers: HeaderMap,
    mut message: Framed,
    timeout: Duration,
    compression: Compression,
) -> Result<Bytes, Status> {
    headers.insert(TIMEOUT, encoded_timeout(timeout));
    headers.insert(TE, HeaderValue::from_static("trailers"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    if let Compression::Gzip { of_answer } = compression {
        const GZIP: HeaderValue = HeaderValue::from_static("gzip");
        headers.insert(ACCEPT_ENCODING, GZIP);
        let is_long = message.message().len() >= COMPRESSED_FROM;
        if is_long {
            message = message.compressed();
        }
        // Servers answer in the encoding of the request, and one that is not compressed may name it too.
        if is_long || of_answer {
            headers.insert(ENCODING, GZIP);
        }
    }
    let mut request = Request::new(Body::new(OneFrame(Some(message.0))));
    *request.method_mut() = Method::POST;
    *request.version_mut() = Version::HTTP_2;
    *request.uri_mut() = Uri::from(path);
    *request.headers_mut() = headers;
    let failed = |error| Status::from_error(Box::new(error));
    poll_fn(|context| channel.poll_ready(context))
        .await
        .map_err(failed)?;
    let response = channel.call(request).await.map_err(failed)?;
    answer(response).await
}

/// In the finest unit in which it has the eight digits that gRPC allows. What is longer than the
/// longest, of eleven thousand years, is that.
fn encoded_timeout(timeout: Duration) -> HeaderValue {
    const MOST: u128 = 99_999_999;
    let seconds = u128::from(timeout.as_secs());
    let (amount, unit) = [
        (timeout.as_nanos(), 'n'),
        (timeout.as_micros(), 'u'),
        (timeout.as_millis(), 'm'),
        (seconds, 'S'),
        (seconds / 60, 'M'),
        (seconds / 3600, 'H'),
    ]
    .into_iter()
    .find(|(amount, _)| *amount <= MOST)
    .unwrap_or((MOST, 'H'));
    HeaderValue::try_from(format!("{amount}{unit}")).expect("digits and a letter")
}

/// A body whose only frame is there from the beginning, and says itself that it is the last.
struct OneFrame(Option<Bytes>);

impl HttpBody for OneFrame {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Poll::Ready(self.0.take().map(|frame| Ok(Frame::data(frame))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }
}

async fn answer(response: Response<Body>) -> Result<Bytes, Status> {
    let (head, mut body) = response.into_parts();
    // Where there is no message, the status may stand in front.
    let mut status = Status::from_header_map(&head.headers);
    let mut gathered = Gathered::default();
    if status.is_none() && head.status == StatusCode::OK {
        while let Some(frame) = body.frame().await {
            match frame?.into_data() {
                Ok(data) => gathered.add(data)?,
                Err(frame) => {
                    let trailers = frame.into_trailers().unwrap_or_default();
                    status = Status::from_header_map(&trailers);
                }
            }
        }
    }
    match status {
        Some(status) if status.code() == Code::Ok => gathered.message(),
        Some(status) => Err(status),
        None => Err(without_status(head.status)),
    }
}

/// The status that gRPC gives to an HTTP status which has none with it.
fn without_status(status: StatusCode) -> Status {
    let code = match status {
        StatusCode::OK => {
            return Status::unknown("the server's answer has no gRPC status, it may be cut off");
        }
        StatusCode::BAD_REQUEST => Code::Internal,
        StatusCode::UNAUTHORIZED => Code::Unauthenticated,
        StatusCode::FORBIDDEN => Code::PermissionDenied,
        StatusCode::NOT_FOUND => Code::Unimplemented,
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Code::Unavailable,
        _ => Code::Unknown,
    };
    Status::new(code, format!("{NO_GRPC_STATUS} {}", status.as_u16()))
}

const NO_GRPC_STATUS: &str = "the answer has no gRPC status but HTTP status";

/// Something that speaks HTTP but not gRPC has answered: not an old server, but the wrong one.
pub(super) fn is_http_answer(status: &Status) -> bool {
    status.message().starts_with(NO_GRPC_STATUS)
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use http_body_util::StreamBody;

    use super::{
        super::{framing::LONGEST_ANSWER, gzip},
        *,
    };

    enum Part {
        Data(Vec<u8>),
        Trailers(&'static str),
        Broken,
    }
    use Part::{Broken, Data, Trailers};

    const OK: Part = Trailers("0");

    fn message(flag: u8, length: usize, data: &[u8]) -> Vec<u8> {
        let length = (length as u32).to_be_bytes();
        [&[flag], &length[..], data].concat()
    }

    fn headers(status: &'static str) -> HeaderMap {
        let code = ("grpc-status", status);
        let text = ("grpc-message", "said");
        [code, text]
            .map(|(name, value)| {
                (
                    http::HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .into_iter()
            .collect()
    }

    /// What a caller gets of an answer in these parts.
    async fn read(status: u16, parts: Vec<Part>) -> Result<Bytes, (Code, String)> {
        let frames = parts.into_iter().map(|part| match part {
            Data(data) => Ok(Frame::data(data.into())),
            Trailers(status) => Ok(Frame::trailers(headers(status))),
            Broken => Err(Status::unavailable("broken")),
        });
        let body = Body::new(StreamBody::new(stream::iter(frames)));
        let response = Response::builder().status(status).body(body);
        let answer = answer(response.expect("a known status")).await;
        answer.map_err(|status| (status.code(), status.message().to_owned()))
    }

    #[tokio::test]
    async fn an_answer_may_come_in_any_pieces() {
        let long = vec![7; 3000];
        let framed = message(0, long.len(), &long);
        for piece in [1, 2, 4, 5, 6, 2999, 3005] {
            let mut parts: Vec<_> = framed.chunks(piece).map(|part| Data(part.into())).collect();
            parts.push(OK);
            assert_eq!(
                read(200, parts).await,
                Ok(Bytes::from(long.clone())),
                "{piece}"
            );
        }
        assert_eq!(
            read(200, vec![Data(message(0, 0, b"")), OK]).await,
            Ok(Bytes::new())
        );
    }

    #[tokio::test]
    async fn an_answer_may_be_compressed() {
        let compressed = gzip::compress(b"abc", 0);
        let framed = message(1, compressed.len(), &compressed);
        assert_eq!(
            read(200, vec![Data(framed.clone()), OK]).await,
            Ok("abc".into())
        );
        let mut damaged = framed;
        damaged[20] ^= 1;
        let (code, text) = read(200, vec![Data(damaged), OK])
            .await
            .expect_err("it is damaged");
        assert_eq!(code, Code::Internal);
        assert!(text.contains("is no gzip data"), "{text}");
    }

    #[tokio::test]
    async fn the_status_is_what_counts() {
        let whole = || Data(message(0, 3, b"abc"));
        let cases = [
            (vec![whole(), Trailers("5")], Code::NotFound, "said"),
            (vec![Trailers("14")], Code::Unavailable, "said"),
            (vec![whole(), Broken], Code::Unavailable, "broken"),
            (vec![whole()], Code::Unknown, "no gRPC status"),
            (vec![], Code::Unknown, "no gRPC status"),
            (vec![OK], Code::Internal, "no message"),
            (
                vec![Data(message(0, 3, b"a")), OK],
                Code::Internal,
                "after 1 of 3 bytes",
            ),
            (
                vec![Data(b"\0\0".to_vec()), OK],
                Code::Internal,
                "no message",
            ),
            (
                vec![whole(), whole(), OK],
                Code::Internal,
                "more than one message",
            ),
            (
                vec![Data(message(2, 3, b"abc")), OK],
                Code::Internal,
                "begins with 2",
            ),
            (
                vec![Data(message(0, LONGEST_ANSWER + 1, b"")), Broken],
                Code::OutOfRange,
                "at most",
            ),
        ];
        for (parts, code, text) in cases {
            let (seen, said) = read(200, parts).await.expect_err("it is not good");
            assert!(seen == code && said.contains(text), "{seen:?} {said}");
        }
    }

    #[tokio::test]
    async fn what_is_not_grpc_has_the_code_of_its_http_status() {
        for (status, code) in [
            (400, Code::Internal),
            (401, Code::Unauthenticated),
            (403, Code::PermissionDenied),
            (404, Code::Unimplemented),
            (429, Code::Unavailable),
            (503, Code::Unavailable),
            (500, Code::Unknown),
        ] {
            let (seen, said) = read(status, vec![Data(b"<html>".to_vec())])
                .await
                .expect_err("it is no answer");
            assert_eq!(seen, code);
            assert!(said.contains(&status.to_string()), "{said}");
            assert!(is_http_answer(&Status::new(seen, said)));
        }
    }

    #[test]
    fn timeouts_have_eight_digits_at_most() {
        let year = 365 * 24 * 3600;
        for (timeout, encoded) in [
            (Duration::ZERO, "0n"),
            (Duration::from_millis(99), "99000000n"),
            (Duration::from_millis(100), "100000u"),
            (Duration::from_secs(30), "30000000u"),
            (Duration::from_secs(100), "100000m"),
            (Duration::from_secs(year), "31536000S"),
            (Duration::from_secs(100 * year), "52560000M"),
            (Duration::from_secs(1000 * year), "8760000H"),
            (Duration::MAX, "99999999H"),
        ] {
            assert_eq!(encoded_timeout(timeout), encoded);
        }
    }
}
