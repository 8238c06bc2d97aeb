//! When a failed call is tried again, and after how long.
//!
//! Plain data: the caller tells how long the call has lasted and draws the jitter, so every
//! schedule can be tested without a clock.
//!
//! | class    | calls                                     | tries                     |
//! |----------|-------------------------------------------|---------------------------|
//! | `Never`  | a user's without `retry`; task polls      | one                       |
//! | `Normal` | a user's with `retry`; a worker's reports | as [`RetryPolicy`] says   |
//!
//! Task polls are tried again by the poller itself, which knows when the last one succeeded: see
//! `worker/poll_failures.rs`.
//!
//! A call that was throttled (`ResourceExhausted`) waits longer, from 1 s on, within the same limits.

use std::time::Duration;

use tonic::{Code, Status};

/// Codes that may pass by themselves.
const RETRYABLE: [Code; 7] = [
    Code::DataLoss,
    Code::Internal,
    Code::Unknown,
    Code::ResourceExhausted,
    Code::Aborted,
    Code::OutOfRange,
    Code::Unavailable,
];

/// How the server words a refusal of a message for its size; to send it again is in vain.
const TOO_LARGE: [&str; 3] = [
    "grpc: received message larger than max",
    "grpc: received message after decompression larger than max",
    "grpc: message after decompression larger than max",
];

/// The same from our own decoder, for an answer.
const ANSWER_TOO_LARGE: &str = "decoded message length too large";

/// Backoff and limits of one kind of call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryPolicy {
    pub initial_interval: Duration,
    /// Each interval is drawn from this share below to this share above its nominal length.
    pub randomization_factor: f64,
    pub multiplier: f64,
    pub max_interval: Duration,
    /// No wait begins that would end later than this after the first try; `None` for no limit.
    pub max_elapsed: Option<Duration>,
    /// Tries at most, the first included; 0 for no limit.
    pub max_retries: usize,
}

impl Default for RetryPolicy {
    /// What holds where the user configured nothing. (A `RetryConfig` of the public API starts from
    /// a multiplier of 1.5.)
    fn default() -> Self {
        Self {
            initial_interval: Duration::from_millis(100),
            randomization_factor: 0.2,
            multiplier: 1.7,
            max_interval: Duration::from_secs(5),
            max_elapsed: Some(Duration::from_secs(10)),
            max_retries: 10,
        }
    }
}

impl RetryPolicy {
    /// The waits of throttled calls; the call's own policy says when to stop.
    const THROTTLED: Self = Self {
        initial_interval: Duration::from_secs(1),
        randomization_factor: 0.2,
        multiplier: 2.0,
        max_interval: Duration::from_secs(10),
        max_elapsed: None,
        max_retries: 0,
    };
}

/// What a call is, as far as trying again goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryClass {
    Never,
    Normal,
}

/// What to do about a failed try.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    RetryAfter(Duration),
    GiveUp,
}

/// The facts about a failed try that decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FailedTry {
    pub code: Code,
    /// The code came from the transport (a connection lost, a server going away), not the server.
    pub from_transport: bool,
    pub too_large: bool,
}

impl From<&Status> for FailedTry {
    fn from(status: &Status) -> Self {
        let message = status.message();
        let refused = status.code() == Code::ResourceExhausted
            && TOO_LARGE.iter().any(|known| message.starts_with(known));
        let undecodable = status.code() == Code::OutOfRange && message.contains(ANSWER_TOO_LARGE);
        Self {
            code: status.code(),
            from_transport: comes_from_transport(status),
            too_large: refused || undecodable,
        }
    }
}

/// A status that a server sent has no source; one made of a transport error carries it. A try that
/// ran into its own timeout was given up by us, not by the transport.
fn comes_from_transport(status: &Status) -> bool {
    let mut source = std::error::Error::source(status);
    let found = source.is_some();
    while let Some(error) = source {
        if error.is::<tonic::TimeoutExpired>() {
            return false;
        }
        source = error.source();
    }
    found
}

/// One call's way through its tries.
#[derive(Clone, Debug)]
pub(super) struct Retries {
    class: RetryClass,
    policy: RetryPolicy,
    failed_tries: usize,
    backoff: Backoff,
    throttle: Backoff,
}

impl Retries {
    pub(super) fn new(class: RetryClass, policy: RetryPolicy) -> Self {
        Self {
            class,
            policy,
            failed_tries: 0,
            backoff: Backoff::new(policy),
            throttle: Backoff::new(RetryPolicy::THROTTLED),
        }
    }

    /// Decides about a try that failed `elapsed` after the call began. `draw` is uniform in 0..1.
    pub(super) fn after(&mut self, failed: FailedTry, elapsed: Duration, draw: f64) -> Verdict {
        self.failed_tries += 1;
        let spent = self.policy.max_retries != 0 && self.failed_tries >= self.policy.max_retries;
        if spent || failed.too_large || !self.may_pass(failed) {
            return Verdict::GiveUp;
        }
        // Throttling stretches the waits, but it is the normal schedule that says when to stop.
        let wait = self.backoff.next(draw);
        if self
            .policy
            .max_elapsed
            .is_some_and(|limit| elapsed + wait > limit)
        {
            return Verdict::GiveUp;
        }
        Verdict::RetryAfter(match failed.code {
            Code::ResourceExhausted => self.throttle.next(draw),
            _ => wait,
        })
    }

    fn may_pass(&self, failed: FailedTry) -> bool {
        let transport_cancelled = failed.from_transport && failed.code == Code::Cancelled;
        match self.class {
            RetryClass::Never => false,
            RetryClass::Normal => transport_cancelled || RETRYABLE.contains(&failed.code),
        }
    }
}

/// The growing intervals of one policy.
#[derive(Clone, Debug)]
struct Backoff {
    policy: RetryPolicy,
    nominal: Duration,
}

impl Backoff {
    fn new(policy: RetryPolicy) -> Self {
        Self {
            policy,
            nominal: policy.initial_interval,
        }
    }

    fn next(&mut self, draw: f64) -> Duration {
        let spread = self.policy.randomization_factor * (2.0 * draw - 1.0);
        let wait = scaled(self.nominal, 1.0 + spread);
        self.nominal = scaled(self.nominal, self.policy.multiplier).min(self.policy.max_interval);
        wait
    }
}

/// Multiplies without the panic of `mul_f64` on what a user may configure.
fn scaled(interval: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(interval.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}
