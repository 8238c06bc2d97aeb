//! How many polls are open at a time, as the server's answers suggest.
//!
//! The server knows how many tasks wait and for how long, and says with a task whether there should be
//! more or fewer polls. More are opened only while more tasks come than before, or as many: otherwise it
//! is the worker that is busy, and further polls would bring nothing.

use std::time::Duration;

use tokio::time::Instant;

use crate::connection::LONG_POLL;

/// Polls of one queue: between the two, to begin with so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollScale {
    pub minimum: usize,
    pub maximum: usize,
    pub initial: usize,
}

const WINDOW: Duration = Duration::from_millis(100);
const IN_A_BURST: Duration = Duration::from_secs(11);

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
    /// The last whole window brought a tenth more than the one before it; of few tasks, as many.
    may_grow: bool,
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
            may_grow: true,
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
        } else if self.may_grow {
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
        if self.server_suggests {
            self.target = (self.target / 2).max(self.scale.minimum);
        }
    }

    /// How long a poll may wait that begins now. During a burst of tasks there are many polls, which
    /// are not to stay for a minute when it is over.
    pub(super) fn patience(&mut self, now: Instant) -> Duration {
        self.turn_window(now);
        if self.tasks > 1 {
            IN_A_BURST
        } else {
            LONG_POLL
        }
    }

    fn shrink_by(&mut self, change: usize) {
        self.target = self.target.saturating_sub(change).max(self.scale.minimum);
    }

    fn turn_window(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.window_begun);
        let windows = u32::try_from(elapsed.as_millis() / WINDOW.as_millis()).unwrap_or(u32::MAX);
        self.window_begun += WINDOW * windows;
        // After three windows it is all the same how many there were.
        for _ in 0..windows.min(3) {
            self.may_grow = self.tasks >= self.tasks_before * 11 / 10;
            self.tasks_before = std::mem::take(&mut self.tasks);
        }
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
        // Tasks of a window, all with a suggestion, and the target after it.
        let windows = [
            (3, 8),
            (3, 11),
            (2, 13),
            (2, 13),
            (2, 15),
            (0, 15),
            (1, 15),
            (1, 16),
        ];
        for (tasks, target) in windows {
            for _ in 0..tasks {
                scaling.task_came(Some(1), Instant::now());
            }
            assert_eq!(scaling.target(), target, "{windows:?}");
            tokio::time::advance(WINDOW).await;
        }
        // The window before the pause brought tasks, those of the pause did not.
        tokio::time::advance(10 * WINDOW).await;
        scaling.task_came(Some(1), Instant::now());
        assert_eq!(scaling.target(), 17);
    }

    #[tokio::test(start_paused = true)]
    async fn of_many_tasks_it_takes_a_tenth_more() {
        let mut scaling = PollScaling::new(SCALE, false, Instant::now());
        for (tasks, may_grow) in [(20, true), (21, true), (30, false), (0, true), (0, false)] {
            assert_eq!(scaling.may_grow, may_grow);
            for _ in 0..tasks {
                scaling.task_came(None, Instant::now());
            }
            tokio::time::advance(WINDOW).await;
            scaling.turn_window(Instant::now());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn polls_that_begin_in_a_burst_do_not_wait_for_long() {
        let mut scaling = PollScaling::new(SCALE, false, Instant::now());
        for expected in [LONG_POLL, LONG_POLL, IN_A_BURST, IN_A_BURST] {
            assert_eq!(scaling.patience(Instant::now()), expected);
            scaling.task_came(None, Instant::now());
        }
        tokio::time::advance(WINDOW).await;
        assert_eq!(scaling.patience(Instant::now()), LONG_POLL);
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
            true,
            Instant::now(),
        );
        let targets = [10, 5, 2, 2].map(|_| {
            scaling.was_refused();
            scaling.target()
        });
        assert_eq!(targets, [10, 5, 2, 2]);
        // It may be somebody in between who refuses, where no server ever suggests more again.
        let mut unknown = PollScaling::new(SCALE, false, Instant::now());
        unknown.was_refused();
        assert_eq!(unknown.target(), 5);
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
