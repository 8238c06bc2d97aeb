//! What an actor states about its queue.

/// How many messages an actor's queue is meant to hold, and what a full one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mailbox {
    pub capacity: usize,
    pub when_full: WhenFull,
}

/// What happens to a message that finds the queue full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// It is taken all the same. For messages whose number something upstream bounds (slots, polls),
    /// and that must never be lost.
    Take,
    /// It is dropped: only a newer one of its kind matters.
    Drop,
}

impl Mailbox {
    /// A queue for messages that must not be lost.
    pub const fn lossless(capacity: usize) -> Self {
        Self {
            capacity,
            when_full: WhenFull::Take,
        }
    }
}
