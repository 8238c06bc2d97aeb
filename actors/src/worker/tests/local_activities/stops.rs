//! What is asked to stop: by its workflow, by the eviction of its run, by the shutdown.

use super::*;

#[test]
fn a_cancel_reaches_what_runs_and_ends_what_waits() {
    World::run(|world| async move {
        let fixture = fixture(&world, 1, Host::default());
        fixture.run("run", vec![schedule(1), schedule(2)]);
        world.settle().await;
        fixture.stop(2);
        world.settle().await;
        let ended = fixture.ended();
        assert_eq!((ended.sequence, ended.attempt), (2, 0));
        for _ in 0..2 {
            fixture.stop(1);
        }
        world.settle().await;
        assert_eq!(fixture.host.cancelled.lock().len(), 1, "asked once");
        assert!(fixture.host.cancelled.lock()[0].cancel_requested);
        // A failure is not retried once it was asked to stop.
        fixture.fail(0);
        world.settle().await;
        assert!(fixture.ended().outcome.is_err());
        fixture.run("run", vec![schedule(3)]);
        world.settle().await;
        fixture.fail(1);
        world.settle().await;
        assert_eq!(fixture.counts().await, (0, 0, 1));
        fixture.stop(3);
        world.settle().await;
        assert_eq!(fixture.ended().attempt, 0, "cancelled during its backoff");
        fixture.finish();
    });
}

/// Promise 9: at the eviction of its run a local activity gets its cancel. The run may come back and
/// use the same numbers.
#[test]
fn what_runs_for_a_run_that_leaves_is_cancelled() {
    World::run(|world| async move {
        let fixture = fixture(&world, 2, Host::default());
        fixture.run("run", vec![schedule(1), schedule(2), schedule(3)]);
        fixture.run("other", vec![schedule(1)]);
        world.settle().await;
        fixture
            .actor
            .tell(ForgetLocalActivities("run".into()))
            .expect("alive");
        fixture.run("run", vec![schedule(1)]);
        world.settle().await;
        fixture.heard.drain();
        assert_eq!(fixture.host.cancelled.lock().len(), 2);
        assert_eq!(fixture.counts().await, (2, 2, 0), "they hold their slots");
        fixture.end(0, cancelled());
        fixture.end(1, says());
        world.settle().await;
        assert!(fixture.heard.is_empty(), "nobody waits for these");
        let runs: Vec<String> = fixture.host.started.lock()[2..]
            .iter()
            .map(|task| task.workflow_run_id.clone())
            .collect();
        assert_eq!(runs, ["other", "run"]);
        fixture.end(3, says());
        world.settle().await;
        assert_eq!(fixture.ended().sequence, 1);
        fixture.finish();
    });
}

/// Promise 9: at the shutdown it gets its cancel after the grace; its run hears that it goes no
/// further here, and nothing is held up for long by code that does not stop.
#[test]
fn a_shutdown_cancels_after_the_grace() {
    World::run(|world| async move {
        let fixture = fixture(&world, 2, Host::default());
        fixture.run("run", vec![schedule(1), schedule(2), schedule(3)]);
        world.settle().await;
        fixture.actor.tell(BeginGrace).expect("alive");
        tokio::time::sleep(2 * SECOND).await;
        assert!(fixture.host.cancelled.lock().is_empty());
        tokio::time::sleep(SECOND + 2 * MILLISECOND).await;
        let cancels = fixture.host.cancelled.lock().clone();
        assert_eq!(cancels.len(), 2);
        assert!(cancels[0].worker_shutdown);
        assert!(matches!(
            fixture.heard.drain()[..],
            [RunInput::LocalActivitiesStopped]
        ));
        // One honours the cancel: not the workflow has asked for it.
        fixture.end(0, cancelled());
        world.settle().await;
        assert!(matches!(
            fixture.heard.drain()[..],
            [RunInput::LocalActivitiesStopped]
        ));
        // New ones are not even begun.
        fixture.run("late", vec![schedule(1)]);
        fixture.actor.tell(DrainLocalActivities).expect("alive");
        world.settle().await;
        assert!(matches!(
            fixture.heard.drain()[..],
            [RunInput::LocalActivitiesStopped]
        ));
        assert!(fixture.drained.is_empty());
        tokio::time::sleep(6 * SECOND).await;
        assert!(!fixture.drained.is_empty(), "the other is abandoned");
        fixture.finish();
    });
}

#[test]
fn a_result_that_comes_after_the_shutdown_began_counts() {
    World::run(|world| async move {
        let fixture = fixture(&world, 2, Host::default());
        fixture.run("run", vec![schedule(1)]);
        fixture.actor.tell(BeginGrace).expect("alive");
        tokio::time::sleep(4 * SECOND).await;
        fixture.end(0, says());
        fixture.actor.tell(DrainLocalActivities).expect("alive");
        world.settle().await;
        assert!(fixture.ended().outcome.is_ok());
        assert!(!fixture.drained.is_empty());
        fixture.finish();
    });
}
