//! The poller on a source that the test answers.

use std::{sync::Arc, time::Duration};

use futures::FutureExt;
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tonic::Status;

use crate::{
    connection::Call,
    kit::{ActorRef, Sender, Spawner, Supervision, Vacancy},
    testing::{Inbox, World, inbox},
    worker::{
        TaskKind,
        poll_balance::{PollBalance, QueueKind},
        poller::{
            Assigned, BeginPolling, PollSource, Poller, PollerConfig, PollerMemory, PollerReport,
            PollerSelf, StopPolling,
        },
        rate_limit::RateLimit,
        shutdown::ShutdownSignal,
        slots::Slots,
    },
};

type Answer = oneshot::Sender<Result<Option<u32>, Status>>;

/// Every poll waits for the test.
#[derive(Default)]
struct Source {
    open: Mutex<Vec<(QueueKind, Answer)>>,
}

impl PollSource for Source {
    const NAME: &'static str = "test poller";
    const KIND: TaskKind = TaskKind::Activity;
    type Response = Option<u32>;
    type Task = u32;

    fn poll(&self, queue: QueueKind) -> Call<Option<u32>> {
        let (answer, wait) = oneshot::channel();
        self.open.lock().push((queue, answer));
        async move { wait.await.expect("the test answers or drops the source") }.boxed()
    }

    fn unpack(&self, response: Option<u32>) -> Option<(u32, i64)> {
        response.map(|task| (task, 0))
    }
}

struct Fixture {
    actor: ActorRef<Poller<Source>>,
    source: Arc<Source>,
    tasks: Inbox<Assigned<u32>>,
    reports: Inbox<PollerReport>,
    slots: Slots,
}

fn fixture(world: &World, slot_count: usize, polls: usize, rate: Option<f64>) -> Fixture {
    let (tasks, handed_on) = inbox();
    let balance = PollBalance::normal_only(polls);
    fixture_of(world, slot_count, balance, rate, tasks, handed_on)
}

fn fixture_of(
    world: &World,
    slot_count: usize,
    balance: PollBalance,
    rate: Option<f64>,
    tasks: Sender<Assigned<u32>>,
    handed_on: Inbox<Assigned<u32>>,
) -> Fixture {
    let vacancy: Vacancy<Poller<Source>> = world.stage.vacancy();
    let slots = Slots::new(slot_count, vacancy.address().sender());
    let source = Arc::new(Source::default());
    let (worker, reports) = inbox();
    let config = PollerConfig {
        source: source.clone(),
        tasks,
        worker,
        slots: slots.clone(),
        rate_limit: rate.map(RateLimit::new),
        shutdown: ShutdownSignal::default(),
        spawner: Spawner::current(),
    };
    let memory = PollerMemory::new(balance);
    let actor = vacancy.fill(0, Supervision::NEVER, None, move |cradle| {
        Poller::new(config.clone(), PollerSelf::of(cradle), memory.clone())
    });
    actor.tell(BeginPolling).expect("alive");
    Fixture {
        actor,
        source,
        tasks: handed_on,
        reports,
        slots,
    }
}

impl Fixture {
    fn open(&self) -> usize {
        self.source.open.lock().len()
    }

    fn answer(&self, answer: Result<Option<u32>, Status>) {
        let (_, poll) = self.source.open.lock().remove(0);
        poll.send(answer).expect("the poll waits");
    }

    fn stop(&self, server_ends_polls: bool) {
        self.actor
            .tell(StopPolling { server_ends_polls })
            .expect("alive");
    }
}

#[test]
fn a_task_that_ends_before_its_poll_is_heard_of_starves_no_queue() {
    World::run(|world| async move {
        // The task is over, its slot free, as soon as it is handed on.
        let tasks = Sender::new(|task| {
            drop(task);
            Ok(())
        });
        let balance = PollBalance::with_sticky(5, 0.2);
        let fixture = fixture_of(&world, 2, balance, None, tasks, inbox().1);
        for task in 0..20 {
            world.settle().await;
            let mut queues: Vec<_> = fixture
                .source
                .open
                .lock()
                .iter()
                .map(|poll| format!("{:?}", poll.0))
                .collect();
            queues.sort();
            assert_eq!(queues, ["Normal", "Sticky"], "after {task} tasks");
            fixture.answer(Ok(Some(task)));
        }
        fixture.stop(false);
        world.settle().await;
        assert_eq!(fixture.slots.counts().free(), 2);
        fixture.actor.stop();
    });
}

#[test]
fn there_is_a_slot_for_every_poll() {
    World::run(|world| async move {
        let fixture = fixture(&world, 3, 2, None);
        world.settle().await;
        assert_eq!((fixture.open(), fixture.slots.counts().free()), (2, 1));
        fixture.answer(Ok(Some(1)));
        world.settle().await;
        assert_eq!((fixture.open(), fixture.slots.counts().free()), (2, 0));
        fixture.answer(Ok(Some(2)));
        world.settle().await;
        assert_eq!((fixture.open(), fixture.slots.counts().used), (1, 2));
        let tasks = fixture.tasks.drain();
        assert_eq!(
            tasks.iter().map(|task| task.task).collect::<Vec<_>>(),
            [1, 2]
        );
        drop(tasks);
        world.settle().await;
        assert_eq!((fixture.open(), fixture.slots.counts().used), (2, 0));
        fixture.answer(Ok(None));
        world.settle().await;
        assert_eq!(fixture.open(), 2, "an empty poll is followed by the next");
        fixture.stop(false);
        world.settle().await;
        assert_eq!(fixture.slots.counts().free(), 3);
        fixture.actor.stop();
    });
}

#[test]
fn a_failed_poll_is_tried_again_after_a_while() {
    World::run(|world| async move {
        let fixture = fixture(&world, 1, 1, None);
        world.settle().await;
        fixture.answer(Err(Status::resource_exhausted("slow down")));
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!((fixture.open(), fixture.slots.counts().free()), (0, 1));
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(fixture.open(), 1);
        fixture.stop(false);
        world.settle().await;
        fixture.actor.stop();
    });
}

#[test]
fn a_task_that_comes_while_polls_end_is_still_handed_on() {
    World::run(|world| async move {
        let fixture = fixture(&world, 2, 2, None);
        world.settle().await;
        fixture.stop(true);
        world.settle().await;
        assert!(fixture.reports.is_empty());
        fixture.answer(Ok(Some(7)));
        world.settle().await;
        assert_eq!(fixture.open(), 1, "no new poll begins");
        // The server has forgotten the other: it is dropped after a while.
        tokio::time::sleep(Duration::from_secs(6)).await;
        assert_eq!(fixture.tasks.pop().expect("handed on").task, 7);
        assert!(matches!(
            fixture.reports.drain()[..],
            [PollerReport::Stopped(TaskKind::Activity), ..]
        ));
        fixture.actor.stop();
    });
}

#[test]
fn polls_keep_the_rate() {
    World::run(|world| async move {
        let fixture = fixture(&world, 10, 10, Some(1.0));
        let begun = tokio::time::Instant::now();
        let mut done = 0;
        while done < 5 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            while fixture.open() > 0 {
                fixture.answer(Ok(Some(done)));
                done += 1;
            }
        }
        assert!(
            begun.elapsed() >= Duration::from_secs(4),
            "{:?}",
            begun.elapsed()
        );
        fixture.stop(false);
        world.settle().await;
        fixture.actor.stop();
    });
}
