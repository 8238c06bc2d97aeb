"""How the last event of a run becomes a result or an error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import temporalio.api
from temporalio.converter import DataConverter
from temporalio.exceptions import CancelledError, TerminatedError, TimeoutError, TimeoutType


@dataclass
class RunEnd:
    """How a run ended.

    Attributes:
        result: Payloads of the result, when there is no failure.
        failure: What the run ended with instead.
        new_run_id: Run that took over, if any.
        continued_as_new: Whether the run ended in favour of that run.
    """

    result: Sequence[temporalio.api.common.v1.Payload] = ()
    failure: BaseException | None = None
    new_run_id: str = ""
    continued_as_new: bool = False


async def read_close_event(
    event: temporalio.api.history.v1.HistoryEvent, converter: DataConverter
) -> RunEnd:
    """Read how a run ended.

    Args:
        event: The last event of its history.
        converter: Converter for details and failures.

    Raises:
        RuntimeError: The event does not end a run.
    """
    kind = event.WhichOneof("attributes")
    if kind == "workflow_execution_completed_event_attributes":
        completed = event.workflow_execution_completed_event_attributes
        return RunEnd(completed.result.payloads, new_run_id=completed.new_execution_run_id)
    if kind == "workflow_execution_failed_event_attributes":
        failed = event.workflow_execution_failed_event_attributes
        cause = await converter.decode_failure(failed.failure)
        return RunEnd(failure=cause, new_run_id=failed.new_execution_run_id)
    if kind == "workflow_execution_canceled_event_attributes":
        cancelled = event.workflow_execution_canceled_event_attributes
        details = await converter.decode(cancelled.details.payloads)
        return RunEnd(failure=CancelledError("Workflow cancelled", *details))
    if kind == "workflow_execution_terminated_event_attributes":
        terminated = event.workflow_execution_terminated_event_attributes
        details = await converter.decode(terminated.details.payloads)
        message = terminated.reason or "Workflow terminated"
        return RunEnd(failure=TerminatedError(message, *details))
    if kind == "workflow_execution_timed_out_event_attributes":
        timed_out = event.workflow_execution_timed_out_event_attributes
        timeout = TimeoutError(
            "Workflow timed out", type=TimeoutType.START_TO_CLOSE, last_heartbeat_details=[]
        )
        return RunEnd(failure=timeout, new_run_id=timed_out.new_execution_run_id)
    if kind == "workflow_execution_continued_as_new_event_attributes":
        successor = event.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
        if not successor:
            raise RuntimeError("the server did not name the run that continues as new")
        return RunEnd(new_run_id=successor, continued_as_new=True)
    raise RuntimeError(f"event {event.event_id} ({kind}) does not end a workflow")
