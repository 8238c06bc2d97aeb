//! Slots that are not of a fixed number: by the resources in use, or as user code says.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use callboard_actors::worker::{
    ResourceLimits, ResourceSlots, ResourceTuner as Inner, SlotGrant, SlotInfo, SlotKind,
    SlotRequest, SlotSupplier, TargetUsage,
};
use futures::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;
use pyo3::{exceptions::PyOSError, intern, prelude::*};
use tokio::sync::oneshot;

use crate::{connection::seconds, errors::BridgeError, loop_handler::LoopHandler};

/// Watches memory and processors for the slots of one worker.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct ResourceTuner {
    inner: Arc<Inner>,
}

#[pymethods]
impl ResourceTuner {
    #[new]
    fn new(target_memory_usage: f64, target_cpu_usage: f64) -> PyResult<Self> {
        for (name, target) in [
            ("target_memory_usage", target_memory_usage),
            ("target_cpu_usage", target_cpu_usage),
        ] {
            if !target.is_finite() {
                let message = format!("{name} must be a finite number, got {target}");
                return Err(BridgeError::Value(message).into());
            }
        }
        let inner = Inner::start(TargetUsage {
            memory: target_memory_usage,
            cpu: target_cpu_usage,
        })
        .map_err(|error| PyOSError::new_err(error.to_string()))?;
        Ok(Self { inner })
    }
}

/// The slots of one kind of task, as Python says them.
#[derive(FromPyObject)]
pub(crate) enum SlotsArgument {
    Fixed(usize),
    /// Tuner, minimum, maximum, seconds from one slot to the next.
    Resources((Py<ResourceTuner>, usize, usize, f64)),
    Custom(Py<PyAny>),
}

/// What a worker is made from: a number, or who decides.
pub(crate) enum SlotsOfKind {
    Fixed(usize),
    Supplied(Arc<dyn SlotSupplier>),
}

impl SlotsArgument {
    /// `suppliers` keeps what user code has to do with.
    pub(crate) fn into_slots(self, suppliers: &mut Vec<LoopSlots>) -> PyResult<SlotsOfKind> {
        Ok(match self {
            Self::Fixed(count) => SlotsOfKind::Fixed(count),
            Self::Resources((tuner, minimum, maximum, ramp_throttle)) => {
                let limits = ResourceLimits {
                    minimum,
                    maximum,
                    ramp_throttle: seconds("ramp_throttle", ramp_throttle)?,
                };
                let slots = ResourceSlots::new(tuner.get().inner.clone(), limits);
                SlotsOfKind::Supplied(Arc::new(slots))
            }
            Self::Custom(handler) => {
                let slots = LoopSlots::new(handler);
                suppliers.push(slots.clone());
                SlotsOfKind::Supplied(Arc::new(slots))
            }
        })
    }
}

impl SlotsOfKind {
    /// The number for the configuration, where a supplier makes it unimportant.
    pub(crate) fn number(&self) -> usize {
        match self {
            Self::Fixed(count) => *count,
            Self::Supplied(_) => 1,
        }
    }

    pub(crate) fn supplier(self) -> Option<Arc<dyn SlotSupplier>> {
        match self {
            Self::Fixed(_) => None,
            Self::Supplied(supplier) => Some(supplier),
        }
    }
}

/// Asks a supplier of the user's, on the loop that the worker runs on. Permits stay in Python; here
/// each has a number, which is that of the question it was the answer to.
#[derive(Clone)]
pub(crate) struct LoopSlots {
    pub(crate) handler: LoopHandler,
    questions: Arc<Questions>,
}

#[derive(Default)]
struct Questions {
    last: AtomicU64,
    /// Who waits for an answer: whether there is a slot.
    waiting: Mutex<HashMap<u64, oneshot::Sender<bool>>>,
}

impl LoopSlots {
    fn new(handler: Py<PyAny>) -> Self {
        Self {
            handler: LoopHandler::new(handler),
            questions: Arc::default(),
        }
    }

    /// Asks; the answer comes when Python calls the reservation, or never.
    fn ask(&self, method: &'static str, request: SlotRequest) -> Asked {
        let (answer, wait) = oneshot::channel();
        let number = self.questions.last.fetch_add(1, Ordering::Relaxed);
        self.questions.waiting.lock().insert(number, answer);
        let slots = self.clone();
        self.handler.post(move |handler| {
            let reservation = SlotReservation { slots, number };
            let kind = slot_type(request.kind);
            handler.call_method1(method, (kind, request.is_sticky, reservation))?;
            Ok(())
        });
        Asked {
            slots: self.clone(),
            number,
            wait,
        }
    }

    fn grant(&self, number: u64) -> Box<dyn SlotGrant> {
        Box::new(Grant {
            slots: self.clone(),
            number,
            task: None,
        })
    }
}

/// A question that was asked. Dropped before its answer, it takes the wish back.
struct Asked {
    slots: LoopSlots,
    number: u64,
    wait: oneshot::Receiver<bool>,
}

impl Asked {
    /// The number of the permit, if there is one.
    async fn answer(mut self) -> Option<u64> {
        let is_granted = (&mut self.wait).await.unwrap_or_default();
        is_granted.then_some(self.number)
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        let number = self.number;
        if self
            .slots
            .questions
            .waiting
            .lock()
            .remove(&number)
            .is_some()
        {
            self.slots.handler.post(move |handler| {
                handler.call_method1(intern!(handler.py(), "cancel"), (number,))?;
                Ok(())
            });
            return;
        }
        // No answer comes any more; one that nobody has taken goes back.
        self.wait.close();
        if let Ok(true) = self.wait.try_recv() {
            drop(self.slots.grant(number));
        }
    }
}

impl SlotSupplier for LoopSlots {
    fn reserve(&self, request: SlotRequest) -> BoxFuture<'static, Box<dyn SlotGrant>> {
        let slots = self.clone();
        async move {
            match slots.ask("reserve", request).answer().await {
                Some(number) => slots.grant(number),
                // The loop is gone, and with it all who could use a slot.
                None => std::future::pending().await,
            }
        }
        .boxed()
    }

    fn try_reserve(&self, request: SlotRequest) -> BoxFuture<'static, Option<Box<dyn SlotGrant>>> {
        let slots = self.clone();
        async move {
            let number = slots.ask("try_reserve", request).answer().await?;
            Some(slots.grant(number))
        }
        .boxed()
    }

    fn size(&self) -> Option<usize> {
        None
    }
}

/// What Python answers a question with.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct SlotReservation {
    slots: LoopSlots,
    number: u64,
}

#[pymethods]
impl SlotReservation {
    /// Names the wish, and the permit that it leads to.
    #[getter]
    fn number(&self) -> u64 {
        self.number
    }

    /// Says whether there is a slot. False if nobody waits any more, so that one is given for nothing.
    fn answer(&self, is_granted: bool) -> bool {
        let waiting = self.slots.questions.waiting.lock().remove(&self.number);
        waiting.is_some_and(|waiting| waiting.send(is_granted).is_ok())
    }
}

struct Grant {
    slots: LoopSlots,
    number: u64,
    task: Option<SlotInfo>,
}

impl SlotGrant for Grant {
    fn used_by(&mut self, task: SlotInfo) {
        self.task = Some(task.clone());
        let number = self.number;
        self.slots.handler.post(move |handler| {
            let method = intern!(handler.py(), "mark_used");
            handler.call_method1(method, (number, described(task)))?;
            Ok(())
        });
    }
}

impl Drop for Grant {
    fn drop(&mut self) {
        let (number, task) = (self.number, self.task.take());
        self.slots.handler.post(move |handler| {
            let method = intern!(handler.py(), "release");
            handler.call_method1(method, (number, task.map(described)))?;
            Ok(())
        });
    }
}

fn slot_type(kind: SlotKind) -> &'static str {
    match kind {
        SlotKind::Workflow => "workflow",
        SlotKind::Activity => "activity",
        SlotKind::LocalActivity => "local-activity",
    }
}

/// Kind of slot, type of workflow or activity, whether it came from the sticky queue.
fn described(task: SlotInfo) -> (&'static str, String, bool) {
    match task {
        SlotInfo::Workflow {
            workflow_type,
            is_sticky,
        } => (slot_type(SlotKind::Workflow), workflow_type, is_sticky),
        SlotInfo::Activity { activity_type } => {
            (slot_type(SlotKind::Activity), activity_type, false)
        }
        SlotInfo::LocalActivity { activity_type } => {
            (slot_type(SlotKind::LocalActivity), activity_type, false)
        }
    }
}
