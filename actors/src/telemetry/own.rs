//! One of our own metrics with labels that do not change.

use std::sync::{Arc, OnceLock};

use super::{
    labels::Labels,
    meter::{Instrument, Kind, Meter, Series, Value},
};

/// Shown from its first value on.
pub(super) struct Own {
    instrument: Arc<dyn Instrument>,
    labels: Labels,
    series: OnceLock<Arc<dyn Series>>,
}

impl Own {
    pub(super) fn new(
        meter: &Meter,
        labels: &Labels,
        (kind, name, description): (Kind, &'static str, &'static str),
    ) -> Self {
        Self {
            instrument: meter.own(kind, name, description),
            labels: labels.clone(),
            series: OnceLock::new(),
        }
    }

    pub(super) fn count(&self) {
        self.record(Value::Whole(1));
    }
}

impl Series for Own {
    fn record(&self, value: Value) {
        self.series
            .get_or_init(|| self.instrument.series(&self.labels))
            .record(value);
    }
}
