//! The one place that touches actix: makes plain logic an actix actor, opens the tracing span of
//! each message, and turns a panic into an exit reason.

use std::{
    any::{Any, type_name},
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use actix::{
    ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, WrapFuture,
    prelude::SendError,
};
use tokio::{sync::oneshot, time::Instant};

use super::{
    Actor, ChildExited, Children, Closed, ExitReason, Handle, Sender, Supervision, WhenFull,
    stage::Tally, supervisor::Pulse,
};

type Factory<L> = Box<dyn FnMut(&Cradle<L>) -> L + Send>;

/// What a factory is told about the actor it builds.
pub struct Cradle<L: Actor> {
    /// The actor's own address; the same for every incarnation.
    pub me: ActorRef<L>,
    /// 0 for the first.
    pub incarnation: u32,
    /// The panic that ended the one before.
    pub last_panic: Option<String>,
}

/// An actor's address.
pub struct ActorRef<L: Actor> {
    address: Addr<Adapter<L>>,
    pulse: Arc<Pulse>,
    crowded: Arc<AtomicBool>,
}

impl<L: Actor> Clone for ActorRef<L> {
    fn clone(&self) -> Self {
        Self {
            address: self.address.clone(),
            pulse: self.pulse.clone(),
            crowded: self.crowded.clone(),
        }
    }
}

impl<L: Actor> fmt::Debug for ActorRef<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ActorRef").field(&L::NAME).finish()
    }
}

impl<L: Actor> ActorRef<L> {
    pub(super) fn new(address: Addr<Adapter<L>>) -> Self {
        Self {
            address,
            pulse: Arc::default(),
            crowded: Arc::default(),
        }
    }

    /// Hands a message over without waiting.
    pub fn tell<M>(&self, message: M) -> Result<(), Closed>
    where
        L: Handle<M>,
        M: Send + 'static,
    {
        match self.address.try_send(Deliver(message)) {
            Ok(()) => Ok(()),
            Err(SendError::Closed(_)) => Err(Closed),
            Err(SendError::Full(Deliver(message))) => self.tell_when_full(message),
        }
    }

    fn tell_when_full<M>(&self, message: M) -> Result<(), Closed>
    where
        L: Handle<M>,
        M: Send + 'static,
    {
        if !self.crowded.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                actor = L::NAME,
                capacity = L::MAILBOX.capacity,
                policy = ?L::MAILBOX.when_full,
                "mailbox is full"
            );
        }
        if L::MAILBOX.when_full == WhenFull::Take {
            self.address.do_send(Deliver(message));
        }
        if self.address.connected() {
            Ok(())
        } else {
            Err(Closed)
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
        self.address.do_send(TakeSnapshot::<L>(reply));
        answer.await.ok()
    }

    /// Ends the actor after the messages that it has already.
    pub fn stop(&self) {
        self.address.do_send(Stop);
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

/// Everything an adapter starts with.
pub(super) struct Birth<L: Actor> {
    pub(super) address: ActorRef<L>,
    pub(super) supervision: Supervision,
    pub(super) exits: Option<Sender<ChildExited>>,
    pub(super) tally: Arc<Tally>,
    /// Messages that the actor has handled.
    pub(super) handled: u64,
    pub(super) factory: Factory<L>,
}

// A birth that never reaches its arbiter must not count as alive.
impl<L: Actor> Drop for Birth<L> {
    fn drop(&mut self) {
        self.address.pulse.dead.store(true, Ordering::Release);
        self.tally.handled.fetch_add(self.handled, Ordering::AcqRel);
        self.tally.alive.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The actix actor around logic.
pub(super) struct Adapter<L: Actor> {
    birth: Birth<L>,
    /// None after a panic, until the factory has built the next.
    logic: Option<L>,
    incarnation: u32,
    panics_in_window: u32,
    window_start: Instant,
}

struct Deliver<M>(M);
struct TakeSnapshot<L: Actor>(oneshot::Sender<L::Snapshot>);
struct Stop;

impl<M> Message for Deliver<M> {
    type Result = ();
}

impl<L: Actor> Message for TakeSnapshot<L> {
    type Result = ();
}

impl Message for Stop {
    type Result = ();
}

impl<L: Actor> actix::Actor for Adapter<L> {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        self.build(None, context);
    }
}

impl<L: Actor + Handle<M>, M: Send + 'static> Handler<Deliver<M>> for Adapter<L> {
    type Result = ();

    fn handle(&mut self, Deliver(message): Deliver<M>, context: &mut Self::Context) {
        self.within_span(type_name::<M>(), context, |logic| logic.handle(message));
    }
}

impl<L: Actor> Handler<TakeSnapshot<L>> for Adapter<L> {
    type Result = ();

    fn handle(&mut self, TakeSnapshot(reply): TakeSnapshot<L>, context: &mut Self::Context) {
        self.within_span("TakeSnapshot", context, |logic| {
            // Whoever asked may have gone.
            let _ = reply.send(logic.snapshot());
        });
    }
}

impl<L: Actor> Handler<Stop> for Adapter<L> {
    type Result = ();

    fn handle(&mut self, Stop: Stop, context: &mut Self::Context) {
        self.exit(ExitReason::Stopped, context);
    }
}

impl<L: Actor> Adapter<L> {
    pub(super) fn new(birth: Birth<L>) -> Self {
        Self {
            birth,
            logic: None,
            incarnation: 0,
            panics_in_window: 0,
            window_start: Instant::now(),
        }
    }

    fn within_span(
        &mut self,
        message: &'static str,
        context: &mut Context<Self>,
        work: impl FnOnce(&mut L),
    ) {
        let Some(logic) = self.logic.as_mut() else {
            return;
        };
        self.birth.handled += 1;
        let span = tracing::debug_span!("message", actor = L::NAME, message);
        let outcome = span.in_scope(|| catch_unwind(AssertUnwindSafe(|| work(logic))));
        match outcome {
            Ok(()) if logic.has_finished() => self.exit(ExitReason::Finished, context),
            Ok(()) => {}
            Err(panic) => self.recover(panic_text(&*panic), context),
        }
    }

    fn build(&mut self, last_panic: Option<String>, context: &mut Context<Self>) {
        let cradle = Cradle {
            me: self.birth.address.clone(),
            incarnation: self.incarnation,
            last_panic,
        };
        let factory = &mut self.birth.factory;
        let built = catch_unwind(AssertUnwindSafe(|| {
            let mut logic = factory(&cradle);
            logic.started();
            logic
        }));
        match built {
            Ok(logic) if logic.has_finished() => {
                self.logic = Some(logic);
                self.exit(ExitReason::Finished, context);
            }
            Ok(logic) => self.logic = Some(logic),
            Err(panic) => self.recover(panic_text(&*panic), context),
        }
    }

    /// After a panic: a new struct after a delay, or the end.
    fn recover(&mut self, panic: String, context: &mut Context<Self>) {
        self.drop_logic();
        let supervision = self.birth.supervision;
        if self.window_start.elapsed() > supervision.window {
            self.window_start = Instant::now();
            self.panics_in_window = 0;
        }
        self.panics_in_window += 1;
        if self.panics_in_window > supervision.restarts {
            tracing::error!(
                actor = L::NAME,
                panic,
                "actor panicked and is not restarted"
            );
            return self.exit(ExitReason::Panicked(panic), context);
        }
        let delay = supervision.backoff.delay(self.panics_in_window - 1);
        tracing::error!(
            actor = L::NAME,
            panic,
            ?delay,
            "actor panicked and is restarted"
        );
        self.incarnation += 1;
        self.birth
            .address
            .pulse
            .restarts
            .fetch_add(1, Ordering::Relaxed);
        if delay.is_zero() {
            return self.build(Some(panic), context);
        }
        // Messages stay in the mailbox meanwhile.
        let rebuild = tokio::time::sleep(delay)
            .into_actor(self)
            .map(move |(), adapter, context| adapter.build(Some(panic), context));
        context.wait(rebuild);
    }

    fn exit(&mut self, reason: ExitReason, context: &mut Context<Self>) {
        self.drop_logic();
        context.stop();
        if let Some(exits) = self.birth.exits.take() {
            // A parent that has ended does not care.
            let _ = exits.send(ChildExited {
                name: L::NAME,
                reason,
            });
        }
    }

    /// Logic that panicked may panic again while it is dropped.
    fn drop_logic(&mut self) {
        let logic = self.logic.take();
        if catch_unwind(AssertUnwindSafe(|| drop(logic))).is_err() {
            tracing::error!(actor = L::NAME, "actor panicked while it was dropped");
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    if let Some(text) = panic.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text.clone()
    } else {
        "panic without a text".to_owned()
    }
}
