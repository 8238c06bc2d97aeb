//! The heartbeat actor: pace, cancellations, local timeouts, last details.

use std::{sync::Arc, time::Duration};

use tonic::Status;

use crate::{
    host::{ActivityCancel, HeartbeatRecorded},
    kit::{ActorRef, Clock, Spawner, Supervision},
    protos::{
        common::v1::{Payload, Payloads},
        workflowservice::v1 as api,
    },
    testing::{Inbox, World, inbox},
    worker::heartbeat::{
        CancelActivity, FinishHeartbeats, HeartbeatConfig, Heartbeats, HeartbeatsFinished,
        TrackHeartbeats,
    },
};

use super::server::{Server, Told, calls};

struct Fixture {
    actor: ActorRef<Heartbeats>,
    server: Arc<Server>,
    cancels: Inbox<CancelActivity>,
    finished: Inbox<HeartbeatsFinished>,
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn fixture(world: &World) -> Fixture {
    let server = Arc::new(Server::default());
    let (cancels, cancelled) = inbox();
    let (finished, finishes) = inbox();
    let mut calls = calls(server.clone());
    calls.namespace.blob_limit = Some(1000);
    let actor = world
        .stage
        .start(0, Supervision::NEVER, None, move |cradle| {
            Heartbeats::new(HeartbeatConfig {
                calls: calls.clone(),
                clock: Clock::new(Spawner::current()),
                default_interval: seconds(30),
                max_interval: seconds(60),
                cancels: cancels.clone(),
                finished: finished.clone(),
                sent: cradle.me.sender(),
                due: cradle.me.sender(),
            })
        });
    Fixture {
        actor,
        server,
        cancels: cancelled,
        finished: finishes,
    }
}

fn details(number: u8) -> Payloads {
    Payloads {
        payloads: vec![Payload {
            data: vec![number].into(),
            ..Payload::default()
        }],
    }
}

impl Fixture {
    fn track(&self, heartbeat: Option<u64>, start_to_close: Option<u64>) {
        let track = TrackHeartbeats {
            task_token: "token".into(),
            heartbeat_timeout: heartbeat.map(seconds),
            start_to_close_timeout: start_to_close.map(seconds),
        };
        self.actor.tell(track).expect("alive");
    }

    fn record(&self, number: u8) {
        let recorded = HeartbeatRecorded {
            task_token: b"token".to_vec(),
            details: details(number),
        };
        self.actor.tell(recorded).expect("alive");
    }

    fn sent(&self) -> Vec<u8> {
        let told = self.server.told.lock();
        told.iter()
            .map(|told| match told {
                Told::Heartbeat(request) => {
                    request.details.as_ref().expect("details").payloads[0].data[0]
                }
                other => panic!("only heartbeats are expected, got {other:?}"),
            })
            .collect()
    }

    fn answer(&self, answers: Vec<Result<api::RecordActivityTaskHeartbeatResponse, Status>>) {
        self.server.heartbeats.lock().extend(answers);
    }

    fn cancels(&self) -> Vec<ActivityCancel> {
        self.cancels
            .drain()
            .into_iter()
            .map(|cancel| cancel.cancel)
            .collect()
    }

    async fn finish(&self) -> Option<Payloads> {
        self.actor
            .tell(FinishHeartbeats("token".into()))
            .expect("alive");
        tokio::time::sleep(Duration::from_nanos(1)).await;
        self.finished.pop().expect("always answered").unsent
    }
}

#[test]
fn the_first_goes_at_once_and_the_newest_at_the_pace() {
    World::run(|world| async move {
        let fixture = fixture(&world);
        fixture.track(Some(10), None);
        for number in 0..100 {
            fixture.record(number);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(fixture.sent(), [0]);
        tokio::time::sleep(seconds(8)).await;
        assert_eq!(fixture.sent(), [0, 99]);
        tokio::time::sleep(seconds(8)).await;
        assert_eq!(fixture.sent(), [0, 99], "nothing new");
        fixture.record(100);
        world.settle().await;
        fixture.record(101);
        world.settle().await;
        assert_eq!(fixture.finish().await, Some(details(101)));
        fixture.actor.stop();
    });
}

#[test]
fn an_error_keeps_the_details_for_the_next_time() {
    World::run(|world| async move {
        let fixture = fixture(&world);
        fixture.track(Some(10), None);
        fixture.answer(vec![Err(Status::unavailable("down"))]);
        fixture.record(1);
        tokio::time::sleep(seconds(9)).await;
        assert_eq!(fixture.sent(), [1, 1]);
        assert_eq!(fixture.finish().await, None);
        assert_eq!(fixture.cancels(), []);
        fixture.actor.stop();
    });
}

#[test]
fn each_reason_to_cancel_arrives_once() {
    let asks = |cancel_requested, activity_reset, activity_paused| {
        Ok(api::RecordActivityTaskHeartbeatResponse {
            cancel_requested,
            activity_paused,
            activity_reset,
        })
    };
    let none = ActivityCancel::default();
    let table = [
        (
            asks(true, true, true),
            ActivityCancel {
                cancel_requested: true,
                ..none
            },
        ),
        (
            asks(false, true, true),
            ActivityCancel {
                reset: true,
                ..none
            },
        ),
        (
            asks(false, false, true),
            ActivityCancel {
                paused: true,
                ..none
            },
        ),
        (
            Err(Status::not_found("gone")),
            ActivityCancel {
                not_found: true,
                ..none
            },
        ),
    ];
    for (answer, expected) in table {
        World::run(|world| async move {
            let fixture = fixture(&world);
            fixture.track(Some(10), None);
            fixture.answer(vec![answer.clone(), answer]);
            fixture.record(1);
            world.settle().await;
            fixture.record(2);
            tokio::time::sleep(seconds(30)).await;
            assert_eq!(fixture.sent(), [1, 2]);
            assert_eq!(fixture.cancels(), [expected]);
            fixture.actor.stop();
        });
    }
}

#[test]
fn the_worker_itself_gives_up_activities_that_are_blocked() {
    let timed_out = ActivityCancel {
        timed_out: true,
        ..ActivityCancel::default()
    };
    // Timeouts for heartbeats and for the whole, and the second in which the cancellation comes.
    for (heartbeat, whole, expected) in [
        (Some(10), None, 15),
        (None, Some(20), 25),
        (Some(3), Some(60), 8),
    ] {
        World::run(|world| async move {
            let fixture = fixture(&world);
            fixture.track(heartbeat, whole);
            tokio::time::sleep(seconds(expected - 1)).await;
            assert_eq!(fixture.cancels(), []);
            tokio::time::sleep(seconds(2)).await;
            assert_eq!(fixture.cancels(), [timed_out]);
            tokio::time::sleep(seconds(200)).await;
            assert_eq!(fixture.cancels(), []);
            fixture.actor.stop();
        });
    }
}

#[test]
fn an_acknowledged_heartbeat_starts_the_timeout_anew() {
    World::run(|world| async move {
        let fixture = fixture(&world);
        fixture.track(Some(10), None);
        for number in 0..10 {
            tokio::time::sleep(seconds(9)).await;
            fixture.record(number);
        }
        assert_eq!(fixture.cancels(), []);
        fixture.finish().await;
        assert_eq!(fixture.actor.snapshot().await, Some(0));
        tokio::time::sleep(seconds(100)).await;
        assert_eq!(fixture.cancels(), [], "it has ended");
        fixture.actor.stop();
    });
}

#[test]
fn one_that_is_too_large_fails_the_attempt_and_cancels_it() {
    World::run(|world| async move {
        let fixture = fixture(&world);
        fixture.track(Some(10), None);
        let recorded = HeartbeatRecorded {
            task_token: b"token".to_vec(),
            details: Payloads {
                payloads: vec![Payload {
                    data: vec![0; 1000].into(),
                    ..Payload::default()
                }],
            },
        };
        fixture.actor.tell(recorded).expect("alive");
        world.settle().await;
        let told = fixture.server.told.lock().clone();
        let [Told::Failed(request)] = &told[..] else {
            panic!("{told:?}");
        };
        let failure = request.failure.as_ref().expect("a failure");
        assert!(failure.message.starts_with("[TMPRL1103] "), "{failure:?}");
        let [cancel] = fixture.cancels()[..] else {
            panic!("one cancellation");
        };
        assert!(cancel.cancel_requested);
        assert_eq!(fixture.finish().await, None);
        fixture.actor.stop();
    });
}
