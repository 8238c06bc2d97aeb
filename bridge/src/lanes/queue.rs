//! What waits for a lane.

use std::collections::VecDeque;

use parking_lot::{Condvar, Mutex};

/// A queue of any length whose reader sleeps while it is empty.
///
/// A channel's reader first spins, in the hope of a message: that takes more processor time than
/// going to sleep, and a lane waits for most of its messages for longer than that.
pub(super) struct Queue<T> {
    waiting: Mutex<VecDeque<T>>,
    filled: Condvar,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            filled: Condvar::new(),
        }
    }
}

impl<T> Queue<T> {
    pub(super) fn push(&self, item: T) {
        self.waiting.lock().push_back(item);
        self.filled.notify_one();
    }

    /// Waits for one.
    pub(super) fn take(&self) -> T {
        let mut waiting = self.waiting.lock();
        loop {
            match waiting.pop_front() {
                Some(item) => return item,
                None => self.filled.wait(&mut waiting),
            }
        }
    }

    pub(super) fn take_ready(&self) -> Option<T> {
        self.waiting.lock().pop_front()
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread};

    use super::*;

    #[test]
    fn items_come_in_order_to_readers_that_wait() {
        let queue = Arc::new(Queue::default());
        let reader = thread::spawn({
            let queue = queue.clone();
            move || (0..1000).map(|_| queue.take()).collect::<Vec<_>>()
        });
        for item in 0..1000 {
            queue.push(item);
        }
        let read = reader.join().expect("the reader ends");
        assert_eq!(read, (0..1000).collect::<Vec<_>>());
        assert_eq!(queue.take_ready(), None);
    }
}
