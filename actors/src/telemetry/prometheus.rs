//! Metrics for a Prometheus server to scrape.

use std::{
    collections::{BTreeMap, btree_map},
    sync::Arc,
};

use dashmap::{DashMap, Entry};
use parking_lot::Mutex;
use prometheus::{
    Gauge, Histogram, HistogramOpts, IntCounter, Opts, TextEncoder, core::Collector,
    proto::MetricFamily,
};

use super::{
    buckets,
    labels::{LabelValue, Labels},
    meter::{About, DURATION, Exporter, Instrument, Kind, Series, Value},
};

/// How metrics are shown.
#[derive(Clone, Debug, Default)]
pub struct PrometheusOptions {
    /// Counters end in `_total`.
    pub counters_total_suffix: bool,
    /// Histograms end in their unit.
    pub unit_suffix: bool,
    pub durations_as_seconds: bool,
    /// Bounds of the histograms whose names contain the key.
    pub bucket_overrides: BTreeMap<String, Vec<f64>>,
    /// On every metric, also those of users.
    pub global_tags: BTreeMap<String, String>,
}

/// All metrics of a runtime.
pub struct Prometheus {
    options: Arc<PrometheusOptions>,
    /// By the name under which they are shown.
    families: Mutex<BTreeMap<String, Arc<Family>>>,
}

struct Family {
    name: String,
    help: String,
    kind: Kind,
    options: Arc<PrometheusOptions>,
    /// By labels as they are given.
    series: DashMap<Labels, Arc<ShownSeries>>,
    /// By labels as they are shown, which may be the same for several of those.
    shown: DashMap<Labels, Arc<ShownSeries>>,
}

enum ShownSeries {
    Counter(IntCounter),
    Gauge(Gauge),
    Histogram {
        histogram: Histogram,
        durations_as_seconds: bool,
    },
}

impl Prometheus {
    pub fn new(options: PrometheusOptions) -> Self {
        Self {
            options: Arc::new(options),
            families: Mutex::default(),
        }
    }

    /// Everything in the text format 0.0.4.
    pub fn text(&self) -> String {
        let families: Vec<_> = self.families.lock().values().cloned().collect();
        let families: Vec<_> = families
            .iter()
            .filter_map(|family| family.shown())
            .collect();
        // Names and labels were made valid when they came.
        TextEncoder::new()
            .encode_to_string(&families)
            .unwrap_or_else(|error| {
                tracing::error!(%error, "metrics cannot be shown");
                String::new()
            })
    }

    fn shown_name(&self, about: &About) -> String {
        let mut name = valid_name(&about.name);
        let unit = match about.unit.as_deref() {
            _ if about.kind == Kind::HistogramDuration => Some(DURATION),
            unit => unit,
        };
        match (about.kind, unit) {
            (Kind::Counter, _) => {
                if self.options.counters_total_suffix {
                    name.push_str("_total");
                }
            }
            (Kind::Gauge | Kind::GaugeFloat, _) | (_, None) => {}
            (_, Some(unit)) => {
                if self.options.unit_suffix {
                    name.push('_');
                    name.push_str(&valid_name(match unit {
                        DURATION if self.options.durations_as_seconds => "seconds",
                        DURATION => "milliseconds",
                        other => other,
                    }));
                }
            }
        }
        name
    }
}

impl Exporter for Prometheus {
    fn instrument(&self, about: About) -> Arc<dyn Instrument> {
        let name = self.shown_name(&about);
        match self.families.lock().entry(name) {
            btree_map::Entry::Occupied(known) => {
                let family = known.get().clone();
                if family.kind != about.kind {
                    tracing::warn!(
                        name = %about.name, kind = ?about.kind, first = ?family.kind,
                        "two metrics of different kinds have the same name: the first one's kind counts"
                    );
                }
                family
            }
            btree_map::Entry::Vacant(place) => {
                let description = about.description.as_deref().unwrap_or_default();
                let family = Family {
                    name: place.key().clone(),
                    help: if description.is_empty() {
                        place.key().clone()
                    } else {
                        description.to_owned()
                    },
                    kind: about.kind,
                    options: self.options.clone(),
                    series: DashMap::new(),
                    shown: DashMap::new(),
                };
                place.insert(Arc::new(family)).clone()
            }
        }
    }
}

impl Family {
    /// None before the first value was recorded.
    fn shown(&self) -> Option<MetricFamily> {
        let mut collected = self.shown.iter().flat_map(|series| series.collect());
        let mut family = collected.next()?;
        for mut other in collected {
            family.mut_metric().append(&mut other.take_metric());
        }
        Some(family)
    }

    fn made(&self, labels: &Labels) -> Result<ShownSeries, prometheus::Error> {
        let mut options = Opts::new(&self.name, &self.help);
        for (name, value) in &self.options.global_tags {
            options = options.const_label(valid_name(name), value);
        }
        for (name, value) in labels.iter() {
            options = options.const_label(name, value.to_string());
        }
        Ok(match self.kind {
            Kind::Counter => ShownSeries::Counter(IntCounter::with_opts(options)?),
            Kind::Gauge | Kind::GaugeFloat => ShownSeries::Gauge(Gauge::with_opts(options)?),
            Kind::Histogram | Kind::HistogramFloat | Kind::HistogramDuration => {
                let durations_as_seconds = self.options.durations_as_seconds;
                let bounds = buckets::of(
                    &self.name,
                    durations_as_seconds,
                    &self.options.bucket_overrides,
                );
                let options = HistogramOpts::from(options).buckets(bounds);
                ShownSeries::Histogram {
                    histogram: Histogram::with_opts(options)?,
                    durations_as_seconds,
                }
            }
        })
    }
}

impl Instrument for Family {
    fn series(&self, labels: &Labels) -> Arc<dyn Series> {
        if let Some(known) = self.series.get(labels) {
            return known.clone();
        }
        let shown = labels.iter().map(|(name, value)| {
            let text = LabelValue::from(&*value.to_string());
            (valid_name(name), text)
        });
        let shown = Labels::new(shown);
        let made = match self.shown.entry(shown.clone()) {
            Entry::Occupied(known) => Ok(known.get().clone()),
            Entry::Vacant(place) => self
                .made(&shown)
                .map(|made| place.insert(Arc::new(made)).clone()),
        };
        match made {
            Ok(series) => {
                self.series.insert(labels.clone(), series.clone());
                series
            }
            Err(error) => {
                tracing::error!(%error, name = self.name, "a metric is not counted");
                Arc::new(Nowhere)
            }
        }
    }
}

impl ShownSeries {
    fn collect(&self) -> Vec<MetricFamily> {
        match self {
            Self::Counter(counter) => counter.collect(),
            Self::Gauge(gauge) => gauge.collect(),
            Self::Histogram { histogram, .. } => histogram.collect(),
        }
    }
}

impl Series for ShownSeries {
    fn record(&self, value: Value) {
        match self {
            Self::Counter(counter) => counter.inc_by(as_whole(value)),
            Self::Gauge(gauge) => gauge.set(as_real(value, false)),
            Self::Histogram {
                histogram,
                durations_as_seconds,
            } => histogram.observe(as_real(value, *durations_as_seconds)),
        }
    }
}

/// A metric that could not be made; that was said then.
struct Nowhere;

impl Series for Nowhere {
    fn record(&self, _: Value) {}
}

fn as_whole(value: Value) -> u64 {
    match value {
        Value::Whole(number) => number,
        Value::Real(number) => number as u64,
        Value::Time(time) => u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
    }
}

fn as_real(value: Value, durations_as_seconds: bool) -> f64 {
    match value {
        Value::Real(number) => number,
        Value::Time(time) if durations_as_seconds => time.as_secs_f64(),
        other => as_whole(other) as f64,
    }
}

/// Prometheus knows letters, digits and underscores.
fn valid_name(name: &str) -> String {
    let valid = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = name.chars().map(valid).collect();
    match name.as_bytes().first() {
        Some(first) if !first.is_ascii_digit() => name,
        _ => format!("_{name}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn shown(options: PrometheusOptions, record: impl FnOnce(&Prometheus)) -> String {
        let metrics = Prometheus::new(options);
        record(&metrics);
        metrics.text()
    }

    fn about(kind: Kind, name: &str, unit: Option<&str>) -> About {
        let mut about = About::new(kind, name);
        about.unit = unit.map(Into::into);
        about
    }

    #[test]
    fn equal_labels_are_one_series_and_nothing_is_shown_before_its_first_value() {
        let text = shown(PrometheusOptions::default(), |metrics| {
            let counter = metrics.instrument(about(Kind::Counter, "my-c", None));
            metrics.instrument(about(Kind::Gauge, "unused", None));
            let labels = Labels::new([("x-y", LabelValue::Real(1.0))]);
            counter.series(&labels).record(Value::Whole(2));
            let same = metrics.instrument(about(Kind::Counter, "my-c", None));
            let labels = Labels::new([("x-y", LabelValue::Whole(1))]);
            same.series(&labels).record(Value::Whole(3));
            let other = Labels::new([("q", "a\"b\nc")]);
            same.series(&other).record(Value::Whole(1));
        });
        let mut lines: Vec<_> = text.lines().collect();
        lines.sort_unstable();
        assert_eq!(
            lines,
            [
                "# HELP my_c my_c",
                "# TYPE my_c counter",
                r#"my_c{q="a\"b\nc"} 1"#,
                r#"my_c{x_y="1"} 5"#,
            ]
        );
    }

    /// K5, as scrapes of the official package 1.35.0 show them.
    #[test]
    fn names_end_as_the_options_say() {
        let options = PrometheusOptions {
            counters_total_suffix: true,
            unit_suffix: true,
            durations_as_seconds: true,
            global_tags: BTreeMap::from([("g".into(), "v".into())]),
            ..PrometheusOptions::default()
        };
        let text = shown(options, |metrics| {
            let second = Value::Time(Duration::from_millis(1_500));
            for (kind, name, unit, value) in [
                (Kind::Counter, "c", Some("kb"), Value::Whole(1)),
                (Kind::Gauge, "g", Some("By"), Value::Whole(3)),
                (Kind::Histogram, "h", Some("s"), Value::Whole(7)),
                (Kind::HistogramFloat, "f", None, Value::Real(7.5)),
                (Kind::HistogramDuration, "d", None, second),
            ] {
                let instrument = metrics.instrument(about(kind, name, unit));
                instrument.series(&Labels::none()).record(value);
            }
        });
        for line in [
            r#"c_total{g="v"} 1"#,
            r#"g{g="v"} 3"#,
            r#"h_s_sum{g="v"} 7"#,
            r#"f_sum{g="v"} 7.5"#,
            r#"d_seconds_sum{g="v"} 1.5"#,
            r#"d_seconds_bucket{g="v",le="2.5"} 1"#,
            r#"d_seconds_bucket{g="v",le="0.05"} 0"#,
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
        }
    }

    #[test]
    fn of_two_metrics_with_one_name_the_first_ones_kind_counts() {
        let text = shown(PrometheusOptions::default(), |metrics| {
            for kind in [Kind::Counter, Kind::GaugeFloat] {
                let instrument = metrics.instrument(about(kind, "c", None));
                instrument.series(&Labels::none()).record(Value::Real(2.0));
            }
        });
        assert!(text.contains("# TYPE c counter\nc 4\n"), "{text}");
    }
}
