"""What the functions for workflow code hand to the run, and what they make of its answers."""

from __future__ import annotations

import asyncio
import inspect
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

import pytest

from temporalio import workflow
from temporalio.common import MetricMeter, Priority, RetryPolicy, TypedSearchAttributes
from temporalio.exceptions import TemporalError

from .fake_run import ContinuedAsNew, FakeRun


async def call(function: Callable[[], Any]) -> Any:
    """Call a plain or an async function."""
    result = function()
    return await result if inspect.isawaitable(result) else result


NEEDS_A_WORKFLOW: dict[str, Callable[[], Any]] = {
    "all_handlers_finished": workflow.all_handlers_finished,
    "cancellation_reason": workflow.cancellation_reason,
    "continue_as_new": workflow.continue_as_new,
    "execute_activity": lambda: workflow.execute_activity("activity"),
    "execute_activity_class": lambda: workflow.execute_activity_class(ActivityClass, args=[]),
    "execute_activity_method": lambda: workflow.execute_activity_method(ActivityClass.method),
    "execute_local_activity": lambda: workflow.execute_local_activity("activity"),
    "execute_local_activity_class": lambda: workflow.execute_local_activity_class(
        ActivityClass, args=[]
    ),
    "execute_local_activity_method": lambda: workflow.execute_local_activity_method(
        ActivityClass.method
    ),
    "extern_functions": workflow.extern_functions,
    "get_current_details": workflow.get_current_details,
    "get_dynamic_query_handler": workflow.get_dynamic_query_handler,
    "get_dynamic_signal_handler": workflow.get_dynamic_signal_handler,
    "get_dynamic_update_handler": workflow.get_dynamic_update_handler,
    "get_last_completion_result": workflow.get_last_completion_result,
    "get_last_failure": workflow.get_last_failure,
    "get_query_handler": lambda: workflow.get_query_handler("name"),
    "get_signal_handler": lambda: workflow.get_signal_handler("name"),
    "get_update_handler": lambda: workflow.get_update_handler("name"),
    "has_last_completion_result": workflow.has_last_completion_result,
    "info": workflow.info,
    "instance": workflow.instance,
    "is_failure_exception": lambda: workflow.is_failure_exception(KeyError()),
    "memo": workflow.memo,
    "memo_value": lambda: workflow.memo_value("key"),
    "metric_meter": workflow.metric_meter,
    "new_random": workflow.new_random,
    "now": workflow.now,
    "payload_converter": workflow.payload_converter,
    "random": workflow.random,
    "random_seed": workflow.random_seed,
    "register_random_seed_callback": lambda: workflow.register_random_seed_callback(print),
    "set_current_details": lambda: workflow.set_current_details("details"),
    "set_dynamic_query_handler": lambda: workflow.set_dynamic_query_handler(None),
    "set_dynamic_signal_handler": lambda: workflow.set_dynamic_signal_handler(None),
    "set_dynamic_update_handler": lambda: workflow.set_dynamic_update_handler(None),
    "set_query_handler": lambda: workflow.set_query_handler("name", None),
    "set_signal_handler": lambda: workflow.set_signal_handler("name", None),
    "set_update_handler": lambda: workflow.set_update_handler("name", None),
    "sleep": lambda: workflow.sleep(1),
    "start_activity": lambda: workflow.start_activity("activity"),
    "start_activity_class": lambda: workflow.start_activity_class(ActivityClass, args=[]),
    "start_activity_method": lambda: workflow.start_activity_method(ActivityClass.method),
    "start_local_activity": lambda: workflow.start_local_activity("activity"),
    "start_local_activity_class": lambda: workflow.start_local_activity_class(
        ActivityClass, args=[]
    ),
    "start_local_activity_method": lambda: workflow.start_local_activity_method(
        ActivityClass.method
    ),
    "time": workflow.time,
    "time_ns": workflow.time_ns,
    "unsafe.is_read_only": workflow.unsafe.is_read_only,
    "unsafe.is_replaying": workflow.unsafe.is_replaying,
    "unsafe.is_replaying_history_events": workflow.unsafe.is_replaying_history_events,
    "uuid4": workflow.uuid4,
    "uuid7": workflow.uuid7,
    "wait_condition": lambda: workflow.wait_condition(lambda: True),
}


class ActivityClass:
    def __call__(self) -> str:
        return ""

    def method(self) -> str:
        return ""


@pytest.mark.parametrize("name", NEEDS_A_WORKFLOW)
async def test_raises_outside_of_a_workflow(name: str) -> None:
    with pytest.raises(
        workflow._NotInWorkflowEventLoopError, match="^Not in workflow event loop$"
    ) as raised:
        await call(NEEDS_A_WORKFLOW[name])
    assert isinstance(raised.value, TemporalError)


def test_raises_without_a_loop() -> None:
    with pytest.raises(workflow._NotInWorkflowEventLoopError):
        workflow.info()
    assert not workflow.in_workflow()


async def test_run_of_the_loop() -> None:
    assert not workflow.in_workflow()
    with FakeRun().running() as run:
        assert workflow.in_workflow()
        assert workflow._Runtime.current() is run
        # As the worker's thread pools see it.
        assert await asyncio.to_thread(workflow._Runtime.maybe_current) is None
    assert not workflow.in_workflow()


async def test_answers_of_the_run() -> None:
    with FakeRun().running() as run:
        assert workflow.info() is run.info
        assert workflow.instance() is run.instance
        assert workflow.extern_functions()["double"](2) == 4
        assert workflow.payload_converter() == "a converter"  # type: ignore[comparison-overlap]
        assert workflow.metric_meter() is MetricMeter.noop
        assert workflow.cancellation_reason() == "no longer needed"
        assert workflow.is_failure_exception(KeyError())
        assert not workflow.is_failure_exception(ValueError())
        assert workflow.has_last_completion_result()
        assert workflow.get_last_completion_result() == ("the last result", None)
        assert workflow.get_last_completion_result(int) == ("the last result", int)
        assert repr(workflow.get_last_failure()) == "KeyError('the last failure')"
        assert not workflow.all_handlers_finished()
        workflow.set_current_details("on the way")
        assert workflow.get_current_details() == "on the way"


async def test_info_of_the_current_task() -> None:
    with FakeRun().running():
        info = workflow.info()
        assert info.get_current_build_id() == "build"
        version = info.get_current_deployment_version()
        assert version is not None and version.deployment_name == "deployment"
        assert info.get_current_history_length() == 17
        assert info.get_current_history_size() == 1700
        assert info.is_continue_as_new_suggested()
        assert info.is_target_worker_deployment_version_changed()
    with pytest.raises(workflow._NotInWorkflowEventLoopError):
        info.get_current_history_length()


async def test_memo() -> None:
    with FakeRun().running() as run:
        run.memo = {"key": {"a": 1}}
        assert workflow.memo() == {"key": {"a": 1}}
        assert workflow.memo_value("key") == {"a": 1}
        assert workflow.memo_value("other", "a default", type_hint=int) == "a default"
        workflow.memo_value("key")
    _, (_, default), options = run.calls[-1]
    assert default is not None and options == {"type_hint": None}


async def test_clock() -> None:
    with FakeRun().running() as run:
        assert workflow.time_ns() == run.nanoseconds
        assert workflow.time() == run.nanoseconds / 1e9
        assert workflow.now() == datetime(2023, 11, 14, 22, 13, 20, 123457, timezone.utc)
        assert workflow.now().tzinfo is timezone.utc


async def test_random_is_the_runs_generator() -> None:
    with FakeRun().running() as run:
        assert workflow.random() is run.generator
        assert workflow.random_seed() == 42


async def test_uuids() -> None:
    """Compatibility, formats: `uuid4` takes 128 bits, `uuid7` 12 and then 62; one stream."""
    expected = Random(42)
    with FakeRun().running() as run:
        value = workflow.uuid4()
        assert value == uuid.UUID(int=expected.getrandbits(128), version=4)

        value = workflow.uuid7()
        after_version, after_variant = expected.getrandbits(12), expected.getrandbits(62)
        assert (value.version, value.variant) == (7, uuid.RFC_4122)
        assert value.int >> 80 == run.nanoseconds // 1_000_000
        assert value.int >> 64 & 0xFFF == after_version
        assert value.int & (1 << 62) - 1 == after_variant


async def test_golden_uuids_of_a_seed() -> None:
    """Compatibility, formats: the random seed's golden values."""
    # The same seed on the official SDK gives these.
    with FakeRun().running() as run:
        run.generator.seed(18114344553029958363)
        assert str(workflow.uuid4()) == "d7b7dab3-a975-4059-ba0c-ba1a442a42a5"
        assert str(workflow.uuid4()) == "70000622-1b43-40ea-9429-80ceed9cfb89"
        assert workflow.random().randint(1, 10**6) == 163410


async def test_new_random_follows_the_seed() -> None:
    with FakeRun().running() as run:
        unnamed, one, other = (
            workflow.new_random(),
            workflow.new_random("one"),
            workflow.new_random("other"),
        )
        for seed in (42, 43):
            run.reseed(seed)
            assert unnamed.random() == Random(seed).random()
            assert one.random() == Random(f"{seed}:one").random()
            assert other.random() == Random(f"{seed}:other").random()


@pytest.mark.parametrize(
    ("duration", "seconds"), [(1.5, 1.5), (2, 2), (timedelta(minutes=1), 60.0), (0, 0)]
)
async def test_durations_become_seconds(duration: float | timedelta, seconds: float) -> None:
    def condition() -> bool:
        return True

    with FakeRun().running() as run:
        await workflow.sleep(duration, summary="a nap")
        await workflow.wait_condition(condition, timeout=duration, timeout_summary="a wait")
    assert run.calls == [
        ("sleep", (seconds,), {"summary": "a nap"}),
        ("wait_condition", (condition,), {"timeout": seconds, "timeout_summary": "a wait"}),
    ]


async def test_wait_condition_without_a_timeout() -> None:
    with FakeRun().running() as run:
        await workflow.wait_condition(lambda: True)
    assert run.calls[0][2] == {"timeout": None, "timeout_summary": None}


DEFAULTS = {
    "task_queue": None,
    "result_type": None,
    "schedule_to_close_timeout": None,
    "schedule_to_start_timeout": None,
    "start_to_close_timeout": None,
    "heartbeat_timeout": None,
    "retry_policy": None,
    "cancellation_type": workflow.ActivityCancellationType.TRY_CANCEL,
    "activity_id": None,
    "versioning_intent": None,
    "summary": None,
    "priority": Priority.default,
}
CONFIG = workflow.ActivityConfig(
    task_queue="other queue",
    schedule_to_close_timeout=timedelta(seconds=1),
    schedule_to_start_timeout=timedelta(seconds=2),
    start_to_close_timeout=timedelta(seconds=3),
    heartbeat_timeout=timedelta(seconds=4),
    retry_policy=RetryPolicy(maximum_attempts=5),
    cancellation_type=workflow.ActivityCancellationType.ABANDON,
    activity_id="an id",
    versioning_intent=workflow.VersioningIntent.COMPATIBLE,
    summary="a summary",
    priority=Priority(priority_key=2),
)


def an_activity(value: int) -> str:
    return str(value)


_NOT_LOCAL = {"task_queue", "heartbeat_timeout", "versioning_intent", "priority"}
LOCAL_CONFIG: dict[str, Any] = {
    **{name: value for name, value in CONFIG.items() if name not in _NOT_LOCAL},
    "local_retry_threshold": timedelta(seconds=7),
}
LOCAL_DEFAULTS: dict[str, Any] = {
    **{name: value for name, value in DEFAULTS.items() if name not in _NOT_LOCAL},
    "local_retry_threshold": None,
}

ACTIVITY_CALLS: dict[str, tuple[Callable[..., Any], Any]] = {
    "start_activity": (workflow.start_activity, an_activity),
    "execute_activity": (workflow.execute_activity, an_activity),
    "start_activity_class": (workflow.start_activity_class, ActivityClass),
    "execute_activity_class": (workflow.execute_activity_class, ActivityClass),
    "start_activity_method": (workflow.start_activity_method, ActivityClass.method),
    "execute_activity_method": (workflow.execute_activity_method, ActivityClass.method),
}

LOCAL_ACTIVITY_CALLS: dict[str, tuple[Callable[..., Any], Any]] = {
    "start_local_activity": (workflow.start_local_activity, an_activity),
    "execute_local_activity": (workflow.execute_local_activity, an_activity),
    "start_local_activity_class": (workflow.start_local_activity_class, ActivityClass),
    "execute_local_activity_class": (workflow.execute_local_activity_class, ActivityClass),
    "start_local_activity_method": (workflow.start_local_activity_method, ActivityClass.method),
    "execute_local_activity_method": (workflow.execute_local_activity_method, ActivityClass.method),
}


@pytest.mark.parametrize("name", ACTIVITY_CALLS)
async def test_activities(name: str) -> None:
    function, activity = ACTIVITY_CALLS[name]
    with FakeRun().running() as run:
        handle = function(activity, 1, **CONFIG)
        assert isinstance(handle, workflow.ActivityHandle) == name.startswith("start")
        assert await handle == "the result"
        await function(activity, args=[1, 2])
        await function(activity)
    assert run.calls == [
        ("start_activity", (activity, 1), {**DEFAULTS, **CONFIG}),
        ("start_activity", (activity, 1, 2), DEFAULTS),
        ("start_activity", (activity,), DEFAULTS),
    ]


@pytest.mark.parametrize("name", LOCAL_ACTIVITY_CALLS)
async def test_local_activities(name: str) -> None:
    function, activity = LOCAL_ACTIVITY_CALLS[name]
    with FakeRun().running() as run:
        handle = function(activity, 1, **LOCAL_CONFIG)
        assert isinstance(handle, workflow.ActivityHandle) == name.startswith("start")
        assert await handle == "the result"
        await function(activity, args=[1, 2])
        await function(activity)
    assert run.calls == [
        ("start_local_activity", (activity, 1), {**LOCAL_DEFAULTS, **LOCAL_CONFIG}),
        ("start_local_activity", (activity, 1, 2), LOCAL_DEFAULTS),
        ("start_local_activity", (activity,), LOCAL_DEFAULTS),
    ]


@pytest.mark.parametrize("name", [*ACTIVITY_CALLS, *LOCAL_ACTIVITY_CALLS])
async def test_activity_with_both_forms_of_arguments(name: str) -> None:
    function, activity = {**ACTIVITY_CALLS, **LOCAL_ACTIVITY_CALLS}[name]
    with FakeRun().running(), pytest.raises(ValueError, match="^Cannot have arg and args$"):
        await function(activity, 1, args=[2])


async def test_result_type_of_a_named_activity() -> None:
    with FakeRun().running() as run:
        await workflow.execute_activity("name", None, result_type=int)
        await workflow.execute_local_activity("name", None, result_type=int)
    assert run.calls == [
        ("start_activity", ("name", None), {**DEFAULTS, "result_type": int}),
        ("start_local_activity", ("name", None), {**LOCAL_DEFAULTS, "result_type": int}),
    ]


async def test_continue_as_new() -> None:
    options: dict[str, Any] = {
        "workflow": "other type",
        "task_queue": "other queue",
        "run_timeout": timedelta(seconds=1),
        "task_timeout": timedelta(seconds=2),
        "backoff_start_interval": timedelta(seconds=3),
        "retry_policy": RetryPolicy(maximum_attempts=4),
        "memo": {"key": "value"},
        "search_attributes": TypedSearchAttributes.empty,
        "versioning_intent": workflow.VersioningIntent.DEFAULT,
        "initial_versioning_behavior": workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
    }
    with FakeRun().running() as run:
        with pytest.raises(ContinuedAsNew):
            workflow.continue_as_new(1, **options)
        with pytest.raises(ContinuedAsNew):
            workflow.continue_as_new(args=[1, 2])
    assert run.calls == [
        ("continue_as_new", (1,), options),
        ("continue_as_new", (1, 2), dict.fromkeys(options)),
    ]


async def test_continue_as_new_with_a_dictionary_of_search_attributes_warns() -> None:
    with (
        FakeRun().running(),
        pytest.raises(ContinuedAsNew),
        pytest.warns(DeprecationWarning, match="search attributes"),
    ):
        workflow.continue_as_new(search_attributes={"key": ["value"]})


def test_continue_as_new_error_is_not_for_users() -> None:
    with pytest.raises(RuntimeError, match="^Cannot instantiate ContinueAsNewError directly$"):
        workflow.ContinueAsNewError()
    assert not issubclass(workflow.ContinueAsNewError, Exception)


async def test_event_groups_are_refused_and_not_dropped() -> None:
    groups = [object()]
    with FakeRun().running() as run:
        for function in (
            lambda: workflow.sleep(1, event_groups=groups),
            lambda: workflow.wait_condition(lambda: True, event_groups=groups),
            lambda: workflow.start_activity("name", event_groups=groups),
            lambda: workflow.execute_activity("name", event_groups=groups),
            lambda: workflow.start_local_activity("name", event_groups=groups),
            lambda: workflow.execute_local_activity("name", event_groups=groups),
            lambda: workflow.continue_as_new(event_groups=groups),
        ):
            with pytest.raises(NotImplementedError, match="event groups are not supported"):
                await call(function)
    assert run.calls == []


async def test_handlers_at_run_time() -> None:
    with FakeRun().running():
        workflow.set_signal_handler("name", print)
        workflow.set_dynamic_signal_handler(repr)
        workflow.set_query_handler("name", len)
        workflow.set_dynamic_query_handler(str)
        assert workflow.get_signal_handler("name") is print
        assert workflow.get_dynamic_signal_handler() is repr
        assert workflow.get_query_handler("name") is len
        assert workflow.get_dynamic_query_handler() is str
        assert workflow.get_signal_handler("other") is None
        assert workflow.get_query_handler("other") is None


async def test_update_handlers_at_run_time() -> None:
    with FakeRun().running() as run:
        workflow.set_update_handler("name", print, validator=len)
        workflow.set_dynamic_update_handler(repr, validator=str)
        assert workflow.get_update_handler("name") is print
        assert workflow.get_dynamic_update_handler() is repr
        assert workflow.get_update_handler("other") is None
        assert run.workflow_get_update_validator("name") is len
        assert run.workflow_get_update_validator(None) is str
        workflow.set_update_handler("name", None)
        assert workflow.get_update_handler("name") is None
        assert run.workflow_get_update_validator("name") is None


async def test_update_info_travels_into_tasks() -> None:
    update = workflow.UpdateInfo(id="an id", name="a name")

    async def inner() -> workflow.UpdateInfo | None:
        return workflow.current_update_info()

    async def handler() -> workflow.UpdateInfo | None:
        workflow._set_current_update_info(update)
        return await asyncio.create_task(inner())

    assert await asyncio.create_task(handler()) is update
    assert workflow.current_update_info() is None


@pytest.mark.parametrize(
    "error", [workflow.ReadOnlyContextError("a message"), workflow.NondeterminismError("a message")]
)
def test_errors_keep_their_message(
    error: workflow.ReadOnlyContextError | workflow.NondeterminismError,
) -> None:
    assert isinstance(error, TemporalError)
    assert error.message == str(error) == "a message"
