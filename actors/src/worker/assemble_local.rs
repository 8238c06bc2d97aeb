//! Puts what runs local activities together.

use crate::{
    kit::{ActorRef, Sender, Supervision, Vacancy},
    telemetry::{SlotGauges, WorkerType},
};

use super::{
    assemble::Assembly,
    config::WorkerConfig,
    local_activities::{LocalActivityExecutor, LocalActivityExecutorConfig},
    slots::Slots,
};

impl Assembly {
    /// Starts it for a worker that has activities, also for one that does not poll for them.
    pub(super) fn start_local_activities(&mut self) -> Option<ActorRef<LocalActivityExecutor>> {
        let host = self.blueprint.activities.clone()?;
        let executor: Vacancy<LocalActivityExecutor> = self.blueprint.stage.vacancy();
        let address = executor.address().clone();
        let vitals = self.blueprint.vitals.clone();
        let config = LocalActivityExecutorConfig {
            namespace: self.blueprint.config.namespace.clone(),
            slots: local_activity_slots(
                &self.blueprint.config,
                self.blueprint.metrics.slots(WorkerType::LocalActivity),
            ),
            metrics: self.blueprint.metrics.clone(),
            spawner: self.blueprint.stage.spawner().clone(),
            host,
            clock: self.blueprint.stage.clock(),
            grace: self.blueprint.config.graceful_shutdown_period,
            worker: self.life.address().sender(),
            check: address.sender(),
            grace_elapsed: address.sender(),
            abandon: address.sender(),
            reserved: address.sender(),
            watch: Sender::new(move |snapshot| {
                *vitals.local_activities.lock() = snapshot;
                Ok(())
            }),
        };
        self.local_activities = Some(address.sender());
        let exits = self.life.address().sender();
        Some(executor.fill_as_child(
            &mut self.children,
            self.key,
            Supervision::NEVER,
            exits,
            move |_| LocalActivityExecutor::new(config.clone()),
        ))
    }
}

/// The executor itself looks for slots after each of its messages.
fn local_activity_slots(config: &WorkerConfig, gauges: SlotGauges) -> Slots {
    let nobody = Sender::new(|_| Ok(()));
    match &config.slot_suppliers.local_activity {
        Some(supplier) => Slots::supplied(supplier.clone(), usize::MAX, nobody, gauges),
        None => Slots::new(config.max_concurrent_local_activities, nobody, gauges),
    }
}
