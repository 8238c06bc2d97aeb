"""What a worker is made with: the options, their checks, and what they come to below."""

from __future__ import annotations

import concurrent.futures
import math
import sys
import warnings
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from temporalio._typing import TypedDict

from ..common import VersioningBehavior
from ._deployment import WorkerDeploymentConfig
from ._interceptor import Interceptor
from ._option_checks import check_count, check_types
from ._plugin import Plugin
from ._shared_state import SharedStateManager
from ._slots import check_slots, most_slots
from ._tuning import (
    PollerBehavior,
    PollerBehaviorAutoscaling,
    PollerBehaviorSimpleMaximum,
    WorkerTuner,
)
from ._workflow_details import WorkflowRunner
from ._workflow_patches import PatchActivationInput

if TYPE_CHECKING:
    from ..bridge._callboard import _Polls
    from ..client import Client


class WorkerConfig(TypedDict, total=False):
    """The keyword arguments of :py:class:`Worker`, as a dictionary."""

    client: Client
    task_queue: str
    activities: Sequence[Callable[..., Any]]
    nexus_service_handlers: Sequence[Any]
    workflows: Sequence[type]
    activity_executor: concurrent.futures.Executor | None
    workflow_task_executor: concurrent.futures.ThreadPoolExecutor | None
    nexus_task_executor: concurrent.futures.ThreadPoolExecutor | None
    workflow_runner: WorkflowRunner
    unsandboxed_workflow_runner: WorkflowRunner
    plugins: Sequence[Plugin]
    interceptors: Sequence[Interceptor]
    build_id: str | None
    identity: str | None
    max_cached_workflows: int
    max_concurrent_workflow_tasks: int | None
    max_concurrent_activities: int | None
    max_concurrent_local_activities: int | None
    max_concurrent_nexus_tasks: int | None
    tuner: WorkerTuner | None
    max_concurrent_workflow_task_polls: int | None
    nonsticky_to_sticky_poll_ratio: float
    max_concurrent_activity_task_polls: int | None
    no_remote_activities: bool
    sticky_queue_schedule_to_start_timeout: timedelta
    max_heartbeat_throttle_interval: timedelta
    default_heartbeat_throttle_interval: timedelta
    max_activities_per_second: float | None
    max_task_queue_activities_per_second: float | None
    max_eager_activity_reservations_per_workflow_task: int
    graceful_shutdown_timeout: timedelta
    plugin_shutdown_timeout: timedelta | None
    workflow_failure_exception_types: Sequence[type[BaseException]]
    shared_state_manager: SharedStateManager | None
    debug_mode: bool
    disable_eager_activity_execution: bool
    on_fatal_error: Callable[[BaseException], Awaitable[None]] | None
    use_worker_versioning: bool
    disable_safe_workflow_eviction: bool
    deployment_config: WorkerDeploymentConfig | None
    patch_activation_callback: Callable[[PatchActivationInput], bool] | None
    workflow_task_poller_behavior: PollerBehavior
    activity_task_poller_behavior: PollerBehavior
    nexus_task_poller_behavior: PollerBehavior
    disable_payload_error_limit: bool
    max_workflow_task_external_storage_concurrency: int


# A worker's config with all keys there, which the type of ``WorkerConfig`` cannot say.
_Options: TypeAlias = Mapping[str, Any]

_COUNTS: Final = (
    "max_concurrent_workflow_tasks",
    "max_concurrent_activities",
    "max_concurrent_local_activities",
    "max_concurrent_nexus_tasks",
)
_INTERVALS: Final = (
    "sticky_queue_schedule_to_start_timeout",
    "max_heartbeat_throttle_interval",
    "default_heartbeat_throttle_interval",
    "graceful_shutdown_timeout",
)


def _check_options(config: _Options) -> None:
    """Refuse what can never work, then what cannot work yet.

    Raises:
        TypeError: The shared state manager is none.
        ValueError: Options contradict each other or are out of range.
        TypeError: An option is of another type, or is a negative number.
        AttributeError: An option is no ``timedelta`` where that is needed.
        NotImplementedError: An option asks for something that is not built.
    """
    _check_executor(config["activity_executor"])
    if not (config["activities"] or config["workflows"] or config["nexus_service_handlers"]):
        raise ValueError("At least one activity, Nexus service, or workflow must be specified")
    _check_versioning(config)
    check_types(config, counts=_COUNTS, intervals=_INTERVALS)
    _check_ranges(config)
    if config["tuner"] is not None and any(config.get(count) for count in _COUNTS):
        raise ValueError(f"Cannot specify {', '.join(_COUNTS)} when also specifying tuner")
    shared_state = config["shared_state_manager"]
    if shared_state is not None and not isinstance(shared_state, SharedStateManager):
        raise TypeError(
            "shared_state_manager must be a SharedStateManager, "
            f"got {type(shared_state).__qualname__}"
        )
    if config["nexus_service_handlers"]:
        raise NotImplementedError(
            "Worker option nexus_service_handlers is not supported yet: Nexus services"
        )


def _check_executor(executor: concurrent.futures.Executor | None) -> None:
    if sys.version_info >= (3, 14) and isinstance(
        executor, concurrent.futures.InterpreterPoolExecutor
    ):
        raise ValueError(
            "InterpreterPoolExecutor is not supported as an activity_executor, "
            "use a ThreadPoolExecutor or a ProcessPoolExecutor"
        )


def _check_versioning(config: _Options) -> None:
    if config["use_worker_versioning"] and not config["build_id"]:
        raise ValueError("build_id must be specified when use_worker_versioning is True")
    if config["deployment_config"] and (config["build_id"] or config["use_worker_versioning"]):
        raise ValueError("deployment_config cannot be used with build_id or use_worker_versioning")
    deployment: WorkerDeploymentConfig | None = config["deployment_config"]
    if (
        deployment is not None
        and not deployment.use_worker_versioning
        and deployment.default_versioning_behavior != VersioningBehavior.UNSPECIFIED
    ):
        raise ValueError(
            "default_versioning_behavior must be UNSPECIFIED when use_worker_versioning is False"
        )


def _check_ranges(config: _Options) -> None:
    ratio = config["nonsticky_to_sticky_poll_ratio"]
    if not 0 <= ratio <= 1:
        raise ValueError(f"nonsticky_to_sticky_poll_ratio must be between 0 and 1, got {ratio}")
    if config["max_workflow_task_external_storage_concurrency"] < 1:
        raise ValueError("max_workflow_task_external_storage_concurrency must be positive")
    if config["max_eager_activity_reservations_per_workflow_task"] < 1:
        raise ValueError(
            "max_eager_activity_reservations_per_workflow_task must be positive; to run no activity "
            "eagerly set disable_eager_activity_execution=True"
        )
    for name in ("max_activities_per_second", "max_task_queue_activities_per_second"):
        rate = config[name]
        if rate is not None and not 0 < rate < math.inf:
            raise ValueError(f"Invalid worker config: {name} must be above 0, got {rate}")


def _interceptors(config: _Options, of_client: Sequence[object]) -> list[Interceptor]:
    """All interceptors, those of the client first."""
    found = [given for given in of_client if isinstance(given, Interceptor)]
    return [*found, *config["interceptors"]]


@dataclass(frozen=True)
class _Limits:
    """How much a worker does at a time."""

    tuner: WorkerTuner
    workflow_task_polls: _Polls
    activity_task_polls: _Polls


def _limits(config: _Options) -> _Limits:
    """Merge the tuner, the counts and the poller behaviours.

    Raises:
        ValueError: Too few polls for a sticky queue, or bounds that contradict each other.
    """
    tuner = config["tuner"] or WorkerTuner.create_fixed(
        workflow_slots=config["max_concurrent_workflow_tasks"],
        activity_slots=config["max_concurrent_activities"],
        local_activity_slots=config["max_concurrent_local_activities"],
        nexus_slots=config["max_concurrent_nexus_tasks"],
    )
    limits = _Limits(
        tuner=tuner,
        workflow_task_polls=config["max_concurrent_workflow_task_polls"]
        or _polls("workflow_task_poller_behavior", config["workflow_task_poller_behavior"]),
        activity_task_polls=config["max_concurrent_activity_task_polls"]
        or _polls("activity_task_poller_behavior", config["activity_task_poller_behavior"]),
    )
    check_slots(tuner)
    fixed = limits.workflow_task_polls
    if (
        config["workflows"]
        and config["max_cached_workflows"]
        and isinstance(fixed, int)
        and fixed < 2
    ):
        raise ValueError(
            "Invalid worker config: max_cached_workflows above 0 requires "
            "max_concurrent_workflow_task_polls or workflow_task_poller_behavior of at least 2, "
            f"got {fixed}"
        )
    return limits


def _polls(name: str, behavior: PollerBehavior) -> _Polls:
    if not isinstance(behavior, (PollerBehaviorAutoscaling, PollerBehaviorSimpleMaximum)):
        raise AttributeError(f"{name} must be a poller behavior, got {behavior!r}")
    if isinstance(behavior, PollerBehaviorAutoscaling):
        minimum, maximum, initial = behavior.minimum, behavior.maximum, behavior.initial
        for part, count in (("minimum", minimum), ("maximum", maximum), ("initial", initial)):
            check_count(f"the {part} of {name}", count)
        if not 1 <= minimum <= initial <= maximum:
            raise ValueError(
                f"Invalid worker config: {name} must have a minimum of at least 1, an initial number "
                f"not below it and a maximum not below that, got {behavior}"
            )
        return minimum, maximum, initial
    check_count(f"the maximum of {name}", behavior.maximum)
    if behavior.maximum < 1:
        raise ValueError(f"{name} must have a maximum of at least 1, got {behavior.maximum}")
    return behavior.maximum


def _warn_of_few_threads(config: _Options) -> None:
    """Warn when there are fewer threads than activities that may run at a time."""
    threads = getattr(config["activity_executor"], "_max_workers", None)
    tuner = config["tuner"]
    activities = (
        most_slots(tuner._get_activity_task_slot_supplier())
        if tuner is not None
        else config["max_concurrent_activities"]
    )
    if isinstance(threads, int) and threads < (activities or 0):
        warnings.warn(
            f"Worker max_concurrent_activities is {activities} but activity_executor's max_workers "
            f"is only {threads}",
            stacklevel=3,
        )
