//! What is counted of a worker. Names and labels are those of the Temporal SDKs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use dashmap::DashMap;
use parking_lot::Mutex;
use prost_types::Timestamp;

use super::{
    activity_metrics::ActivityMetrics,
    labels::Labels,
    meter::{Kind, Meter, Series, Value},
    own::Own,
    workflow_metrics::WorkflowMetrics,
};

/// The metrics of one worker; without a meter nothing is counted. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct WorkerMetrics(Option<Arc<Counted>>);

struct Counted {
    meter: Meter,
    labels: Labels,
    worker_start: Own,
    workflow_poll_succeed: Own,
    workflow_poll_empty: Own,
    workflow_schedule_to_start: Own,
    activity_poll_no_task: Own,
    activity_schedule_to_start: Own,
    cache_miss: Own,
    forced_eviction: Own,
    abandoned: Arc<Own>,
    workflows: DashMap<String, Arc<WorkflowMetrics>>,
    /// By activity type and workflow type.
    activities: DashMap<(String, String), Arc<ActivityMetrics>>,
    local_activities: DashMap<(String, String), Arc<ActivityMetrics>>,
}

/// The pollers that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PollerType {
    Workflow,
    StickyWorkflow,
    Activity,
}

/// The slots that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WorkerType {
    Workflow,
    Activity,
    LocalActivity,
}

impl WorkerMetrics {
    pub(crate) fn new(meter: Option<Meter>, namespace: &str, task_queue: &str) -> Self {
        Self(meter.map(|meter| Arc::new(Counted::new(meter, namespace, task_queue))))
    }

    pub(crate) fn worker_started(&self) {
        self.with(|counted| counted.worker_start.count());
    }

    pub(crate) fn workflow_poll(&self, came: Option<[Option<Timestamp>; 2]>) {
        self.with(|counted| match came {
            None => counted.workflow_poll_empty.count(),
            Some([scheduled, started]) => {
                counted.workflow_poll_succeed.count();
                if let Some(waited) = between(scheduled, started) {
                    counted
                        .workflow_schedule_to_start
                        .record(Value::Time(waited));
                }
            }
        });
    }

    pub(crate) fn activity_poll_was_empty(&self) {
        self.with(|counted| counted.activity_poll_no_task.count());
    }

    /// A task came by a poll, or with the answer to a workflow task.
    pub(crate) fn activity_came(&self, types: (&str, &str), is_eager: bool) {
        self.with(|counted| counted.activity(types).received(is_eager));
    }

    pub(crate) fn activity_begins(&self, scheduled: Option<Timestamp>, started: Option<Timestamp>) {
        self.with(|counted| {
            if let Some(waited) = between(scheduled, started) {
                counted
                    .activity_schedule_to_start
                    .record(Value::Time(waited));
            }
        });
    }

    /// None where nothing is counted.
    pub(crate) fn of_activity(&self, types: (&str, &str)) -> Option<Arc<ActivityMetrics>> {
        Some(self.0.as_ref()?.activity(types))
    }

    /// None where nothing is counted.
    pub(crate) fn of_local_activity(&self, types: (&str, &str)) -> Option<Arc<ActivityMetrics>> {
        let counted = self.0.as_ref()?;
        let made = || ActivityMetrics::of_local(&counted.meter, &counted.labels, types);
        Some(find(&counted.local_activities, owned(types), made))
    }

    /// None where nothing is counted.
    pub(crate) fn of_workflow(&self, workflow_type: &str) -> Option<Arc<WorkflowMetrics>> {
        let counted = self.0.as_ref()?;
        let made = || WorkflowMetrics::new(&counted.meter, &counted.labels, workflow_type);
        Some(find(&counted.workflows, workflow_type.to_owned(), made))
    }

    pub(crate) fn cache_size(&self) -> CountGauge {
        self.gauge(|counted| Own::new(&counted.meter, &counted.labels, CACHE_SIZE))
    }

    pub(crate) fn cache_missed(&self) {
        self.with(|counted| counted.cache_miss.count());
    }

    pub(crate) fn run_was_evicted(&self) {
        self.with(|counted| counted.forced_eviction.count());
    }

    /// Counts runs whose code does not let go of them; none where nothing is counted.
    pub(crate) fn abandoned_runs(&self) -> Option<Arc<dyn Series>> {
        Some(self.0.as_ref()?.abandoned.clone())
    }

    pub(crate) fn polls(&self, of: PollerType) -> CountGauge {
        self.gauge(|counted| {
            let poller_type = match of {
                PollerType::Workflow => "workflow_task",
                PollerType::StickyWorkflow => "sticky_workflow_task",
                PollerType::Activity => "activity_task",
            };
            let labels = counted.labels.with([("poller_type", poller_type)]);
            Own::new(&counted.meter, &labels, NUM_POLLERS)
        })
    }

    pub(crate) fn slots(&self, of: WorkerType) -> SlotGauges {
        SlotGauges(self.0.as_ref().map(|counted| {
            let worker_type = match of {
                WorkerType::Workflow => "WorkflowWorker",
                WorkerType::Activity => "ActivityWorker",
                WorkerType::LocalActivity => "LocalActivityWorker",
            };
            let labels = counted.labels.with([("worker_type", worker_type)]);
            let gauge = |about| Own::new(&counted.meter, &labels, about);
            Arc::new(ShownSlots {
                available: gauge(SLOTS_AVAILABLE),
                used: gauge(SLOTS_USED),
                turn: Mutex::new(()),
            })
        }))
    }

    pub(crate) fn meter(&self) -> Option<&Meter> {
        self.0.as_ref().map(|counted| &counted.meter)
    }

    fn gauge(&self, of: impl FnOnce(&Counted) -> Own) -> CountGauge {
        match &self.0 {
            Some(counted) => CountGauge::new(of(counted)),
            None => CountGauge::default(),
        }
    }

    fn with(&self, count: impl FnOnce(&Counted)) {
        if let Some(counted) = &self.0 {
            count(counted);
        }
    }
}

const NUM_POLLERS: (Kind, &str, &str) =
    (Kind::Gauge, "num_pollers", "Polls that are open, by queue");
const CACHE_SIZE: (Kind, &str, &str) = (
    Kind::Gauge,
    "sticky_cache_size",
    "Workflow runs in the cache",
);
const SLOTS_AVAILABLE: (Kind, &str, &str) = (
    Kind::Gauge,
    "worker_task_slots_available",
    "Slots that no task holds",
);
const SLOTS_USED: (Kind, &str, &str) = (
    Kind::Gauge,
    "worker_task_slots_used",
    "Slots that tasks hold",
);

impl Counted {
    fn new(meter: Meter, namespace: &str, task_queue: &str) -> Self {
        let labels = meter
            .labels()
            .with([("namespace", namespace), ("task_queue", task_queue)]);
        let own = |kind, name, description| Own::new(&meter, &labels, (kind, name, description));
        let counter = |name, description| own(Kind::Counter, name, description);
        let latency = |name, description| own(Kind::HistogramDuration, name, description);
        Self {
            worker_start: counter("worker_start", "Workers that were started"),
            workflow_poll_succeed: counter(
                "workflow_task_queue_poll_succeed",
                "Polls that brought a workflow task",
            ),
            workflow_poll_empty: counter(
                "workflow_task_queue_poll_empty",
                "Polls that brought no workflow task",
            ),
            workflow_schedule_to_start: latency(
                "workflow_task_schedule_to_start_latency",
                "Time that workflow tasks wait in their queue",
            ),
            activity_poll_no_task: counter(
                "activity_poll_no_task",
                "Polls that brought no activity task",
            ),
            activity_schedule_to_start: latency(
                "activity_schedule_to_start_latency",
                "Time that activity tasks wait in their queue",
            ),
            cache_miss: counter(
                "sticky_cache_miss",
                "Workflow tasks whose run had left the cache",
            ),
            forced_eviction: counter(
                "sticky_cache_total_forced_eviction",
                "Runs that left the cache before their end",
            ),
            abandoned: Arc::new(counter(
                "workflow_run_abandoned",
                "Runs whose code did not let go of them",
            )),
            workflows: DashMap::new(),
            activities: DashMap::new(),
            local_activities: DashMap::new(),
            labels,
            meter,
        }
    }

    fn activity(&self, types: (&str, &str)) -> Arc<ActivityMetrics> {
        let made = || ActivityMetrics::new(&self.meter, &self.labels, types);
        find(&self.activities, owned(types), made)
    }
}

fn owned((activity_type, workflow_type): (&str, &str)) -> (String, String) {
    (activity_type.to_owned(), workflow_type.to_owned())
}

fn find<K: Eq + std::hash::Hash, V>(
    known: &DashMap<K, Arc<V>>,
    key: K,
    made: impl FnOnce() -> V,
) -> Arc<V> {
    if let Some(known) = known.get(&key) {
        return known.clone();
    }
    known.entry(key).or_insert_with(|| Arc::new(made())).clone()
}

/// How long something took by the server's clock; none if it does not say, or went backwards.
pub(super) fn between(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<Duration> {
    let [from, to] = [from?, to?].map(SystemTime::try_from);
    to.ok()?.duration_since(from.ok()?).ok()
}

/// How long something has taken by now, if the server's clock and ours agree on that it was before.
pub(super) fn since(from: Option<Timestamp>) -> Option<Duration> {
    between(from, Some(SystemTime::now().into()))
}

/// How many there are of something: open polls of a queue, runs in the cache.
#[derive(Clone, Default)]
pub(crate) struct CountGauge(Option<Arc<(Own, AtomicU64)>>);

impl CountGauge {
    fn new(gauge: Own) -> Self {
        Self(Some(Arc::new((gauge, AtomicU64::new(u64::MAX)))))
    }

    /// Recorded where it has changed.
    pub(crate) fn show(&self, count: usize) {
        let Some((gauge, shown)) = self.0.as_deref() else {
            return;
        };
        let count = count as u64;
        if shown.swap(count, Ordering::Relaxed) != count {
            gauge.record(Value::Whole(count));
        }
    }
}

/// How many slots there are, and how many of them tasks hold.
#[derive(Clone, Default)]
pub(crate) struct SlotGauges(Option<Arc<ShownSlots>>);

struct ShownSlots {
    available: Own,
    used: Own,
    /// Held from the look to the showing, so that the last one to show has seen the last change.
    turn: Mutex<()>,
}

impl SlotGauges {
    /// `counts` says how many slots there are, if anybody knows, and how many tasks hold.
    pub(crate) fn show(&self, counts: impl FnOnce() -> (Option<usize>, usize)) {
        let Some(shown) = self.0.as_deref() else {
            return;
        };
        let _turn = shown.turn.lock();
        let (size, used) = counts();
        if let Some(size) = size {
            let available = size.saturating_sub(used);
            shown.available.record(Value::Whole(available as u64));
        }
        shown.used.record(Value::Whole(used as u64));
    }
}
