//! Slots: how many tasks of one kind a worker has in hand at most.

mod resource;
mod supplier;
mod usage;

use std::{
    fmt,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::Notify;

use crate::{kit::Sender, telemetry::SlotGauges};

pub use self::{
    resource::{ResourceLimits, ResourceSlots, ResourceTuner, TargetUsage},
    supplier::{SlotGrant, SlotInfo, SlotKind, SlotRequest, SlotSupplier},
};

/// A slot has come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SlotFreed;

/// The slots of one kind of task.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    shared: Arc<Shared>,
}

struct Shared {
    supply: Supply,
    /// Held by polls and by tasks in the low half, by tasks in the high half: one word, so that
    /// whoever reads both reads one moment.
    held: AtomicU64,
    freed: Sender<SlotFreed>,
    gauges: SlotGauges,
}

enum Supply {
    Fixed(usize),
    Supplier {
        supplier: Arc<dyn SlotSupplier>,
        /// No more slots than this are held, whatever the supplier gives.
        limit: usize,
        came_back: Notify,
    },
}

const ISSUED: u64 = 1;
const USED: u64 = 1 << 32;

/// Numbers of slots at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotCounts {
    /// How many there are; none where a supplier names no number.
    pub size: Option<usize>,
    /// Held by polls that wait for a task, and by tasks.
    pub issued: usize,
    /// Held by tasks.
    pub used: usize,
}

impl SlotCounts {
    pub fn free(&self) -> Option<usize> {
        Some(self.size?.saturating_sub(self.issued))
    }

    /// Polls that wait for a task.
    pub fn polling(&self) -> usize {
        self.issued - self.used
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slots").field("held", &self.held).finish()
    }
}

impl Shared {
    fn show(&self) {
        self.gauges.show(|| {
            let size = match &self.supply {
                Supply::Fixed(size) => Some(*size),
                Supply::Supplier { .. } => None,
            };
            let used = self.held.load(Ordering::Acquire) / USED;
            (size, used as usize)
        });
    }
}

impl Slots {
    /// A fixed number of them. `freed` hears of every slot that comes back.
    pub(super) fn new(size: usize, freed: Sender<SlotFreed>, gauges: SlotGauges) -> Self {
        Self::of(Supply::Fixed(size), freed, gauges)
    }

    /// As many as a supplier gives, but not more than `limit`.
    pub(super) fn supplied(
        supplier: Arc<dyn SlotSupplier>,
        limit: usize,
        freed: Sender<SlotFreed>,
        gauges: SlotGauges,
    ) -> Self {
        let supply = Supply::Supplier {
            supplier,
            limit,
            came_back: Notify::new(),
        };
        Self::of(supply, freed, gauges)
    }

    fn of(supply: Supply, freed: Sender<SlotFreed>, gauges: SlotGauges) -> Self {
        let shared = Shared {
            supply,
            held: AtomicU64::new(0),
            freed,
            gauges,
        };
        shared.show();
        Self {
            shared: Arc::new(shared),
        }
    }

    pub(super) fn counts(&self) -> SlotCounts {
        let held = self.shared.held.load(Ordering::Acquire);
        SlotCounts {
            size: match &self.shared.supply {
                Supply::Fixed(size) => Some(*size),
                Supply::Supplier {
                    supplier, limit, ..
                } => match (supplier.size(), *limit) {
                    (None, usize::MAX) => None,
                    (size, limit) => Some(size.unwrap_or(limit).min(limit)),
                },
            },
            issued: (held % USED) as usize,
            used: (held / USED) as usize,
        }
    }

    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.counts().free().expect("their number is fixed")
    }

    /// False if a supplier has to be asked, which may take time.
    pub(super) fn is_fixed(&self) -> bool {
        matches!(self.shared.supply, Supply::Fixed(_))
    }

    /// A slot of a fixed number of them, if one is free.
    pub(super) fn try_take(&self) -> Option<SlotPermit> {
        match self.shared.supply {
            Supply::Fixed(size) => self.count_one(size).then(|| self.permit()),
            Supply::Supplier { .. } => None,
        }
    }

    /// A slot as soon as there is one. Only suppliers are waited for.
    pub(super) async fn reserve(&self, request: SlotRequest) -> SlotPermit {
        let Supply::Supplier {
            supplier,
            limit,
            came_back,
        } = &self.shared.supply
        else {
            unreachable!("slots of a fixed number are taken, not waited for");
        };
        loop {
            // Waits from before the look on, or what comes back in between would be missed.
            let mut came_back = pin!(came_back.notified());
            came_back.as_mut().enable();
            if self.count_one(*limit) {
                break;
            }
            came_back.await;
        }
        // Counted before it is asked for, so that the limit holds; dropped, it counts no more.
        let mut permit = self.permit();
        permit.grant = Some(supplier.reserve(request).await);
        permit
    }

    /// A slot if there is one now, or as soon as the supplier has said so.
    pub(super) async fn try_reserve(&self, request: SlotRequest) -> Option<SlotPermit> {
        let Supply::Supplier {
            supplier, limit, ..
        } = &self.shared.supply
        else {
            return self.try_take();
        };
        if !self.count_one(*limit) {
            return None;
        }
        let mut permit = self.permit();
        permit.grant = Some(supplier.try_reserve(request).await?);
        Some(permit)
    }

    fn count_one(&self, limit: usize) -> bool {
        let limit = limit as u64;
        self.shared
            .held
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |held| {
                (held % USED < limit).then_some(held + ISSUED)
            })
            .is_ok()
    }

    fn permit(&self) -> SlotPermit {
        SlotPermit {
            shared: self.shared.clone(),
            is_used: false,
            grant: None,
        }
    }
}

/// One slot. It comes back when this is dropped, whatever the reason.
pub(super) struct SlotPermit {
    shared: Arc<Shared>,
    is_used: bool,
    grant: Option<Box<dyn SlotGrant>>,
}

impl fmt::Debug for SlotPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlotPermit")
            .field("is_used", &self.is_used)
            .finish_non_exhaustive()
    }
}

impl SlotPermit {
    /// From now on a task holds the slot, and not only a poll. Only a supplier wants to know which.
    pub(super) fn mark_used(&mut self, task: impl FnOnce() -> SlotInfo) {
        if !self.is_used {
            self.is_used = true;
            self.shared.held.fetch_add(USED, Ordering::AcqRel);
            self.shared.show();
            if let Some(grant) = &mut self.grant {
                grant.used_by(task());
            }
        }
    }
}

impl Drop for SlotPermit {
    fn drop(&mut self) {
        drop(self.grant.take());
        let held = if self.is_used { ISSUED + USED } else { ISSUED };
        self.shared.held.fetch_sub(held, Ordering::AcqRel);
        if self.is_used {
            self.shared.show();
        }
        if let Supply::Supplier { came_back, .. } = &self.shared.supply {
            came_back.notify_one();
        }
        // After the poller has ended nobody fills slots any more.
        let _ = self.shared.freed.send(SlotFreed);
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, future::BoxFuture};
    use parking_lot::Mutex;

    use crate::testing::inbox;

    use super::*;

    fn activity() -> SlotInfo {
        SlotInfo::Activity {
            activity_type: "greet".into(),
        }
    }

    const REQUEST: SlotRequest = SlotRequest {
        kind: SlotKind::Activity,
        is_sticky: false,
    };

    #[test]
    fn a_slot_always_comes_back_and_its_poller_hears_of_it() {
        let (freed, heard) = inbox();
        let slots = Slots::new(2, freed, SlotGauges::default());
        let mut first = slots.try_take().expect("free");
        let second = slots.try_take().expect("free");
        assert!(slots.try_take().is_none());
        first.mark_used(activity);
        first.mark_used(activity);
        let counts = |issued, used| SlotCounts {
            size: Some(2),
            issued,
            used,
        };
        assert_eq!(slots.counts(), counts(2, 1));
        drop(second);
        assert_eq!(slots.counts(), counts(1, 1));
        assert_eq!(slots.free(), 1);
        drop(first);
        assert_eq!(slots.counts(), counts(0, 0));
        assert_eq!(heard.drain(), [SlotFreed, SlotFreed]);
    }

    /// Gives slots to everybody, and notes what becomes of them.
    #[derive(Clone, Default)]
    struct Generous(Arc<Mutex<Vec<String>>>);

    struct Noting(Generous);

    impl SlotSupplier for Generous {
        fn reserve(&self, _: SlotRequest) -> BoxFuture<'static, Box<dyn SlotGrant>> {
            let grant: Box<dyn SlotGrant> = Box::new(Noting(self.clone()));
            std::future::ready(grant).boxed()
        }

        fn try_reserve(&self, _: SlotRequest) -> BoxFuture<'static, Option<Box<dyn SlotGrant>>> {
            std::future::ready(None).boxed()
        }

        fn size(&self) -> Option<usize> {
            None
        }
    }

    impl SlotGrant for Noting {
        fn used_by(&mut self, task: SlotInfo) {
            self.0.0.lock().push(format!("used by {task:?}"));
        }
    }

    impl Drop for Noting {
        fn drop(&mut self) {
            self.0.0.lock().push("released".into());
        }
    }

    #[tokio::test]
    async fn a_supplier_hears_of_use_and_end_and_is_asked_within_the_limit_only() {
        let (freed, _) = inbox();
        let supplier = Generous::default();
        let slots = Slots::supplied(Arc::new(supplier.clone()), 1, freed, SlotGauges::default());
        assert_eq!((slots.is_fixed(), slots.counts().size), (false, Some(1)));
        let mut permit = slots.reserve(REQUEST).await;
        permit.mark_used(activity);
        assert!(slots.reserve(REQUEST).now_or_never().is_none());
        assert!(slots.try_reserve(REQUEST).await.is_none());
        assert_eq!((slots.counts().issued, slots.counts().used), (1, 1));
        let next = tokio::spawn({
            let slots = slots.clone();
            async move { slots.reserve(REQUEST).await }
        });
        tokio::task::yield_now().await;
        drop(permit);
        drop(next.await.expect("it waits for the slot alone"));
        assert_eq!(slots.counts().issued, 0);
        let expected = [
            "used by Activity { activity_type: \"greet\" }",
            "released",
            "released",
        ];
        assert_eq!(*supplier.0.lock(), expected);
        // A supplier that has none for now leaves nothing counted.
        assert!(slots.try_reserve(REQUEST).await.is_none());
        assert_eq!(slots.counts().issued, 0);
    }
}
