//! A world for actors: one thread, paused time, and nobody left alive at the end.

use std::{collections::VecDeque, future::Future, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::runtime::{Builder, LocalOptions};

use crate::kit::{Sender, Spawner, Stage};

/// Where actors of a test live.
pub(crate) struct World {
    pub(crate) stage: Stage,
}

impl World {
    /// Runs a test in a world of its own. Time is paused: it jumps on when nothing else can happen.
    ///
    /// Fails when an actor is still alive a virtual minute after the test has ended.
    pub(crate) fn run<F: Future<Output = ()>>(test: impl FnOnce(World) -> F) {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build_local(LocalOptions::default())
            .expect("a test may start a runtime");
        runtime.block_on(async move {
            let world = World {
                stage: Stage::here(Spawner::current()),
            };
            let stage = world.stage.clone();
            test(world).await;
            let end = tokio::time::Instant::now() + Duration::from_secs(60);
            while stage.alive() > 0 && tokio::time::Instant::now() < end {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            assert_eq!(stage.alive(), 0, "actors were left alive");
        });
    }

    /// Lets everything happen that needs no time.
    pub(crate) async fn settle(&self) {
        tokio::time::sleep(Duration::from_nanos(1)).await;
    }
}

/// A bare queue in an actor's place.
pub(crate) struct Inbox<M>(Arc<Mutex<VecDeque<M>>>);

pub(crate) fn inbox<M: Send + 'static>() -> (Sender<M>, Inbox<M>) {
    let queue = Arc::new(Mutex::new(VecDeque::new()));
    let inbox = Inbox(queue.clone());
    let sender = Sender::new(move |message| {
        queue.lock().push_back(message);
        Ok(())
    });
    (sender, inbox)
}

impl<M> Inbox<M> {
    pub(crate) fn pop(&self) -> Option<M> {
        self.0.lock().pop_front()
    }

    pub(crate) fn drain(&self) -> Vec<M> {
        self.0.lock().drain(..).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
    }
}
