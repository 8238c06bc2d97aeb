//! Puts what runs activities together.

use std::sync::Arc;

use crate::{
    host::HeartbeatRecorded,
    kit::{ActorRef, Sender, Supervision, Vacancy},
    telemetry::{CountGauge, PollerType, WorkerType},
};

use super::{
    activity_executor::{
        ActivityExecutor, ActivityExecutorConfig, AssignedActivityTask, CompleteActivity,
    },
    assemble::Assembly,
    eager::EagerActivities,
    heartbeat::{HeartbeatConfig, Heartbeats},
    poll_balance::PollBalance,
    poller::{Poller, PollerConfig},
    poller_memory::PollerMemory,
    rate_limit::RateLimit,
    slots::Slots,
    sources::ActivityPolls,
    worker::ActivitySide,
};

type ActivityPorts = (Sender<CompleteActivity>, Sender<HeartbeatRecorded>);

impl Assembly {
    pub(super) fn activity_side(&mut self) -> Option<(ActivitySide, ActivityPorts)> {
        let polls_activities = self.blueprint.config.task_types.activities;
        let host = self
            .blueprint
            .activities
            .clone()
            .filter(|_| polls_activities)?;
        let stage = self.blueprint.stage.clone();
        let executor: Vacancy<ActivityExecutor> = stage.vacancy();
        let executor_address = executor.address().clone();
        let heartbeats = self.start_heartbeats(&executor_address);
        let vitals = self.blueprint.vitals.clone();
        let config = ActivityExecutorConfig {
            calls: self.calls.clone(),
            clock: stage.clock(),
            host,
            grace: self.blueprint.config.graceful_shutdown_period,
            track: heartbeats.sender(),
            finish: heartbeats.sender(),
            worker: self.life.address().sender(),
            reported: executor_address.sender(),
            grace_elapsed: executor_address.sender(),
            watch: Sender::new(move |in_flight| {
                vitals.set_activities_in_flight(in_flight);
                Ok(())
            }),
            metrics: self.blueprint.metrics.clone(),
        };
        executor.fill_as_child(
            &mut self.children,
            self.key,
            Supervision::NEVER,
            self.life.address().sender(),
            move |_| ActivityExecutor::new(config.clone()),
        );
        let poller = self.start_activity_poller(executor_address.sender());
        let side = ActivitySide {
            stop_polling: poller.sender(),
            begin_grace: executor_address.sender(),
            drain: executor_address.sender(),
        };
        Some((side, (executor_address.sender(), heartbeats.sender())))
    }

    fn start_heartbeats(&mut self, executor: &ActorRef<ActivityExecutor>) -> ActorRef<Heartbeats> {
        let vacancy: Vacancy<Heartbeats> = self.blueprint.stage.vacancy();
        let config = HeartbeatConfig {
            calls: self.calls.clone(),
            clock: self.blueprint.stage.clock(),
            default_interval: self.blueprint.config.default_heartbeat_throttle_interval,
            max_interval: self.blueprint.config.max_heartbeat_throttle_interval,
            cancels: executor.sender(),
            finished: executor.sender(),
            sent: vacancy.address().sender(),
            due: vacancy.address().sender(),
        };
        vacancy.fill_as_child(
            &mut self.children,
            self.key,
            Supervision::RESTART,
            self.life.address().sender(),
            move |_| Heartbeats::new(config.clone()),
        )
    }

    fn start_activity_poller(
        &mut self,
        tasks: Sender<AssignedActivityTask>,
    ) -> ActorRef<Poller<ActivityPolls>> {
        let config = self.blueprint.config.clone();
        let poller: Vacancy<Poller<ActivityPolls>> = self.blueprint.stage.vacancy();
        let freed = poller.address().sender();
        let metrics = self.blueprint.metrics.clone();
        let gauges = metrics.slots(WorkerType::Activity);
        let slots = match &config.slot_suppliers.activity {
            Some(supplier) => Slots::supplied(supplier.clone(), usize::MAX, freed, gauges),
            None => Slots::new(config.max_concurrent_activities, freed, gauges),
        };
        self.blueprint.vitals.set_activity_slots(slots.clone());
        // Where the server limits the rate of a queue, it is the queue that must hand them out.
        if config.max_task_queue_activities_per_second.is_none() {
            self.eager_activities = Some(Arc::new(EagerActivities {
                task_queue: config.task_queue.clone(),
                slots: slots.clone(),
                tasks: tasks.clone(),
                most_per_workflow_task: config.max_eager_activities_per_workflow_task,
                metrics: metrics.clone(),
            }));
        }
        let poller_config = PollerConfig {
            source: Arc::new(ActivityPolls {
                service: self.calls.service.clone(),
                requests: self.calls.requests.clone(),
                metrics: metrics.clone(),
            }),
            tasks,
            worker: self.life.address().sender(),
            slots,
            rate_limit: config.max_worker_activities_per_second.map(RateLimit::new),
            scale: config.activity_poll_scale,
            server_suggests_polls: self.calls.namespace.suggests_polls,
            shutdown: self.calls.shutdown.clone(),
            spawner: self.calls.spawner.clone(),
        };
        let balance = match config.activity_poll_scale {
            Some(scale) => PollBalance::scaled(scale.initial, false),
            None => PollBalance::normal_only(config.max_concurrent_activity_task_polls),
        };
        let polls = [metrics.polls(PollerType::Activity), CountGauge::default()];
        self.start_poller(poller, poller_config, PollerMemory::new(balance, polls))
    }
}
