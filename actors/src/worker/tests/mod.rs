//! Actors of the worker with bare queues for neighbours.

mod activity_executor;
mod activity_sizes;
mod heartbeat;
mod local_activities;
mod poller;
mod run;
mod run_cache;
mod server;

use crate::{
    kit::Sender,
    workflow::{RunId, WorkflowTask},
};

use super::{
    poll::Assigned,
    run_cache::AssignedWorkflowTask,
    slots::{SlotPermit, Slots},
};

fn slots(size: usize) -> Slots {
    Slots::new(size, Sender::new(|_| Ok(())), Default::default())
}

fn permit(slots: &Slots) -> SlotPermit {
    slots.try_take().expect("a slot is free")
}

fn task(run_id: &RunId, number: u64, slots: &Slots) -> AssignedWorkflowTask {
    Assigned {
        task: Box::new(WorkflowTask {
            task_token: number.to_string().into(),
            workflow_id: "workflow".into(),
            run_id: run_id.clone(),
            workflow_type: "Type".into(),
            attempt: 1,
            previous_started_event_id: 0,
            started_event_id: 3,
            history: Vec::new(),
            next_page_token: bytes::Bytes::new(),
            query: None,
            queries: Default::default(),
            messages: Vec::new(),
            scheduled_time: None,
            started_time: None,
            backlog_count_hint: 0,
        }),
        permit: permit(slots),
    }
}
