"""Commands, log lines and warnings of runs are those of the official SDK."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from temporalio.api.common.v1 import Priority
from temporalio.api.failure.v1 import Failure
from temporalio.bridge._callboard import Activation, PatchJob, SeedJob
from temporalio.converter import PayloadConverter
from temporalio.worker import Interceptor, WorkflowInboundInterceptor
from temporalio.worker._workflow_flags import LogicFlag

from . import test_transcripts
from .behaviours import Behaviour, behaviours
from .driving import Driven, TaskFailed, decode
from .simulation import Command, Job

_CONVERTER = PayloadConverter.default
_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
_RECORDED = Path(__file__).with_name(f"behaviours-{_VERSION}.json")


class ByClass(Interceptor):
    """Gives a class to the worker."""

    def __init__(self, interceptor_class: type[WorkflowInboundInterceptor]) -> None:
        self._class = interceptor_class

    def workflow_interceptor_class(self, input: Any) -> type[WorkflowInboundInterceptor]:
        return self._class


class DetailedRun(test_transcripts.OwnRun):
    """A run that takes more jobs and shows more of its commands."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.driven = Driven(
            behaviour.workflow,
            *behaviour.args,
            interceptors=[ByClass(one) for one in behaviour.interceptors],
            workflow_failure_exception_types=behaviour.failure_types,
            patch_activation_callback=behaviour.patch_callback,
        )
        for flag in behaviour.default_flags:
            self.driven.worker._set_default_workflow_logic_flag(LogicFlag(flag), enabled=True)

    def activate(
        self, jobs: list[Job], *, time_ns: int, replaying: bool, flags: list[int]
    ) -> tuple[list[Command], list[int]]:
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
            return [["task_failed", *_failure(error.failure)]], []
        number = self.driven.instance.commands.versioning_behavior
        behavior = [["versioning", number]] if number else []
        return [_detailed(one) for one in commands] + behavior, sorted(self.driven.flags)

    def _job(self, job: Job) -> Any:
        kind, *rest = job
        own: dict[str, Any] = {"patch": PatchJob, "seed": SeedJob}
        return own[kind](*rest) if kind in own else super()._job(job)


def _detailed(command: dict[str, Any]) -> Command:
    kind = command["command"]
    if kind == "set_patch_marker":
        return [kind, command["patch_id"], command["deprecated"]]
    if "failure" in command:
        shown = _failure(Failure.FromString(command["failure"]))
        if "update" in kind:
            return [*test_transcripts._command(command)[:3], *shown]
        return [kind, *shown]
    if kind == "schedule_activity":
        summary = command["summary"]
        more = {
            "headers": _values(command["headers"]),
            "summary": None if summary is None else decode(summary),
            "priority": Priority.FromString(command["priority"] or b"").priority_key,
            "task_queue": command["task_queue"],
        }
        return [*test_transcripts._command(command), more]
    if kind == "continue_as_new":
        more = {"headers": _values(command["headers"]), "memo": _values(command["memo"] or {})}
        return [*test_transcripts._command(command), more]
    return test_transcripts._command(command)


def _values(payloads: dict[str, bytes]) -> dict[str, Any]:
    return {key: decode(payloads[key]) for key in sorted(payloads)}


def _failure(failure: Failure) -> list[Any]:
    info = failure.application_failure_info
    details = [_CONVERTER.from_payload(one) for one in info.details.payloads]
    shown = [failure.message, info.type, details]
    return [*shown, *(_failure(failure.cause) if failure.HasField("cause") else [])]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.skipif(not _RECORDED.exists(), reason=f"nothing recorded on Python {_VERSION}")
@pytest.mark.parametrize("behaviour", behaviours(), ids=lambda one: one.name)
def test_behaviour_is_that_of_the_official_sdk(behaviour: Behaviour) -> None:
    recorded = json.loads(_RECORDED.read_text())[behaviour.name]
    played = behaviour.play(DetailedRun(behaviour))
    played = json.loads(json.dumps(played, default=MessageToDict))
    for step, (mine, theirs) in enumerate(zip(played, recorded, strict=False)):
        assert mine == theirs, f"activation {step}"
    assert len(played) == len(recorded)
