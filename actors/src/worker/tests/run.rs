//! The shell of a run around an engine that does as the test says.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::Mutex;

use crate::{
    host::WorkflowHost,
    kit::{ActorRef, Backoff, Sender, Supervision},
    testing::{Inbox, World, inbox},
    worker::{
        handed_over::HandedOver,
        run::{RunActor, RunEngine, RunShared},
        run_cache::{RunMessage, RunReport, Stay},
        run_memory::{RunMemory, removal},
        slots::Slots,
    },
    workflow::{
        Activation, ActivationCommands, ActivationCompleted, EvictionReason, RunEffect, RunId,
        RunInput, TaskAnswer, TaskCompletion,
    },
};

use super::{
    server::{Server, Told, calls},
    slots, task,
};

type Script = Arc<Mutex<VecDeque<Vec<RunEffect>>>>;

/// Answers each input with the next effects of the script.
struct Scripted(Script);

impl RunEngine for Scripted {
    fn handle(&mut self, _: RunInput) -> Vec<RunEffect> {
        self.0.lock().pop_front().unwrap_or_default()
    }
}

/// Keeps the activations; the test answers them.
#[derive(Default)]
struct Host(Mutex<VecDeque<(Activation, Sender<ActivationCompleted>)>>);

impl WorkflowHost for Host {
    fn activate(&self, activation: Activation, reply: Sender<ActivationCompleted>) {
        self.0.lock().push_back((activation, reply));
    }
}

impl Host {
    fn answer(&self) -> Activation {
        let (activation, reply) = self.0.lock().pop_front().expect("an activation waits");
        let completed = ActivationCompleted {
            run_id: activation.run_id.clone(),
            outcome: Ok(ActivationCommands::default()),
        };
        reply.send(completed).expect("the run lives");
        activation
    }

    fn waiting(&self) -> usize {
        self.0.lock().len()
    }
}

struct Fixture {
    actor: ActorRef<RunActor<Scripted>>,
    server: Arc<Server>,
    host: Arc<Host>,
    reports: Inbox<RunReport>,
    slots: Slots,
    run_id: RunId,
}

const RESTARTS: Supervision = Supervision {
    restarts: 3,
    window: std::time::Duration::from_secs(60),
    backoff: Backoff {
        first: std::time::Duration::ZERO,
        max: std::time::Duration::ZERO,
    },
};

fn fixture(world: &World, supervision: Supervision, script: Vec<Vec<RunEffect>>) -> Fixture {
    let (server, host) = (Arc::new(Server::default()), Arc::new(Host::default()));
    let (cache, reports) = inbox();
    let run_id: RunId = "run".into();
    let script: Script = Arc::new(Mutex::new(script.into()));
    let stay = Stay {
        run_id: run_id.clone(),
        number: 1,
    };
    let memory = RunMemory::new(stay, cache.clone());
    let shared = Arc::new(RunShared {
        metrics: crate::telemetry::WorkerMetrics::default(),
        calls: calls(server.clone()),
        host: host.clone(),
        cache,
        local_activities: None,
        eager_activities: None,
        clock: world.stage.clock(),
        slow_task_limit: std::time::Duration::from_secs(5),
        new_engine: Arc::new(move |_: &RunId| Scripted(script.clone())),
    });
    let actor = world.stage.start(0, supervision, None, move |cradle| {
        RunActor::new(shared.clone(), memory.clone(), cradle)
    });
    Fixture {
        actor,
        server,
        host,
        reports,
        slots: slots(4),
        run_id,
    }
}

impl Fixture {
    fn work(&self, number: u64, attempt: u32) {
        let mut task = task(&self.run_id, number, &self.slots);
        task.task.attempt = attempt;
        let handed_over = HandedOver::new(task);
        self.actor
            .tell(RunMessage::Work(handed_over))
            .expect("alive");
    }

    fn left(&self) -> Option<(EvictionReason, usize)> {
        self.reports
            .drain()
            .into_iter()
            .find_map(|report| match report {
                RunReport::Left {
                    reason, unstarted, ..
                } => Some((reason, unstarted.len())),
                _ => None,
            })
    }
}

fn activation() -> RunEffect {
    RunEffect::Activate(Activation {
        jobs: Vec::new(),
        ..removal(&"run".into())
    })
}

#[test]
fn a_finished_task_frees_its_slot_and_the_cache_hears_of_it() {
    World::run(|world| async move {
        let script = vec![vec![activation()], vec![RunEffect::TaskFinished]];
        let fixture = fixture(&world, RESTARTS, script);
        fixture.work(1, 1);
        world.settle().await;
        assert_eq!(fixture.slots.free(), 3);
        fixture.host.answer();
        world.settle().await;
        assert_eq!(fixture.slots.free(), 4);
        assert!(matches!(
            fixture.reports.drain()[..],
            [RunReport::TasksFinished { count: 1, .. }]
        ));
        fixture.actor.stop();
    });
}

#[test]
fn a_panic_fails_a_first_attempt_and_leaves_when_workflow_code_is_at_rest() {
    for attempt in [1, 2] {
        World::run(|world| async move {
            let fixture = fixture(&world, RESTARTS, vec![vec![activation()]]);
            fixture.work(1, attempt);
            fixture.actor.tell(RunMessage::Break).expect("alive");
            fixture.work(2, 1);
            world.settle().await;
            let told = fixture.server.told.lock().len();
            assert_eq!(told, usize::from(attempt == 1));
            if let Some(Told::WorkflowFailed(failed)) = fixture.server.told.lock().first() {
                assert_eq!(failed.task_token, "1");
            }
            assert_eq!(fixture.host.waiting(), 1, "its answer is still awaited");
            assert!(fixture.left().is_none());
            fixture.host.answer();
            world.settle().await;
            let removal_of = removal(&fixture.run_id);
            assert_eq!(fixture.host.answer().jobs, removal_of.jobs);
            world.settle().await;
            assert_eq!(fixture.left(), Some((EvictionReason::Fatal, 1)));
            assert!(!fixture.actor.is_alive());
            assert_eq!(fixture.slots.free(), 4);
        });
    }
}

#[test]
fn a_run_that_cannot_even_recover_still_gives_its_place_back() {
    World::run(|world| async move {
        let fixture = fixture(&world, Supervision::NEVER, Vec::new());
        fixture.work(1, 1);
        fixture.actor.tell(RunMessage::Break).expect("alive");
        world.settle().await;
        assert_eq!(fixture.left(), Some((EvictionReason::Fatal, 0)));
        assert_eq!(fixture.slots.free(), 4);
    });
}

#[test]
fn eviction_hands_back_the_tasks_that_were_not_begun() {
    World::run(|world| async move {
        let unstarted = task(&"run".into(), 2, &slots(1)).task;
        let script = vec![
            Vec::new(),
            Vec::new(),
            vec![
                RunEffect::TaskFinished,
                RunEffect::Evicted {
                    reason: EvictionReason::CacheFull,
                    unstarted_tasks: vec![unstarted],
                },
            ],
        ];
        let fixture = fixture(&world, RESTARTS, script);
        fixture.work(1, 1);
        fixture.work(2, 1);
        fixture
            .actor
            .tell(RunMessage::Leave(EvictionReason::CacheFull))
            .expect("alive");
        world.settle().await;
        assert_eq!(fixture.left(), Some((EvictionReason::CacheFull, 1)));
        assert_eq!(fixture.slots.free(), 4, "the report held the last slot");
        assert!(!fixture.actor.is_alive());
    });
}

fn ends_workflow() -> RunEffect {
    RunEffect::Respond(TaskAnswer::Complete(Box::new(TaskCompletion {
        task_token: "1".into(),
        ends_workflow: true,
        ..TaskCompletion::default()
    })))
}

/// What the engine says once the server has answered, and once workflow code has.
fn removal_and_end() -> [Vec<RunEffect>; 2] {
    let gone = RunEffect::Evicted {
        reason: EvictionReason::WorkflowExecutionEnding,
        unstarted_tasks: Vec::new(),
    };
    [
        vec![
            RunEffect::TaskFinished,
            RunEffect::Activate(removal(&"run".into())),
        ],
        vec![gone],
    ]
}

#[test]
fn workflow_code_forgets_a_run_that_ends_while_the_server_hears_of_it() {
    for host_is_first in [true, false] {
        World::run(|world| async move {
            let [asked, gone] = removal_and_end();
            let script = vec![vec![activation()], vec![ends_workflow()], asked, gone];
            let fixture = fixture(&world, RESTARTS, script);
            fixture.work(1, 1);
            world.settle().await;
            fixture.host.answer();
            world.settle().await;
            assert_eq!(fixture.host.waiting(), 1, "it is asked to forget the run");
            assert!(fixture.reports.drain().is_empty(), "it has not left");
            if host_is_first {
                assert!(fixture.host.answer().removes());
                world.settle().await;
                assert_eq!(fixture.left(), None);
                fixture.server.takes_completion.notify_one();
            } else {
                fixture.server.takes_completion.notify_one();
                world.settle().await;
                assert_eq!(fixture.left(), None);
                assert!(fixture.host.answer().removes());
            }
            world.settle().await;
            assert_eq!(fixture.host.waiting(), 0, "it is asked once");
            let ending = EvictionReason::WorkflowExecutionEnding;
            assert_eq!(fixture.left(), Some((ending, 0)));
            assert!(!fixture.actor.is_alive());
            assert_eq!(fixture.slots.free(), 4);
        });
    }
}
