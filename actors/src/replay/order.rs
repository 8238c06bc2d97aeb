//! A replay that was asked for, on its way to the actor that does it.

use tokio::sync::oneshot;

use super::{plan::Plan, report::ReplayReport};

pub(super) struct ReplayOrder {
    pub(super) plan: Plan,
    pub(super) page_sizes: Vec<usize>,
    pub(super) reply: oneshot::Sender<ReplayReport>,
}
