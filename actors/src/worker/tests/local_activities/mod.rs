//! The local activity executor between bare queues.

mod attempts;
mod stops;

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;

use crate::{
    host::{ActivityCancel, ActivityHost, ActivityOutcome, ActivityTask},
    kit::{ActorRef, Sender, Spawner, Supervision},
    protos::{
        common::v1::{Payload, RetryPolicy},
        enums::v1::TimeoutType,
        failure::v1::{CanceledFailureInfo, Failure, failure::FailureInfo},
    },
    testing::{Inbox, World, inbox},
    worker::{
        activity_executor::{BeginGrace, CompleteActivity},
        activity_reports::application_failure,
        local_activities::{
            LocalActivityExecutor, LocalActivityExecutorConfig, RunLocalActivities,
        },
        local_stops::{
            DrainLocalActivities, ForgetLocalActivities, LocalActivitiesDrained,
            StopLocalActivities,
        },
        slots::Slots,
        tests::slots,
    },
    workflow::{LocalActivityEnded, RunInput, ScheduleLocalActivity, StartLocalActivities},
};

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Host {
    started: Mutex<Vec<ActivityTask>>,
    cancelled: Mutex<Vec<ActivityCancel>>,
    panics: bool,
}

impl ActivityHost for Host {
    fn start(&self, task: Box<ActivityTask>) {
        assert!(!self.panics, "asked to panic");
        self.started.lock().push(*task);
    }

    fn cancel(&self, _: Vec<u8>, cancel: ActivityCancel) {
        self.cancelled.lock().push(cancel);
    }
}

struct Fixture {
    actor: ActorRef<LocalActivityExecutor>,
    host: Arc<Host>,
    heard: Inbox<RunInput>,
    reply: Sender<RunInput>,
    drained: Inbox<LocalActivitiesDrained>,
}

fn fixture(world: &World, slot_count: usize, host: Host) -> Fixture {
    fixture_of(world, slots(slot_count), host)
}

fn fixture_of(world: &World, slots: Slots, host: Host) -> Fixture {
    let host = Arc::new(host);
    let (reply, heard) = inbox();
    let (worker, drained) = inbox();
    let actor_host = host.clone();
    let clock = world.stage.clock();
    let actor = world
        .stage
        .start(0, Supervision::NEVER, None, move |cradle| {
            LocalActivityExecutor::new(LocalActivityExecutorConfig {
                metrics: crate::telemetry::WorkerMetrics::default(),
                namespace: "namespace".into(),
                slots: slots.clone(),
                host: actor_host.clone(),
                clock: clock.clone(),
                spawner: Spawner::current(),
                grace: 3 * SECOND,
                worker: worker.clone(),
                check: cradle.me.sender(),
                grace_elapsed: cradle.me.sender(),
                abandon: cradle.me.sender(),
                reserved: cradle.me.sender(),
                watch: Sender::new(|_| Ok(())),
            })
        });
    Fixture {
        actor,
        host,
        heard,
        reply,
        drained,
    }
}

fn schedule(sequence: u32) -> ScheduleLocalActivity {
    ScheduleLocalActivity {
        sequence,
        activity_id: sequence.to_string(),
        activity_type: "errand".into(),
        attempt: 1,
        start_to_close_timeout: Some(10 * SECOND),
        ..ScheduleLocalActivity::default()
    }
}

impl Fixture {
    fn run(&self, run_id: &str, activities: Vec<ScheduleLocalActivity>) {
        let start = StartLocalActivities {
            workflow_id: "workflow".into(),
            workflow_type: "Type".into(),
            activities,
        };
        let run = RunLocalActivities {
            run_id: run_id.into(),
            start,
            reply: self.reply.clone(),
        };
        self.actor.tell(run).expect("alive");
    }

    /// The task token of the attempt that was started as number `index`.
    fn token(&self, index: usize) -> Vec<u8> {
        self.host.started.lock()[index].task_token.clone()
    }

    fn end(&self, index: usize, outcome: ActivityOutcome) {
        let complete = CompleteActivity {
            task_token: self.token(index),
            outcome,
        };
        self.actor.tell(complete).expect("alive");
    }

    fn fail(&self, index: usize) {
        let failure = application_failure("Broken", "broken");
        self.end(index, ActivityOutcome::Failed(Box::new(failure)));
    }

    fn stop(&self, sequence: u32) {
        let stop = StopLocalActivities {
            run_id: "run".into(),
            sequences: vec![sequence],
        };
        self.actor.tell(stop).expect("alive");
    }

    /// Ids and attempts that were started.
    fn started(&self) -> Vec<(String, u32)> {
        self.host
            .started
            .lock()
            .iter()
            .map(|task| (task.activity_id.clone(), task.attempt))
            .collect()
    }

    fn ended(&self) -> LocalActivityEnded {
        match self.heard.pop() {
            Some(RunInput::LocalActivitiesEnded(mut ended)) => ended.remove(0),
            other => panic!("no end was heard: {other:?}"),
        }
    }

    async fn counts(&self) -> (usize, usize, usize) {
        let snapshot = self.actor.snapshot().await.expect("alive");
        (snapshot.queued, snapshot.running, snapshot.backing_off)
    }

    fn finish(&self) {
        self.actor.stop();
    }
}

fn timeout_type(ended: &LocalActivityEnded) -> TimeoutType {
    match &ended.outcome {
        Err(failure) => match &failure.failure_info {
            Some(FailureInfo::TimeoutFailureInfo(info)) => info.timeout_type(),
            other => panic!("no timeout: {other:?}"),
        },
        other => panic!("no failure: {other:?}"),
    }
}

fn says() -> ActivityOutcome {
    ActivityOutcome::Completed(Some(Payload::default()))
}

fn cancelled() -> ActivityOutcome {
    ActivityOutcome::Cancelled(Box::new(Failure {
        failure_info: Some(FailureInfo::CanceledFailureInfo(
            CanceledFailureInfo::default(),
        )),
        ..Failure::default()
    }))
}
