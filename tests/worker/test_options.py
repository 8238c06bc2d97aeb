"""Mistakes in what a worker is given, each with the error that names it.

The types are those of the Temporal Python SDK 1.35.0, where that has the option; found out by making each
mistake there.
"""

from __future__ import annotations

import concurrent.futures
import inspect
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.worker import (
    PollerBehaviorSimpleMaximum,
    SharedHeartbeatSender,
    SharedStateManager,
    Worker,
    WorkerTuner,
)

from ..conftest import DevServer


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


MISTAKES: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({}, ValueError, "At least one activity, Nexus service, or workflow must be specified"),
    ({"activities": [hello, second_hello]}, ValueError, "More than one activity named hello"),
    ({"activities": [CallableActivity]}, TypeError, "CallableActivity is a class instead"),
    ({"activities": [undecorated]}, TypeError, "Activity undecorated missing attributes"),
    ({"activities": [anything, anything_else]}, TypeError, "More than one dynamic activity"),
    ({"activities": [in_thread]}, ValueError, "in_thread is not async so an activity_executor"),
    (
        {"activities": [in_thread], "activity_executor": ProcessPoolExecutor(1)},
        ValueError,
        "in_thread is not async .*ProcessPoolExecutor, so a shared_state_manager",
    ),
    (
        {"activities": [in_thread], "activity_executor": Executor()},
        ValueError,
        "in_thread is not async .* but a Executor, so a shared_state_manager",
    ),
    (
        {"activities": [in_thread], "shared_state_manager": StateManager()},
        ValueError,
        "in_thread is not async so an activity_executor",
    ),
    (
        {"activities": [hello], "shared_state_manager": ProcessPoolExecutor(1)},
        TypeError,
        "shared_state_manager must be a SharedStateManager, got ProcessPoolExecutor",
    ),
    (
        {
            "activities": [within_a_function()],
            "activity_executor": ProcessPoolExecutor(1),
            "shared_state_manager": StateManager(),
        },
        TypeError,
        "Activity inner must be picklable when using a process executor",
    ),
    (
        {"workflows": [Greeting, SecondGreeting]},
        ValueError,
        "More than one workflow named Greeting",
    ),
    ({"workflows": [NotAWorkflow]}, ValueError, "Workflow NotAWorkflow missing attributes"),
    (
        {
            "activities": [hello],
            "tuner": WorkerTuner.create_fixed(),
            "max_concurrent_activities": 3,
        },
        ValueError,
        "Cannot specify max_concurrent_workflow_tasks, .* when also specifying tuner",
    ),
    (
        {"workflows": [Greeting], "max_concurrent_workflow_task_polls": 1},
        ValueError,
        "max_cached_workflows above 0 requires .* at least 2, got 1",
    ),
    (
        {"activities": [hello], "max_eager_activity_reservations_per_workflow_task": 0},
        ValueError,
        "max_eager_activity_reservations_per_workflow_task must be positive",
    ),
    (
        {"activities": [hello], "max_workflow_task_external_storage_concurrency": 0},
        ValueError,
        "max_workflow_task_external_storage_concurrency must be positive",
    ),
    (
        {"activities": [hello], "use_worker_versioning": True},
        ValueError,
        "build_id must be specified when use_worker_versioning is True",
    ),
    ({"activities": [hello], "max_activities_per_second": 0}, ValueError, "above 0, got 0"),
    ({"activities": [hello], "max_cached_workflows": -1}, ValueError, "max_cached_workflows.*-1"),
    (
        {"activities": [hello], "graceful_shutdown_timeout": timedelta(seconds=-1)},
        ValueError,
        "graceful_shutdown_timeout must not be negative",
    ),
]

NOT_BUILT: list[dict[str, Any]] = [
    {"nexus_service_handlers": [object()]},
    {"plugins": [object()]},
    {"workflow_task_executor": ThreadPoolExecutor(1)},
    {"use_worker_versioning": True, "build_id": "1"},
    {"disable_safe_workflow_eviction": True},
]


@pytest.mark.parametrize(("given", "error", "message"), MISTAKES)
async def test_a_mistake_has_its_error(
    client: Client, given: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Worker(client, task_queue="queue", **given)


@pytest.mark.parametrize("given", NOT_BUILT, ids=lambda given: next(iter(given)))
async def test_what_is_not_built_says_so(client: Client, given: dict[str, Any]) -> None:
    with pytest.raises(NotImplementedError, match=next(iter(given)).removesuffix("s")):
        Worker(client, task_queue="queue", activities=[hello], **given)


async def test_a_client_that_is_not_connected_cannot_be_used(dev_server: DevServer) -> None:
    lazy = await Client.connect(dev_server.target_host, lazy=True)
    with pytest.raises(RuntimeError, match="Lazy clients cannot be used for workers"):
        Worker(lazy, task_queue="queue", activities=[hello])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {
                "activities": [in_thread],
                "activity_executor": ThreadPoolExecutor(2),
                "max_concurrent_activities": 10,
            },
            "max_concurrent_activities is 10 but activity_executor's max_workers is only 2",
        ),
        (
            {
                "activities": [in_thread],
                "activity_executor": ProcessPoolExecutor(2),
                "shared_state_manager": StateManager(),
                "max_concurrent_activities": 10,
            },
            "max_concurrent_activities is 10 but activity_executor's max_workers is only 2",
        ),
        ({"activities": [Holder.method]}, "named method has a first parameter named self"),
    ],
)
async def test_a_likely_mistake_is_warned_of(
    client: Client, given: dict[str, Any], message: str
) -> None:
    with pytest.warns(UserWarning, match=message) as caught:
        Worker(client, task_queue="queue", **given)
    assert caught[0].filename == __file__


async def test_a_pool_of_interpreters_is_refused(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class InterpreterPool(ThreadPoolExecutor): ...

    # As of Python 3.14, where it is a pool of threads too.
    monkeypatch.setattr(sys, "version_info", (3, 14))
    monkeypatch.setattr(
        concurrent.futures, "InterpreterPoolExecutor", InterpreterPool, raising=False
    )
    with pytest.raises(ValueError, match="InterpreterPoolExecutor is not supported"):
        Worker(client, task_queue="q", workflows=[Greeting], activity_executor=InterpreterPool(1))


async def test_where_nothing_is_pickled_an_activity_may_be_within_a_function(
    client: Client,
) -> None:
    for executor in (ThreadPoolExecutor(1), Executor()):
        Worker(
            client,
            task_queue="queue",
            activities=[within_a_function()],
            activity_executor=executor,
            shared_state_manager=StateManager(),
        )


async def test_what_is_right_gives_no_warning(client: Client) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Worker(
            client,
            task_queue="queue",
            activities=[hello, in_thread, Holder().method, CallableActivity(), anything],
            activity_executor=ThreadPoolExecutor(2),
            tuner=WorkerTuner.create_fixed(activity_slots=2),
        )


async def test_a_worker_can_be_made_from_the_config_of_another(client: Client) -> None:
    worker = Worker(client, task_queue="queue", activities=[hello], max_cached_workflows=7)
    config = worker.config()
    assert config["max_cached_workflows"] == 7
    assert config["activities"] == [hello]
    again = Worker(**config)
    assert again.config() == config == again.config(active_config=True)
    assert (again.task_queue, again.client) == ("queue", client)


DEFAULTS: dict[str, Any] = {
    "activities": [],
    "nexus_service_handlers": [],
    "workflows": [],
    "activity_executor": None,
    "workflow_task_executor": None,
    "nexus_task_executor": None,
    "plugins": [],
    "interceptors": [],
    "build_id": None,
    "identity": None,
    "max_cached_workflows": 1000,
    "max_concurrent_workflow_tasks": None,
    "max_concurrent_activities": None,
    "max_concurrent_local_activities": None,
    "max_concurrent_nexus_tasks": None,
    "tuner": None,
    "max_concurrent_workflow_task_polls": None,
    "nonsticky_to_sticky_poll_ratio": 0.2,
    "max_concurrent_activity_task_polls": None,
    "no_remote_activities": False,
    "sticky_queue_schedule_to_start_timeout": timedelta(seconds=10),
    "max_heartbeat_throttle_interval": timedelta(seconds=60),
    "default_heartbeat_throttle_interval": timedelta(seconds=30),
    "max_activities_per_second": None,
    "max_task_queue_activities_per_second": None,
    "max_eager_activity_reservations_per_workflow_task": 3,
    "graceful_shutdown_timeout": timedelta(),
    "plugin_shutdown_timeout": timedelta(seconds=60),
    "workflow_failure_exception_types": [],
    "shared_state_manager": None,
    "debug_mode": False,
    "disable_eager_activity_execution": False,
    "on_fatal_error": None,
    "use_worker_versioning": False,
    "disable_safe_workflow_eviction": False,
    "deployment_config": None,
    "patch_activation_callback": None,
    "workflow_task_poller_behavior": PollerBehaviorSimpleMaximum(5),
    "activity_task_poller_behavior": PollerBehaviorSimpleMaximum(5),
    "nexus_task_poller_behavior": PollerBehaviorSimpleMaximum(5),
    "disable_payload_error_limit": False,
    "max_workflow_task_external_storage_concurrency": 3,
}


def test_every_keyword_of_the_sdk_is_there_with_its_default() -> None:
    parameters = dict(inspect.signature(Worker.__init__).parameters)
    for name in ("self", "client", "task_queue"):
        del parameters[name]
    runners = [parameters.pop("workflow_runner"), parameters.pop("unsandboxed_workflow_runner")]
    assert all(parameter.default is not parameter.empty for parameter in runners)
    assert {name: parameter.default for name, parameter in parameters.items()} == DEFAULTS
    assert all(p.kind is p.KEYWORD_ONLY for p in [*parameters.values(), *runners])
