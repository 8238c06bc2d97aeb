//! Many deadlines behind one alarm.

use std::collections::BTreeSet;

use tokio::time::Instant;

/// Keys in the order in which they are due.
///
/// An actor with thousands of deadlines keeps one [`super::Alarm`] for the earliest, and none of its
/// own per key. Every operation costs the logarithm of their number.
#[derive(Debug)]
pub struct Deadlines<K> {
    due: BTreeSet<(Instant, K)>,
}

impl<K> Default for Deadlines<K> {
    fn default() -> Self {
        Self {
            due: BTreeSet::new(),
        }
    }
}

impl<K: Ord + Clone> Deadlines<K> {
    pub fn insert(&mut self, due: Instant, key: K) {
        self.due.insert((due, key));
    }

    pub fn remove(&mut self, due: Instant, key: K) {
        self.due.remove(&(due, key));
    }

    pub fn earliest(&self) -> Option<Instant> {
        self.due.first().map(|(due, _)| *due)
    }

    /// Takes out one key that is due, the most overdue first.
    pub fn pop_due(&mut self, now: Instant) -> Option<K> {
        if self.earliest()? > now {
            return None;
        }
        self.due.pop_first().map(|(_, key)| key)
    }

    pub fn len(&self) -> usize {
        self.due.len()
    }

    pub fn is_empty(&self) -> bool {
        self.due.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pops_in_order_and_only_what_is_due() {
        let start = Instant::now();
        let mut deadlines = Deadlines::default();
        for (seconds, key) in [(3, 'c'), (1, 'a'), (2, 'b'), (2, 'x')] {
            deadlines.insert(start + Duration::from_secs(seconds), key);
        }
        deadlines.remove(start + Duration::from_secs(2), 'x');
        assert_eq!(deadlines.pop_due(start), None);
        let later = start + Duration::from_secs(2);
        assert_eq!(deadlines.pop_due(later), Some('a'));
        assert_eq!(deadlines.pop_due(later), Some('b'));
        assert_eq!(deadlines.pop_due(later), None);
        assert_eq!(deadlines.earliest(), Some(start + Duration::from_secs(3)));
    }
}
