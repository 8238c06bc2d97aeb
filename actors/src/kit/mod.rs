//! Our own actor kit: logic is a plain struct that handles messages and reaches the world through
//! the senders given to its constructor. actix is the edge, not the model.

mod sender;

pub use sender::{Closed, Sender};

/// An actor's logic accepts a message of this type.
pub trait Handle<M> {
    fn handle(&mut self, message: M);
}
