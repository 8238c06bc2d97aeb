//! The poller on a source that the test answers.

use std::{sync::Arc, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tonic::Status;

use crate::{
    connection::Call,
    kit::{ActorRef, Sender, Spawner, Supervision, Vacancy},
    testing::{Inbox, World, inbox},
    worker::{
        TaskKind,
        poll::{Assigned, PollSource, Polled},
        poll_balance::{PollBalance, QueueKind},
        poll_scaling::PollScale,
        poller::{BeginPolling, Poller, PollerConfig, PollerReport, PollerSelf, StopPolling},
        poller_memory::PollerMemory,
        rate_limit::RateLimit,
        shutdown::ShutdownSignal,
        slots::{SlotGrant, SlotInfo, SlotRequest, SlotSupplier, Slots},
    },
};

type Answer = oneshot::Sender<Result<Option<u32>, Status>>;

/// Every poll waits for the test.
#[derive(Default)]
struct Source {
    suggests: bool,
    open: Mutex<Vec<(QueueKind, Answer)>>,
}

impl PollSource for Source {
    const NAME: &'static str = "test poller";
    const KIND: TaskKind = TaskKind::Activity;
    type Response = Option<u32>;
    type Task = u32;

    fn poll(&self, queue: QueueKind, _: Duration) -> Call<Option<u32>> {
        let (answer, wait) = oneshot::channel();
        self.open.lock().push((queue, answer));
        async move { wait.await.expect("the test answers or drops the source") }.boxed()
    }

    fn unpack(&self, response: Option<u32>) -> Option<Polled<u32>> {
        response.map(|task| Polled {
            task,
            backlog: 0,
            suggestion: Some(1).filter(|_| self.suggests),
        })
    }

    fn slot_info(task: &u32, _: QueueKind) -> SlotInfo {
        SlotInfo::Activity {
            activity_type: task.to_string(),
        }
    }
}

struct Fixture {
    actor: ActorRef<Poller<Source>>,
    source: Arc<Source>,
    tasks: Inbox<Assigned<u32>>,
    reports: Inbox<PollerReport>,
    slots: Slots,
}

/// What a fixture is made of.
struct Made {
    slot_count: usize,
    supplier: Option<Arc<dyn SlotSupplier>>,
    balance: PollBalance,
    scale: Option<PollScale>,
    suggests: bool,
    rate: Option<f64>,
    tasks: Sender<Assigned<u32>>,
    handed_on: Inbox<Assigned<u32>>,
}

impl Made {
    fn of(
        balance: PollBalance,
        tasks: Sender<Assigned<u32>>,
        handed_on: Inbox<Assigned<u32>>,
    ) -> Self {
        Self {
            slot_count: 0,
            supplier: None,
            balance,
            scale: None,
            suggests: false,
            rate: None,
            tasks,
            handed_on,
        }
    }
}

fn fixture(world: &World, slot_count: usize, polls: usize, rate: Option<f64>) -> Fixture {
    let (tasks, handed_on) = inbox();
    let balance = PollBalance::normal_only(polls);
    Fixture::made(
        world,
        Made {
            slot_count,
            rate,
            ..Made::of(balance, tasks, handed_on)
        },
    )
}

impl Fixture {
    fn made(world: &World, made: Made) -> Self {
        let vacancy: Vacancy<Poller<Source>> = world.stage.vacancy();
        let freed = vacancy.address().sender();
        let slots = match made.supplier {
            Some(supplier) => Slots::supplied(supplier, usize::MAX, freed, Default::default()),
            None => Slots::new(made.slot_count, freed, Default::default()),
        };
        let source = Arc::new(Source {
            suggests: made.suggests,
            ..Source::default()
        });
        let (worker, reports) = inbox();
        let config = PollerConfig {
            source: source.clone(),
            tasks: made.tasks,
            worker,
            slots: slots.clone(),
            rate_limit: made.rate.map(RateLimit::new),
            scale: made.scale,
            server_suggests_polls: false,
            shutdown: ShutdownSignal::default(),
            spawner: Spawner::current(),
        };
        let memory = PollerMemory::new(made.balance, Default::default());
        let actor = vacancy.fill(0, Supervision::NEVER, None, move |cradle| {
            Poller::new(config.clone(), PollerSelf::of(cradle), memory.clone())
        });
        actor.tell(BeginPolling).expect("alive");
        Self {
            actor,
            source,
            tasks: made.handed_on,
            reports,
            slots,
        }
    }

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
        let made = Made {
            slot_count: 2,
            ..Made::of(balance, tasks, inbox().1)
        };
        let fixture = Fixture::made(&world, made);
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
        assert_eq!(fixture.slots.free(), 2);
        fixture.actor.stop();
    });
}

#[test]
fn there_is_a_slot_for_every_poll() {
    World::run(|world| async move {
        let fixture = fixture(&world, 3, 2, None);
        world.settle().await;
        assert_eq!((fixture.open(), fixture.slots.free()), (2, 1));
        fixture.answer(Ok(Some(1)));
        world.settle().await;
        assert_eq!((fixture.open(), fixture.slots.free()), (2, 0));
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
        assert_eq!(fixture.slots.free(), 3);
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
        assert_eq!((fixture.open(), fixture.slots.free()), (0, 1));
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

/// Has so many slots, and gives them in the order in which it is asked.
struct Few(Arc<tokio::sync::Semaphore>);

struct OfFew {
    _permit: tokio::sync::OwnedSemaphorePermit,
}

impl SlotGrant for OfFew {
    fn used_by(&mut self, _: SlotInfo) {}
}

impl SlotSupplier for Few {
    fn reserve(&self, _: SlotRequest) -> BoxFuture<'static, Box<dyn SlotGrant>> {
        let slots = self.0.clone();
        async move {
            let permit = slots.acquire_owned().await.expect("it is not closed");
            Box::new(OfFew { _permit: permit }) as Box<dyn SlotGrant>
        }
        .boxed()
    }

    fn try_reserve(&self, _: SlotRequest) -> BoxFuture<'static, Option<Box<dyn SlotGrant>>> {
        std::future::ready(None).boxed()
    }

    fn size(&self) -> Option<usize> {
        None
    }
}

/// Tasks come from the normal queue only: polls of the sticky one must not take all slots for ever.
#[test]
fn a_supplier_of_few_slots_starves_no_queue() {
    for slots in [2, 3, 4] {
        World::run(|world| async move {
            let supplier = Few(Arc::new(tokio::sync::Semaphore::new(slots)));
            let balance = PollBalance::with_sticky(5, 0.2);
            let (tasks, handed_on) = inbox();
            let made = Made {
                supplier: Some(Arc::new(supplier)),
                ..Made::of(balance, tasks, handed_on)
            };
            let fixture = Fixture::made(&world, made);
            for task in 0..20 {
                world.settle().await;
                let poll = {
                    let mut open = fixture.source.open.lock();
                    assert!(open.len() <= slots);
                    let normal = open
                        .iter()
                        .position(|(queue, _)| *queue == QueueKind::Normal);
                    open.remove(normal.expect("a poll of the normal queue is open"))
                        .1
                };
                poll.send(Ok(Some(task))).expect("the poll waits");
                world.settle().await;
                let handed_on = fixture.tasks.drain();
                assert_eq!(handed_on.len(), 1);
                assert_eq!(fixture.slots.counts().used, 1);
                drop(handed_on);
            }
            fixture.stop(true);
            world.settle().await;
            let open: Vec<_> = fixture.source.open.lock().drain(..).collect();
            for (_, poll) in open {
                poll.send(Ok(None)).expect("the poll waits");
            }
            world.settle().await;
            assert_eq!(fixture.slots.counts().issued, 0);
            assert_eq!(fixture.reports.drain().len(), 1, "it has stopped");
            fixture.actor.stop();
        });
    }
}

/// N34: each task with a suggestion opens one more poll, up to the maximum.
#[test]
fn polls_follow_the_suggestions() {
    World::run(|world| async move {
        let (tasks, handed_on) = inbox();
        let balance = PollBalance::scaled(1, false);
        let scale = PollScale {
            minimum: 1,
            maximum: 3,
            initial: 1,
        };
        let fixture = Fixture::made(
            &world,
            Made {
                slot_count: 20,
                scale: Some(scale),
                suggests: true,
                ..Made::of(balance, tasks, handed_on)
            },
        );
        for expected in [1, 2, 3, 3] {
            world.settle().await;
            assert_eq!(fixture.open(), expected);
            fixture.answer(Ok(Some(7)));
        }
        world.settle().await;
        fixture.answer(Ok(None));
        fixture.answer(Err(Status::resource_exhausted("too much")));
        world.settle().await;
        assert_eq!(fixture.open(), 1, "fewer again");
        fixture.actor.stop();
    });
}
