"""Mistakes in what a worker is given, each with the error that names it.

The types of errors are those of the Temporal Python SDK 1.35.0, where that refuses the same;
``compare_mistakes.py`` makes each mistake there as well.
"""

from __future__ import annotations

import math
import sys
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RawValue, VersioningBehavior
from temporalio.worker import (
    PollerBehaviorSimpleMaximum,
    SharedHeartbeatSender,
    SharedStateManager,
    UnsandboxedWorkflowRunner,
    Worker,
    WorkerDeploymentConfig,
    WorkerDeploymentVersion,
    WorkerTuner,
)


@activity.defn
async def hello() -> None: ...


@activity.defn(name="hello")
async def second_hello() -> None: ...


@activity.defn
def in_thread() -> None: ...


def within_a_function() -> Callable[[], None]:
    @activity.defn
    def inner() -> None: ...

    return inner


class StateManager(SharedStateManager):
    """Does for a worker that never runs."""

    def new_event(self) -> threading.Event:
        raise NotImplementedError

    async def register_heartbeater(
        self, task_token: bytes, heartbeat: Callable[..., None]
    ) -> SharedHeartbeatSender:
        raise NotImplementedError

    async def unregister_heartbeater(self, task_token: bytes) -> None:
        raise NotImplementedError


@activity.defn
class CallableActivity:
    async def __call__(self) -> None: ...


@activity.defn(dynamic=True)
async def anything(args: Sequence[RawValue]) -> None: ...


@activity.defn(dynamic=True)
async def anything_else(args: Sequence[RawValue]) -> None: ...


async def undecorated() -> None: ...


class Holder:
    @activity.defn
    async def method(self) -> None: ...


@workflow.defn
class Greeting:
    @workflow.run
    async def run(self) -> None: ...


@workflow.defn(name="Greeting")
class SecondGreeting:
    @workflow.run
    async def run(self) -> None: ...


class NotAWorkflow:
    async def run(self) -> None: ...


@workflow.defn(dynamic=True)
class AnyWorkflow:
    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> None: ...


@workflow.defn(dynamic=True)
class AnyOtherWorkflow:
    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> None: ...


@dataclass(frozen=True)
class Mistake:
    """What is given to a worker, and the error that comes of it."""

    given: dict[str, Any]
    error: type[Exception]
    message: str
    """A pattern in the error's message."""

    def make(self, client: Client) -> Worker:
        """Make the mistake."""
        # What is not the mistake is right, and on a queue of its own.
        options = {
            "task_queue": f"queue-{uuid.uuid4()}",
            "workflow_runner": UnsandboxedWorkflowRunner(),
            **self.given,
        }
        return Worker(client, **options)


def _with_all(**wrong: Any) -> dict[str, Any]:
    """Options of a worker that could run but for ``wrong``."""
    return {"activities": [hello], "workflows": [Greeting], **wrong}


def _deployment(**options: Any) -> WorkerDeploymentConfig:
    return WorkerDeploymentConfig(WorkerDeploymentVersion("deployment", "build"), **options)


_NOTHING = "At least one activity, Nexus service, or workflow must be specified"
_NO_ACTIVITY = "missing attributes, was it decorated with @activity.defn"
_NO_WORKFLOW = "missing attributes, was it decorated with @workflow.defn"

_REGISTRATION: dict[str, Mistake] = {
    "nothing": Mistake({}, ValueError, _NOTHING),
    "empty lists": Mistake({"activities": [], "workflows": []}, ValueError, _NOTHING),
    "activities of one name": Mistake(
        {"activities": [hello, second_hello]}, ValueError, "More than one activity named hello"
    ),
    "an activity twice": Mistake(
        {"activities": [hello, hello]}, ValueError, "More than one activity named hello"
    ),
    "an activity's class": Mistake(
        {"activities": [CallableActivity]}, TypeError, "CallableActivity is a class instead"
    ),
    "undecorated activity": Mistake(
        {"activities": [undecorated]}, TypeError, f"Activity undecorated {_NO_ACTIVITY}"
    ),
    "a lambda": Mistake(
        {"activities": [lambda: None]}, TypeError, f"Activity <lambda> {_NO_ACTIVITY}"
    ),
    "a workflow as activity": Mistake(
        {"activities": [Greeting]}, TypeError, f"Activity Greeting {_NO_ACTIVITY}"
    ),
    "a name as activity": Mistake(
        {"activities": ["hello"]}, TypeError, f"Activity <unknown> {_NO_ACTIVITY}"
    ),
    "no list of activities": Mistake({"activities": hello}, TypeError, "not iterable"),
    "two dynamic activities": Mistake(
        {"activities": [anything, anything_else]}, TypeError, "More than one dynamic activity"
    ),
    "no executor": Mistake(
        {"activities": [in_thread]}, ValueError, "in_thread is not async so an activity_executor"
    ),
    "processes without manager": Mistake(
        {"activities": [in_thread], "activity_executor": ProcessPoolExecutor(1)},
        ValueError,
        "in_thread is not async .*ProcessPoolExecutor, so a shared_state_manager",
    ),
    "another executor without manager": Mistake(
        {"activities": [in_thread], "activity_executor": Executor()},
        ValueError,
        "in_thread is not async .* but a Executor, so a shared_state_manager",
    ),
    "a manager without executor": Mistake(
        {"activities": [in_thread], "shared_state_manager": StateManager()},
        ValueError,
        "in_thread is not async so an activity_executor",
    ),
    "no manager of shared state": Mistake(
        {"activities": [hello], "shared_state_manager": ProcessPoolExecutor(1)},
        TypeError,
        "shared_state_manager must be a SharedStateManager, got ProcessPoolExecutor",
    ),
    "not picklable": Mistake(
        {
            "activities": [within_a_function()],
            "activity_executor": ProcessPoolExecutor(1),
            "shared_state_manager": StateManager(),
        },
        TypeError,
        "Activity inner must be picklable when using a process executor",
    ),
    "workflows of one name": Mistake(
        {"workflows": [Greeting, SecondGreeting]},
        ValueError,
        "More than one workflow named Greeting",
    ),
    "undecorated workflow": Mistake(
        {"workflows": [NotAWorkflow]}, ValueError, f"Workflow NotAWorkflow {_NO_WORKFLOW}"
    ),
    "an instance as workflow": Mistake(
        {"workflows": [Greeting()]}, ValueError, f"Workflow <unknown> {_NO_WORKFLOW}"
    ),
    "a function as workflow": Mistake(
        {"workflows": [hello]}, ValueError, f"Workflow hello {_NO_WORKFLOW}"
    ),
    "no list of workflows": Mistake({"workflows": Greeting}, TypeError, "not iterable"),
    "two dynamic workflows": Mistake(
        {"workflows": [AnyWorkflow, AnyOtherWorkflow]}, TypeError, "More than one dynamic workflow"
    ),
    "no plugin": Mistake(_with_all(plugins=[object()]), AttributeError, "'configure_worker'"),
    "no interceptor": Mistake(
        _with_all(interceptors=[object()]), AttributeError, "'object' object has no attribute"
    ),
    "no workflow runner": Mistake(
        _with_all(workflow_runner=object()), AttributeError, "'object' object has no attribute"
    ),
    "no tuner": Mistake(
        _with_all(tuner=object()), AttributeError, "'object' object has no attribute"
    ),
}
if sys.version_info >= (3, 14):
    from concurrent.futures import InterpreterPoolExecutor

    _REGISTRATION["interpreters"] = Mistake(
        {"activities": [in_thread], "activity_executor": InterpreterPoolExecutor(1)},
        ValueError,
        "InterpreterPoolExecutor is not supported as an activity_executor",
    )

_CONTRADICTIONS: dict[str, Mistake] = {
    "tuner and count": Mistake(
        _with_all(tuner=WorkerTuner.create_fixed(), max_concurrent_activities=3),
        ValueError,
        "Cannot specify max_concurrent_workflow_tasks, .* when also specifying tuner",
    ),
    "one poll with a cache": Mistake(
        _with_all(max_concurrent_workflow_task_polls=1),
        ValueError,
        "max_cached_workflows.* requires .* at least 2",
    ),
    "one poller with a cache": Mistake(
        _with_all(workflow_task_poller_behavior=PollerBehaviorSimpleMaximum(1)),
        ValueError,
        "max_cached_workflows.* requires .* at least 2",
    ),
    "versioning without build id": Mistake(
        _with_all(use_worker_versioning=True),
        ValueError,
        "build_id must be specified when use_worker_versioning is True",
    ),
    "deployment and build id": Mistake(
        _with_all(deployment_config=_deployment(use_worker_versioning=True), build_id="1"),
        ValueError,
        "deployment_config cannot be used with build_id or use_worker_versioning",
    ),
    "behavior without versions": Mistake(
        _with_all(
            deployment_config=_deployment(
                use_worker_versioning=False, default_versioning_behavior=VersioningBehavior.PINNED
            )
        ),
        ValueError,
        "default_versioning_behavior must be UNSPECIFIED when use_worker_versioning is False",
    ),
    "versions without behavior": Mistake(
        _with_all(deployment_config=_deployment(use_worker_versioning=True)),
        ValueError,
        "Workflow Greeting must specify a versioning behavior",
    ),
    "workflows in processes": Mistake(
        _with_all(workflow_task_executor=ProcessPoolExecutor(1)),
        TypeError,
        "workflow_task_executor must be a concurrent.futures.ThreadPoolExecutor.*got .*ProcessPool",
    ),
    "no executor of workflows": Mistake(
        _with_all(workflow_task_executor=5), TypeError, "workflow_task_executor must be a .*got 5"
    ),
}

_COUNTS = (
    "max_cached_workflows",
    "max_concurrent_workflow_tasks",
    "max_concurrent_activities",
    "max_concurrent_local_activities",
    "max_concurrent_nexus_tasks",
    "max_concurrent_workflow_task_polls",
    "max_concurrent_activity_task_polls",
)
_LIMITS = (
    "max_eager_activity_reservations_per_workflow_task",
    "max_workflow_task_external_storage_concurrency",
)
_RATES = ("max_activities_per_second", "max_task_queue_activities_per_second")
_INTERVALS = (
    "sticky_queue_schedule_to_start_timeout",
    "max_heartbeat_throttle_interval",
    "default_heartbeat_throttle_interval",
    "graceful_shutdown_timeout",
    "plugin_shutdown_timeout",
)
_POLLERS = ("workflow_task_poller_behavior", "activity_task_poller_behavior")


def _one(name: str, value: object, error: type[Exception], message: str) -> dict[str, Mistake]:
    return {f"{name}={value!r}": Mistake(_with_all(**{name: value}), error, f"{name} {message}")}


def _out_of_range() -> dict[str, Mistake]:
    found: dict[str, Mistake] = {}
    for name in _COUNTS:
        # The SDK's own way to find this one out is another than for the rest.
        error = ValueError if name == "max_concurrent_workflow_tasks" else TypeError
        found |= _one(name, -1, error, "must not be negative, got -1")
        for value in ("many", 1.5, math.nan):
            found |= _one(name, value, TypeError, f"must be a whole number, got {value!r}")
    for name in _LIMITS:
        found |= _one(name, 0, ValueError, "must be positive")
        found |= _one(name, -1, ValueError, "must be positive")
        for value in ("many", 1.5):
            found |= _one(name, value, TypeError, f"must be a whole number, got {value!r}")
    for name in _RATES:
        for value in (0, -1, math.nan, math.inf):
            found |= _one(name, value, ValueError, f"must be above 0, got {value}")
        found |= _one(name, "fast", TypeError, "must be a number, got 'fast'")
    for ratio in (-1, 1.5, math.nan):
        found |= _one(
            "nonsticky_to_sticky_poll_ratio",
            ratio,
            ValueError,
            f"must be between 0 and 1, got {ratio}",
        )
    found |= _one(
        "nonsticky_to_sticky_poll_ratio", "half", TypeError, "must be a number, got 'half'"
    )
    return found


def _of_another_kind() -> dict[str, Mistake]:
    found: dict[str, Mistake] = {}
    for name in _INTERVALS:
        found |= _one(name, timedelta(seconds=-1), TypeError, "must not be negative, got -1 day")
        found |= _one(name, 5, AttributeError, "must be a timedelta, got 5")
    for name in _POLLERS:
        found |= _one(
            name,
            PollerBehaviorSimpleMaximum(0),
            ValueError,
            "must have a maximum of at least 1, got 0",
        )
        found |= _one(
            name, PollerBehaviorSimpleMaximum(-1), TypeError, "must not be negative, got -1"
        )
        found |= _one(name, 5, AttributeError, "must be a poller behavior, got 5")
    for name in ("task_queue", "identity", "build_id"):
        found |= _one(name, 5, TypeError, "must be a str, got 5")
    found |= _one("task_queue", None, TypeError, "must be a str, got None")
    found |= _one("task_queue", "", ValueError, "must be a name that is not empty")
    found["negative slots of a tuner"] = Mistake(
        _with_all(tuner=WorkerTuner.create_fixed(activity_slots=-1)),
        TypeError,
        "num_slots of the activity slots must not be negative, got -1",
    )
    return found


MISTAKES = {**_REGISTRATION, **_CONTRADICTIONS, **_out_of_range(), **_of_another_kind()}
"""All mistakes by a name for each."""
