//! Time for actors: tokio's, so that paused time drives every test.

use std::time::Duration;

use tokio::time::Instant;

use super::{Sender, Spawner, Task};

/// Reads the time and sends messages later.
#[derive(Clone, Debug)]
pub struct Clock {
    spawner: Spawner,
}

/// A message that is due later; dropping this calls it off.
#[derive(Debug)]
pub struct Alarm {
    due: Instant,
    _task: Task,
}

impl Alarm {
    pub fn due(&self) -> Instant {
        self.due
    }
}

impl Clock {
    pub fn new(spawner: Spawner) -> Self {
        Self { spawner }
    }

    pub fn now(&self) -> Instant {
        Instant::now()
    }

    pub fn after<M: Send + 'static>(&self, delay: Duration, to: Sender<M>, message: M) -> Alarm {
        self.at(self.now() + delay, to, message)
    }

    pub fn at<M: Send + 'static>(&self, due: Instant, to: Sender<M>, message: M) -> Alarm {
        let task = self.spawner.spawn_owned(async move {
            tokio::time::sleep_until(due).await;
            let _ = to.send(message);
        });
        Alarm { due, _task: task }
    }
}
