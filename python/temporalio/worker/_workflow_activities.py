"""Activities that a run has started."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import temporalio.api.common.v1
import temporalio.common
import temporalio.converter
import temporalio.workflow
from temporalio.bridge._callboard import ActivityJob

from ._workflow_calls import StartActivityInput, StartLocalActivityInput
from ._workflow_conversion import Conversion, serialized_headers
from ._workflow_flags import LogicFlag

if TYPE_CHECKING:
    from ._workflow_instance import _WorkflowInstanceImpl

_AnyCall: TypeAlias = StartActivityInput | StartLocalActivityInput


class ActivityTask(temporalio.workflow.ActivityHandle[Any]):
    """The task that awaits an activity, and that turns its own cancellation into a request."""

    def __init__(
        self,
        run: _WorkflowInstanceImpl,
        coro: Coroutine[Any, Any, Any],
        pending: PendingActivity,
    ) -> None:
        """Start awaiting an activity that is scheduled."""
        super().__init__(coro, loop=run.event_loop)
        self._run = run
        self._pending = pending
        run.event_loop.adopt_task(self, f"activity: {pending.call.activity}")

    def cancel(self, msg: Any | None = None) -> bool:
        """Ask for the activity to be cancelled."""
        if not self._run.commands.evicting:
            self._run.assert_not_read_only("cancel activity handle")
            # A task that has not begun never gets to see its cancellation.
            if not self._pending.awaited and not self.done():
                self._pending.request_cancel()
        return super().cancel(msg)


class _Backoff(NamedTuple):
    """When and how a local activity is tried again, as its job says it."""

    attempt: int
    delay: timedelta
    first_scheduled_ns: int


class _BackoffNeeded(Exception):
    """In the place of an outcome: the activity is to be scheduled again later."""

    def __init__(self, backoff: _Backoff) -> None:
        super().__init__("the activity is tried again after a backoff")
        self.backoff = backoff


class PendingActivity:
    """An activity whose end the workflow has not seen."""

    def __init__(
        self,
        run: _WorkflowInstanceImpl,
        call: _AnyCall,
        sequence: int,
        conversion: Conversion,
    ) -> None:
        """Note an activity that is about to be scheduled."""
        self.call = call
        self.conversion = conversion
        self.sequence = sequence
        self.awaited = False
        self._run = run
        # One request for each number that the activity is scheduled under.
        self._cancel_requested_for: int | None = None
        self._outcome: asyncio.Future[Any] = run.event_loop.create_future()

    async def outcome(self) -> Any:
        """Wait for the end of the activity, which alone decides what becomes of a cancellation.

        Between a backoff and the next schedule nothing is there to decide: a cancellation ends that
        wait as it ends any other.
        """
        self.awaited = True
        while True:
            try:
                return await await_operation(
                    self._run,
                    self._outcome,
                    lambda _: self.request_cancel(),
                    flag=LogicFlag.RAISE_ON_CANCELLING_COMPLETED_ACTIVITY,
                )
            except _BackoffNeeded as needed:
                await self._run.runtime.workflow_sleep(needed.backoff.delay.total_seconds())
                self._run.activities.schedule_again(self, needed.backoff)

    def request_cancel(self) -> None:
        """Send the request, once. During teardown this raises, which ends the task."""
        commands = self._run.commands
        if self._cancel_requested_for == self.sequence and not commands.evicting:
            return
        self._cancel_requested_for = self.sequence
        if isinstance(self.call, StartLocalActivityInput):
            commands.request_cancel_local_activity(self.sequence)
        else:
            commands.request_cancel_activity(self.sequence)

    def resolve(self, job: ActivityJob, run: _WorkflowInstanceImpl) -> None:
        """Take the outcome over. A result that cannot be decoded is the task's problem."""
        if job.failure is not None:
            # Nobody would ever look at the failure of an activity that was given up unawaited.
            if self.awaited:
                self._outcome.set_exception(self.conversion.decode_failure(job.failure))
            return
        result = None
        if job.result is not None:
            hint = self.call.ret_type
            [result] = run.conversion.decode_input(
                [job.result], [hint] if hint else None, self.conversion
            )
        self._outcome.set_result(result)

    def back_off(self, backoff: _Backoff, sequence: int) -> None:
        """Take the number of the next schedule, and have the waiting task wait until then."""
        self.sequence = sequence
        if self.awaited:
            self._outcome.set_exception(_BackoffNeeded(backoff))
            # A task that a cancellation ends in this same turn never asks; that is no lost error.
            self._outcome.exception()
        self._outcome = self._run.event_loop.create_future()


class Activities:
    """All activities of a run, by sequence number."""

    def __init__(self, run: _WorkflowInstanceImpl) -> None:
        """Begin with none."""
        self._run = run
        self._pending: dict[int, PendingActivity] = {}
        self._last_sequence = 0

    def start(self, call: _AnyCall) -> ActivityTask:
        """Schedule an activity.

        Raises:
            ValueError: It has neither of the two timeouts that bound it.
        """
        if not call.start_to_close_timeout and not call.schedule_to_close_timeout:
            raise ValueError(
                "Activity must have start_to_close_timeout or schedule_to_close_timeout"
            )
        run = self._run
        run.assert_not_read_only("schedule task")
        conversion = run.conversion.within(self._context_of(call))
        pending = PendingActivity(run, call, self._next_sequence(), conversion)
        self._schedule(pending, backoff=None)
        return ActivityTask(run, pending.outcome(), pending)

    def schedule_again(self, pending: PendingActivity, backoff: _Backoff) -> None:
        """Schedule a local activity under the number that it got when its backoff arrived."""
        self._schedule(pending, backoff)

    def resolve(self, job: ActivityJob) -> None:
        """Apply the end of an activity, or the need for another schedule.

        Raises:
            RuntimeError: The workflow knows of no such activity.
        """
        pending = self._pending.pop(job.sequence, None)
        if pending is None:
            raise RuntimeError(f"Failed finding activity handle for sequence {job.sequence}")
        if job.backoff is None:
            pending.resolve(job, self._run)
        else:
            pending.back_off(_Backoff(*job.backoff), self._next_sequence())

    def context(self, sequence: int) -> temporalio.converter.ActivitySerializationContext | None:
        """Return what a codec is told about the payloads of an activity that is pending."""
        pending = self._pending.get(sequence)
        return None if pending is None else self._context_of(pending.call)

    def _next_sequence(self) -> int:
        self._last_sequence += 1
        return self._last_sequence

    def _context_of(self, call: _AnyCall) -> temporalio.converter.ActivitySerializationContext:
        info = self._run.info
        is_local = isinstance(call, StartLocalActivityInput)
        task_queue = None if isinstance(call, StartLocalActivityInput) else call.task_queue
        return temporalio.converter.ActivitySerializationContext(
            namespace=info.namespace,
            workflow_id=info.workflow_id,
            workflow_type=info.workflow_type,
            activity_type=call.activity,
            activity_id=call.activity_id,
            activity_task_queue=task_queue or info.task_queue,
            is_local=is_local,
        )

    def _schedule(self, pending: PendingActivity, backoff: _Backoff | None) -> None:
        if isinstance(pending.call, StartLocalActivityInput):
            self._schedule_local(pending, pending.call, backoff)
        else:
            self._schedule_remote(pending, pending.call)
        self._pending[pending.sequence] = pending

    def _schedule_remote(self, pending: PendingActivity, call: StartActivityInput) -> None:
        conversion = pending.conversion
        intent = call.versioning_intent
        self._run.commands.schedule_activity(
            sequence=pending.sequence,
            activity_id=call.activity_id or str(pending.sequence),
            activity_type=call.activity,
            task_queue=call.task_queue or self._run.info.task_queue,
            headers=serialized_headers(call.headers),
            arguments=conversion.encode_arguments(call.args),
            schedule_to_close_timeout=call.schedule_to_close_timeout or None,
            schedule_to_start_timeout=call.schedule_to_start_timeout or None,
            start_to_close_timeout=call.start_to_close_timeout or None,
            heartbeat_timeout=call.heartbeat_timeout or None,
            retry_policy=serialized_retry_policy(call.retry_policy),
            cancellation_type=int(call.cancellation_type),
            do_not_eagerly_execute=call.disable_eager_execution,
            versioning_intent=0 if intent is None else intent.value,
            priority=call.priority._to_proto().SerializeToString() if call.priority else None,
            summary=conversion.encode(call.summary) if call.summary else None,
        )

    def _schedule_local(
        self, pending: PendingActivity, call: StartLocalActivityInput, backoff: _Backoff | None
    ) -> None:
        conversion = pending.conversion
        self._run.commands.schedule_local_activity(
            sequence=pending.sequence,
            # After a backoff too the default id is the number, which is another one by then.
            activity_id=call.activity_id or str(pending.sequence),
            activity_type=call.activity,
            attempt=1 if backoff is None else backoff.attempt,
            first_scheduled_ns=None if backoff is None else backoff.first_scheduled_ns,
            headers=serialized_headers(call.headers),
            arguments=conversion.encode_arguments(call.args),
            schedule_to_close_timeout=call.schedule_to_close_timeout or None,
            schedule_to_start_timeout=call.schedule_to_start_timeout or None,
            start_to_close_timeout=call.start_to_close_timeout or None,
            retry_policy=serialized_retry_policy(call.retry_policy),
            local_retry_threshold=call.local_retry_threshold or None,
            cancellation_type=int(call.cancellation_type),
            summary=conversion.encode(call.summary) if call.summary else None,
        )


def serialized_retry_policy(policy: temporalio.common.RetryPolicy | None) -> bytes | None:
    """Return a retry policy as the bridge takes it."""
    if policy is None:
        return None
    message = temporalio.api.common.v1.RetryPolicy()
    policy.apply_to_proto(message)
    return message.SerializeToString()


async def await_operation(
    run: _WorkflowInstanceImpl,
    outcome: asyncio.Future[Any],
    request_cancel: Callable[[asyncio.CancelledError], None],
    *,
    flag: LogicFlag | None = None,
    leaves_with_workflow: bool = False,
) -> Any:
    """Wait for something that only the server ends.

    A cancellation of the waiting task does not touch ``outcome``: it sends a request, and what
    comes back decides. Where both come in one turn, histories say which of them was seen.

    Args:
        run: The run.
        outcome: Done when the server has ended it.
        request_cancel: Sends the request.
        flag: Records that a cancellation was seen although the outcome was there as well. Without
            one, it is not seen then.
        leaves_with_workflow: Whether the cancellation of the whole workflow ends the waiting.
    """
    while True:
        try:
            await _settled(run, outcome)
            return outcome.result()
        except asyncio.CancelledError as cancellation:
            if outcome.done() and run.sees_cancel_of_settled(flag):
                raise
            request_cancel(cancellation)
            # Else the next await would raise the same cancellation again.
            task = asyncio.current_task()
            if sys.version_info >= (3, 11) and task is not None:
                task.uncancel()
            if leaves_with_workflow and run.cancel_reason is not None:
                raise


async def _settled(run: _WorkflowInstanceImpl, outcome: asyncio.Future[Any]) -> None:
    """Wait until ``outcome`` is done, without taking cancellations to it.

    The waiter between the two is a hop through the loop, which histories depend on.
    """
    waiter = run.event_loop.create_future()

    def release(_: asyncio.Future[Any]) -> None:
        if not waiter.done():
            waiter.set_result(None)

    outcome.add_done_callback(release)
    try:
        await waiter
    finally:
        outcome.remove_done_callback(release)
