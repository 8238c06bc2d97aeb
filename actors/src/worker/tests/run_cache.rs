//! The run cache among runs that behave as the test says.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, VecDeque},
    rc::Rc,
    time::Duration,
};

use parking_lot::Mutex;
use proptest::prelude::*;
use std::sync::Arc;
use tokio::runtime::Runtime;

use crate::{
    kit::{Actor, Clock, Handle, Sender, Spawner},
    testing::{World, inbox},
    worker::{
        run_cache::{
            AssignedWorkflowTask, CheckLeaving, DrainRuns, RunCache, RunCacheConfig, RunMessage,
            RunReport, RunsDrained, Stay,
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
    /// They have said that they leave, and not yet left.
    departing: BTreeSet<RunId>,
    stays: BTreeMap<RunId, Stay>,
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
        metrics: crate::telemetry::WorkerMetrics::default(),
        size: Default::default(),
        max_live,
        worker,
        check,
        clock: Clock::new(Spawner::current()),
        watch: Sender::new(|_| Ok(())),
    };
    let started = runs.clone();
    let start_run = Box::new(move |stay: &Stay| {
        let mailbox: Arc<Mutex<VecDeque<RunMessage>>> = Arc::default();
        let mut runs = started.borrow_mut();
        runs.starts += 1;
        runs.mailboxes.insert(stay.run_id.clone(), mailbox.clone());
        runs.stays.insert(stay.run_id.clone(), stay.clone());
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
            RunMessage::Work(handed_over) => {
                let mut runs = self.runs.borrow_mut();
                let held = runs.held.entry(run_id).or_default();
                held.extend(handed_over.take());
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
            let stay = self.stay(&run_id);
            self.cache.handle(RunReport::TasksFinished { stay, count });
        }
        count > 0
    }

    /// The run leaves and hands back what it has not begun.
    fn leave(&mut self, run_id: &RunId, reason: EvictionReason) {
        self.begin_to_leave(run_id);
        self.end_leaving(run_id, reason);
    }

    fn begin_to_leave(&mut self, run_id: &RunId) {
        self.runs.borrow_mut().departing.insert(run_id.clone());
        let stay = self.stay(run_id);
        self.cache.handle(RunReport::Leaving { stay });
    }

    fn stay(&self, run_id: &RunId) -> Stay {
        self.runs.borrow().stays[run_id].clone()
    }

    fn end_leaving(&mut self, run_id: &RunId, reason: EvictionReason) {
        let stay = self.stay(run_id);
        let unstarted = self.remove(run_id);
        self.cache.handle(RunReport::Left {
            stay,
            reason,
            unstarted,
        });
    }

    /// The run is no more, and its mailbox with it; returns the tasks that it had taken.
    fn remove(&mut self, run_id: &RunId) -> Vec<AssignedWorkflowTask> {
        let mut runs = self.runs.borrow_mut();
        runs.departing.remove(run_id);
        runs.mailboxes.remove(run_id).expect("a live run leaves");
        runs.held.remove(run_id).unwrap_or_default()
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
        let stay = fixture.stay(&"stuck".into());
        fixture.begin_to_leave(&stay.run_id);
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
            stay,
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

/// One message more for the cache or one of its runs.
#[derive(Clone, Copy, Debug)]
enum Step {
    Poll(u8),
    Take(u8),
    Finish(u8),
    /// The run leaves of its own accord, because its task failed for one.
    LeaveAlone(u8),
    EndLeaving(u8),
    /// So much time goes by that runs which have not let go are abandoned.
    Wait,
    /// A run that was abandoned leaves after all.
    LeaveLate,
    Drain,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0u8..81, 0u8..5).prop_map(|(kind, run)| match kind {
        0..=24 => Step::Poll(run),
        25..=44 => Step::Take(run),
        45..=59 => Step::Finish(run),
        60..=67 => Step::LeaveAlone(run),
        68..=77 => Step::EndLeaving(run),
        78 => Step::Wait,
        79 => Step::LeaveLate,
        _ => Step::Drain,
    });
    prop::collection::vec(step, 1..120)
}

fn name(run: u8) -> RunId {
    format!("run {run}").into()
}

/// The cache, with a count of what became of each task.
struct Game {
    fixture: Fixture,
    polled: u64,
    worked_on: Vec<u64>,
    /// Abandoned runs that have not ended, with what they hold.
    ghosts: VecDeque<(Stay, Vec<AssignedWorkflowTask>)>,
    runtime: Runtime,
}

impl Game {
    fn play(&mut self, step: Step) {
        match step {
            Step::Poll(run) if self.fixture.slots.free() > 0 => {
                self.fixture.poll(&name(run), self.polled);
                self.polled += 1;
            }
            Step::Poll(_) => {}
            Step::Take(run) => {
                self.take(&name(run));
            }
            Step::Finish(run) if !self.is_departing(&name(run)) => {
                self.fixture.finish(&name(run), &mut self.worked_on);
            }
            Step::Finish(_) => {}
            Step::LeaveAlone(run) if self.is_live(&name(run)) => {
                self.fixture.begin_to_leave(&name(run));
            }
            Step::LeaveAlone(_) => {}
            Step::EndLeaving(run) => {
                self.end_leaving(&name(run));
            }
            Step::Wait => self.wait(),
            Step::LeaveLate => {
                self.leave_late();
            }
            Step::Drain => self.fixture.cache.handle(DrainRuns),
        }
    }

    fn is_departing(&self, run_id: &RunId) -> bool {
        self.fixture.runs.borrow().departing.contains(run_id)
    }

    fn is_live(&self, run_id: &RunId) -> bool {
        let runs = self.fixture.runs.borrow();
        runs.mailboxes.contains_key(run_id) && !runs.departing.contains(run_id)
    }

    /// A run that leaves takes no more messages.
    fn take(&mut self, run_id: &RunId) -> bool {
        if !self.is_live(run_id) {
            return false;
        }
        let mailbox = self.fixture.runs.borrow().mailboxes[run_id].clone();
        let message = mailbox.lock().pop_front();
        match message {
            None => return false,
            Some(RunMessage::Work(handed_over)) => {
                let mut runs = self.fixture.runs.borrow_mut();
                let held = runs.held.entry(run_id.clone()).or_default();
                held.extend(handed_over.take());
            }
            Some(RunMessage::Leave(_)) => self.fixture.begin_to_leave(run_id),
            Some(RunMessage::Abandon | RunMessage::Break) => {}
        }
        true
    }

    fn end_leaving(&mut self, run_id: &RunId) -> bool {
        let departs = self.is_departing(run_id);
        if departs {
            self.fixture.end_leaving(run_id, EvictionReason::HostFail);
        }
        departs
    }

    /// Runs that were leaving are abandoned.
    fn wait(&mut self) {
        let overdue: Vec<RunId> = self
            .fixture
            .runs
            .borrow()
            .departing
            .iter()
            .cloned()
            .collect();
        for run_id in overdue {
            let stay = self.fixture.stay(&run_id);
            let held = self.fixture.remove(&run_id);
            self.ghosts.push_back((stay, held));
        }
        self.runtime
            .block_on(tokio::time::sleep(RUNS_LIMIT + Duration::from_secs(1)));
        while let Some(check) = self.fixture.checks.pop() {
            self.fixture.cache.handle(check);
        }
    }

    fn leave_late(&mut self) -> bool {
        let Some((stay, unstarted)) = self.ghosts.pop_front() else {
            return false;
        };
        self.fixture.cache.handle(RunReport::Left {
            stay,
            reason: EvictionReason::CacheFull,
            unstarted,
        });
        true
    }

    /// Goes on until nothing is left to be done.
    fn settle(&mut self) {
        let mut progress = true;
        while progress {
            progress = self.leave_late();
            for run in 0..5 {
                while self.take(&name(run)) {
                    progress = true;
                }
                progress |= self.end_leaving(&name(run));
                progress |= self.fixture.finish(&name(run), &mut self.worked_on);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Promises 10, 11 and 13: whatever order polls, work, departures, a drain and the end of patience
    /// come in, the limit holds, every task is worked on exactly once, every slot comes back, and the
    /// drain ends.
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
        let entered = runtime.handle().clone();
        let _entered = entered.enter();
        let mut game = Game {
            fixture: fixture(max_live, 6),
            polled: 0,
            worked_on: Vec::new(),
            ghosts: VecDeque::new(),
            runtime,
        };
        for step in steps {
            game.play(step);
            let live = game.fixture.live().len();
            prop_assert_eq!(live, game.fixture.cache.snapshot().live);
            prop_assert!(max_live.is_none_or(|max_live| live <= max_live));
        }
        game.fixture.cache.handle(DrainRuns);
        game.settle();
        game.worked_on.sort_unstable();
        prop_assert_eq!(game.worked_on, (0..game.polled).collect::<Vec<_>>());
        prop_assert_eq!(game.fixture.slots.free(), 6);
        prop_assert_eq!(game.fixture.cache.snapshot().live, 0);
        prop_assert!(!game.fixture.drained.is_empty());
    }
}
