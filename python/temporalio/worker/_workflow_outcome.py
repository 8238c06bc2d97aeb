"""How workflow code ends: what fails the workflow, what only its task, and what cancels it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING

import temporalio.api
import temporalio.exceptions

from ._workflow_continue import issue_continue_as_new
from ._workflow_terminals import ContinueAsNewRequest

if TYPE_CHECKING:
    from ._workflow_instance import _WorkflowInstanceImpl

# People filter by this name.
logger = logging.getLogger("temporalio.worker._workflow_instance")


class Outcome:
    """Turns what workflow code raises into commands, or into the failure of its task."""

    def __init__(
        self,
        run: _WorkflowInstanceImpl,
        *,
        failure_types: Sequence[type[BaseException]],
        worker_failure_types: Sequence[type[BaseException]],
    ) -> None:
        """Decide for ``run``.

        Args:
            run: The run.
            failure_types: Exceptions that fail this workflow.
            worker_failure_types: Exceptions that fail any workflow of the worker.
        """
        self._run = run
        self.failure_types = failure_types
        self._worker_failure_types = worker_failure_types
        # Of the current activation.
        self.task_error: BaseException | None = None

    def fail_task(self, error: BaseException) -> None:
        """Have the workflow task fail; no more of the workflow's code runs in it."""
        self.task_error = error
        self._run.event_loop.halt()

    def fails_workflow(self, error: BaseException) -> bool:
        """Return whether an exception fails the workflow and not only its task."""
        return isinstance(
            error,
            (
                temporalio.exceptions.FailureError,
                asyncio.TimeoutError,
                *self.failure_types,
                *self._worker_failure_types,
            ),
        )

    async def run_top_level(self, work: Awaitable[None]) -> None:
        """Await the run method or a signal handler, and turn what it raises into its outcome."""
        try:
            try:
                await work
            except ContinueAsNewRequest as request:
                if not self._run.commands.evicting:
                    logger.debug("Workflow requested continue as new")
                    issue_continue_as_new(self._run, request.input)
        except (Exception, asyncio.CancelledError) as error:
            if self._run.commands.evicting:
                return
            logger.debug(
                "Workflow raised failure with run ID %s", self._run.info.run_id, exc_info=True
            )
            self._conclude(error)

    def _conclude(self, error: BaseException) -> None:
        if isinstance(error, asyncio.CancelledError):
            error = temporalio.exceptions.CancelledError(str(error))
        # Once cancelled always cancelled: any later cancellation, of an activity for one, counts.
        if self._run.cancel_reason is not None and temporalio.exceptions.is_cancelled_exception(
            error
        ):
            self._run.commands.cancel_workflow()
        elif self.fails_workflow(error):
            self._fail_workflow(error)
        else:
            self.fail_task(error)

    def _fail_workflow(self, error: BaseException) -> None:
        failure = temporalio.api.failure.v1.Failure()
        try:
            self._run.conversion.write_failure(error, failure)
        except Exception as second:
            raise ValueError("Failed converting workflow exception") from second
        finally:
            # What was written before a converter raised still fails the workflow: without it, a
            # run whose only task has ended here would never end.
            self._run.commands.fail_workflow(failure.SerializeToString())

    def settle(self, error: Exception) -> BaseException | None:
        """Let an error fail the workflow if it is one of that kind; else it is the task's."""
        if self._run.commands.evicting or not self.fails_workflow(error):
            return error
        try:
            self._fail_workflow(error)
        except Exception as second:
            return second
        return None

    def describe_failed_task(self, error: BaseException) -> bytes:
        info = self._run.info
        logger.warning(
            f"Failed activation on workflow {info.workflow_type} with ID {info.workflow_id} "
            f"and run ID {info.run_id}",
            exc_info=error,
            extra={
                "temporal_workflow": info._logger_details(),
                "__temporal_error_identifier": "WorkflowTaskFailure",
            },
        )
        return self._run.conversion.describe_failure(error, info.run_id)
