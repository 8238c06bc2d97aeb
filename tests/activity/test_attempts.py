"""How attempts run and what their ends are reported as."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from temporalio import activity
from temporalio.api.common.v1 import Payloads
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory, CancelledError
from temporalio.worker._interceptor import (
    ActivityInboundInterceptor,
    ActivityOutboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

from .attempts import LIMIT_SECONDS, Harness


@activity.defn
async def greet(name: str) -> str:
    return f"hello {name}"


@activity.defn(name="greet_in_thread")
def greet_in_thread(name: str) -> str:
    assert threading.current_thread() is not threading.main_thread()
    return f"hello {name}"


@activity.defn
async def fail_with(kind: str) -> None:
    if kind == "value":
        raise ValueError("bad value")
    if kind == "exit":
        raise SystemExit(3)
    raise ApplicationError(
        "told so",
        type="Custom",
        non_retryable=True,
        next_retry_delay=timedelta(seconds=5),
        category=ApplicationErrorCategory.BENIGN,
    )


async def test_async_and_threaded_activities_complete_with_their_value() -> None:
    harness = Harness(greet, greet_in_thread, threads=1)
    assert await harness.result("greet", "you") == "hello you"
    assert await harness.result("greet_in_thread", "you") == "hello you"


async def test_an_error_fails_the_attempt(caplog: pytest.LogCaptureFixture) -> None:
    outcome = await Harness(fail_with).run("fail_with", "value")
    assert outcome.kind == "failed"
    assert outcome.failure is not None
    assert outcome.failure.message == "bad value"
    assert outcome.failure.application_failure_info.type == "ValueError"
    [record] = [
        found for found in caplog.records if "Completing activity as failed" in found.message
    ]
    assert record.levelno == logging.WARNING
    assert getattr(record, "__temporal_error_identifier") == "ActivityFailure"  # noqa: B009


async def test_the_options_of_an_application_error_reach_the_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    outcome = await Harness(fail_with).run("fail_with", "application")
    assert outcome.failure is not None
    info = outcome.failure.application_failure_info
    assert (info.type, info.non_retryable, info.next_retry_delay.seconds) == ("Custom", True, 5)
    assert info.category == ApplicationErrorCategory.BENIGN
    assert caplog.records == []


async def test_even_an_exit_only_fails_the_attempt() -> None:
    outcome = await Harness(fail_with).run("fail_with", "exit")
    assert outcome.kind == "failed"


async def test_an_unknown_type_is_a_retryable_failure_that_lists_the_known_ones() -> None:
    outcome = await Harness(greet, fail_with).run("gret")
    assert outcome.failure is not None
    assert outcome.failure.message == (
        "Activity function gret for workflow workflow-id is not registered on this worker, "
        "available activities: fail_with, greet"
    )
    info = outcome.failure.application_failure_info
    assert (info.type, info.non_retryable) == ("NotFoundError", False)


async def test_arguments_are_decoded_by_hints_only_if_their_number_is_right() -> None:
    @activity.defn
    async def types(first: tuple[int, int], second: Any = None) -> list[str]:
        return [type(first).__name__, type(second).__name__]

    harness = Harness(types)
    assert await harness.result("types", [1, 2], None) == ["tuple", "NoneType"]
    assert await harness.result("types", [1, 2]) == ["list", "NoneType"]


async def test_arguments_that_cannot_be_decoded_fail_the_attempt() -> None:
    outcome = await Harness(greet).run("greet", 3)
    assert outcome.failure is not None
    assert outcome.failure.message == "Failed decoding arguments"


async def test_a_result_that_cannot_be_encoded_fails_the_attempt() -> None:
    @activity.defn
    async def unserializable() -> object:
        return object()

    outcome = await Harness(unserializable).run("unserializable")
    assert outcome.kind == "failed"
    assert outcome.failure is not None
    assert "object" in outcome.failure.message


async def test_a_dynamic_activity_takes_what_has_no_activity() -> None:
    @activity.defn(dynamic=True)
    async def anything(args: Sequence[RawValue]) -> str:
        values = [activity.payload_converter().from_payload(raw.payload, str) for raw in args]
        return f"{activity.info().activity_type}: {values}"

    harness = Harness(greet, anything)
    assert await harness.result("unheard_of", "a", "b") == "unheard_of: ['a', 'b']"
    assert await harness.result("greet", "you") == "hello you"


async def test_info_holds_what_the_task_says() -> None:
    seen: list[activity.Info] = []

    @activity.defn
    async def look() -> None:
        seen.append(activity.info())

    token = await (harness := Harness(look)).start("look")
    await harness.outcome(token)
    [info] = seen
    assert info.scheduled_time == datetime.fromtimestamp(1000.25, timezone.utc)
    assert info.current_attempt_scheduled_time.microsecond == 1
    assert info.started_time == datetime.fromtimestamp(0, timezone.utc)
    assert info.start_to_close_timeout == timedelta(seconds=30)
    assert info.schedule_to_close_timeout is info.heartbeat_timeout is None
    assert (info.attempt, info.task_queue, info.task_token) == (2, "queue", token)
    assert (info.namespace, info.workflow_id) == ("of-the-workflow", "workflow-id")
    assert (info.in_workflow, info.activity_run_id, info.retry_policy) == (True, None, None)


async def test_an_activity_without_a_workflow_has_no_workflow_fields() -> None:
    seen: list[activity.Info] = []

    @activity.defn
    async def look() -> None:
        seen.append(activity.info())

    fields = dict.fromkeys(("workflow_execution", "workflow_type", "workflow_namespace"))
    await Harness(look).run("look", activity_run_id="own-run", **fields)
    [info] = seen
    assert (info.workflow_id, info.workflow_run_id, info.workflow_type) == (None, None, None)
    assert (info.namespace, info.activity_run_id) == ("of-the-client", "own-run")
    assert not info.in_workflow


async def test_only_async_activities_have_the_client() -> None:
    @activity.defn
    async def in_loop() -> str:
        return activity.client().namespace

    @activity.defn
    def in_thread() -> str:
        assert activity.in_activity()
        return activity.client().namespace

    harness = Harness(in_loop, in_thread, threads=1)
    assert await harness.result("in_loop") == "of-the-client"
    outcome = await harness.run("in_thread")
    assert outcome.failure is not None
    assert outcome.failure.message.startswith("No client available")


async def test_log_records_say_which_activity_it_was(caplog: pytest.LogCaptureFixture) -> None:
    @activity.defn
    async def log() -> None:
        activity.logger.info("seen", extra={"own": 1})

    caplog.set_level(logging.INFO)
    await Harness(log).run("log")
    [record] = caplog.records
    assert record.message.startswith("seen ({'activity_id': '7', 'activity_type': 'log'")
    assert getattr(record, "temporal_activity")["workflow_id"] == "workflow-id"  # noqa: B009
    assert getattr(record, "own") == 1  # noqa: B009


async def test_an_activity_can_leave_its_completion_to_others() -> None:
    @activity.defn
    async def later() -> None:
        activity.raise_complete_async()

    @activity.defn
    def later_in_thread() -> None:
        activity.raise_complete_async()

    harness = Harness(later, later_in_thread, threads=1)
    assert (await harness.run("later")).kind == "later"
    assert (await harness.run("later_in_thread")).kind == "later"


# ---- cancellation ----


@activity.defn
async def wait_in_loop(how: str) -> str:
    try:
        await asyncio.sleep(LIMIT_SECONDS)
    except asyncio.CancelledError:
        assert activity.is_cancelled()
        if how == "return":
            return str(activity.cancellation_details())
        if how == "raise":
            raise ValueError("while cancelled") from None
        raise
    return "not cancelled"


@activity.defn(name="wait_in_thread")
def wait_in_thread(how: str) -> str:
    pause = threading.Event()
    try:
        for _ in range(int(LIMIT_SECONDS / 0.005)):
            pause.wait(0.005)
    except CancelledError:
        assert activity.is_cancelled()
        if how == "return":
            return str(activity.cancellation_details())
        if how == "raise":
            raise ValueError("while cancelled") from None
        raise
    return "not cancelled"


@pytest.mark.parametrize("kind", ["wait_in_loop", "wait_in_thread"])
@pytest.mark.parametrize(
    ("reason", "how", "end", "failure_type"),
    [
        ("cancel_requested", "pass on", "cancelled", None),
        ("cancel_requested", "return", "completed", None),
        ("cancel_requested", "raise", "failed", "ValueError"),
        ("paused", "pass on", "failed", "ActivityPause"),
        ("reset", "pass on", "failed", "ActivityReset"),
        ("worker_shutdown", "pass on", "failed", "WorkerShutdown"),
        ("worker_shutdown", "return", "completed", None),
    ],
)
async def test_what_a_cancellation_comes_to(
    kind: str, reason: str, how: str, end: str, failure_type: str | None
) -> None:
    harness = Harness(wait_in_loop, wait_in_thread, threads=1)
    token = await harness.start(kind, how)
    await asyncio.sleep(0.02)
    harness.cancel(token, reason)
    outcome = await harness.outcome(token)
    assert outcome.kind == end
    if failure_type is not None:
        assert outcome.failure is not None
        info = outcome.failure.application_failure_info
        assert (info.type, info.non_retryable) == (failure_type, False)
    if end == "cancelled":
        assert outcome.failure is not None
        assert outcome.failure.HasField("canceled_failure_info")
    if how == "return":
        assert outcome.payload is not None
        assert f"{reason}=True".encode() in outcome.payload.data


async def test_a_cancellation_before_the_first_step_still_ends_the_attempt() -> None:
    harness = Harness(wait_in_loop, wait_in_thread, threads=1)
    for kind in ("wait_in_loop", "wait_in_thread"):
        token = await harness.start(kind, "pass on")
        harness.cancel(token, "cancel_requested")
        assert (await harness.outcome(token)).kind == "cancelled"


async def test_an_activity_that_opts_out_is_told_but_not_interrupted() -> None:
    @activity.defn(no_thread_cancel_exception=True)
    def patient() -> bool:
        activity.wait_for_cancelled_sync(LIMIT_SECONDS)
        return activity.is_cancelled()

    harness = Harness(patient, threads=1)
    token = await harness.start("patient")
    await asyncio.sleep(0.02)
    harness.cancel(token, "cancel_requested")
    outcome = await harness.outcome(token)
    assert outcome.kind == "completed"
    assert outcome.payload is not None
    assert outcome.payload.data == b"true"


async def test_waiting_for_cancellation_and_for_shutdown_in_the_loop() -> None:
    @activity.defn
    async def wait_for_shutdown() -> bool:
        before = activity.is_worker_shutdown()
        await activity.wait_for_worker_shutdown()
        return not before and activity.is_worker_shutdown() and not activity.is_cancelled()

    @activity.defn
    def wait_in_thread_for_shutdown() -> bool:
        activity.wait_for_worker_shutdown_sync(timedelta(seconds=LIMIT_SECONDS))
        return activity.is_worker_shutdown()

    harness = Harness(wait_for_shutdown, wait_in_thread_for_shutdown, threads=1)
    tokens = [
        await harness.start("wait_for_shutdown"),
        await harness.start("wait_in_thread_for_shutdown"),
    ]
    await asyncio.sleep(0.02)
    harness.worker.notify_shutdown()
    for token in tokens:
        outcome = await harness.outcome(token)
        assert outcome.payload is not None
        assert outcome.payload.data == b"true"
    await harness.worker.wait_all_completed()


async def test_a_cancellation_for_an_attempt_that_is_over_is_ignored() -> None:
    harness = Harness(greet)
    token = await harness.start("greet", "you")
    await harness.outcome(token)
    await harness.worker.wait_all_completed()
    harness.cancel(token, "cancel_requested")


async def test_after_a_failure_of_the_worker_new_attempts_are_refused() -> None:
    harness = Harness(greet)
    harness.worker.refuse_new()
    outcome = await harness.run("greet", "you")
    assert outcome.failure is not None
    assert outcome.failure.message == "Worker shutting down"


# ---- heartbeats ----


async def test_heartbeats_reach_the_bridge_before_the_outcome() -> None:
    @activity.defn
    async def beat() -> None:
        activity.heartbeat("first", 1)
        await asyncio.sleep(0.01)
        activity.heartbeat("dropped")
        activity.heartbeat("last")

    @activity.defn
    def beat_in_thread() -> None:
        for number in range(3):
            activity.heartbeat(number)

    harness = Harness(beat, beat_in_thread, threads=1)
    await harness.run("beat")
    data = [[payload.data for payload in details] for details in harness.bridge.heartbeats]
    assert data == [[b'"first"', b"1"], [b'"last"']]
    harness.bridge.heartbeats.clear()
    await harness.run("beat_in_thread")
    assert [details[0].data for details in harness.bridge.heartbeats][-1] == b"2"


@pytest.mark.parametrize(
    ("how", "end"),
    [("sleep", "failed"), ("swallow", "completed"), ("return at once", "completed")],
)
async def test_a_heartbeat_that_cannot_be_encoded_cancels_and_fails_the_activity(
    how: str, end: str, caplog: pytest.LogCaptureFixture
) -> None:
    @activity.defn
    async def bad_beat(how: str) -> str:
        activity.heartbeat(object())
        if how != "return at once":
            try:
                await asyncio.sleep(LIMIT_SECONDS)
            except asyncio.CancelledError:
                if how != "swallow":
                    raise
        return "done"

    harness = Harness(bad_beat)
    outcome = await harness.run("bad_beat", how)
    assert outcome.kind == end
    if end == "failed":
        assert outcome.failure is not None
        assert outcome.failure.application_failure_info.type == "TypeError"
        assert "object" in outcome.failure.message
    assert "ailed recording heartbeat" in caplog.text
    assert harness.bridge.heartbeats == []


async def test_a_heartbeat_of_a_thread_that_cannot_be_encoded_fails_the_activity() -> None:
    @activity.defn
    def bad_beat() -> None:
        activity.heartbeat(object())
        for _ in range(int(LIMIT_SECONDS / 0.005)):
            threading.Event().wait(0.005)

    outcome = await Harness(bad_beat, threads=1).run("bad_beat")
    assert outcome.kind == "failed"
    assert outcome.failure is not None
    assert "object" in outcome.failure.message


async def test_heartbeat_details_of_the_last_attempt_are_decoded() -> None:
    @activity.defn
    async def details() -> list[Any]:
        return list(activity.info().heartbeat_details)

    from temporalio.converter import DataConverter

    sent = await DataConverter.default.encode(["at", 3])
    harness = Harness(details)
    given = Payloads(payloads=sent)
    assert await harness.result("details", heartbeat_details=given) == ["at", 3]
    sent[0].metadata["encoding"] = b"nobody's"
    outcome = await harness.run("details", heartbeat_details=Payloads(payloads=sent))
    assert outcome.failure is not None
    assert outcome.failure.message == "Failed decoding heartbeat details"
    assert outcome.failure.application_failure_info.non_retryable


# ---- interceptors ----


class Tracing(Interceptor):
    def __init__(self, name: str, steps: list[str]) -> None:
        self.name, self.steps = name, steps

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return TracingInbound(next, self)


class TracingInbound(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, tracing: Tracing) -> None:
        super().__init__(next)
        self.tracing = tracing

    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        super().init(TracingOutbound(outbound, self.tracing))

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        self.tracing.steps.append(f"{self.tracing.name} in")
        input.args = [*input.args[:-1], f"{input.args[-1]}+{self.tracing.name}"]
        activity.heartbeat("before")
        try:
            return await super().execute_activity(input)
        finally:
            activity.heartbeat("after")
            self.tracing.steps.append(f"{self.tracing.name} out")


class TracingOutbound(ActivityOutboundInterceptor):
    def __init__(self, next: ActivityOutboundInterceptor, tracing: Tracing) -> None:
        super().__init__(next)
        self.tracing = tracing

    def heartbeat(self, *details: Any) -> None:
        self.tracing.steps.append(f"{self.tracing.name} beat {details[0]}")
        super().heartbeat(*details)


@pytest.mark.parametrize("kind", ["greet", "greet_in_thread"])
async def test_interceptors_stand_around_the_activity_first_one_outermost(kind: str) -> None:
    steps: list[str] = []
    interceptors = [Tracing("outer", steps), Tracing("inner", steps)]
    harness = Harness(greet, greet_in_thread, threads=1, interceptors=interceptors)
    assert await harness.result(kind, "you") == "hello you+outer+inner"
    assert [step for step in steps if "beat" not in step] == [
        "outer in",
        "inner in",
        "inner out",
        "outer out",
    ]
    assert steps[1:3] == ["inner beat before", "outer beat before"]
