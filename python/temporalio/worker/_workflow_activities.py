"""Activities that a run has started."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import temporalio.api
import temporalio.common
import temporalio.converter
import temporalio.workflow
from temporalio.bridge._callboard import PendingActivities, PendingActivity, RawPayload

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
        activity: str,
    ) -> None:
        """Start awaiting an activity that is scheduled."""
        super().__init__(coro, loop=run.event_loop)
        self._pending = pending
        run.event_loop.adopt_task(self, f"activity: {activity}")

    def cancel(self, msg: Any | None = None) -> bool:
        """Ask for the activity to be cancelled."""
        self._pending.admit_cancel(self.done())
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


class Activities(PendingActivities):
    """All activities of a run, by sequence number."""

    def __new__(cls, run: _WorkflowInstanceImpl) -> Activities:
        """Make the Rust part."""
        return super().__new__(
            cls,
            run.commands,
            run.event_loop,
            run.conversion.values,
            task_queue=run.info.task_queue,
            disable_eager_execution=run.disable_eager_activity_execution,
            unset_argument=temporalio.common._arg_unset,
            default_priority=temporalio.common.Priority.default,
        )

    def __init__(self, run: _WorkflowInstanceImpl) -> None:
        """Begin with none."""
        self._run = run

    def schedule(self, call: _AnyCall) -> ActivityTask:
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
        is_local = isinstance(call, StartLocalActivityInput)
        described = (
            call.activity,
            call.activity_id,
            None if isinstance(call, StartLocalActivityInput) else call.task_queue,
        )
        conversion = run.conversion.within(self._context_of(is_local, *described))
        pending = self.prepare(
            is_local=is_local,
            hint=call.ret_type or None,
            conversion=None if conversion is run.conversion else conversion,
            described=described,
        )
        if isinstance(call, StartLocalActivityInput):
            self._schedule_local(pending.sequence, call, conversion, backoff=None)
            outcome = self._outcome_of_local(pending, call, conversion)
        else:
            self._schedule_remote(pending.sequence, call, conversion)
            outcome = _outcome_of(pending)
        self.await_end(pending)
        return ActivityTask(run, outcome, pending, call.activity)

    def schedule_directly(self, *call: Any) -> ActivityTask:
        """Schedule an activity that no interceptor is asked about.

        Args:
            call: The parameters of :py:func:`temporalio.workflow.start_activity`, in their order.
        """
        pending = self.start(*call)
        return ActivityTask(self._run, _outcome_of(pending), pending, pending.described()[0])

    async def _outcome_of_local(
        self, pending: PendingActivity, call: StartLocalActivityInput, conversion: Conversion
    ) -> Any:
        """Wait for the end of a local activity, which alone decides what becomes of a cancellation.

        Between a backoff and the next schedule nothing is there to decide: a cancellation ends that
        wait as it ends any other.
        """
        while True:
            try:
                return await pending
            except _BackoffNeeded as needed:
                backoff = needed.backoff
                await self._run.runtime.workflow_sleep(backoff.delay.total_seconds())
                self._schedule_local(pending.sequence, call, conversion, backoff)
                self.await_end(pending)

    def context(self, sequence: int) -> temporalio.converter.ActivitySerializationContext | None:
        """Return what a codec is told about the payloads of an activity that is pending."""
        pending = self.find(sequence)
        return None if pending is None else self._context_of(pending.is_local, *pending.described())

    def _context_of(
        self, is_local: bool, activity: str, activity_id: str | None, task_queue: str | None
    ) -> temporalio.converter.ActivitySerializationContext:
        info = self._run.info
        return temporalio.converter.ActivitySerializationContext(
            namespace=info.namespace,
            workflow_id=info.workflow_id,
            workflow_type=info.workflow_type,
            activity_type=activity,
            activity_id=activity_id,
            activity_task_queue=task_queue or info.task_queue,
            is_local=is_local,
        )

    def _schedule_remote(
        self, sequence: int, call: StartActivityInput, conversion: Conversion
    ) -> None:
        intent = call.versioning_intent
        self._run.commands.schedule_activity(
            sequence=sequence,
            activity_id=call.activity_id or str(sequence),
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
        self,
        sequence: int,
        call: StartLocalActivityInput,
        conversion: Conversion,
        backoff: _Backoff | None,
    ) -> None:
        self._run.commands.schedule_local_activity(
            sequence=sequence,
            # After a backoff too the default id is the number, which is another one by then.
            activity_id=call.activity_id or str(sequence),
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

    # ---- for the Rust part ----

    def sees_cancel_of_settled(self) -> bool:
        """Return whether a cancellation is seen although the activity has ended as well."""
        return self._run.sees_cancel_of_settled(LogicFlag.RAISE_ON_CANCELLING_COMPLETED_ACTIVITY)

    def backoff_needed(self, *backoff: Any) -> BaseException:
        """Return what stands in the place of an outcome."""
        return _BackoffNeeded(_Backoff(*backoff))

    def decode_failure(self, failure: bytes, conversion: Conversion | None) -> BaseException:
        """Return the exception for the failure of an activity."""
        return (conversion or self._run.conversion).decode_failure(failure)

    def decode_result(
        self, payload: RawPayload, hint: type | None, conversion: Conversion | None
    ) -> Any:
        """Return the result of an activity whose converter wants to know its context."""
        hints = [hint] if hint else None
        return self._run.conversion.decode_input([payload], hints, conversion)[0]

    def undecodable(self, error: Exception) -> Exception:
        """Return what to raise for a result that cannot be decoded."""
        return self._run.conversion.input_error(error)


async def _outcome_of(pending: PendingActivity) -> Any:
    """Wait for the end of the activity, which alone decides what becomes of a cancellation."""
    return await pending


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
