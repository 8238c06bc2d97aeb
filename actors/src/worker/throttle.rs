//! When a heartbeat goes to the server: the first at once, then at a pace, the newest details last.

use std::time::Duration;

use tokio::time::Instant;

/// How often an activity's heartbeats may go out.
///
/// Four fifths of its heartbeat timeout, or `default` where it has none, and at most `max`.
pub(super) fn interval(timeout: Option<Duration>, default: Duration, max: Duration) -> Duration {
    timeout
        .filter(|timeout| !timeout.is_zero())
        .map_or(default, |timeout| timeout.mul_f64(0.8))
        .min(max)
}

/// The heartbeats of one activity.
#[derive(Debug)]
pub(super) struct Throttle<D> {
    interval: Duration,
    /// No heartbeat may go before this.
    next_at: Option<Instant>,
    /// Recorded and not yet sent, or sent and not acknowledged.
    unsent: Option<D>,
    in_flight: bool,
}

impl<D: Clone> Throttle<D> {
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            interval,
            next_at: None,
            unsent: None,
            in_flight: false,
        }
    }

    /// Newer details take the place of those that wait.
    pub(super) fn record(&mut self, details: D) {
        self.unsent = Some(details);
    }

    /// What should go out now. The caller sends it and reports with [`Throttle::sent`].
    pub(super) fn take_due(&mut self, now: Instant) -> Option<D> {
        if self.in_flight || self.next_at.is_some_and(|next_at| next_at > now) {
            return None;
        }
        let details = self.unsent.take()?;
        self.in_flight = true;
        self.next_at = Some(now + self.interval);
        Some(details)
    }

    /// The call is over. Details that the server has not taken stay the last ones, unless newer ones
    /// have come.
    pub(super) fn sent(&mut self, refused: Option<D>) {
        self.in_flight = false;
        if self.unsent.is_none() {
            self.unsent = refused;
        }
    }

    /// When [`Throttle::take_due`] is worth a try; none while there is nothing to send.
    pub(super) fn due_at(&self) -> Option<Instant> {
        if self.in_flight || self.unsent.is_none() {
            return None;
        }
        self.next_at
    }

    /// What has not reached the server; `in_flight` is what a dropped call carried.
    pub(super) fn into_unsent(self, in_flight: Option<D>) -> Option<D> {
        self.unsent.or(in_flight)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn interval_follows_the_timeout() {
        let seconds = Duration::from_secs;
        let table = [
            // (timeout, default, max) and interval
            ((None, 30, 60), 30),
            ((Some(0), 30, 60), 30),
            ((Some(10), 30, 60), 8),
            ((Some(50), 30, 60), 40),
            ((Some(100), 30, 60), 60),
            ((None, 90, 60), 60),
            ((Some(10), 30, 5), 5),
        ];
        for ((timeout, default, max), expected) in table {
            assert_eq!(
                interval(timeout.map(seconds), seconds(default), seconds(max)),
                seconds(expected),
                "{timeout:?} {default} {max}"
            );
        }
    }

    proptest! {
        /// Whatever comes when, calls keep their pace, never overlap, and the newest details are
        /// either acknowledged or handed back at the end.
        #[test]
        fn the_newest_details_are_never_lost(steps in prop::collection::vec((0u8..4, 0u64..5), 1..100)) {
            let start = Instant::now();
            let mut now = start;
            let mut throttle = Throttle::new(Duration::from_secs(10));
            let (mut newest, mut acknowledged) = (None, None);
            let mut in_flight = None;
            let mut last_sent: Option<Instant> = None;
            for (number, (step, seconds)) in steps.into_iter().enumerate() {
                now += Duration::from_secs(seconds);
                match step {
                    0 | 1 => {
                        throttle.record(number);
                        newest = Some(number);
                    }
                    2 if in_flight.is_some() => {
                        acknowledged = in_flight.take();
                        throttle.sent(None);
                    }
                    3 if in_flight.is_some() => throttle.sent(in_flight.take()),
                    _ => {}
                }
                if let Some(details) = throttle.take_due(now) {
                    prop_assert!(in_flight.is_none());
                    prop_assert!(last_sent.is_none_or(|last| now - last >= Duration::from_secs(10)));
                    last_sent = Some(now);
                    in_flight = Some(details);
                }
            }
            let unsent = throttle.into_unsent(in_flight);
            match newest {
                None => prop_assert_eq!(unsent, None),
                Some(_) if acknowledged == newest => prop_assert_eq!(unsent, None),
                Some(_) => prop_assert_eq!(unsent, newest),
            }
        }
    }
}
