//! What metrics are made with and recorded on.

use std::{fmt, sync::Arc, time::Duration};

use super::labels::{Labels, Remark};

/// What is counted, and in what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Counter,
    Gauge,
    GaugeFloat,
    Histogram,
    HistogramFloat,
    /// Exported as whole milliseconds, or as seconds.
    HistogramDuration,
}

/// One value: added to a counter, the new one of a gauge, or one more of a histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    Whole(u64),
    Real(f64),
    Time(Duration),
}

/// A metric as it is described.
#[derive(Debug)]
pub struct About {
    pub kind: Kind,
    pub name: Arc<str>,
    pub description: Option<Arc<str>>,
    pub unit: Option<Arc<str>>,
    pub remark: Remark,
}

impl About {
    pub fn new(kind: Kind, name: impl Into<Arc<str>>) -> Self {
        Self {
            kind,
            name: name.into(),
            description: None,
            unit: None,
            remark: Remark::new(),
        }
    }
}

/// Where metrics go. It makes one instrument for each name: who asks for the same name gets the same one.
pub trait Exporter: Send + Sync + 'static {
    fn instrument(&self, about: About) -> Arc<dyn Instrument>;
}

/// One metric.
pub trait Instrument: Send + Sync + 'static {
    fn series(&self, labels: &Labels) -> Arc<dyn Series>;
}

/// One metric with one set of labels. Takes values from any thread and never blocks.
pub trait Series: Send + Sync + 'static {
    fn record(&self, value: Value);
}

/// Makes instruments of one exporter. Clones share it.
#[derive(Clone)]
pub struct Meter {
    exporter: Arc<dyn Exporter>,
    prefix: Arc<str>,
    labels: Labels,
}

impl Meter {
    /// `prefix` comes before the names of our own metrics, and not of those of users. All carry `labels`.
    pub fn new(exporter: Arc<dyn Exporter>, prefix: &str, labels: Labels) -> Self {
        Self {
            exporter,
            prefix: prefix.into(),
            labels,
        }
    }

    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    pub fn instrument(&self, about: About) -> Arc<dyn Instrument> {
        self.exporter.instrument(about)
    }

    /// One of our own metrics.
    pub(super) fn own(
        &self,
        kind: Kind,
        name: &'static str,
        description: &'static str,
    ) -> Arc<dyn Instrument> {
        let mut about = About::new(kind, format!("{}{name}", self.prefix));
        about.description = Some(description.into());
        if kind == Kind::HistogramDuration {
            about.unit = Some(DURATION.into());
        }
        self.instrument(about)
    }
}

/// The unit of durations, which is exported as milliseconds or seconds.
pub const DURATION: &str = "duration";

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").finish_non_exhaustive()
    }
}
