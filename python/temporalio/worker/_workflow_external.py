"""Signals and cancellation requests that a run sends to other workflows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import temporalio.common
import temporalio.converter
import temporalio.workflow
from temporalio.bridge._callboard import ExternalCancelJob, ExternalSignalJob
from temporalio.workflow._event_groups import EventGroups, refuse_event_groups

from ._workflow_activities import await_operation
from ._workflow_calls import (
    SignalChildWorkflowInput,
    SignalExternalWorkflowInput,
    signal_name,
)
from ._workflow_conversion import Conversion, serialized_headers

if TYPE_CHECKING:
    from ._workflow_instance import _WorkflowInstanceImpl


class ExternalHandle(temporalio.workflow.ExternalWorkflowHandle[Any]):
    """A workflow of which only the id is known."""

    def __init__(self, run: _WorkflowInstanceImpl, id: str, run_id: str | None) -> None:
        """Stand for the workflow ``id``, in its run ``run_id`` or whichever is the current one."""
        super().__init__()
        self._run = run
        self._target = (id, run_id)

    @property
    def id(self) -> str:
        """Workflow id."""
        return self._target[0]

    @property
    def run_id(self) -> str | None:
        """Run id, if the handle is for one run only."""
        return self._target[1]

    async def signal(
        self,
        signal: str | Callable[..., Any],
        arg: Any = temporalio.common._arg_unset,
        *,
        args: Sequence[Any] = (),
        event_groups: EventGroups | None = None,
    ) -> None:
        """Send a signal to the workflow."""
        refuse_event_groups(event_groups)
        self._run.assert_not_read_only("signal external handle")
        await self._run.outbound.signal_external_workflow(
            SignalExternalWorkflowInput(
                signal=signal_name(signal),
                args=temporalio.common._arg_or_args(arg, args),
                namespace=self._run.info.namespace,
                workflow_id=self.id,
                workflow_run_id=self.run_id,
                headers={},
            )
        )

    async def cancel(self, *, reason: str = "", event_groups: EventGroups | None = None) -> None:
        """Ask for the workflow to be cancelled."""
        refuse_event_groups(event_groups)
        self._run.assert_not_read_only("cancel external handle")
        await self._run.external.cancel(self.id, self.run_id, reason)


@dataclass
class _Pending:
    """Something that was sent and whose delivery is not known yet."""

    delivered: asyncio.Future[None]
    workflow_id: str


class ExternalWorkflows:
    """What a run has sent to other workflows, by sequence number."""

    def __init__(self, run: _WorkflowInstanceImpl) -> None:
        """Begin with nothing."""
        self._run = run
        self._signals: dict[int, _Pending] = {}
        self._cancels: dict[int, _Pending] = {}
        self._last_signal = 0
        self._last_cancel = 0

    async def signal_child(self, call: SignalChildWorkflowInput) -> None:
        """Send a signal to a child, and return when it is delivered."""
        await self._signal(
            call.child_workflow_id, None, call.signal, call.args, call.headers, child=True
        )

    async def signal_other(self, call: SignalExternalWorkflowInput) -> None:
        """Send a signal to any workflow, and return when it is delivered.

        Raises:
            ValueError: It is to go to another namespace.
        """
        if call.namespace != self._run.info.namespace:
            raise ValueError(
                f"a workflow signals others in its own namespace, {self._run.info.namespace!r}; "
                f"got {call.namespace!r}"
            )
        await self._signal(
            call.workflow_id, call.workflow_run_id, call.signal, call.args, call.headers
        )

    async def _signal(
        self,
        workflow_id: str,
        run_id: str | None,
        signal: str,
        args: Sequence[Any],
        headers: Any,
        *,
        child: bool = False,
    ) -> None:
        run = self._run
        sequence = self._last_signal + 1
        run.commands.signal_external_workflow(
            sequence=sequence,
            workflow_id=workflow_id,
            run_id=run_id or "",
            child=child,
            signal_name=signal,
            arguments=self._conversion(workflow_id).encode_arguments(args),
            headers=serialized_headers(headers),
        )
        self._last_signal = sequence
        pending = _Pending(run.event_loop.create_future(), workflow_id)
        self._signals[sequence] = pending
        await await_operation(
            run, pending.delivered, lambda _: run.commands.cancel_signal_workflow(sequence)
        )

    async def cancel(self, workflow_id: str, run_id: str | None, reason: str) -> None:
        """Ask for a workflow to be cancelled, and return when the request is delivered.

        The request itself cannot be taken back.
        """
        sequence = self._last_cancel + 1
        self._run.commands.request_cancel_external_workflow(
            sequence=sequence, workflow_id=workflow_id, run_id=run_id or "", reason=reason
        )
        self._last_cancel = sequence
        pending = _Pending(self._run.event_loop.create_future(), workflow_id)
        self._cancels[sequence] = pending
        await pending.delivered

    def resolve_signal(self, job: ExternalSignalJob) -> None:
        """Apply the delivery of a signal, or its failure.

        Raises:
            RuntimeError: The workflow knows of no such signal.
        """
        pending = self._signals.pop(job.sequence, None)
        if pending is None:
            raise RuntimeError(
                f"Failed finding pending external signal for sequence {job.sequence}"
            )
        self._resolve(pending, job.failure)

    def resolve_cancel(self, job: ExternalCancelJob) -> None:
        """Apply the delivery of a cancellation request, or its failure.

        Raises:
            RuntimeError: The workflow knows of no such request.
        """
        pending = self._cancels.pop(job.sequence, None)
        if pending is None:
            raise RuntimeError(
                f"Failed finding pending external cancel for sequence {job.sequence}"
            )
        # Who was to wait for it may have been cancelled, and the future with it.
        if not pending.delivered.cancelled():
            self._resolve(pending, job.failure)

    def signal_context(self, sequence: int) -> temporalio.converter.SerializationContext | None:
        """Return what a codec is told about the payloads of a signal that is pending."""
        pending = self._signals.get(sequence)
        return None if pending is None else self._context(pending.workflow_id)

    def _resolve(self, pending: _Pending, failure: bytes | None) -> None:
        if failure is None:
            pending.delivered.set_result(None)
        else:
            error = self._conversion(pending.workflow_id).decode_failure(failure)
            pending.delivered.set_exception(error)

    def _conversion(self, workflow_id: str) -> Conversion:
        return self._run.conversion.within(self._context(workflow_id))

    def _context(self, workflow_id: str) -> temporalio.converter.WorkflowSerializationContext:
        return temporalio.converter.WorkflowSerializationContext(
            namespace=self._run.info.namespace, workflow_id=workflow_id
        )
