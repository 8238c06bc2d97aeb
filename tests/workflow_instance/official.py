"""Records transcripts with the official SDK. Run it in an environment that has ``temporalio`` 1.35.

``python -m tests.workflow_instance.official`` writes ``transcripts.json`` beside this file.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import temporalio.worker._workflow_instance as instances
from temporalio import common, converter, workflow
from temporalio.api.common.v1 import Payloads
from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto.workflow_activation import WorkflowActivation, WorkflowActivationJob
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from . import scenarios
from .simulation import Command, Job, scripts, simulations

_CONVERTER = converter.PayloadConverter.default


class OfficialRun:
    """A run of the official package."""

    module: Any = scenarios
    """Where the workflows are."""

    def __init__(
        self, workflow_class: str | type, args: list[Any], seed: int, **options: Any
    ) -> None:
        if isinstance(workflow_class, str):
            workflow_class = getattr(self.module, workflow_class)
        definition = workflow._Definition.must_from_class(workflow_class)
        info = workflow.Info(
            attempt=1,
            continued_run_id=None,
            cron_schedule=None,
            execution_timeout=None,
            first_execution_run_id="first",
            headers={},
            namespace="default",
            original_execution_run_id="original",
            parent=None,
            root=None,
            priority=common.Priority.default,
            raw_memo={},
            retry_policy=None,
            run_id="run-1",
            run_timeout=None,
            search_attributes={},
            start_time=None,  # type: ignore[arg-type]
            task_queue="queue",
            task_timeout=timedelta(seconds=10),
            typed_search_attributes=common.TypedSearchAttributes.empty,
            workflow_id="workflow-1",
            workflow_start_time=None,  # type: ignore[arg-type]
            workflow_type=workflow_class.__name__,
        )
        details = dataclasses.replace(self._details(definition, info, seed), **options)

        async def create() -> Any:
            return instances.UnsandboxedWorkflowRunner().create_instance(details)

        self._instance = asyncio.run(create())
        self._args = args

    @staticmethod
    def _details(definition: Any, info: workflow.Info, seed: int) -> Any:
        return instances.WorkflowInstanceDetails(
            payload_converter_factory=converter.DefaultPayloadConverter,
            failure_converter_class=converter.DefaultFailureConverter,
            interceptor_classes=[],
            defn=definition,
            info=info,
            randomness_seed=seed,
            extern_functions={"__temporal_assert_local_activity_valid": scenarios.refuse_unknown},
            disable_eager_activity_execution=True,
            worker_level_failure_exception_types=[],
            patch_activation_callback=None,
            last_completion_result=Payloads(),
            last_failure=None,
        )

    def activate(
        self, jobs: list[Job], *, time_ns: int, replaying: bool, flags: list[int]
    ) -> tuple[list[Command], list[int]]:
        """Apply jobs; return commands and used flags."""
        done = self.complete(jobs, time_ns=time_ns, replaying=replaying, flags=flags)
        if done.HasField("failed"):
            return [["task_failed", done.failed.failure.message]], []
        commands = [self._command(command) for command in done.successful.commands]
        return commands, sorted(set(done.successful.used_internal_flags))

    def complete(
        self, jobs: list[Job], *, time_ns: int, replaying: bool, flags: list[int]
    ) -> WorkflowActivationCompletion:
        """Apply jobs; return all that the official package answers."""
        activation = WorkflowActivation(
            run_id="run-1", is_replaying=replaying, available_internal_flags=flags
        )
        activation.timestamp.FromNanoseconds(time_ns)
        activation.jobs.extend(self._job(job) for job in jobs)
        completion: WorkflowActivationCompletion = self._instance.activate(activation)
        return completion

    def _command(self, command: WorkflowCommand) -> Command:
        return _command(command)

    def _job(self, job: Job) -> WorkflowActivationJob:
        made = WorkflowActivationJob()
        kind = job[0]
        if kind == "init":
            made.initialize_workflow.arguments.extend(_CONVERTER.to_payloads(self._args))
        elif kind == "signal":
            made.signal_workflow.signal_name = job[1]
            made.signal_workflow.originating_event_id = 7
            made.signal_workflow.input.extend(_CONVERTER.to_payloads(job[2:]))
        elif kind == "update":
            made.do_update.id = job[1]
            made.do_update.protocol_instance_id = job[1]
            made.do_update.name = job[2]
            made.do_update.input.extend(_CONVERTER.to_payloads(job[3:]))
            made.do_update.run_validator = True
        elif kind == "query":
            made.query_workflow.query_id = "q"
            made.query_workflow.query_type = job[1]
        elif kind == "timer":
            made.fire_timer.seq = job[1]
        elif kind == "cancel":
            made.cancel_workflow.reason = job[1]
        elif kind == "completed":
            made.resolve_activity.seq = job[1]
            made.resolve_activity.result.completed.result.CopyFrom(_CONVERTER.to_payload(job[1]))
        elif kind in ("failed", "cancelled"):
            made.resolve_activity.seq = job[1]
            failure = getattr(made.resolve_activity.result, kind).failure
            failure.activity_failure_info.activity_id = str(job[1])
            failure.message = f"Activity task {kind}"
            failure.cause.message = "no luck" if kind == "failed" else "cancelled"
            if kind == "failed":
                failure.cause.application_failure_info.type = "Unlucky"
            else:
                failure.cause.canceled_failure_info.SetInParent()
        elif kind == "backoff":
            made.resolve_activity.seq = job[1]
            backoff = made.resolve_activity.result.backoff
            backoff.attempt = scenarios.BACKOFF_ATTEMPT
            backoff.backoff_duration.FromTimedelta(scenarios.BACKOFF)
            backoff.original_schedule_time.FromNanoseconds(scenarios.FIRST_SCHEDULED_NS)
        else:
            raise ValueError(kind)
        return made


def _command(command: WorkflowCommand) -> Command:
    kind = command.WhichOneof("variant")
    body = getattr(command, kind)
    if kind == "start_timer":
        summary = command.user_metadata.summary
        seconds = body.start_to_fire_timeout.ToNanoseconds() / 1e9
        return [kind, body.seq, seconds, _value(summary) if summary.metadata else None]
    if kind in ("cancel_timer", "request_cancel_activity", "request_cancel_local_activity"):
        return [kind, body.seq]
    if kind == "schedule_local_activity":
        return _local(command)
    if kind == "schedule_activity":
        args = [_value(payload) for payload in body.arguments]
        described = [kind, body.seq, body.activity_id, body.activity_type, args]
        return [*described, body.cancellation_type]
    if kind == "complete_workflow_execution":
        return ["complete_workflow", _value(body.result)]
    if kind == "fail_workflow_execution":
        return ["fail_workflow", _messages(body.failure)]
    if kind == "cancel_workflow_execution":
        return ["cancel_workflow"]
    if kind == "continue_as_new_workflow_execution":
        args = [_value(payload) for payload in body.arguments]
        return ["continue_as_new", body.workflow_type, body.task_queue, args]
    if kind == "respond_to_query":
        if body.HasField("failed"):
            return ["fail_query", body.failed.message]
        return ["answer_query", _value(body.succeeded.response)]
    if kind == "update_response":
        state = body.WhichOneof("response")
        if state == "rejected":
            return ["update", body.protocol_instance_id, state, body.rejected.message]
        if state == "completed":
            return ["update", body.protocol_instance_id, state, _value(body.completed)]
        return ["update", body.protocol_instance_id, state, None]
    raise ValueError(kind)


def _local(command: WorkflowCommand) -> Command:
    body = command.schedule_local_activity
    args = [_value(payload) for payload in body.arguments]
    described = ["schedule_local_activity", body.seq, body.activity_id, body.activity_type, args]
    again = body.HasField("original_schedule_time")
    durations = ("schedule_to_close_timeout", "schedule_to_start_timeout", "start_to_close_timeout")
    summary = command.user_metadata.summary
    return [
        *described,
        body.cancellation_type,
        # Left out it means the first.
        body.attempt or 1,
        body.original_schedule_time.ToNanoseconds() if again else None,
        [
            getattr(body, name).ToTimedelta().total_seconds() if body.HasField(name) else None
            for name in (*durations, "local_retry_threshold")
        ],
        body.retry_policy.maximum_attempts,
        _value(summary) if summary.metadata else None,
    ]


def _value(payload: Any) -> Any:
    return _CONVERTER.from_payload(payload)


def _messages(failure: Failure) -> list[str]:
    messages = [failure.message]
    return [*messages, *_messages(failure.cause)] if failure.HasField("cause") else messages


def record() -> dict[str, Any]:
    """Play all simulations on the official package."""
    transcripts = {
        script.name: script.play(OfficialRun(script.workflow, script.args, 1))
        for script in scripts()
    }
    return transcripts | {
        f"{simulation.seed} {' '.join(simulation.parts)}": simulation.play(
            OfficialRun("Everything", [simulation.parts], simulation.seed)
        )
        for simulation in simulations()
    }


if __name__ == "__main__":
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    target = Path(__file__).with_name(f"transcripts-{version}.json")
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in record().items()]
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n")
