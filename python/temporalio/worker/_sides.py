"""What a worker is made of: its connection, its runtime, and the two sides that run user code."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import temporalio.service

from ..bridge._callboard import Connection
from ..bridge._callboard import Worker as BridgeWorker
from ..common import HeaderCodecBehavior, MetricMeter
from ..runtime import Runtime
from ..service._client import _ConnectedServiceClient
from ._activity import _ActivityWorker
from ._build_id import load_default_build_id
from ._deployment import WorkerDeploymentConfig
from ._interceptor import Interceptor
from ._lanes import lanes_for
from ._options import _INTERVALS, _Limits, _Options
from ._slots import AboutWorker, slots_of
from ._workflow import _WorkflowWorker

if TYPE_CHECKING:
    from ..client import Client, ClientConfig


def connection_of(client: Client) -> tuple[Connection, Runtime]:
    """Find the connection of a client and what runs it, also behind a wrapped service client.

    Raises:
        TypeError: The service client has no connection of its own.
        RuntimeError: It is not connected, or connects only with its first call.
    """
    service_client = getattr(client.service_client, "worker_service_client", None)
    if not isinstance(service_client, _ConnectedServiceClient):
        raise TypeError(
            "Client cannot be used for a worker: its service_client must be the one that a "
            "temporalio Client has connected, or have it as worker_service_client, got "
            f"{type(client.service_client).__qualname__}"
        )
    if service_client.config.lazy:
        raise RuntimeError("Lazy clients cannot be used for workers")
    connection, runtime = service_client._connection, service_client._runtime
    if connection is None or runtime is None:
        raise RuntimeError("The client of a worker must be connected")
    return connection, runtime


def activity_side(
    options: _Options,
    client_config: ClientConfig,
    interceptors: Sequence[Interceptor],
    metric_meter: MetricMeter,
    *,
    bridge_worker: Callable[[], BridgeWorker],
    fail_worker: Callable[[BaseException], None],
) -> _ActivityWorker:
    """Make what runs activities.

    Args:
        options: The worker's options.
        client_config: What its client was configured with.
        interceptors: The worker's and the client's.
        metric_meter: Takes the metrics of activities.
        bridge_worker: Returns the runtime, which is made later.
        fail_worker: Ends the worker with an error.
    """
    return _ActivityWorker(
        bridge_worker=bridge_worker,
        client=options["client"],
        task_queue=options["task_queue"],
        activities=options["activities"],
        activity_executor=options["activity_executor"],
        shared_state_manager=options["shared_state_manager"],
        data_converter=client_config["data_converter"],
        interceptors=interceptors,
        metric_meter=metric_meter,
        decode_headers=client_config["header_codec_behavior"] == HeaderCodecBehavior.CODEC,
        fail_worker=fail_worker,
    )


def workflow_side(
    options: _Options,
    client_config: ClientConfig,
    interceptors: Sequence[Interceptor],
    metric_meter: MetricMeter,
    activity_worker: _ActivityWorker | None,
) -> _WorkflowWorker:
    """Make what runs workflows.

    Args:
        options: The worker's options.
        client_config: What its client was configured with.
        interceptors: The worker's and the client's.
        metric_meter: Takes the metrics of workflows.
        activity_worker: What runs local activities.
    """
    deployment: WorkerDeploymentConfig | None = options["deployment_config"]
    return _WorkflowWorker(
        namespace=options["client"].namespace,
        task_queue=options["task_queue"],
        workflows=options["workflows"],
        data_converter=client_config["data_converter"],
        workflow_runner=options["workflow_runner"],
        unsandboxed_workflow_runner=options["unsandboxed_workflow_runner"],
        workflow_failure_exception_types=options["workflow_failure_exception_types"],
        disable_eager_activity_execution=options["disable_eager_activity_execution"],
        interceptors=interceptors,
        metric_meter=metric_meter,
        patch_activation_callback=options["patch_activation_callback"],
        demand_versioning_behavior=deployment is not None and deployment._demands_behavior,
        debug_mode=options["debug_mode"],
        code_headers=client_config["header_codec_behavior"] != HeaderCodecBehavior.NO_CODEC,
        assert_local_activity_valid=(
            activity_worker.check_of_names if activity_worker else _have_no_activities
        ),
        disable_safe_eviction=options["disable_safe_workflow_eviction"],
    )


def _have_no_activities(activity_type: str) -> None:
    raise ValueError(
        f"Activity function {activity_type} is not registered on this worker, no available activities."
    )


def runtime_side(
    options: _Options,
    limits: _Limits,
    connection: Connection,
    *,
    activity_worker: _ActivityWorker | None,
    workflow_worker: _WorkflowWorker | None,
) -> BridgeWorker:
    """Make the runtime, which polls and calls the two other sides.

    Args:
        options: The worker's options.
        limits: What they say of slots and polls.
        connection: Where calls go.
        activity_worker: What runs activities, if the worker has any.
        workflow_worker: What runs workflows, if the worker has any.

    Raises:
        RuntimeError: Another worker takes such tasks by this connection.
    """
    client, task_queue = options["client"], options["task_queue"]
    deployment: WorkerDeploymentConfig | None = options["deployment_config"]
    identity = options["identity"] or client.identity
    if deployment is not None:
        build_id = deployment.version.build_id
    else:
        build_id = options["build_id"] or load_default_build_id()
    version = deployment.version if deployment else None
    slots = slots_of(limits.tuner, AboutWorker(task_queue, identity, build_id, version))
    return BridgeWorker(
        connection,
        namespace=client.namespace,
        task_queue=task_queue,
        identity=identity,
        client_name="temporal-python",
        client_version=temporalio.service.__version__,
        build_id=build_id,
        use_build_id_versioning=options["use_worker_versioning"],
        deployment=deployment._to_bridge() if deployment else None,
        max_cached_workflows=options["max_cached_workflows"],
        workflow_slots=slots.workflow,
        activity_slots=slots.activity,
        local_activity_slots=slots.local_activity,
        workflow_task_polls=limits.workflow_task_polls,
        activity_task_polls=limits.activity_task_polls,
        max_eager_activities_per_workflow_task=(
            options["max_eager_activity_reservations_per_workflow_task"]
        ),
        nonsticky_to_sticky_poll_ratio=options["nonsticky_to_sticky_poll_ratio"],
        **{name: options[name].total_seconds() for name in _INTERVALS},
        max_activities_per_second=options["max_activities_per_second"],
        max_task_queue_activities_per_second=options["max_task_queue_activities_per_second"],
        nondeterminism_fails_all_workflows=(
            workflow_worker is not None and workflow_worker.nondeterminism_as_workflow_fail()
        ),
        nondeterminism_fails_workflow_types=(
            sorted(workflow_worker.nondeterminism_as_workflow_fail_for_types())
            if workflow_worker is not None
            else ()
        ),
        workflows=workflow_worker,
        lanes=lanes_for(options["workflow_task_executor"]) or os.cpu_count() or 1,
        deadlock_timeout=workflow_worker._deadlock_timeout_seconds if workflow_worker else None,
        activities=activity_worker,
        polls_activities=activity_worker is not None and not options["no_remote_activities"],
        disable_payload_error_limit=options["disable_payload_error_limit"],
    )
