//! Requests of one message, whose only frame says itself that it is the last.
//!
//! tonic finds out that a request has ended when it looks for another message, and then sends an
//! empty frame to say so: one more write to the socket for each call.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tonic::{Status, body::Body, transport::Channel};
use tower::Service;

/// The channel, for requests whose frames are all there from the beginning.
#[derive(Clone)]
pub(super) struct WholeBodies(pub(super) Channel);

impl Service<http::Request<Body>> for WholeBodies {
    type Response = <Channel as Service<http::Request<Body>>>::Response;
    type Error = <Channel as Service<http::Request<Body>>>::Error;
    type Future = <Channel as Service<http::Request<Body>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        self.0
            .call(request.map(|body| Body::new(LooksAhead::new(body))))
    }
}

type NextFrame = Option<Result<Frame<Bytes>, Status>>;

/// A body that knows of each frame whether another one follows, if that is known by then.
struct LooksAhead<B> {
    body: B,
    ahead: Option<NextFrame>,
}

impl<B> LooksAhead<B> {
    fn new(body: B) -> Self {
        Self { body, ahead: None }
    }
}

impl<B> HttpBody for LooksAhead<B>
where
    B: HttpBody<Data = Bytes, Error = Status> + Unpin,
{
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let next = match self.ahead.take() {
            Some(next) => next,
            None => match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(next) => next,
                Poll::Pending => return Poll::Pending,
            },
        };
        if next.is_some()
            && let Poll::Ready(ahead) = Pin::new(&mut self.body).poll_frame(context)
        {
            self.ahead = Some(ahead);
        }
        Poll::Ready(next)
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.ahead, Some(None)) || (self.ahead.is_none() && self.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, task::Waker};

    use super::*;

    /// Frames, with `None` for a wait. It never knows its end before it is asked for more.
    struct Frames(VecDeque<Option<&'static str>>);

    impl HttpBody for Frames {
        type Data = Bytes;
        type Error = Status;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<NextFrame> {
            match self.0.pop_front() {
                None => Poll::Ready(None),
                Some(None) => Poll::Pending,
                Some(Some("error")) => Poll::Ready(Some(Err(Status::internal("broken")))),
                Some(Some(data)) => Poll::Ready(Some(Ok(Frame::data(data.into())))),
            }
        }
    }

    /// What each poll gives, and whether the end is known then.
    fn seen(frames: &[Option<&'static str>], polls: usize) -> Vec<(String, bool)> {
        let mut body = LooksAhead::new(Frames(frames.iter().copied().collect()));
        let mut context = Context::from_waker(Waker::noop());
        (0..polls)
            .map(|_| {
                let polled = match Pin::new(&mut body).poll_frame(&mut context) {
                    Poll::Pending => "pending".into(),
                    Poll::Ready(None) => "end".into(),
                    Poll::Ready(Some(Err(status))) => status.message().to_owned(),
                    Poll::Ready(Some(Ok(frame))) => {
                        let data = frame.into_data().expect("only data was given");
                        String::from_utf8(data.to_vec()).expect("a text")
                    }
                };
                (polled, body.is_end_stream())
            })
            .collect()
    }

    fn expect(frames: &[Option<&'static str>], expected: &[(&str, bool)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(polled, ends)| ((*polled).to_owned(), *ends))
            .collect();
        assert_eq!(seen(frames, expected.len()), expected);
    }

    #[test]
    fn the_only_frame_is_known_to_be_the_last() {
        expect(&[Some("one")], &[("one", true)]);
        expect(&[], &[("end", false)]);
    }

    #[test]
    fn frames_come_in_order_and_waits_and_errors_are_passed_on() {
        expect(
            &[Some("one"), Some("two")],
            &[("one", false), ("two", true)],
        );
        expect(
            &[None, Some("one"), None, Some("two")],
            &[("pending", false), ("one", false), ("two", true)],
        );
        expect(
            &[Some("one"), Some("error")],
            &[("one", false), ("broken", true)],
        );
    }
}
