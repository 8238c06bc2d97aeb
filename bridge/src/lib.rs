//! PyO3 shells over the actors. Nothing is decided here: it converts, hands over and returns.

mod activation;
mod activities;
mod activity_task;
mod buffered_metrics;
mod commands;
mod connection;
mod errors;
mod event_loop;
mod lanes;
mod loop_handler;
mod loop_mailbox;
mod metrics;
mod payload_groups;
mod pending_activities;
mod raw_payload;
mod replayer;
mod runtime;
mod sandbox;
mod slot_suppliers;
mod start_request;
mod storage_reference;
mod thread_interrupt;
mod values;
mod waker;
mod wire;
mod worker;
mod worker_snapshot;
mod workflow_calls;

use pyo3::prelude::*;

/// One line per class and exception that Python sees; `_callboard.pyi` describes them.
#[pymodule]
mod _callboard {
    #[pymodule_export]
    use crate::activation::{
        Activation, ActivityJob, CancelJob, ChildWorkflowJob, ChildWorkflowStartJob, EvictJob,
        ExternalCancelJob, ExternalSignalJob, InitializeJob, PatchJob, QueryJob, SeedJob,
        SignalJob, TimerJob, UpdateJob,
    };
    #[pymodule_export]
    use crate::activities::ActivityCancel;
    #[pymodule_export]
    use crate::activity_task::ActivityTask;
    #[pymodule_export]
    use crate::buffered_metrics::{BufferedMetric, BufferedMetricUpdate};
    #[pymodule_export]
    use crate::commands::Commands;
    #[pymodule_export]
    use crate::connection::Connection;
    #[pymodule_export]
    use crate::errors::{RpcFailure, WorkerFailure};
    #[pymodule_export]
    use crate::event_loop::{EventLoop, Handle, TimerHandle};
    #[pymodule_export]
    use crate::lanes::{
        LaneDriver, count_abandoned_run, hold_if_written_off, off_the_clock, park_thread,
    };
    #[pymodule_export]
    use crate::metrics::{Meter, Metric, MetricAttributes};
    #[pymodule_export]
    use crate::pending_activities::{ActivityExecution, PendingActivities, PendingActivity};
    #[pymodule_export]
    use crate::raw_payload::RawPayload;
    #[pymodule_export]
    use crate::replayer::Replayer;
    #[pymodule_export]
    use crate::runtime::Runtime;
    #[pymodule_export]
    use crate::sandbox::{SandboxInstallation, SandboxOverlay, SandboxState};
    #[pymodule_export]
    use crate::slot_suppliers::{ResourceTuner, SlotReservation};
    #[pymodule_export]
    use crate::start_request::StartRequest;
    #[pymodule_export]
    use crate::thread_interrupt::ThreadInterrupt;
    #[pymodule_export]
    use crate::values::{UnchangedClasses, Values};
    #[pymodule_export]
    use crate::worker::Worker;
    #[pymodule_export]
    use crate::workflow_calls::StartAnswer;

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::lanes::install_exit(module)
    }
}
