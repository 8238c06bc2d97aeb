//! What a workflow task costs without an interpreter and without a server: history to jobs, commands
//! to wire, and a message to a lane and back.
//!
//! Each group has its floor beside it: the wire format alone, or two threads with channels alone.

use std::{
    hint::black_box,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use callboard_actors::{
    kit::{Actor, Cradle, Handle, Mailbox, Sender, Supervision},
    protos::{
        history::v1::History, workflowservice::v1::RespondWorkflowTaskCompletedRequest as Request,
    },
    runtime::{Runtime, RuntimeOptions},
    workflow::{
        ActivationCommands, ActivationCompleted, ActivityResolution, Command, Job, Run, RunEffect,
        RunInput, ScheduleActivity, TaskAnswer, TaskCompletion, WorkflowTask,
        testing::{HistoryBuilder, RUN_ID, settings},
    },
};
use callboard_benches::rust_workflows::{number, number_in};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use prost::Message as _;

const ACTIVITIES: u32 = 200;
/// Ends of activities that one workflow task brings.
const ENDS_PER_TASK: u32 = 10;
const ROUND_TRIPS: u64 = 1_000;

/// A history that fans out to activities, whose results are their numbers, and a task at its end
/// that is still to be worked on. The task is without its history.
fn fan_out() -> (Vec<u8>, WorkflowTask) {
    let mut history = HistoryBuilder::new("FanOut");
    history.run_task();
    for sequence in 1..=ACTIVITIES {
        history.schedule_activity(&sequence.to_string(), "double");
    }
    for sequence in 1..=ACTIVITIES {
        let result = number(u64::from(sequence));
        history.complete_activity(&sequence.to_string(), result);
        if sequence % ENDS_PER_TASK == 0 && sequence < ACTIVITIES {
            history.run_task();
        }
    }
    history.start_task();
    let mut task = history.task();
    let events = std::mem::take(&mut task.history);
    (History { events }.encode_to_vec(), task)
}

fn schedule(sequence: u32) -> Command {
    Command::ScheduleActivity(Box::new(ScheduleActivity {
        sequence,
        activity_type: "double".into(),
        arguments: vec![number(u64::from(sequence))],
        start_to_close_timeout: Some(Duration::from_secs(10)),
        ..ScheduleActivity::default()
    }))
}

fn activated(commands: Vec<Command>) -> RunInput {
    RunInput::Activated(ActivationCompleted {
        run_id: RUN_ID.into(),
        outcome: Ok(ActivationCommands {
            commands,
            ..ActivationCommands::default()
        }),
    })
}

/// Schedules all activities at the start, and returns the sum of their results.
#[derive(Default)]
struct FanOut {
    ended: u32,
    sum: u64,
}

impl FanOut {
    fn answer(&mut self, jobs: Vec<Job>) -> Vec<Command> {
        let mut commands = Vec::new();
        for job in jobs {
            match job {
                Job::Initialize(_) => commands.extend((1..=ACTIVITIES).map(schedule)),
                Job::ResolveActivity {
                    resolution: ActivityResolution::Completed(result),
                    ..
                } => {
                    self.ended += 1;
                    self.sum += number_in(result.as_ref()).expect("a number was recorded");
                }
                other => panic!("the fan-out gets no such job: {other:?}"),
            }
        }
        if self.ended == ACTIVITIES {
            commands.push(Command::CompleteWorkflow {
                result: Some(number(self.sum)),
            });
        }
        commands
    }
}

/// Gives a new run its task; returns the sum that it completes its workflow with.
fn replay(encoded: bytes::Bytes, task: &WorkflowTask) -> u64 {
    let mut task = task.clone();
    task.history = History::decode(encoded).expect("it was encoded").events;
    let mut code = FanOut::default();
    let mut run = Run::new(settings());
    let mut input = RunInput::TaskReceived(Box::new(task));
    loop {
        let mut effects = run.handle(input).into_iter();
        match effects.next() {
            Some(RunEffect::Activate(activation)) => {
                input = activated(code.answer(activation.jobs));
            }
            Some(RunEffect::Respond(TaskAnswer::Complete(completion))) => {
                assert!(completion.ends_workflow);
                return code.sum;
            }
            other => panic!("the run wants {other:?}"),
        }
    }
}

fn history_to_jobs(criterion: &mut Criterion) {
    let (encoded, task) = fan_out();
    let encoded = bytes::Bytes::from(encoded);
    let sum = u64::from(ACTIVITIES * (ACTIVITIES + 1) / 2);
    assert_eq!(replay(encoded.clone(), &task), sum);
    let events = History::decode(encoded.clone()).expect("it was encoded");
    let mut group = criterion.benchmark_group("history to jobs");
    group.throughput(Throughput::Elements(events.events.len() as u64));
    group.bench_function("engine, fan-out of 200 activities", |bencher| {
        bencher.iter(|| assert_eq!(replay(encoded.clone(), &task), sum));
    });
    group.bench_function("decoding alone", |bencher| {
        bencher.iter(|| History::decode(black_box(encoded.clone())).expect("it was encoded"));
    });
    group.finish();
}

/// A run whose workflow code has been started and has not answered.
fn started() -> Run {
    let mut history = HistoryBuilder::new("FanOut");
    history.start_task();
    let mut run = Run::new(settings());
    let effects = run.handle(RunInput::TaskReceived(Box::new(history.task())));
    assert!(matches!(effects[..], [RunEffect::Activate(_)]));
    run
}

fn completion(run: &mut Run, answer: RunInput) -> TaskCompletion {
    match run.handle(answer).pop() {
        Some(RunEffect::Respond(TaskAnswer::Complete(completion))) => *completion,
        other => panic!("the run wants {other:?}"),
    }
}

fn request(completion: TaskCompletion) -> Request {
    Request {
        task_token: completion.task_token,
        commands: completion.commands,
        sdk_metadata: completion.sdk_metadata,
        ..Request::default()
    }
}

fn commands_to_wire(criterion: &mut Criterion) {
    let commands = || activated((1..=ACTIVITIES).map(schedule).collect());
    let built = request(completion(&mut started(), commands()));
    let sent = built.encode_to_vec();
    let read = Request::decode(sent.as_slice()).expect("it was encoded");
    assert_eq!(read.commands.len(), ACTIVITIES as usize);
    let mut group = criterion.benchmark_group("commands to wire");
    group.throughput(Throughput::Elements(u64::from(ACTIVITIES)));
    group.bench_function("engine, 200 activities", |bencher| {
        bencher.iter_batched(
            || (started(), commands()),
            |(mut run, commands)| {
                let encoded = request(completion(&mut run, commands)).encode_to_vec();
                assert_eq!(encoded.len(), sent.len());
                // Dropped where nobody measures.
                (run, encoded)
            },
            BatchSize::SmallInput,
        );
    });
    group.bench_function("encoding alone", |bencher| {
        bencher.iter(|| assert_eq!(black_box(&built).encode_to_vec().len(), sent.len()));
    });
    group.finish();
}

struct Ask {
    number: u64,
    reply: Sender<u64>,
}

/// Sends each answer back to the lane until it has had enough, and then tells their sum.
struct Caller {
    lane: mpsc::Sender<Ask>,
    me: Sender<u64>,
    done: mpsc::Sender<u64>,
    left: u64,
    sum: u64,
}

impl Actor for Caller {
    const NAME: &'static str = "caller";
    const MAILBOX: Mailbox = Mailbox::lossless(4);
    type Snapshot = u64;

    fn snapshot(&self) -> u64 {
        self.sum
    }

    fn started(&mut self) {
        self.ask();
    }

    fn has_finished(&self) -> bool {
        self.left == 0
    }
}

impl Caller {
    fn ask(&self) {
        let ask = Ask {
            number: self.left,
            reply: self.me.clone(),
        };
        self.lane.send(ask).expect("the lane runs");
    }
}

impl Handle<u64> for Caller {
    fn handle(&mut self, answer: u64) {
        self.sum += answer;
        self.left -= 1;
        if self.left > 0 {
            self.ask();
        } else {
            self.done.send(self.sum).expect("the bench waits");
        }
    }
}

/// A thread that answers with what it is asked.
fn start_lane() -> mpsc::Sender<Ask> {
    let (lane, asked) = mpsc::channel::<Ask>();
    thread::spawn(move || {
        for Ask { number, reply } in asked {
            // The last answer ends the one who asked.
            let _ = reply.send(number);
        }
    });
    lane
}

fn mailbox_to_lane(criterion: &mut Criterion) {
    let runtime = Runtime::new(RuntimeOptions::default()).expect("threads can be started");
    let stage = runtime.stage();
    let (lane, (done, ended)) = (start_lane(), mpsc::channel());
    let caller = || {
        let (lane, done) = (lane.clone(), done.clone());
        move |cradle: &Cradle<Caller>| Caller {
            lane: lane.clone(),
            me: cradle.me.sender(),
            done: done.clone(),
            left: ROUND_TRIPS,
            sum: 0,
        }
    };
    let sum = ROUND_TRIPS * (ROUND_TRIPS + 1) / 2;
    let mut group = criterion.benchmark_group("mailbox to lane and back");
    group.throughput(Throughput::Elements(ROUND_TRIPS));
    group.bench_function("actor that runs where its messages are", |bencher| {
        bencher.iter(|| {
            stage.start_guest(Supervision::NEVER, None, caller());
            assert_eq!(ended.recv(), Ok(sum));
        });
    });
    group.bench_function("actor on a thread of its own", |bencher| {
        bencher.iter(|| {
            stage.start(0, Supervision::NEVER, None, caller());
            assert_eq!(ended.recv(), Ok(sum));
        });
    });
    group.bench_function("two threads with channels", |bencher| {
        let (to_me, answers) = mpsc::channel();
        let reply = Sender::new(move |number| {
            let _ = to_me.send(number);
            Ok(())
        });
        bencher.iter_custom(|rounds| {
            let began = Instant::now();
            for _ in 0..rounds {
                let asked = (1..=ROUND_TRIPS).map(|number| {
                    let reply = reply.clone();
                    lane.send(Ask { number, reply }).expect("the lane runs");
                    answers.recv().expect("the lane answers")
                });
                assert_eq!(asked.sum::<u64>(), sum);
            }
            began.elapsed()
        });
    });
    group.finish();
}

criterion_group!(benches, history_to_jobs, commands_to_wire, mailbox_to_lane);
criterion_main!(benches);
