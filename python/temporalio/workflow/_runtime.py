"""The interface between the functions of this package and the run that they act on."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any, NoReturn

import temporalio.common

from ._errors import _NotInWorkflowEventLoopError

if TYPE_CHECKING:
    from temporalio.converter import PayloadConverter

    from ._activity_options import ActivityCancellationType, ActivityHandle
    from ._child_workflows import (
        ChildWorkflowCancellationType,
        ChildWorkflowHandle,
        ParentClosePolicy,
    )
    from ._external_workflows import ExternalWorkflowHandle
    from ._info import Info
    from ._versioning import ContinueAsNewVersioningBehavior, VersioningIntent

_LOOP_ATTRIBUTE = "__temporal_workflow_runtime"


class _Runtime(ABC):
    """One workflow run, as its code sees it.

    A worker hangs an implementation on the run's event loop, where :py:meth:`current` finds it.
    The names and parameters are part of what other packages build on.
    """

    @staticmethod
    def current() -> _Runtime:
        """Return the run whose event loop is running.

        Raises:
            _NotInWorkflowEventLoopError: No event loop runs, or not that of a workflow.
        """
        runtime: _Runtime | None = getattr(asyncio._get_running_loop(), _LOOP_ATTRIBUTE, None)
        if runtime is None:
            raise _NotInWorkflowEventLoopError
        return runtime

    @staticmethod
    def maybe_current() -> _Runtime | None:
        """Return the run whose event loop is running, or None outside of a workflow."""
        return getattr(asyncio._get_running_loop(), _LOOP_ATTRIBUTE, None)

    @staticmethod
    def set_on_loop(loop: asyncio.AbstractEventLoop, runtime: _Runtime | None) -> None:
        """Hang ``runtime`` on ``loop``, or take away what hangs there if it is None."""
        if runtime is not None:
            setattr(loop, _LOOP_ATTRIBUTE, runtime)
        elif hasattr(loop, _LOOP_ATTRIBUTE):
            delattr(loop, _LOOP_ATTRIBUTE)

    execute_activity: Callable[..., Awaitable[Any]] | None = None
    """Starts an activity that no interceptor is asked about, if that may be, and awaits it.

    It takes the parameters of :py:func:`temporalio.workflow.start_activity` less the event groups, in
    their order.
    """

    def __init__(self) -> None:
        super().__init__()
        self._logger_details: Mapping[str, Any] | None = None

    @property
    def logger_details(self) -> Mapping[str, Any]:
        """What log lines of this run carry; made once, at the first line."""
        details = self._logger_details
        if details is None:
            details = self._logger_details = self.workflow_info()._logger_details()
        return details

    # ---- who and when ----

    @abstractmethod
    def workflow_info(self) -> Info: ...

    @abstractmethod
    def workflow_instance(self) -> Any: ...

    @abstractmethod
    def workflow_extern_functions(self) -> Mapping[str, Callable[..., Any]]: ...

    @abstractmethod
    def workflow_time_ns(self) -> int: ...

    @abstractmethod
    def workflow_is_replaying(self) -> bool: ...

    @abstractmethod
    def workflow_is_replaying_history_events(self) -> bool: ...

    @abstractmethod
    def workflow_is_read_only(self) -> bool: ...

    @abstractmethod
    def workflow_get_current_build_id(self) -> str: ...

    @abstractmethod
    def workflow_get_current_deployment_version(
        self,
    ) -> temporalio.common.WorkerDeploymentVersion | None: ...

    @abstractmethod
    def workflow_get_current_history_length(self) -> int: ...

    @abstractmethod
    def workflow_get_current_history_size(self) -> int: ...

    @abstractmethod
    def workflow_is_continue_as_new_suggested(self) -> bool: ...

    @abstractmethod
    def workflow_is_target_worker_deployment_version_changed(self) -> bool: ...

    # ---- randomness ----

    @abstractmethod
    def workflow_random(self) -> Random: ...

    @abstractmethod
    def workflow_random_seed(self) -> int: ...

    @abstractmethod
    def workflow_register_random_seed_callback(self, callback: Callable[[int], None]) -> None: ...

    # ---- data ----

    @abstractmethod
    def workflow_payload_converter(self) -> PayloadConverter: ...

    @abstractmethod
    def workflow_metric_meter(self) -> temporalio.common.MetricMeter: ...

    @abstractmethod
    def workflow_memo(self) -> Mapping[str, Any]: ...

    @abstractmethod
    def workflow_memo_value(
        self, key: str, default: Any, *, type_hint: type[Any] | None
    ) -> Any: ...

    @abstractmethod
    def workflow_get_current_details(self) -> str: ...

    @abstractmethod
    def workflow_set_current_details(self, details: str) -> None: ...

    @abstractmethod
    def workflow_has_last_completion_result(self) -> bool: ...

    @abstractmethod
    def workflow_last_completion_result(self, type_hint: type[Any] | None) -> Any | None: ...

    @abstractmethod
    def workflow_last_failure(self) -> BaseException | None: ...

    @abstractmethod
    def workflow_cancellation_reason(self) -> str | None: ...

    @abstractmethod
    def workflow_is_failure_exception(self, err: BaseException) -> bool: ...

    # ---- handlers; a name of None means the dynamic handler ----

    @abstractmethod
    def workflow_get_signal_handler(self, name: str | None) -> Callable[..., Any] | None: ...

    @abstractmethod
    def workflow_set_signal_handler(
        self, name: str | None, handler: Callable[..., Any] | None
    ) -> None: ...

    @abstractmethod
    def workflow_get_query_handler(self, name: str | None) -> Callable[..., Any] | None: ...

    @abstractmethod
    def workflow_set_query_handler(
        self, name: str | None, handler: Callable[..., Any] | None
    ) -> None: ...

    @abstractmethod
    def workflow_get_update_handler(self, name: str | None) -> Callable[..., Any] | None: ...

    @abstractmethod
    def workflow_get_update_validator(self, name: str | None) -> Callable[..., Any] | None: ...

    @abstractmethod
    def workflow_set_update_handler(
        self,
        name: str | None,
        handler: Callable[..., Any] | None,
        validator: Callable[..., Any] | None,
    ) -> None: ...

    @abstractmethod
    def workflow_all_handlers_finished(self) -> bool: ...

    # ---- commands ----

    @abstractmethod
    def workflow_patch(self, id: str, *, deprecated: bool) -> bool: ...

    @abstractmethod
    async def workflow_sleep(self, duration: float, *, summary: str | None = None) -> None: ...

    @abstractmethod
    async def workflow_wait_condition(
        self,
        fn: Callable[[], bool],
        *,
        timeout: float | None = None,
        timeout_summary: str | None = None,
    ) -> None: ...

    @abstractmethod
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
        cancellation_type: ActivityCancellationType,
        activity_id: str | None,
        versioning_intent: VersioningIntent | None,
        summary: str | None = None,
        priority: temporalio.common.Priority = temporalio.common.Priority.default,
    ) -> ActivityHandle[Any]: ...

    @abstractmethod
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
        cancellation_type: ActivityCancellationType,
        activity_id: str | None,
        summary: str | None,
    ) -> ActivityHandle[Any]: ...

    @abstractmethod
    async def workflow_start_child_workflow(
        self,
        workflow: Any,
        *args: Any,
        id: str,
        task_queue: str | None,
        result_type: type[Any] | None,
        cancellation_type: ChildWorkflowCancellationType,
        parent_close_policy: ParentClosePolicy,
        execution_timeout: timedelta | None,
        run_timeout: timedelta | None,
        task_timeout: timedelta | None,
        id_reuse_policy: temporalio.common.WorkflowIDReusePolicy,
        retry_policy: temporalio.common.RetryPolicy | None,
        cron_schedule: str,
        memo: Mapping[str, Any] | None,
        search_attributes: temporalio.common.SearchAttributes
        | temporalio.common.TypedSearchAttributes
        | None,
        versioning_intent: VersioningIntent | None,
        static_summary: str | None = None,
        static_details: str | None = None,
        priority: temporalio.common.Priority = temporalio.common.Priority.default,
        versioning_override: temporalio.common.VersioningOverride | None = None,
    ) -> ChildWorkflowHandle[Any, Any]: ...

    @abstractmethod
    def workflow_get_external_workflow_handle(
        self,
        id: str,
        *,
        run_id: str | None,
    ) -> ExternalWorkflowHandle[Any]: ...

    @abstractmethod
    def workflow_upsert_search_attributes(
        self,
        attributes: temporalio.common.SearchAttributes
        | Sequence[temporalio.common.SearchAttributeUpdate[Any]],
    ) -> None: ...

    @abstractmethod
    def workflow_upsert_memo(self, updates: Mapping[str, Any]) -> None: ...

    @abstractmethod
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
        versioning_intent: VersioningIntent | None,
        initial_versioning_behavior: ContinueAsNewVersioningBehavior | None,
    ) -> NoReturn: ...
