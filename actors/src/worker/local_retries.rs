//! Whether a local activity is tried again, and when.

use std::time::Duration;

use crate::protos::{
    common::v1::RetryPolicy,
    enums::v1::TimeoutType,
    failure::v1::{Failure, failure::FailureInfo},
};

const DEFAULT_INITIAL_INTERVAL: Duration = Duration::from_secs(1);
const DEFAULT_COEFFICIENT: f64 = 2.0;
/// The longest interval, in initial ones, of a policy that does not say.
const DEFAULT_MAXIMUM: u32 = 100;

/// A retry policy with its defaults filled in, as the server reads one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LocalRetries {
    initial_interval: Duration,
    coefficient: f64,
    maximum_interval: Duration,
    /// 0 for no limit.
    maximum_attempts: u32,
    non_retryable_types: Vec<String>,
}

impl LocalRetries {
    pub(super) fn new(policy: Option<RetryPolicy>) -> Self {
        let policy = policy.unwrap_or_default();
        let initial_interval =
            positive(policy.initial_interval).unwrap_or(DEFAULT_INITIAL_INTERVAL);
        Self {
            initial_interval,
            coefficient: if policy.backoff_coefficient > 0.0 {
                policy.backoff_coefficient
            } else {
                DEFAULT_COEFFICIENT
            },
            maximum_interval: positive(policy.maximum_interval)
                .unwrap_or_else(|| initial_interval.saturating_mul(DEFAULT_MAXIMUM)),
            maximum_attempts: u32::try_from(policy.maximum_attempts).unwrap_or(0),
            non_retryable_types: policy.non_retryable_error_types,
        }
    }

    /// The policy with its defaults, as the activity is shown it.
    pub(super) fn policy(&self) -> RetryPolicy {
        let wire = |duration| prost_types::Duration::try_from(duration).ok();
        RetryPolicy {
            initial_interval: wire(self.initial_interval),
            backoff_coefficient: self.coefficient,
            maximum_interval: wire(self.maximum_interval),
            maximum_attempts: i32::try_from(self.maximum_attempts).unwrap_or(i32::MAX),
            non_retryable_error_types: self.non_retryable_types.clone(),
        }
    }

    /// How long to wait after attempt number `attempt` has failed; none when it was the last.
    pub(super) fn delay(&self, attempt: u32, failure: &Failure) -> Option<Duration> {
        let is_last = self.maximum_attempts > 0 && attempt >= self.maximum_attempts;
        if is_last || !self.may_retry(failure) {
            return None;
        }
        Some(asked_for(failure).unwrap_or_else(|| self.interval(attempt)))
    }

    fn interval(&self, attempt: u32) -> Duration {
        let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
        let seconds = self.initial_interval.as_secs_f64() * self.coefficient.powi(exponent);
        Duration::try_from_secs_f64(seconds)
            .unwrap_or(Duration::MAX)
            .min(self.maximum_interval)
    }

    fn may_retry(&self, failure: &Failure) -> bool {
        match &failure.failure_info {
            Some(FailureInfo::ApplicationFailureInfo(info)) => {
                !info.non_retryable && !self.names(&info.r#type)
            }
            Some(FailureInfo::ServerFailureInfo(info)) => !info.non_retryable,
            Some(FailureInfo::TimeoutFailureInfo(info)) => match info.timeout_type() {
                TimeoutType::StartToClose => !self.names("TemporalTimeout:StartToClose"),
                TimeoutType::Heartbeat => !self.names("TemporalTimeout:Heartbeat"),
                _ => false,
            },
            Some(FailureInfo::CanceledFailureInfo(_) | FailureInfo::TerminatedFailureInfo(_)) => {
                false
            }
            _ => true,
        }
    }

    /// Compared without regard to case.
    fn names(&self, kind: &str) -> bool {
        let kind = kind.to_lowercase();
        self.non_retryable_types
            .iter()
            .any(|named| named.to_lowercase() == kind)
    }
}

/// The delay that the failure itself asks for.
fn asked_for(failure: &Failure) -> Option<Duration> {
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => info
            .next_retry_delay
            .and_then(|delay| Duration::try_from(delay).ok()),
        _ => None,
    }
}

fn positive(wire: Option<prost_types::Duration>) -> Option<Duration> {
    wire.and_then(|wire| Duration::try_from(wire).ok())
        .filter(|duration| !duration.is_zero())
}

#[cfg(test)]
mod tests {
    use crate::protos::failure::v1::{
        ApplicationFailureInfo, CanceledFailureInfo, TimeoutFailureInfo,
    };

    use super::*;

    fn application(info: ApplicationFailureInfo) -> Failure {
        Failure {
            failure_info: Some(FailureInfo::ApplicationFailureInfo(info)),
            ..Failure::default()
        }
    }

    fn of_type(kind: &str) -> Failure {
        application(ApplicationFailureInfo {
            r#type: kind.into(),
            ..ApplicationFailureInfo::default()
        })
    }

    fn timeout(kind: TimeoutType) -> Failure {
        Failure {
            failure_info: Some(FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo {
                timeout_type: kind.into(),
                ..TimeoutFailureInfo::default()
            })),
            ..Failure::default()
        }
    }

    fn wire(milliseconds: u64) -> Option<prost_types::Duration> {
        prost_types::Duration::try_from(Duration::from_millis(milliseconds)).ok()
    }

    fn check(policy: Option<RetryPolicy>, attempt: u32, failure: &Failure, expected: Option<u64>) {
        let retries = LocalRetries::new(policy.clone());
        let delay = retries
            .delay(attempt, failure)
            .map(|delay| u64::try_from(delay.as_millis()).expect("short"));
        assert_eq!(
            delay, expected,
            "{policy:?}, attempt {attempt}, {failure:?}"
        );
    }

    /// N30: the table of what the server makes of a policy.
    #[test]
    fn delays_are_those_of_the_server() {
        let failed = of_type("RuntimeError");
        for (attempt, delay) in [(1, 1000), (2, 2000), (3, 4000), (7, 64_000), (8, 100_000)] {
            check(None, attempt, &failed, Some(delay));
        }
        let policy = |coefficient, initial, maximum, attempts| {
            Some(RetryPolicy {
                initial_interval: wire(initial),
                backoff_coefficient: coefficient,
                maximum_interval: wire(maximum),
                maximum_attempts: attempts,
                ..RetryPolicy::default()
            })
        };
        check(policy(1.0, 200, 0, 0), 50, &failed, Some(200));
        check(policy(3.0, 100, 250, 0), 2, &failed, Some(250));
        check(policy(2.0, 500, 0, 0), u32::MAX, &failed, Some(50_000));
        check(policy(0.0, 0, 0, 3), 2, &failed, Some(2000));
        check(policy(0.0, 0, 0, 3), 3, &failed, None);
        check(policy(0.0, 0, 0, 1), 1, &failed, None);
    }

    #[test]
    fn some_failures_are_final() {
        let naming = |names: &[&str]| {
            Some(RetryPolicy {
                non_retryable_error_types: names.iter().map(|name| (*name).to_owned()).collect(),
                ..RetryPolicy::default()
            })
        };
        check(naming(&["runtimeERROR"]), 1, &of_type("RuntimeError"), None);
        check(naming(&["Other"]), 1, &of_type("RuntimeError"), Some(1000));
        let non_retryable = application(ApplicationFailureInfo {
            non_retryable: true,
            ..ApplicationFailureInfo::default()
        });
        check(None, 1, &non_retryable, None);
        check(None, 1, &Failure::default(), Some(1000));
        check(None, 1, &timeout(TimeoutType::StartToClose), Some(1000));
        check(None, 1, &timeout(TimeoutType::ScheduleToClose), None);
        check(None, 1, &timeout(TimeoutType::ScheduleToStart), None);
        let no_timeouts = naming(&["TemporalTimeout:StartToClose"]);
        check(no_timeouts, 1, &timeout(TimeoutType::StartToClose), None);
        let cancelled = Failure {
            failure_info: Some(FailureInfo::CanceledFailureInfo(
                CanceledFailureInfo::default(),
            )),
            ..Failure::default()
        };
        check(None, 1, &cancelled, None);
    }

    #[test]
    fn a_failure_may_ask_for_its_own_delay() {
        let asking = application(ApplicationFailureInfo {
            next_retry_delay: wire(300),
            ..ApplicationFailureInfo::default()
        });
        check(None, 5, &asking, Some(300));
        let two = Some(RetryPolicy {
            maximum_attempts: 2,
            ..RetryPolicy::default()
        });
        check(two, 2, &asking, None);
    }
}
