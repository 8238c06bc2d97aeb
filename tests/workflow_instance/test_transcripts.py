"""The command streams are those of the official SDK, down to their order."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from temporalio.api.common.v1 import RetryPolicy
from temporalio.bridge._callboard import (
    Activation,
    CancelJob,
    TimerJob,
)

from . import scenarios
from .driving import (
    Driven,
    TaskFailed,
    backed_off,
    cancelled,
    completed,
    decode,
    failed,
    failure_of,
    query,
    signal,
    update,
)
from .simulation import Command, Job, scripts, simulations

_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
_RECORDED = Path(__file__).with_name(f"transcripts-{_VERSION}.json")


class OwnRun:
    """A run of this package, for a simulation."""

    module: Any = scenarios
    """Where the workflows are."""

    def __init__(self, workflow_name: str, args: list[Any], seed: int) -> None:
        self.driven = Driven(
            getattr(self.module, workflow_name),
            *args,
            seed=seed,
            assert_local_activity_valid=scenarios.refuse_unknown,
        )

    def activate(
        self, jobs: list[Job], *, time_ns: int, replaying: bool, flags: list[int]
    ) -> tuple[list[Command], list[int]]:
        """Apply jobs; return commands and used flags."""
        activation = Activation(
            run_id="run-1",
            jobs=[self._job(job) for job in jobs],
            timestamp_ns=time_ns,
            is_replaying=replaying,
            available_internal_flags=flags,
        )
        try:
            commands = self.driven.apply(activation)
        except TaskFailed as error:
            return [["task_failed", error.failure.message]], []
        return [self._command(command) for command in commands], sorted(self.driven.flags)

    def _command(self, command: dict[str, Any]) -> Command:
        return _command(command)

    def _job(self, job: Job) -> Any:
        kind, *rest = job
        make: dict[str, Any] = {
            "init": lambda: self.driven.initialization,
            "signal": lambda name, *args: signal(name, *args),
            "update": lambda id, name, *args: update(name, *args, id=id),
            "query": query,
            "timer": TimerJob,
            "cancel": CancelJob,
            "completed": lambda number: completed(number, number),
            "failed": failed,
            "cancelled": cancelled,
            "backoff": lambda number: backed_off(
                number, scenarios.BACKOFF_ATTEMPT, scenarios.BACKOFF, scenarios.FIRST_SCHEDULED_NS
            ),
        }
        return make[kind](*rest)


def _command(command: dict[str, Any]) -> Command:
    """Return a command in the form of the recorded transcripts."""
    kind = command["command"]
    if kind == "start_timer":
        summary = command["summary"]
        seconds = command["seconds"]
        return [kind, command["sequence"], seconds, None if summary is None else decode(summary)]
    if kind in ("cancel_timer", "request_cancel_activity", "request_cancel_local_activity"):
        return [kind, command["sequence"]]
    if kind == "schedule_activity":
        args = [decode(one) for one in command["arguments"]]
        described = [kind, command["sequence"], command["activity_id"], command["activity_type"]]
        return [*described, args, command["cancellation_type"]]
    if kind == "schedule_local_activity":
        return _local(command)
    if kind in ("complete_workflow", "answer_query"):
        return [kind, decode(command["result"])]
    if kind == "fail_workflow":
        return [kind, _messages(failure_of(command))]
    if kind == "continue_as_new":
        args = [decode(one) for one in command["arguments"]]
        return [kind, command["workflow_type"], command["task_queue"], args]
    if kind == "fail_query":
        return [kind, failure_of(command).message]
    if kind.endswith("_update"):
        return [
            "update",
            command["protocol_instance_id"].removeprefix("protocol-"),
            *_update(command),
        ]
    assert kind == "cancel_workflow"
    return [kind]


def _local(command: dict[str, Any]) -> Command:
    durations = ("schedule_to_close_timeout", "schedule_to_start_timeout", "start_to_close_timeout")
    given = [command[name] for name in (*durations, "local_retry_threshold")]
    policy = RetryPolicy.FromString(command["retry_policy"] or b"")
    summary = command["summary"]
    return [
        command["command"],
        command["sequence"],
        command["activity_id"],
        command["activity_type"],
        [decode(one) for one in command["arguments"]],
        command["cancellation_type"],
        command["attempt"],
        command["first_scheduled_ns"],
        [None if one is None else one.total_seconds() for one in given],
        policy.maximum_attempts,
        None if summary is None else decode(summary),
    ]


def _update(command: dict[str, Any]) -> list[Any]:
    kind = command["command"]
    if kind == "accept_update":
        return ["accepted", None]
    if kind == "complete_update":
        return ["completed", decode(command["result"])]
    return ["rejected", failure_of(command).message]


def _messages(failure: Any) -> list[str]:
    messages = [failure.message]
    return [*messages, *_messages(failure.cause)] if failure.HasField("cause") else messages


def _recorded(name: str) -> Any:
    return json.loads(_RECORDED.read_text())[name]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.skipif(not _RECORDED.exists(), reason=f"nothing recorded on Python {_VERSION}")
@pytest.mark.parametrize("simulation", simulations(), ids=lambda one: f"{one.seed}")
def test_command_stream_is_that_of_the_official_sdk(simulation: Any) -> None:
    """Compatibility, activations: the order of all that runs, with lang flag 2 and without.

    Compatibility, commands: order is the order of issue.
    """
    recorded = _recorded(f"{simulation.seed} {' '.join(simulation.parts)}")
    run = OwnRun("Everything", [simulation.parts], simulation.seed)
    played = json.loads(json.dumps(simulation.play(run)))
    for step, (mine, theirs) in enumerate(zip(played, recorded, strict=False)):
        assert mine == theirs, f"step {step}"
    assert len(played) == len(recorded)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.skipif(not _RECORDED.exists(), reason=f"nothing recorded on Python {_VERSION}")
@pytest.mark.parametrize("script", scripts(), ids=lambda one: one.name)
def test_script_has_the_outcome_of_the_official_sdk(script: Any) -> None:
    """Compatibility, activations: the first task, with lang flag 2 and without."""
    run = OwnRun(script.workflow, script.args, 1)
    played = json.loads(json.dumps(script.play(run)))
    assert played == _recorded(script.name)
