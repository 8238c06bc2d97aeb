"""An activity worker between two queues: tasks go in, outcomes and heartbeats come out."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from temporalio.api.common.v1 import Payload, WorkflowExecution, WorkflowType
from temporalio.api.failure.v1 import Failure
from temporalio.api.workflowservice.v1 import PollActivityTaskQueueResponse
from temporalio.bridge._callboard import ActivityTask, RawPayload
from temporalio.common import MetricMeter
from temporalio.converter import DataConverter
from temporalio.worker._activity import _ActivityWorker
from temporalio.worker._interceptor import Interceptor

LIMIT_SECONDS = 10.0


@dataclass
class Outcome:
    """How an attempt ended: one of the bridge's four calls."""

    kind: str
    payload: Payload | None = None
    failure: Failure | None = None


@dataclass
class BridgeQueues:
    """Takes what would go to the server."""

    outcomes: dict[bytes, asyncio.Future[Outcome]] = field(default_factory=dict)
    heartbeats: list[list[Payload]] = field(default_factory=list)

    def complete_activity(self, task_token: bytes, result: RawPayload | bytes) -> None:
        self._end(task_token, Outcome("completed", payload=_message(result)))

    def fail_activity(self, task_token: bytes, failure: bytes) -> None:
        self._end(task_token, Outcome("failed", failure=Failure.FromString(failure)))

    def report_activity_cancelled(self, task_token: bytes, failure: bytes) -> None:
        self._end(task_token, Outcome("cancelled", failure=Failure.FromString(failure)))

    def complete_activity_later(self, task_token: bytes) -> None:
        self._end(task_token, Outcome("later"))

    def record_heartbeat(self, task_token: bytes, details: Sequence[RawPayload | bytes]) -> None:
        self.heartbeats.append([_message(detail) for detail in details])

    def _end(self, task_token: bytes, outcome: Outcome) -> None:
        # Comes from any thread.
        future = self.outcomes[task_token]
        future.get_loop().call_soon_threadsafe(future.set_result, outcome)


def _message(payload: RawPayload | bytes) -> Payload:
    return Payload.FromString(payload if isinstance(payload, bytes) else payload.serialize())


class Harness:
    """Runs attempts of the activities given to it."""

    def __init__(
        self,
        *activities: Callable[..., Any],
        threads: int = 0,
        interceptors: Sequence[Interceptor] = (),
        data_converter: DataConverter = DataConverter.default,
    ) -> None:
        self.bridge = BridgeQueues()
        self.fatal: list[BaseException] = []
        self.client = SimpleNamespace(namespace="of-the-client")
        self.worker = _ActivityWorker(
            bridge_worker=lambda: cast(Any, self.bridge),
            client=cast(Any, self.client),
            task_queue="queue",
            activities=activities,
            activity_executor=ThreadPoolExecutor(threads) if threads else None,
            shared_state_manager=None,
            data_converter=data_converter,
            interceptors=interceptors,
            metric_meter=MetricMeter.noop,
            decode_headers=False,
            fail_worker=self.fatal.append,
        )

    async def start(self, activity_type: str, *args: Any, **fields: Any) -> bytes:
        """Hand a task in and return its token."""
        token = uuid.uuid4().bytes
        self.bridge.outcomes[token] = asyncio.get_running_loop().create_future()
        response = PollActivityTaskQueueResponse(task_token=token, **{**DEFAULTS, **fields})
        response.activity_type.name = activity_type
        response.input.payloads.extend(await DataConverter.default.encode(args) if args else [])
        self.worker.start(ActivityTask(response.SerializeToString()))
        return token

    def cancel(self, token: bytes, reason: str) -> None:
        """Ask an attempt to stop for one reason."""
        reasons = dict.fromkeys(REASONS, False) | {reason: True}
        self.worker.cancel(token, cast(Any, SimpleNamespace(**reasons)))

    async def outcome(self, token: bytes) -> Outcome:
        """Wait for the end of an attempt."""
        return await asyncio.wait_for(self.bridge.outcomes[token], LIMIT_SECONDS)

    async def run(self, activity_type: str, *args: Any, **fields: Any) -> Outcome:
        """Hand a task in and wait for its end."""
        return await self.outcome(await self.start(activity_type, *args, **fields))

    async def result(self, activity_type: str, *args: Any, **fields: Any) -> Any:
        """The value that an attempt completes with."""
        outcome = await self.run(activity_type, *args, **fields)
        assert outcome.kind == "completed", outcome
        assert outcome.payload is not None
        return (await DataConverter.default.decode([outcome.payload]))[0]


REASONS = (
    "not_found",
    "cancel_requested",
    "paused",
    "reset",
    "timed_out",
    "worker_shutdown",
)

DEFAULTS: dict[str, Any] = {
    "workflow_namespace": "of-the-workflow",
    "workflow_type": WorkflowType(name="Workflow"),
    "workflow_execution": WorkflowExecution(workflow_id="workflow-id", run_id="run-id"),
    "activity_id": "7",
    "scheduled_time": Timestamp(seconds=1000, nanos=250_000_000),
    "current_attempt_scheduled_time": Timestamp(seconds=2000, nanos=1_999),
    "attempt": 2,
    "start_to_close_timeout": Duration(seconds=30),
    "heartbeat_timeout": Duration(),
}
