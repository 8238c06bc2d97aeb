"""What a worker is given: mistakes with their errors, likely mistakes, and the defaults.

The mistakes themselves stand in ``mistakes.py``.
"""

from __future__ import annotations

import concurrent.futures
import inspect
import sys
import warnings
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from temporalio.client import Client
from temporalio.worker import (
    PollerBehaviorSimpleMaximum,
    Worker,
    WorkerTuner,
)

from ..conftest import DevServer
from .mistakes import (
    MISTAKES,
    CallableActivity,
    Greeting,
    Holder,
    Mistake,
    StateManager,
    anything,
    hello,
    in_thread,
    within_a_function,
)

NOT_BUILT: list[dict[str, Any]] = [
    {"nexus_service_handlers": [object()]},
]


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
async def test_a_mistake_has_its_error(client: Client, mistake: Mistake) -> None:
    with pytest.raises(mistake.error, match=mistake.message):
        mistake.make(client)


async def test_the_client_of_a_worker_is_a_client(client: Client) -> None:
    for given in (None, object()):
        with pytest.raises(AttributeError, match="has no attribute 'config'"):
            Worker(given, task_queue="queue", activities=[hello])  # type: ignore[arg-type]


async def test_an_option_that_there_is_not_is_named(client: Client) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'max_everything'"):
        Worker(client, task_queue="queue", activities=[hello], max_everything=1)  # type: ignore[call-arg]


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
    for queue, executor in (("1", ThreadPoolExecutor(1)), ("2", Executor())):
        Worker(
            client,
            task_queue=queue,
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
    config["task_queue"] = "another"
    again = Worker(**config)
    assert again.config() == config == again.config(active_config=True)
    assert (again.task_queue, again.client) == ("another", client)


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
