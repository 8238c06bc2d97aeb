"""How runs come to be: what a runner gets, and what it has to make of it."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import temporalio.api
import temporalio.common
import temporalio.converter
import temporalio.workflow
from temporalio.bridge._callboard import Activation, Commands, InitializeJob, RawPayload
from temporalio.converter._values import message_of
from temporalio.workflow._definition import _Definition

from ._workflow_conversion import headers_of
from ._workflow_flags import DEFAULT_FLAGS, LogicFlag
from ._workflow_interceptor import WorkflowInboundInterceptor
from ._workflow_patches import PatchActivationInput

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class WorkflowInstanceDetails:
    """What a run is made from."""

    payload_converter_factory: Callable[[], temporalio.converter.PayloadConverter]
    failure_converter_class: type[temporalio.converter.FailureConverter]
    interceptor_classes: Sequence[type[WorkflowInboundInterceptor]]
    defn: _Definition
    info: temporalio.workflow.Info
    randomness_seed: int
    extern_functions: Mapping[str, Callable[..., Any]]
    disable_eager_activity_execution: bool
    worker_level_failure_exception_types: Sequence[type[BaseException]]
    patch_activation_callback: Callable[[PatchActivationInput], bool] | None
    last_completion_result: temporalio.api.common.v1.Payloads
    last_failure: temporalio.api.failure.v1.Failure | None
    default_workflow_logic_flags: frozenset[LogicFlag] = DEFAULT_FLAGS
    disable_safe_eviction: bool = False


class WorkflowInstance(ABC):
    """A run that takes activations."""

    commands: Commands
    """What the run has issued in answer to the current activation."""

    @abstractmethod
    def activate(self, activation: Activation) -> bytes | None:
        """Apply an activation.

        Returns:
            A serialized ``Failure`` if the workflow task has to fail.
        """

    def _forget(self) -> bool:
        """Let go of the run at once if no code of it is left to be ended.

        Returns:
            False if it takes an activation to end it.
        """
        return False

    @abstractmethod
    def get_info(self) -> temporalio.workflow.Info:
        """Return what is known of the run."""

    @abstractmethod
    def get_serialization_context(
        self, kind: str, sequence: int
    ) -> temporalio.converter.SerializationContext | None:
        """Return what a codec is told of payloads that belong to something pending.

        Args:
            kind: ``activity``, ``child_workflow`` or ``external_signal``.
            sequence: Its number among those of its kind.
        """


class WorkflowRunner(ABC):
    """Makes runs. :py:class:`UnsandboxedWorkflowRunner` is the plain kind."""

    @abstractmethod
    def prepare_workflow(self, defn: _Definition) -> None:
        """Look at a workflow once, when the worker is made.

        Args:
            defn: The workflow's definition.
        """

    @abstractmethod
    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Make a run.

        Args:
            det: What to make it from.
        """

    def set_worker_level_failure_exception_types(  # noqa: B027  (a hook, no duty)
        self, types: Sequence[type[BaseException]]
    ) -> None:
        """Tell which exceptions fail any workflow of the worker. Does nothing unless overridden.

        Args:
            types: The exceptions.
        """


class UnsandboxedWorkflowRunner(WorkflowRunner):
    """Makes runs whose code sees everything that the process has."""

    def prepare_workflow(self, defn: _Definition) -> None:
        """Do nothing."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Make a run that shares the worker's modules."""
        return _instance_class()(det)


@functools.cache
def _instance_class() -> Callable[[WorkflowInstanceDetails], WorkflowInstance]:
    from ._workflow_instance import _WorkflowInstanceImpl

    return _WorkflowInstanceImpl


def build_info(
    job: InitializeJob, activation: Activation, *, namespace: str, task_queue: str
) -> temporalio.workflow.Info:
    """Return what the start of a run says about it."""
    fields, has_more = job.info_fields(activation.run_id, namespace, task_queue)
    fields["start_time"] = _moment(activation.timestamp_ns)
    fields["workflow_start_time"] = _moment(job.start_time_ns)
    if has_more:
        _add_what_is_rare(fields, job)
    else:
        fields["priority"] = temporalio.common.Priority.default
        # Of the run alone: an upsert changes it in place.
        typed = object.__new__(temporalio.common.TypedSearchAttributes)
        fill(typed, {"search_attributes": []})
        fields["typed_search_attributes"] = typed
    info = object.__new__(temporalio.workflow.Info)
    fill(info, fields)
    return info


def fill(made: object, fields: dict[str, Any]) -> None:
    """Give an object of a frozen dataclass all its fields, without defaults.

    This is several times quicker than its constructor, which calls a function for each field, and it is
    done for each run.

    Args:
        made: What ``object.__new__`` has returned.
        fields: Its attributes, from now on.
    """
    object.__setattr__(made, "__dict__", fields)


def _add_what_is_rare(fields: dict[str, Any], job: InitializeJob) -> None:
    untyped, typed = _search_attributes(job.search_attributes)
    fields.update(
        headers=headers_of(job.headers),
        parent=_parent(job),
        root=_root(job),
        priority=_priority(job.priority),
        raw_memo=headers_of(job.memo),
        retry_policy=_retry_policy(job.retry_policy),
        search_attributes=untyped,
        typed_search_attributes=typed,
    )


def _search_attributes(
    encoded: Mapping[str, RawPayload],
) -> tuple[temporalio.common.SearchAttributes, temporalio.common.TypedSearchAttributes]:
    attributes = temporalio.api.common.v1.SearchAttributes(indexed_fields=headers_of(encoded))
    return (
        temporalio.converter.decode_search_attributes(attributes),
        temporalio.converter.decode_typed_search_attributes(attributes),
    )


def last_outcome(
    job: InitializeJob,
) -> tuple[temporalio.api.common.v1.Payloads, temporalio.api.failure.v1.Failure | None]:
    """Return result and failure of the run before, for cron runs and retries."""
    payloads = job.last_completion_result
    if not payloads and job.last_failure is None:
        return _no_payloads(), None
    result = temporalio.api.common.v1.Payloads(payloads=[message_of(one) for one in payloads])
    failure = job.last_failure
    return result, None if failure is None else temporalio.api.failure.v1.Failure.FromString(
        failure
    )


@functools.cache
def _no_payloads() -> temporalio.api.common.v1.Payloads:
    """Return what nearly every run gets; nobody writes into it."""
    return temporalio.api.common.v1.Payloads()


def _moment(nanoseconds: int) -> datetime:
    # Cut off, not rounded, below the microsecond.
    return _EPOCH + timedelta(0, 0, nanoseconds // 1000)


def _parent(job: InitializeJob) -> temporalio.workflow.ParentInfo | None:
    if job.parent is None:
        return None
    namespace, workflow_id, run_id = job.parent
    return temporalio.workflow.ParentInfo(
        namespace=namespace, run_id=run_id, workflow_id=workflow_id
    )


def _root(job: InitializeJob) -> temporalio.workflow.RootInfo | None:
    if job.root is None:
        return None
    workflow_id, run_id = job.root
    return temporalio.workflow.RootInfo(run_id=run_id, workflow_id=workflow_id)


def _retry_policy(encoded: bytes | None) -> temporalio.common.RetryPolicy | None:
    if encoded is None:
        return None
    policy = temporalio.api.common.v1.RetryPolicy.FromString(encoded)
    return temporalio.common.RetryPolicy.from_proto(policy)


def _priority(encoded: bytes | None) -> temporalio.common.Priority:
    if not encoded:
        return temporalio.common.Priority.default
    priority = temporalio.api.common.v1.Priority.FromString(encoded)
    return temporalio.common.Priority._from_proto(priority)
