//! The run cache among runs that behave as the test says.

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    rc::Rc,
    time::Duration,
};

use parking_lot::Mutex;
use proptest::prelude::*;
use std::sync::Arc;

use crate::{
    kit::{Actor, Clock, Handle, Sender, Spawner},
    testing::{World, inbox},
    worker::{
        run_cache::{
            AssignedWorkflowTask, CheckLeaving, DrainRuns, RunCache, RunCacheConfig, RunMessage,
            RunReport, RunsDrained,
        },
        shutdown::RUNS_LIMIT,
        slots::Slots,
    },
    workflow::{EvictionReason, RunId},
};

use super::{slots, task};

/// What the runs that the cache has started have been sent and not yet worked on.
#[derive(Default)]
struct Runs {
    mailboxes: BTreeMap<RunId, Arc<Mutex<VecDeque<RunMessage>>>>,
    held: BTreeMap<RunId, Vec<AssignedWorkflowTask>>,
    starts: usize,
}

struct Fixture {
    cache: RunCache,
    runs: Rc<RefCell<Runs>>,
    drained: crate::testing::Inbox<RunsDrained>,
    checks: crate::testing::Inbox<CheckLeaving>,
    slots: Slots,
}

fn fixture(max_live: Option<usize>, slot_count: usize) -> Fixture {
    let runs: Rc<RefCell<Runs>> = Rc::default();
    let (worker, drained) = inbox();
    let (check, checks) = inbox();
    let config = RunCacheConfig {
        max_live,
        worker,
        check,
        clock: Clock::new(Spawner::current()),
        watch: Sender::new(|_| Ok(())),
    };
    let started = runs.clone();
    let start_run = Box::new(move |run_id: &RunId| {
        let mailbox: Arc<Mutex<VecDeque<RunMessage>>> = Arc::default();
        let mut runs = started.borrow_mut();
        runs.starts += 1;
        runs.mailboxes.insert(run_id.clone(), mailbox.clone());
        Sender::new(move |message| {
            mailbox.lock().push_back(message);
            Ok(())
        })
    });
    Fixture {
        cache: RunCache::new(config, start_run),
        runs,
        drained,
        checks,
        slots: slots(slot_count),
    }
}

impl Fixture {
    fn poll(&mut self, run_id: &str, number: u64) {
        let task = task(&run_id.into(), number, &self.slots);
        self.cache.handle(task);
    }

    fn live(&self) -> Vec<String> {
        let runs = self.runs.borrow();
        runs.mailboxes.keys().map(ToString::to_string).collect()
    }

    /// The run takes its next message. True when there was one.
    fn step(&mut self, run_id: &str) -> bool {
        let run_id: RunId = run_id.into();
        let mailbox = self.runs.borrow().mailboxes.get(&run_id).cloned();
        let Some(message) = mailbox.and_then(|mailbox| mailbox.lock().pop_front()) else {
            return false;
        };
        match message {
            RunMessage::Work(assigned) => {
                let mut runs = self.runs.borrow_mut();
                runs.held.entry(run_id).or_default().push(assigned);
            }
            RunMessage::Leave(reason) => self.leave(&run_id, reason),
            RunMessage::Abandon | RunMessage::Break => {}
        }
        true
    }

    fn finish(&mut self, run_id: &str, seen: &mut Vec<u64>) -> bool {
        let run_id: RunId = run_id.into();
        let held = self
            .runs
            .borrow_mut()
            .held
            .remove(&run_id)
            .unwrap_or_default();
        let count = held.len();
        seen.extend(held.iter().map(number_of));
        drop(held);
        if count > 0 {
            self.cache
                .handle(RunReport::TasksFinished { run_id, count });
        }
        count > 0
    }

    /// The run leaves and hands back what it has not begun.
    fn leave(&mut self, run_id: &RunId, reason: EvictionReason) {
        self.cache.handle(RunReport::Leaving {
            run_id: run_id.clone(),
        });
        let mut runs = self.runs.borrow_mut();
        let mailbox = runs.mailboxes.remove(run_id).expect("a live run leaves");
        let mut unstarted = runs.held.remove(run_id).unwrap_or_default();
        drop(runs);
        for message in mailbox.lock().drain(..) {
            if let RunMessage::Work(assigned) = message {
                unstarted.push(assigned);
            }
        }
        self.cache.handle(RunReport::Left {
            run_id: run_id.clone(),
            reason,
            unstarted,
        });
    }
}

fn number_of(assigned: &AssignedWorkflowTask) -> u64 {
    let text = std::str::from_utf8(&assigned.task.task_token).expect("a number");
    text.parse().expect("a number")
}

#[test]
fn the_run_used_least_makes_room_and_busy_runs_stay() {
    World::run(|_| async {
        let mut fixture = fixture(Some(2), 10);
        let mut seen = Vec::new();
        for (number, run_id) in ["a", "b"].into_iter().enumerate() {
            fixture.poll(run_id, number as u64);
            fixture.step(run_id);
        }
        fixture.poll("c", 2);
        assert_eq!(fixture.live(), ["a", "b"], "both are busy");
        fixture.finish("b", &mut seen);
        assert!(fixture.step("b"), "b was idle and is asked to leave");
        assert_eq!(fixture.live(), ["a", "c"]);
        fixture.finish("a", &mut seen);
        fixture.step("c");
        fixture.finish("c", &mut seen);
        fixture.poll("a", 3);
        fixture.step("a");
        fixture.finish("a", &mut seen);
        fixture.poll("d", 4);
        fixture.step("c");
        assert_eq!(fixture.live(), ["a", "d"], "a was used after c");
        assert_eq!(fixture.cache.snapshot().live, 2);
    });
}

#[test]
fn a_task_for_a_run_that_leaves_starts_it_again() {
    World::run(|_| async {
        let mut fixture = fixture(Some(1), 10);
        let mut seen = Vec::new();
        fixture.poll("a", 0);
        fixture.step("a");
        fixture.finish("a", &mut seen);
        fixture.poll("b", 1);
        fixture.poll("a", 2);
        assert!(fixture.step("a"));
        assert_eq!(fixture.live(), ["a"], "the leaving run's task stands first");
        fixture.step("a");
        fixture.finish("a", &mut seen);
        fixture.step("a");
        assert_eq!(fixture.live(), ["b"]);
        assert_eq!(seen, [0, 2]);
    });
}

#[test]
fn a_run_that_never_leaves_is_abandoned_and_its_place_is_free() {
    World::run(|_| async {
        let mut fixture = fixture(Some(1), 10);
        let mut seen = Vec::new();
        fixture.poll("stuck", 0);
        fixture.step("stuck");
        fixture.finish("stuck", &mut seen);
        fixture.poll("b", 1);
        fixture.cache.handle(RunReport::Leaving {
            run_id: "stuck".into(),
        });
        tokio::time::sleep(RUNS_LIMIT + Duration::from_secs(1)).await;
        let check = fixture.checks.pop().expect("the alarm has rung");
        fixture.cache.handle(check);
        let snapshot = fixture.cache.snapshot();
        assert_eq!(
            (snapshot.abandoned, snapshot.live, snapshot.waiting_tasks),
            (1, 1, 0)
        );
        assert!(fixture.live().contains(&"b".to_owned()));
        fixture.cache.handle(RunReport::Left {
            run_id: "stuck".into(),
            reason: EvictionReason::Fatal,
            unstarted: Vec::new(),
        });
        assert_eq!(
            fixture.cache.snapshot().live,
            1,
            "a late report changes nothing"
        );
    });
}

#[derive(Clone, Debug)]
enum Step {
    Poll(u8),
    Take(u8),
    Finish(u8),
    LeaveAlone(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0u8..8, 0u8..5).prop_map(|(kind, run)| match kind {
        0..=2 => Step::Poll(run),
        3..=4 => Step::Take(run),
        5..=6 => Step::Finish(run),
        _ => Step::LeaveAlone(run),
    });
    prop::collection::vec(step, 1..120)
}

fn name(run: u8) -> String {
    format!("run {run}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever order polls, work and departures come in: the limit holds, every task is worked on
    /// exactly once, every slot comes back, and a drain ends.
    #[test]
    fn the_limit_holds_and_no_task_is_lost(
        max_live in prop::option::of(1usize..4),
        steps in steps(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .expect("a test may start a runtime");
        let _entered = runtime.enter();
        let mut fixture = fixture(max_live, 6);
        let (mut seen, mut polled) = (Vec::new(), 0u64);
        for step in steps {
            match step {
                Step::Poll(run) if fixture.slots.counts().free() > 0 => {
                    fixture.poll(&name(run), polled);
                    polled += 1;
                }
                Step::Poll(_) => {}
                Step::Take(run) => {
                    fixture.step(&name(run));
                }
                Step::Finish(run) => {
                    fixture.finish(&name(run), &mut seen);
                }
                Step::LeaveAlone(run) => {
                    let run_id: RunId = name(run).into();
                    let is_live = fixture.runs.borrow().mailboxes.contains_key(&run_id);
                    if is_live {
                        fixture.leave(&run_id, EvictionReason::HostFail);
                    }
                }
            }
            let live = fixture.live().len();
            prop_assert_eq!(live, fixture.cache.snapshot().live);
            prop_assert!(max_live.is_none_or(|max_live| live <= max_live));
        }
        fixture.cache.handle(DrainRuns);
        let mut progress = true;
        while progress {
            progress = false;
            for run in 0..5 {
                while fixture.step(&name(run)) {
                    progress = true;
                }
                progress |= fixture.finish(&name(run), &mut seen);
            }
        }
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..polled).collect::<Vec<_>>());
        prop_assert_eq!(fixture.slots.counts().free(), 6);
        prop_assert_eq!(fixture.cache.snapshot().live, 0);
        prop_assert!(!fixture.drained.is_empty());
    }
}
