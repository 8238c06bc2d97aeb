//! The shells of a meter and its metrics, on which user code records.

use std::{sync::Arc, time::Duration};

use callboard_actors::telemetry::{
    About, Instrument, Kind, LabelValue, Labels, Meter as Inner, Value,
};
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyBool, PyDict, PyFloat, PyInt, PyMapping, PyString},
};

/// Makes metrics.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct Meter {
    inner: Inner,
}

impl Meter {
    pub(crate) fn new(inner: Inner) -> Self {
        Self { inner }
    }
}

#[pymethods]
impl Meter {
    #[getter]
    fn attributes(&self) -> MetricAttributes {
        MetricAttributes(self.inner.labels().clone())
    }

    fn metric(
        &self,
        kind: &str,
        name: &str,
        description: Option<&str>,
        unit: Option<&str>,
    ) -> PyResult<Metric> {
        let kind = match kind {
            "counter" => Kind::Counter,
            "gauge" => Kind::Gauge,
            "gauge_float" => Kind::GaugeFloat,
            "histogram" => Kind::Histogram,
            "histogram_float" => Kind::HistogramFloat,
            "histogram_duration" => Kind::HistogramDuration,
            other => {
                return Err(PyValueError::new_err(format!(
                    "no kind of metric: {other:?}"
                )));
            }
        };
        let mut about = About::new(kind, name);
        let told = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(Into::into);
        about.description = told(description);
        about.unit = told(unit);
        Ok(Metric {
            instrument: self.inner.instrument(about),
            kind,
        })
    }
}

/// Takes values of one metric.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct Metric {
    instrument: Arc<dyn Instrument>,
    kind: Kind,
}

#[pymethods]
impl Metric {
    fn record(&self, value: &Bound<'_, PyAny>, attributes: &MetricAttributes) -> PyResult<()> {
        let value = match self.kind {
            Kind::Counter | Kind::Gauge | Kind::Histogram => Value::Whole(value.extract()?),
            Kind::GaugeFloat | Kind::HistogramFloat => Value::Real(value.extract()?),
            Kind::HistogramDuration => Value::Time(Duration::from_millis(value.extract()?)),
        };
        self.instrument.series(&attributes.0).record(value);
        Ok(())
    }
}

/// Names and values of labels.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct MetricAttributes(Labels);

#[pymethods]
impl MetricAttributes {
    fn with_additional_attributes(&self, attributes: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut added = Vec::new();
        for item in attributes.cast::<PyMapping>()?.items()? {
            let (name, value) = item.extract::<(String, Bound<'_, PyAny>)>()?;
            let value = label_value(&name, &value)?;
            added.push((name, value));
        }
        Ok(Self(self.0.with(added)))
    }
}

fn label_value(name: &str, value: &Bound<'_, PyAny>) -> PyResult<LabelValue> {
    // A bool is an int as well.
    Ok(if value.is_instance_of::<PyBool>() {
        LabelValue::Flag(value.extract()?)
    } else if value.is_instance_of::<PyString>() {
        LabelValue::Text(value.extract::<String>()?.into())
    } else if value.is_instance_of::<PyInt>() {
        match value.extract() {
            Ok(number) => LabelValue::Whole(number),
            // Too large, but not for a float.
            Err(_) => LabelValue::Real(value.extract()?),
        }
    } else if value.is_instance_of::<PyFloat>() {
        LabelValue::Real(value.extract()?)
    } else {
        return Err(PyTypeError::new_err(format!(
            "Invalid value type for key {name:?}: expected str, int, float or bool, got {}",
            value.get_type().qualname()?
        )));
    })
}

/// As user code gave them.
pub(crate) fn to_dict<'py>(py: Python<'py>, labels: &Labels) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, value) in labels.iter() {
        match value {
            LabelValue::Text(text) => dict.set_item(name, &**text)?,
            LabelValue::Whole(number) => dict.set_item(name, number)?,
            LabelValue::Real(number) => dict.set_item(name, number)?,
            LabelValue::Flag(flag) => dict.set_item(name, flag)?,
        }
    }
    Ok(dict)
}
