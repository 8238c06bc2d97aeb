//! Metrics: what is counted, and where the counts go.
//!
//! A [`Meter`] makes [`Instrument`]s, one for each name; an instrument has a [`Series`] for each set of
//! labels, which takes values and never blocks. Without a meter nothing is counted, and nothing paid.

mod activity_metrics;
mod buckets;
mod buffer;
mod labels;
mod meter;
mod own;
mod prometheus;
mod request_metrics;
mod resource_metrics;
mod scrape_server;
#[cfg(test)]
mod tests;
mod worker_metrics;
mod workflow_metrics;

pub(crate) use self::{
    activity_metrics::{ActivityMetrics, AttemptEnd},
    request_metrics::{CallLabels, RequestMetrics},
    resource_metrics::ResourceMetrics,
    worker_metrics::{CountGauge, PollerType, SlotGauges, WorkerMetrics, WorkerType},
    workflow_metrics::{WorkflowEnd, WorkflowMetrics},
};
pub use self::{
    buffer::{MetricBuffer, MetricUpdate},
    labels::{LabelValue, Labels, Remark},
    meter::{About, DURATION, Exporter, Instrument, Kind, Meter, Series, Value},
    prometheus::{Prometheus, PrometheusOptions},
    scrape_server::{ScrapeError, ScrapeServer},
};
