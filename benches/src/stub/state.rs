//! The service's state, and what a client does to it.

use std::{collections::HashMap, sync::Arc};

use callboard_actors::protos::{
    common::v1::Payload, failure::v1::Failure, history::v1::History, workflowservice::v1 as api,
};
use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;

use super::{
    queue::TaskQueue,
    run::{Completed, Run, ScheduledActivity, activity_completed, signaled},
};

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum RunEnd {
    Completed(Vec<Payload>),
    Failed(Box<Failure>),
}

/// The service. Cheap to clone; all clones are one service.
#[derive(Clone, Default)]
pub struct Stub {
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Task tokens and run ids hold the position in this list.
    runs: RwLock<Vec<Arc<Mutex<Run>>>>,
    ends: Mutex<Vec<(String, RunEnd)>>,
    ended: watch::Sender<usize>,
    workflow_queues: RwLock<HashMap<String, Arc<TaskQueue<usize>>>>,
    activity_queues: RwLock<HashMap<String, Arc<TaskQueue<ActivityTask>>>>,
}

pub(super) struct ActivityTask {
    pub(super) run: usize,
    pub(super) scheduled: ScheduledActivity,
}

impl Stub {
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a workflow and returns its run id.
    pub fn start_workflow(
        &self,
        workflow_id: impl Into<String>,
        workflow_type: &str,
        task_queue: &str,
        input: Vec<Payload>,
    ) -> String {
        let mut runs = self.state.runs.write();
        let index = runs.len();
        let run_id = run_id_of(index);
        let run = Run::start(
            workflow_id.into(),
            run_id.clone(),
            workflow_type,
            task_queue,
            input,
        );
        runs.push(Arc::new(Mutex::new(run)));
        drop(runs);
        self.workflow_queue(task_queue).push(index);
        run_id
    }

    /// Sends a signal. False when there is no such open run.
    pub fn signal_workflow(&self, run_id: &str, name: &str, input: Vec<Payload>) -> bool {
        let Some((index, run)) = self.find(run_id) else {
            return false;
        };
        let mut run = run.lock();
        if run.ended {
            return false;
        }
        if run.arrive([signaled(name, input)]) {
            self.workflow_queue(run.queue()).push(index);
        }
        true
    }

    /// Waits until so many runs have ended in all.
    pub async fn wait_for_ends(&self, count: usize) {
        let mut ended = self.state.ended.subscribe();
        ended
            .wait_for(|ended| *ended >= count)
            .await
            .expect("the sender lives in self");
    }

    /// Takes the ends so far, with the workflow ids, in order of ending.
    pub fn take_ends(&self) -> Vec<(String, RunEnd)> {
        std::mem::take(&mut self.state.ends.lock())
    }

    /// Frees the histories of the runs that have ended.
    pub fn forget_ended(&self) {
        for run in self.state.runs.read().iter() {
            let mut run = run.lock();
            if run.ended {
                run.forget();
            }
        }
    }

    pub fn history(&self, run_id: &str) -> Option<History> {
        self.find(run_id).map(|(_, run)| run.lock().history())
    }

    pub(super) async fn next_workflow_task(
        &self,
        queue: &str,
        sticky: bool,
    ) -> Option<api::PollWorkflowTaskQueueResponse> {
        let index = self.workflow_queue(queue).poll().await?;
        self.start_task(index, sticky)
    }

    fn start_task(&self, index: usize, sticky: bool) -> Option<api::PollWorkflowTaskQueueResponse> {
        let run = self.state.runs.read()[index].clone();

        run.lock().start_task(token_of(index), sticky)
    }

    /// `None` when no such task is in progress.
    pub(super) fn complete_task(
        &self,
        request: api::RespondWorkflowTaskCompletedRequest,
    ) -> Option<api::RespondWorkflowTaskCompletedResponse> {
        let index = index_of(&request.task_token)?;
        let run = self.state.runs.read().get(index).cloned()?;
        let inline = request.return_new_workflow_task;
        let mut response = api::RespondWorkflowTaskCompletedResponse::default();
        let mut run = run.lock();
        let completed = run.complete_task(request)?;
        let (workflow_id, queue) = (run.workflow_id.clone(), run.queue().to_owned());
        drop(run);
        let Completed {
            activities,
            end,
            task_due,
            ..
        } = completed;
        for scheduled in activities {
            if scheduled.attributes.request_eager_execution {
                let task = self.start_activity(index, scheduled);
                response.activity_tasks.push(task);
                continue;
            }
            let name = scheduled
                .attributes
                .task_queue
                .clone()
                .unwrap_or_default()
                .name;
            self.activity_queue(&name).push(ActivityTask {
                run: index,
                scheduled,
            });
        }
        if let Some(end) = end {
            self.state.ends.lock().push((workflow_id, end));
            self.state.ended.send_modify(|ended| *ended += 1);
        }
        if task_due && inline {
            response.workflow_task = self.start_task(index, true);
        } else if task_due {
            self.workflow_queue(&queue).push(index);
        }
        Some(response)
    }

    pub(super) fn fail_task(&self, request: &api::RespondWorkflowTaskFailedRequest) -> bool {
        let Some(index) = index_of(&request.task_token) else {
            return false;
        };
        let Some(run) = self.state.runs.read().get(index).cloned() else {
            return false;
        };
        let mut run = run.lock();
        let failed = run.fail_task(request);
        if failed {
            self.workflow_queue(run.queue()).push(index);
        }
        failed
    }

    pub(super) async fn next_activity(
        &self,
        queue: &str,
    ) -> Option<api::PollActivityTaskQueueResponse> {
        let ActivityTask { run, scheduled } = self.activity_queue(queue).poll().await?;
        Some(self.start_activity(run, scheduled))
    }

    fn start_activity(
        &self,
        run: usize,
        scheduled: ScheduledActivity,
    ) -> api::PollActivityTaskQueueResponse {
        let handle = self.state.runs.read()[run].clone();
        let owner = handle.lock();
        super::service::describe_activity(
            activity_token(run, scheduled.event_id),
            &owner.workflow_id,
            &owner.run_id,
            scheduled.attributes,
        )
    }

    /// False when the token names no activity.
    pub(super) fn complete_activity(
        &self,
        request: api::RespondActivityTaskCompletedRequest,
    ) -> bool {
        let Some((index, event_id)) = parse_activity_token(&request.task_token) else {
            return false;
        };
        let Some(run) = self.state.runs.read().get(index).cloned() else {
            return false;
        };
        let mut run = run.lock();
        if run.ended {
            return false;
        }
        if run.arrive(activity_completed(event_id, request.result)) {
            self.workflow_queue(run.queue()).push(index);
        }
        true
    }

    fn workflow_queue(&self, name: &str) -> Arc<TaskQueue<usize>> {
        named(&self.state.workflow_queues, name)
    }

    fn activity_queue(&self, name: &str) -> Arc<TaskQueue<ActivityTask>> {
        named(&self.state.activity_queues, name)
    }

    fn find(&self, run_id: &str) -> Option<(usize, Arc<Mutex<Run>>)> {
        let index = run_id.rsplit('-').next()?.parse().ok()?;
        Some((index, self.state.runs.read().get(index)?.clone()))
    }
}

fn named<T>(queues: &RwLock<HashMap<String, Arc<TaskQueue<T>>>>, name: &str) -> Arc<TaskQueue<T>> {
    if let Some(queue) = queues.read().get(name) {
        return queue.clone();
    }
    queues.write().entry(name.to_owned()).or_default().clone()
}

fn run_id_of(index: usize) -> String {
    format!("run-{index}")
}

fn token_of(index: usize) -> Vec<u8> {
    index.to_le_bytes().to_vec()
}

fn index_of(token: &[u8]) -> Option<usize> {
    Some(usize::from_le_bytes(token.try_into().ok()?))
}

fn activity_token(index: usize, event_id: i64) -> Vec<u8> {
    [index.to_le_bytes(), event_id.to_le_bytes()].concat()
}

fn parse_activity_token(token: &[u8]) -> Option<(usize, i64)> {
    let (index, event_id) = token.split_at_checked(8)?;
    Some((
        index_of(index)?,
        i64::from_le_bytes(event_id.try_into().ok()?),
    ))
}
