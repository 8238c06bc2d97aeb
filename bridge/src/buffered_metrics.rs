//! Updates of metrics as Python takes them out of their buffer.

use callboard_actors::telemetry::{About, DURATION, Kind, Labels, MetricUpdate, Remark, Value};
use pyo3::{IntoPyObjectExt, prelude::*, types::PyDict};

use crate::metrics::to_dict;

/// A metric that has updates.
#[pyclass(frozen, get_all, module = "temporalio.bridge._callboard")]
pub(crate) struct BufferedMetric {
    name: String,
    description: Option<String>,
    unit: Option<String>,
    kind: u8,
}

/// One value that was recorded.
#[pyclass(frozen, get_all, module = "temporalio.bridge._callboard")]
pub(crate) struct BufferedMetricUpdate {
    metric: Py<BufferedMetric>,
    value: Py<PyAny>,
    attributes: Py<PyDict>,
}

pub(crate) fn read(
    py: Python<'_>,
    updates: Vec<MetricUpdate>,
    durations_as_seconds: bool,
) -> PyResult<Vec<BufferedMetricUpdate>> {
    let read = |update: MetricUpdate| {
        let unit = if durations_as_seconds { "s" } else { "ms" };
        Ok(BufferedMetricUpdate {
            metric: metric(py, &update.about, unit)?,
            value: match update.value {
                Value::Whole(number) => number.into_py_any(py)?,
                Value::Real(number) => number.into_py_any(py)?,
                Value::Time(time) if durations_as_seconds => time.as_secs_f64().into_py_any(py)?,
                Value::Time(time) => time.as_millis().into_py_any(py)?,
            },
            attributes: attributes(py, &update.labels)?,
        })
    };
    updates.into_iter().map(read).collect()
}

/// One object for each metric, so that it can be told by its identity.
fn metric(py: Python<'_>, about: &About, unit_of_durations: &str) -> PyResult<Py<BufferedMetric>> {
    kept(py, &about.remark, || {
        let unit = match (about.kind, about.unit.as_deref()) {
            (Kind::HistogramDuration, Some(DURATION)) => Some(unit_of_durations),
            (_, unit) => unit,
        };
        let metric = BufferedMetric {
            name: about.name.to_string(),
            description: about.description.as_deref().map(str::to_owned),
            unit: unit.map(str::to_owned),
            kind: match about.kind {
                Kind::Counter => 0,
                Kind::Gauge | Kind::GaugeFloat => 1,
                Kind::Histogram | Kind::HistogramFloat | Kind::HistogramDuration => 2,
            },
        };
        Py::new(py, metric)
    })
}

/// One dictionary for each set of labels.
fn attributes(py: Python<'_>, labels: &Labels) -> PyResult<Py<PyDict>> {
    kept(py, labels.remark(), || Ok(to_dict(py, labels)?.unbind()))
}

fn kept<T>(
    py: Python<'_>,
    remark: &Remark,
    make: impl FnOnce() -> PyResult<Py<T>>,
) -> PyResult<Py<T>>
where
    Py<T>: Send + Sync + 'static,
{
    let known = || remark.get()?.downcast_ref::<Py<T>>();
    if let Some(known) = known() {
        return Ok(known.clone_ref(py));
    }
    let made = make()?;
    // Another thread may have been first; then its object counts.
    let _ = remark.set(Box::new(made.clone_ref(py)));
    Ok(known().map_or(made, |known| known.clone_ref(py)))
}
