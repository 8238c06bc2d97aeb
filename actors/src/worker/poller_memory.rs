//! What a poller's successor has to know.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use parking_lot::{Mutex, MutexGuard};

use crate::telemetry::CountGauge;

use super::poll_balance::{PollBalance, QueueKind};

/// Polls that are open at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PollCounts {
    pub normal: usize,
    pub sticky: usize,
}

/// What must survive a panic: the polls that are open then will still report back.
pub(super) struct PollerMemory {
    balance: Mutex<PollBalance>,
    has_begun: AtomicBool,
    is_stopping: AtomicBool,
    /// Of the normal queue and of the sticky one.
    gauges: [CountGauge; 2],
}

impl PollerMemory {
    pub(super) fn new(balance: PollBalance, gauges: [CountGauge; 2]) -> Arc<Self> {
        Arc::new(Self {
            balance: Mutex::new(balance),
            has_begun: AtomicBool::new(false),
            is_stopping: AtomicBool::new(false),
            gauges,
        })
    }

    pub(super) fn balance(&self) -> MutexGuard<'_, PollBalance> {
        self.balance.lock()
    }

    pub(super) fn open(&self) -> PollCounts {
        let balance = self.balance();
        PollCounts {
            normal: balance.open_on(QueueKind::Normal),
            sticky: balance.open_on(QueueKind::Sticky),
        }
    }

    /// Has the gauges show what is open.
    pub(super) fn show(&self) {
        let open = self.open();
        let [normal, sticky] = &self.gauges;
        normal.show(open.normal);
        if self.balance().has_sticky() {
            sticky.show(open.sticky);
        }
    }

    pub(super) fn begin(&self) {
        self.has_begun.store(true, Ordering::Release);
    }

    pub(super) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Release);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Acquire)
    }

    pub(super) fn may_poll(&self) -> bool {
        self.has_begun.load(Ordering::Acquire) && !self.is_stopping()
    }
}
