"""What lanes call: the workflows that a worker knows, and their runs."""

from __future__ import annotations

import asyncio
import logging
import os
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import temporalio.api
import temporalio.common
import temporalio.converter
import temporalio.exceptions
import temporalio.workflow
from temporalio.bridge._callboard import Activation, Commands, InitializeJob
from temporalio.converter import SerializationContext, WorkflowSerializationContext
from temporalio.workflow._definition import _Definition

from ._interceptor import Interceptor
from ._workflow_breakpoints import release_workflow_breakpoints, use_workflow_breakpoints
from ._workflow_calls import ASSERT_LOCAL_ACTIVITY_VALID, GET_METRIC_METER
from ._workflow_codec import LaneCodec
from ._workflow_conversion import Conversion, with_context
from ._workflow_deadlocks import DeadlockReports
from ._workflow_details import (
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
    build_info,
    fill,
    last_outcome,
)
from ._workflow_errors import (
    _InterruptDeadlockError,
    _ProcessEndsError,
    refuse,
)
from ._workflow_flags import DEFAULT_FLAGS, LogicFlag
from ._workflow_interceptor import WorkflowInboundInterceptor, WorkflowInterceptorClassInput
from ._workflow_patches import PatchActivationInput
from .workflow_sandbox._runner import for_debugging

logger = logging.getLogger(__name__)

_Failed = tuple[bytes, int]
_NO_CAUSE = 0


class _WorkflowWorker(DeadlockReports):
    """The workflows of a worker. Lanes call it from their threads."""

    interruption: type[BaseException] = _InterruptDeadlockError
    """Raised in the thread of workflow code that does not yield."""

    ending: type[BaseException] = _ProcessEndsError
    """Raised in the thread of workflow code that still runs when the process ends."""

    def __init__(
        self,
        *,
        namespace: str,
        task_queue: str,
        workflows: Sequence[type],
        data_converter: temporalio.converter.DataConverter,
        workflow_runner: WorkflowRunner | None = None,
        unsandboxed_workflow_runner: WorkflowRunner | None = None,
        workflow_failure_exception_types: Sequence[type[BaseException]] = (),
        disable_eager_activity_execution: bool = True,
        interceptors: Sequence[Interceptor] = (),
        metric_meter: temporalio.common.MetricMeter = temporalio.common.MetricMeter.noop,
        code_headers: bool = False,
        debug_mode: bool = False,
        demand_versioning_behavior: bool = False,
        patch_activation_callback: Callable[[PatchActivationInput], bool] | None = None,
        assert_local_activity_valid: Callable[[str], None] = lambda _: None,
        disable_safe_eviction: bool = False,
    ) -> None:
        """Check and note the workflows.

        Args:
            namespace: Namespace of the worker.
            task_queue: Task queue of the worker.
            workflows: Classes decorated with :py:func:`temporalio.workflow.defn`.
            data_converter: Converts all that workflows take and give.
            workflow_runner: Makes the runs of workflows that may be held in a sandbox.
            unsandboxed_workflow_runner: Makes all other runs.
            workflow_failure_exception_types: Exceptions that fail any workflow.
            disable_eager_activity_execution: Whether activities always go by the task queue.
            interceptors: Put something around every run, the first one outermost.
            metric_meter: Takes the metrics of workflows.
            code_headers: Whether headers go through the payload codec.
            debug_mode: Whether workflow code may stop at breakpoints. The environment variable
                ``TEMPORAL_DEBUG`` says so as well.
            demand_versioning_behavior: Whether each workflow has to say how it stands to versions.
            patch_activation_callback: Decides whether runs take the new way of a patch.
            assert_local_activity_valid: Raises if workflows cannot run an activity of a name here.
            disable_safe_eviction: Whether coroutines of evicted runs are left to the garbage collector.

        Raises:
            ValueError: A class is no workflow, two have one name, or one lacks a versioning behaviour.
            TypeError: There are several dynamic workflows.
            RuntimeError: The runner does not accept a workflow.
        """
        self.debug_mode = debug_mode or bool(os.environ.get("TEMPORAL_DEBUG"))
        super().__init__(debug_mode=self.debug_mode)
        if self.debug_mode:
            use_workflow_breakpoints()
            self._breakpoints = weakref.finalize(self, release_workflow_breakpoints)
        self._namespace = namespace
        self._task_queue = task_queue
        self._data_converter = data_converter
        self._runner = workflow_runner or UnsandboxedWorkflowRunner()
        if self.debug_mode:
            self._runner = for_debugging(self._runner)
        self._unsandboxed_runner = unsandboxed_workflow_runner or UnsandboxedWorkflowRunner()
        self._failure_types = tuple(workflow_failure_exception_types)
        self._disable_eager = disable_eager_activity_execution
        self._extern_functions: dict[str, Callable[..., Any]] = {}
        self._interceptor_classes = self._classes_of(interceptors)
        self._extern_functions[ASSERT_LOCAL_ACTIVITY_VALID] = assert_local_activity_valid
        self._extern_functions[GET_METRIC_METER] = _getter_of_meter(metric_meter)
        self._code_headers = code_headers
        self._patch_activation_callback = patch_activation_callback
        self._disable_safe_eviction = disable_safe_eviction
        self._default_flags: set[LogicFlag] = set(DEFAULT_FLAGS)
        self._codec: LaneCodec | None = None
        self._dynamic: _Definition | None = None
        self._definitions: dict[str, _Definition] = {}
        self._runner.set_worker_level_failure_exception_types(self._failure_types)
        for workflow in workflows:
            definition = _Definition.must_from_class(workflow)
            if demand_versioning_behavior:
                _require_versioning_behavior(definition)
            self._register(definition)

    # The name is the one by which tests choose a behaviour before it becomes the default.
    def _set_default_workflow_logic_flag(self, flag: LogicFlag, *, enabled: bool) -> None:
        """Have runs that are made from now on use a behaviour in new tasks, or not."""
        if enabled:
            self._default_flags.add(flag)
        else:
            self._default_flags.discard(flag)

    def close(self) -> None:
        """Let go of what the worker has set for the whole process. No lane may call after this."""
        if self.debug_mode:
            # Takes effect once.
            self._breakpoints()

    def _classes_of(
        self, interceptors: Sequence[Interceptor]
    ) -> list[type[WorkflowInboundInterceptor]]:
        given = WorkflowInterceptorClassInput(unsafe_extern_functions=self._extern_functions)
        classes = [one.workflow_interceptor_class(given) for one in interceptors]
        return [one for one in classes if one is not None]

    def _register(self, definition: _Definition) -> None:
        try:
            self._runner_of(definition).prepare_workflow(definition)
        except Exception as error:
            raise RuntimeError(f"Failed validating workflow {definition.name}") from error
        if definition.name is None:
            if self._dynamic is not None:
                raise TypeError("More than one dynamic workflow")
            self._dynamic = definition
        elif definition.name in self._definitions:
            raise ValueError(f"More than one workflow named {definition.name}")
        else:
            self._definitions[definition.name] = definition

    def _runner_of(self, definition: _Definition) -> WorkflowRunner:
        return self._runner if definition.sandboxed else self._unsandboxed_runner

    def use_event_loop(self, event_loop: asyncio.AbstractEventLoop) -> None:
        """Take the loop on which the worker runs; a payload codec needs it."""
        codec = self._data_converter.payload_codec
        if codec is not None:
            self._codec = LaneCodec(codec, event_loop, with_headers=self._code_headers)

    def nondeterminism_as_workflow_fail(self) -> bool:
        """Return whether nondeterminism fails workflows of all types."""
        return _covers_nondeterminism(self._failure_types)

    def nondeterminism_as_workflow_fail_for_types(self) -> set[str]:
        """Return the workflow types that nondeterminism fails."""
        return {
            name
            for name, definition in self._definitions.items()
            if _covers_nondeterminism(definition.failure_exception_types)
        }

    # ---- calls from lanes ----

    def create_run(self, activation: Activation) -> _Run | _FailedRun:
        """Make the run that an activation starts."""
        job = activation.initialize
        if job is None:
            raise RuntimeError(f"activation of run {activation.run_id} does not start it")
        try:
            codec = self._lane_codec()
            if codec is None:
                return _Run(self._create_instance(job, activation))
            context = self._context_of(job)
            codec.decode(activation, lambda _: context)
            job = activation.initialize
            assert job is not None
            instance = self._create_instance(job, activation)
            return _CodedRun(instance, codec, context, self, activation)
        except Exception as error:
            logger.exception(
                "Failed handling activation on workflow with run ID %s", activation.run_id
            )
            assert job is not None
            return _FailedRun(error, self._conversion(self._context_of(job)))

    def _context_of(self, job: InitializeJob) -> SerializationContext:
        return WorkflowSerializationContext(namespace=self._namespace, workflow_id=job.workflow_id)

    def _lane_codec(self) -> LaneCodec | None:
        if self._codec is None and self._data_converter.payload_codec is not None:
            raise RuntimeError("payload codec has no event loop: the worker was not started")
        return self._codec

    def _conversion(self, context: SerializationContext) -> Conversion:
        converter = self._data_converter
        return Conversion(
            with_context(converter.payload_converter, context),
            with_context(converter.failure_converter, context),
        )

    def _plain_conversion(self) -> Conversion:
        converter = self._data_converter
        return Conversion(converter.payload_converter, converter.failure_converter)

    def _create_instance(self, job: InitializeJob, activation: Activation) -> WorkflowInstance:
        definition = self._definitions.get(job.workflow_type, self._dynamic)
        if definition is None:
            known = ", ".join(sorted(self._definitions))
            raise temporalio.exceptions.ApplicationError(
                f"Workflow class {job.workflow_type} is not registered on this worker, "
                f"available workflows: {known}",
                type="NotFoundError",
            )
        result, failure = last_outcome(job)
        details = object.__new__(WorkflowInstanceDetails)
        fill(
            details,
            {
                "payload_converter_factory": self._data_converter._new_payload_converter,
                "failure_converter_class": self._data_converter.failure_converter_class,
                "interceptor_classes": self._interceptor_classes,
                "defn": definition,
                "info": build_info(
                    job, activation, namespace=self._namespace, task_queue=self._task_queue
                ),
                "randomness_seed": job.randomness_seed,
                "extern_functions": self._extern_functions,
                "disable_eager_activity_execution": self._disable_eager,
                "worker_level_failure_exception_types": self._failure_types,
                "patch_activation_callback": self._patch_activation_callback,
                "last_completion_result": result,
                "last_failure": failure,
                "default_workflow_logic_flags": frozenset(self._default_flags),
                "disable_safe_eviction": self._disable_safe_eviction,
            },
        )
        return self._runner_of(definition).create_instance(details)


class _Run:
    """A run as lanes see it."""

    __slots__ = ("_instance", "commands")

    def __init__(self, instance: WorkflowInstance) -> None:
        """Wrap a run."""
        self.commands = instance.commands
        self._instance = instance

    def activate(self, activation: Activation) -> _Failed | None:
        """Apply an activation."""
        failure = self._instance.activate(activation)
        return None if failure is None else (failure, _NO_CAUSE)

    def forget(self) -> bool:
        """Let go of the run at once. Returns False if that takes an activation."""
        return self._instance._forget()


class _CodedRun(_Run):
    """A run with a codec around it."""

    __slots__ = ("_codec", "_context", "_decoded", "_worker")

    def __init__(
        self,
        instance: WorkflowInstance,
        codec: LaneCodec,
        context: SerializationContext,
        worker: _WorkflowWorker,
        decoded: Activation,
    ) -> None:
        """Wrap a run; ``decoded`` is the activation that a codec has seen already."""
        super().__init__(instance)
        self._codec = codec
        self._context = context
        self._worker = worker
        self._decoded: Activation | None = decoded

    def activate(self, activation: Activation) -> _Failed | None:
        """Apply an activation."""
        failure = self._activate(activation)
        return None if failure is None else (failure, _NO_CAUSE)

    def _activate(self, activation: Activation) -> bytes | None:
        codec, run_id = self._codec, activation.run_id
        try:
            if activation is not self._decoded:
                codec.decode(activation, self._context_of)
            self._decoded = None
        except Exception as error:
            logger.exception("Failed handling activation on workflow with run ID %s", run_id)
            # Made when it is needed: few runs ever do.
            conversion = self._worker._conversion(self._context)
            return _fail(self.commands, conversion, error, run_id)
        failure = self._instance.activate(activation)
        try:
            if failure is not None:
                return codec.encode_failure(failure, self._context)
            codec.encode(self.commands, self._context_of)
            return None
        except Exception as error:
            logger.exception("Failed encoding completion on workflow with run ID %s", run_id)
            return temporalio.api.failure.v1.Failure(
                message=f"Failed encoding completion: {error}",
                application_failure_info=temporalio.api.failure.v1.ApplicationFailureInfo(
                    type=type(error).__name__
                ),
            ).SerializeToString()

    def _context_of(self, owner: tuple[str, int] | None) -> SerializationContext:
        if owner is None:
            return self._context
        return self._instance.get_serialization_context(*owner) or self._context


class _FailedRun:
    """A run that could not be made. It fails its workflow task, or the workflow if told so."""

    def __init__(self, error: Exception, conversion: Conversion) -> None:
        """Note why."""
        self.commands = Commands(refuse)
        self._error = error
        self._conversion = conversion

    def activate(self, activation: Activation) -> _Failed | None:
        """Fail."""
        failure = _fail(self.commands, self._conversion, self._error, activation.run_id)
        return None if failure is None else (failure, _NO_CAUSE)

    def forget(self) -> bool:
        """Do nothing: there is no run."""
        return True


def _fail(
    commands: Commands, conversion: Conversion, error: Exception, run_id: str
) -> bytes | None:
    """Return the task's failure, or fail the workflow where no other attempt can succeed."""
    failure = conversion.describe_failure(error, run_id)
    if isinstance(error, temporalio.exceptions.ApplicationError) and error.non_retryable:
        commands.fail_workflow(failure)
        return None
    return failure


def _getter_of_meter(
    metric_meter: temporalio.common.MetricMeter,
) -> Callable[[], temporalio.common.MetricMeter]:
    if metric_meter is temporalio.common.MetricMeter.noop:
        return lambda: metric_meter
    from ._workflow_metrics import WorkflowMeter

    meter = WorkflowMeter(metric_meter)
    return lambda: meter


def _covers_nondeterminism(types: Sequence[type[BaseException]]) -> bool:
    return any(issubclass(temporalio.workflow.NondeterminismError, kind) for kind in types)


def _require_versioning_behavior(definition: _Definition) -> None:
    if definition.versioning_behavior or definition.dynamic_config_fn:
        return
    raise ValueError(
        f"Workflow {definition.name} must specify a versioning behavior, by the argument "
        "`versioning_behavior` of `@workflow.defn` or in a function decorated with "
        "`@workflow.dynamic_config`"
    )
