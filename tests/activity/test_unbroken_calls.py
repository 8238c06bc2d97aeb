"""A worker breaks no call off while it works: servers end connections with many such calls."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from ..conftest import DevServer
from ..limits import LIMIT_SECONDS
from .calling_workflow import Call, CallActivity

ACTIVITIES = 60
PREFACE_BYTES, FRAME_HEAD_BYTES = 24, 9
RST_STREAM = 3


@activity.defn
async def heartbeat_once() -> str:
    """Ends while its heartbeat is on its way."""
    activity.heartbeat("at once")
    # Two turns of the loop bring it to the runtime, and no more than that is needed.
    await asyncio.sleep(0.001)
    return "ended"


class FrameCounter:
    """Stands between a client and the server, and counts frames of HTTP/2 that the client sends, by type."""

    def __init__(self, target_host: str) -> None:
        host, _, port = target_host.rpartition(":")
        self._target = (host, int(port))
        self.frames: Counter[int] = Counter()

    async def serve(
        self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        from_server, to_server = await asyncio.open_connection(*self._target)
        answers = asyncio.create_task(self._answer(from_server, to_client))
        try:
            to_server.write(await from_client.readexactly(PREFACE_BYTES))
            while True:
                head = await from_client.readexactly(FRAME_HEAD_BYTES)
                self.frames[head[3]] += 1
                to_server.write(
                    head + await from_client.readexactly(int.from_bytes(head[:3], "big"))
                )
                await to_server.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            to_server.close()
            await answers

    async def _answer(
        self, from_server: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        try:
            while data := await from_server.read(65536):
                to_client.write(data)
                await to_client.drain()
        except ConnectionError:
            pass
        finally:
            to_client.close()


@asynccontextmanager
async def counting(target_host: str) -> AsyncIterator[tuple[str, FrameCounter]]:
    counter = FrameCounter(target_host)
    server = await asyncio.start_server(counter.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"{host}:{port}", counter
    finally:
        server.close()


async def test_the_end_of_an_activity_breaks_no_heartbeat_off(
    dev_server: DevServer, task_queue: str
) -> None:
    async with counting(dev_server.target_host) as (address, counter):
        client = await Client.connect(address)
        async with Worker(
            client, task_queue=task_queue, workflows=[CallActivity], activities=[heartbeat_once]
        ):
            calls = [
                client.execute_workflow(
                    CallActivity.run,
                    Call("heartbeat_once", [], heartbeat_seconds=30),
                    id=f"unbroken-{uuid.uuid4()}",
                    task_queue=task_queue,
                )
                for _ in range(ACTIVITIES)
            ]
            results = await asyncio.wait_for(asyncio.gather(*calls), LIMIT_SECONDS)
            assert results == ["ended"] * ACTIVITIES
            # Polls are broken off by the shutdown, which is after this.
            broken_off = counter.frames[RST_STREAM]
    assert broken_off == 0, f"{broken_off} of {ACTIVITIES} heartbeats were broken off"
