//! The activity executor between bare queues.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tonic::Status;

use crate::{
    connection::ServerCapabilities,
    host::{ActivityCancel, ActivityHost, ActivityOutcome, ActivityTask},
    kit::{ActorRef, Sender, Supervision},
    protos::{
        common::v1::{Payload, Payloads},
        failure::v1::Failure,
        workflowservice::v1::PollActivityTaskQueueResponse,
    },
    testing::{Inbox, World, inbox},
    worker::{
        activity_executor::{
            ActivitiesDrained, ActivityExecutor, ActivityExecutorConfig, BeginGrace,
            CompleteActivity, DrainActivities,
        },
        heartbeat::{CancelActivity, HeartbeatsFinished, TrackHeartbeats},
        poll::Assigned,
        slots::Slots,
    },
};

use super::{
    permit,
    server::{Server, Told, calls},
    slots,
};

#[derive(Default)]
struct Host {
    started: Mutex<Vec<String>>,
    cancelled: Mutex<Vec<ActivityCancel>>,
    panics: bool,
}

impl ActivityHost for Host {
    fn start(&self, task: Box<ActivityTask>) {
        assert!(!self.panics, "asked to panic");
        self.started.lock().push(task.activity_type);
    }

    fn cancel(&self, _: Vec<u8>, cancel: ActivityCancel) {
        self.cancelled.lock().push(cancel);
    }
}

struct Fixture {
    actor: ActorRef<ActivityExecutor>,
    server: Arc<Server>,
    host: Arc<Host>,
    tracked: Inbox<TrackHeartbeats>,
    drained: Inbox<ActivitiesDrained>,
    slots: Slots,
}

/// `unsent` is what the heartbeat actor hands back for every activity.
fn fixture(world: &World, server: Server, host: Host, unsent: Option<Payloads>) -> Fixture {
    let (server, host) = (Arc::new(server), Arc::new(host));
    let (track, tracked) = inbox();
    let (worker, drained) = inbox();
    let (calls, actor_host) = (calls(server.clone()), host.clone());
    let clock = world.stage.clock();
    let actor = world
        .stage
        .start(0, Supervision::NEVER, None, move |cradle| {
            let finished: Sender<HeartbeatsFinished> = cradle.me.sender();
            let unsent = unsent.clone();
            ActivityExecutor::new(ActivityExecutorConfig {
                metrics: crate::telemetry::WorkerMetrics::default(),
                calls: calls.clone(),
                clock: clock.clone(),
                host: actor_host.clone(),
                grace: Duration::from_secs(5),
                track: track.clone(),
                finish: finished.contramap(
                    move |finish: crate::worker::heartbeat::FinishHeartbeats| HeartbeatsFinished {
                        task_token: finish.0,
                        unsent: unsent.clone(),
                    },
                ),
                worker: worker.clone(),
                reported: cradle.me.sender(),
                grace_elapsed: cradle.me.sender(),
                watch: Sender::new(|_| Ok(())),
            })
        });
    Fixture {
        actor,
        server,
        host,
        tracked,
        drained,
        slots: slots(3),
    }
}

impl Fixture {
    fn start(&self, token: &'static str) {
        let task = PollActivityTaskQueueResponse {
            task_token: token.into(),
            activity_type: Some(crate::protos::common::v1::ActivityType { name: token.into() }),
            ..Default::default()
        };
        let assigned = Assigned {
            task: Box::new(task),
            permit: permit(&self.slots),
        };
        self.actor.tell(assigned).expect("alive");
    }

    fn end(&self, token: &str, outcome: ActivityOutcome) {
        let task_token = token.as_bytes().to_vec();
        let complete = CompleteActivity {
            task_token,
            outcome,
        };
        self.actor.tell(complete).expect("alive");
    }

    fn cancel(&self, token: &'static str, cancel: ActivityCancel) {
        let task_token = token.into();
        let cancel = CancelActivity { task_token, cancel };
        self.actor.tell(cancel).expect("alive");
    }

    fn told(&self) -> Vec<Told> {
        std::mem::take(&mut *self.server.told.lock())
    }
}

fn details() -> Payloads {
    Payloads {
        payloads: vec![Payload {
            data: "last".into(),
            ..Payload::default()
        }],
    }
}

fn failed() -> ActivityOutcome {
    ActivityOutcome::Failed(Box::new(Failure {
        message: "broken".into(),
        ..Failure::default()
    }))
}

fn cancelled() -> ActivityOutcome {
    ActivityOutcome::Cancelled(Box::default())
}

#[test]
fn an_end_is_reported_once_and_frees_the_slot() {
    World::run(|world| async move {
        let fixture = fixture(&world, Server::default(), Host::default(), None);
        fixture.start("a");
        fixture.end("a", ActivityOutcome::Completed(None));
        fixture.end("a", failed());
        fixture.end("unknown", failed());
        world.settle().await;
        assert_eq!(*fixture.host.started.lock(), ["a"]);
        assert_eq!(fixture.tracked.drain().len(), 1);
        assert!(
            matches!(&fixture.told()[..], [Told::Completed(request)] if request.task_token == "a")
        );
        assert_eq!(
            (fixture.slots.free(), fixture.actor.snapshot().await),
            (3, Some(0))
        );
        fixture.actor.stop();
    });
}

#[test]
fn a_refused_report_frees_the_slot_too() {
    for status in [Status::not_found("late"), Status::unavailable("down")] {
        World::run(|world| async move {
            let server = Server {
                refuses: Mutex::new(Some(status)),
                ..Server::default()
            };
            let fixture = fixture(&world, server, Host::default(), None);
            fixture.start("a");
            fixture.end("a", failed());
            world.settle().await;
            assert_eq!(fixture.told().len(), 1);
            assert_eq!(
                (fixture.slots.free(), fixture.actor.snapshot().await),
                (3, Some(0))
            );
            fixture.actor.stop();
        });
    }
}

#[test]
fn the_last_details_reach_the_server_before_a_failure_or_along_with_it() {
    for takes_details in [false, true] {
        World::run(|world| async move {
            let server = Server {
                capabilities: ServerCapabilities {
                    activity_failure_include_heartbeat: takes_details,
                    ..ServerCapabilities::default()
                },
                ..Server::default()
            };
            let fixture = fixture(&world, server, Host::default(), Some(details()));
            fixture.start("a");
            fixture.end("a", failed());
            world.settle().await;
            match &fixture.told()[..] {
                [Told::Failed(request)] if takes_details => {
                    assert_eq!(request.last_heartbeat_details, Some(details()));
                }
                [Told::Heartbeat(heartbeat), Told::Failed(request)] if !takes_details => {
                    assert_eq!(heartbeat.details, Some(details()));
                    assert_eq!(request.last_heartbeat_details, None);
                }
                other => panic!("unexpected calls: {other:?}"),
            }
            fixture.actor.stop();
        });
    }
}

#[test]
fn a_cancellation_reaches_user_code_once_and_decides_the_report() {
    let none = ActivityCancel::default();
    let requested = ActivityCancel {
        cancel_requested: true,
        ..none
    };
    let not_found = ActivityCancel {
        not_found: true,
        ..none
    };
    for (first, second) in [(requested, not_found), (not_found, requested)] {
        World::run(|world| async move {
            let fixture = fixture(&world, Server::default(), Host::default(), None);
            fixture.start("a");
            fixture.cancel("a", first);
            fixture.cancel("a", second);
            fixture.end("a", cancelled());
            world.settle().await;
            assert_eq!(*fixture.host.cancelled.lock(), [first]);
            match &fixture.told()[..] {
                [Told::Cancelled(_)] => assert!(first.cancel_requested),
                [] => assert!(first.not_found, "nobody to report to"),
                other => panic!("unexpected calls: {other:?}"),
            }
            assert_eq!(fixture.slots.free(), 3);
            fixture.actor.stop();
        });
    }
}

#[test]
fn shutdown_waits_for_the_grace_and_for_every_report() {
    World::run(|world| async move {
        let fixture = fixture(&world, Server::default(), Host::default(), None);
        fixture.start("a");
        fixture.actor.tell(BeginGrace).expect("alive");
        fixture.actor.tell(DrainActivities).expect("alive");
        tokio::time::sleep(Duration::from_secs(6)).await;
        // A task that was polled just before the shutdown is cancelled as it starts.
        fixture.start("b");
        world.settle().await;
        assert_eq!(fixture.host.cancelled.lock().len(), 2);
        assert!(
            fixture
                .host
                .cancelled
                .lock()
                .iter()
                .all(|cancel| cancel.worker_shutdown)
        );
        fixture.end("a", cancelled());
        world.settle().await;
        assert!(fixture.drained.is_empty());
        fixture.end("b", ActivityOutcome::Completed(None));
        world.settle().await;
        assert!(!fixture.drained.is_empty());
        assert!(matches!(
            &fixture.told()[..],
            [Told::Failed(_), Told::Completed(_)]
        ));
        fixture.actor.stop();
    });
}

#[test]
fn an_activity_that_cannot_be_started_fails_its_attempt() {
    World::run(|world| async move {
        let host = Host {
            panics: true,
            ..Host::default()
        };
        let fixture = fixture(&world, Server::default(), host, None);
        fixture.start("a");
        world.settle().await;
        assert!(matches!(&fixture.told()[..], [Told::Failed(_)]));
        assert_eq!(fixture.slots.free(), 3);
        fixture.actor.stop();
    });
}

#[test]
fn completion_from_outside_frees_the_slot_and_reports_nothing() {
    World::run(|world| async move {
        let fixture = fixture(&world, Server::default(), Host::default(), Some(details()));
        fixture.start("a");
        fixture.end("a", ActivityOutcome::CompletesLater);
        world.settle().await;
        assert!(
            matches!(&fixture.told()[..], [Told::Heartbeat(_)]),
            "its last details"
        );
        assert_eq!(fixture.slots.free(), 3);
        fixture.actor.stop();
    });
}
