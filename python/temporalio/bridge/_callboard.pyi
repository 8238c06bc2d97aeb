"""What the Rust extension offers. Everything here is private to the package.

A call that ends later returns an ``asyncio.Future`` of the running loop. Payloads and failures cross as
serialized protobuf (``temporal.api.common.v1.Payload``, ``temporal.api.failure.v1.Failure``).
Durations are seconds as ``float``.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, final

# ---- connection ----

class RpcFailure(Exception):
    """A call that failed for good. ``args`` is ``(code, message, grpc_status_bytes)``."""

@final
class Connection:
    """A connection to one server, shared by clients and workers."""

    @staticmethod
    def connect(
        *,
        target: str,
        client_name: str,
        client_version: str,
        metadata: Mapping[str, str | bytes],
        api_key: str | None,
        tls: tuple[bytes | None, str | None, bytes | None, bytes | None] | None,
        retry: tuple[float, float, float, float, float | None, int] | None,
        keep_alive: tuple[float, float] | None,
        gzip: bool,
        connect_timeout: float | None,
    ) -> asyncio.Future[Connection]:
        """Reach the server and ask what it can do.

        ``target`` is a URL, ``https`` with ``tls``: root certificate, domain, client certificate and key.
        ``retry`` is initial interval, randomization factor, multiplier, maximum interval, maximum elapsed,
        tries; ``keep_alive`` is interval and timeout.
        """
    def call(
        self,
        method: str,
        request: bytes,
        *,
        namespace: str | None,
        retry: bool,
        metadata: Mapping[str, str | bytes],
        timeout: float | None,
    ) -> asyncio.Future[bytes]:
        """Unary call. ``method`` is the gRPC path, ``/package.Service/Method``.

        ``namespace`` goes as a header too, for servers that route by it. ``timeout`` is that of each try.
        """
    def set_metadata(self, metadata: Mapping[str, str | bytes]) -> None: ...
    def set_api_key(self, api_key: str | None) -> None: ...

# ---- worker ----

class WorkerFailure(Exception):
    """The worker stopped because of an error it could not go on with."""

class ActivityHandler(Protocol):
    """Called on the worker's asyncio loop, one wake-up for all that is ready."""

    def start(self, task: ActivityTask) -> None: ...
    def cancel(self, task_token: bytes, cancel: ActivityCancel) -> None: ...

class WorkflowHandler(Protocol):
    """Called on lanes. One call per activation; a run is always called on the same thread."""

    def create_run(self, event_loop: EventLoop, run_id: str) -> WorkflowRun: ...

@final
class Worker:
    def __init__(
        self,
        connection: Connection,
        *,
        namespace: str,
        task_queue: str,
        identity: str,
        client_name: str,
        client_version: str,
        build_id: str,
        max_cached_workflows: int,
        max_concurrent_workflow_tasks: int,
        max_concurrent_activities: int,
        max_concurrent_workflow_task_polls: int,
        max_concurrent_activity_task_polls: int,
        nonsticky_to_sticky_poll_ratio: float,
        sticky_queue_schedule_to_start_timeout: float,
        max_heartbeat_throttle_interval: float,
        default_heartbeat_throttle_interval: float,
        max_activities_per_second: float | None,
        max_task_queue_activities_per_second: float | None,
        graceful_shutdown_timeout: float,
        nondeterminism_fails_all_workflows: bool,
        nondeterminism_fails_workflow_types: Sequence[str],
        workflows: WorkflowHandler | None,
        lanes: int,
        deadlock_timeout: float | None,
        activities: ActivityHandler | None,
    ) -> None: ...
    def validate(self) -> asyncio.Future[None]:
        """Ask the server whether the namespace exists. Raises ``RpcFailure``."""
    def run(self) -> asyncio.Future[None]:
        """Poll and work until shutdown has drained everything. Raises ``WorkerFailure`` or ``RpcFailure``."""
    def initiate_shutdown(self) -> None: ...
    def complete_activity(self, task_token: bytes, result: bytes | None) -> None: ...
    def fail_activity(self, task_token: bytes, failure: bytes) -> None: ...
    def report_activity_cancelled(self, task_token: bytes, failure: bytes) -> None: ...
    def complete_activity_later(self, task_token: bytes) -> None: ...
    def record_heartbeat(self, task_token: bytes, details: Sequence[bytes]) -> None: ...
    def snapshot(self) -> dict[str, object]: ...

@final
class ActivityTask:
    """One attempt of an activity. Times are seconds since the epoch, or None."""

    task_token: bytes
    workflow_namespace: str
    workflow_type: str
    workflow_id: str
    workflow_run_id: str
    activity_id: str
    activity_type: str
    activity_run_id: str
    headers: dict[str, bytes]
    input: list[bytes]
    heartbeat_details: list[bytes]
    scheduled_time: float | None
    current_attempt_scheduled_time: float | None
    started_time: float | None
    attempt: int
    schedule_to_close_timeout: float | None
    start_to_close_timeout: float | None
    heartbeat_timeout: float | None
    retry_policy: bytes | None
    priority: bytes | None
    is_local: bool

@final
class ActivityCancel:
    not_found: bool
    cancel_requested: bool
    paused: bool
    reset: bool
    timed_out: bool
    worker_shutdown: bool

# ---- workflow lanes ----

class WorkflowRun(Protocol):
    def activate(self, activation: Activation) -> tuple[bytes, int] | None:
        """Apply the jobs; commands go to the event loop.

        Returns None, or a serialized ``Failure`` and a ``WorkflowTaskFailedCause`` number.
        """

@final
class Activation:
    run_id: str

class EventLoop:
    """The run's event loop and the commands it has issued."""
