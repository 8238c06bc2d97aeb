//! Metrics kept for whoever takes them out.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crossbeam_channel::{Receiver, Sender, bounded};
use dashmap::DashMap;

use super::{
    labels::Labels,
    meter::{About, Exporter, Instrument, Series, Value},
};

/// A value that was recorded.
pub struct MetricUpdate {
    pub about: Arc<About>,
    pub value: Value,
    pub labels: Labels,
}

/// Keeps up to so many updates, in the order in which they were recorded. Further ones are dropped.
pub struct MetricBuffer {
    intake: Intake,
    updates: Receiver<MetricUpdate>,
    instruments: DashMap<Arc<str>, Arc<Buffered>>,
}

#[derive(Clone)]
struct Intake {
    updates: Sender<MetricUpdate>,
    /// Said once, and again after there was room.
    told_that_full: Arc<AtomicBool>,
}

struct Buffered {
    about: Arc<About>,
    intake: Intake,
}

struct BufferedSeries {
    about: Arc<About>,
    labels: Labels,
    intake: Intake,
}

impl MetricBuffer {
    pub fn new(size: usize) -> Self {
        let (sender, updates) = bounded(size);
        Self {
            intake: Intake {
                updates: sender,
                told_that_full: Arc::default(),
            },
            updates,
            instruments: DashMap::new(),
        }
    }

    /// What is there now.
    pub fn take(&self) -> Vec<MetricUpdate> {
        // Not more than there were: others go on recording.
        let count = self.updates.len();
        self.updates.try_iter().take(count).collect()
    }
}

impl Exporter for MetricBuffer {
    fn instrument(&self, about: About) -> Arc<dyn Instrument> {
        let instrument = self.instruments.entry(about.name.clone());
        let instrument = instrument.or_insert_with(|| {
            Arc::new(Buffered {
                about: Arc::new(about),
                intake: self.intake.clone(),
            })
        });
        instrument.clone()
    }
}

impl Instrument for Buffered {
    fn series(&self, labels: &Labels) -> Arc<dyn Series> {
        Arc::new(BufferedSeries {
            about: self.about.clone(),
            labels: labels.clone(),
            intake: self.intake.clone(),
        })
    }
}

impl Series for BufferedSeries {
    fn record(&self, value: Value) {
        let update = MetricUpdate {
            about: self.about.clone(),
            value,
            labels: self.labels.clone(),
        };
        let told = &self.intake.told_that_full;
        if self.intake.updates.try_send(update).is_ok() {
            told.store(false, Ordering::Relaxed);
        } else if !told.swap(true, Ordering::Relaxed) {
            tracing::error!("the metric buffer is full: updates are dropped until it is drained");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::meter::Kind;
    use super::*;

    #[test]
    fn updates_come_in_order_and_those_that_find_no_room_are_dropped() {
        let buffer = MetricBuffer::new(2);
        let counter = buffer.instrument(About::new(Kind::Counter, "c"));
        let again = buffer.instrument(About::new(Kind::Counter, "c"));
        let labels = Labels::new([("a", "1")]);
        for (instrument, value) in [(&counter, 1), (&again, 2), (&counter, 3)] {
            instrument.series(&labels).record(Value::Whole(value));
        }
        let updates = buffer.take();
        let values: Vec<_> = updates.iter().map(|update| update.value).collect();
        assert_eq!(values, [Value::Whole(1), Value::Whole(2)]);
        assert!(Arc::ptr_eq(&updates[0].about, &updates[1].about));
        assert_eq!(updates[0].labels, labels);
        assert!(buffer.take().is_empty());
        counter.series(&labels).record(Value::Whole(4));
        assert_eq!(buffer.take().len(), 1);
    }
}
