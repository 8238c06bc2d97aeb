"""What the functions of ``temporalio.workflow`` that issue commands do within a run."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import temporalio.common
import temporalio.workflow
from temporalio.workflow._runtime import _Runtime

from ._workflow_calls import (
    ASSERT_LOCAL_ACTIVITY_VALID,
    ContinueAsNewInput,
    StartActivityInput,
    StartLocalActivityInput,
    describe_activity,
    describe_next,
)
from ._workflow_event_loop import timer_summary

if TYPE_CHECKING:
    from ._workflow_instance import _WorkflowInstanceImpl


class RuntimeCommands(_Runtime):
    """Waits, starts activities, and ends a run in favour of another."""

    _run: _WorkflowInstanceImpl

    def workflow_patch(self, id: str, *, deprecated: bool) -> bool:
        """Decide over a patch."""
        return self._run.patches.ask(id, deprecated=deprecated)

    async def workflow_sleep(self, duration: float, *, summary: str | None = None) -> None:
        """Wait for a timer."""
        event_loop = self._run.event_loop
        rung = event_loop.create_future()

        def ring() -> None:
            if not rung.done():
                rung.set_result(None)

        encoded = self._run.conversion.encode(summary) if summary else None
        timer = event_loop.start_timer(duration, encoded, ring)

        def give_up(done: asyncio.Future[None]) -> None:
            if done.cancelled():
                timer.cancel()

        rung.add_done_callback(give_up)
        await rung

    async def workflow_wait_condition(
        self,
        fn: Callable[[], bool],
        *,
        timeout: float | None = None,
        timeout_summary: str | None = None,
    ) -> None:
        """Wait until ``fn`` holds."""
        self._run.assert_not_read_only("wait condition")
        cancelled_before = self._run.cancel_reason is not None
        fulfilled = self._run.add_condition(fn)
        try:
            if timeout is not None and timeout_summary:
                await self._wait_with_summary(fulfilled, timeout, timeout_summary)
            else:
                await asyncio.wait_for(fulfilled, timeout)
        except asyncio.TimeoutError:
            if self._run.sees_cancel_first(cancelled_before):
                raise asyncio.CancelledError from None
            raise
        if self._run.sees_cancel_first(cancelled_before):
            raise asyncio.CancelledError

    async def _wait_with_summary(
        self, fulfilled: asyncio.Future[Any], timeout: float, summary: str
    ) -> None:
        token = timer_summary.set(self._run.conversion.encode(summary))
        try:
            await asyncio.wait_for(fulfilled, timeout)
        finally:
            # Closed and not resumed, the coroutine ends in a context that is not its own.
            with contextlib.suppress(ValueError):
                timer_summary.reset(token)

    def workflow_start_activity(
        self,
        activity: Any,
        *args: Any,
        task_queue: str | None,
        result_type: type[Any] | None,
        schedule_to_close_timeout: timedelta | None,
        schedule_to_start_timeout: timedelta | None,
        start_to_close_timeout: timedelta | None,
        heartbeat_timeout: timedelta | None,
        retry_policy: temporalio.common.RetryPolicy | None,
        cancellation_type: temporalio.workflow.ActivityCancellationType,
        activity_id: str | None,
        versioning_intent: temporalio.workflow.VersioningIntent | None,
        summary: str | None = None,
        priority: temporalio.common.Priority = temporalio.common.Priority.default,
    ) -> temporalio.workflow.ActivityHandle[Any]:
        """Schedule an activity."""
        if self._run.takes_short_cuts:
            return self._run.activities.schedule_directly(
                activity,
                temporalio.common._arg_unset,
                args,
                task_queue,
                result_type,
                schedule_to_close_timeout,
                schedule_to_start_timeout,
                start_to_close_timeout,
                heartbeat_timeout,
                retry_policy,
                cancellation_type,
                activity_id,
                versioning_intent,
                summary,
                priority,
            )
        self._run.assert_not_read_only("start activity")
        name, arg_types, ret_type = describe_activity(activity, result_type)
        return self._run.outbound.start_activity(
            StartActivityInput(
                activity=name,
                args=args,
                activity_id=activity_id,
                task_queue=task_queue,
                schedule_to_close_timeout=schedule_to_close_timeout,
                schedule_to_start_timeout=schedule_to_start_timeout,
                start_to_close_timeout=start_to_close_timeout,
                heartbeat_timeout=heartbeat_timeout,
                retry_policy=retry_policy,
                cancellation_type=cancellation_type,
                headers={},
                disable_eager_execution=self._run.disable_eager_activity_execution,
                versioning_intent=versioning_intent,
                summary=summary,
                priority=priority,
                arg_types=arg_types,
                ret_type=ret_type,
            )
        )

    def workflow_start_local_activity(
        self,
        activity: Any,
        *args: Any,
        result_type: type[Any] | None,
        schedule_to_close_timeout: timedelta | None,
        schedule_to_start_timeout: timedelta | None,
        start_to_close_timeout: timedelta | None,
        retry_policy: temporalio.common.RetryPolicy | None,
        local_retry_threshold: timedelta | None,
        cancellation_type: temporalio.workflow.ActivityCancellationType,
        activity_id: str | None,
        summary: str | None,
    ) -> temporalio.workflow.ActivityHandle[Any]:
        """Schedule an activity on this worker, which has to know it."""
        name, arg_types, ret_type = describe_activity(activity, result_type)
        self._run.extern_functions[ASSERT_LOCAL_ACTIVITY_VALID](name)
        return self._run.outbound.start_local_activity(
            StartLocalActivityInput(
                activity=name,
                args=args,
                activity_id=activity_id,
                schedule_to_close_timeout=schedule_to_close_timeout,
                schedule_to_start_timeout=schedule_to_start_timeout,
                start_to_close_timeout=start_to_close_timeout,
                retry_policy=retry_policy,
                local_retry_threshold=local_retry_threshold,
                cancellation_type=cancellation_type,
                headers={},
                summary=summary,
                arg_types=arg_types,
                ret_type=ret_type,
            )
        )

    def workflow_continue_as_new(
        self,
        *args: Any,
        workflow: Callable[..., Any] | str | None,
        task_queue: str | None,
        run_timeout: timedelta | None,
        task_timeout: timedelta | None,
        backoff_start_interval: timedelta | None,
        retry_policy: temporalio.common.RetryPolicy | None,
        memo: Mapping[str, Any] | None,
        search_attributes: temporalio.common.SearchAttributes
        | temporalio.common.TypedSearchAttributes
        | None,
        versioning_intent: temporalio.workflow.VersioningIntent | None,
        initial_versioning_behavior: temporalio.workflow.ContinueAsNewVersioningBehavior | None,
    ) -> NoReturn:
        """Leave the run method so that a new run takes over."""
        self._run.assert_not_read_only("continue as new")
        name, arg_types = describe_next(workflow)
        self._run.outbound.continue_as_new(
            ContinueAsNewInput(
                workflow=name,
                args=args,
                task_queue=task_queue,
                run_timeout=run_timeout,
                task_timeout=task_timeout,
                backoff_start_interval=backoff_start_interval,
                retry_policy=retry_policy,
                memo=memo,
                search_attributes=search_attributes,
                headers={},
                versioning_intent=versioning_intent,
                initial_versioning_behavior=initial_versioning_behavior,
                arg_types=arg_types,
            )
        )
