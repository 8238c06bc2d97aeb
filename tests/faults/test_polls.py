"""What failing polls and a server that takes nothing any more mean for a worker.

The short form has some of the codes; ``CALLBOARD_LONG_TESTS=1`` has all, and waits for what happens after a
minute.
"""

from __future__ import annotations

import asyncio
import os
import time
from datetime import timedelta

import grpc
import pytest

from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, Worker

from ..limits import LIMIT_SECONDS
from .cases import CODES, Case, all_of, connect, is_idle, name_of, start, until, worker_of
from .errands import attempts
from .kinds import finish
from .proxy import ANY_METHOD, Fault, FaultyProxy

STATUS = grpc.StatusCode
POLLS = ("PollWorkflowTaskQueue", "PollActivityTaskQueue")
FATAL = {
    STATUS.INVALID_ARGUMENT,
    STATUS.NOT_FOUND,
    STATUS.ALREADY_EXISTS,
    STATUS.PERMISSION_DENIED,
    STATUS.UNAUTHENTICATED,
    STATUS.FAILED_PRECONDITION,
    STATUS.UNIMPLEMENTED,
}
GRACE_SECONDS = 60.0
LONG = bool(os.environ.get("CALLBOARD_LONG_TESTS"))
# Of each class: what passes by itself, what is throttled, what is final, what an old server says.
SOME = [
    STATUS.UNAVAILABLE,
    STATUS.RESOURCE_EXHAUSTED,
    STATUS.PERMISSION_DENIED,
    STATUS.UNIMPLEMENTED,
]

GRACEFUL = timedelta(seconds=1)
# Ten seconds for calls without an answer, five for the notice; the rest is a busy machine's.
SHUTDOWN_SECONDS = GRACEFUL.total_seconds() + 10 + 5 + 15


async def shut_down(worker: Worker, running: asyncio.Task[None]) -> None:
    """See the worker end without an error in the time that it has for that."""
    await asyncio.wait_for(worker.shutdown(), SHUTDOWN_SECONDS)
    await asyncio.wait_for(running, SHUTDOWN_SECONDS)
    assert worker.snapshot()["state"] == "stopped"


@pytest.mark.parametrize("autoscaling", [False, True], ids=["fixed", "autoscaling"])
async def test_no_code_for_a_while_keeps_a_worker_from_its_work(
    proxy: FaultyProxy, direct: Client, autoscaling: bool
) -> None:
    """Promise 40, and a server that has too much to do above all."""
    behaviour = PollerBehaviorAutoscaling(minimum=1, maximum=8, initial=4)
    options = (
        {"workflow_task_poller_behavior": behaviour, "activity_task_poller_behavior": behaviour}
        if autoscaling
        else {}
    )

    async def run(case: Case) -> None:
        refused = [
            proxy.add(Fault(method, case.fault.code, case=case.name, times=6)) for method in POLLS
        ]
        async with worker_of(await connect(proxy.address, case.name), case.name, **options) as it:
            await finish(await start(direct, case.name, "steps_and_activities"))
            await is_idle(it)
        assert all(fault.happened for fault in refused)

    # Every other code, so that both ways together have all.
    codes = CODES if LONG else CODES[autoscaling::2]
    await all_of([unused_case(proxy, direct, code) for code in codes], run)


def unused_case(proxy: FaultyProxy, direct: Client, code: grpc.StatusCode) -> Case:
    """A case for a code whose faults its test sets itself."""
    name = name_of("polls", code.name)
    return Case(name, Fault("none", code, case=name), proxy, direct)


async def test_a_server_with_too_much_to_do_is_polled_by_fewer(
    proxy: FaultyProxy, direct: Client
) -> None:
    case = name_of("halved")
    polls = 8
    method = "PollActivityTaskQueue"
    fault = proxy.add(Fault(method, STATUS.RESOURCE_EXHAUSTED, case=case, times=polls))
    behaviour = PollerBehaviorAutoscaling(minimum=1, maximum=polls, initial=polls)
    worker = worker_of(
        await connect(proxy.address, case), case, activity_task_poller_behavior=behaviour
    )
    async with worker:
        await until(lambda: len(proxy.of(method, case)) > polls, "it polls again")
        assert fault.happened == polls
        await until(lambda: worker.snapshot()["polls"]["activity"]["normal"], "a poll is open")
        # All eight were refused: three would have been enough to come down to one.
        assert worker.snapshot()["polls"]["activity"]["normal"] == 1
        await finish(await start(direct, case, "steps_and_activities"))


async def test_a_worker_whose_polls_always_fail_shuts_down(
    proxy: FaultyProxy, direct: Client
) -> None:
    """Promise 8."""

    async def run(case: Case) -> None:
        for method in POLLS:
            proxy.add(Fault(method, case.fault.code, case=case.name, times=None))
        worker = worker_of(await connect(proxy.address, case.name), case.name)
        running = asyncio.create_task(worker.run())
        await until(lambda: len(proxy.of(POLLS[0], case.name)) >= 2, "polls are tried again")
        assert not running.done()
        await shut_down(worker, running)

    codes = CODES if LONG else SOME
    await all_of([unused_case(proxy, direct, code) for code in codes], run)


@pytest.mark.parametrize("silent", [False, True], ids=["denying", "silent"])
async def test_shutdown_while_the_server_takes_nothing(
    proxy: FaultyProxy, direct: Client, silent: bool
) -> None:
    """Promise 5, with an activity under way that can report its end to nobody."""

    async def run(case: Case) -> None:
        worker = worker_of(
            await connect(proxy.address, case.name), case.name, graceful_shutdown_timeout=GRACEFUL
        )
        running = asyncio.create_task(worker.run())
        handle = await start(direct, case.name, "cancelled_activity")
        await until(lambda: attempts[handle.id], "the activity runs")
        code = None if silent else case.fault.code
        proxy.add(Fault(ANY_METHOD, code, case=case.name, times=None, swallowed=silent))
        await shut_down(worker, running)
        await handle.terminate()

    every = CODES if LONG else SOME
    codes = [STATUS.UNKNOWN] if silent else every
    await all_of([unused_case(proxy, direct, code) for code in codes], run)


async def test_what_the_server_does_not_know_any_more_is_logged(
    proxy: FaultyProxy, direct: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    """Promise 2. The server has acted on the first try, and does not know what the second is about."""
    case = name_of("forgotten")
    for method in ("RespondWorkflowTaskCompleted", "RespondActivityTaskCompleted"):
        proxy.add(Fault(method, STATUS.UNAVAILABLE, case=case, after_server=True))
    worker = worker_of(
        await connect(proxy.address, case), case, disable_eager_activity_execution=True
    )
    async with worker:
        await finish(await start(direct, case, "nothing_else"))
        await is_idle(worker)
    logged = capfd.readouterr().err
    assert "the server does not know a workflow task any more" in logged
    assert "the server does not know an activity that has ended" in logged


@pytest.mark.skipif(not LONG, reason="takes over a minute")
async def test_after_a_minute(
    proxy: FaultyProxy, direct: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    """Promise 40: then, and not before, what does not mend itself ends the worker; all else never does."""

    async def run(case: Case) -> None:
        code = case.fault.code
        assert code is not None
        faults = [proxy.add(Fault(method, code, case=case.name, times=None)) for method in POLLS]
        worker = worker_of(await connect(proxy.address, case.name), case.name)
        began = time.monotonic()
        running = asyncio.create_task(worker.run())
        await asyncio.wait([running], timeout=2 * GRACE_SECONDS if code in FATAL else 75)
        if code in FATAL:
            assert time.monotonic() - began >= GRACE_SECONDS
            with pytest.raises(RuntimeError, match="polling for (workflow|activity) tasks failed"):
                await running
            return
        assert not running.done()
        for fault in faults:
            proxy.lift(fault)
        await finish(await start(direct, case.name, "nothing_else"))
        await asyncio.wait_for(worker.shutdown(), LIMIT_SECONDS)
        await running

    await all_of([unused_case(proxy, direct, code) for code in CODES], run)
    assert "no poll has succeeded for long" in capfd.readouterr().err
