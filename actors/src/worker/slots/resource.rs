//! Slots as long as memory and processors are used less than they should be.
//!
//! Two controllers compare what is in use with what should be, ten times a second; while both say that
//! there is room, slots are given, one after the other. A minimum is given whatever they say.

use std::{
    pin::pin,
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;
use pid::Pid;
use tokio::{sync::Notify, time::Instant};

use super::{
    SlotGrant, SlotInfo, SlotKind, SlotRequest, SlotSupplier,
    usage::{Usage, UsageGauge},
};
use crate::telemetry::{Meter, ResourceMetrics};

const MEASURED_EVERY: Duration = Duration::from_millis(100);
/// Metrics are shown every so many measurements: each second.
const SHOWN_AFTER: u32 = 10;
const PROPORTIONAL: f64 = 5.0;
const DERIVATIVE: f64 = 1.0;
const LIMIT: f64 = 100.0;
/// What the controllers must say at least for there to be room.
const MEMORY_THRESHOLD: f64 = 0.25;
const CPU_THRESHOLD: f64 = 0.05;

/// Shares between 0 and 1 that should be in use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TargetUsage {
    pub memory: f64,
    pub cpu: f64,
}

/// Watches memory and processors for all kinds of slots that are given by them.
pub struct ResourceTuner {
    has_room: AtomicBool,
    /// Set when a worker with metrics uses it.
    metrics: OnceLock<ResourceMetrics>,
}

impl ResourceTuner {
    /// Begins to measure, on a thread of its own that ends with it.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn start(target: TargetUsage) -> std::io::Result<Arc<Self>> {
        let mut gauge = UsageGauge::new();
        let mut controllers = Controllers::new(target);
        let tuner = Arc::new(Self {
            has_room: AtomicBool::new(controllers.see(gauge.measure()).has_room()),
            metrics: OnceLock::new(),
        });
        let watched = Arc::downgrade(&tuner);
        thread::Builder::new()
            .name("temporal_resources".into())
            .spawn(move || watch(&watched, &mut gauge, &mut controllers))?;
        Ok(tuner)
    }

    fn has_room(&self) -> bool {
        self.has_room.load(Ordering::Acquire)
    }
}

fn watch(tuner: &Weak<ResourceTuner>, gauge: &mut UsageGauge, controllers: &mut Controllers) {
    for measurement in 1_u32.. {
        thread::sleep(MEASURED_EVERY);
        let Some(tuner) = tuner.upgrade() else {
            return;
        };
        let usage = gauge.measure();
        let outputs = controllers.see(usage);
        tuner.has_room.store(outputs.has_room(), Ordering::Release);
        if measurement.is_multiple_of(SHOWN_AFTER)
            && let Some(metrics) = tuner.metrics.get()
        {
            metrics.show([usage.memory, usage.cpu], [outputs.memory, outputs.cpu]);
        }
    }
}

/// What the controllers say: positive is room.
#[derive(Clone, Copy, Debug)]
struct Outputs {
    memory: f64,
    cpu: f64,
}

impl Outputs {
    fn has_room(self) -> bool {
        self.memory > MEMORY_THRESHOLD && self.cpu > CPU_THRESHOLD
    }
}

struct Controllers {
    memory: Pid<f64>,
    cpu: Pid<f64>,
}

impl Controllers {
    fn new(target: TargetUsage) -> Self {
        let controller = |target| {
            let mut controller = Pid::new(target, LIMIT);
            controller.p(PROPORTIONAL, LIMIT).d(DERIVATIVE, LIMIT);
            controller
        };
        Self {
            memory: controller(target.memory),
            cpu: controller(target.cpu),
        }
    }

    /// Takes a measurement.
    fn see(&mut self, usage: Usage) -> Outputs {
        Outputs {
            memory: self.memory.next_control_output(usage.memory).output,
            cpu: self.cpu.next_control_output(usage.cpu).output,
        }
    }
}

/// How many slots there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceLimits {
    /// Given whatever is in use.
    pub minimum: usize,
    pub maximum: usize,
    /// Above the minimum, the time from one slot to the next: tasks show only later what they need.
    pub ramp_throttle: Duration,
}

/// The slots of one kind of task.
pub struct ResourceSlots {
    shared: Arc<Shared>,
}

struct Shared {
    tuner: Arc<ResourceTuner>,
    limits: ResourceLimits,
    given: Mutex<Given>,
    came_back: Notify,
}

#[derive(Default)]
struct Given {
    normal: usize,
    sticky: usize,
    last: Option<Instant>,
}

/// Why there is no slot.
enum Wait {
    For(Duration),
    UntilOneComesBack,
}

impl ResourceSlots {
    pub fn new(tuner: Arc<ResourceTuner>, limits: ResourceLimits) -> Self {
        Self {
            shared: Arc::new(Shared {
                tuner,
                limits,
                given: Mutex::default(),
                came_back: Notify::new(),
            }),
        }
    }
}

impl Shared {
    fn try_give(self: &Arc<Self>, request: SlotRequest) -> Result<Grant, Wait> {
        let mut given = self.given.lock();
        let now = Instant::now();
        self.may_give(&given, request, now)?;
        given.last = Some(now);
        *given.of(request.is_sticky) += 1;
        Ok(Grant {
            shared: self.clone(),
            is_sticky: request.is_sticky,
        })
    }

    fn may_give(&self, given: &Given, request: SlotRequest, now: Instant) -> Result<(), Wait> {
        let limits = self.limits;
        let count = given.normal + given.sticky;
        // Of workflow tasks, there is always one slot for each of the two queues.
        let is_first = request.kind == SlotKind::Workflow
            && match request.is_sticky {
                true => given.sticky == 0,
                false => given.normal == 0,
            };
        if count < limits.minimum || is_first {
            return Ok(());
        }
        if count >= limits.maximum {
            return Err(Wait::UntilOneComesBack);
        }
        let due = given.last.map(|last| last + limits.ramp_throttle);
        if let Some(wait) = due.and_then(|due| due.checked_duration_since(now))
            && !wait.is_zero()
        {
            return Err(Wait::For(wait));
        }
        if self.tuner.has_room() {
            return Ok(());
        }
        Err(Wait::For(MEASURED_EVERY))
    }
}

impl Given {
    fn of(&mut self, is_sticky: bool) -> &mut usize {
        match is_sticky {
            true => &mut self.sticky,
            false => &mut self.normal,
        }
    }
}

impl SlotSupplier for ResourceSlots {
    fn reserve(&self, request: SlotRequest) -> BoxFuture<'static, Box<dyn SlotGrant>> {
        let shared = self.shared.clone();
        async move {
            loop {
                // Waits from before the look on, or what comes back in between would be missed.
                let mut came_back = pin!(shared.came_back.notified());
                came_back.as_mut().enable();
                let wait = match shared.try_give(request) {
                    Ok(grant) => return Box::new(grant) as Box<dyn SlotGrant>,
                    Err(wait) => wait,
                };
                match wait {
                    Wait::UntilOneComesBack => came_back.await,
                    Wait::For(time) => {
                        // What comes back may make room as well.
                        let _ = tokio::time::timeout(time, came_back).await;
                    }
                }
            }
        }
        .boxed()
    }

    fn try_reserve(&self, request: SlotRequest) -> BoxFuture<'static, Option<Box<dyn SlotGrant>>> {
        let given = self.shared.try_give(request).ok();
        std::future::ready(given.map(|grant| Box::new(grant) as Box<dyn SlotGrant>)).boxed()
    }

    fn size(&self) -> Option<usize> {
        Some(self.shared.limits.maximum)
    }

    fn show_on(&self, meter: &Meter) {
        // Workers that share a tuner show the same; it does so for the first of them.
        let _ = self.shared.tuner.metrics.set(ResourceMetrics::new(meter));
    }
}

struct Grant {
    shared: Arc<Shared>,
    is_sticky: bool,
}

impl SlotGrant for Grant {
    fn used_by(&mut self, _: SlotInfo) {}
}

impl Drop for Grant {
    fn drop(&mut self) {
        *self.shared.given.lock().of(self.is_sticky) -= 1;
        self.shared.came_back.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NORMAL: SlotRequest = SlotRequest {
        kind: SlotKind::Workflow,
        is_sticky: false,
    };
    const STICKY: SlotRequest = SlotRequest {
        is_sticky: true,
        ..NORMAL
    };
    const ACTIVITY: SlotRequest = SlotRequest {
        kind: SlotKind::Activity,
        ..NORMAL
    };

    fn slots(limits: (usize, usize, u64), has_room: bool) -> ResourceSlots {
        let (minimum, maximum, ramp) = limits;
        let tuner = Arc::new(ResourceTuner {
            has_room: AtomicBool::new(has_room),
            metrics: OnceLock::new(),
        });
        let limits = ResourceLimits {
            minimum,
            maximum,
            ramp_throttle: Duration::from_millis(ramp),
        };
        ResourceSlots::new(tuner, limits)
    }

    fn take(slots: &ResourceSlots, request: SlotRequest) -> Option<Grant> {
        slots.shared.try_give(request).ok()
    }

    /// N35: there is room below the targets only, and the more the measurements rise, the less.
    #[test]
    fn the_controllers_compare_with_the_targets() {
        let target = TargetUsage {
            memory: 0.8,
            cpu: 0.9,
        };
        let usage = |memory, cpu| Usage { memory, cpu };
        let mut controllers = Controllers::new(target);
        assert!(controllers.see(usage(0.5, 0.5)).has_room());
        // The rise counts as well as the distance: 5 x 0.1 - 0.2 is above 0.25, 5 x 0.04 - 0.06 is not.
        assert!(controllers.see(usage(0.7, 0.5)).has_room());
        assert!(!controllers.see(usage(0.76, 0.5)).has_room());
        assert!(!controllers.see(usage(0.7, 0.895)).has_room());
        assert!(!controllers.see(usage(0.7, 1.0)).has_room());
        assert!(controllers.see(usage(0.7, 0.5)).has_room());
    }

    #[tokio::test(start_paused = true)]
    async fn without_room_there_is_the_minimum_and_one_for_each_queue() {
        let workflows = slots((1, 10, 0), false);
        let normal = take(&workflows, NORMAL).expect("the minimum");
        let sticky = take(&workflows, STICKY).expect("the first sticky one");
        assert!(take(&workflows, NORMAL).is_none());
        assert!(take(&workflows, STICKY).is_none());
        drop((normal, sticky));
        let activities = slots((2, 10, 0), false);
        let held = [take(&activities, ACTIVITY), take(&activities, ACTIVITY)];
        assert!(held.iter().all(Option::is_some));
        assert!(take(&activities, ACTIVITY).is_none());
        let waiting = activities.reserve(ACTIVITY);
        activities
            .shared
            .tuner
            .has_room
            .store(true, Ordering::Release);
        let begun = Instant::now();
        waiting.await;
        assert!(begun.elapsed() <= MEASURED_EVERY);
    }

    #[tokio::test(start_paused = true)]
    async fn slots_above_the_minimum_come_one_after_the_other_up_to_the_maximum() {
        let activities = slots((1, 3, 50), true);
        let begun = Instant::now();
        let first = activities.reserve(ACTIVITY).await;
        let second = activities.reserve(ACTIVITY).await;
        assert_eq!(begun.elapsed(), Duration::from_millis(50));
        assert!(take(&activities, ACTIVITY).is_none(), "too early");
        let third = activities.reserve(ACTIVITY).await;
        assert_eq!(begun.elapsed(), Duration::from_millis(100));
        assert!(activities.reserve(ACTIVITY).now_or_never().is_none());
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(
            activities.reserve(ACTIVITY).now_or_never().is_none(),
            "all are given"
        );
        drop(second);
        assert!(activities.reserve(ACTIVITY).now_or_never().is_some());
        drop((first, third));
    }

    #[test]
    fn the_thread_ends_with_its_tuner() {
        let target = TargetUsage {
            memory: 0.9,
            cpu: 0.9,
        };
        let tuner = ResourceTuner::start(target).expect("a thread can be started");
        let weak = Arc::downgrade(&tuner);
        drop(tuner);
        assert!(weak.upgrade().is_none());
    }
}
