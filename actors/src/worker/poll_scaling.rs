//! How many polls are open at a time, as the server's answers suggest.
//!
//! The server knows how many tasks wait and for how long, and says with a task whether there should be
//! more or fewer polls. More are opened only while more tasks come than before: otherwise it is the
//! worker that is busy, and further polls would bring nothing.

use std::time::Duration;

use tokio::time::Instant;

/// Polls of one queue: between the two, to begin with so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollScale {
    pub minimum: usize,
    pub maximum: usize,
    pub initial: usize,
}

const WINDOW: Duration = Duration::from_millis(100);

#[derive(Clone, Debug)]
pub(super) struct PollScaling {
    scale: PollScale,
    target: usize,
    /// The server gives suggestions, so that one without any means that nothing waits.
    server_suggests: bool,
    window_begun: Instant,
    /// Tasks that came in this window, and in the one before.
    tasks: u64,
    tasks_before: u64,
}

impl PollScaling {
    pub(super) fn new(scale: PollScale, server_suggests: bool, now: Instant) -> Self {
        Self {
            scale,
            target: scale.initial,
            server_suggests,
            window_begun: now,
            tasks: 0,
            tasks_before: 0,
        }
    }

    /// How many polls there should be.
    pub(super) fn target(&self) -> usize {
        self.target
    }

    /// A task came, perhaps with a suggestion.
    pub(super) fn task_came(&mut self, suggestion: Option<i32>, now: Instant) {
        self.turn_window(now);
        self.tasks += 1;
        let Some(suggestion) = suggestion else {
            return;
        };
        self.server_suggests = true;
        let change = usize::try_from(suggestion.unsigned_abs()).unwrap_or(usize::MAX);
        if suggestion < 0 {
            self.shrink_by(change);
        } else if self.tasks > self.tasks_before {
            self.target = self.target.saturating_add(change).min(self.scale.maximum);
        }
    }

    /// A poll has waited for nothing.
    pub(super) fn came_back_empty(&mut self) {
        if self.server_suggests {
            self.shrink_by(1);
        }
    }

    /// The server has too much to do.
    pub(super) fn was_refused(&mut self) {
        self.target = (self.target / 2).max(self.scale.minimum);
    }

    fn shrink_by(&mut self, change: usize) {
        self.target = self.target.saturating_sub(change).max(self.scale.minimum);
    }

    fn turn_window(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.window_begun);
        if elapsed < WINDOW {
            return;
        }
        // With a window without tasks in between, there were none before.
        let is_next = elapsed < 2 * WINDOW;
        self.tasks_before = if is_next { self.tasks } else { 0 };
        self.tasks = 0;
        self.window_begun = now;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SCALE: PollScale = PollScale {
        minimum: 2,
        maximum: 20,
        initial: 5,
    };

    #[tokio::test(start_paused = true)]
    async fn it_follows_the_suggestions_within_its_bounds() {
        let mut scaling = PollScaling::new(SCALE, false, Instant::now());
        assert_eq!(scaling.target(), 5);
        for (suggestion, target) in [
            (Some(3), 8),
            (None, 8),
            (Some(0), 8),
            (Some(100), 20),
            (Some(-4), 16),
            (Some(-100), 2),
        ] {
            scaling.task_came(suggestion, Instant::now());
            assert_eq!(scaling.target(), target, "after {suggestion:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_grows_only_while_more_tasks_come_than_before() {
        let mut scaling = PollScaling::new(SCALE, false, Instant::now());
        for _ in 0..3 {
            scaling.task_came(None, Instant::now());
        }
        tokio::time::advance(WINDOW).await;
        for expected in [5, 5, 5, 6, 7] {
            scaling.task_came(Some(1), Instant::now());
            assert_eq!(scaling.target(), expected);
        }
        // After a pause everything is more than before.
        tokio::time::advance(10 * WINDOW).await;
        scaling.task_came(Some(1), Instant::now());
        assert_eq!(scaling.target(), 8);
    }

    #[tokio::test(start_paused = true)]
    async fn empty_polls_mean_something_where_the_server_suggests() {
        let mut scaling = PollScaling::new(SCALE, false, Instant::now());
        scaling.came_back_empty();
        assert_eq!(scaling.target(), 5);
        scaling.task_came(Some(0), Instant::now());
        for expected in [4, 3, 2, 2] {
            scaling.came_back_empty();
            assert_eq!(scaling.target(), expected);
        }
        let mut told = PollScaling::new(SCALE, true, Instant::now());
        told.came_back_empty();
        assert_eq!(told.target(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_with_too_much_to_do_gets_half_the_polls() {
        let mut scaling = PollScaling::new(
            PollScale {
                initial: 20,
                ..SCALE
            },
            false,
            Instant::now(),
        );
        let targets = [10, 5, 2, 2].map(|_| {
            scaling.was_refused();
            scaling.target()
        });
        assert_eq!(targets, [10, 5, 2, 2]);
    }

    proptest! {
        #[test]
        fn it_stays_within_its_bounds(events in prop::collection::vec((0..3, -200_i32..200), 0..100)) {
            let now = std::time::Instant::now().into();
            let mut scaling = PollScaling::new(SCALE, true, now);
            for (event, suggestion) in events {
                match event {
                    0 => scaling.task_came(Some(suggestion), now),
                    1 => scaling.came_back_empty(),
                    _ => scaling.was_refused(),
                }
                prop_assert!((SCALE.minimum..=SCALE.maximum).contains(&scaling.target()));
            }
        }
    }
}
