//! An actor's address: how messages reach it, wherever it runs.

use std::{
    any::type_name,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use actix::{Addr, prelude::SendError};
use tokio::sync::oneshot;

use super::{
    Actor, Children, Closed, Handle, Sender, WhenFull,
    adapter::{Adapter, Deliver, Stop, TakeSnapshot},
    guest::Host,
    life::Life,
    supervisor::Pulse,
};

/// An actor's address.
pub struct ActorRef<L: Actor> {
    way: Way<L>,
    pulse: Arc<Pulse>,
}

enum Way<L: Actor> {
    /// To the thread that it runs on.
    Mailbox {
        address: Addr<Adapter<L>>,
        crowded: Arc<AtomicBool>,
    },
    /// It runs where the message is.
    Guest(Arc<dyn Host<L>>),
}

impl<L: Actor> Clone for Way<L> {
    fn clone(&self) -> Self {
        match self {
            Self::Mailbox { address, crowded } => Self::Mailbox {
                address: address.clone(),
                crowded: crowded.clone(),
            },
            Self::Guest(host) => Self::Guest(host.clone()),
        }
    }
}

impl<L: Actor> Clone for ActorRef<L> {
    fn clone(&self) -> Self {
        Self {
            way: self.way.clone(),
            pulse: self.pulse.clone(),
        }
    }
}

impl<L: Actor> fmt::Debug for ActorRef<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ActorRef").field(&L::NAME).finish()
    }
}

impl<L: Actor> ActorRef<L> {
    pub(super) fn to_mailbox(address: Addr<Adapter<L>>) -> Self {
        Self {
            way: Way::Mailbox {
                address,
                crowded: Arc::default(),
            },
            pulse: Arc::default(),
        }
    }

    pub(super) fn to_guest(host: Arc<dyn Host<L>>) -> Self {
        Self {
            way: Way::Guest(host),
            pulse: Arc::default(),
        }
    }

    pub(super) fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    /// Hands a message over without waiting for another thread.
    pub fn tell<M>(&self, message: M) -> Result<(), Closed>
    where
        L: Handle<M>,
        M: Send + 'static,
    {
        match &self.way {
            Way::Mailbox { address, crowded } => {
                // Before it is handled, or it would be handled and not sent for a moment.
                self.pulse.sent.fetch_add(1, Ordering::Release);
                match address.try_send(Deliver(message)) {
                    Ok(()) => Ok(()),
                    Err(SendError::Closed(_)) => Err(Closed),
                    Err(SendError::Full(Deliver(message))) => {
                        tell_when_full(address, crowded, &self.pulse, message)
                    }
                }
            }
            Way::Guest(host) => host.clone().take(Box::new(move |life: &mut Life<L>| {
                life.handle(type_name::<M>(), |logic| logic.handle(message))
            })),
        }
    }

    pub fn sender<M>(&self) -> Sender<M>
    where
        L: Handle<M>,
        M: Send + 'static,
    {
        let actor = self.clone();
        Sender::new(move |message| actor.tell(message))
    }

    /// The actor's state, or nothing when it has ended.
    pub async fn snapshot(&self) -> Option<L::Snapshot> {
        let (reply, answer) = oneshot::channel();
        match &self.way {
            Way::Mailbox { address, .. } => {
                self.pulse.sent.fetch_add(1, Ordering::Release);
                address.do_send(TakeSnapshot::<L>(reply));
            }
            Way::Guest(host) => {
                let job = move |life: &mut Life<L>| life.take_snapshot(reply);
                host.clone().take(Box::new(job)).ok()?;
            }
        }
        answer.await.ok()
    }

    /// Ends the actor after the messages that it has already.
    pub fn stop(&self) {
        match &self.way {
            Way::Mailbox { address, .. } => address.do_send(Stop),
            Way::Guest(host) => {
                // One that has ended need not be stopped.
                let _ = host.clone().take(Box::new(Life::stop));
            }
        }
    }

    pub fn is_alive(&self) -> bool {
        !self.pulse.dead.load(Ordering::Acquire)
    }

    pub(super) fn enlist(&self, children: &mut Children) {
        let actor = self.clone();
        let stop = Sender::new(move |()| {
            actor.stop();
            Ok(())
        });
        children.push(L::NAME, self.pulse.clone(), stop);
    }
}

fn tell_when_full<L, M>(
    address: &Addr<Adapter<L>>,
    crowded: &AtomicBool,
    pulse: &Pulse,
    message: M,
) -> Result<(), Closed>
where
    L: Actor + Handle<M>,
    M: Send + 'static,
{
    if !crowded.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            actor = L::NAME,
            capacity = L::MAILBOX.capacity,
            policy = ?L::MAILBOX.when_full,
            "mailbox is full"
        );
    }
    if L::MAILBOX.when_full == WhenFull::Take {
        address.do_send(Deliver(message));
    } else {
        pulse.sent.fetch_sub(1, Ordering::Release);
    }
    if address.connected() {
        Ok(())
    } else {
        Err(Closed)
    }
}
