"""One workflow run: what happens to it, in the order that histories depend on."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import temporalio.common
import temporalio.converter
import temporalio.exceptions
import temporalio.workflow
from temporalio.bridge._callboard import (
    Activation,
    ActivityJob,
    CancelJob,
    ChildWorkflowJob,
    ChildWorkflowStartJob,
    Commands,
    EvictJob,
    ExternalCancelJob,
    ExternalSignalJob,
    InitializeJob,
    PatchJob,
    QueryJob,
    SeedJob,
    SignalJob,
    TimerJob,
    UpdateJob,
)
from temporalio.converter._values import GENERAL_PATH
from temporalio.workflow._definition_scan import _INIT_MARK
from temporalio.workflow._runtime import _Runtime

from . import _workflow_eviction
from ._workflow_activities import Activities
from ._workflow_calls import ExecuteWorkflowInput
from ._workflow_children import ChildWorkflows
from ._workflow_conversion import RunConversion, headers_of
from ._workflow_details import (
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
)
from ._workflow_errors import refuse
from ._workflow_event_loop import WorkflowEventLoop
from ._workflow_external import ExternalWorkflows
from ._workflow_flags import LogicFlag
from ._workflow_handlers import Handlers
from ._workflow_introspection import Introspection
from ._workflow_messages import Messages
from ._workflow_outcome import Outcome
from ._workflow_patches import Patches
from ._workflow_runtime import WorkflowRuntime
from ._workflow_terminals import make_chains

if TYPE_CHECKING:
    # Only the stub has it.
    from temporalio.bridge._callboard import Job

__all__ = [
    "UnsandboxedWorkflowRunner",
    "WorkflowInstance",
    "WorkflowInstanceDetails",
    "WorkflowRunner",
]

logger = logging.getLogger(__name__)

_SINGLE_BATCH = LogicFlag.PROCESS_WORKFLOW_ACTIVATION_JOBS_AS_SINGLE_BATCH
# Of the four sets in which jobs are applied, patches are the first.
_MESSAGES, _REST, _QUERIES = 1, 2, 3


class _WorkflowInstanceImpl(WorkflowInstance):
    """A run whose code is not held in a sandbox."""

    def __init__(self, details: WorkflowInstanceDetails) -> None:
        """Prepare a run. The user's object is made when its first tasks are about to run."""
        self._definition = details.defn
        self.outcome = Outcome(
            self,
            failure_types=details.defn.failure_exception_types,
            worker_failure_types=details.worker_level_failure_exception_types,
        )
        self.info = details.info
        self.extern_functions = details.extern_functions
        self.disable_eager_activity_execution = details.disable_eager_activity_execution
        self.commands = Commands(refuse)
        # Abstract for type checkers only: what a workflow cannot have is not implemented.
        self.event_loop = WorkflowEventLoop(  # type: ignore[abstract]
            self.commands, _task_suffix(details.info)
        )
        self.conversion = RunConversion(
            details.payload_converter_factory,
            details.failure_converter_class,
            details.info,
            self.outcome.fails_workflow,
        )
        self.takes_short_cuts = not (
            GENERAL_PATH or details.interceptor_classes or self.conversion.takes_context
        )
        self.handlers = Handlers(details.defn, functools.partial(Introspection.queries, self))
        self.activities = Activities(self)
        self._patch_activation_callback = details.patch_activation_callback
        self.runtime = WorkflowRuntime(
            self,
            randomness_seed=details.randomness_seed,
            last_completion_result=details.last_completion_result,
            last_failure=details.last_failure,
        )
        _Runtime.set_on_loop(self.event_loop, self.runtime)

        # Of the current activation.
        self.is_replaying = False
        self.in_query_or_validator = False
        self.deployment_version: tuple[str, str] | None = None
        self.history_length = 0
        self.history_size = 0
        self.continue_as_new_suggested = False
        self.target_version_changed = False
        self._flags: frozenset[int] = frozenset()
        self._default_flags = details.default_workflow_logic_flags
        self._ends_coroutines = not details.disable_safe_eviction
        self._single_batch = False
        self._only_updates = False
        # A rejected update leaves no trace, so what it made true must not be acted upon.
        self.accepted_update = False

        # Of the run.
        self.workflow_object: Any = None
        self.cancel_reason: str | None = None
        self._context = contextvars.Context()
        self._input: ExecuteWorkflowInput | None = None
        self._primary_task: asyncio.Task[None] | None = None
        self._cancel_at_start = False
        self._conditions: list[tuple[Callable[[], bool], asyncio.Future[Any]]] = []

        # Last, and on the run's own loop: interceptors may look at the run that they are made for.
        if details.interceptor_classes:
            with self.event_loop:
                self.inbound, self.outbound = make_chains(self, details.interceptor_classes)
        else:
            self.inbound, self.outbound = make_chains(self, ())

    # ---- parts that many runs have no use for ----

    @functools.cached_property
    def messages(self) -> Messages:
        """Hands on what is sent to the run."""
        return Messages(self)

    @functools.cached_property
    def patches(self) -> Patches:
        """Decides which way the run goes where its code was changed."""
        return Patches(self, self._patch_activation_callback)

    @functools.cached_property
    def children(self) -> ChildWorkflows:
        """Has the run's children."""
        return ChildWorkflows(self)

    @functools.cached_property
    def external(self) -> ExternalWorkflows:
        """Reaches other workflows."""
        return ExternalWorkflows(self)

    # ---- for the worker ----

    def _forget(self) -> bool:
        event_loop = self.event_loop
        if event_loop.tasks or event_loop.has_ready() or event_loop.async_generators:
            return False
        self._begin_eviction()
        self.release()
        return True

    def get_info(self) -> temporalio.workflow.Info:
        """Return what is known of the run."""
        return self.info

    def get_serialization_context(
        self, kind: str, sequence: int
    ) -> temporalio.converter.SerializationContext | None:
        """Return what a codec is told of payloads that belong to something pending."""
        if kind == "activity":
            return self.activities.context(sequence)
        if kind == "child_workflow":
            return self.children.context(sequence)
        return self.external.signal_context(sequence)

    # ---- activation ----

    def activate(self, activation: Activation) -> bytes | None:
        """Apply an activation. Returns a failure if the workflow task has to fail."""
        return self._context.run(self._activate, activation)

    def _activate(self, activation: Activation) -> bytes | None:
        self._begin(activation)
        error: BaseException | None = None
        try:
            self._only_updates = activation.only_updates
            self._apply_all(activation.take_batches())
        except Exception as raised:
            error = self.outcome.settle(raised)
        if self.commands.evicting:
            _workflow_eviction.finish(self)
            return None
        failure = None if error is None else self.outcome.describe_failed_task(error)
        if self.commands.has_terminal():
            self.handlers.warn_of_unfinished()
        return failure

    def _begin(self, activation: Activation) -> None:
        self.is_replaying = activation.is_replaying
        self.deployment_version = activation.deployment_version
        self.history_length = activation.history_length
        self.history_size = activation.history_size_bytes
        self.continue_as_new_suggested = activation.continue_as_new_suggested
        self.target_version_changed = activation.target_worker_deployment_version_changed
        if activation.timestamp_ns:
            self.event_loop.set_time_ns(activation.timestamp_ns)
        self._flags = frozenset(activation.available_internal_flags)
        self._single_batch = self._applies_in_single_batch()
        self.outcome.task_error = None
        self.accepted_update = False

    def _applies_in_single_batch(self) -> bool:
        if _SINGLE_BATCH in self._flags:
            return True
        if self.is_replaying or _SINGLE_BATCH not in self._default_flags:
            return False
        self.commands.use_flag(_SINGLE_BATCH)
        return True

    def _apply_all(self, batches: list[list[Job]]) -> None:
        """Apply jobs in four sets and let tasks run after each, or after all in the later way."""
        if not self._ends_coroutines and any(isinstance(job, EvictJob) for job in batches[_REST]):
            return
        if self._input is None:
            for job in batches[_REST]:
                if isinstance(job, InitializeJob):
                    self._input = self._read_input(job)
        if batches[_QUERIES] and any(batches[:_QUERIES]):
            raise RuntimeError("Queries must not share an activation with other jobs")
        if self._single_batch:
            for batch in batches:
                self._apply(batch)
            if any(batches):
                self._run_tasks(check_conditions=bool(batches[_MESSAGES] or batches[_REST]))
            return
        for index, batch in enumerate(batches):
            if batch:
                self._apply(batch)
                self._run_tasks(check_conditions=index in (_MESSAGES, _REST))

    # ---- jobs ----

    def _apply(self, batch: list[Job]) -> None:
        resolve = self.activities.resolve
        for job in batch:
            # By far the most frequent one.
            if isinstance(job, ActivityJob):
                resolve(job)
            else:
                _APPLY[type(job)](self, job)

    def _apply_initialize(self, job: InitializeJob) -> None:
        if self._input is None:
            raise RuntimeError("A run is started without its input having been read")
        self._primary_task = self.event_loop.create_task(
            self.outcome.run_top_level(self._run_workflow(self._input)), name="run"
        )
        if self._cancel_at_start:
            self._cancel_at_start = False
            self.event_loop.call_soon(self._primary_task.cancel)

    def _apply_patch(self, job: PatchJob) -> None:
        self.patches.note_recorded(job.patch_id)

    def _apply_seed(self, job: SeedJob) -> None:
        self.runtime.reseed(job.seed)

    def _apply_cancel(self, job: CancelJob) -> None:
        self.cancel_reason = job.reason
        # Deferred, so that a task that has not begun still gets to see it.
        if self._primary_task is not None:
            self.event_loop.call_soon(self._primary_task.cancel)
        elif self._single_batch:
            self._cancel_at_start = True

    def _apply_evict(self, job: EvictJob) -> None:
        self._begin_eviction()
        for task in list(self.event_loop.tasks):
            task.cancel()

    def _begin_eviction(self) -> None:
        # Code that stays silent in replay stays silent now.
        self.is_replaying = True
        self.commands.evicting = True

    def _read_input(self, job: InitializeJob) -> ExecuteWorkflowInput:
        definition = self._definition
        payloads = job.arguments
        if definition.name:
            args = self.conversion.decode_input(payloads, definition.arg_types)
        else:
            raw: list[type] = [temporalio.common.RawValue] * len(payloads)
            args = [self.conversion.decode_input(payloads, raw)]
        return ExecuteWorkflowInput(
            type=definition.cls,
            run_fn=definition.run_fn,
            args=args,
            headers=headers_of(job.headers),
        )

    # ---- tasks ----

    def _run_tasks(self, *, check_conditions: bool) -> None:
        """Run all that is ready, and all that becomes so when conditions hold."""
        with self.event_loop:
            if self.workflow_object is None and not self.commands.evicting:
                self.workflow_object = self._create_object()
            while self.event_loop.has_ready():
                self.event_loop.run_until_idle()
                if self.outcome.task_error is not None and not self.commands.evicting:
                    raise self.outcome.task_error
                if check_conditions and (not self._only_updates or self.accepted_update):
                    self._check_conditions()

    def _check_conditions(self) -> None:
        waiting = []
        for condition, fulfilled in self._conditions:
            if fulfilled.done():
                continue
            if condition():
                fulfilled.set_result(True)
            else:
                waiting.append((condition, fulfilled))
        self._conditions = waiting

    def _create_object(self) -> Any:
        if self._input is None:
            raise RuntimeError("A run has tasks before it was started")
        definition = self._definition
        takes_input = hasattr(definition.cls.__init__, _INIT_MARK)  # type: ignore[misc]
        created = definition.cls(*self._input.args) if takes_input else definition.cls()
        if definition.versioning_behavior:
            self.commands.versioning_behavior = definition.versioning_behavior.value
        if definition.name is None and definition.dynamic_config_fn is not None:
            self._configure(definition.dynamic_config_fn, created)
        return created

    def _configure(
        self, describe: Callable[..., temporalio.workflow.DynamicWorkflowConfig], created: Any
    ) -> None:
        """Ask a dynamic workflow for what depends on its type."""
        try:
            with self.read_only(in_query_or_validator=False):
                config = describe(created)
        except Exception:
            logger.exception(
                f"Failed to run dynamic config function in workflow {self.info.workflow_type}"
            )
            raise
        # Annotations do not keep a function from returning nothing.
        if not config:
            return
        if config.failure_exception_types is not None:
            self.outcome.failure_types = config.failure_exception_types
        if config.versioning_behavior != temporalio.common.VersioningBehavior.UNSPECIFIED:
            self.commands.versioning_behavior = config.versioning_behavior.value

    async def _run_workflow(self, input: ExecuteWorkflowInput) -> None:
        result = await self.inbound.execute_workflow(input)
        self.commands.complete_workflow(self.conversion.encode(result))

    # ---- for the parts of a run ----

    def add_condition(self, condition: Callable[[], bool]) -> asyncio.Future[Any]:
        """Return a future that is done once ``condition`` holds."""
        fulfilled = self.event_loop.create_future()
        self._conditions.append((condition, fulfilled))
        return fulfilled

    def sees_cancel_of_settled(self, flag: LogicFlag | None) -> bool:
        """Return whether a cancellation is seen although the awaited outcome is there as well."""
        if self._single_batch or flag is None:
            return self._single_batch
        if self.is_replaying and flag not in self._flags:
            return False
        self.commands.use_flag(flag)
        return True

    def sees_cancel_first(self, cancelled_before: bool) -> bool:
        """Return whether a cancellation of this turn goes before a condition that holds."""
        return self._single_batch and not cancelled_before and self.cancel_reason is not None

    def assert_not_read_only(self, action: str) -> None:
        """Raise if the run may not do something now."""
        if self.commands.evicting or self.commands.read_only:
            refuse(action, self.commands.evicting)

    @contextmanager
    def read_only(self, *, in_query_or_validator: bool) -> Iterator[None]:
        """Refuse whatever would leave a trace."""
        before = self.commands.read_only, self.in_query_or_validator
        self.commands.read_only = True
        self.in_query_or_validator = in_query_or_validator
        try:
            yield
        finally:
            self.commands.read_only, self.in_query_or_validator = before

    def release(self) -> None:
        """Let go of all that could still run code, after a teardown."""
        self._conditions.clear()
        self.handlers.buffered.clear()
        self._primary_task = None


def _task_suffix(info: temporalio.workflow.Info) -> str:
    return f" (workflow: {info.workflow_type}, id: {info.workflow_id}, run: {info.run_id})"


_APPLY: dict[type, Callable[[_WorkflowInstanceImpl, Any], None]] = {
    InitializeJob: _WorkflowInstanceImpl._apply_initialize,
    PatchJob: _WorkflowInstanceImpl._apply_patch,
    SeedJob: _WorkflowInstanceImpl._apply_seed,
    CancelJob: _WorkflowInstanceImpl._apply_cancel,
    EvictJob: _WorkflowInstanceImpl._apply_evict,
    # An absent timer was cancelled earlier in the same activation.
    TimerJob: lambda run, job: run.event_loop.fire_timer(job.sequence),
    ChildWorkflowStartJob: lambda run, job: run.children.resolve_start(job),
    ChildWorkflowJob: lambda run, job: run.children.resolve(job),
    ExternalSignalJob: lambda run, job: run.external.resolve_signal(job),
    ExternalCancelJob: lambda run, job: run.external.resolve_cancel(job),
    SignalJob: lambda run, job: run.messages.deliver_signal(job),
    UpdateJob: lambda run, job: run.messages.deliver_update(job),
    QueryJob: lambda run, job: run.messages.deliver_query(job),
}
