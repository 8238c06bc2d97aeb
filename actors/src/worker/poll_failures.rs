//! What a failed task poll means: try again after a while, or end the worker.

use std::time::Duration;

use tokio::time::Instant;
use tonic::{Code, Status};

use crate::kit::Backoff;

/// How long errors that cannot mend themselves are tolerated, in case they do.
pub(super) const FATAL_GRACE: Duration = Duration::from_secs(60);

/// From here on every failed poll is worth a warning.
pub(super) const WARN_AFTER: Duration = Duration::from_secs(60);

const ORDINARY: Backoff = Backoff {
    first: Duration::from_millis(200),
    max: Duration::from_secs(10),
};

/// The server asks for less.
const THROTTLED: Backoff = Backoff {
    first: Duration::from_secs(1),
    max: Duration::from_secs(10),
};

/// It may never poll.
const DENIED: Backoff = Backoff {
    first: Duration::from_secs(10),
    max: Duration::from_secs(10),
};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    /// Poll again after this.
    Retry(Duration),
    /// End the worker with this error.
    Fatal,
}

/// The failures of one poller since its last successful poll.
#[derive(Clone, Debug, Default)]
pub(super) struct PollFailures {
    first_at: Option<Instant>,
    first_fatal_at: Option<Instant>,
    attempts: u32,
    /// Polls that fail while one is waited for count as one failure: they share its cause.
    resume_at: Option<Instant>,
}

impl PollFailures {
    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// `jitter` is what a wait is multiplied with.
    pub(super) fn failed(&mut self, status: &Status, now: Instant, jitter: f64) -> Verdict {
        self.first_at.get_or_insert(now);
        if is_fatal(status.code()) {
            let since = *self.first_fatal_at.get_or_insert(now);
            if now - since >= FATAL_GRACE {
                return Verdict::Fatal;
            }
        } else {
            self.first_fatal_at = None;
        }
        if let Some(resume_at) = self.resume_at.filter(|resume_at| *resume_at > now) {
            return Verdict::Retry(resume_at - now);
        }
        let delay = backoff_for(status.code()).delay(self.attempts);
        let delay = delay.mul_f64(jitter);
        self.attempts += 1;
        self.resume_at = Some(now + delay);
        Verdict::Retry(delay)
    }

    /// How long polls have failed without one success in between.
    pub(super) fn failing_for(&self, now: Instant) -> Option<Duration> {
        self.first_at.map(|first| now - first)
    }
}

fn backoff_for(code: Code) -> Backoff {
    match code {
        Code::ResourceExhausted => THROTTLED,
        code if is_fatal(code) => DENIED,
        _ => ORDINARY,
    }
}

/// Errors that say that this worker may never poll, as opposed to not now.
fn is_fatal(code: Code) -> bool {
    matches!(
        code,
        Code::InvalidArgument
            | Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::Unauthenticated
            | Code::FailedPrecondition
            | Code::Unimplemented
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delay(verdict: Verdict) -> u128 {
        match verdict {
            Verdict::Retry(delay) => delay.as_millis(),
            Verdict::Fatal => panic!("fatal"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn backs_off_by_the_kind_of_error() {
        for (code, expected) in [
            (Code::Unavailable, [200, 400, 800]),
            (Code::ResourceExhausted, [1000, 2000, 4000]),
            (Code::PermissionDenied, [10_000, 10_000, 10_000]),
        ] {
            let mut failures = PollFailures::default();
            for expected in expected {
                let verdict = failures.failed(&Status::new(code, ""), Instant::now(), 1.0);
                assert_eq!(delay(verdict), expected, "{code}");
                tokio::time::advance(Duration::from_millis(expected as u64)).await;
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn polls_that_fail_together_count_once() {
        let mut failures = PollFailures::default();
        let down = Status::unavailable("down");
        for _ in 0..5 {
            assert_eq!(delay(failures.failed(&down, Instant::now(), 1.0)), 200);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_jitter_has_shortened_is_a_whole_one() {
        let mut failures = PollFailures::default();
        let down = Status::unavailable("down");
        for expected in [160, 320, 640] {
            let wait = delay(failures.failed(&down, Instant::now(), 0.8));
            assert_eq!(wait, expected);
            tokio::time::advance(Duration::from_millis(expected as u64)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn fatal_errors_end_the_worker_only_after_their_grace() {
        let denied = Status::permission_denied("no");
        let mut failures = PollFailures::default();
        delay(failures.failed(&denied, Instant::now(), 1.0));
        tokio::time::advance(FATAL_GRACE - Duration::from_secs(1)).await;
        delay(failures.failed(&denied, Instant::now(), 1.0));
        // Another kind of error in between, or a success, starts the grace anew.
        delay(failures.failed(&Status::unavailable("down"), Instant::now(), 1.0));
        tokio::time::advance(Duration::from_secs(2)).await;
        delay(failures.failed(&denied, Instant::now(), 1.0));
        tokio::time::advance(FATAL_GRACE).await;
        assert_eq!(
            failures.failed(&denied, Instant::now(), 1.0),
            Verdict::Fatal
        );
        failures.succeeded();
        delay(failures.failed(&denied, Instant::now(), 1.0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_is_down_is_never_fatal() {
        let down = Status::unavailable("down");
        let mut failures = PollFailures::default();
        for _ in 0..1000 {
            let wait = delay(failures.failed(&down, Instant::now(), 1.0));
            assert!(wait <= 10_000);
            tokio::time::advance(Duration::from_millis(wait as u64)).await;
        }
        assert!(failures.failing_for(Instant::now()) > Some(WARN_AFTER));
    }
}
