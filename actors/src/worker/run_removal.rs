//! How workflow code is told to forget a run.
//!
//! A run whose workflow ends is not needed any more, whatever the server says to that: it rebuilds what
//! it cannot take. So workflow code forgets the run while the answer is on its way, on the thread that
//! is at work for it then, and is not woken once more for that.

use crate::workflow::{Activation, ActivationCommands, ActivationCompleted, EvictionReason};

use super::{
    run::{RunActor, RunEngine},
    run_cache::RunReport,
};

/// How far the removal is that begins with the workflow's end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum EarlyRemoval {
    #[default]
    NotBegun,
    /// Workflow code has it in hand, and the engine has not asked for it yet.
    UnderWay,
    /// The same, and the engine has asked.
    Awaited,
    /// Workflow code has forgotten the run, and the engine has not asked for that yet.
    Done,
}

impl<E: RunEngine> RunActor<E> {
    /// The workflow's end has been sent.
    pub(super) fn remove_early(&mut self) {
        self.early_removal = EarlyRemoval::UnderWay;
        let ending = EvictionReason::WorkflowExecutionEnding;
        let removal = Activation::removal(self.memory.run_id(), ending, "the workflow has ended");
        self.hand_to_host(removal, false);
    }

    /// The engine wants the run removed.
    pub(super) fn remove(&mut self, removal: Activation) {
        self.forget_local_activities();
        self.report(RunReport::Leaving {
            stay: self.memory.stay.clone(),
        });
        match self.early_removal {
            EarlyRemoval::NotBegun => self.hand_to_host(removal, false),
            EarlyRemoval::UnderWay | EarlyRemoval::Awaited => {
                self.early_removal = EarlyRemoval::Awaited;
            }
            EarlyRemoval::Done => {
                let forgotten = ActivationCompleted {
                    run_id: removal.run_id,
                    outcome: Ok(ActivationCommands::default()),
                };
                // It is this actor that hears of it.
                let _ = self.answers.send(forgotten);
            }
        }
    }

    /// Whether workflow code has answered to a removal that the engine has not asked for yet.
    pub(super) fn was_removed_early(&mut self) -> bool {
        let early = self.early_removal == EarlyRemoval::UnderWay;
        if early {
            self.early_removal = EarlyRemoval::Done;
        }
        early
    }
}
