//! An actor without a thread of its own: it runs on the thread of whoever sends to it.
//!
//! For actors that talk to one neighbour again and again and do little in between. A message to an
//! actor on a thread wakes that thread and the answer wakes the neighbour's: two changes
//! of thread, which cost more than the work. A guest is handled where the message is; while one
//! thread runs it, messages of others wait in its queue, and that thread takes them next. So it has
//! one message in hand at a time, and each sender's arrive in order, as with any actor.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::Mutex;

use super::{
    Actor, Closed, Spawner,
    life::{Life, Turn},
};

pub(super) type Job<L> = Box<dyn FnOnce(&mut Life<L>) -> Turn + Send>;

/// Takes what is sent to a guest.
pub(super) trait Host<L: Actor>: Send + Sync {
    fn take(self: Arc<Self>, job: Job<L>) -> Result<(), Closed>;
}

pub(super) struct Guest<L: Actor> {
    state: Mutex<State<L>>,
    /// For the wait before a restart.
    spawner: Spawner,
}

enum State<L: Actor> {
    Idle(Box<Life<L>>),
    /// A thread has the life, or it waits to be built anew.
    Busy(VecDeque<Job<L>>),
    Over,
}

impl<L: Actor + Send> Guest<L> {
    pub(super) fn new(spawner: Spawner) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State::Busy(VecDeque::new())),
            spawner,
        })
    }

    /// Runs the first job of a life, and all that has been sent by then.
    pub(super) fn begin(self: Arc<Self>, life: Life<L>) {
        self.run(Box::new(life), Box::new(|life| life.build(None)));
    }

    fn run(self: Arc<Self>, mut life: Box<Life<L>>, first: Job<L>) {
        let mut job = first;
        loop {
            match job(&mut life) {
                Turn::GoesOn => {}
                Turn::Pauses { delay, panic } => return self.build_later(life, delay, panic),
                Turn::Over => {
                    let dropped = std::mem::replace(&mut *self.state.lock(), State::Over);
                    // Not under the lock: what is dropped may send.
                    drop((dropped, life));
                    return;
                }
            }
            let mut state = self.state.lock();
            let next = match &mut *state {
                State::Busy(waiting) => waiting.pop_front(),
                State::Idle(_) | State::Over => None,
            };
            match next {
                Some(next) => job = next,
                None => {
                    *state = State::Idle(life);
                    return;
                }
            }
        }
    }

    fn build_later(self: Arc<Self>, life: Box<Life<L>>, delay: std::time::Duration, panic: String) {
        let spawner = self.spawner.clone();
        spawner.spawn(async move {
            tokio::time::sleep(delay).await;
            self.run(life, Box::new(|life| life.build(Some(panic))));
        });
    }
}

impl<L: Actor + Send> Host<L> for Guest<L> {
    fn take(self: Arc<Self>, job: Job<L>) -> Result<(), Closed> {
        let mut state = self.state.lock();
        match &mut *state {
            State::Over => return Err(Closed),
            State::Busy(waiting) => {
                waiting.push_back(job);
                return Ok(());
            }
            State::Idle(_) => {}
        }
        let idle = std::mem::replace(&mut *state, State::Busy(VecDeque::new()));
        drop(state);
        if let State::Idle(life) = idle {
            self.run(life, job);
        }
        Ok(())
    }
}
