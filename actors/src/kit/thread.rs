//! The threads that actors live on.

use std::{io, thread};

use tokio::{
    runtime::{Builder, Handle, LocalOptions},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

/// A way onto a thread that drives actors, connections and timers. Clones lead to the same thread.
///
/// Its tasks are in one queue, actors too, so that a connection and an actor wake each other
/// without a look for events in between.
#[derive(Clone)]
pub struct ActorThread {
    orders: UnboundedSender<Order>,
    tasks: Handle,
}

enum Order {
    Enter(Box<dyn FnOnce() + Send>),
    End,
}

impl ActorThread {
    /// Starts a thread. `held` is dropped once everything on it is gone.
    pub fn start(name: String, held: impl Send + 'static) -> io::Result<Self> {
        let (orders, incoming) = unbounded_channel();
        let (report, started) = std::sync::mpsc::channel();
        thread::Builder::new().name(name).spawn(move || {
            let _held = held;
            let mut builder = Builder::new_current_thread();
            // Whoever starts the thread waits for the report.
            match builder.enable_all().build_local(LocalOptions::default()) {
                Ok(runtime) => {
                    let _ = report.send(Ok(runtime.handle().clone()));
                    runtime.block_on(follow(incoming));
                }
                Err(error) => drop(report.send(Err(error))),
            }
        })?;
        let tasks = started
            .recv()
            .map_err(|_| io::Error::other("an actor thread ended at its start"))??;
        Ok(Self { orders, tasks })
    }

    /// Where tasks of this thread are spawned that may come from any other.
    pub fn tasks(&self) -> &Handle {
        &self.tasks
    }

    /// Has the thread call this, which may start actors there. It is dropped if the thread has ended.
    pub(super) fn enter(&self, call: impl FnOnce() + Send + 'static) {
        // What is dropped closes the addresses in it: whoever sends to them learns of it.
        let _ = self.orders.send(Order::Enter(Box::new(call)));
    }

    /// Ends all actors and tasks of the thread, and then the thread.
    pub fn end(&self) {
        // It may have ended.
        let _ = self.orders.send(Order::End);
    }
}

async fn follow(mut orders: UnboundedReceiver<Order>) {
    while let Some(Order::Enter(call)) = orders.recv().await {
        call();
    }
}
