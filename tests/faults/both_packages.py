"""What both packages do when they run the same script, through a faulty proxy each."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import grpc

from temporalio.client import Client

from ..forwarder import Forwarder
from ..histories.official import PROJECT, official_environment, official_python
from .cases import CODES, name_of
from .frames import SentMessages
from .proxy import Call, Fault, FaultyProxy

SCRIPT = "tests.faults.caller"
SCRIPT_LIMIT_SECONDS = 300
TOO_LARGE = "grpc: received message larger than max (9000000 vs. 4194304)"
PACKAGES = ("callboard", "official")

STATUS = grpc.StatusCode
BY_NAME = {
    "unavailable": STATUS.UNAVAILABLE,
    "internal": STATUS.INTERNAL,
    "cancelled": STATUS.CANCELLED,
    "deadline": STATUS.DEADLINE_EXCEEDED,
    "throttled": STATUS.RESOURCE_EXHAUSTED,
    "denied": STATUS.PERMISSION_DENIED,
    "configured": STATUS.UNAVAILABLE,
}
REPORTS = {
    "activity": "RespondActivityTaskCompleted",
    "task": "RespondWorkflowTaskCompleted",
    "heartbeat": "RecordActivityTaskHeartbeat",
}


@dataclass
class Seen:
    """What one package did.

    Attributes:
        ends: How each case ended.
        calls: What the proxy has seen.
        taps: Have what was sent on each connection that was listened to.
    """

    ends: dict[str, str]
    calls: list[Call]
    taps: list[SentMessages]

    def waits(self, method: str, case: str) -> list[float]:
        """Seconds between the tries of a call."""
        return [later.at - earlier.at for earlier, later in pairwise(self.of(method, case))]

    def of(self, method: str, case: str | None = None) -> list[Call]:
        """The calls of one method, of one case or of all."""
        return [call for call in self.calls if call.method == method and case in (None, call.case)]


def set_faults(proxy: FaultyProxy) -> None:
    def always(method: str, code: grpc.StatusCode, case: str, **options: Any) -> None:
        proxy.add(Fault(method, code, case=case, **{"times": None, **options}))

    for code in CODES:
        for kind in ("retried", "once"):
            always("DescribeNamespace", code, f"{kind}-{code.value[0]}")
    always("DescribeNamespace", STATUS.UNAVAILABLE, "default-unavailable")
    always("DescribeNamespace", STATUS.RESOURCE_EXHAUSTED, "default-too-large", message=TOO_LARGE)
    for name, times in (("unavailable", 5), ("throttled", 2), ("denied", 5)):
        method = "GetWorkflowExecutionHistory"
        always(method, BY_NAME[name], f"history-{name}", times=times)
    always("ShutdownWorker", STATUS.UNAVAILABLE, "shutdown-unavailable")
    proxy.add(Fault("DescribeNamespace", case="silence-retried", swallowed=True, times=None))
    for name, code in BY_NAME.items():
        always("PollActivityTaskQueue", code, f"polls-{name}")
        for kind, method in REPORTS.items():
            # Throttled for as long as another one, the script would take twice its time.
            always(method, code, f"{kind}-{name}", times=2 if name == "throttled" else None)


async def run_script(package: str, server: str, proxy: FaultyProxy) -> Seen:
    official = package == "official"
    queue = name_of(package)
    direct = await Client.connect(server)
    # Nobody works on it: what it does not matter, only that it has ended.
    ended = await direct.start_workflow("Nothing", id=queue, task_queue=queue)
    await ended.terminate()
    taps: list[SentMessages] = []

    def tap() -> Any:
        taps.append(SentMessages())
        return taps[-1].take

    python = str(official_python()) if official else sys.executable
    loop = asyncio.get_running_loop()
    async with Forwarder(server, tap) as tapped, Forwarder(proxy.address) as way:
        for case in ("cut-retried", "cut-once"):
            proxy.add(
                Fault(
                    "DescribeNamespace",
                    case=case,
                    swallowed=True,
                    then=lambda: loop.call_soon_threadsafe(way.cut),
                )
            )
        process = await asyncio.create_subprocess_exec(
            *(python, "-m", SCRIPT, proxy.address, tapped.address, way.address, queue),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=PROJECT,
            env=official_environment() if official else None,
        )
        printed, complaints = await asyncio.wait_for(process.communicate(), SCRIPT_LIMIT_SECONDS)
    # Warnings of calls that fail by order are no news.
    said = complaints.decode(errors="replace")
    assert process.returncode == 0, f"the script of {package} failed: {said[-3000:]}"
    return Seen(json.loads(printed.splitlines()[-1]), list(proxy.calls), taps)


def seen_of_both(server: str) -> dict[str, Seen]:
    """Run the script on both packages at once.

    Args:
        server: The address of a server.

    Returns:
        What each of them did.
    """
    official_python()
    with FaultyProxy(server) as ours, FaultyProxy(server) as theirs:
        set_faults(ours)
        set_faults(theirs)

        async def both() -> tuple[Seen, Seen]:
            return await asyncio.gather(
                run_script("callboard", server, ours), run_script("official", server, theirs)
            )

        return dict(zip(PACKAGES, asyncio.run(both()), strict=True))
