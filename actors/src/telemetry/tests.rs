//! All that is counted has the names, kinds and labels of the Temporal SDKs.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use prost_types::Timestamp;
use tonic::Status;

use super::*;

fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds, nanos: 0 })
}

fn count_everything(meter: &Meter) {
    let second = Duration::from_secs(1);
    let worker = WorkerMetrics::new(Some(meter.clone()), "namespace", "queue");
    worker.worker_started();
    worker.workflow_poll(None);
    worker.workflow_poll(Some([at(1), at(2)]));
    worker.activity_poll_was_empty();
    let types = ("activity", "Workflow");
    worker.activity_came(types, true);
    worker.activity_begins(at(1), at(2));
    worker.cache_size().show(1);
    worker.cache_missed();
    worker.run_was_evicted();
    let abandoned = worker.abandoned_runs().expect("there is a meter");
    abandoned.record(Value::Whole(1));
    worker.polls(PollerType::Workflow).show(1);
    worker.slots(WorkerType::Workflow).show(|| (Some(2), 1));
    let workflow = worker.of_workflow("Workflow").expect("there is a meter");
    workflow.found_in_cache();
    workflow.replayed(second);
    workflow.task_answered(second);
    workflow.task_failed("WorkflowError");
    for end in [
        WorkflowEnd::Completed,
        WorkflowEnd::Failed,
        WorkflowEnd::Cancelled,
        WorkflowEnd::ContinuedAsNew,
    ] {
        workflow.ended(end, at(1));
    }
    for of in [WorkerMetrics::of_activity, WorkerMetrics::of_local_activity] {
        let activity = of(&worker, types).expect("there is a meter");
        activity.begins();
        for end in [
            AttemptEnd::Completed,
            AttemptEnd::TimedOut,
            AttemptEnd::Cancelled,
        ] {
            activity.ended(end, second, at(1));
        }
    }
    let requests = RequestMetrics::new(meter.clone());
    let call = || CallLabels {
        operation: "Call".into(),
        namespace: None,
        task_queue: Some("queue".into()),
    };
    for is_long in [false, true] {
        let labels = requests.begins(call(), is_long);
        requests.ended(&labels, is_long, Some(&Status::not_found("gone")), second);
    }
    ResourceMetrics::new(meter).show([0.5; 2], [1.0; 2]);
}

/// By name: kind, and the names of the labels.
fn counted() -> BTreeMap<String, (Kind, String)> {
    let buffer = Arc::new(MetricBuffer::new(1_000));
    let labels = Labels::new([("service_name", "service")]);
    count_everything(&Meter::new(buffer.clone(), "temporal_", labels));
    let updates = buffer.take();
    let described = updates.iter().map(|update| {
        let names: Vec<_> = update.labels.iter().map(|(name, _)| name).collect();
        let name = update.about.name.strip_prefix("temporal_");
        let name = name.expect("our own have the prefix").to_owned();
        assert!(update.about.description.is_some(), "{name}");
        (name, (update.about.kind, names.join(" ")))
    });
    described.collect()
}

/// N46, but for Nexus, which is not there yet.
#[test]
fn names_kinds_and_labels_are_those_of_the_sdks() {
    const OF_WORKER: &str = "namespace service_name task_queue";
    const OF_WORKFLOW: &str = "namespace service_name task_queue workflow_type";
    const OF_ACTIVITY: &str = "activity_type namespace service_name task_queue workflow_type";
    const FAILED_ACTIVITY: &str =
        "activity_type failure_reason namespace service_name task_queue workflow_type";
    const OF_CALL: &str = "operation service_name task_queue";
    const FAILED_CALL: &str = "operation service_name status_code task_queue";
    let (counter, gauge, latency) = (Kind::Counter, Kind::Gauge, Kind::HistogramDuration);
    let expected = [
        ("worker_start", counter, OF_WORKER),
        ("workflow_task_queue_poll_empty", counter, OF_WORKER),
        ("workflow_task_queue_poll_succeed", counter, OF_WORKER),
        (
            "workflow_task_schedule_to_start_latency",
            latency,
            OF_WORKER,
        ),
        ("activity_poll_no_task", counter, OF_WORKER),
        ("activity_schedule_to_start_latency", latency, OF_WORKER),
        ("sticky_cache_miss", counter, OF_WORKER),
        ("sticky_cache_size", gauge, OF_WORKER),
        ("sticky_cache_total_forced_eviction", counter, OF_WORKER),
        // Our own: PROMISES 14.
        ("workflow_run_abandoned", counter, OF_WORKER),
        (
            "num_pollers",
            gauge,
            "namespace poller_type service_name task_queue",
        ),
        (
            "worker_task_slots_available",
            gauge,
            "namespace service_name task_queue worker_type",
        ),
        (
            "worker_task_slots_used",
            gauge,
            "namespace service_name task_queue worker_type",
        ),
        ("sticky_cache_hit", counter, OF_WORKFLOW),
        ("workflow_completed", counter, OF_WORKFLOW),
        ("workflow_canceled", counter, OF_WORKFLOW),
        ("workflow_failed", counter, OF_WORKFLOW),
        ("workflow_continue_as_new", counter, OF_WORKFLOW),
        ("workflow_endtoend_latency", latency, OF_WORKFLOW),
        ("workflow_task_replay_latency", latency, OF_WORKFLOW),
        ("workflow_task_execution_latency", latency, OF_WORKFLOW),
        (
            "workflow_task_execution_failed",
            counter,
            "failure_reason namespace service_name task_queue workflow_type",
        ),
        (
            "activity_task_received",
            counter,
            "activity_type eager namespace service_name task_queue workflow_type",
        ),
        ("activity_execution_failed", counter, FAILED_ACTIVITY),
        ("activity_execution_latency", latency, OF_ACTIVITY),
        ("activity_succeed_endtoend_latency", latency, OF_ACTIVITY),
        ("local_activity_total", counter, OF_ACTIVITY),
        ("local_activity_execution_cancelled", counter, OF_ACTIVITY),
        ("local_activity_execution_failed", counter, FAILED_ACTIVITY),
        ("local_activity_execution_latency", latency, OF_ACTIVITY),
        (
            "local_activity_succeed_endtoend_latency",
            latency,
            OF_ACTIVITY,
        ),
        ("request", counter, OF_CALL),
        ("request_failure", counter, FAILED_CALL),
        ("request_latency", latency, OF_CALL),
        ("long_request", counter, OF_CALL),
        ("long_request_failure", counter, FAILED_CALL),
        ("long_request_latency", latency, OF_CALL),
        ("resource_slots_mem_usage", Kind::GaugeFloat, "service_name"),
        (
            "resource_slots_mem_pid_output",
            Kind::GaugeFloat,
            "service_name",
        ),
        ("resource_slots_cpu_usage", Kind::GaugeFloat, "service_name"),
        (
            "resource_slots_cpu_pid_output",
            Kind::GaugeFloat,
            "service_name",
        ),
    ];
    let expected: BTreeMap<_, _> = expected
        .into_iter()
        .map(|(name, kind, labels)| (name.to_owned(), (kind, labels.to_owned())))
        .collect();
    assert_eq!(counted(), expected);
}

#[test]
fn without_a_meter_nothing_is_counted() {
    let worker = WorkerMetrics::new(None, "namespace", "queue");
    worker.worker_started();
    assert!(worker.of_workflow("Workflow").is_none());
    assert!(worker.of_activity(("activity", "Workflow")).is_none());
    worker
        .slots(WorkerType::Activity)
        .show(|| panic!("nobody looks"));
}
