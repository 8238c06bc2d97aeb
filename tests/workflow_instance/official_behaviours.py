"""Records behaviours with the official SDK. Run it in an environment that has ``temporalio`` 1.35.

``python -m tests.workflow_instance.official_behaviours`` writes ``behaviours-*.json`` beside this file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict

from temporalio.bridge.proto.workflow_activation import WorkflowActivationJob
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.converter import PayloadConverter
from temporalio.worker._workflow_instance import _WorkflowLogicFlag

from . import official
from .behaviours import behaviours
from .simulation import Command, Job

_CONVERTER = PayloadConverter.default


class DetailedRun(official.OfficialRun):
    """A run of the official package that takes more jobs and shows more of its commands."""

    def activate(
        self, jobs: list[Job], *, time_ns: int, replaying: bool, flags: list[int]
    ) -> tuple[list[Command], list[int]]:
        completion = self.complete(jobs, time_ns=time_ns, replaying=replaying, flags=flags)
        if completion.HasField("failed"):
            return [["task_failed", *_failure(completion.failed.failure)]], []
        done = completion.successful
        behavior = [["versioning", done.versioning_behavior]] if done.versioning_behavior else []
        commands = [_detailed(command) for command in done.commands]
        return commands + behavior, sorted(set(done.used_internal_flags))

    def _job(self, job: Job) -> WorkflowActivationJob:
        made = WorkflowActivationJob()
        if job[0] == "patch":
            made.notify_has_patch.patch_id = job[1]
        elif job[0] == "query":
            made.query_workflow.query_id = "query-1"
            made.query_workflow.query_type = job[1]
            made.query_workflow.arguments.extend(_CONVERTER.to_payloads(job[2:]))
        elif job[0] == "seed":
            made.update_random_seed.randomness_seed = job[1]
        else:
            return super()._job(job)
        return made


def _detailed(command: WorkflowCommand) -> Command:
    kind = command.WhichOneof("variant")
    body = getattr(command, kind)
    if kind == "set_patch_marker":
        return [kind, body.patch_id, body.deprecated]
    if kind == "fail_workflow_execution":
        return ["fail_workflow", *_failure(body.failure)]
    if kind == "respond_to_query" and body.HasField("failed"):
        return ["fail_query", *_failure(body.failed)]
    if kind == "update_response" and body.HasField("rejected"):
        return ["update", body.protocol_instance_id, "rejected", *_failure(body.rejected)]
    if kind == "schedule_activity":
        more = {
            "headers": _values(body.headers),
            "summary": _text(command.user_metadata.summary),
            "priority": body.priority.priority_key,
            "task_queue": body.task_queue,
        }
        return [*official._command(command), more]
    if kind == "continue_as_new_workflow_execution":
        more = {"headers": _values(body.headers), "memo": _values(body.memo)}
        return [*official._command(command), more]
    return official._command(command)


def _values(payloads: Any) -> dict[str, Any]:
    return {key: _CONVERTER.from_payload(payloads[key]) for key in sorted(payloads)}


def _text(payload: Any) -> Any:
    return _CONVERTER.from_payload(payload) if payload.metadata else None


def _failure(failure: Any) -> list[Any]:
    info = failure.application_failure_info
    details = [_CONVERTER.from_payload(one) for one in info.details.payloads]
    shown = [failure.message, info.type, details]
    return [*shown, *(_failure(failure.cause) if failure.HasField("cause") else [])]


def record() -> dict[str, Any]:
    """Play all behaviours on the official package."""
    return {
        one.name: one.play(
            DetailedRun(
                one.workflow,
                one.args,
                1,
                interceptor_classes=one.interceptors,
                worker_level_failure_exception_types=one.failure_types,
                patch_activation_callback=one.patch_callback,
                default_workflow_logic_flags=frozenset(
                    _WorkflowLogicFlag(flag) for flag in one.default_flags
                ),
            )
        )
        for one in behaviours()
    }


if __name__ == "__main__":
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    target = Path(__file__).with_name(f"behaviours-{version}.json")
    lines = [
        f"{json.dumps(key)}: {json.dumps(value, default=MessageToDict)}"
        for key, value in record().items()
    ]
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n")
