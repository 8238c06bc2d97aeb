//! First tasks of workflows that were started eagerly, for the runs of this worker.

use std::sync::Arc;

use futures::FutureExt;
use parking_lot::Mutex;

use crate::{
    connection::{EagerRegistration, FirstTask, FirstTasks, WorkerService},
    kit::Sender,
    protos::{
        deployment::v1::WorkerDeploymentOptions, workflowservice::v1::PollWorkflowTaskQueueResponse,
    },
    workflow::WorkflowTask,
};

use super::{
    poll::Assigned,
    run_cache::AssignedWorkflowTask,
    shutdown::ShutdownSignal,
    slots::{SlotInfo, SlotKind, SlotPermit, SlotRequest, Slots},
};

pub(super) struct FirstTasksOfWorker {
    pub slots: Slots,
    pub tasks: Sender<AssignedWorkflowTask>,
    pub deployment_options: Option<WorkerDeploymentOptions>,
    pub shutdown: ShutdownSignal,
}

struct Reserved {
    permit: SlotPermit,
    tasks: Sender<AssignedWorkflowTask>,
}

const REQUEST: SlotRequest = SlotRequest {
    kind: SlotKind::Workflow,
    is_sticky: false,
};

impl FirstTasks for FirstTasksOfWorker {
    fn reserve(&self) -> Option<Box<dyn FirstTask>> {
        if self.shutdown.has_begun() {
            return None;
        }
        // A supplier that does not know at once is not waited for: the start must not be held up.
        let permit = self.slots.try_reserve(REQUEST).now_or_never().flatten()?;
        Some(Box::new(Reserved {
            permit,
            tasks: self.tasks.clone(),
        }))
    }

    fn deployment_options(&self) -> Option<WorkerDeploymentOptions> {
        self.deployment_options.clone()
    }
}

impl FirstTask for Reserved {
    fn start(self: Box<Self>, task: PollWorkflowTaskQueueResponse) {
        let Self { mut permit, tasks } = *self;
        let task = match WorkflowTask::try_from(task) {
            Ok(task) => Box::new(task),
            Err(error) => {
                tracing::error!(%error, "the first task of an eager start is left to time out");
                return;
            }
        };
        permit.mark_used(|| SlotInfo::Workflow {
            workflow_type: task.workflow_type.clone(),
            is_sticky: false,
        });
        if tasks.send(Assigned { task, permit }).is_err() {
            tracing::warn!(
                "the first task of an eager start was left to time out: its actor is gone"
            );
        }
    }
}

/// Where the worker is known as one that takes first tasks: at the service that it calls.
pub(super) struct Registration {
    worker: Arc<FirstTasksOfWorker>,
    namespace: String,
    task_queue: String,
    current: Mutex<Option<EagerRegistration>>,
}

impl Registration {
    pub(super) fn new(
        worker: FirstTasksOfWorker,
        namespace: String,
        task_queue: String,
    ) -> Arc<Self> {
        Arc::new(Self {
            worker: Arc::new(worker),
            namespace,
            task_queue,
            current: Mutex::new(None),
        })
    }

    /// Registers with a service, and no longer with the one before.
    pub(super) fn renew(&self, service: &dyn WorkerService) {
        let worker = self.worker.clone();
        let registration = service.register_first_tasks(&self.namespace, &self.task_queue, worker);
        *self.current.lock() = registration;
        if self.worker.shutdown.has_begun() {
            self.end();
        }
    }

    pub(super) fn end(&self) {
        let registration = self.current.lock().take();
        drop(registration);
    }
}
