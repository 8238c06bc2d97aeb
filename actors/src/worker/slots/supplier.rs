//! Suppliers: who decides over slots where their number is not fixed.

use futures::future::BoxFuture;

use crate::telemetry::Meter;

/// The kinds of task that have slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlotKind {
    Workflow,
    Activity,
    LocalActivity,
}

/// A wish for a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotRequest {
    pub kind: SlotKind,
    /// For a poll on the worker's sticky queue.
    pub is_sticky: bool,
}

/// What a slot is used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlotInfo {
    Workflow {
        workflow_type: String,
        is_sticky: bool,
    },
    Activity {
        activity_type: String,
    },
    LocalActivity {
        activity_type: String,
    },
}

/// Decides over the slots of one kind of task.
pub trait SlotSupplier: Send + Sync + 'static {
    /// Gives a slot as soon as there is one. Dropping the future takes the wish back.
    fn reserve(&self, request: SlotRequest) -> BoxFuture<'static, Box<dyn SlotGrant>>;

    /// Gives a slot if there is one, without waiting for others to come back.
    fn try_reserve(&self, request: SlotRequest) -> BoxFuture<'static, Option<Box<dyn SlotGrant>>>;

    /// How many slots there are at most, if there is a limit.
    fn size(&self) -> Option<usize>;

    /// Has its own metrics counted there, if it has any.
    fn show_on(&self, _meter: &Meter) {}
}

/// A slot that a supplier has given. Dropping it gives the slot back.
pub trait SlotGrant: Send {
    /// From now on a task holds the slot.
    fn used_by(&mut self, task: SlotInfo);
}
