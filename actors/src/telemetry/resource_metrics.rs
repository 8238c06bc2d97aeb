//! What is shown of slots that are given by the resources in use.

use super::{
    meter::{Kind, Meter, Series, Value},
    own::Own,
};

/// Of the whole process: they carry no namespace and no task queue.
pub(crate) struct ResourceMetrics {
    memory: Shown,
    cpu: Shown,
}

struct Shown {
    usage: Own,
    output: Own,
}

impl ResourceMetrics {
    pub(crate) fn new(meter: &Meter) -> Self {
        let gauge = |name, description| {
            Own::new(meter, meter.labels(), (Kind::GaugeFloat, name, description))
        };
        Self {
            memory: Shown {
                usage: gauge("resource_slots_mem_usage", "Memory in use, in percent"),
                output: gauge(
                    "resource_slots_mem_pid_output",
                    "What the controller of memory says: above its threshold there is room",
                ),
            },
            cpu: Shown {
                usage: gauge("resource_slots_cpu_usage", "Processors in use, in percent"),
                output: gauge(
                    "resource_slots_cpu_pid_output",
                    "What the controller of processors says: above its threshold there is room",
                ),
            },
        }
    }

    /// Shares in use and outputs, of memory and of processors.
    pub(crate) fn show(&self, usage: [f64; 2], outputs: [f64; 2]) {
        for (index, shown) in [&self.memory, &self.cpu].into_iter().enumerate() {
            shown.usage.record(Value::Real(usage[index] * 100.0));
            shown.output.record(Value::Real(outputs[index]));
        }
    }
}
