//! Where actors are started: a few threads in production, the caller's own one in tests.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use actix::{
    Addr, Context,
    dev::channel::{AddressReceiver, channel},
};

use super::{
    Actor, ActorRef, ChildExited, Children, Clock, Cradle, Sender, Spawner, Supervision,
    adapter::Adapter,
    guest::Guest,
    life::{Birth, Factory, Life},
    thread::ActorThread,
};

/// Places for actors, and what they need to reach time and tasks.
#[derive(Clone)]
pub struct Stage {
    place: Place,
    spawner: Spawner,
    tally: Arc<Tally>,
}

/// Counts over all actors of a stage.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) alive: AtomicUsize,
    /// Messages that the actors which have ended had handled.
    pub(super) handled: AtomicU64,
}

#[derive(Clone)]
enum Place {
    Threads(Arc<[ActorThread]>),
    /// The thread that starts the actor.
    Here,
}

impl Stage {
    /// Actors are spread over these threads, of which there must be one at least. Tasks are on the
    /// first one.
    pub fn on(threads: Vec<ActorThread>) -> Self {
        let first = threads.first().expect("a stage needs at least one thread");
        let spawner = Spawner::new(first.tasks().clone());
        Self::new(Place::Threads(threads.into()), spawner)
    }

    /// Actors live in the `LocalRuntime` within which they are started.
    pub fn here(spawner: Spawner) -> Self {
        Self::new(Place::Here, spawner)
    }

    fn new(place: Place, spawner: Spawner) -> Self {
        Self {
            place,
            spawner,
            tally: Arc::default(),
        }
    }

    pub fn spawner(&self) -> &Spawner {
        &self.spawner
    }

    pub fn clock(&self) -> Clock {
        Clock::new(self.spawner.clone())
    }

    /// How many actors started here have not ended.
    pub fn alive(&self) -> usize {
        self.tally.alive.load(Ordering::Acquire)
    }

    /// How many messages the actors that have ended had handled in all. Counting those of live ones
    /// would cost each message a write that threads share.
    pub fn messages_handled(&self) -> u64 {
        self.tally.handled.load(Ordering::Acquire)
    }

    /// An address whose actor is started later, so that neighbours can know each other.
    pub fn vacancy<L: Actor>(&self) -> Vacancy<L> {
        let (sender, receiver) = channel(L::MAILBOX.capacity);
        Vacancy {
            stage: self.clone(),
            address: ActorRef::to_mailbox(Addr::new(sender)),
            receiver,
        }
    }

    /// Starts an actor; those with the same key share a thread.
    pub fn start<L: Actor>(
        &self,
        key: u64,
        supervision: Supervision,
        exits: Option<Sender<ChildExited>>,
        factory: impl FnMut(&Cradle<L>) -> L + Send + 'static,
    ) -> ActorRef<L> {
        self.vacancy().fill(key, supervision, exits, factory)
    }
}

impl Stage {
    /// Starts an actor that has no thread: it runs on the threads of those who send to it, and is
    /// built on the caller's.
    ///
    /// It lives until it ends by itself or is stopped, whatever becomes of the stage.
    pub fn start_guest<L: Actor + Send>(
        &self,
        supervision: Supervision,
        exits: Option<Sender<ChildExited>>,
        factory: impl FnMut(&Cradle<L>) -> L + Send + 'static,
    ) -> ActorRef<L> {
        let guest = Guest::new(self.spawner.clone());
        let address = ActorRef::to_guest(guest.clone());
        let birth = self.birth(address.clone(), supervision, exits, Box::new(factory));
        guest.begin(Life::new(birth));
        address
    }

    fn birth<L: Actor>(
        &self,
        address: ActorRef<L>,
        supervision: Supervision,
        exits: Option<Sender<ChildExited>>,
        factory: Factory<L>,
    ) -> Birth<L> {
        self.tally.alive.fetch_add(1, Ordering::AcqRel);
        Birth {
            address,
            supervision,
            exits,
            tally: self.tally.clone(),
            handled: 0,
            factory,
        }
    }
}

/// An address that waits for its actor.
pub struct Vacancy<L: Actor> {
    stage: Stage,
    address: ActorRef<L>,
    receiver: AddressReceiver<Adapter<L>>,
}

impl<L: Actor> Vacancy<L> {
    pub fn address(&self) -> &ActorRef<L> {
        &self.address
    }

    /// As [`Vacancy::fill`], listed among the parent's children.
    pub fn fill_as_child(
        self,
        children: &mut Children,
        key: u64,
        supervision: Supervision,
        exits: Sender<ChildExited>,
        factory: impl FnMut(&Cradle<L>) -> L + Send + 'static,
    ) -> ActorRef<L> {
        let actor = self.fill(key, supervision, Some(exits), factory);
        actor.enlist(children);
        actor
    }

    /// Starts the actor. The factory is called on the actor's own thread.
    pub fn fill(
        self,
        key: u64,
        supervision: Supervision,
        exits: Option<Sender<ChildExited>>,
        factory: impl FnMut(&Cradle<L>) -> L + Send + 'static,
    ) -> ActorRef<L> {
        let Self {
            stage,
            address,
            receiver,
        } = self;
        let birth = stage.birth(address.clone(), supervision, exits, Box::new(factory));
        let enter = move || {
            let context = Context::with_receiver(receiver);
            tokio::task::spawn_local(context.into_future(Adapter::new(Life::new(birth))));
        };
        match &stage.place {
            Place::Here => enter(),
            Place::Threads(threads) => {
                let index = (key % threads.len() as u64) as usize;
                threads[index].enter(enter);
            }
        }
        address
    }
}
