"""Child workflows that a run has started."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

import temporalio.api
import temporalio.common
import temporalio.converter
import temporalio.exceptions
import temporalio.workflow
from temporalio.bridge._callboard import ChildWorkflowJob, ChildWorkflowStartJob
from temporalio.workflow._event_groups import EventGroups, refuse_event_groups

from ._workflow_activities import await_operation, serialized_retry_policy
from ._workflow_calls import SignalChildWorkflowInput, StartChildWorkflowInput, signal_name
from ._workflow_conversion import Conversion, serialized_attributes, serialized_headers

if TYPE_CHECKING:
    from ._workflow_instance import _WorkflowInstanceImpl


class ChildWorkflowTask(temporalio.workflow.ChildWorkflowHandle[Any, Any]):
    """The task that awaits a child workflow, and that turns its own cancellation into the child's."""

    def __init__(
        self,
        run: _WorkflowInstanceImpl,
        coro: Coroutine[Any, Any, Any],
        pending: PendingChild,
    ) -> None:
        """Start awaiting a child whose start is issued."""
        super().__init__(coro, loop=run.event_loop)
        self._run = run
        self._pending = pending
        run.event_loop.adopt_task(self, f"child: {pending.call.workflow}")

    @property
    def id(self) -> str:
        """Workflow id of the child."""
        return self._pending.call.id

    @property
    def first_execution_run_id(self) -> str | None:
        """Run id of the child, the first one if it is retried or continues as new."""
        return self._pending.run_id

    async def signal(
        self,
        signal: str | Callable[..., Any],
        arg: Any = temporalio.common._arg_unset,
        *,
        args: Sequence[Any] = (),
        event_groups: EventGroups | None = None,
    ) -> None:
        """Send a signal to the child."""
        refuse_event_groups(event_groups)
        self._run.assert_not_read_only("signal child handle")
        await self._run.outbound.signal_child_workflow(
            SignalChildWorkflowInput(
                signal=signal_name(signal),
                args=temporalio.common._arg_or_args(arg, args),
                child_workflow_id=self.id,
                headers={},
            )
        )


class PendingChild:
    """A child workflow whose end the workflow has not seen."""

    def __init__(
        self,
        run: _WorkflowInstanceImpl,
        call: StartChildWorkflowInput,
        sequence: int,
        conversion: Conversion,
    ) -> None:
        """Note a child that is about to be started."""
        self.call = call
        self.run_id: str | None = None
        self.started: asyncio.Future[None] = run.event_loop.create_future()
        self._run = run
        self._sequence = sequence
        self._conversion = conversion
        self._outcome: asyncio.Future[Any] = run.event_loop.create_future()

    async def outcome(self) -> Any:
        """Wait for the end of the child."""
        return await await_operation(self._run, self._outcome, self.request_cancel)

    def request_cancel(self, cancellation: asyncio.CancelledError) -> None:
        """Send the request; the message of the task's cancellation is its reason."""
        message = cancellation.args[0] if cancellation.args else None
        reason = message if isinstance(message, str) else ""
        self._run.commands.cancel_child_workflow(self._sequence, reason)

    def resolve_start(self, job: ChildWorkflowStartJob) -> bool:
        """Take over how the start went. Returns whether the end of the child is still to come."""
        if job.run_id is not None:
            self.run_id = job.run_id
            self.started.set_result(None)
            return True
        if job.failed is not None:
            error = _start_error(*job.failed)
        else:
            assert job.cancelled is not None, "a start has one of three outcomes"
            error = self._conversion.decode_failure(job.cancelled)
        self.started.set_exception(error)
        # Who waits for the start gets the error; for the task that waits for the end there is none.
        self._outcome.set_result(None)
        return False

    def resolve(self, job: ChildWorkflowJob) -> None:
        """Take the outcome over. A result that cannot be decoded is the task's problem."""
        if job.failure is not None:
            self._outcome.set_exception(self._conversion.decode_failure(job.failure))
            return
        result = None
        if job.result is not None:
            hint = self.call.ret_type
            [result] = self._run.conversion.decode_input(
                [job.result], [hint] if hint else None, self._conversion
            )
        self._outcome.set_result(result)

    def issue_start(self) -> None:
        """Encode what the child gets, and ask for it to be started."""
        call, conversion = self.call, self._conversion
        intent, override = call.versioning_intent, call.versioning_override
        self._run.commands.start_child_workflow(
            sequence=self._sequence,
            workflow_id=call.id,
            workflow_type=call.workflow,
            task_queue=call.task_queue or self._run.info.task_queue,
            arguments=conversion.encode_arguments(call.args),
            execution_timeout=call.execution_timeout or None,
            run_timeout=call.run_timeout or None,
            task_timeout=call.task_timeout or None,
            parent_close_policy=int(call.parent_close_policy),
            id_reuse_policy=int(call.id_reuse_policy),
            retry_policy=serialized_retry_policy(call.retry_policy),
            cron_schedule=call.cron_schedule,
            headers=serialized_headers(call.headers),
            memo=conversion.encode_values(call.memo or {}),
            search_attributes=serialized_attributes(call.search_attributes),
            cancellation_type=int(call.cancellation_type),
            versioning_intent=0 if intent is None else intent.value,
            versioning_override=override._to_proto().SerializeToString() if override else None,
            priority=call.priority._to_proto().SerializeToString() if call.priority else None,
            summary=conversion.encode(call.static_summary) if call.static_summary else None,
            details=conversion.encode(call.static_details) if call.static_details else None,
        )


class ChildWorkflows:
    """All child workflows of a run, by sequence number."""

    def __init__(self, run: _WorkflowInstanceImpl) -> None:
        """Begin with none."""
        self._run = run
        self._pending: dict[int, PendingChild] = {}
        self._last_sequence = 0

    async def start(self, call: StartChildWorkflowInput) -> ChildWorkflowTask:
        """Start a child, and return when it is started.

        If the workflow itself is cancelled meanwhile, nobody waits for the start any longer.
        """
        run = self._run
        run.assert_not_read_only("start child workflow")
        self._last_sequence += 1
        sequence = self._last_sequence
        pending = PendingChild(run, call, sequence, run.conversion.within(self._context_of(call)))
        pending.issue_start()
        self._pending[sequence] = pending
        task = ChildWorkflowTask(run, pending.outcome(), pending)
        try:
            await await_operation(
                run, pending.started, pending.request_cancel, leaves_with_workflow=True
            )
        except asyncio.CancelledError:
            # Nobody is left to take how it goes on, so it is no news that nobody does.
            for unheeded in (pending.started, task):
                unheeded.add_done_callback(_look_at)
            raise
        return task

    def resolve_start(self, job: ChildWorkflowStartJob) -> None:
        """Apply the start of a child, or that there was none.

        Raises:
            RuntimeError: The workflow knows of no such child.
        """
        if not self._find(job.sequence).resolve_start(job):
            del self._pending[job.sequence]

    def resolve(self, job: ChildWorkflowJob) -> None:
        """Apply the end of a child.

        Raises:
            RuntimeError: The workflow knows of no such child.
        """
        pending = self._find(job.sequence)
        del self._pending[job.sequence]
        pending.resolve(job)

    def context(self, sequence: int) -> temporalio.converter.SerializationContext | None:
        """Return what a codec is told about the payloads of a child that is pending."""
        pending = self._pending.get(sequence)
        return None if pending is None else self._context_of(pending.call)

    def _find(self, sequence: int) -> PendingChild:
        pending = self._pending.get(sequence)
        if pending is None:
            raise RuntimeError(f"Failed finding child workflow handle for sequence {sequence}")
        return pending

    def _context_of(
        self, call: StartChildWorkflowInput
    ) -> temporalio.converter.WorkflowSerializationContext:
        return temporalio.converter.WorkflowSerializationContext(
            namespace=self._run.info.namespace, workflow_id=call.id
        )


def _look_at(outcome: asyncio.Future[Any]) -> None:
    """Keep asyncio from reporting that nobody looked at an error."""
    if not outcome.cancelled():
        outcome.exception()


def _start_error(workflow_id: str, workflow_type: str, cause: int) -> BaseException:
    """Return the exception for the server's reason not to start a child."""
    causes = temporalio.api.enums.v1.StartChildWorkflowExecutionFailedCause
    if cause == causes.START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS:
        return temporalio.exceptions.WorkflowAlreadyStartedError(workflow_id, workflow_type)
    if cause == causes.START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_INVALID_VERSIONING_OVERRIDE:
        return temporalio.exceptions.InvalidVersioningOverrideError()
    return RuntimeError(f"Unknown child start fail cause: {cause}")
