//! The kit's own promises: order, panics, restarts, stops.

use std::time::Duration;

use crate::kit::{
    Actor, Backoff, ChildExited, Children, Closed, Cradle, ExitReason, Handle, Mailbox, Sender,
    Supervision,
};

use super::{World, inbox};

struct Echo {
    out: Sender<u32>,
    incarnation: u32,
    seen: u32,
}

struct Say(u32);
struct Panic;
struct Finish;

impl Actor for Echo {
    const NAME: &'static str = "echo";
    const MAILBOX: Mailbox = Mailbox::lossless(2);
    type Snapshot = (u32, u32);

    fn snapshot(&self) -> (u32, u32) {
        (self.incarnation, self.seen)
    }

    fn has_finished(&self) -> bool {
        self.seen == u32::MAX
    }
}

impl Handle<Say> for Echo {
    fn handle(&mut self, Say(number): Say) {
        self.seen += 1;
        self.out.send(number).expect("the test's queue is open");
    }
}

impl Handle<Panic> for Echo {
    fn handle(&mut self, Panic: Panic) {
        panic!("asked to");
    }
}

impl Handle<Finish> for Echo {
    fn handle(&mut self, Finish: Finish) {
        self.seen = u32::MAX;
    }
}

fn echo(out: Sender<u32>) -> impl FnMut(&Cradle<Echo>) -> Echo + Send {
    move |cradle| Echo {
        out: out.clone(),
        incarnation: cradle.incarnation,
        seen: 0,
    }
}

const QUICK: Supervision = Supervision {
    restarts: 2,
    window: Duration::from_secs(60),
    backoff: Backoff {
        first: Duration::from_secs(1),
        max: Duration::from_secs(2),
    },
};

#[test]
fn messages_keep_their_order_beyond_the_capacity() {
    World::run(|world| async move {
        let (out, heard) = inbox();
        let actor = world.stage.start(0, Supervision::NEVER, None, echo(out));
        for number in 0..100 {
            actor.tell(Say(number)).expect("alive");
        }
        assert_eq!(actor.snapshot().await, Some((0, 100)));
        assert_eq!(heard.drain(), (0..100).collect::<Vec<_>>());
        actor.stop();
    });
}

#[test]
fn a_panic_builds_a_new_struct_and_loses_no_other_message() {
    World::run(|world| async move {
        let (out, heard) = inbox();
        let (exits, exited) = inbox();
        let actor = world.stage.start(0, QUICK, Some(exits), echo(out));
        let before = tokio::time::Instant::now();
        actor.tell(Say(1)).expect("alive");
        actor.tell(Panic).expect("alive");
        actor.tell(Say(2)).expect("alive");
        assert_eq!(actor.snapshot().await, Some((1, 1)));
        assert!(before.elapsed() >= Duration::from_secs(1), "backoff");
        assert_eq!(heard.drain(), [1, 2]);
        actor.tell(Panic).expect("alive");
        actor.tell(Panic).expect("alive");
        assert_eq!(actor.snapshot().await, None);
        assert_eq!(
            exited.drain(),
            [ChildExited {
                name: "echo",
                reason: ExitReason::Panicked("asked to".into())
            }]
        );
        assert_eq!(actor.tell(Say(3)), Err(Closed));
        assert!(!actor.is_alive());
    });
}

#[test]
fn a_factory_that_panics_is_an_exit_too() {
    World::run(|world| async move {
        let (exits, exited) = inbox();
        world
            .stage
            .start::<Echo>(0, Supervision::NEVER, Some(exits), |_| panic!("no seed"));
        world.settle().await;
        assert_eq!(
            exited.drain(),
            [ChildExited {
                name: "echo",
                reason: ExitReason::Panicked("no seed".into())
            }]
        );
    });
}

#[test]
fn children_are_listed_and_stopped_together() {
    World::run(|world| async move {
        let (out, _heard) = inbox();
        let (exits, exited) = inbox();
        let mut children = Children::default();
        let mut start = || {
            world.stage.vacancy().fill_as_child(
                &mut children,
                0,
                QUICK,
                exits.clone(),
                echo(out.clone()),
            )
        };
        let first = start();
        let second = start();
        first.tell(Finish).expect("alive");
        second.tell(Panic).expect("alive");
        world.settle().await;
        let health: Vec<_> = children
            .watch()
            .health()
            .iter()
            .map(|child| (child.alive, child.restarts))
            .collect();
        assert_eq!(health, [(false, 0), (true, 1)]);
        children.stop_all();
        tokio::time::sleep(Duration::from_secs(2)).await;
        let reasons: Vec<_> = exited.drain().into_iter().map(|exit| exit.reason).collect();
        assert_eq!(reasons, [ExitReason::Finished, ExitReason::Stopped]);
    });
}

/// What a panic and an end mean is the same for an actor without a thread.
#[test]
fn a_guest_lives_as_any_actor_does() {
    World::run(|world| async move {
        let (out, heard) = inbox();
        let (exits, exited) = inbox();
        let actor = world.stage.start_guest(QUICK, Some(exits), echo(out));
        actor.tell(Say(1)).expect("alive");
        assert_eq!(heard.drain(), [1], "handled where it was sent");
        let before = tokio::time::Instant::now();
        actor.tell(Panic).expect("alive");
        actor.tell(Say(2)).expect("alive");
        assert!(heard.is_empty(), "messages wait for the next struct");
        assert_eq!(actor.snapshot().await, Some((1, 1)));
        assert!(before.elapsed() >= Duration::from_secs(1), "backoff");
        assert_eq!(heard.drain(), [2]);
        actor.tell(Finish).expect("alive");
        let reasons: Vec<_> = exited.drain().into_iter().map(|exit| exit.reason).collect();
        assert_eq!(reasons, [ExitReason::Finished]);
        assert_eq!(actor.tell(Say(3)), Err(Closed));
        assert!(!actor.is_alive());
    });
}

/// Notes each message; one that is handled while another is, or in itself, is an error.
struct Notes {
    busy: bool,
    taken: Vec<(usize, u32)>,
    me: Sender<(usize, u32)>,
}

const SENDERS: usize = 4;
const EACH: u32 = 2_000;

impl Actor for Notes {
    const NAME: &'static str = "notes";
    const MAILBOX: Mailbox = Mailbox::lossless(1);
    type Snapshot = Vec<(usize, u32)>;

    fn snapshot(&self) -> Vec<(usize, u32)> {
        self.taken.clone()
    }
}

impl Handle<(usize, u32)> for Notes {
    fn handle(&mut self, (sender, number): (usize, u32)) {
        assert!(!self.busy, "one at a time");
        self.busy = true;
        self.taken.push((sender, number));
        if sender < SENDERS {
            // To itself: taken after this one.
            self.me.send((sender + SENDERS, number)).expect("alive");
        }
        self.busy = false;
    }
}

#[test]
fn a_guest_takes_one_message_at_a_time_in_each_senders_order() {
    World::run(|world| async move {
        let actor = world
            .stage
            .start_guest(Supervision::NEVER, None, |cradle| Notes {
                busy: false,
                taken: Vec::new(),
                me: cradle.me.sender(),
            });
        std::thread::scope(|scope| {
            for sender in 0..SENDERS {
                let actor = actor.clone();
                scope.spawn(move || {
                    for number in 0..EACH {
                        actor.tell((sender, number)).expect("alive");
                    }
                });
            }
        });
        let taken = actor.snapshot().await.expect("nothing has panicked");
        for sender in 0..2 * SENDERS {
            let from = taken.iter().filter(|(from, _)| *from == sender);
            assert!(from.map(|(_, number)| *number).eq(0..EACH), "{sender}");
        }
        actor.stop();
    });
}
