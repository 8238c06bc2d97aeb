"""How a run handles signals, queries and updates."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import temporalio.api
import temporalio.exceptions
import temporalio.workflow
from temporalio.bridge._callboard import QueryJob, SignalJob, UpdateJob
from temporalio.workflow._handler_definitions import _SignalDefinition, _UpdateDefinition
from temporalio.workflow._info import _set_current_update_info

from ._workflow_calls import HandleQueryInput, HandleSignalInput, HandleUpdateInput
from ._workflow_conversion import headers_of
from ._workflow_handlers import HandlerExecution, find, known_names

if TYPE_CHECKING:
    from ._workflow_instance import _WorkflowInstanceImpl

# People filter by this name: the official package logs dropped signals under it.
logger = logging.getLogger("temporalio.worker._workflow_instance")


class Messages:
    """Hands signals, queries and updates to their handlers."""

    def __init__(self, run: _WorkflowInstanceImpl) -> None:
        """Act for ``run``."""
        self._run = run

    def deliver_signal(self, job: SignalJob) -> None:
        """Handle a signal, or keep it until there is a handler."""
        handlers = self._run.handlers
        definition = find(handlers.signals, job.name)
        if definition is None:
            handlers.buffered.setdefault(job.name, []).append(job)
        else:
            self.handle_signal(definition, job)

    def handle_signal(self, definition: _SignalDefinition, job: SignalJob) -> None:
        """Start the handler of a signal. One that cannot be decoded is logged and dropped."""
        run = self._run
        try:
            args = run.conversion.decode_handler_input(
                job.name,
                job.input,
                definition.name,
                definition.arg_types,
                definition.dynamic_vararg,
            )
        except Exception:
            info = run.info
            logger.exception(
                f"Failed deserializing signal input for {job.name} on workflow "
                f"{info.workflow_type} with ID {info.workflow_id} and run ID {info.run_id}, "
                "dropping the signal",
                extra={"temporal_workflow": info._logger_details()},
            )
            return
        call = HandleSignalInput(signal=job.name, args=args, headers=headers_of(job.headers))
        running = run.handlers.running_signals
        number = run.handlers.begin_signal(job.name, definition.unfinished_policy)
        task = run.event_loop.create_task(
            run.outcome.run_top_level(run.inbound.handle_signal(call)), name=f"signal: {job.name}"
        )
        task.add_done_callback(lambda _: running.pop(number, None))

    def deliver_query(self, job: QueryJob) -> None:
        """Answer a query."""
        self._run.event_loop.create_task(self._answer(job), name=f"query: {job.query_type}")

    async def _answer(self, job: QueryJob) -> None:
        run = self._run
        try:
            with run.read_only(in_query_or_validator=True):
                result = await self._ask(job)
                encoded = run.conversion.encode(result)
            run.commands.answer_query(job.query_id, encoded)
        except Exception as error:
            run.commands.fail_query(job.query_id, self._encode_query_failure(error))

    def _encode_query_failure(self, error: Exception) -> bytes:
        try:
            return self._run.conversion.encode_failure(error)
        except Exception as second:
            # Whoever asked still gets an answer.
            message = f"Failed converting application error: {second}"
            return temporalio.api.failure.v1.Failure(message=message).SerializeToString()

    async def _ask(self, job: QueryJob) -> Any:
        run = self._run
        definition = find(run.handlers.queries, job.query_type)
        if definition is None:
            raise RuntimeError(
                f"Query handler for '{job.query_type}' expected but not found, "
                f"known queries: {known_names(run.handlers.queries)}"
            )
        args = run.conversion.decode_handler_input(
            job.query_type,
            job.arguments,
            definition.name,
            definition.arg_types,
            definition.dynamic_vararg,
        )
        return await run.inbound.handle_query(
            HandleQueryInput(
                id=job.query_id,
                query=job.query_type,
                args=args,
                headers=headers_of(job.headers),
            )
        )

    def deliver_update(self, job: UpdateJob) -> None:
        """Validate and handle an update.

        All of it happens in the task: in the first workflow task the handler may only come to be
        by what the workflow does before.
        """
        self._run.event_loop.create_task(self._update(job), name=f"update: {job.name}")

    async def _update(self, job: UpdateJob) -> None:
        run = self._run
        _set_current_update_info(temporalio.workflow.UpdateInfo(id=job.id, name=job.name))
        accepted = False
        try:
            call = self._admit_update(job)
            run.commands.accept_update(job.protocol_instance_id)
            run.accepted_update = accepted = True
            result = await run.inbound.handle_update_handler(call)
            encoded = run.conversion.encode(result)
            run.commands.complete_update(job.protocol_instance_id, encoded)
        except (Exception, asyncio.CancelledError) as error:
            self._refuse_update(job, error, accepted)
        except temporalio.workflow.ContinueAsNewError:
            run.outcome.fail_task(RuntimeError("Cannot continue as new from an update handler"))
        except BaseException:
            if not run.commands.evicting:
                raise
        finally:
            run.handlers.running_updates.pop(job.id, None)

    def _admit_update(self, job: UpdateJob) -> HandleUpdateInput:
        """Find the handler and let the validator speak."""
        run = self._run
        definition = find(run.handlers.updates, job.name)
        if definition is None:
            raise RuntimeError(
                f"Update handler for '{job.name}' expected but not found, and there is no dynamic "
                f"handler. known updates: {known_names(run.handlers.updates)}"
            )
        run.handlers.running_updates[job.id] = HandlerExecution(
            job.name, definition.unfinished_policy, job.id
        )
        call = HandleUpdateInput(
            id=job.id,
            update=job.name,
            args=self._update_args(definition, job),
            headers=headers_of(job.headers),
        )
        if job.run_validator and definition.validator is not None:
            with run.read_only(in_query_or_validator=True):
                run.inbound.handle_update_validator(call)
                # What a validator does to its arguments must not reach the handler.
                call.args = self._update_args(definition, job)
        return call

    def _update_args(self, definition: _UpdateDefinition, job: UpdateJob) -> list[Any]:
        return self._run.conversion.decode_handler_input(
            job.name,
            job.input,
            definition.name,
            definition.arg_types,
            definition.dynamic_vararg,
        )

    def _refuse_update(self, job: UpdateJob, error: BaseException, accepted: bool) -> None:
        """Reject the update, fail it, or fail the workflow task."""
        run = self._run
        if run.commands.evicting:
            return
        logger.debug("Update raised failure with run ID %s", run.info.run_id, exc_info=True)
        if isinstance(error, asyncio.CancelledError):
            error = temporalio.exceptions.CancelledError(
                f"Cancellation raised within update {error}"
            )
        # A validator that issues commands is a bug of the workflow, not of the caller.
        unwell = isinstance(error, temporalio.workflow.ReadOnlyContextError)
        if unwell or (accepted and not run.outcome.fails_workflow(error)):
            run.outcome.fail_task(error)
            return
        try:
            failure = run.conversion.encode_failure(error)
        except Exception as second:
            run.outcome.fail_task(second)
            return
        if accepted:
            run.commands.fail_update(job.protocol_instance_id, failure)
        else:
            run.commands.reject_update(job.protocol_instance_id, failure)
