//! Puts what runs local activities together.

use crate::kit::{ActorRef, Sender, Supervision, Vacancy};

use super::{
    assemble::Assembly,
    local_activities::{LocalActivityExecutor, LocalActivityExecutorConfig},
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
            slots: self.blueprint.config.max_concurrent_local_activities,
            host,
            clock: self.blueprint.stage.clock(),
            grace: self.blueprint.config.graceful_shutdown_period,
            worker: self.life.address().sender(),
            check: address.sender(),
            grace_elapsed: address.sender(),
            abandon: address.sender(),
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
