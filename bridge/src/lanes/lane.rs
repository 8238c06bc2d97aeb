//! One lane: a queue, the runs that it serves, and the thread whose turn it is.

use std::{
    cell::RefCell,
    collections::HashMap,
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use callboard_actors::{
    kit::Sender,
    workflow::{Activation, ActivationCompleted, EvictionReason, Job, RunId},
};
use parking_lot::Mutex;
use pyo3::{intern, prelude::*};

use super::{
    Shared,
    answer::{self, Outcome},
    clock::ThreadClock,
    queue::Queue,
    turn::{Current, Turn},
    watch::Report,
};
use crate::{activation, commands::Commands};

pub(super) enum Work {
    Activate(Box<Activation>, Sender<ActivationCompleted>),
    Stop,
}

pub(crate) struct Lane {
    index: usize,
    queue: Queue<Work>,
    load: AtomicUsize,
    /// The live runs. Only the thread that the lane belongs to calls into them.
    runs: Mutex<HashMap<RunId, Run>>,
    pub(super) turn: Mutex<Turn>,
}

pub(super) struct Run {
    object: Py<PyAny>,
    commands: Py<Commands>,
}

impl Run {
    fn clone_ref(&self, py: Python<'_>) -> Self {
        Self {
            object: self.object.clone_ref(py),
            commands: self.commands.clone_ref(py),
        }
    }
}

impl Lane {
    pub(super) fn new(index: usize) -> Self {
        Self {
            index,
            queue: Queue::default(),
            load: AtomicUsize::new(0),
            runs: Mutex::default(),
            turn: Mutex::default(),
        }
    }

    pub(super) fn submit(&self, work: Work) {
        if let Work::Activate(..) = work {
            self.load.fetch_add(1, Ordering::Relaxed);
        }
        self.queue.push(work);
    }

    /// How many activations it has not answered.
    pub(super) fn load(&self) -> usize {
        self.load.load(Ordering::Relaxed)
    }

    fn answered_one(&self) {
        self.load.fetch_sub(1, Ordering::Relaxed);
    }

    /// Takes the lane from its thread and leaves that thread with its stuck run.
    pub(super) fn condemn(&self, turn: &mut Turn, run_id: &RunId) {
        let stuck = self.runs.lock().remove(run_id);
        turn.condemned.insert(turn.generation, stuck);
        turn.generation += 1;
        self.answered_one();
    }
}

/// Starts a thread for a lane. A report on the thread before it is made first.
pub(super) fn spawn(
    shared: &Arc<Shared>,
    lane: &Arc<Lane>,
    generation: u64,
    report: Option<Report>,
) -> std::io::Result<()> {
    let name = format!("temporal_workflow_{}", lane.index);
    let server = Server {
        shared: shared.clone(),
        lane: lane.clone(),
        generation,
        thread: 0,
        processor: None,
    };
    super::start_thread(shared, name.clone(), move || {
        Python::try_attach(|py| {
            server.serve(py, &name, report);
            withdraw(py);
        });
    })
}

/// A thread in charge of a lane.
struct Server {
    shared: Arc<Shared>,
    lane: Arc<Lane>,
    generation: u64,
    thread: u64,
    processor: Option<ThreadClock>,
}

#[derive(Clone)]
struct Served {
    shared: Weak<Shared>,
    lane: Arc<Lane>,
    generation: u64,
}

enum Next {
    Continue,
    /// The thread was written off, or the pool stops.
    End,
}

thread_local! {
    /// What this thread serves and since which generation, for those who know only the thread.
    static SERVED: RefCell<Option<Served>> = const { RefCell::new(None) };
}

impl Server {
    fn serve(mut self, py: Python<'_>, name: &str, report: Option<Report>) {
        self.processor = ThreadClock::of_this_thread();
        match introduce(py, name) {
            Ok(thread) => {
                self.thread = thread;
                self.shared.thread_attached(thread);
            }
            Err(error) => error.write_unraisable(py, None),
        }
        SERVED.set(Some(Served {
            shared: Arc::downgrade(&self.shared),
            lane: self.lane.clone(),
            generation: self.generation,
        }));
        if let Some(report) = report {
            report.make(py, &self.shared, &self.lane);
        }
        loop {
            // The thread's state in the interpreter stays while it waits.
            let first = py.detach(|| {
                let work = self.lane.queue.take();
                super::exit::hold();
                work
            });
            if let Next::End = self.batch(py, first) {
                return;
            }
        }
    }

    /// Runs all that is queued without letting go of the interpreter in between.
    ///
    /// Other Python threads still get their share: CPython takes the interpreter from a thread that
    /// has run bytecode for long.
    fn batch(&self, py: Python<'_>, first: Work) -> Next {
        let mut work = first;
        loop {
            match work {
                Work::Activate(activation, reply) => {
                    if let Next::End = self.take_turn(py, *activation, reply) {
                        return Next::End;
                    }
                }
                Work::Stop => {
                    self.tear_down_all(py);
                    return Next::End;
                }
            }
            match self.lane.queue.take_ready() {
                Some(more) => work = more,
                None => return Next::Continue,
            }
        }
    }

    fn take_turn(
        &self,
        py: Python<'_>,
        activation: Activation,
        reply: Sender<ActivationCompleted>,
    ) -> Next {
        let run_id = activation.run_id.clone();
        let evicts = activation.removes();
        self.lane.turn.lock().current = Some(Current::begin(
            run_id.clone(),
            reply,
            evicts,
            self.thread,
            self.processor,
        ));
        if self.shared.deadlock_limit().is_some() {
            self.shared.watcher.wake_if_asleep();
        }
        let outcome = self.apply(py, activation, evicts);
        let current = {
            let mut turn = self.lane.turn.lock();
            if turn.generation == self.generation {
                turn.current.take()
            } else {
                None
            }
        };
        match current {
            Some(current) => {
                self.lane.answered_one();
                answer::send(&current.reply, &run_id, outcome);
                Next::Continue
            }
            None => {
                self.leave(py, &run_id);
                Next::End
            }
        }
    }

    /// Ends a thread that was written off: its run goes with it, its answer comes too late.
    fn leave(&self, py: Python<'_>, run_id: &RunId) {
        let condemned = self.lane.turn.lock().condemned.remove(&self.generation);
        if let Some(Some(run)) = condemned {
            tear_down(py, run_id, &run);
        }
        tracing::info!(%run_id, "workflow code that was stuck has returned; its run is torn down");
    }

    fn apply(&self, py: Python<'_>, activation: Activation, evicts: bool) -> Outcome {
        let run_id = activation.run_id.clone();
        let known = {
            let runs = self.lane.runs.lock();
            runs.get(&run_id).map(|run| run.clone_ref(py))
        };
        if evicts {
            // A run that got stuck is with the thread that is stuck, or gone with it.
            let outcome = match known {
                Some(run) if !forget(py, &run) => {
                    see(py, activation).and_then(|seen| activate(py, &run, &seen))
                }
                _ => Ok(Default::default()),
            };
            let removed = self.lane.runs.lock().remove(&run_id);
            drop(removed);
            return outcome;
        }
        if known.is_none() && !starts(&activation) {
            return Err(answer::unknown_run(&run_id));
        }
        let seen = see(py, activation)?;
        let run = match known {
            Some(run) => run,
            None => self.create(py, &run_id, &seen)?,
        };
        activate(py, &run, &seen)
    }

    fn create(
        &self,
        py: Python<'_>,
        run_id: &RunId,
        seen: &Bound<'_, activation::Activation>,
    ) -> Result<Run, answer::Failed> {
        let create = || -> PyResult<Run> {
            let handler = self.shared.handler.bind(py);
            let object = handler.call_method1(intern!(py, "create_run"), (seen,))?;
            let commands = object.getattr(intern!(py, "commands"))?;
            Ok(Run {
                commands: commands.cast_into::<Commands>()?.unbind(),
                object: object.unbind(),
            })
        };
        let run = create().map_err(|error| answer::raised(py, &error))?;
        let mut turn = self.lane.turn.lock();
        if turn.generation == self.generation {
            let mut runs = self.lane.runs.lock();
            runs.insert(run_id.clone(), run.clone_ref(py));
        } else {
            let kept = run.clone_ref(py);
            turn.condemned.insert(self.generation, Some(kept));
        }
        Ok(run)
    }

    /// Tears down what no eviction came for, so that no coroutine is collected elsewhere.
    fn tear_down_all(&self, py: Python<'_>) {
        let runs = std::mem::take(&mut *self.lane.runs.lock());
        for (run_id, run) in runs {
            tear_down(py, &run_id, &run);
        }
    }
}

/// Whether a run begins with this activation.
pub(super) fn starts(activation: &Activation) -> bool {
    let mut jobs = activation.jobs.iter();
    jobs.any(|job| matches!(job, Job::Initialize(_)))
}

fn see(
    py: Python<'_>,
    activation: Activation,
) -> Result<Bound<'_, activation::Activation>, answer::Failed> {
    Bound::new(py, activation::Activation::from(activation))
        .map_err(|error| answer::raised(py, &error))
}

fn activate(py: Python<'_>, run: &Run, seen: &Bound<'_, activation::Activation>) -> Outcome {
    let call = || -> PyResult<Option<(crate::wire::Wire<_>, i32)>> {
        let answer = run
            .object
            .call_method1(py, intern!(py, "activate"), (seen,))?;
        answer.extract(py)
    };
    let answer = call();
    // Commands of a failed activation go nowhere.
    let commands = run.commands.bind(py).borrow_mut().take();
    match answer {
        Ok(None) => Ok(commands),
        Ok(Some((failure, cause))) => Err(answer::failed(failure.0, cause)),
        Err(error) => Err(answer::raised(py, &error)),
    }
}

/// Has Python let go of a run, if no code of it is left to be ended.
fn forget(py: Python<'_>, run: &Run) -> bool {
    let forgotten = run
        .object
        .call_method0(py, intern!(py, "forget"))
        .and_then(|forgotten| forgotten.is_truthy(py));
    forgotten.unwrap_or_else(|error| {
        error.write_unraisable(py, None);
        // An activation does it the longer way.
        false
    })
}

fn tear_down(py: Python<'_>, run_id: &RunId, run: &Run) {
    let evict = || Activation {
        run_id: run_id.clone(),
        timestamp: None,
        is_replaying: true,
        history_length: 0,
        history_size_bytes: 0,
        continue_as_new_suggested: false,
        target_worker_deployment_version_changed: false,
        available_internal_flags: Vec::new(),
        deployment_version_for_current_task: None,
        jobs: vec![Job::RemoveFromCache {
            reason: EvictionReason::WorkerShutdown,
            message: "the run's lane ends".into(),
        }],
    };
    // An interruption that came too late for the stuck code can hit the first attempt.
    let attempt = || see(py, evict()).and_then(|seen| activate(py, run, &seen));
    if attempt().is_err() && attempt().is_err() {
        tracing::error!(%run_id, "could not tear down a workflow run");
    }
}

/// Gives the thread its name in Python; returns the interpreter's number for it.
fn introduce(py: Python<'_>, name: &str) -> PyResult<u64> {
    let threading = py.import(intern!(py, "threading"))?;
    let current = threading.call_method0(intern!(py, "current_thread"))?;
    current.setattr(intern!(py, "name"), name)?;
    threading.call_method0(intern!(py, "get_ident"))?.extract()
}

/// Takes the calling thread out of Python's list of threads, undoing [`introduce`].
///
/// Before 3.13 the entry of a thread that Python has not started stays there for ever, also when
/// that thread has ended.
pub(super) fn withdraw(py: Python<'_>) {
    let forget = || -> PyResult<()> {
        let threading = py.import(intern!(py, "threading"))?;
        let thread = threading.call_method0(intern!(py, "get_ident"))?;
        threading
            .getattr(intern!(py, "_active"))?
            .call_method1(intern!(py, "pop"), (thread, py.None()))?;
        Ok(())
    };
    if let Err(error) = forget() {
        error.write_unraisable(py, None);
    }
}

/// Ends the calling thread's work for good if it was written off.
///
/// Code that swallows its teardown in a loop would else keep a processor busy for ever. The frames on
/// its stack stay as they are: nothing ever collects them, so they never wake up in another run.
#[pyfunction]
pub(crate) fn hold_if_written_off(py: Python<'_>) {
    let written_off = SERVED.with_borrow(|served| {
        served
            .as_ref()
            .is_some_and(|served| served.lane.turn.lock().generation != served.generation)
    });
    if written_off {
        park(py);
    }
}

/// Never comes back. What the pool counts is told that this thread has ended.
pub(super) fn park(py: Python<'_>) -> ! {
    let shared =
        SERVED.with_borrow(|served| served.as_ref().and_then(|served| served.shared.upgrade()));
    if let Some(shared) = shared {
        shared.thread_ended();
    }
    py.detach(|| {
        loop {
            thread::park();
        }
    })
}

/// Counts a run whose code would not let itself be torn down.
#[pyfunction]
pub(crate) fn count_abandoned_run() {
    SERVED.with_borrow(|served| {
        if let Some(shared) = served.as_ref().and_then(|served| served.shared.upgrade()) {
            shared.count_abandoned_run();
        }
    });
}

/// Calls what is not workflow code with the turn's clock standing still.
#[pyfunction]
pub(crate) fn off_the_clock(call: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let served = SERVED.with_borrow(Clone::clone);
    let set_clock = |runs: bool| {
        let Some(Served {
            lane, generation, ..
        }) = &served
        else {
            return;
        };
        let mut turn = lane.turn.lock();
        if turn.generation != *generation {
            return;
        }
        if let Some(current) = &mut turn.current {
            if runs {
                current.resume();
            } else {
                current.pause();
            }
        }
    };
    set_clock(false);
    let result = call.call0();
    set_clock(true);
    result.map(Bound::unbind)
}
