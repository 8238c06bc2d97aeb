"""What a workflow can learn about itself."""

from __future__ import annotations

import contextvars
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import temporalio.api
import temporalio.common

from ._runtime import _Runtime

__all__ = ["Info", "ParentInfo", "RootInfo", "UpdateInfo", "current_update_info", "info"]

# In the order in which log messages show them.
_LOGGED = ("attempt", "namespace", "run_id", "task_queue", "workflow_id", "workflow_type")


@dataclass(frozen=True)
class Info:
    """Facts about the running workflow, as :py:func:`info` returns them.

    The fields stay as they were at the start of the run, with three exceptions:
    :py:attr:`search_attributes`, :py:attr:`typed_search_attributes` and :py:attr:`raw_memo` follow
    upserts. The methods read values of the current workflow task.

    The runtime makes these objects. Later versions may add required fields, so do not construct
    one.
    """

    attempt: int
    """Number of this attempt, from 1; it grows when the workflow's retry policy starts it anew."""

    continued_run_id: str | None
    """Run that ended with continue-as-new to make way for this one."""

    cron_schedule: str | None
    """Cron expression that starts the runs of this workflow."""

    execution_timeout: timedelta | None
    """Limit on the whole chain of runs. None means there is no limit."""

    first_execution_run_id: str
    """First run of the chain of retries, cron runs and continued runs."""

    headers: Mapping[str, temporalio.api.common.v1.Payload]
    """Headers that came with the start, undecoded."""

    namespace: str
    """Namespace in which the workflow runs."""

    original_execution_run_id: str
    """Run id in the started event. A reset changes :py:attr:`run_id` but keeps this one."""

    parent: ParentInfo | None
    """Workflow that started this one as its child."""

    root: RootInfo | None
    """Topmost workflow of the tree of parents and children."""

    priority: temporalio.common.Priority
    """Priority of this execution; the default instance where none was set."""

    raw_memo: Mapping[str, temporalio.api.common.v1.Payload]
    """Memo, undecoded. :py:func:`memo` and :py:func:`memo_value` decode it."""

    retry_policy: temporalio.common.RetryPolicy | None
    """How a failed run is retried. None means it is not."""

    run_id: str
    """Id of this run."""

    run_timeout: timedelta | None
    """Limit on this one run. None means there is no limit."""

    search_attributes: temporalio.common.SearchAttributes
    """Search attributes as a dictionary.

    .. deprecated::
        :py:attr:`typed_search_attributes` knows the type of each value.
    """

    start_time: datetime
    """When the first workflow task of this run started, in UTC."""

    task_queue: str
    """Task queue from which this run's tasks come."""

    task_timeout: timedelta
    """Limit on one workflow task."""

    typed_search_attributes: temporalio.common.TypedSearchAttributes
    """Search attributes with their types. An upsert in dictionary form can leave gaps here."""

    workflow_id: str
    """Id of the workflow."""

    workflow_start_time: datetime
    """When the server created this run, in UTC."""

    workflow_type: str
    """Name of the workflow's type."""

    def _logger_details(self) -> Mapping[str, Any]:
        """Return the facts that each log line of this workflow carries."""
        return {name: getattr(self, name) for name in _LOGGED}

    def get_current_build_id(self) -> str:
        """Return the build id of the worker that ran, or now runs, the current workflow task.

        It may differ between tasks of one run, but replay sees what was recorded, so code may
        branch on it. Empty where the task was completed by a worker without a build id.

        .. deprecated::
            :py:meth:`get_current_deployment_version` replaces it.
        """
        return _Runtime.current().workflow_get_current_build_id()

    def get_current_deployment_version(
        self,
    ) -> temporalio.common.WorkerDeploymentVersion | None:
        """Return the deployment version that ran, or now runs, the current workflow task.

        It may differ between tasks of one run, but replay sees what was recorded, so code may
        branch on it. None where that worker has no deployment version.
        """
        return _Runtime.current().workflow_get_current_deployment_version()

    def get_current_history_length(self) -> int:
        """Return how many events the history had when the current workflow task started.

        A query may see an older number.
        """
        return _Runtime.current().workflow_get_current_history_length()

    def get_current_history_size(self) -> int:
        """Return how many bytes the history had when the current workflow task started.

        A query may see an older number.
        """
        return _Runtime.current().workflow_get_current_history_size()

    def is_continue_as_new_suggested(self) -> bool:
        """Return whether the server advises to continue as new because the history grows long.

        Servers that do not give this advice always yield False. A query may see an older answer.
        """
        return _Runtime.current().workflow_is_continue_as_new_suggested()

    def is_target_worker_deployment_version_changed(self) -> bool:
        """Return whether the task queue's target deployment version is no longer this run's.

        This is experimental, as is upgrading on continue-as-new, for which it is made.
        """
        return _Runtime.current().workflow_is_target_worker_deployment_version_changed()


@dataclass(frozen=True)
class ParentInfo:
    """Which workflow started this one as a child."""

    namespace: str
    """Namespace of the parent."""

    run_id: str
    """Run of the parent that issued the start."""

    workflow_id: str
    """Workflow id of the parent."""


@dataclass(frozen=True)
class RootInfo:
    """Which workflow stands at the top of the tree that this one belongs to."""

    run_id: str
    """Run id of the root."""

    workflow_id: str
    """Workflow id of the root."""


@dataclass(frozen=True)
class UpdateInfo:
    """Which update the calling code works for."""

    id: str
    """Id that the caller of the update chose or was given."""

    name: str
    """Name of the update."""

    @property
    def _logger_details(self) -> Mapping[str, Any]:
        """Return the facts that log lines of the update's handler carry."""
        return {"update_id": self.id, "update_name": self.name}


_current_update_info: contextvars.ContextVar[UpdateInfo] = contextvars.ContextVar(
    "__temporal_current_update_info"
)


def _set_current_update_info(info: UpdateInfo) -> None:
    """Mark the current context, and the tasks started from it, as working for an update."""
    _current_update_info.set(info)


def current_update_info() -> UpdateInfo | None:
    """Return which update the calling code works for.

    Known in the update's validator, in its handler and in the tasks these start, because it
    travels in a context variable.

    Returns:
        The update, or None outside of update handlers.
    """
    return _current_update_info.get(None)


def info() -> Info:
    """Return the facts about the running workflow.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_info()
