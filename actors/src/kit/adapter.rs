//! The one place that touches actix: makes plain logic an actix actor.

use std::any::type_name;

use actix::{ActorContext, ActorFutureExt, AsyncContext, Context, Handler, Message, WrapFuture};
use tokio::sync::oneshot;

use super::{
    Actor, Handle,
    life::{Life, Turn},
};

/// The actix actor around logic.
pub(super) struct Adapter<L: Actor> {
    life: Life<L>,
}

pub(super) struct Deliver<M>(pub(super) M);
pub(super) struct TakeSnapshot<L: Actor>(pub(super) oneshot::Sender<L::Snapshot>);
pub(super) struct Stop;

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
        let turn = self.life.build(None);
        self.settle(turn, context);
    }
}

impl<L: Actor + Handle<M>, M: Send + 'static> Handler<Deliver<M>> for Adapter<L> {
    type Result = ();

    fn handle(&mut self, Deliver(message): Deliver<M>, context: &mut Self::Context) {
        let turn = self
            .life
            .handle(type_name::<M>(), |logic| logic.handle(message));
        self.settle(turn, context);
    }
}

impl<L: Actor> Handler<TakeSnapshot<L>> for Adapter<L> {
    type Result = ();

    fn handle(&mut self, TakeSnapshot(reply): TakeSnapshot<L>, context: &mut Self::Context) {
        let turn = self.life.take_snapshot(reply);
        self.settle(turn, context);
    }
}

impl<L: Actor> Handler<Stop> for Adapter<L> {
    type Result = ();

    fn handle(&mut self, Stop: Stop, context: &mut Self::Context) {
        let turn = self.life.stop();
        self.settle(turn, context);
    }
}

impl<L: Actor> Adapter<L> {
    pub(super) fn new(life: Life<L>) -> Self {
        Self { life }
    }

    fn settle(&mut self, turn: Turn, context: &mut Context<Self>) {
        match turn {
            Turn::GoesOn => {}
            Turn::Over => context.stop(),
            // Messages stay in the mailbox meanwhile.
            Turn::Pauses { delay, panic } => {
                let rebuild =
                    tokio::time::sleep(delay)
                        .into_actor(self)
                        .map(move |(), adapter, context| {
                            let turn = adapter.life.build(Some(panic));
                            adapter.settle(turn, context);
                        });
                context.wait(rebuild);
            }
        }
    }
}
