//! How a worker is doing, as plain data.

use callboard_actors::{
    kit::ChildHealth,
    worker::{LifeState, PollCounts, SlotCounts, WorkerSnapshot},
};
use pyo3::{prelude::*, types::PyDict};

/// The dictionary that `temporalio.worker.WorkerSnapshot` describes.
pub(crate) fn to_python<'py>(
    py: Python<'py>,
    snapshot: &WorkerSnapshot,
    abandoned_runs: u64,
) -> PyResult<Bound<'py, PyDict>> {
    let local = snapshot.local_activities;
    let slots = PyDict::new(py);
    slots.set_item("workflow", to_slots(py, snapshot.workflow_slots)?)?;
    slots.set_item("activity", to_slots(py, snapshot.activity_slots)?)?;
    slots.set_item("local_activity", to_slots(py, local.slots)?)?;
    let polls = PyDict::new(py);
    polls.set_item("workflow", to_polls(py, snapshot.workflow_polls)?)?;
    polls.set_item("activity", to_polls(py, snapshot.activity_polls)?)?;
    let cache = PyDict::new(py);
    cache.set_item("runs", snapshot.runs.live)?;
    cache.set_item("idle_runs", snapshot.runs.idle)?;
    cache.set_item("waiting_tasks", snapshot.runs.waiting_tasks)?;
    cache.set_item("evicted", snapshot.runs.evicted)?;
    cache.set_item("abandoned", abandoned_runs)?;
    let answer = PyDict::new(py);
    answer.set_item("state", state(snapshot.state))?;
    answer.set_item("slots", slots)?;
    answer.set_item("polls", polls)?;
    answer.set_item("cache", cache)?;
    answer.set_item("activities_in_flight", snapshot.activities_in_flight)?;
    answer.set_item("local_activities_queued", local.queued)?;
    answer.set_item("local_activities_backing_off", local.backing_off)?;
    let actors = snapshot.actors.iter().map(|actor| to_actor(py, actor));
    answer.set_item("actors", actors.collect::<PyResult<Vec<_>>>()?)?;
    Ok(answer)
}

fn state(state: LifeState) -> &'static str {
    match state {
        LifeState::Running => "running",
        LifeState::Draining => "draining",
        LifeState::Stopped => "stopped",
    }
}

fn to_slots(py: Python<'_>, counts: SlotCounts) -> PyResult<Bound<'_, PyDict>> {
    let slots = PyDict::new(py);
    slots.set_item("size", counts.size)?;
    slots.set_item("used", counts.used)?;
    slots.set_item("polling", counts.polling())?;
    slots.set_item("free", counts.free())?;
    Ok(slots)
}

fn to_polls(py: Python<'_>, counts: PollCounts) -> PyResult<Bound<'_, PyDict>> {
    let polls = PyDict::new(py);
    polls.set_item("normal", counts.normal)?;
    polls.set_item("sticky", counts.sticky)?;
    Ok(polls)
}

fn to_actor<'py>(py: Python<'py>, health: &ChildHealth) -> PyResult<Bound<'py, PyDict>> {
    let actor = PyDict::new(py);
    actor.set_item("name", health.name)?;
    actor.set_item("state", if health.alive { "alive" } else { "ended" })?;
    actor.set_item("waiting", health.waiting)?;
    actor.set_item("handled", health.handled)?;
    actor.set_item("restarts", health.restarts)?;
    Ok(actor)
}
