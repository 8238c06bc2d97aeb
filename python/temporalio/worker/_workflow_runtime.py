"""What the functions of ``temporalio.workflow`` do within a run."""

from __future__ import annotations

import asyncio
import contextlib
import random
import warnings
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import temporalio.common
import temporalio.converter
import temporalio.workflow
from temporalio.api.common.v1 import Payloads
from temporalio.api.failure.v1 import Failure
from temporalio.workflow._runtime import _Runtime

from ._workflow_calls import (
    ContinueAsNewInput,
    StartActivityInput,
    describe_activity,
    describe_next,
)
from ._workflow_event_loop import timer_summary

if TYPE_CHECKING:
    from ._workflow_instance import _WorkflowInstanceImpl


class WorkflowRuntime(_Runtime):
    """The face of a run towards its workflow code."""

    def __init__(
        self,
        run: _WorkflowInstanceImpl,
        *,
        randomness_seed: int,
        last_completion_result: Payloads,
        last_failure: Failure | None,
    ) -> None:
        """Show ``run``."""
        super().__init__()
        self._run = run
        self._seed = randomness_seed
        self._random = random.Random(randomness_seed)
        self._seed_callbacks: list[Callable[[int], None]] = []
        self._memo: dict[str, Any] | None = None
        self._details = ""
        self._last_completion_result = last_completion_result.payloads
        self._last_failure = last_failure

    def reseed(self, seed: int) -> None:
        """Go on with another stream of random numbers, after a reset of the workflow."""
        self._seed = seed
        self._random.seed(seed)
        for callback in self._seed_callbacks:
            # A callback is told; what it makes of it must not decide over the run.
            with contextlib.suppress(Exception):
                callback(seed)

    # ---- who and when ----

    def workflow_info(self) -> temporalio.workflow.Info:
        """Return what is known of the run."""
        return self._run.outbound.info()

    def workflow_instance(self) -> Any:
        """Return the object of the user's class."""
        return self._run.workflow_object

    def workflow_extern_functions(self) -> Mapping[str, Callable[..., Any]]:
        """Return what interceptors offer from outside."""
        return self._run.extern_functions

    def workflow_time_ns(self) -> int:
        """Return workflow time."""
        return self._run.event_loop.time_ns()

    def workflow_is_replaying(self) -> bool:
        """Return whether all this happened before."""
        return self._run.is_replaying

    def workflow_is_replaying_history_events(self) -> bool:
        """Return the same, but False where a query or a validator looks at a run in replay."""
        return self._run.is_replaying and not self._run.in_query_or_validator

    def workflow_is_read_only(self) -> bool:
        """Return whether nothing may be issued."""
        return self._run.commands.read_only

    def workflow_get_current_build_id(self) -> str:
        """Return the build id of the current task."""
        version = self._run.deployment_version
        return version[1] if version else ""

    def workflow_get_current_deployment_version(
        self,
    ) -> temporalio.common.WorkerDeploymentVersion | None:
        """Return the deployment version of the current task."""
        version = self._run.deployment_version
        if version is None:
            return None
        return temporalio.common.WorkerDeploymentVersion(
            deployment_name=version[0], build_id=version[1]
        )

    def workflow_get_current_history_length(self) -> int:
        """Return the number of events as of the current task."""
        return self._run.history_length

    def workflow_get_current_history_size(self) -> int:
        """Return the bytes of history as of the current task."""
        return self._run.history_size

    def workflow_is_continue_as_new_suggested(self) -> bool:
        """Return the server's advice."""
        return self._run.continue_as_new_suggested

    def workflow_is_target_worker_deployment_version_changed(self) -> bool:
        """Return whether a new run could land on another version."""
        return self._run.target_version_changed

    # ---- randomness ----

    def workflow_random(self) -> random.Random:
        """Return the run's generator."""
        self._run.assert_not_read_only("random")
        return self._random

    def workflow_random_seed(self) -> int:
        """Return the seed of the generator."""
        return self._seed

    def workflow_register_random_seed_callback(self, callback: Callable[[int], None]) -> None:
        """Have ``callback`` told of new seeds."""
        self._run.assert_not_read_only("register random seed callback")
        self._seed_callbacks.append(callback)

    # ---- data ----

    def workflow_payload_converter(self) -> temporalio.converter.PayloadConverter:
        """Return the converter of the run's payloads."""
        return self._run.conversion.payloads

    def workflow_metric_meter(self) -> temporalio.common.MetricMeter:
        """Return a meter."""
        return temporalio.common.MetricMeter.noop

    def workflow_memo(self) -> Mapping[str, Any]:
        """Return the memo, decoded without type hints."""
        if self._memo is None:
            converter = self._run.conversion.payloads
            raw = self._run.info.raw_memo
            self._memo = {key: converter.from_payload(value) for key, value in raw.items()}
        return self._memo

    def workflow_memo_value(self, key: str, default: Any, *, type_hint: type[Any] | None) -> Any:
        """Return one value of the memo."""
        payload = self._run.info.raw_memo.get(key)
        if payload is not None:
            return self._run.conversion.decode(payload, type_hint)
        if default is temporalio.common._arg_unset:
            raise KeyError(f"Memo does not have a value for key {key}")
        return default

    def workflow_get_current_details(self) -> str:
        """Return what the workflow says about itself."""
        return self._details

    def workflow_set_current_details(self, details: str) -> None:
        """Set what the workflow says about itself."""
        self._run.assert_not_read_only("set current details")
        self._details = details

    def workflow_has_last_completion_result(self) -> bool:
        """Return whether the run before left a result."""
        return len(self._last_completion_result) > 0

    def workflow_last_completion_result(self, type_hint: type[Any] | None) -> Any | None:
        """Return the result of the run before."""
        count = len(self._last_completion_result)
        if count > 1:
            warnings.warn(f"Expected single last completion result, got {count}", stacklevel=3)
        if count != 1:
            return None
        [payload] = self._last_completion_result
        return self._run.conversion.decode(payload, type_hint)

    def workflow_last_failure(self) -> BaseException | None:
        """Return the failure of the run before."""
        if self._last_failure is None:
            return None
        conversion = self._run.conversion
        return conversion.failures.from_failure(self._last_failure, conversion.payloads)

    def workflow_cancellation_reason(self) -> str | None:
        """Return why the workflow is asked to stop, if it is."""
        return self._run.cancel_reason

    def workflow_is_failure_exception(self, err: BaseException) -> bool:
        """Return whether an exception fails the workflow and not only its task."""
        return self._run.fails_workflow(err)

    # ---- handlers ----

    def workflow_get_signal_handler(self, name: str | None) -> Callable[..., Any] | None:
        """Return the handler of a signal."""
        return self._bound(self._run.handlers.signals.get(name))

    def workflow_get_query_handler(self, name: str | None) -> Callable[..., Any] | None:
        """Return the handler of a query."""
        return self._bound(self._run.handlers.queries.get(name))

    def workflow_get_update_handler(self, name: str | None) -> Callable[..., Any] | None:
        """Return the handler of an update."""
        return self._bound(self._run.handlers.updates.get(name))

    def workflow_get_update_validator(self, name: str | None) -> Callable[..., Any] | None:
        """Return the validator of an update."""
        updates = self._run.handlers.updates
        definition = updates.get(name) or updates.get(None)
        if definition is None or definition.validator is None:
            return None
        if definition.is_method:
            return definition.bind_validator(self._run.workflow_object)
        return definition.validator

    def _bound(self, definition: Any) -> Callable[..., Any] | None:
        if definition is None:
            return None
        handler: Callable[..., Any] = (
            definition.bind_fn(self._run.workflow_object) if definition.is_method else definition.fn
        )
        return handler

    def workflow_set_signal_handler(
        self, name: str | None, handler: Callable[..., Any] | None
    ) -> None:
        """Set a signal's handler and give it what waited for it."""
        self._run.assert_not_read_only("set signal handler")
        definition = self._run.handlers.set_signal(name, handler)
        if definition is not None:
            for job in self._run.handlers.take_buffered(name):
                self._run.messages.handle_signal(definition, job)

    def workflow_set_query_handler(
        self, name: str | None, handler: Callable[..., Any] | None
    ) -> None:
        """Set a query's handler."""
        self._run.assert_not_read_only("set query handler")
        self._run.handlers.set_query(name, handler)

    def workflow_set_update_handler(
        self,
        name: str | None,
        handler: Callable[..., Any] | None,
        validator: Callable[..., Any] | None,
    ) -> None:
        """Set an update's handler."""
        self._run.assert_not_read_only("set update handler")
        self._run.handlers.set_update(name, handler, validator)

    def workflow_all_handlers_finished(self) -> bool:
        """Return whether no handler runs."""
        handlers = self._run.handlers
        return not handlers.running_signals and not handlers.running_updates

    # ---- commands ----

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
