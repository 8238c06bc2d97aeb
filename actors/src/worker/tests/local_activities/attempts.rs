//! Attempts: slots, retries, timeouts.

use super::*;

#[test]
fn a_result_goes_to_its_run() {
    World::run(|world| async move {
        let fixture = fixture(&world, 10, Host::default());
        fixture.run("run", vec![schedule(1)]);
        world.settle().await;
        let task = fixture.host.started.lock()[0].clone();
        assert!(task.is_local);
        assert_eq!(task.workflow_namespace, "namespace");
        assert_eq!(task.workflow_run_id, "run");
        assert_eq!(task.scheduled_time, task.current_attempt_scheduled_time);
        assert!(crate::worker::local_attempt::is_local_token(
            &task.task_token
        ));
        tokio::time::sleep(SECOND).await;
        fixture.end(0, says());
        world.settle().await;
        let ended = fixture.ended();
        assert_eq!((ended.sequence, ended.attempt), (1, 1));
        let run_time = ended.run_time.as_millis();
        assert!((1000..1005).contains(&run_time), "{run_time} ms");
        assert_eq!(ended.outcome, Ok(Some(Payload::default())));
        // A second end means nothing.
        fixture.end(0, says());
        world.settle().await;
        assert!(fixture.heard.is_empty());
        assert_eq!(fixture.counts().await, (0, 0, 0));
        fixture.finish();
    });
}

/// N10: own slots, in the order of schedule.
#[test]
fn slots_bound_what_runs() {
    World::run(|world| async move {
        let fixture = fixture(&world, 2, Host::default());
        fixture.run("run", (1..=4).map(schedule).collect());
        world.settle().await;
        assert_eq!(fixture.counts().await, (2, 2, 0));
        fixture.end(1, says());
        world.settle().await;
        let ids: Vec<String> = fixture.started().into_iter().map(|one| one.0).collect();
        assert_eq!(ids, ["1", "2", "3"]);
        fixture.finish();
    });
}

/// N30: retries in memory, with the policy's delays.
#[test]
fn failures_are_retried_in_memory() {
    World::run(|world| async move {
        let fixture = fixture(&world, 1, Host::default());
        let policy = RetryPolicy {
            maximum_attempts: 3,
            ..RetryPolicy::default()
        };
        fixture.run(
            "run",
            vec![ScheduleLocalActivity {
                retry_policy: Some(policy),
                ..schedule(1)
            }],
        );
        world.settle().await;
        for (attempt, delay) in [(0, SECOND), (1, 2 * SECOND)] {
            fixture.fail(attempt);
            tokio::time::sleep(delay - MILLISECOND).await;
            assert_eq!(fixture.started().len(), attempt + 1, "not yet");
            tokio::time::sleep(3 * MILLISECOND).await;
            assert_eq!(fixture.started()[attempt + 1].1, attempt as u32 + 2);
        }
        fixture.fail(2);
        world.settle().await;
        let ended = fixture.ended();
        assert_eq!((ended.attempt, ended.backoff), (3, None));
        assert!(ended.outcome.is_err());
        fixture.finish();
    });
}

/// N13: a retry that is further away than the threshold is the workflow's to wait for; as far away is
/// not. The default is one minute.
#[test]
fn far_retries_are_handed_back() {
    for (initial, threshold, expected) in [
        (61, None, true),
        (60, None, false),
        (5, Some(5 * SECOND), false),
        (6, Some(5 * SECOND), true),
    ] {
        World::run(|world| async move {
            let fixture = fixture(&world, 1, Host::default());
            let policy = RetryPolicy {
                initial_interval: prost_types::Duration::try_from(initial * SECOND).ok(),
                ..RetryPolicy::default()
            };
            fixture.run(
                "run",
                vec![ScheduleLocalActivity {
                    retry_policy: Some(policy),
                    local_retry_threshold: threshold,
                    attempt: 1,
                    ..schedule(1)
                }],
            );
            world.settle().await;
            fixture.fail(0);
            world.settle().await;
            if expected {
                assert_eq!(fixture.ended().backoff, Some(initial * SECOND));
            } else {
                assert_eq!(fixture.counts().await, (0, 0, 1));
            }
            fixture.finish();
        });
    }
}

/// N10: only start-to-close timeouts are retried.
#[test]
fn a_timed_out_attempt_is_retried() {
    World::run(|world| async move {
        let fixture = fixture(&world, 1, Host::default());
        fixture.run("run", vec![schedule(1)]);
        tokio::time::sleep(10 * SECOND + 2 * MILLISECOND).await;
        assert!(fixture.host.cancelled.lock()[0].timed_out);
        assert_eq!(fixture.counts().await, (0, 0, 1));
        tokio::time::sleep(SECOND).await;
        assert_eq!(fixture.started().len(), 2);
        // The first attempt ends after all; its slot was given up.
        fixture.end(0, says());
        world.settle().await;
        assert!(fixture.heard.is_empty());
        fixture.end(1, says());
        world.settle().await;
        assert_eq!(fixture.ended().attempt, 2);
        fixture.finish();
    });
}

#[test]
fn schedule_to_close_ends_it_all() {
    World::run(|world| async move {
        let fixture = fixture(&world, 1, Host::default());
        fixture.run(
            "run",
            vec![ScheduleLocalActivity {
                schedule_to_close_timeout: Some(12 * SECOND),
                ..schedule(1)
            }],
        );
        tokio::time::sleep(13 * SECOND).await;
        let ended = fixture.ended();
        assert_eq!(timeout_type(&ended), TimeoutType::ScheduleToClose);
        assert_eq!(ended.attempt, 2);
        assert_eq!(fixture.host.cancelled.lock().len(), 2);
        fixture.finish();
    });
}

/// As the server does. 1.35.0 never ends such an activity.
#[test]
fn a_retry_that_would_come_too_late_is_none() {
    World::run(|world| async move {
        let fixture = fixture(&world, 1, Host::default());
        fixture.run(
            "run",
            vec![ScheduleLocalActivity {
                schedule_to_close_timeout: Some(SECOND),
                ..schedule(1)
            }],
        );
        world.settle().await;
        fixture.fail(0);
        world.settle().await;
        let ended = fixture.ended();
        assert_eq!(ended.outcome.expect_err("it failed").message, "broken");
        fixture.finish();
    });
}

#[test]
fn schedule_to_start_bounds_the_queue() {
    World::run(|world| async move {
        let fixture = fixture(&world, 1, Host::default());
        let short = |sequence| ScheduleLocalActivity {
            schedule_to_start_timeout: Some(SECOND),
            ..schedule(sequence)
        };
        fixture.run("run", vec![short(1), short(2)]);
        tokio::time::sleep(SECOND + 2 * MILLISECOND).await;
        let ended = fixture.ended();
        assert_eq!(ended.sequence, 2);
        assert_eq!(timeout_type(&ended), TimeoutType::ScheduleToStart);
        assert_eq!(fixture.counts().await, (0, 1, 0));
        // Not even a retry may start later.
        fixture.fail(0);
        tokio::time::sleep(2 * SECOND).await;
        let ended = fixture.ended();
        assert_eq!(ended.sequence, 1);
        assert_eq!(timeout_type(&ended), TimeoutType::ScheduleToStart);
        fixture.finish();
    });
}

/// The time that its first attempts took counts for one that comes back after a backoff.
#[test]
fn schedule_to_close_counts_from_the_first_schedule() {
    World::run(|world| async move {
        let fixture = fixture(&world, 1, Host::default());
        let hour_ago = std::time::SystemTime::now() - 3600 * SECOND;
        fixture.run(
            "run",
            vec![ScheduleLocalActivity {
                attempt: 4,
                original_schedule_time: Some(hour_ago.into()),
                schedule_to_close_timeout: Some(60 * SECOND),
                ..schedule(1)
            }],
        );
        world.settle().await;
        let ended = fixture.ended();
        assert_eq!(timeout_type(&ended), TimeoutType::ScheduleToClose);
        assert_eq!(ended.attempt, 4);
        assert_eq!(ended.original_schedule_time, Some(hour_ago.into()));
        assert!(fixture.started().is_empty());
        fixture.finish();
    });
}

#[test]
fn code_that_cannot_be_started_is_a_final_failure() {
    World::run(|world| async move {
        let host = Host {
            panics: true,
            ..Host::default()
        };
        let fixture = fixture(&world, 2, host);
        fixture.run("run", vec![schedule(1)]);
        world.settle().await;
        assert!(fixture.ended().outcome.is_err());
        fixture.finish();
    });
}

#[test]
fn it_cannot_be_completed_from_outside() {
    World::run(|world| async move {
        let fixture = fixture(&world, 2, Host::default());
        fixture.run("run", vec![schedule(1)]);
        world.settle().await;
        fixture.end(0, ActivityOutcome::CompletesLater);
        world.settle().await;
        let failure = fixture.ended().outcome.expect_err("it failed");
        assert!(failure.message.contains("outside"), "{failure:?}");
        fixture.finish();
    });
}
