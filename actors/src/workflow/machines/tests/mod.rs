//! Each state machine against a model: whatever the order of commands, cancels and events, both
//! give the same jobs and the same commands.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod bench;
mod local_activities;
mod model;

use proptest::prelude::*;

use crate::workflow::{ActivityCancellationType, ChildWorkflowCancellationType};

use bench::Bench;
use model::{Kind, Model};

/// What workflow code does in a task. A cancel is about one of the things begun until then.
#[derive(Clone, Debug)]
enum Deed {
    Begin(Kind),
    Cancel(prop::sample::Index),
}

/// A task: what happened before it (to which thing, in which way), and what workflow code does.
#[derive(Clone, Debug)]
struct Task {
    happened: Vec<(prop::sample::Index, u8)>,
    done: Vec<Deed>,
}

fn kind() -> impl Strategy<Value = Kind> {
    use ActivityCancellationType as Activity;
    use ChildWorkflowCancellationType as Child;
    prop::sample::select(vec![
        Kind::Timer,
        Kind::Activity(Activity::TryCancel),
        Kind::Activity(Activity::WaitCancellationCompleted),
        Kind::Activity(Activity::Abandon),
        Kind::Child(Child::TryCancel),
        Kind::Child(Child::WaitCancellationCompleted),
        Kind::Child(Child::WaitCancellationRequested),
        Kind::Child(Child::Abandon),
        Kind::Signal,
        Kind::Cancel,
    ])
}

fn tasks(kind: impl Strategy<Value = Kind>) -> impl Strategy<Value = Vec<Task>> {
    let deed = prop_oneof![
        kind.prop_map(Deed::Begin),
        any::<prop::sample::Index>().prop_map(Deed::Cancel),
    ];
    let happened = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    let task = (happened, prop::collection::vec(deed, 0..6))
        .prop_map(|(happened, done)| Task { happened, done });
    prop::collection::vec(task, 1..8)
}

fn check(tasks: &[Task]) {
    let mut bench = Bench::new();
    let mut model = Model::default();
    for task in tasks {
        for (index, way) in &task.happened {
            let open = model.open();
            if !open.is_empty() {
                let thing = open[index.index(open.len())];
                let (event, jobs) = model.happen(thing, *way);
                assert_eq!(bench.happen(&event), jobs, "{event:?}");
            }
        }
        for deed in &task.done {
            match deed {
                Deed::Begin(kind) => {
                    let number = model.begin(*kind);
                    assert_eq!(bench.begin(*kind, number), [""; 0]);
                }
                Deed::Cancel(index) if !model.things.is_empty() => {
                    let thing = index.index(model.things.len());
                    let (kind, number) = model.name(thing);
                    let jobs = model.cancel(thing);
                    assert_eq!(
                        bench.cancel(kind, number),
                        jobs,
                        "cancel of {kind:?} {number}"
                    );
                }
                Deed::Cancel(_) => {}
            }
        }
        let initiated = bench.end_task();
        model.end_task(&initiated);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    /// Promise 31: a cancel on any handle in any state is idempotent and never fails the task.
    /// Compatibility, commands: exactly one cancel per number of an activity, ever.
    #[test]
    fn one_kind_alone(plan in kind().prop_flat_map(|kind| tasks(Just(kind)))) {
        check(&plan);
    }

    /// Promise 31: a cancel on any handle in any state is idempotent and never fails the task.
    /// Compatibility, ids: the numbers of each kind count apart.
    #[test]
    fn all_kinds_together(plan in tasks(kind())) {
        check(&plan);
    }
}

/// What is begun after the workflow's end, where that is final, is never sent; a cancel of it still
/// tells workflow code.
#[test]
fn after_the_end_nothing_is_sent() {
    for (kind, told) in [
        (Kind::Timer, None),
        (
            Kind::Activity(ActivityCancellationType::TryCancel),
            Some("activity 1 cancelled"),
        ),
        (
            Kind::Child(ChildWorkflowCancellationType::TryCancel),
            Some("child 1 not started"),
        ),
        (Kind::Signal, Some("signal 1 failed")),
        (Kind::Cancel, None),
    ] {
        let mut bench = Bench::new();
        bench.end_finally();
        assert_eq!(bench.begin(kind, 1), [""; 0]);
        for expected in [told, None] {
            let jobs = bench.cancel(kind, 1);
            assert_eq!(jobs, Vec::from_iter(expected), "{kind:?}");
        }
        assert_eq!(bench.unsent(), ["COMPLETE_WORKFLOW_EXECUTION"], "{kind:?}");
    }
}

#[test]
fn numbers_that_do_not_rise_are_refused() {
    for kind in [
        Kind::Timer,
        Kind::Activity(ActivityCancellationType::TryCancel),
        Kind::Child(ChildWorkflowCancellationType::TryCancel),
        Kind::Signal,
        Kind::Cancel,
    ] {
        let mut bench = Bench::new();
        bench.begin(kind, 1);
        bench.begin(kind, 2);
        for number in [0, 1, 2] {
            assert!(bench.try_begin(kind, number).is_err(), "{kind:?}");
        }
        if kind != Kind::Cancel {
            assert!(bench.try_cancel(kind, 3).is_err(), "{kind:?}");
        }
    }
}

/// A local activity takes its next number when its backoff arrives, and uses it after a timer.
/// Compatibility, local activities: the new number is taken when the backoff arrives.
#[test]
fn an_activity_s_number_can_be_kept_for_later_and_used_once() {
    let mut activities = super::activity::Activities::default();
    for (number, is_taken) in [
        (1, true),
        (3, true),
        (2, true),
        (2, false),
        (3, false),
        (0, false),
        (4, true),
        (u32::MAX, false),
    ] {
        let taken = activities.take_number(number);
        assert_eq!(taken.is_ok(), is_taken, "{number}: {taken:?}");
    }
}
