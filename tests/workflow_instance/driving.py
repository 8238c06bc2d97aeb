"""Drives runs without a server: activations in, commands out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio.api.common.v1 import Payload, Payloads, WorkflowType
from temporalio.api.failure.v1 import (
    ActivityFailureInfo,
    ApplicationFailureInfo,
    CanceledFailureInfo,
    Failure,
)
from temporalio.api.history.v1 import WorkflowExecutionStartedEventAttributes
from temporalio.bridge._callboard import (
    Activation,
    ActivityJob,
    EvictJob,
    InitializeJob,
    QueryJob,
    SignalJob,
    UpdateJob,
)
from temporalio.converter import DataConverter, PayloadConverter
from temporalio.worker._workflow import _WorkflowWorker

START_NS = 1_700_000_000_000_000_000
SECOND = 1_000_000_000
_CONVERTER = PayloadConverter.default


def encode(*values: Any) -> list[bytes]:
    """Return values as serialized payloads."""
    return [payload.SerializeToString() for payload in _CONVERTER.to_payloads(values)]


def decode(payload: bytes) -> Any:
    """Return the value of a serialized payload."""
    return _CONVERTER.from_payload(Payload.FromString(payload))


def initialize(
    workflow: type | str, *args: Any, seed: int = 1, workflow_id: str = "workflow-1"
) -> InitializeJob:
    """Return the job that starts a run."""
    name = workflow if isinstance(workflow, str) else workflow.__name__
    started = WorkflowExecutionStartedEventAttributes(
        workflow_type=WorkflowType(name=name),
        input=Payloads(payloads=_CONVERTER.to_payloads(args)) if args else None,
        attempt=1,
        first_execution_run_id="first",
        original_execution_run_id="original",
    )
    return InitializeJob(workflow_id, seed, START_NS, started.SerializeToString())


def signal(name: str, *args: Any) -> SignalJob:
    """Return a signal."""
    return SignalJob(name, encode(*args))


def query(name: str, *args: Any) -> QueryJob:
    """Return a query."""
    return QueryJob("query-1", name, encode(*args))


def update(name: str, *args: Any, id: str = "update-1", run_validator: bool = True) -> UpdateJob:
    """Return an update."""
    return UpdateJob(
        id=id,
        protocol_instance_id=f"protocol-{id}",
        name=name,
        input=encode(*args),
        run_validator=run_validator,
    )


def completed(sequence: int, value: Any = None) -> ActivityJob:
    """Return an activity's success."""
    [payload] = encode(value)
    return ActivityJob(sequence, result=payload)


def failed(sequence: int, message: str = "no luck") -> ActivityJob:
    """Return an activity's failure."""
    cause = Failure(
        message=message, application_failure_info=ApplicationFailureInfo(type="Unlucky")
    )
    failure = Failure(
        message="Activity task failed",
        activity_failure_info=ActivityFailureInfo(activity_id=str(sequence)),
        cause=cause,
    )
    return ActivityJob(sequence, failure=failure.SerializeToString())


def cancelled(sequence: int) -> ActivityJob:
    """Return the end of an activity that was cancelled."""
    cause = Failure(message="cancelled", canceled_failure_info=CanceledFailureInfo())
    failure = Failure(
        message="Activity task cancelled",
        activity_failure_info=ActivityFailureInfo(activity_id=str(sequence)),
        cause=cause,
    )
    return ActivityJob(sequence, failure=failure.SerializeToString(), cancelled=True)


def backed_off(
    sequence: int, attempt: int, delay: timedelta, first_scheduled_ns: int = START_NS
) -> ActivityJob:
    """Return that a local activity is to be scheduled again later."""
    return ActivityJob(sequence, is_local=True, backoff=(attempt, delay, first_scheduled_ns))


class TaskFailed(Exception):
    """The workflow task failed. ``failure`` says how."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Driven:
    """One run, activated step by step on this thread."""

    def __init__(
        self,
        workflow: type,
        *args: Any,
        seed: int = 1,
        also: Sequence[type] = (),
        name: str | None = None,
        run_id: str = "run-1",
        data_converter: DataConverter = DataConverter.default,
        **worker_options: Any,
    ) -> None:
        self.worker = _WorkflowWorker(
            namespace="default",
            task_queue="queue",
            workflows=[workflow, *also],
            data_converter=data_converter,
            **worker_options,
        )
        self.initialization = initialize(name or workflow, *args, seed=seed)
        self._run_id = run_id
        self._run: Any = None
        self._time_ns = START_NS
        self.flags: list[int] = []
        self.history_length = 3

    @property
    def instance(self) -> Any:
        """The run itself."""
        return self._run._instance

    def start(self, *jobs: Any, **options: Any) -> list[dict[str, Any]]:
        """Start the run, with more jobs in the same activation."""
        return self.activate(self.initialization, *jobs, **options)

    def activate(
        self,
        *jobs: Any,
        after: float = 0,
        replaying: bool = False,
        flags: Sequence[int] = (),
    ) -> list[dict[str, Any]]:
        """Apply jobs ``after`` so many seconds; return the commands."""
        self._time_ns += int(after * SECOND)
        activation = Activation(
            run_id=self._run_id,
            jobs=list(jobs),
            timestamp_ns=self._time_ns,
            is_replaying=replaying,
            history_length=self.history_length,
            available_internal_flags=list(flags),
        )
        return self.apply(activation)

    def apply(self, activation: Activation) -> list[dict[str, Any]]:
        """Apply an activation; return the commands."""
        if self._run is None:
            self._run = self.worker.create_run(activation)
        failure = self._run.activate(activation)
        self.flags = self._run.commands.flags()
        commands: list[dict[str, Any]] = self._run.commands.take_readable()
        if failure is not None:
            raise TaskFailed(Failure.FromString(failure[0]))
        return commands

    def evict(self) -> None:
        """Tear the run down, as a lane does."""
        assert self._run is not None
        if not self._run.forget():
            assert self.activate(EvictJob("test")) == []


def kinds(commands: list[dict[str, Any]]) -> list[str]:
    """Return what was issued, in short."""
    return [
        f"{one['command']} {one['sequence']}" if "sequence" in one else one["command"]
        for one in commands
    ]


def result(commands: list[dict[str, Any]]) -> Any:
    """Return the workflow's result, which is the last command."""
    assert commands, "nothing was issued"
    assert commands[-1]["command"] == "complete_workflow", commands[-1]
    return decode(commands[-1]["result"])


def failure_of(command: dict[str, Any]) -> Failure:
    """Return a command's failure."""
    return Failure.FromString(command["failure"])
