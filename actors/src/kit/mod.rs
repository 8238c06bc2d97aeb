//! Our own actor kit: logic is a plain struct that handles messages and reaches the world through
//! the senders given to its constructor. actix is the edge, not the model.
//!
//! Reading order: [`Actor`] (what logic states about itself), [`Sender`] (how it reaches others),
//! [`Stage`] (where it is started), [`ActorThread`] (what it runs on), `life` (what happens around each message), `guest` (actors without a thread), [`Supervision`]
//! (what happens after a panic), [`Spawner`] and [`Clock`] (everything that takes time).

mod adapter;
mod address;
mod clock;
mod deadlines;
mod guest;
mod life;
mod mailbox;
mod sender;
mod spawner;
mod stage;
mod supervisor;
mod thread;

pub use address::ActorRef;
pub use clock::{Alarm, Clock};
pub use deadlines::Deadlines;
pub use life::Cradle;
pub use mailbox::{Mailbox, WhenFull};
pub use sender::{Closed, Sender};
pub use spawner::{Spawner, Task};
pub(crate) use spawner::{bounded, guarded};
pub use stage::{Stage, Vacancy};
pub use supervisor::{Backoff, ChildExited, ChildHealth, Children, ExitReason, Supervision, Watch};
pub use thread::ActorThread;

/// An actor's logic accepts a message of this type.
pub trait Handle<M> {
    fn handle(&mut self, message: M);
}

/// What the logic of an actor states about itself.
///
/// Nothing here names actix: a test builds the struct, gives it queues for neighbours and calls
/// [`Handle::handle`].
pub trait Actor: Unpin + 'static {
    /// Names the actor in spans, logs and exit reports.
    const NAME: &'static str;

    const MAILBOX: Mailbox;

    type Snapshot: Send + 'static;

    /// The state as a person or a test wants to see it; must be cheap.
    fn snapshot(&self) -> Self::Snapshot;

    /// Called once before the first message.
    fn started(&mut self) {}

    /// Asked after every message; an actor that has finished is stopped by its adapter.
    fn has_finished(&self) -> bool {
        false
    }
}
