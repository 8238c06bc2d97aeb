"""What the functions of ``temporalio.workflow`` that show the run do within it."""

from __future__ import annotations

import contextlib
import random
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import temporalio.api
import temporalio.common
import temporalio.converter
import temporalio.workflow

from ._runtime_commands import RuntimeCommands
from ._runtime_handlers import RuntimeHandlers
from ._runtime_other_workflows import RuntimeOtherWorkflows
from ._runtime_upserts import RuntimeUpserts
from ._workflow_calls import GET_METRIC_METER

if TYPE_CHECKING:
    from ._workflow_instance import _WorkflowInstanceImpl


class WorkflowRuntime(RuntimeHandlers, RuntimeCommands, RuntimeOtherWorkflows, RuntimeUpserts):
    """The face of a run towards its workflow code."""

    def __init__(
        self,
        run: _WorkflowInstanceImpl,
        *,
        randomness_seed: int,
        last_completion_result: temporalio.api.common.v1.Payloads,
        last_failure: temporalio.api.failure.v1.Failure | None,
    ) -> None:
        """Show ``run``."""
        super().__init__()
        self._run = run
        self._seed = randomness_seed
        # Made when first asked for: its state is larger than all else of an idle run.
        self._random: random.Random | None = None
        self._seed_callbacks: list[Callable[[int], None]] = []
        self._memo: dict[str, Any] | None = None
        self._details = ""
        self._metric_meter: temporalio.common.MetricMeter | None = None
        self._last_completion_result = last_completion_result.payloads
        self._last_failure = last_failure
        if run.takes_short_cuts:
            self.execute_activity = run.activities.execute

    def reseed(self, seed: int) -> None:
        """Go on with another stream of random numbers, after a reset of the workflow."""
        self._seed = seed
        if self._random is not None:
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
        if self._random is None:
            self._random = random.Random(self._seed)
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
        """Return the meter of the run."""
        if self._metric_meter is None:
            info = self._run.info
            meter: temporalio.common.MetricMeter = self._run.extern_functions[GET_METRIC_METER]()
            self._metric_meter = meter.with_additional_attributes(
                {
                    "namespace": info.namespace,
                    "task_queue": info.task_queue,
                    "workflow_type": info.workflow_type,
                }
            )
        return self._metric_meter

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
        return self._run.outcome.fails_workflow(err)
