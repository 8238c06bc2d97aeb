"""Every status on every call that a worker makes: instead of the server's answer, and after it acted.

Whatever happens to one call, the workflow ends with the right result, each activity has run, and no slot
stays in use. All cases of a call run at once, each with a worker of its own.

The short form has each code on each call in one of the two ways; ``CALLBOARD_LONG_TESTS=1`` has
all, and each call also fail three times in a row.
"""

from __future__ import annotations

import asyncio
import os

import grpc
import pytest

from temporalio.client import Client

from .cases import CODES, RETRIED, Case, all_of, connect, start, worker_of
from .kinds import KINDS, Kind, case_of, finish, work
from .proxy import FaultyProxy

# The server is told of a shutdown for 5 s; the rest is for a busy machine.
SHUTDOWN_SECONDS = 20.0
LONG = bool(os.environ.get("CALLBOARD_LONG_TESTS"))
IN_A_ROW = [1, 3] if LONG else [1]
METHODS = [*KINDS, "ShutdownWorker", "GetSystemInfo", "DescribeNamespace"]


def cases_of(proxy: FaultyProxy, direct: Client, method: str, times: int = 1) -> list[Case]:
    """A case for each code and way that is tried on this call."""
    return [
        case_of(proxy, direct, method, code, after_server=after_server, times=times)
        for after_server in (False, True)
        for number, code in enumerate(CODES, METHODS.index(method) + after_server)
        if LONG or number % 2
    ]


@pytest.mark.parametrize("method", KINDS)
@pytest.mark.parametrize("times", IN_A_ROW)
async def test_one_call_of_a_worker_that_works(
    proxy: FaultyProxy, direct: Client, times: int, method: str
) -> None:
    cases = cases_of(proxy, direct, method, times)
    await all_of(cases, lambda case: work(case, KINDS[method]))


async def work_and_stop(case: Case) -> None:
    worker = worker_of(await connect(case.proxy.address, case.name), case.name)
    running = asyncio.create_task(worker.run())
    await finish(await start(case.direct, case.name, "nothing_else"))
    await asyncio.wait_for(worker.shutdown(), SHUTDOWN_SECONDS)
    await asyncio.wait_for(running, SHUTDOWN_SECONDS)
    assert case.fault.happened == 1


async def test_the_notice_of_a_shutdown(proxy: FaultyProxy, direct: Client) -> None:
    await all_of(cases_of(proxy, direct, "ShutdownWorker"), work_and_stop)


async def connect_twice(case: Case) -> None:
    if case.fault.code is not grpc.StatusCode.UNIMPLEMENTED:
        with pytest.raises(RuntimeError, match="^Failed client connect: `get_system_info`"):
            await connect(case.proxy.address, case.name)
    await work(case, Kind())


async def test_the_first_question_of_a_client(proxy: FaultyProxy, direct: Client) -> None:
    """A server too old to know the question is as good as any; all else is the user's to know."""
    await all_of(cases_of(proxy, direct, "GetSystemInfo"), connect_twice)


async def begin_twice(case: Case) -> None:
    client = await connect(case.proxy.address, case.name)
    if case.fault.code not in RETRIED | {grpc.StatusCode.UNIMPLEMENTED}:
        with pytest.raises(RuntimeError, match="^Worker validation failed"):
            await worker_of(client, case.name).run()
        assert case.fault.happened == 1
    async with worker_of(client, case.name):
        await finish(await start(case.direct, case.name, "nothing_else"))
    assert case.fault.happened == 1


async def test_the_question_about_the_namespace(proxy: FaultyProxy, direct: Client) -> None:
    """A worker that may not know its namespace does not begin; another one of the same client may."""
    await all_of(cases_of(proxy, direct, "DescribeNamespace"), begin_twice)
