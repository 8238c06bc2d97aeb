//! What a run's shell does after a panic has taken its engine.

use crate::{
    protos::{
        enums::v1::WorkflowTaskFailedCause,
        failure::v1::{ApplicationFailureInfo, Failure, failure::FailureInfo},
    },
    workflow::EvictionReason,
};

use super::{
    run::{Phase, RunActor, RunEngine},
    run_memory::removal,
};

impl<E: RunEngine> RunActor<E> {
    /// After a panic: says so to the server, once per task and only for its first attempt.
    pub(super) fn fail_open_task(&self) {
        let Some((task_token, 1)) = self.memory.facts.lock().open_task.take() else {
            return;
        };
        let calls = &self.shared.calls;
        let request = calls.requests.fail_workflow_task(
            task_token,
            WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure,
            Failure {
                message: "the run's actor panicked; the run will be rebuilt from its history"
                    .into(),
                failure_info: Some(FailureInfo::ApplicationFailureInfo(
                    ApplicationFailureInfo {
                        r#type: "RunActorPanicked".into(),
                        ..Default::default()
                    },
                )),
                ..Default::default()
            },
        );
        let call = calls.until_shutdown(calls.service.get().fail_workflow_task(request));
        calls.spawner.spawn(async move {
            if let Err(status) = call.await {
                tracing::warn!(%status, "a workflow task that panicked is left to time out");
            }
        });
    }

    /// After a panic: has workflow code forget the run as soon as it is at rest, then leaves.
    pub(super) fn forget_run(&mut self) {
        let (busy, known, is_responding) = {
            let facts = self.memory.facts.lock();
            (
                facts.host_is_busy,
                facts.host_knows_run,
                facts.is_responding,
            )
        };
        if busy {
            return;
        }
        if known {
            return self.activate(removal(self.memory.run_id()));
        }
        if is_responding {
            return;
        }
        if let Phase::Recovering { unstarted } = &mut self.phase {
            let unstarted = std::mem::take(unstarted);
            self.memory.left(EvictionReason::Fatal, unstarted);
            self.phase = Phase::Left;
        }
    }
}
