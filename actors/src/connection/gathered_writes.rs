//! A carrier that writes at the end of a turn what was written to it in the meantime.
//!
//! An HTTP/2 request comes in two writes, since its stream is opened by another task than the one
//! that has its message, and each answer of a server that probes the connection costs one more. A
//! write is a system call, a packet and a wake-up of the server.

use std::{
    io::{IoSlice, Result},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What is gathered at most; more is written at once.
const MOST_GATHERED: usize = 16 * 1024;

/// The carrier. Like any that has a buffer, it writes what is small once it is flushed; but first a
/// flush lets the other tasks have their turn that are ready by then, so that it is for them as well.
pub(super) struct GatheredWrites<C> {
    carrier: C,
    gathered: BytesMut,
    /// The others have had their turn since the flush began.
    waited: bool,
}

impl<C> GatheredWrites<C> {
    pub(super) fn new(carrier: C) -> Self {
        Self {
            carrier,
            gathered: BytesMut::new(),
            waited: false,
        }
    }
}

impl<C: AsyncWrite + Unpin> GatheredWrites<C> {
    fn poll_turn_of_others(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.waited, true) {
            return Poll::Ready(());
        }
        // Comes after all that are ready now.
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn poll_write_gathered(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        while !self.gathered.is_empty() {
            let carrier = Pin::new(&mut self.carrier);
            match ready!(carrier.poll_write(context, &self.gathered))? {
                0 => return Poll::Ready(Err(std::io::ErrorKind::WriteZero.into())),
                written => self.gathered.advance(written),
            }
        }
        self.waited = false;
        Poll::Ready(Ok(()))
    }
}

impl<C: AsyncRead + Unpin> AsyncRead for GatheredWrites<C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        Pin::new(&mut self.carrier).poll_read(context, buffer)
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for GatheredWrites<C> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let length = slices.iter().map(|slice| slice.len()).sum::<usize>();
        if self.gathered.len() + length > MOST_GATHERED {
            ready!(self.poll_write_gathered(context))?;
            return Pin::new(&mut self.carrier).poll_write_vectored(context, slices);
        }
        for slice in slices {
            self.gathered.extend_from_slice(slice);
        }
        Poll::Ready(Ok(length))
    }

    fn is_write_vectored(&self) -> bool {
        self.carrier.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        if !self.gathered.is_empty() {
            ready!(self.poll_turn_of_others(context));
            ready!(self.poll_write_gathered(context))?;
        }
        Pin::new(&mut self.carrier).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.poll_write_gathered(context))?;
        Pin::new(&mut self.carrier).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// Notes each write that reaches it.
    #[derive(Default)]
    struct Written(Vec<Vec<u8>>);

    impl AsyncWrite for Written {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<Result<usize>> {
            self.0.push(bytes.to_vec());
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn a_flush_writes_what_comes_before_its_turn_as_well() {
        let mut carrier = GatheredWrites::new(Written::default());
        carrier.write_all(b"first ").await.expect("it is kept");
        {
            let mut flush = std::pin::pin!(carrier.flush());
            assert!(futures::poll!(flush.as_mut()).is_pending());
        }
        assert!(carrier.carrier.0.is_empty());
        carrier.write_all(b"second").await.expect("it is kept");
        carrier.flush().await.expect("nothing fails here");
        assert_eq!(carrier.carrier.0, [b"first second"]);
        carrier.write_all(b"third").await.expect("it is kept");
        carrier.flush().await.expect("nothing fails here");
        assert_eq!(carrier.carrier.0[1..], [b"third"]);
    }

    #[tokio::test]
    async fn nothing_is_written_before_a_flush_and_all_of_it_with_the_end() {
        let mut carrier = GatheredWrites::new(Written::default());
        carrier.write_all(b"one").await.expect("it is kept");
        carrier.write_all(b" two").await.expect("it is kept");
        assert!(carrier.carrier.0.is_empty());
        carrier.shutdown().await.expect("nothing fails here");
        assert_eq!(carrier.carrier.0, [b"one two"]);
    }

    #[tokio::test]
    async fn what_is_large_follows_what_was_gathered_in_order() {
        let large = vec![7; MOST_GATHERED];
        let mut carrier = GatheredWrites::new(Written::default());
        carrier.write_all(b"small").await.expect("it is kept");
        carrier.write_all(&large).await.expect("nothing fails here");
        assert_eq!(carrier.carrier.0, [b"small".to_vec(), large]);
    }

    #[tokio::test]
    async fn a_carrier_that_takes_little_gets_all_and_its_failure_is_told() {
        let (near, mut far) = tokio::io::duplex(3);
        let mut carrier = GatheredWrites::new(near);
        let writes = async {
            carrier.write_all(b"more than three").await?;
            carrier.flush().await
        };
        let mut read = [0; 15];
        let (written, reads) = tokio::join!(writes, far.read_exact(&mut read));
        written.and(reads.map(drop)).expect("both ends are there");
        assert_eq!(&read, b"more than three");
        drop(far);
        carrier.write_all(b"lost").await.expect("it is kept");
        let failed = carrier.flush().await.expect_err("nobody reads any more");
        assert_eq!(failed.kind(), std::io::ErrorKind::BrokenPipe);
    }
}
