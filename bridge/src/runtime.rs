//! The shell of a runtime: threads for actors and connections, and where metrics go.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal},
    process,
    sync::{Arc, Once},
    thread,
};

use callboard_actors::{
    runtime::{Runtime as Inner, RuntimeOptions},
    telemetry::{
        Exporter, Labels, Meter as InnerMeter, MetricBuffer, Prometheus, PrometheusOptions,
        ScrapeServer,
    },
};
use pyo3::prelude::*;
use tokio::runtime::Handle;
use tracing::Level;

use crate::{
    buffered_metrics::{self, BufferedMetricUpdate},
    errors::BridgeError,
    metrics::Meter,
};

/// Threads for connections and workers. They end when nothing uses it any more.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct Runtime {
    shared: Arc<SharedRuntime>,
    buffer: Option<Arc<MetricBuffer>>,
}

/// What the objects of a runtime keep of it.
pub(crate) struct SharedRuntime {
    process_id: u32,
    /// None once it is dropped.
    inner: Option<Inner>,
    _scrapes: Option<ScrapeServer>,
}

impl SharedRuntime {
    /// Where actors and connections run.
    ///
    /// # Errors
    /// In a child forked after the runtime was made: its threads exist in the parent only, so every
    /// call would wait for ever.
    pub(crate) fn get(&self) -> Result<&Inner, BridgeError> {
        if self.process_id != process::id() {
            return Err(BridgeError::State(
                "the runtime was started before this process was forked and cannot be used in the \
                 child: fork (or use the spawn start method) before the first client or worker is made"
                    .into(),
            ));
        }
        self.inner
            .as_ref()
            .ok_or_else(|| BridgeError::State("the runtime has ended".into()))
    }

    /// Where Rust futures run.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(crate) fn handle(&self) -> Result<&Handle, BridgeError> {
        Ok(self.get()?.handle())
    }
}

impl Drop for SharedRuntime {
    /// It ends on a thread of its own: whoever drops it may hold the GIL, or be one of its threads.
    fn drop(&mut self) {
        let Some(inner) = self.inner.take() else {
            return;
        };
        if self.process_id != process::id() {
            // A fork has no threads to end.
            std::mem::forget(inner);
            return;
        }
        let end = thread::Builder::new().name("temporal_runtime_end".into());
        if let Err(error) = end.spawn(move || drop(inner)) {
            tracing::warn!(%error, "the threads of a runtime are left behind");
        }
    }
}

/// Address, total suffix, unit suffix, durations as seconds, buckets by part of a name.
type PrometheusArgument = (String, bool, bool, bool, BTreeMap<String, Vec<f64>>);

#[pymethods]
impl Runtime {
    #[new]
    #[pyo3(signature = (*, prometheus, buffer_size, metric_prefix, service_name, global_tags))]
    fn new(
        prometheus: Option<PrometheusArgument>,
        buffer_size: Option<usize>,
        metric_prefix: &str,
        service_name: Option<&str>,
        global_tags: BTreeMap<String, String>,
    ) -> PyResult<Self> {
        show_warnings();
        let mut exporter: Option<Arc<dyn Exporter>> = None;
        let mut scrapes = None;
        if let Some((address, counters_total_suffix, unit_suffix, as_seconds, buckets)) = prometheus
        {
            let metrics = Arc::new(Prometheus::new(PrometheusOptions {
                counters_total_suffix,
                unit_suffix,
                durations_as_seconds: as_seconds,
                bucket_overrides: buckets,
                global_tags,
            }));
            let server = ScrapeServer::start(&address, metrics.clone())
                .map_err(|error| BridgeError::Value(error.to_string()))?;
            scrapes = Some(server);
            exporter = Some(metrics);
        }
        let buffer = buffer_size.map(|size| Arc::new(MetricBuffer::new(size)));
        if let Some(buffer) = buffer.clone() {
            exporter = Some(buffer);
        }
        let labels = Labels::new(service_name.map(|name| ("service_name", name)));
        let meter = exporter.map(|exporter| InnerMeter::new(exporter, metric_prefix, labels));
        let options = RuntimeOptions {
            meter,
            ..RuntimeOptions::default()
        };
        let inner = Inner::new(options)
            .map_err(|error| BridgeError::State(format!("cannot start the runtime: {error}")))?;
        let shared = SharedRuntime {
            process_id: process::id(),
            inner: Some(inner),
            _scrapes: scrapes,
        };
        Ok(Self {
            shared: Arc::new(shared),
            buffer,
        })
    }

    #[getter]
    fn meter(&self) -> PyResult<Option<Meter>> {
        Ok(self.shared.get()?.meter().cloned().map(Meter::new))
    }

    #[pyo3(signature = (*, durations_as_seconds))]
    fn retrieve_updates(
        &self,
        py: Python<'_>,
        durations_as_seconds: bool,
    ) -> PyResult<Vec<BufferedMetricUpdate>> {
        let updates = self.buffer.as_ref().map(|buffer| buffer.take());
        buffered_metrics::read(py, updates.unwrap_or_default(), durations_as_seconds)
    }
}

impl Runtime {
    pub(crate) fn share(&self) -> Arc<SharedRuntime> {
        Arc::clone(&self.shared)
    }
}

/// Has warnings and errors of all runtimes written to standard error, which needs no GIL.
fn show_warnings() {
    static SHOWN: Once = Once::new();
    SHOWN.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(Level::WARN)
            .with_ansi(io::stderr().is_terminal())
            .with_writer(io::stderr);
        // Whoever embeds us may have been first.
        let _ = subscriber.try_init();
    });
}
