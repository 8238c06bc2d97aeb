"""Every status on every call that a worker makes: instead of the server's answer, and after it acted.

Whatever happens to one call, the workflow ends with the right result, each activity has run, and no slot
stays in use. All cases of a call run at once, each with a worker of its own.

``CALLBOARD_LONG_TESTS=1`` also has each call fail three times in a row.
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
IN_A_ROW = [1, 3] if os.environ.get("CALLBOARD_LONG_TESTS") else [1]


def cases_of(
    proxy: FaultyProxy, direct: Client, method: str, after_server: bool, times: int = 1
) -> list[Case]:
    """A case for each code."""
    return [
        case_of(proxy, direct, method, code, after_server=after_server, times=times)
        for code in CODES
    ]


@pytest.mark.parametrize("after_server", [False, True], ids=["instead", "lost"])
@pytest.mark.parametrize("method", KINDS)
@pytest.mark.parametrize("times", IN_A_ROW)
async def test_one_call_of_a_worker_that_works(
    proxy: FaultyProxy, direct: Client, times: int, method: str, after_server: bool
) -> None:
    cases = cases_of(proxy, direct, method, after_server, times)
    await all_of(cases, lambda case: work(case, KINDS[method]))


async def work_and_stop(case: Case) -> None:
    worker = worker_of(await connect(case.proxy.address, case.name), case.name)
    running = asyncio.create_task(worker.run())
    await finish(await start(case.direct, case.name, "nothing_else"))
    await asyncio.wait_for(worker.shutdown(), SHUTDOWN_SECONDS)
    await asyncio.wait_for(running, SHUTDOWN_SECONDS)
    assert case.fault.happened == 1


@pytest.mark.parametrize("after_server", [False, True], ids=["instead", "lost"])
async def test_the_notice_of_a_shutdown(
    proxy: FaultyProxy, direct: Client, after_server: bool
) -> None:
    await all_of(cases_of(proxy, direct, "ShutdownWorker", after_server), work_and_stop)


async def connect_twice(case: Case) -> None:
    if case.fault.code is not grpc.StatusCode.UNIMPLEMENTED:
        with pytest.raises(RuntimeError, match="^Failed client connect: `get_system_info`"):
            await connect(case.proxy.address, case.name)
    await work(case, Kind())


@pytest.mark.parametrize("after_server", [False, True], ids=["instead", "lost"])
async def test_the_first_question_of_a_client(
    proxy: FaultyProxy, direct: Client, after_server: bool
) -> None:
    """A server too old to know the question is as good as any; all else is the user's to know."""
    await all_of(cases_of(proxy, direct, "GetSystemInfo", after_server), connect_twice)


async def begin_twice(case: Case) -> None:
    client = await connect(case.proxy.address, case.name)
    if case.fault.code not in RETRIED | {grpc.StatusCode.UNIMPLEMENTED}:
        with pytest.raises(RuntimeError, match="^Worker validation failed"):
            await worker_of(client, case.name).run()
        assert case.fault.happened == 1
    async with worker_of(client, case.name):
        await finish(await start(case.direct, case.name, "nothing_else"))
    assert case.fault.happened == 1


@pytest.mark.parametrize("after_server", [False, True], ids=["instead", "lost"])
async def test_the_question_about_the_namespace(
    proxy: FaultyProxy, direct: Client, after_server: bool
) -> None:
    """A worker that may not know its namespace does not begin; another one of the same client may."""
    await all_of(cases_of(proxy, direct, "DescribeNamespace", after_server), begin_twice)
