//! A typed way to one receiver, whatever that is: an actor's mailbox, a lane, a test's queue.

use std::{fmt, sync::Arc};

/// The receiver is gone; it will not come back under this address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("receiver is gone")]
pub struct Closed;

/// Delivers messages of one type, without ever blocking.
pub struct Sender<M> {
    deliver: Arc<dyn Fn(M) -> Result<(), Closed> + Send + Sync>,
}

impl<M> Sender<M> {
    pub fn new(deliver: impl Fn(M) -> Result<(), Closed> + Send + Sync + 'static) -> Self {
        Self {
            deliver: Arc::new(deliver),
        }
    }

    /// Hands the message over. An error means that it was dropped.
    pub fn send(&self, message: M) -> Result<(), Closed> {
        (self.deliver)(message)
    }

    /// A sender that wraps each message before it goes the same way.
    pub fn contramap<N>(&self, wrap: impl Fn(N) -> M + Send + Sync + 'static) -> Sender<N>
    where
        M: 'static,
    {
        let deliver = self.deliver.clone();
        Sender::new(move |message| deliver(wrap(message)))
    }
}

impl<M> Clone for Sender<M> {
    fn clone(&self) -> Self {
        Self {
            deliver: self.deliver.clone(),
        }
    }
}

impl<M> fmt::Debug for Sender<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender")
    }
}
