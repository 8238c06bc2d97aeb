"""Runs, activated one step at a time."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

import pytest

from temporalio import workflow
from temporalio.bridge._callboard import CancelJob, SeedJob, TimerJob
from temporalio.common import RawValue
from temporalio.exceptions import ActivityError

from .driving import (
    Driven,
    TaskFailed,
    cancelled,
    completed,
    decode,
    failure_of,
    kinds,
    query,
    result,
    signal,
    update,
)

_SOON = timedelta(seconds=5)
_context: ContextVar[str] = ContextVar("_context", default="nothing")
objects: weakref.WeakSet[Any] = weakref.WeakSet()


@workflow.defn
class Facts:
    @workflow.run
    async def run(self) -> list[Any]:
        info = workflow.info()
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None
        assert isinstance(loop, asyncio.AbstractEventLoop)
        return [
            workflow.in_workflow(),
            info.workflow_id,
            info.get_current_history_length(),
            loop.time(),
            workflow.time_ns(),
            workflow.now().isoformat(),
            task.get_name(),
            workflow.instance() is self,
            workflow.unsafe.is_replaying(),
        ]


def test_run_knows_where_it_is() -> None:
    assert result(Driven(Facts).start()) == [
        True,
        "workflow-1",
        3,
        1_700_000_000.0,
        1_700_000_000_000_000_000,
        "2023-11-14T22:13:20+00:00",
        "run (workflow: Facts, id: workflow-1, run: run-1)",
        True,
        False,
    ]


@workflow.defn
class Randomness:
    @workflow.run
    async def run(self) -> list[Any]:
        seeds: list[int] = []
        workflow.random_seed()
        workflow.register_random_seed_callback(seeds.append)
        drawn = [str(workflow.uuid4()), str(workflow.uuid4()), workflow.random().randint(1, 10**6)]
        await workflow.sleep(1)
        return [*drawn, workflow.random_seed(), seeds]


def test_random_stream_is_that_of_the_seed() -> None:
    """Compatibility, formats: the random seed's golden values; a reset reseeds."""
    run = Driven(Randomness, seed=18114344553029958363)
    run.start()
    assert result(run.activate(SeedJob(7), TimerJob(1))) == [
        "d7b7dab3-a975-4059-ba0c-ba1a442a42a5",
        "70000622-1b43-40ea-9429-80ceed9cfb89",
        163410,
        7,
        [7],
    ]


_UNSUPPORTED = [
    "add_reader",
    "call_soon_threadsafe",
    "create_connection",
    "getaddrinfo",
    "run_forever",
    "run_in_executor",
    "shutdown_asyncgens",
    "sock_recv",
    "stop",
]


@workflow.defn
class Loop:
    @workflow.run
    async def run(self, name: str) -> str:
        loop = asyncio.get_running_loop()
        method = getattr(loop, name)
        try:
            outcome = method(*[None] * {"add_reader": 2, "sock_recv": 2}.get(name, 0))
            if asyncio.iscoroutine(outcome):
                await outcome
        except NotImplementedError:
            return "not implemented"
        except TypeError:
            # It wants more arguments than this test knows of.
            return "not implemented" if _raises_with_any_arguments(method) else "there"
        return "there"


def _raises_with_any_arguments(method: Any) -> bool:
    for count in range(1, 6):
        try:
            outcome = method(*[None] * count)
            if asyncio.iscoroutine(outcome):
                outcome.send(None)
        except NotImplementedError:
            return True
        except TypeError:
            continue
    return False


@pytest.mark.parametrize("name", _UNSUPPORTED)
def test_loop_does_nothing_that_needs_the_world(name: str) -> None:
    assert result(Driven(Loop, name).start()) == "not implemented"


@workflow.defn
class Messages:
    """Takes what comes and ends when told."""

    def __init__(self) -> None:
        self.log: list[Any] = []
        self.open = True

    @workflow.run
    async def run(self) -> list[Any]:
        await workflow.wait_condition(lambda: not self.open)
        return self.log

    @workflow.signal
    async def hang(self, seconds: int) -> None:
        await workflow.sleep(seconds)

    @workflow.signal
    def end(self) -> None:
        self.open = False

    @workflow.signal
    def listen(self, name: str) -> None:
        async def handler(word: str) -> None:
            self.log.append(f"{name} {word}")

        workflow.set_signal_handler(name, handler)

    @workflow.signal
    def listen_to_all(self) -> None:
        async def handler(name: str, args: Sequence[RawValue]) -> None:
            self.log.append([name, len(args)])

        workflow.set_dynamic_signal_handler(handler)

    @workflow.signal
    def typed(self, number: int) -> None:
        self.log.append(number)

    @workflow.query
    def size(self) -> int:
        return len(self.log)

    @workflow.query
    def writes(self) -> None:
        asyncio.get_running_loop().call_soon(print)

    @workflow.query
    def draws(self) -> int:
        return workflow.random().randint(1, 2)

    @workflow.update
    async def mutate(self, words: list[str]) -> list[str]:
        info = workflow.current_update_info()
        assert info is not None
        self.log.append([info.id, info.name])
        await workflow.sleep(1)
        return words

    @mutate.validator
    def check_mutate(self, words: list[str]) -> None:
        words.append("by the validator")
        if "command" in words:
            asyncio.create_task(asyncio.sleep(1))


def test_signals_wait_for_their_handlers_in_order() -> None:
    """Promise 27: signals arrive in order, and wait for their handler."""
    run = Driven(Messages)
    run.start()
    run.activate(signal("late", "one"), signal("later", "x"), signal("late", "two"))
    run.activate(signal("listen", "late"), signal("late", "three"))
    run.activate(signal("listen_to_all"))
    commands = run.activate(signal("end"))
    assert result(commands) == ["late one", "late two", "late three", ["later", 1]]


def test_signal_that_cannot_be_decoded_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    run = Driven(Messages)
    run.start()
    assert run.activate(signal("typed", "no number"), signal("typed", 5)) == []
    assert "Failed deserializing signal input for typed" in caplog.text
    assert result(run.activate(signal("end"))) == [5]


@pytest.mark.parametrize("name", ["writes", "draws"])
def test_query_cannot_act(name: str) -> None:
    """Promise 29: queries change no state, command or random stream."""
    run = Driven(Messages)
    run.start()
    [answer] = run.activate(query(name), replaying=True)
    assert answer["command"] == "fail_query"
    assert "While in read-only function, action attempted" in failure_of(answer).message
    [answer] = run.activate(query("size"), replaying=True)
    assert decode(answer["result"]) == 0
    # Reading only is over with the query.
    assert result(run.activate(signal("typed", 1), signal("end"))) == [1]


def test_update_is_accepted_then_completed() -> None:
    """Compatibility, updates: arguments are decoded again after validation."""
    run = Driven(Messages)
    run.start()
    assert kinds(run.activate(update("mutate", ["a"]))) == ["accept_update", "start_timer 1"]
    [done] = run.activate(TimerJob(1))
    assert decode(done["result"]) == ["a"], "what the validator did must not be seen"
    assert result(run.activate(signal("end"))) == [["update-1", "mutate"]]


def test_validator_that_acts_fails_the_task() -> None:
    run = Driven(Messages)
    run.start()
    with pytest.raises(TaskFailed, match="While in read-only function"):
        run.activate(update("mutate", ["command"]))


def test_replayed_update_is_not_validated_again() -> None:
    """Compatibility, updates: in replay the request comes with `run_validator=false`.

    Promise 28: a validator runs once, live only.
    """
    run = Driven(Messages)
    run.start(replaying=True)
    commands = run.activate(update("mutate", ["command"], run_validator=False), replaying=True)
    assert kinds(commands) == ["accept_update", "start_timer 1"]


def test_unfinished_handlers_are_warned_of() -> None:
    run = Driven(Messages)
    run.start()
    run.activate(signal("hang", 5), signal("hang", 6), update("mutate", []))
    with pytest.warns() as warned:
        run.activate(signal("end"))
    by_type = {type(one.message): str(one.message) for one in warned}
    signals = by_type[workflow.UnfinishedSignalHandlersWarning]
    updates = by_type[workflow.UnfinishedUpdateHandlersWarning]
    assert "TMPRL1102" in signals
    assert '[{"name": "hang", "count": 2}]' in signals
    assert '[{"name": "mutate", "id": "update-1"}]' in updates


@workflow.defn
class Cancelling:
    @workflow.run
    async def run(self, how: str) -> str:
        objects.add(self)
        handle = workflow.start_activity("work", start_to_close_timeout=_SOON)
        try:
            if how == "timer":
                await asyncio.sleep(10)
            return str(await handle)
        except (asyncio.CancelledError, ActivityError) as error:
            if how == "swallow":
                return f"{type(error).__name__} {workflow.cancellation_reason()}"
            raise


@pytest.mark.parametrize(
    ("flags", "replaying", "expected"),
    [
        ([], False, ["cancel_workflow"]),
        ([1], True, ["cancel_workflow"]),
        # Older histories: the result is seen, and a request goes out that has no effect.
        ([], True, ["request_cancel_activity 1", "complete_workflow"]),
    ],
)
def test_cancel_beside_a_result(flags: list[int], replaying: bool, expected: list[str]) -> None:
    """Compatibility, flags: lang flag 1 raises when a cancel lands beside the result."""
    run = Driven(Cancelling, "await")
    run.start(flags=flags, replaying=replaying)
    commands = run.activate(
        CancelJob("late"), completed(1, "there"), flags=flags, replaying=replaying
    )
    assert kinds(commands) == expected
    assert run.flags == ([1] if expected == ["cancel_workflow"] else [])


def test_cancelled_activity_cancels_a_cancelled_workflow() -> None:
    run = Driven(Cancelling, "await")
    run.start()
    assert kinds(run.activate(CancelJob("enough"))) == ["request_cancel_activity 1"]
    assert kinds(run.activate(cancelled(1))) == ["cancel_workflow"]


def test_cancelled_activity_alone_fails_the_workflow() -> None:
    run = Driven(Cancelling, "await")
    run.start()
    assert kinds(run.activate(cancelled(1))) == ["fail_workflow"]


def test_cancel_can_be_survived() -> None:
    run = Driven(Cancelling, "swallow")
    run.start()
    run.activate(CancelJob("enough"))
    assert result(run.activate(cancelled(1))) == "ActivityError enough"


@workflow.defn
class Teardown:
    """Swallows its cancellation in one of several ways."""

    @workflow.run
    async def run(self, how: str) -> None:
        objects.add(self)
        _context.set("of a workflow")
        try:
            await self._hold(how)
        finally:
            events.append(f"{how} ends in {asyncio.get_running_loop() is self._loop}")

    async def _hold(self, how: str) -> None:
        self._loop = asyncio.get_running_loop()
        while True:
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:
                if how == "plain":
                    raise
                if how == "commands":
                    workflow.start_activity("late", start_to_close_timeout=_SOON)
            except GeneratorExit:
                if how != "never":
                    raise


events: list[str] = []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("how", ["plain", "commands", "swallow", "never"])
def test_teardown_ends_code_in_its_own_loop(how: str, caplog: pytest.LogCaptureFixture) -> None:
    events.clear()
    caplog.set_level(logging.ERROR)
    run = Driven(Teardown, how)
    run.start()
    run.evict()
    assert events == [f"{how} ends in True"]
    assert ("swallows its cancellation" in caplog.text) == (how in ("swallow", "never"))
    assert _context.get() == "nothing", "a workflow's context leaked"


@workflow.defn
class Generating:
    """Leaves an async generator halfway, in a cycle that only the collector can free."""

    @workflow.run
    async def run(self) -> None:
        generator = self._generate()
        self.cycle = [self, generator]
        await generator.__anext__()
        await workflow.wait_condition(lambda: False)

    async def _generate(self) -> Any:
        try:
            yield 1
        finally:
            events.append(type(workflow.instance()).__name__)


def test_async_generators_end_with_their_run() -> None:
    events.clear()
    run = Driven(Generating)
    run.start()
    run.evict()
    assert events == ["Generating"]


@pytest.mark.parametrize("ended", [True, False])
def test_run_is_freed_after_its_teardown(ended: bool) -> None:
    objects.clear()
    run: Any = Driven(Cancelling, "await")
    run.start()
    if ended:
        run.activate(completed(1))
    assert len(objects) == 1
    run.evict()
    del run
    gc.collect()
    assert len(objects) == 0


@workflow.defn
class Background:
    @workflow.run
    async def run(self) -> str:
        task = asyncio.create_task(self._fail())
        await asyncio.sleep(0)
        del task
        asyncio.get_running_loop().call_soon(self._callback)
        await workflow.sleep(1)
        return "unharmed"

    async def _fail(self) -> None:
        raise ValueError("nobody waits for this")

    def _callback(self) -> None:
        raise KeyError("of a callback")


def test_errors_that_nobody_awaits_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    run = Driven(Background)
    run.start()
    gc.collect()
    assert "Task exception was never retrieved" in caplog.text
    assert "Exception in callback" in caplog.text
    assert result(run.activate(TimerJob(1))) == "unharmed"


@workflow.defn
class Conditions:
    def __init__(self) -> None:
        self.checks = 0
        self.value = 0

    @workflow.run
    async def run(self) -> int:
        def check() -> bool:
            self.checks += 1
            if self.value < 0:
                raise ValueError("bad value")
            return self.value > 0

        await workflow.wait_condition(check, timeout=60, timeout_summary="patience")
        return self.checks

    @workflow.signal
    def set(self, value: int) -> None:
        self.value = value

    @workflow.update
    def try_set(self, value: int) -> None:
        self.value = value

    @try_set.validator
    def refuse(self, value: int) -> None:
        # Not allowed to, but a rejected update must not be acted upon whatever it did.
        self.value = value
        raise ValueError("no")

    @workflow.query
    def count(self) -> int:
        return self.checks


def test_condition_is_checked_when_something_happened() -> None:
    """Compatibility, activations: conditions, not if it held only updates, none accepted."""
    run = Driven(Conditions)
    [timer] = run.start()
    assert decode(timer["summary"]) == "patience"
    [answer] = run.activate(query("count"))
    assert decode(answer["result"]) == 1
    assert kinds(run.activate(update("try_set", 1))) == ["reject_update"]
    commands = run.activate(signal("set", 1))
    assert kinds(commands) == ["cancel_timer 1", "complete_workflow"]
    assert result(commands) == 2


def test_condition_that_raises_fails_the_task() -> None:
    run = Driven(Conditions)
    run.start()
    with pytest.raises(TaskFailed, match="bad value"):
        run.activate(signal("set", -1))


def test_failed_task_is_logged_for_tools(caplog: pytest.LogCaptureFixture) -> None:
    run = Driven(Conditions)
    run.start()
    with pytest.raises(TaskFailed):
        run.activate(signal("set", -1))
    [record] = [one for one in caplog.records if "Failed activation" in one.message]
    assert record.message == (
        "Failed activation on workflow Conditions with ID workflow-1 and run ID run-1"
    )
    assert record.__dict__["__temporal_error_identifier"] == "WorkflowTaskFailure"
    assert record.__dict__["temporal_workflow"]["workflow_type"] == "Conditions"


@workflow.defn
class TaskAfterTask:
    """Makes one task after the other; each is done before the next one begins."""

    @workflow.run
    async def run(self) -> None:
        for _ in range(100):
            task = asyncio.create_task(asyncio.sleep(0))
            objects.add(task)
            await task
            del task
            await workflow.sleep(1)


def test_tasks_that_are_done_are_let_go() -> None:
    """A run that never ends may make any number of them."""
    objects.clear()
    driven = Driven(TaskAfterTask)
    driven.start()
    for sequence in range(1, 101):
        assert len(objects) <= 1
        commands = driven.activate(TimerJob(sequence), after=1)
    assert kinds(commands) == ["complete_workflow"]


@workflow.defn
class ManyTasksAtOnce:
    """Makes tasks one after the other within one activation."""

    @workflow.run
    async def run(self) -> int:
        most = 0
        for _ in range(5_000):
            task = asyncio.create_task(asyncio.sleep(0))
            objects.add(task)
            await task
            del task
            most = max(most, len(objects))
        return most


def test_tasks_that_are_done_are_let_go_within_an_activation() -> None:
    objects.clear()
    assert result(Driven(ManyTasksAtOnce).start()) < 2_000
