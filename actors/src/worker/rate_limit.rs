//! At most so many activities started per second.

use std::time::Duration;

use tokio::time::Instant;

/// Lets one through per period, without saving up what was not used.
#[derive(Clone, Debug)]
pub(super) struct RateLimit {
    period: Duration,
    next: Option<Instant>,
}

impl RateLimit {
    /// `per_second` must be above 0 and finite.
    pub(super) fn new(per_second: f64) -> Self {
        Self {
            period: Duration::try_from_secs_f64(per_second.recip()).unwrap_or(Duration::MAX / 4),
            next: None,
        }
    }

    /// Takes one, or says when the next is to be had.
    pub(super) fn try_take(&mut self, now: Instant) -> Result<(), Instant> {
        match self.next {
            Some(next) if next > now => Err(next),
            _ => {
                self.next = now.checked_add(self.period);
                Ok(())
            }
        }
    }

    /// What was taken was not used.
    pub(super) fn give_back(&mut self, now: Instant) {
        self.next = self
            .next
            .and_then(|next| next.checked_sub(self.period))
            .filter(|next| *next > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn lets_one_through_per_period() {
        let mut limit = RateLimit::new(2.0);
        let start = Instant::now();
        assert_eq!(limit.try_take(start), Ok(()));
        let half = start + Duration::from_millis(500);
        assert_eq!(limit.try_take(start), Err(half));
        assert_eq!(limit.try_take(half), Ok(()));
        limit.give_back(half);
        assert_eq!(limit.try_take(half), Ok(()));
        // Idle time is not saved up.
        let later = start + Duration::from_secs(60);
        assert_eq!(limit.try_take(later), Ok(()));
        assert!(limit.try_take(later).is_err());
    }
}
