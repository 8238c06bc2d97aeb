"""What the Rust extension offers. Everything here is private to the package.

A call that ends later returns an ``asyncio.Future`` of the running loop. Failures cross as serialized
protobuf (``temporal.api.failure.v1.Failure``), payloads as such or as :py:class:`RawPayload`.
Durations are seconds as ``float``.
"""

import asyncio
import contextvars
from collections.abc import (
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Mapping,
    MutableMapping,
    Sequence,
)
from datetime import timedelta
from types import ModuleType
from typing import Any, Literal, NoReturn, Protocol, TypeAlias, TypeVar, final

from typing_extensions import Self

from temporalio.converter import PayloadConverter
from temporalio.worker import WorkerSnapshot

_T = TypeVar("_T")

# ---- connection ----

class RpcFailure(Exception):
    """A call that failed for good. ``args`` is ``(code, message, grpc_status_bytes)``."""

@final
class Runtime:
    """Threads that connections and workers run on, and where their metrics go."""

    def __new__(
        cls,
        *,
        prometheus: tuple[str, bool, bool, bool, Mapping[str, Sequence[float]]] | None,
        buffer_size: int | None,
        metric_prefix: str,
        service_name: str | None,
        global_tags: Mapping[str, str],
    ) -> Runtime:
        """Start the threads.

        ``prometheus`` is address to listen on, whether counters get ``_total``, whether names get their
        units, whether durations are seconds, buckets by part of a metric's name; ``buffer_size`` keeps that many updates
        instead. With neither there is no meter.

        Raises ``ValueError`` for an address that is none or cannot be had.
        """
    @property
    def meter(self) -> Meter | None: ...
    def retrieve_updates(self, *, durations_as_seconds: bool) -> list[BufferedMetricUpdate]:
        """Take what was recorded since the last time; nothing without ``buffer_size``."""

@final
class Meter:
    """What metrics are made with."""

    @property
    def attributes(self) -> MetricAttributes:
        """What each metric of the runtime carries."""
    def metric(
        self,
        kind: Literal[
            "counter",
            "gauge",
            "gauge_float",
            "histogram",
            "histogram_float",
            "histogram_duration",
        ],
        name: str,
        description: str | None,
        unit: str | None,
    ) -> Metric: ...

@final
class Metric:
    """Takes values of one metric."""

    def record(self, value: float, attributes: MetricAttributes) -> None:
        """Add to a counter, set a gauge, or count in a histogram: whole numbers, but for floats; durations in ms."""

@final
class MetricAttributes:
    """Names and values, sorted by name."""

    def with_additional_attributes(
        self, attributes: Mapping[str, str | int | float | bool]
    ) -> MetricAttributes:
        """These, and those. Raises ``TypeError`` for a value of another type."""

@final
class BufferedMetric:
    """A metric that has updates: one object for each."""

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str | None: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def kind(self) -> int:
        """0 for a counter, 1 for a gauge, 2 for a histogram."""

@final
class BufferedMetricUpdate:
    """One value that was recorded."""

    @property
    def metric(self) -> BufferedMetric: ...
    @property
    def value(self) -> int | float: ...
    @property
    def attributes(self) -> dict[str, str | int | float | bool]:
        """One object for each set of attributes."""

@final
class Connection:
    """A connection to one server, shared by clients and workers."""

    @staticmethod
    def connect(
        *,
        runtime: Runtime,
        target: str,
        client_name: str,
        client_version: str,
        metadata: Mapping[str, str | bytes],
        api_key: str | None,
        tls: tuple[bytes | None, str | None, bytes | None, bytes | None, str | None] | None,
        retry: tuple[float, float, float, float, float | None, int] | None,
        keep_alive: tuple[float, float] | None,
        http_connect_proxy: tuple[str, tuple[str, str] | None] | None,
        gzip: bool,
        connect_timeout: float | None,
    ) -> asyncio.Future[Connection]:
        """Reach the server and ask what it can do.

        ``target`` is a URL, ``https`` with ``tls``: root certificate, domain, client certificate, its key,
        name to verify instead.
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
    def start_workflow(
        self,
        request: StartRequest,
        *,
        metadata: Mapping[str, str | bytes],
        timeout: float | None,
    ) -> asyncio.Future[StartAnswer]: ...
    def execute_workflow(
        self,
        request: StartRequest,
        *,
        metadata: Mapping[str, str | bytes],
        timeout: float | None,
    ) -> asyncio.Future[RawPayload | bytes]:
        """Start a workflow and wait for the end of the run, as :py:meth:`close_event` does."""
    def close_event(
        self,
        *,
        namespace: str,
        workflow_id: str,
        run_id: str,
        metadata: Mapping[str, str | bytes],
        timeout: float | None,
    ) -> asyncio.Future[RawPayload | bytes]:
        """Wait for the end of a run; without ``run_id``, of the latest.

        Gives its result, if that is one plain value and no other run takes over, or else the serialized
        ``HistoryEvent`` that ended it.
        """
    def set_metadata(self, metadata: Mapping[str, str | bytes]) -> None: ...
    def set_api_key(self, api_key: str | None) -> None: ...

@final
class StartRequest:
    """A start of a workflow, with a request id of its own.

    ``priority`` is key, fairness key and fairness weight, with zero and the empty string for what is
    unset. ``rest`` is a serialized ``StartWorkflowExecutionRequest`` with the other fields.
    """

    def __init__(
        self,
        namespace: str,
        identity: str,
        workflow_id: str,
        workflow_type: str,
        task_queue: str,
        input: Sequence[_GivenPayload],
        id_reuse_policy: int,
        id_conflict_policy: int,
        cron_schedule: str,
        priority: tuple[int, str, float],
        execution_timeout: timedelta | None,
        run_timeout: timedelta | None,
        task_timeout: timedelta | None,
        start_delay: timedelta | None,
        request_eager_start: bool,
        rest: bytes,
        /,
    ) -> None: ...
    def serialize(self) -> bytes:
        """The bytes of the ``StartWorkflowExecutionRequest``."""
    def serialize_with_signal(self, signal: str, arguments: Sequence[_GivenPayload]) -> bytes:
        """The bytes of the ``SignalWithStartWorkflowExecutionRequest``."""

@final
class StartAnswer:
    """What the server answers to a start."""

    @property
    def run_id(self) -> str: ...
    @property
    def first_execution_run_id(self) -> str: ...
    @property
    def eagerly_started(self) -> bool: ...
    def serialize(self) -> bytes:
        """The bytes of the ``StartWorkflowExecutionResponse``."""

# ---- worker ----

class WorkerFailure(Exception):
    """The worker stopped because of an error it could not go on with."""

class ActivityHandler(Protocol):
    """Called on the worker's asyncio loop, one wake-up for all that is ready."""

    def start(self, task: ActivityTask) -> None: ...
    def cancel(self, task_token: bytes, cancel: ActivityCancel) -> None: ...

class WorkflowHandler(Protocol):
    """Called on lanes. A run is always called on the lane that it started on."""

    interruption: type[BaseException]
    """Raised in the thread of a workflow that does not yield."""

    ending: type[BaseException]
    """Raised in the thread of workflow code that still runs when the process ends."""

    def create_run(self, activation: Activation) -> WorkflowRun:
        """Make the object for a run that ``activation`` starts, without applying anything yet."""
    def warn_of_slow_code(self, run_id: str, thread: int, seconds: float, limit: float) -> None:
        """Tell of a workflow that has not yielded for ``seconds``, half of what it may take."""
    def report_stuck_eviction(self, run_id: str, thread: int, seconds: float) -> None:
        """Tell of a run that was abandoned because its code did not let itself be torn down."""
    def describe_deadlock(self, run_id: str, thread: int, seconds: float) -> bytes:
        """Return the serialized ``Failure`` for a workflow that has not yielded for ``seconds``."""

@final
class ResourceTuner:
    """Watches memory and processors for the slots of one worker, on a thread of its own."""

    def __init__(self, target_memory_usage: float, target_cpu_usage: float) -> None: ...

@final
class SlotReservation:
    """A question for a slot."""

    @property
    def number(self) -> int:
        """Names the question, and the permit that it leads to."""
    def answer(self, is_granted: bool) -> bool:
        """Say whether there is a slot. False if nobody waits for it any more."""

# Kind of slot, type of workflow or activity, whether its task came from the sticky queue.
_SlotTask = tuple[str, str, bool]

class SlotHandler(Protocol):
    """Decides over slots. Called on the loop that the worker runs on."""

    def reserve(self, slot_type: str, is_sticky: bool, reservation: SlotReservation) -> None:
        """Answer when there is a slot."""
    def try_reserve(self, slot_type: str, is_sticky: bool, reservation: SlotReservation) -> None:
        """Answer at once."""
    def cancel(self, number: int) -> None:
        """Forget a question, if it is not answered yet."""
    def mark_used(self, number: int, task: _SlotTask) -> None:
        """A task holds the slot now."""
    def release(self, number: int, task: _SlotTask | None) -> None:
        """The slot has come back; without a task it was not used."""

# A fixed number; or minimum, maximum and the number to begin with.
_Polls = int | tuple[int, int, int]

# A fixed number; or tuner, minimum, maximum and seconds from one slot to the next; or who decides.
_Slots = int | tuple[ResourceTuner, int, int, float] | SlotHandler

@final
class Worker:
    """``deployment`` is its name, whether its versions matter, and a ``VersioningBehavior`` number."""

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
        use_build_id_versioning: bool,
        deployment: tuple[str, bool, int] | None,
        max_cached_workflows: int,
        workflow_slots: _Slots,
        activity_slots: _Slots,
        local_activity_slots: _Slots,
        workflow_task_polls: _Polls,
        activity_task_polls: _Polls,
        max_eager_activities_per_workflow_task: int,
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
        polls_activities: bool,
        evict_after_each_task: bool = False,
        disable_payload_error_limit: bool = False,
    ) -> None:
        """``evict_after_each_task`` is for tests of replay: no run stays in the cache."""
    def validate(self) -> asyncio.Future[None]:
        """Ask the server whether the namespace exists. Raises ``RpcFailure``."""
    def run(self) -> asyncio.Future[None]:
        """Poll and work until shutdown has drained everything. Raises ``WorkerFailure`` or ``RpcFailure``."""
    def discard(self) -> asyncio.Future[None]:
        """Let the threads of a worker end that will not run."""
    def initiate_shutdown(self) -> None: ...
    def complete_activity(self, task_token: bytes, result: _GivenPayload | None) -> None: ...
    def fail_activity(self, task_token: bytes, failure: bytes) -> None: ...
    def report_activity_cancelled(self, task_token: bytes, failure: bytes) -> None: ...
    def complete_activity_later(self, task_token: bytes) -> None: ...
    def record_heartbeat(self, task_token: bytes, details: Sequence[_GivenPayload]) -> None: ...
    def set_deadlock_timeout(self, limit: float | None) -> None: ...
    def replace_connection(self, connection: Connection) -> None:
        """Have all calls from now on go by another connection."""
    def snapshot(self) -> WorkerSnapshot: ...

# ---- replayer ----

@final
class Replayer:
    """Replays histories on lanes of its own, with no server."""

    def __init__(
        self,
        *,
        runtime: Runtime,
        namespace: str,
        task_queue: str,
        build_id: str,
        client_name: str,
        client_version: str,
        max_concurrent_replays: int,
        workflows: WorkflowHandler,
        lanes: int,
        deadlock_timeout: float | None,
    ) -> None: ...
    def replay(
        self,
        workflow_id: str,
        history: bytes | Sequence[bytes],
        *,
        page_sizes: Sequence[int],
        every_task: bool,
        evicting: bool,
    ) -> asyncio.Future[tuple[tuple[str, str, bytes | None] | None, list[dict[str, Any]]]]:
        """Replay a history: as one task, or each of its tasks as if it were happening now.

        ``history`` is a serialized ``History``, or the serialized events of one.

        ``page_sizes`` cuts the history into pages, the last size again and again; with none it is
        one. ``evicting`` forgets the run after each task.

        The result is the failure (eviction reason, message, serialized ``Failure`` of the task if it
        was one), and what each task came to: ``started_event_id``, ``activations``,
        ``ended_replaying``, and ``completion``, a serialized ``RespondWorkflowTaskCompletedRequest`` or
        None. Raises ``ValueError`` if ``history`` is no serialized history.
        """
    def close(self) -> asyncio.Future[None]:
        """Let the lanes end."""

@final
class ActivityTask:
    """One attempt of an activity. Times are seconds since the epoch, or None.

    Each field is made when it is read, and made anew each time.
    """

    def __init__(self, response: bytes) -> None:
        """Take a serialized ``PollActivityTaskQueueResponse``, as tests have it."""
    task_token: bytes
    workflow_namespace: str
    workflow_type: str
    workflow_id: str
    workflow_run_id: str
    activity_id: str
    activity_type: str
    activity_run_id: str
    headers: dict[str, RawPayload]
    input: list[RawPayload]
    heartbeat_details: list[RawPayload]
    refers_to_storage: bool
    """Whether a payload stands for one that is kept elsewhere, and has no value of its own."""
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

@final
class ThreadInterrupt:
    """Raises at most one exception into the thread attached to it, and never into what follows there."""

    def attach(self, thread: int) -> bool:
        """Name the thread. True if the caller has to raise at once."""
    def detach(self) -> None:
        """Let go of the thread, taking back an exception that has not arrived yet."""
    def shield(self) -> None: ...
    def unshield(self) -> bool:
        """End a shield. True if the caller has to raise now."""
    def interrupt(self, exception: type[BaseException]) -> None:
        """Raise now if a thread is attached and not shielded, otherwise once that is so."""

# ---- workflow lanes ----

class WorkflowRun(Protocol):
    commands: Commands

    def activate(self, activation: Activation) -> tuple[bytes, int] | None:
        """Apply the jobs; what the workflow wants goes to ``commands``.

        Returns None, or a serialized ``Failure`` and a ``WorkflowTaskFailedCause`` number.
        """

@final
class LaneDriver:
    """Lanes without a worker, for tests and measurements."""

    def __init__(
        self, handler: WorkflowHandler, *, lanes: int, deadlock_timeout: float | None
    ) -> None: ...
    def activate(self, activation: Activation) -> None: ...
    def next_answer(
        self, timeout: float
    ) -> tuple[str, list[dict[str, Any]], list[int], tuple[bytes, int] | None]:
        """Wait for an answer: run id, commands, used flags, failure with its cause's number."""
    def set_deadlock_timeout(self, seconds: float | None) -> None: ...
    def abandoned_runs(self) -> int:
        """Return how many runs would not let themselves be torn down."""
    def stop(self, timeout: float) -> bool:
        """Stop the lanes; False if a thread has not ended within ``timeout`` seconds."""

def off_the_clock(call: Callable[[], _T]) -> _T:
    """Call what is not workflow code on a lane; the time does not count as the workflow's."""

def hold_if_written_off() -> None:
    """Never return to code whose thread was written off as stuck."""

def count_abandoned_run() -> None:
    """Count a run of this lane whose code would not let itself be torn down."""

def park_thread() -> None:
    """Never return."""

@final
class RawPayload:
    """A payload of which no protobuf message was made."""

    def __init__(self, serialized: bytes) -> None: ...
    def serialize(self) -> bytes:
        """The bytes of the protobuf message."""

# A serialized payload will do as well.
_GivenPayload: TypeAlias = RawPayload | bytes

@final
class Values:
    """The way of values to payloads and back: results and errors are those of ``converter``.

    ``native`` is for the default converter alone, see ``temporalio.converter._values.values_of``.
    """

    def __init__(self, converter: PayloadConverter, *, native: bool) -> None: ...
    @property
    def converter(self) -> PayloadConverter: ...
    @property
    def native(self) -> bool: ...
    def to_payloads(self, values: Sequence[Any]) -> list[RawPayload]: ...
    def from_payloads(
        self, payloads: Sequence[_GivenPayload], hints: Sequence[Any] | None = None
    ) -> list[Any]:
        """Payloads beyond the last hint, or with None for a hint, are read without one."""
    def to_payload(self, value: Any) -> RawPayload: ...
    def from_payload(self, payload: _GivenPayload, hint: Any = None) -> Any: ...

@final
class UnchangedClasses:
    """Remembers the state of classes and of all their base classes."""

    def __init__(self, classes: Sequence[type]) -> None: ...
    def note(self) -> None:
        """Remember the classes as they are."""
    def holds(self) -> bool:
        """True if they are as they were when last noted."""

# Payloads, one list for each call of a codec, with kind and sequence number of what they
# belong to: "activity", "child_workflow", "external_signal", or None for the run itself.
_PayloadGroups = list[tuple[tuple[str, int] | None, list[RawPayload]]]

@final
class Activation:
    """A batch of jobs for one run. Times are nanoseconds since the epoch."""

    def __init__(
        self,
        *,
        run_id: str,
        jobs: Sequence[Job],
        timestamp_ns: int = 0,
        is_replaying: bool = False,
        history_length: int = 0,
        history_size_bytes: int = 0,
        continue_as_new_suggested: bool = False,
        target_worker_deployment_version_changed: bool = False,
        available_internal_flags: Sequence[int] = (),
        deployment_version: tuple[str, str] | None = None,
    ) -> None: ...
    @property
    def run_id(self) -> str: ...
    @property
    def timestamp_ns(self) -> int: ...
    @property
    def is_replaying(self) -> bool: ...
    @property
    def history_length(self) -> int: ...
    @property
    def history_size_bytes(self) -> int: ...
    @property
    def continue_as_new_suggested(self) -> bool: ...
    @property
    def target_worker_deployment_version_changed(self) -> bool: ...
    @property
    def available_internal_flags(self) -> list[int]: ...
    @property
    def deployment_version(self) -> tuple[str, str] | None:
        """Deployment name and build id."""
    @property
    def initialize(self) -> InitializeJob | None:
        """The job that starts the run, if it is among the jobs."""
    @property
    def only_updates(self) -> bool:
        """Whether there is nothing but updates."""
    def take_batches(self) -> list[list[Job]]:
        """Return the jobs; they leave the activation.

        Four sets, in which they are applied: patches, signals and updates, the rest, queries.
        """
    def payload_groups(self, with_headers: bool) -> _PayloadGroups: ...
    def replace_payloads(
        self, groups: Sequence[Sequence[_GivenPayload]], with_headers: bool
    ) -> None: ...

@final
class InitializeJob:
    def __init__(
        self, workflow_id: str, randomness_seed: int, start_time_ns: int, started: bytes
    ) -> None:
        """``started`` is a serialized ``WorkflowExecutionStartedEventAttributes``."""
    @property
    def workflow_id(self) -> str: ...
    @property
    def workflow_type(self) -> str: ...
    @property
    def randomness_seed(self) -> int: ...
    @property
    def start_time_ns(self) -> int: ...
    @property
    def arguments(self) -> list[RawPayload]: ...
    @property
    def headers(self) -> dict[str, RawPayload]: ...
    @property
    def parent(self) -> tuple[str, str, str] | None:
        """Namespace, workflow id and run id."""
    @property
    def root(self) -> tuple[str, str] | None:
        """Workflow id and run id."""
    @property
    def memo(self) -> dict[str, RawPayload]: ...
    @property
    def search_attributes(self) -> dict[str, RawPayload]: ...
    @property
    def retry_policy(self) -> bytes | None: ...
    @property
    def priority(self) -> bytes | None: ...
    def info_fields(
        self, run_id: str, namespace: str, task_queue: str
    ) -> tuple[dict[str, Any], bool]:
        """The fields of the run's ``Info`` by name, and whether there is more to set than the times.

        What few runs have is empty or None there: headers, memo, search attributes, parent, root,
        retry policy. The priority and the typed search attributes are left out.
        """
    @property
    def last_completion_result(self) -> list[RawPayload]: ...
    @property
    def last_failure(self) -> bytes | None: ...

@final
class PatchJob:
    def __init__(self, patch_id: str) -> None: ...
    @property
    def patch_id(self) -> str: ...

@final
class SeedJob:
    def __init__(self, seed: int) -> None: ...
    @property
    def seed(self) -> int: ...

@final
class SignalJob:
    def __init__(
        self,
        name: str,
        input: Sequence[_GivenPayload],
        *,
        identity: str = "",
        headers: Mapping[str, _GivenPayload] = ...,
    ) -> None: ...
    @property
    def name(self) -> str: ...
    @property
    def input(self) -> list[RawPayload]: ...
    @property
    def identity(self) -> str: ...
    @property
    def headers(self) -> dict[str, RawPayload]: ...

@final
class UpdateJob:
    def __init__(
        self,
        *,
        id: str,
        protocol_instance_id: str,
        name: str,
        input: Sequence[_GivenPayload],
        headers: Mapping[str, _GivenPayload] = ...,
        identity: str = "",
        run_validator: bool = True,
    ) -> None: ...
    @property
    def id(self) -> str: ...
    @property
    def protocol_instance_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def input(self) -> list[RawPayload]: ...
    @property
    def headers(self) -> dict[str, RawPayload]: ...
    @property
    def identity(self) -> str: ...
    @property
    def run_validator(self) -> bool: ...

@final
class TimerJob:
    def __init__(self, sequence: int) -> None: ...
    @property
    def sequence(self) -> int: ...

@final
class ActivityJob:
    """An activity ended: with a result, or with a failure, which may say it was cancelled.

    A local activity may instead ask to be scheduled anew: ``backoff`` is the attempt, how long to
    wait, and when the first attempt was scheduled in nanoseconds.
    """

    def __init__(
        self,
        sequence: int,
        *,
        result: _GivenPayload | None = None,
        failure: bytes | None = None,
        cancelled: bool = False,
        is_local: bool = False,
        backoff: tuple[int, timedelta, int] | None = None,
    ) -> None: ...
    @property
    def sequence(self) -> int: ...
    @property
    def result(self) -> RawPayload | None: ...
    @property
    def failure(self) -> bytes | None: ...
    @property
    def cancelled(self) -> bool: ...
    @property
    def is_local(self) -> bool: ...
    @property
    def backoff(self) -> tuple[int, timedelta, int] | None: ...

@final
class ChildWorkflowStartJob:
    """A child workflow was started (its run id), failed to start, or was cancelled before.

    ``failed`` is workflow id, workflow type, and a ``StartChildWorkflowExecutionFailedCause`` number;
    ``cancelled`` is a failure.
    """

    def __init__(
        self,
        sequence: int,
        *,
        run_id: str | None = None,
        failed: tuple[str, str, int] | None = None,
        cancelled: bytes | None = None,
    ) -> None: ...
    @property
    def sequence(self) -> int: ...
    @property
    def run_id(self) -> str | None: ...
    @property
    def failed(self) -> tuple[str, str, int] | None: ...
    @property
    def cancelled(self) -> bytes | None: ...

@final
class ChildWorkflowJob:
    """A child workflow ended: with a result, or with a failure, which may say it was cancelled."""

    def __init__(
        self,
        sequence: int,
        *,
        result: _GivenPayload | None = None,
        failure: bytes | None = None,
        cancelled: bool = False,
    ) -> None: ...
    @property
    def sequence(self) -> int: ...
    @property
    def result(self) -> RawPayload | None: ...
    @property
    def failure(self) -> bytes | None: ...
    @property
    def cancelled(self) -> bool: ...

@final
class ExternalSignalJob:
    """A signal to another workflow was delivered, or failed."""

    def __init__(self, sequence: int, *, failure: bytes | None = None) -> None: ...
    @property
    def sequence(self) -> int: ...
    @property
    def failure(self) -> bytes | None: ...

@final
class ExternalCancelJob:
    """Another workflow was asked to cancel, or could not be."""

    def __init__(self, sequence: int, *, failure: bytes | None = None) -> None: ...
    @property
    def sequence(self) -> int: ...
    @property
    def failure(self) -> bytes | None: ...

@final
class CancelJob:
    def __init__(self, reason: str = "") -> None: ...
    @property
    def reason(self) -> str: ...

@final
class QueryJob:
    def __init__(
        self,
        query_id: str,
        query_type: str,
        arguments: Sequence[_GivenPayload],
        *,
        headers: Mapping[str, _GivenPayload] = ...,
    ) -> None: ...
    @property
    def query_id(self) -> str: ...
    @property
    def query_type(self) -> str: ...
    @property
    def arguments(self) -> list[RawPayload]: ...
    @property
    def headers(self) -> dict[str, RawPayload]: ...

@final
class EvictJob:
    def __init__(self, message: str = "") -> None: ...
    @property
    def reason(self) -> str: ...
    @property
    def message(self) -> str: ...

Job = (
    InitializeJob
    | PatchJob
    | SeedJob
    | SignalJob
    | UpdateJob
    | TimerJob
    | ActivityJob
    | ChildWorkflowStartJob
    | ChildWorkflowJob
    | ExternalSignalJob
    | ExternalCancelJob
    | CancelJob
    | QueryJob
    | EvictJob
)

@final
class Commands:
    """What a run has issued since it was last answered for.

    ``refuse`` is called with what was attempted and whether the run is being evicted, when nothing
    may be issued; it must raise.
    """

    read_only: bool
    evicting: bool
    versioning_behavior: int
    """How the run stands to worker versions, a ``VersioningBehavior`` number; 0 says nothing."""
    def __init__(self, refuse: Callable[[str, bool], NoReturn]) -> None: ...
    def __len__(self) -> int: ...
    def use_flag(self, flag: int) -> None: ...
    def flags(self) -> list[int]: ...
    def has_terminal(self) -> bool: ...
    def schedule_activity(
        self,
        *,
        sequence: int,
        activity_id: str,
        activity_type: str,
        task_queue: str,
        headers: Mapping[str, _GivenPayload],
        arguments: Sequence[_GivenPayload],
        schedule_to_close_timeout: timedelta | None,
        schedule_to_start_timeout: timedelta | None,
        start_to_close_timeout: timedelta | None,
        heartbeat_timeout: timedelta | None,
        retry_policy: bytes | None,
        cancellation_type: int,
        do_not_eagerly_execute: bool,
        versioning_intent: int,
        priority: bytes | None,
        summary: _GivenPayload | None,
    ) -> None: ...
    def schedule_local_activity(
        self,
        *,
        sequence: int,
        activity_id: str,
        activity_type: str,
        attempt: int,
        first_scheduled_ns: int | None,
        headers: Mapping[str, _GivenPayload],
        arguments: Sequence[_GivenPayload],
        schedule_to_close_timeout: timedelta | None,
        schedule_to_start_timeout: timedelta | None,
        start_to_close_timeout: timedelta | None,
        retry_policy: bytes | None,
        local_retry_threshold: timedelta | None,
        cancellation_type: int,
        summary: _GivenPayload | None,
    ) -> None:
        """``first_scheduled_ns`` is when the first attempt was scheduled, if this comes after a backoff."""
    def complete_workflow(self, result: _GivenPayload) -> None: ...
    def fail_workflow(self, failure: bytes) -> None: ...
    def cancel_workflow(self) -> None: ...
    def continue_as_new(
        self,
        *,
        workflow_type: str,
        task_queue: str,
        arguments: Sequence[_GivenPayload],
        run_timeout: timedelta | None,
        task_timeout: timedelta | None,
        backoff_start_interval: timedelta | None,
        memo: Mapping[str, _GivenPayload] | None,
        headers: Mapping[str, _GivenPayload],
        search_attributes: Mapping[str, _GivenPayload] | None,
        retry_policy: bytes | None,
        versioning_intent: int,
        initial_versioning_behavior: int,
    ) -> None: ...
    def set_patch_marker(self, patch_id: str, deprecated: bool) -> None: ...
    def start_child_workflow(
        self,
        *,
        sequence: int,
        workflow_id: str,
        workflow_type: str,
        task_queue: str,
        arguments: Sequence[_GivenPayload],
        execution_timeout: timedelta | None,
        run_timeout: timedelta | None,
        task_timeout: timedelta | None,
        parent_close_policy: int,
        id_reuse_policy: int,
        retry_policy: bytes | None,
        cron_schedule: str,
        headers: Mapping[str, _GivenPayload],
        memo: Mapping[str, _GivenPayload],
        search_attributes: Mapping[str, _GivenPayload] | None,
        cancellation_type: int,
        versioning_intent: int,
        versioning_override: bytes | None,
        priority: bytes | None,
        summary: _GivenPayload | None,
        details: _GivenPayload | None,
    ) -> None: ...
    def cancel_child_workflow(self, sequence: int, reason: str) -> None: ...
    def signal_external_workflow(
        self,
        *,
        sequence: int,
        workflow_id: str,
        run_id: str,
        child: bool,
        signal_name: str,
        arguments: Sequence[_GivenPayload],
        headers: Mapping[str, _GivenPayload],
    ) -> None:
        """With ``child``, the target is a child of this workflow; ``run_id`` does not count then."""
    def cancel_signal_workflow(self, sequence: int) -> None:
        """Take a signal back that is not sent yet."""
    def request_cancel_external_workflow(
        self, *, sequence: int, workflow_id: str, run_id: str, reason: str
    ) -> None: ...
    def upsert_search_attributes(self, attributes: Mapping[str, _GivenPayload]) -> None: ...
    def upsert_memo(self, fields: Mapping[str, _GivenPayload]) -> None:
        """A null payload removes its key."""
    def answer_query(self, query_id: str, result: _GivenPayload) -> None: ...
    def fail_query(self, query_id: str, failure: bytes) -> None: ...
    def accept_update(self, protocol_instance_id: str) -> None: ...
    def reject_update(self, protocol_instance_id: str, failure: bytes) -> None: ...
    def complete_update(self, protocol_instance_id: str, result: _GivenPayload) -> None: ...
    def fail_update(self, protocol_instance_id: str, failure: bytes) -> None: ...
    def payload_groups(self, with_headers: bool) -> _PayloadGroups: ...
    def replace_payloads(
        self, groups: Sequence[Sequence[_GivenPayload]], with_headers: bool
    ) -> None: ...
    def take_readable(self) -> list[dict[str, Any]]:
        """Return the commands as dictionaries, and forget them. For tests."""

class Handle:
    """A scheduled callback, with the behaviour of ``asyncio.Handle``."""

    def cancel(self) -> None: ...
    def cancelled(self) -> bool: ...
    def get_context(self) -> contextvars.Context | None: ...

@final
class TimerHandle(Handle):
    """A callback that waits for a server timer."""

    def when(self) -> float: ...

@final
class PendingActivity:
    """An activity whose end the workflow has not seen. One task may await it."""

    @property
    def sequence(self) -> int:
        """Its number, which is another one after a backoff."""
    @property
    def is_local(self) -> bool: ...
    def described(self) -> list[Any]:
        """The name, the id if one was chosen, and the task queue if one was."""
    def admit_cancel(self, ended: bool) -> None:
        """Ask for the cancellation before the task is cancelled that awaits it, ``ended`` or not.

        Once the task awaits, it does so itself. Raises if nothing may be issued now.
        """
    def __await__(self) -> Generator[Any, None, Any]: ...

class PendingActivities:
    """All activities of a run whose end the workflow has not seen.

    Calls ``sees_cancel_of_settled()``, ``backoff_needed(attempt, delay, first_scheduled_ns)``,
    ``decode_failure(failure, conversion)``, ``decode_result(payload, hint, conversion)`` and
    ``undecodable(error)`` of the class that extends it.
    """

    def __new__(
        cls,
        commands: Commands,
        event_loop: EventLoop,
        values: Values,
        *,
        task_queue: str,
        disable_eager_execution: bool,
        unset_argument: object,
        default_priority: object,
    ) -> Self: ...
    def start(self, *call: Any) -> PendingActivity:
        """Start an activity as a call of ``start_activity`` says it, with no interceptor in between.

        Takes the parameters of that in their order, less the event groups.
        """
    def execute(self, *call: Any) -> Awaitable[Any]:
        """Start an activity and give its outcome, with the hops through the loop of a task for it."""
    def prepare(
        self,
        *,
        is_local: bool,
        hint: type | None,
        conversion: object | None,
        described: tuple[str, str | None, str | None],
    ) -> PendingActivity:
        """An activity under the next number, which is not scheduled yet.

        ``conversion`` is given if it is not that of the run.
        """
    def await_end(self, pending: PendingActivity) -> None:
        """From now on the activity is resolved by jobs with its number."""
    def find(self, sequence: int) -> PendingActivity | None: ...
    def resolve(self, job: ActivityJob) -> None:
        """Apply the end of an activity, or the need for another schedule."""

class EventLoop:
    """Ready queue and timers of a run. Time is workflow time."""

    def __new__(
        cls,
        commands: Commands,
        timer_summary: contextvars.ContextVar[RawPayload | None],
        task_suffix: str,
    ) -> Self:
        """``timer_summary`` gives the summary of the timers that a context starts.

        ``task_suffix`` is appended to the names of tasks.
        """
    @property
    def tasks(self) -> set[asyncio.Task[Any]]:
        """The tasks that are not done."""
    def create_task(
        self,
        coro: Generator[Any, None, _T] | Coroutine[Any, Any, _T],
        *,
        name: str | None = None,
        context: contextvars.Context | None = None,
        **options: Any,
    ) -> asyncio.Task[_T]:
        """Create a task that this loop runs. Where none may be started now, ``coro`` is closed."""
    def adopt_task(self, task: asyncio.Task[Any], name: str) -> None:
        """Keep a task of another class until it is done, and name it after its workflow as well."""
    def set_time_ns(self, time_ns: int) -> None: ...
    def time_ns(self) -> int: ...
    def time(self) -> float: ...
    def get_debug(self) -> bool: ...
    def is_running(self) -> bool: ...
    def is_closed(self) -> bool: ...
    def has_ready(self) -> bool: ...
    def call_soon(
        self,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> Handle: ...
    def call_later(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> TimerHandle: ...
    def call_at(
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> TimerHandle: ...
    def start_timer(
        self, delay: float, summary: _GivenPayload | None, callback: Callable[[], object]
    ) -> TimerHandle: ...
    def fire_timer(self, sequence: int) -> None: ...
    def run_until_idle(self) -> None:
        """Run callbacks in order until none is ready, or until ``halt`` was called."""
    def halt(self) -> None: ...

@final
class SandboxInstallation:
    """What the process shows differently while any thread executes code of a sandbox.

    That is ``sys.modules``, and those builtins that are restricted: code outside of the sandbox that
    a workflow calls must not use them either. Threads in no sandbox find what was there before.
    """

    def __init__(
        self,
        make_view: Callable[[dict[str, ModuleType]], MutableMapping[str, ModuleType]],
        make_asking: Callable[[str, Callable[..., Any]], Callable[..., Any]],
    ) -> None:
        """``make_asking`` gets a builtin with its name and returns what asks the sandbox before it."""
    def add_builtin(self, name: str) -> None:
        """Have a builtin ask the sandbox that the calling thread is in."""
    def install(self) -> None:
        """Show all that until :py:meth:`uninstall` was called as often."""
    def uninstall(self) -> None:
        """Undo one :py:meth:`install`."""

@final
class SandboxOverlay:
    """What one run has made of the state of modules that it shares with others."""

    def __len__(self) -> int: ...

@final
class SandboxState:
    """The parts of loaded modules that can change, and what they hold when no run has its turn."""

    def __new__(cls, nodes: Sequence[tuple[str, Any]], derived: Sequence[str]) -> Self:
        """Take what the nodes hold now as pristine. A node is its kind and the object.

        Attributes of classes with a name in ``derived`` are worked out from the classes alone; they
        stay for all runs.
        """
    def put_in(self, overlay: SandboxOverlay) -> None:
        """Put in what a run has made of the state."""
    def take_out(self, former: SandboxOverlay | None) -> SandboxOverlay | None:
        """Take out what is not pristine. ``former`` was put in before, and is used up."""
    def __len__(self) -> int: ...
    def kinds(self) -> list[str]: ...
    @staticmethod
    def function_parts(function: Callable[..., Any]) -> dict[str, Any]:
        """Return the objects that a function holds."""
    @staticmethod
    def instance_dict(instance: object) -> dict[str, Any]:
        """Return the dict of an instance."""
